package jsonraw

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Path leads from a value to values inside it: dot-separated keys, a number for an index of
// an array, "*" for all values of an array or object, "$" for the value itself; a key with
// dots stands in double quotes. The zero Path is "$".
type Path struct {
	text  string
	steps []step
}

type step struct {
	key   string // unquoted; "*" with all set means every value
	all   bool
	index int // -1 when the key is not a number
}

// ParsePath reads a path.
func ParsePath(text string) (Path, error) {
	p := Path{text: text}
	if text == "" || text == "$" {
		return p, nil
	}
	rest := strings.TrimPrefix(text, "$.")
	for {
		var key string
		quoted := strings.HasPrefix(rest, `"`)
		if quoted {
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 {
				return Path{}, fmt.Errorf("path %q: a quote is not closed", text)
			}
			key, rest = rest[1:1+end], rest[end+2:]
		} else if dot := strings.IndexByte(rest, '.'); dot >= 0 {
			key, rest = rest[:dot], rest[dot:]
		} else {
			key, rest = rest, ""
		}
		if key == "" {
			return Path{}, fmt.Errorf("path %q: a key is empty", text)
		}
		p.steps = append(p.steps, newStep(key, quoted))
		if rest == "" {
			return p, nil
		}
		if rest[0] != '.' {
			return Path{}, fmt.Errorf("path %q: a dot must follow a quoted key", text)
		}
		rest = rest[1:]
	}
}

func newStep(key string, quoted bool) step {
	s := step{key: key, index: -1}
	if quoted {
		return s
	}
	s.all = key == "*"
	if n, err := strconv.Atoi(key); err == nil && n >= 0 {
		s.index = n
	}
	return s
}

// String is the path as written.
func (p Path) String() string {
	if p.text == "" {
		return "$"
	}
	return p.text
}

// IsRoot tells whether the path is "$".
func (p Path) IsRoot() bool { return len(p.steps) == 0 }

// errFound ends a walk early.
var errFound = errors.New("found")

// Lookup gives the first value at the path, a slice of raw. A value that is null is found.
func (p Path) Lookup(raw []byte) ([]byte, bool) {
	var found []byte
	err := each(raw, p.steps, func(v []byte) error {
		found = v
		return errFound
	})
	return found, errors.Is(err, errFound)
}

// Each calls fn with every value at the path and stops at its first error.
func (p Path) Each(raw []byte, fn func(value []byte) error) error {
	return each(raw, p.steps, fn)
}

func each(raw []byte, steps []step, fn func([]byte) error) error {
	if len(steps) == 0 {
		return fn(raw)
	}
	s, rest := steps[0], steps[1:]
	switch Kind(raw) {
	case '{':
		return Members(raw, func(key, value []byte) error {
			if !s.all && !keyIs(key, s.key) {
				return nil
			}
			return each(value, rest, fn)
		})
	case '[':
		if !s.all && s.index < 0 {
			return nil
		}
		i := -1
		return Elements(raw, func(element []byte) error {
			if i++; !s.all && i != s.index {
				return nil
			}
			return each(element, rest, fn)
		})
	}
	return nil
}

// keyIs compares a key as written, quotes included, with a name.
func keyIs(written []byte, name string) bool {
	inner := written[1 : len(written)-1]
	if len(inner) == len(name) && string(inner) == name {
		return true
	}
	if len(inner) <= len(name) || !strings.ContainsRune(string(inner), '\\') {
		return false
	}
	var key string
	return json.Unmarshal(written, &key) == nil && key == name
}

// Text gives a string's text, a number's digits exactly as written, or true or false. Null,
// arrays and objects have none.
func Text(raw []byte) (string, bool) {
	switch Kind(raw) {
	case '"':
		inner := raw[1 : len(raw)-1]
		if !hasEscape(inner) {
			return string(inner), true
		}
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return "", false
		}
		return s, true
	case '0', 't', 'f':
		return string(raw), true
	}
	return "", false
}

func hasEscape(b []byte) bool {
	for _, c := range b {
		if c == '\\' {
			return true
		}
	}
	return false
}

// Text looks up a path and gives the value's [Text].
func (p Path) Text(raw []byte) (string, bool) {
	v, ok := p.Lookup(raw)
	if !ok {
		return "", false
	}
	return Text(v)
}
