package yamlx

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type names []string

func (*names) OneOrMany() {}

type target struct {
	Name    string            `yaml:"name"`
	Count   int               `yaml:"count"`
	Big     int64             `yaml:"big"`
	On      bool              `yaml:"on"`
	Scheme  *string           `yaml:"scheme"`
	Tags    []string          `yaml:"tags"`
	IDs     names             `yaml:"ids"`
	Query   map[string]string `yaml:"query"`
	Any     map[string]any    `yaml:"any"`
	Items   []item            `yaml:"items"`
	Nested  *item             `yaml:"nested"`
	Skipped string
}

type item struct {
	ID    string          `yaml:"id"`
	Inner map[string]item `yaml:"inner"`
}

func decode(t *testing.T, text string, options ...Option) (target, error) {
	t.Helper()
	var v target
	doc := Decode("f.yaml", []byte(text), &v, options...)
	return v, doc.Err()
}

func TestDecodeGood(t *testing.T) {
	t.Parallel()
	empty := ""
	tests := map[string]struct {
		text string
		want target
	}{
		"empty file":             {"", target{}},
		"only a comment":         {"# nothing\n", target{}},
		"document marker":        {"---\nname: a\n", target{Name: "a"}},
		"byte order mark":        {"\ufeffname: a\n", target{Name: "a"}},
		"windows line ends":      {"name: a\r\ncount: 3\r\n", target{Name: "a", Count: 3}},
		"scalars":                {"name: a b\ncount: -3\nbig: 9007199254740993\non: true\n", target{Name: "a b", Count: -3, Big: 9007199254740993, On: true}},
		"numbers as text":        {"name: 007\nquery: {limit: 200, ratio: 1.50, full: true}\n", target{Name: "007", Query: map[string]string{"limit": "200", "ratio": "1.50", "full": "true"}}},
		"a date is text":         {"name: 2026-01-31\n", target{Name: "2026-01-31"}},
		"no is text":             {"name: no\n", target{Name: "no"}},
		"pointer to empty":       {"scheme: \"\"\n", target{Scheme: &empty}},
		"null is absent":         {"scheme:\ntags: ~\nnested:\ncount: null\n", target{}},
		"list":                   {"tags: [a, b]\n", target{Tags: []string{"a", "b"}}},
		"empty list":             {"tags: []\n", target{Tags: []string{}}},
		"one for many":           {"ids: a\n", target{IDs: names{"a"}}},
		"many":                   {"ids: [a, b]\n", target{IDs: names{"a", "b"}}},
		"block text":             {"name: |\n  a\n  b\n", target{Name: "a\nb\n"}},
		"folded text":            {"name: >-\n  a\n  b\n", target{Name: "a b"}},
		"quoted braces":          {"name: '{start}'\n", target{Name: "{start}"}},
		"plain with braces":      {"name: /users/{parent.id}/x\n", target{Name: "/users/{parent.id}/x"}},
		"keys with spaces, dots": {"query: {Email address: email, a.b: c}\n", target{Query: map[string]string{"Email address": "email", "a.b": "c"}}},
		"nested":                 {"items:\n  - id: a\n    inner:\n      x: {id: b}\n", target{Items: []item{{ID: "a", Inner: map[string]item{"x": {ID: "b"}}}}}},
		"alias":                  {"nested: &n {id: a}\nitems: [*n, *n]\n", target{Nested: &item{ID: "a"}, Items: []item{{ID: "a"}, {ID: "a"}}}},
		"anything": {"any: {a: 1, b: 1.5, c: true, d: x, e: [1, {f: g}], h: ~}\n", target{Any: map[string]any{
			"a": uint64(1), "b": 1.5, "c": true, "d": "x", "e": []any{uint64(1), map[string]any{"f": "g"}}, "h": nil,
		}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decode(t, tt.text)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestDecodeBad(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"unknown key":            {"nmae: a\n", []string{"f.yaml:1:1: nmae: unknown key; did you mean name?"}},
		"unknown key, none near": {"items:\n  - id: a\n    zzzzzz: b\n", []string{"f.yaml:3:5: items[0].zzzzzz: unknown key; known are id, inner"}},
		"untagged field":         {"Skipped: a\n", []string{"f.yaml:1:1: Skipped: unknown key; known are name, count, big, on, scheme, tags, ids, query, any, items, nested"}},
		"duplicate key":          {"name: a\ncount: 1\nname: b\n", []string{"f.yaml:3:1: name: the key is here a second time; the first is in line 1"}},
		"duplicate in a map":     {"query: {a: b, a: c}\n", []string{"f.yaml:1:15: query.a: the key is here a second time; the first is in line 1"}},
		"duplicate in any":       {"any:\n  a: b\n  a: c\n", []string{"f.yaml:3:3: any.a: the key is here a second time; the first is in line 2"}},
		"wrong types": {"name: [a]\ncount: x\non: 1\ntags: a\nquery: []\nitems: {id: a}\nscheme: {a: b}\n", []string{
			"f.yaml:1:7: name: expected text, got a list",
			"f.yaml:2:8: count: expected a whole number, got text",
			"f.yaml:3:5: on: expected true or false, got a whole number",
			"f.yaml:4:7: tags: expected a list, got text",
			"f.yaml:5:8: query: expected a mapping, got a list",
			"f.yaml:6:8: items: expected a list, got a mapping",
			"f.yaml:7:9: scheme: expected text, got a mapping",
		}},
		"fraction":             {"count: 1.5\n", []string{"f.yaml:1:8: count: expected a whole number, got a number"}},
		"number too large":     {"big: 18446744073709551615\n", []string{"f.yaml:1:6: big: the number is too large"}},
		"unquoted placeholder": {"name: {start}\n", []string{`f.yaml:1:7: name: expected text, got a mapping; put text with {} in quotes: "{name}"`}},
		"empty element":        {"tags:\n  - a\n  -\n", []string{"f.yaml:3:5: tags[1]: an empty element of a list"}},
		"root is a list":       {"- a\n", []string{"f.yaml:1:1: expected a mapping of keys, got a list"}},
		"root is text":         {"hello\n", []string{"f.yaml:1:1: expected a mapping of keys, got text"}},
		"two documents":        {"name: a\n---\nname: b\n", []string{"f.yaml:3:1: a second YAML document; put everything into one"}},
		"tag":                  {"name: !!str a\n", []string{"f.yaml:1:7: name: tags (!) are not supported; write the plain value"}},
		"unknown alias":        {"name: *a\n", []string{"f.yaml:1:7: name: no anchor &a before this alias"}},
		"merge key":            {"nested: &a {id: x}\nitems:\n  - <<: *a\n", []string{"f.yaml:3:5: items[0]: keys are plain text; merge keys (<<), anchors and tags on keys are not supported"}},
		"tab":                  {"query:\n\ta: b\n", []string{"f.yaml:2:1: not valid YAML: found character '\t' that cannot start any token"}},
		"unclosed quote":       {"name: \"a\n", []string{"f.yaml:1:7: not valid YAML: could not find end character of double-quoted text"}},
		"not UTF-8":            {"name: a\ncount: \xff\n", []string{"f.yaml:2:8: is not UTF-8 text here; save the file as UTF-8"}},
		"too deep":             {"any: " + strings.Repeat("[", 200) + "\n", []string{"f.yaml:1:106: is nested more than 100 levels deep"}},
		"too deep, dashes":     {strings.Repeat("- ", 200) + "\n", []string{"f.yaml:1:201: is nested more than 100 levels deep"}},
		"too large":            {strings.Repeat("# x\n", 2<<20), []string{"f.yaml: is larger than 4 MiB"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := decode(t, tt.text)
			require.Error(t, err)
			assert.Equal(t, tt.want, strings.Split(err.Error(), "\n"))
			assert.True(t, IsUsage(err))
		})
	}
}

func TestAliasesDoNotBlowUp(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("any:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		refs := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", ")
		fmt.Fprintf(&b, "  a%d: &a%d [%s]\n", i, i, refs)
	}
	_, err := decode(t, b.String())
	assert.ErrorContains(t, err, "there is too much here, aliases included")
}

func TestExpand(t *testing.T) {
	t.Parallel()
	var keys []string
	expand := WithExpand(func(key, text string) (string, error) {
		keys = append(keys, key+"="+text)
		if strings.Contains(text, "${BAD}") {
			return "", errors.New("BAD is not set")
		}
		return strings.ReplaceAll(text, "${GOOD}", "value"), nil
	})
	got, err := decode(t, "name: ${GOOD}\nquery: {a: ${GOOD}, b: ${file:/a b,c}, ${K}: x}\ntags: [${GOOD}, 'x${GOOD}', \"${GOOD}\"]\ncount: 1\nany: {n: 5}\n", expand)
	require.NoError(t, err)
	assert.Equal(t, "value", got.Name)
	assert.Equal(t, map[string]string{"a": "value", "b": "${file:/a b,c}", "${K}": "x"}, got.Query)
	assert.Equal(t, []string{"value", "xvalue", "value"}, got.Tags)
	assert.Equal(t, []string{
		"name=${GOOD}", "query.a=${GOOD}", "query.b=${file:/a b,c}", "query.${K}=x",
		"tags[0]=${GOOD}", "tags[1]=x${GOOD}", "tags[2]=${GOOD}",
	}, keys)

	_, err = decode(t, "name: a ${BAD}\nquery: {a: ${BAD}, b: c}\n", expand)
	require.EqualError(t, err, "f.yaml:1:7: name: BAD is not set\nf.yaml:2:12: query.a: BAD is not set")
}

func TestDocumentAdd(t *testing.T) {
	t.Parallel()
	text := "name: a\nitems:\n  - id: b\n    inner:\n      x.y: {id: c}\n  - inner: {}\nquery: {a b: c}\n"
	tests := map[string]string{
		"name":                      "f.yaml:1:7: name: wrong",
		"items[0].id":               "f.yaml:3:9: items[0].id: wrong",
		"items[0].inner":            "f.yaml:4:5: items[0].inner: wrong",
		`items[0].inner["x.y"].id`:  `f.yaml:5:17: items[0].inner["x.y"].id: wrong`,
		`items[0].inner["x.y"].abc`: `f.yaml:5:7: items[0].inner["x.y"].abc: wrong`,
		"items[1].id":               "f.yaml:6:5: items[1].id: wrong",
		"items[7].id":               "f.yaml:2:1: items[7].id: wrong",
		`query["a b"]`:              `f.yaml:7:14: query["a b"]: wrong`,
		`query["c [\"d"]`:           `f.yaml:7:1: query["c [\"d"]: wrong`,
		"nested.id":                 "f.yaml:1:1: nested.id: wrong",
		"":                          "f.yaml:1:1: wrong",
	}
	for key, want := range tests {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			var v target
			doc := Decode("f.yaml", []byte(text), &v)
			require.NoError(t, doc.Err())
			doc.Add(key, "%s", "wrong")
			assert.EqualError(t, doc.Err(), want)
		})
	}
}

func TestDocumentLineAndHas(t *testing.T) {
	t.Parallel()
	var v target
	doc := Decode("f.yaml", []byte("name: a\nitems:\n  - id: b\n"), &v)
	assert.Equal(t, 3, doc.Line("items[0]"))
	assert.Equal(t, 3, doc.Line("items[0].id"))
	assert.True(t, doc.Has("items[0].id"))
	assert.False(t, doc.Has("items[1]"))
}

func TestErrorsAreOrderedAndUnwrap(t *testing.T) {
	t.Parallel()
	var v target
	doc := Decode("f.yaml", []byte("name: a\ncount: 1\n"), &v)
	doc.Add("count", "second")
	doc.Add("name", "first")
	err := fmt.Errorf("load: %w", doc.Err())
	assert.EqualError(t, err, "load: f.yaml:1:7: name: first\nf.yaml:2:8: count: second")
	var one *Error
	require.ErrorAs(t, err, &one)
	assert.Equal(t, &Error{File: "f.yaml", Line: 1, Column: 7, Key: "name", Msg: "first"}, one)
	var all Errors
	require.ErrorAs(t, err, &all)
	assert.Len(t, all, 2)
	assert.False(t, IsUsage(errors.New("disk full")))
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	_, err := ReadFile("testdata/none.yaml", "a config")
	assert.EqualError(t, err, "testdata/none.yaml: there is no such file; expected a config")
	assert.True(t, IsUsage(err))
	_, err = ReadFile(t.TempDir(), "a config")
	assert.ErrorContains(t, err, "can't be read")
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"name", "connector", "settings", "timezone", "id"}
	tests := map[string]string{
		"conector": "connector", "naem": "name", "Name": "name", "setings": "settings",
		"time_zone": "timezone", "ie": "id", "xyz": "", "": "", "organisation": "",
	}
	for word, want := range tests {
		assert.Equal(t, want, Nearest(word, known), word)
	}
}

