package jsonraw

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Path is a parsed path into JSON. It works on the raw bytes, so a value comes out exactly as it
// was sent: an id beyond 2^53 keeps its digits. Of a repeated key the first counts, as it does in
// DuckDB's JSON functions. The input should be valid JSON; on other input nothing is found
// beyond the damage, and nothing panics. A Path is safe for concurrent use; the zero Path is "$".
type Path struct {
	source   string
	segments []segment
}

type segment struct {
	key   string
	index int  // the key as an array index; -1 when it is none
	all   bool // *
	plain bool // written without quotes
}

// ParsePath reads a path such as a.b, items.0.id, users.*.name, "@odata.nextLink" or $.
func ParsePath(text string) (Path, error) {
	p := Path{source: text}
	if text == "$" {
		return p, nil
	}
	for rest := text; ; {
		s, after, err := nextSegment(rest)
		if err != nil {
			return Path{}, fmt.Errorf("path %q: %w", text, err)
		}
		p.segments = append(p.segments, s)
		if after == "" {
			return p, nil
		}
		if after[0] != '.' {
			return Path{}, fmt.Errorf("path %q: expected a dot after %q", text, s.key)
		}
		rest = after[1:]
	}
}

func nextSegment(text string) (segment, string, error) {
	if strings.HasPrefix(text, `"`) {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return segment{}, "", errors.New("a quote without its end")
		}
		key, err := strconv.Unquote(quoted)
		if err != nil {
			return segment{}, "", errors.New("a quoted key that can't be read")
		}
		return segment{key: key, index: -1}, text[len(quoted):], nil
	}
	end := strings.IndexByte(text, '.')
	if end < 0 {
		end = len(text)
	}
	key, rest := text[:end], text[end:]
	switch {
	case key == "":
		return segment{}, "", errors.New("an empty key; expected keys with single dots between them")
	case key == "$":
		return segment{}, "", errors.New("$ stands alone: it is the whole value")
	case strings.ContainsAny(key, "\"' \t\n[]{}"):
		return segment{}, "", fmt.Errorf("the key %s needs quotes: %s", key, strconv.Quote(key))
	case key[0] == '@' && rest != "":
		return segment{}, "", fmt.Errorf("a key with a dot in it needs quotes: %s", strconv.Quote(text))
	case key == "*":
		return segment{all: true, plain: true, index: -1}, rest, nil
	}
	s := segment{key: key, index: -1, plain: true}
	if n, err := strconv.ParseUint(key, 10, 31); err == nil {
		s.index = int(n)
	}
	return s, rest, nil
}

// String is the path as it was written.
func (p Path) String() string {
	if p.source == "" {
		return "$"
	}
	return p.source
}

// IsRoot tells whether the path is "$".
func (p Path) IsRoot() bool { return len(p.segments) == 0 }

// Parent tells whether the path starts with an unquoted key "parent", and gives the rest: in a
// stream's id, such a path speaks of the record that this one was asked for.
func (p Path) Parent() (Path, bool) {
	if len(p.segments) < 2 || p.segments[0].key != "parent" || !p.segments[0].plain {
		return Path{}, false
	}
	return Path{source: strings.TrimPrefix(p.source, "parent."), segments: p.segments[1:]}, true
}

// Lookup finds the value at the path: the first one, when the path has a *. The result is a
// part of data, not a copy. A JSON null is found.
func (p Path) Lookup(data []byte) ([]byte, bool) {
	var found []byte
	s := scanner{data}
	s.walk(0, p.segments, func(start, end int) bool {
		found = data[start:end:end]
		return false
	})
	return found, found != nil
}

// Each visits every value at the path, in the order of the text, and stops at visit's first
// error, which it returns. Only a path with a * has several.
func (p Path) Each(data []byte, visit func(value []byte) error) (err error) {
	s := scanner{data}
	s.walk(0, p.segments, func(start, end int) bool {
		err = visit(data[start:end:end])
		return err == nil
	})
	return err
}

// Text gives the scalar at the path as text, in the way of [Text].
func (p Path) Text(data []byte) (string, bool) {
	v, ok := p.Lookup(data)
	if !ok {
		return "", false
	}
	return Text(v)
}

// Text gives one JSON scalar as text: a string without quotes and escapes, a number exactly as
// written, true or false. It is false where nothing, null, an object or an array stands.
func Text(value []byte) (string, bool) {
	s := scanner{value}
	start := s.space(0)
	if start == len(value) {
		return "", false
	}
	switch value[start] {
	case '{', '[', 'n':
		return "", false
	case '"':
		end, escaped, ok := s.str(start)
		if !ok {
			return "", false
		}
		return unquote(value[start:end], escaped)
	}
	end, ok := s.value(start)
	if !ok {
		return "", false
	}
	return string(value[start:end]), true
}

// unquote reads a JSON string. Only one with escapes needs the full decoder.
func unquote(quoted []byte, escaped bool) (string, bool) {
	if !escaped {
		return string(quoted[1 : len(quoted)-1]), true
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", false
	}
	return s, true
}
