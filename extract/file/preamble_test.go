package file_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHeadersBelowAPreamble: titles, dates of an export and blank lines above the headers are skipped where one row further down has
// all that the kind requires, and that is told; a file whose first row has it is read as ever.
func TestHeadersBelowAPreamble(t *testing.T) {
	t.Parallel()
	const rows = "email,last_name,first_name,team\na@x.example,A,B,T\n"
	for name, c := range map[string]struct {
		file, told, err string
		settings        map[string]any
	}{
		"a title":                             {"Export of users\n" + rows, "the headers are in line 2", "", nil},
		"a title of two cells, and blanks":    {"Export of users,2026-11-27\n\n\n" + rows, "the headers are in line 4", "", nil},
		"a delimiter that is declared":        {"Export\nsep=;\nemail;last_name;first_name;team\na@x.example;A;B;T\n", "the headers are in line 3", "", nil},
		"no more than a declared delimiter":   {"sep=;\n\nemail;last_name;first_name;team\na@x.example;A;B;T\n", "", "", nil},
		"headers that the settings map":       {"Export\nMail,Name,Vorname,Gruppe\na@x.example,A,B,T\n", "the headers are in line 2", "", map[string]any{"columns": map[string]any{"Mail": "email", "Name": "last_name", "Vorname": "first_name", "Gruppe": "team"}}},
		"the first row has it":                {rows, "", "", nil},
		"a second table below":                {rows + "\nemail,last_name,first_name,team\nb@x.example,C,D,T\n", "", "", nil},
		"the row that the settings name":      {"email,last_name,first_name,team\n" + rows, "", "", map[string]any{"header_row": 2}},
		"nothing that has all":                {"Export of users\nMail,Name\na@x.example,A\n", "", "set header_row to their line", nil},
		"a header that lacks a column":        {"email,last_name,first_name\na@x.example,A,B\n", "", "required column team is missing", nil},
		"two headers that say the same thing": {"Export\nemail,email,last_name,first_name,team\na@x.example,b@x.example,A,B,T\n", "", "is missing", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]any{"kind": "org_chart", "path": "people-2026-11-27.csv"}
			for k, v := range c.settings {
				settings[k] = v
			}
			w := newWorld(t, settings)
			w.put("people-2026-11-27.csv", c.file)
			res := w.read()
			if c.err != "" {
				assert.ErrorContains(t, res.Err, c.err)
				return
			}
			require.NoError(t, res.Err)
			assert.Equal(t, "a@x.example", w.payloads()[0]["email"])
			var told []string
			for _, f := range res.Findings {
				if f.Check == "header_row" {
					told = append(told, f.Sample)
				}
			}
			if c.told == "" {
				assert.Empty(t, told)
			} else if assert.Len(t, told, 1) {
				assert.Contains(t, told[0], c.told)
			}
		})
	}
}

func TestHeadersOfASheetBelowAPreamble(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "e.xlsx"})
	w.book("e.xlsx", [][]any{{"People who keep their licence"}, {}, {"as of", "2026-11-27"}, {"email"}, {"a@x"}}, nil)
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, "a@x", w.payloads()[0]["email"])
	require.Len(t, res.Findings, 1)
	assert.Contains(t, res.Findings[0].Sample, "the headers are in row 4")
}
