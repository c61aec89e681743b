package jsonraw_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/jsonraw"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in  string
		err string // empty: valid
	}{
		"object":             {` {"a":[1,-2.5e+10,true,false,null,"x\u00e9\n"]} `, ""},
		"empty containers":   {`[{},[],""]`, ""},
		"cut string":         {`{"a":"some`, "middle of a value"},
		"cut object":         {`{"a":1`, "middle of a value"},
		"cut word":           {`[tru`, "middle of a value"},
		"cut escape":         {`"\u12`, "middle of a value"},
		"empty":              {``, "middle of a value"},
		"html":               {`<html>`, "cannot start"},
		"two values":         {`{} {}`, "more text"},
		"leading zero":       {`01`, "cannot start with 0"},
		"bare point":         {`1.x`, "decimal point"},
		"bad escape":         {`"\x"`, "unknown escape"},
		"control character":  {"\"a\nb\"", ""},
		"control far inside": {"\"abcdefghijklmnop\x01\"", ""},
		"key not a string":   {`{a:1}`, "key must be a string"},
		"no colon":           {`{"a" 1}`, "colon"},
		"trailing comma":     {`[1,]`, "cannot start"},
		"deep and cut":       {strings.Repeat("[", 10_000), "middle of a value"},
		"deep":               {strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := jsonraw.Check([]byte(tc.in))
			if tc.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.err)
			assert.Equal(t, strings.Contains(tc.err, "middle"), errors.Is(err, jsonraw.ErrCut))
		})
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{`"a\"b"`: `a"b`, `12345678901234567890`: "12345678901234567890", `true`: "true"} {
		got, ok := jsonraw.Text([]byte(in))
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	for _, none := range []string{`null`, `{}`, `[]`, ``} {
		_, ok := jsonraw.Text([]byte(none))
		assert.False(t, ok, none)
	}
}

// FuzzCheck holds the scanner to encoding/json: both accept the same texts, once they are mended.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":null}]}`, `"\ud800"`, `-0.0e-1`, "\"\xff\"", `[1,]`, "{\"a\"\t:\r\n1}", `nul`, `"12345678\u0000"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		err := jsonraw.Check(in)
		if err == nil {
			text, _, deep := jsonraw.Mend(in)
			if deep != nil {
				return
			}
			in = text
		}
		if valid := json.Valid(in); valid != (err == nil) {
			t.Fatalf("json.Valid says %v, Check says %v: %q", valid, err, in)
		}
		if err == nil && jsonraw.Kind(in) == '[' {
			var want []json.RawMessage
			if json.Unmarshal(in, &want) != nil {
				return
			}
			n := 0
			if err := jsonraw.Elements(in, func([]byte) error { n++; return nil }); err != nil || n != len(want) {
				t.Fatalf("%d elements, want %d (%v): %q", n, len(want), err, in)
			}
		}
	})
}

func BenchmarkTrim(b *testing.B) {
	record := `{"uuid":"` + strings.Repeat("a", 36) + `","actor":{"id":"00u1","alternateId":"ann@acme.example","n":12345},"debugContext":{"debugData":{"text":"` + strings.Repeat("some words ", 100) + `"}},"list":[1,2,3,true,null]}`
	b.SetBytes(int64(len(record)))
	for b.Loop() {
		if _, err := jsonraw.Trim([]byte(record)); err != nil {
			b.Fatal(err)
		}
	}
}
