package jsonraw

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func mustPath(t testing.TB, text string) Path {
	t.Helper()
	p, err := ParsePath(text)
	require.NoError(t, err)
	return p
}

const document = ` {
	"id": 9007199254740993, "big": 123456789012345678901234567890, "float": 1.10, "exp": -1E+5,
	"name": "Zo\u00eb \"Z\" \\ \ud83d\ude00", "plain": "Zoë", "empty": "", "yes": true, "no": false, "nil": null,
	"actor": {"alternateId": "a@b.example", "detail": {"x": [1, {"y": "deep"}, [[7]]]}},
	"@odata.nextLink": "https://v.example/?a=1", "a.b": {"c": "dotted"}, "k\u0065y": "escaped key", "sp ace": 1,
	"dup": "first", "dup": "second", "0": "zero key", "*": "star key", "parent": {"id": "mine"},
	"users": {"u1": {"n": "one"}, "u2": {"n": "two"}, "u3": 5}, "items": [{"n": 1}, {"n": 2}, {}], "none": [], "nobody": {},
	"tricky": {"a": "}]{[\\\"", "b": "after"}, "nested": [[[["]"]]]], "last": "end"
} `

func TestPathText(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"id": "9007199254740993", "big": "123456789012345678901234567890", "float": "1.10", "exp": "-1E+5",
		"name": "Zoë \"Z\" \\ 😀", "plain": "Zoë", "empty": "", "yes": "true", "no": "false",
		"actor.alternateId": "a@b.example", "actor.detail.x.0": "1", "actor.detail.x.1.y": "deep", "actor.detail.x.2.0.0": "7",
		`"@odata.nextLink"`: "https://v.example/?a=1", `"a.b".c`: "dotted", "key": "escaped key", `"sp ace"`: "1",
		"dup": "first", "0": "zero key", `"*"`: "star key", "users.*.n": "one", "items.*.n": "1", "items.1.n": "2",
		"tricky.b": "after", "nested.0.0.0.0": "]", "last": "end", "parent.id": "mine",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			p := mustPath(t, text)
			assert.Equal(t, text, p.String())
			got, ok := p.Text([]byte(document))
			require.True(t, ok)
			assert.Equal(t, want, got)
		})
	}
}

func TestPathNotFoundOrNoText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"missing", "nil", "actor", "items", "$", "id.x", "plain.0", "items.3", "items.9.n", "items.n", "none.0", "none.*", "nobody.*",
		"actor.detail.x.-1", `items."0"`, "users.*.missing", "Id",
	} {
		_, ok := mustPath(t, text).Text([]byte(document))
		assert.False(t, ok, text)
	}
}

func TestPathLookup(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"nil": "null", "none": "[]", "items.2": "{}", "actor.detail.x.2": "[[7]]", "name": `"Zo\u00eb \"Z\" \\ \ud83d\ude00"`,
		"items": `[{"n": 1}, {"n": 2}, {}]`,
	} {
		got, ok := mustPath(t, text).Lookup([]byte(document))
		require.True(t, ok, text)
		assert.Equal(t, want, string(got), text)
	}
	got, ok := mustPath(t, "$").Lookup([]byte(document))
	require.True(t, ok)
	assert.Equal(t, strings.TrimSpace(document), string(got))
	got, ok = Path{}.Lookup([]byte("5"))
	require.True(t, ok)
	assert.Equal(t, "5", string(got))
	assert.Equal(t, "$", Path{}.String())
	assert.True(t, Path{}.IsRoot())
}

func TestLookupResultCannotGrowIntoTheRecord(t *testing.T) {
	t.Parallel()
	data := []byte(`{"a":1,"b":2}`)
	v, _ := mustPath(t, "a").Lookup(data)
	_ = append(v, "999"...)
	assert.Equal(t, `{"a":1,"b":2}`, string(data))
}

var errEnough = errors.New("enough")

