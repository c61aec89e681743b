package transform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/filekind"
)

// oldValues are what earlier versions of the file connector landed without a word, as JSON.
var oldValues = []string{
	`"half \ud83d"`, `"\ude00"`, `"a\u0000b"`, `"\u202eabc\u200b"`, `"null"`, `"N/A"`, `"=cmd|' /C calc'!A0"`, `"#REF!"`, `"NaN"`, `"Infinity"`, `"1e400"`, `"-0"`,
	`"9999999999999999999999"`, `"0206-05-05"`, `"infinity"`, `"9999-12-31"`, `"0206-05-05T00:00:00Z"`, `"` + strings.Repeat("long ", 2000) + `"`,
	`1e400`, `-0`, `12345678901234567890`, `true`, `null`, `{"a": 1}`, `[1]`, `BROKEN`, `"x", "email": "again@tarn.example"`,
}

// TestALakeWithWhatEarlierVersionsLanded: each of such records, in each column of each kind, costs itself alone, and the books balance.
func TestALakeWithWhatEarlierVersionsLanded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sound := record{
		"email": "a@tarn.example", "last_name": "A", "first_name": "A", "team": "T", "transaction_id": "t", "date": date(1), "amount": "5", "currency": "USD", "vendor": "Zoom",
		"contract_id": "c", "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "5", "app": "zoom", "occurred_at": date(1) + "T08:00:00Z", "event": "opened", "domain": "zoom.us",
		"rate": "1.1", "metric": "engaged_pct", "cohort": "all", "n": "9", "percent": "100",
	}
	kinds := filekind.Names()
	for _, name := range kinds {
		kind, _ := filekind.Lookup(name)
		w.connect(name, name)
		rows := []record{{}}
		words := []string{}
		for _, c := range kind.Columns {
			if v, ok := sound[c.Name]; ok {
				rows[0][c.Name] = v
			}
		}
		for i, value := range oldValues {
			column := kind.Columns[i%len(kind.Columns)].Name
			row := record{}
			for k, v := range rows[0] {
				row[k] = v
			}
			mark := fmt.Sprintf("HOSTILE-%d-", i)
			row[column] = mark
			words = append(words, `"`+mark+`"`, value)
			rows = append(rows, row)
		}
		if kind.Shape == filekind.Events {
			for i, r := range rows {
				if id, _ := r["event_id"].(string); !strings.HasPrefix(id, "HOSTILE") {
					r["event_id"] = fmt.Sprint("e", i)
				}
			}
			w.landed(name, kind, rows)
		} else {
			w.snapshot(name, name, date(1), rows...)
		}
		w.asWrittenBefore(name, name, strings.NewReplacer(words...))
	}
	w.run(date(2))
	books := map[string][]string{}
	for _, r := range w.rows("SELECT connection, read, set_aside, in_core, read - duplicates - superseded - set_aside - in_core, duplicates FROM reports.reconciliation") {
		books[r[0]] = r[1:]
	}
	for _, name := range kinds {
		require.Contains(t, books, name)
		assert.Equal(t, fmt.Sprint(len(oldValues)+1), books[name][0], "read of %s", name)
		assert.Equal(t, "0", books[name][3], "%s: %v", name, books[name])
		assert.NotEqual(t, "0", books[name][2], "%s: %v", name, books[name])
		assert.NotEmpty(t, w.rows("SELECT 1 FROM reports.data_quality WHERE check_name = ?", name+"."+name+".bad_json"), "what is no JSON: %s", name)
		assert.NotEmpty(t, w.rows("SELECT 1 FROM reports.data_quality WHERE check_name = ?", name+"."+name+".repaired_text"), name)
	}
	assert.Empty(t, w.rows("SELECT check_name FROM reports.data_quality WHERE severity = 'error' AND check_name LIKE '%unaccounted'"))
}

// landed lands rows of events of one day, whatever stands in the column that says when.
func (w *world) landed(name string, kind filekind.Kind, rows []record) {
	w.t.Helper()
	at := "at"
	for _, r := range rows {
		r[at] = date(1)
	}
	w.events(name, kind.Name, at, rows...)
}
