package load

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/table"
)

// Not parallel: it changes how many rows a sheet holds.
func TestExcerpt(t *testing.T) {
	before := sheetRows
	sheetRows = 4
	defer func() { sheetRows = before }()
	db, err := duck.Open(t.Context(), "", duck.Options{Threads: 1})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.ExecContext(t.Context(), "CREATE SCHEMA reports")
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		key, values string
		rows        []int64 // of value column n, in order, that the sheet shows
		note        string
		today       time.Time
	}{
		"empty":                                {key: "as_of", values: "(DATE '2026-01-01', 0)", rows: []int64{}},
		"one report date":                      {key: "as_of", values: "(DATE '2026-01-01', 1), (DATE '2026-01-01', 2)", rows: []int64{1, 2}},
		"the newest report date":               {key: "as_of", values: "(DATE '2026-01-31', 1), (DATE '2026-02-28', 2), (DATE '2026-02-28', 3)", rows: []int64{2, 3}, note: "As of 2026-02-28, the newest of 2 report dates. All 3 rows: r.parquet and r.csv"},
		"a long newest date":                   {key: "as_of", values: "(DATE '2026-01-31', 1), (DATE '2026-02-28', 2), (DATE '2026-02-28', 3), (DATE '2026-02-28', 4), (DATE '2026-02-28', 5), (DATE '2026-02-28', 6)", rows: []int64{2, 3, 4, 5}, note: "The first 4 rows as of 2026-02-28, the newest of 2 report dates. All 6 rows: r.parquet and r.csv"},
		"a long only date":                     {key: "as_of", values: "(DATE '2026-02-28', 2), (DATE '2026-02-28', 3), (DATE '2026-02-28', 4), (DATE '2026-02-28', 5), (DATE '2026-02-28', 6)", rows: []int64{2, 3, 4, 5}, note: "The first 4 rows. All 5 rows: r.parquet and r.csv"},
		"a series that fits":                   {key: "date", values: "(DATE '2026-01-01', 1), (DATE '2026-01-02', 2)", rows: []int64{1, 2}},
		"a series' newest dates":               {key: "date", values: "(DATE '2026-01-01', 1), (DATE '2026-01-02', 2), (DATE '2026-01-02', 3), (DATE '2026-01-03', 4), (DATE '2026-01-03', 5)", rows: []int64{2, 3, 4, 5}, note: "From 2026-01-02 on. All 5 rows: r.parquet and r.csv"},
		"a series' last year":                  {key: "date", values: "(DATE '2025-01-01', 1), (DATE '2025-01-02', 2), (DATE '2026-01-01', 3)", rows: []int64{2, 3}, note: "From 2025-01-02 on. All 3 rows: r.parquet and r.csv"},
		"a calendar that goes on behind today": {key: "date", values: "(DATE '2024-12-01', 1), (DATE '2025-12-01', 2), (DATE '2027-01-01', 3), (DATE '2028-01-01', 4)", rows: []int64{2, 3, 4}, today: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), note: "From 2025-12-01 on. All 4 rows: r.parquet and r.csv"},
		"ordered by something":                 {key: "n", values: "(DATE '2026-01-01', 1), (DATE '2026-01-02', 2), (NULL, 3), (NULL, 4), (NULL, 5)", rows: []int64{1, 2, 3, 4}, note: "The first 4 rows. All 5 rows: r.parquet and r.csv"},
		"dates that are not known":             {key: "date", values: "(DATE '2026-01-01', 1), (NULL, 2)", rows: []int64{1, 2}},
	} {
		column := tcColumn(tc.key)
		_, err := db.ExecContext(t.Context(), "CREATE OR REPLACE TABLE reports.r AS SELECT * FROM (VALUES "+tc.values+") AS v ("+column+", n) WHERE n > 0")
		require.NoError(t, err, name)
		r := report{name: "r", key: []string{tc.key}, columns: []reportColumn{
			{Column: table.Column{Name: column, Kind: table.Date}}, {Column: table.Column{Name: "n", Kind: table.Integer}},
		}}
		require.NoError(t, r.measure(t.Context(), db, tc.today), name)
		_, rows, err := duck.Query(t.Context(), db, r.query(part{}))
		require.NoError(t, err, name)
		shown, at := []int64{}, int64(0)
		for row, err := range rows {
			require.NoError(t, err, name)
			if at >= r.excerpt.skip && at < r.excerpt.skip+r.excerpt.rows {
				shown = append(shown, row[1].(int64))
			}
			at++
		}
		assert.Equal(t, tc.rows, shown, name)
		assert.Equal(t, int64(len(shown)), r.excerpt.rows, name)
		assert.Equal(t, tc.note, r.excerpt.note(r), name)
	}
}

// tcColumn is the name of the date column: the key itself, where that is a date.
func tcColumn(key string) string {
	if key == "n" {
		return "date"
	}
	return key
}
