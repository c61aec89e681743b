package manifest

import (
	"encoding/json"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func vars(m map[string]string) Vars {
	return func(name string) (string, bool) { v, ok := m[name]; return v, ok }
}

func TestTemplateExpand(t *testing.T) {
	t.Parallel()
	values := vars(map[string]string{
		"start": "2026-01-01T00:00:00Z", "parent.id": "a/b c==", "parent.a.b": "x", "settings.q": `say "hi" <&>` + "\n", "dots": "..", "empty": "", "settings.a-b": "dash",
	})
	tests := map[string]struct {
		text   string
		escape Escape
		want   string
	}{
		"no placeholder":      {"/users", InPath, "/users"},
		"empty":               {"", Plain, ""},
		"plain":               {"created ge {start} and x", Plain, "created ge 2026-01-01T00:00:00Z and x"},
		"in a path":           {"/m/{parent.id}/p", InPath, "/m/a%2Fb%20c==/p"},
		"twice in a path":     {"/m/{parent.id|escape2}/p", InPath, "/m/a%252Fb%2520c==/p"},
		"a parent's field":    {"{parent.a.b}{parent.a.b}", Plain, "xx"},
		"a dash in a name":    {"{settings.a-b}", Plain, "dash"},
		"climbing out":        {"/m/{dots}/p", InPath, "/m/%2E%2E/p"},
		"in JSON":             {`{"q":"{settings.q}"}`, InString, `{"q":"say \"hi\" <&>\n"}`},
		"JSON braces stay":    {`{"a":{"b":1},"c":[{}]}`, Plain, `{"a":{"b":1},"c":[{}]}`},
		"spaced braces stay":  {"query { users { id } }", Plain, "query { users { id } }"},
		"unclosed stays":      {"{start", Plain, "{start"},
		"nested, inner wins":  {"{x{start}}", Plain, "{x2026-01-01T00:00:00Z}"},
		"values stay as they": {"{empty}{parent.a.b}", Plain, "x"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tmpl, err := ParseTemplate(tt.text)
			require.NoError(t, err)
			got, err := tmpl.Expand(values, tt.escape)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestTemplateErrors(t *testing.T) {
	t.Parallel()
	_, err := ParseTemplate("/x/{parent.id|escape3}")
	require.EqualError(t, err, `template "/x/{parent.id|escape3}": unknown modifier |escape3; known is escape2`)
	tmpl, err := ParseTemplate("a {nope} b")
	require.NoError(t, err)
	_, err = tmpl.Expand(vars(nil), Plain)
	assert.EqualError(t, err, `template "a {nope} b": there is no {nope} here`)
}

func TestValuesAreNotTemplates(t *testing.T) {
	t.Parallel()
	tmpl, err := ParseTemplate("{parent.id}")
	require.NoError(t, err)
	got, err := tmpl.Expand(vars(map[string]string{"parent.id": "{auth.token}", "auth.token": "secret"}), Plain)
	require.NoError(t, err)
	assert.Equal(t, "{auth.token}", got)
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	tmpl, err := ParseTemplate("/{settings.a}/{parent.x.y|escape2}/{start}")
	require.NoError(t, err)
	got := tmpl.Placeholders()
	assert.Equal(t, []Placeholder{{Name: "settings.a"}, {Name: "parent.x.y", Modifier: "escape2"}, {Name: "start"}}, got)
	assert.Equal(t, "parent", got[1].Root())
	assert.Equal(t, "x.y", got[1].Rest())
	assert.Equal(t, "start", got[2].Root())
	assert.Empty(t, got[2].Rest())
}

func ExampleTemplate_Expand() {
	tmpl, err := ParseTemplate("/metrics/meetings/{parent.id|escape2}/participants")
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := tmpl.Expand(func(string) (string, bool) { return "/ajXp112QmuoKj4854875==", true }, InPath)
	fmt.Println(text, err)
	// Output: /metrics/meetings/%252FajXp112QmuoKj4854875==/participants <nil>
}

func FuzzTemplate(f *testing.F) {
	f.Add("/a/{parent.id|escape2}", "x/y")
	f.Add(`{"a":"{settings.b}"}`, "\"\\\u2028")
	f.Add("{{start}}", "{end}")
	f.Fuzz(func(t *testing.T, text, value string) {
		tmpl, err := ParseTemplate(text)
		if err != nil {
			return
		}
		all := func(string) (string, bool) { return value, true }
		out, err := tmpl.Expand(all, Plain)
		require.NoError(t, err)
		if len(tmpl.Placeholders()) == 0 {
			assert.Equal(t, text, out)
		}
		assert.NotContains(t, InPath(value), "/")
		var back string
		require.NoError(t, json.Unmarshal([]byte(`"`+InString(value)+`"`), &back))
		if utf8.ValidString(value) {
			assert.Equal(t, value, back)
		}
	})
}
