package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJSONLines(t *testing.T) {
	t.Parallel()
	text := `{"email":"a@x","n":9007199254740993,"on":true,"gone":null,"blank":" ","tags":["x","y",3],"deep":{"k":[1]}}

not json
{"email":"b@x"
[1]
{"new":"late","mixed":[{"k":1}]}
`
	tab, err := newJSONLines(strings.NewReader(text), io.NopCloser(nil))
	require.NoError(t, err)
	rows := readAll(t, tab)
	require.Len(t, rows, 5)
	assert.Equal(t, `1: deep={"k":[1]} email=a@x n=9007199254740993 on=true tags=x;y;3`, rows[0])
	assert.Contains(t, rows[1], "3: ! not a JSON object")
	assert.Contains(t, rows[2], "4: ! not a JSON object")
	assert.Contains(t, rows[3], "5: ! not a JSON object")
	assert.Equal(t, `6: mixed=[{"k":1}] new=late`, rows[4])
}

func TestJSONArrayIsRefused(t *testing.T) {
	t.Parallel()
	_, err := newJSONLines(strings.NewReader(" [{}]"), io.NopCloser(nil))
	assert.ErrorContains(t, err, "one object per line")
}

func TestJSONLinesBeyondTheirBound(t *testing.T) {
	t.Parallel()
	tab, err := newJSONLines(strings.NewReader(`{"email":"`+strings.Repeat("x", maxRecord)+"\"}\n{\"email\":\"b@x\"}\n"), io.NopCloser(nil))
	require.NoError(t, err)
	assert.Equal(t, []string{"1: ! the line is longer than 4194304 bytes", "2: email=b@x"}, readAll(t, tab))

	var many strings.Builder
	for i := range maxNames + 1 {
		_, err := fmt.Fprintf(&many, "{\"k%d\":1}\n", i)
		require.NoError(t, err)
	}
	tab, err = newJSONLines(strings.NewReader(many.String()), io.NopCloser(nil))
	require.NoError(t, err)
	for err == nil {
		_, err = tab.next()
	}
	assert.EqualError(t, err, "line 10001: the objects of this file have more than 10000 different keys")
}

func FuzzJSONLines(f *testing.F) {
	for _, s := range []string{`{"a":1}`, "{\"a\":\"\\u0000\"}\n{}", `{"a":[1,[2]]}`, "{\"a\":\"\xff\"}", `{"A":1,"a":2}`} {
		f.Add([]byte(s))
	}
	s, err := parseSettings(map[string]any{"kind": "exempt", "path": "x"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tab, err := newJSONLines(strings.NewReader(string(data)), io.NopCloser(nil))
		if err != nil {
			return
		}
		src := source{table: tab, format: formatJSONL, maker: recordMaker{
			name: "x", format: formatJSONL, kind: s.kind, binder: newBinder(s), given: (&Reader{}).given, seen: map[uint64]uint32{},
		}}
		for {
			rec, err := src.next()
			if err != nil {
				if !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "two columns") {
					t.Fatal(err)
				}
				return
			}
			if !json.Valid(rec.payload) {
				t.Fatalf("payload is no JSON: %s", rec.payload)
			}
		}
	})
}
