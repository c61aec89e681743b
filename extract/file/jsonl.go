package file

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/jsonraw"
)

// maxNames bounds how many columns a file may have, or different keys its objects.
const maxNames = 10_000

// headPeeked is how many bytes of a file tell whether it is one array.
const headPeeked = 1 << 10

// jsonTable reads JSON lines: one object per line. A line that is something else is broken;
// reading goes on at the next.
type jsonTable struct {
	lines *lineReader
	file  io.Closer
	keys  []string
	index map[string]int
	row   row
}

func newJSONLines(r io.Reader, file io.Closer) (*jsonTable, error) {
	t := &jsonTable{lines: newLineReader(r), file: file, index: map[string]int{}}
	head, err := t.lines.r.Peek(headPeeked)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case strings.HasPrefix(trim(string(head)), "["):
		return nil, errors.New("is one JSON array; write JSON lines, one object per line")
	}
	return t, nil
}

func (t *jsonTable) names() []string { return t.keys }

func (t *jsonTable) notes() []note { return nil }

func (t *jsonTable) Close() error { return t.file.Close() }

func (t *jsonTable) next() (*row, error) {
	for {
		text, long, err := t.lines.next()
		if err != nil {
			return nil, err
		}
		t.row = row{number: t.lines.number, cells: t.row.cells[:0]}
		if long {
			t.row.broken, t.row.raw = fmt.Sprintf("the line is longer than %d bytes", maxRecord), text
			return &t.row, nil
		}
		if trim(text) == "" {
			continue
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(trim(text)), &object); err != nil {
			t.row.broken, t.row.raw = "not a JSON object", text
			return &t.row, nil
		}
		key, err := ambiguous([]byte(trim(text)))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", t.lines.number, err)
		}
		if key != "" {
			t.row.broken, t.row.raw = fmt.Sprintf("the key %s stands twice, with different values", quoteShort(key)), text
			return &t.row, nil
		}
		if err := t.fill(object); err != nil {
			return nil, fmt.Errorf("line %d: %w", t.lines.number, err)
		}
		return &t.row, nil
	}
}

// ambiguous gives a key that an object has more than once, as readers name it, with different values; "" when none is.
func ambiguous(object []byte) (key string, err error) {
	values := map[string][]byte{}
	err = jsonraw.Members(object, func(quoted, value []byte) error {
		text, ok := jsonraw.Text(quoted)
		if !ok {
			return errors.New("not a key")
		}
		name := trim(text)
		if before, known := values[name]; known && !bytes.Equal(before, value) {
			key = cmp.Or(key, name, " ")
		}
		values[name] = value
		return nil
	})
	return key, err
}

func (t *jsonTable) fill(object map[string]json.RawMessage) error {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name := trim(key)
		i, ok := t.index[name]
		if !ok {
			if len(t.keys) == maxNames {
				return fmt.Errorf("the objects of this file have more than %d different keys", maxNames)
			}
			i = len(t.keys)
			t.index[name] = i
			t.keys = append(t.keys, name)
		}
		if c, ok := jsonCell(object[key]); ok {
			c.column = i
			t.row.cells = append(t.row.cells, c)
		}
	}
	return nil
}

// jsonCell turns a JSON value into a cell; false for null and blank text.
func jsonCell(value json.RawMessage) (cell, bool) {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		return cell{}, false
	}
	switch value[0] {
	case 'n':
		return cell{}, false
	case 't', 'f':
		return cell{kind: booleanValue, text: string(value)}, true
	case '"':
		var s string
		if err := json.Unmarshal(value, &s); err != nil {
			return cell{kind: jsonValue, text: string(value), json: string(value)}, true
		}
		s = trim(s)
		return cell{text: s}, s != ""
	case '[':
		if list, ok := scalars(value); ok {
			return cell{kind: listValue, text: list, json: string(value)}, list != ""
		}
		return cell{kind: jsonValue, text: string(value), json: string(value)}, true
	case '{':
		return cell{kind: jsonValue, text: string(value), json: string(value)}, true
	}
	return cell{kind: numberValue, text: string(value)}, true
}

// scalars joins the elements of an array with ";"; false when one is an array or object.
func scalars(value json.RawMessage) (string, bool) {
	var elements []json.RawMessage
	if err := json.Unmarshal(value, &elements); err != nil {
		return "", false
	}
	var texts []string
	for _, e := range elements {
		c, filled := jsonCell(e)
		if c.kind == listValue || c.kind == jsonValue {
			return "", false
		}
		if filled {
			texts = append(texts, c.text)
		}
	}
	return strings.Join(texts, ";"), true
}