func TestHint(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "; did you mean name?", Hint("nam", []string{"name"}))
	assert.Equal(t, "; known are a, b", Hint("zzzzz", []string{"a", "b"}))
	assert.Equal(t, "; none is known here", Hint("zzzzz", nil))
	many := make([]string, 30)
	for i := range many {
		many[i] = fmt.Sprintf("long_word_%02d", i)
	}
	assert.True(t, strings.HasSuffix(Hint("q", many), "long_word_19, …"))
}

func TestJoin(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a", Join("", "a"))
	assert.Equal(t, "a.b", Join("a", "b"))
	assert.Equal(t, `a["b c"]`, Join("a", "b c"))
	assert.Equal(t, `a[""]`, Join("a", ""))
	assert.Equal(t, "a[3]", Index("a", 3))
}

func TestReferencesSurviveHiding(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "${A}", "x: {a: ${A}, b: ${file:/x, [y]: #z}}", "$${A}", "${", "${A\n}", "{a: b}"} {
		hidden := hideReferences(text)
		assert.Equal(t, text, showReferences(hidden))
		assert.Equal(t, len([]rune(text)), len([]rune(hidden)))
	}
}

func ExampleDecode() {
	var v struct {
		Connections []struct {
			Name      string `yaml:"name"`
			Connector string `yaml:"connector"`
		} `yaml:"connections"`
	}
	doc := Decode("rightseat.yaml", []byte("connections:\n  - name: Zoom\n    conector: zoom\n"), &v)
	doc.Add("connections[0].name", "use lower-case letters")
	fmt.Println(doc.Err())
	// Output:
	// rightseat.yaml:2:11: connections[0].name: use lower-case letters
	// rightseat.yaml:3:5: connections[0].conector: unknown key; did you mean connector?
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"", "name: a\n", "items:\n  - id: a\n", "any: {a: [1, 2.5, true, ~]}\n", "a: &x {b: *x}\n", "? a\n: b\n", "name: |\n  a\n",
		"query: {a: ${B}}\n", "name: \"\\u0000\"\n", "- - - a\n", "<<: a\n", "!!x a: b\n", "any: {a: .inf, b: .nan, c: 0x1F, d: 1_000}\n", "---\n...\n---\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v target
		err := Decode("f.yaml", data, &v, WithExpand(func(_, text string) (string, error) { return text, nil })).Err()
		if err == nil {
			return
		}
		var all Errors
		require.ErrorAs(t, err, &all)
		for _, e := range all {
			assert.NotEmpty(t, e.Msg)
			assert.GreaterOrEqual(t, e.Line, 0)
		}
	})
}