func TestPathEach(t *testing.T) {
	t.Parallel()
	collect := func(text string, limit int) (out []string) {
		err := mustPath(t, text).Each([]byte(document), func(v []byte) error {
			if out = append(out, string(v)); len(out) == limit {
				return errEnough
			}
			return nil
		})
		assert.Equal(t, len(out) == limit, errors.Is(err, errEnough))
		return out
	}
	assert.Equal(t, []string{`"one"`, `"two"`}, collect("users.*.n", 9))
	assert.Equal(t, []string{"1", "2"}, collect("items.*.n", 9))
	assert.Equal(t, []string{"1"}, collect("items.*.n", 1))
	assert.Equal(t, []string{`{"n": "one"}`, `{"n": "two"}`, "5"}, collect("users.*", 9))
	assert.Empty(t, collect("none.*", 9))
	assert.Equal(t, []string{`"first"`}, collect("dup", 9))
}

func TestPathOnDamagedJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "{", `{"a`, `{"a"`, `{"a":`, `{"a":"`, `{"a":"\`, `{"a":[`, `{"a":[1`, `{"a":{"b":`, "{1:2}", "{,}", "}", `{"a" 1}`, `{"a":}`, "<html>", `{"a":"\x"}`, "{\"b\":1",
	} {
		for _, path := range []string{"a", "a.b", "*", "*.*", "$", "0"} {
			p := mustPath(t, path)
			assert.NotPanics(t, func() { p.Text([]byte(text)) }, "%s in %q", path, text)
		}
		_, ok := mustPath(t, "a.b").Lookup([]byte(text))
		assert.False(t, ok, text)
	}
	deep := strings.Repeat("[", 1_000_000)
	_, ok := mustPath(t, "a").Lookup([]byte(`{"b":` + deep))
	assert.False(t, ok)
}

func TestParsePathErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                `path "": an empty key; expected keys with single dots between them`,
		"a..b":            `path "a..b": an empty key; expected keys with single dots between them`,
		"a.":              `path "a.": an empty key; expected keys with single dots between them`,
		".a":              `path ".a": an empty key; expected keys with single dots between them`,
		"$.a":             `path "$.a": $ stands alone: it is the whole value`,
		"a[0]":            `path "a[0]": the key a[0] needs quotes: "a[0]"`,
		"a b":             `path "a b": the key a b needs quotes: "a b"`,
		"@odata.nextLink": `path "@odata.nextLink": a key with a dot in it needs quotes: "@odata.nextLink"`,
		`"a`:              `path "\"a": a quote without its end`,
		`"a"b`:            `path "\"a\"b": expected a dot after "a"`,
		`a"b"`:            `path "a\"b\"": the key a"b" needs quotes: "a\"b\""`,
	} {
		_, err := ParsePath(text)
		require.Error(t, err, text)
		assert.EqualError(t, err, want, text)
	}
}

func TestPathParent(t *testing.T) {
	t.Parallel()
	rest, ok := mustPath(t, "parent.a.b").Parent()
	require.True(t, ok)
	assert.Equal(t, "a.b", rest.String())
	got, ok := rest.Text([]byte(`{"a":{"b":1}}`))
	assert.True(t, ok)
	assert.Equal(t, "1", got)
	for _, text := range []string{"parent", `"parent".id`, "a.parent", "$"} {
		_, ok := mustPath(t, text).Parent()
		assert.False(t, ok, text)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`"a\nb"`: "a\nb", " 12 ": "12", "true": "true", `"\ud800"`: "\ufffd"} {
		got, ok := Text([]byte(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", " ", "null", "{}", "[]", `"a`, `"\q"`, "?"} {
		_, ok := Text([]byte(text))
		assert.False(t, ok, text)
	}
}

func ExamplePath_Text() {
	p, err := ParsePath("actor.id")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Text([]byte(`{"actor": {"id": 9007199254740993}}`)))
	// Output: 9007199254740993 true
}

// FuzzPath compares the scanner with encoding/json on every valid document without repeated keys.
func FuzzPath(f *testing.F) {
	f.Add("a.b", []byte(`{"a":{"b":1}}`))
	f.Add("key", []byte(document))
	f.Add("items.1.n", []byte(document))
	f.Add(`"a.b".c`, []byte(document))
	f.Add("a", []byte(`{"a":"\`))
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		p, err := ParsePath(text)
		if err != nil {
			return
		}
		require.NoError(t, p.Each(data, func(v []byte) error { Text(v); return nil }))
		got, found := p.Lookup(data)
		if !json.Valid(data) || strings.Contains(text, "*") {
			return
		}
		want, exists, unique := reference(data, p)
		if !unique {
			return
		}
		require.Equal(t, exists, found, "%s in %s", text, data)
		if exists {
			assert.Equal(t, string(bytes.TrimSpace(want)), string(got))
			assert.True(t, json.Valid(got))
		}
	})
}

// reference walks the path with encoding/json; unique is false when a repeated key was met.
func reference(data []byte, p Path) (value json.RawMessage, exists, unique bool) {
	value = data
	for _, s := range p.segments {
		value = bytes.TrimSpace(value)
		switch value[0] {
		case '{':
			var m map[string]json.RawMessage
			if json.Unmarshal(value, &m) != nil || keys(value) != len(m) {
				return nil, false, false
			}
			v, ok := m[s.key]
			if !ok {
				return nil, false, true
			}
			value = v
		case '[':
			var l []json.RawMessage
			if json.Unmarshal(value, &l) != nil {
				return nil, false, false
			}
			if !s.plain || s.index < 0 || s.index >= len(l) {
				return nil, false, true
			}
			value = l[s.index]
		default:
			return nil, false, true
		}
	}
	return value, true, true
}

// keys counts an object's own keys, repeated ones too.
func keys(object []byte) int {
	dec := json.NewDecoder(bytes.NewReader(object))
	if _, err := dec.Token(); err != nil {
		return -1
	}
	n := 0
	for dec.More() {
		var v json.RawMessage
		if _, err := dec.Token(); err != nil {
			return -1
		}
		if dec.Decode(&v) != nil {
			return -1
		}
		n++
	}
	return n
}

// oktaLike is a record of about 2 kB with the id in the middle and the time near the end, as Okta sends it.
func oktaLike() []byte {
	filler := strings.Repeat(`{"id":"00u1","type":"User","alternateId":"someone@acme.example","displayName":"Some One","detailEntry":null},`, 12)
	return []byte(`{"actor":` + filler[:len(filler)-1-109*11] + `,"target":[` + strings.TrimSuffix(filler, ",") +
		`],"client":{"userAgent":{"rawUserAgent":"Mozilla/5.0 (Macintosh; \"x\")","os":"Mac OS X"}},"displayMessage":"User single sign on to app",` +
		`"uuid":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","published":"2026-01-02T03:04:05.678Z"}`)
}

func TestOktaLikeIsJSON(t *testing.T) {
	t.Parallel()
	require.True(t, json.Valid(oktaLike()))
	assert.Greater(t, len(oktaLike()), 1500)
}

func BenchmarkPathText(b *testing.B) {
	data := oktaLike()
	for _, text := range []string{"uuid", "published", "actor.alternateId", "target.3.id"} {
		b.Run(text, func(b *testing.B) {
			p := mustPath(b, text)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := p.Text(data); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
	b.Run("encoding/json for comparison", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			var v struct{ UUID string }
			if err := json.Unmarshal(data, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestPathsOnSamples compares the scanner with encoding/json on the vendors' real records.
func TestPathsOnSamples(t *testing.T) {
	t.Parallel()
	dir := samples(t)
	for file, paths := range map[string][]string{
		"okta_systemlog.ndjson":       {"uuid", "published", "actor.alternateId", "target.0.id", "outcome.result"},
		"gsuite_activityevent.ndjson": {"id.time", "id.uniqueQualifier", "actor.email", "events.0.name"},
	} {
		data, err := os.ReadFile(filepath.Join(dir, file))
		require.NoError(t, err)
		for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
			for _, text := range paths {
				p := mustPath(t, text)
				want, exists, unique := reference(line, p)
				got, found := p.Lookup(line)
				if unique {
					require.Equal(t, exists, found, "%s line %d: %s", file, i+1, text)
					assert.Equal(t, string(want), string(got))
				}
			}
		}
	}
}

func samples(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "shared", "CONTRACT.md")); err == nil {
			return filepath.Join(dir, "shared", "samples")
		}
		if filepath.Dir(dir) == dir {
			t.Skip("the shared samples are not beside this repository")
		}
	}
}
