package erasure

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Erased stands where a text was erased.
const Erased = "erased"

// Scrub takes texts out of JSON: members whose name is one go; values become [Erased], or go where drop is set. JSON
// without such texts is given back as it is.
func Scrub(raw []byte, text func(string) bool, drop bool) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("look for what is erased: %w", err)
	}
	s := scrubber{text: text, drop: drop}
	value, _ = s.value(value)
	if !s.found {
		return raw, nil
	}
	out, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write without what is erased: %w", err)
	}
	return append(out, '\n'), nil
}

type scrubber struct {
	text  func(string) bool
	drop  bool
	found bool
}

// value gives what stays of a value; false: nothing.
func (s *scrubber) value(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		if s.text(v) {
			s.found = true
			return Erased, !s.drop
		}
	case json.Number:
		if s.text(v.String()) {
			s.found = true
			return Erased, !s.drop
		}
	case []any:
		kept := []any{}
		for _, element := range v {
			if rest, ok := s.value(element); ok {
				kept = append(kept, rest)
			}
		}
		return kept, true
	case map[string]any:
		for key, member := range v {
			rest, ok := s.value(member)
			if s.text(key) {
				s.found, ok = true, false
			}
			if v[key] = rest; !ok {
				delete(v, key)
			}
		}
	}
	return v, true
}
