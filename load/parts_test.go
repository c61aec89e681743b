package load

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
)

// smallParts lets some rows close a part. Tests that use it can't be parallel.
func smallParts(t testing.TB, rows int64) {
	before := partRows
	partRows = rows
	t.Cleanup(func() { partRows = before })
}

func TestPartsOf(t *testing.T) {
	smallParts(t, 10)
	dated := func(n int, rows int64) datedRows {
		return datedRows{day: sql.NullTime{Time: dayOf(n), Valid: true}, rows: rows, tell: "x"}
	}
	for name, tc := range map[string]struct {
		dates []datedRows
		want  []string // rows and bounds
	}{
		"nothing":           {nil, []string{"0"}},
		"no dates":          {[]datedRows{{rows: 99}}, []string{"99"}},
		"few rows":          {[]datedRows{dated(0, 5), dated(1, 4)}, []string{"9"}},
		"just full":         {[]datedRows{dated(0, 5), dated(1, 5)}, []string{"10"}},
		"a date beyond":     {[]datedRows{dated(0, 5), dated(1, 5), dated(2, 1)}, []string{"10 <2026-01-03", "1 2026-01-03<"}},
		"large dates":       {[]datedRows{dated(0, 50), dated(1, 50), dated(2, 50)}, []string{"50 <2026-01-02", "50 2026-01-02<2026-01-03", "50 2026-01-03<"}},
		"no date at last":   {[]datedRows{dated(0, 50), dated(1, 50), {rows: 7}}, []string{"50 <2026-01-02", "57 2026-01-02<"}},
		"only without date": {[]datedRows{{rows: 70}}, []string{"70"}},
	} {
		var got []string
		for _, p := range partsOf(tc.dates) {
			text := grouped(p.Rows)
			if !p.from.IsZero() || !p.until.IsZero() {
				text += " "
			}
			if !p.from.IsZero() {
				text += p.from.Format(time.DateOnly)
			}
			if !p.from.IsZero() || !p.until.IsZero() {
				text += "<"
			}
			if !p.until.IsZero() {
				text += p.until.Format(time.DateOnly)
			}
			got = append(got, text)
		}
		assert.Equal(t, tc.want, got, name)
	}
	a, b := partsOf([]datedRows{dated(0, 5)}), partsOf([]datedRows{dated(1, 5)})
	assert.NotEqual(t, a[0].Content, b[0].Content, "the same rows of another date")
}

// TestFingerprints changes one thing of a table at a time: each change is seen.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	db, err := duck.Open(t.Context(), "", duck.Options{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.ExecContext(t.Context(), "CREATE SCHEMA reports")
	require.NoError(t, err)
	const columns = "(day DATE, a VARCHAR, b VARCHAR, n BIGINT)"
	seen := map[string]string{}
	for name, values := range map[string]string{
		"as it is":              "(DATE '2026-01-01', 'x', 'y', 1), (DATE '2026-01-01', 'p', 'q', 2)",
		"another value":         "(DATE '2026-01-01', 'x', 'y', 1), (DATE '2026-01-01', 'p', 'q', 3)",
		"unknown":               "(DATE '2026-01-01', 'x', 'y', 1), (DATE '2026-01-01', 'p', 'q', NULL)",
		"nothing":               "(DATE '2026-01-01', 'x', 'y', 1), (DATE '2026-01-01', 'p', '', 2)",
		"texts exchanged":       "(DATE '2026-01-01', 'y', 'x', 1), (DATE '2026-01-01', 'p', 'q', 2)",
		"values exchanged":      "(DATE '2026-01-01', 'x', 'y', 2), (DATE '2026-01-01', 'p', 'q', 1)",
		"between rows":          "(DATE '2026-01-01', 'x', 'q', 1), (DATE '2026-01-01', 'p', 'y', 2)",
		"another border":        "(DATE '2026-01-01', 'xy', '', 1), (DATE '2026-01-01', 'p', 'q', 2)",
		"a row twice":           "(DATE '2026-01-01', 'x', 'y', 1), (DATE '2026-01-01', 'p', 'q', 2), (DATE '2026-01-01', 'p', 'q', 2)",
		"a row three times":     "(DATE '2026-01-01', 'x', 'y', 1), (DATE '2026-01-01', 'p', 'q', 2), (DATE '2026-01-01', 'p', 'q', 2), (DATE '2026-01-01', 'p', 'q', 2)",
		"only one":              "(DATE '2026-01-01', 'x', 'y', 1)",
		"a row of another date": "(DATE '2026-01-01', 'x', 'y', 1), (DATE '2026-01-02', 'p', 'q', 2)",
		"a row without a date":  "(DATE '2026-01-01', 'x', 'y', 1), (NULL, 'p', 'q', 2)",
	} {
		_, err := db.ExecContext(t.Context(), "CREATE OR REPLACE TABLE reports.r "+columns+"; INSERT INTO reports.r VALUES "+values)
		require.NoError(t, err, name)
		reports, err := readReports(t.Context(), db, map[string][]string{"r": {"day"}})
		require.NoError(t, err, name)
		r := &reports[0]
		require.NoError(t, r.measure(t.Context(), db, time.Time{}), name)
		require.Len(t, r.parts, 1, name)
		assert.Empty(t, seen[r.parts[0].Content], "%s looks like it", name)
		seen[r.parts[0].Content] = name
	}
}

// TestUnchangedPartsAreCopied publishes again with some change and holds every file to that of a first publish of the same
// rows: whatever was copied, it can't be told from the bytes. What stands in the way of copying costs time, no more.
func TestUnchangedPartsAreCopied(t *testing.T) {
	smallParts(t, 100)
	const series = "provisioned_users_daily"
	const only = `CREATE TABLE keep AS FROM reports.provisioned_users_daily; DROP SCHEMA reports CASCADE; CREATE SCHEMA reports;
		CREATE TABLE reports.provisioned_users_daily AS FROM keep; DROP TABLE keep; DELETE FROM _state.reports WHERE report <> 'provisioned_users_daily'`
	spoil := func(name string, at func(size int64) int64) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR, 0)
			require.NoError(t, err)
			info, err := f.Stat()
			require.NoError(t, err)
			one := make([]byte, 1)
			place := at(info.Size())
			_, err = f.ReadAt(one, place)
			require.NoError(t, err)
			_, err = f.WriteAt([]byte{one[0] ^ 1}, place)
			require.NoError(t, err)
			require.NoError(t, f.Close())
		}
	}
	middle := func(size int64) int64 { return size / 2 }
	for name, tc := range map[string]struct {
		sql    string
		spoil  func(t *testing.T, exports string)
		copied string // of the series: all, some, none
	}{
		"nothing":        {copied: "all"},
		"the last date":  {sql: "UPDATE reports.provisioned_users_daily SET provisioned_users = 999 WHERE date = (SELECT max(date) FROM reports.provisioned_users_daily)", copied: "some"},
		"the first date": {sql: "UPDATE reports.provisioned_users_daily SET provisioned_users = 999 WHERE date = (SELECT min(date) FROM reports.provisioned_users_daily)", copied: "some"},
		"a date more":    {sql: "INSERT INTO reports.provisioned_users_daily SELECT * REPLACE (date + 1 AS date) FROM reports.provisioned_users_daily WHERE date = (SELECT max(date) FROM reports.provisioned_users_daily)", copied: "some"},
		"no rows":        {sql: "DELETE FROM reports.provisioned_users_daily", copied: "all"},
		"another order":  {sql: "CREATE TABLE t AS FROM reports.provisioned_users_daily ORDER BY hash(date || instance_id); DELETE FROM reports.provisioned_users_daily; INSERT INTO reports.provisioned_users_daily FROM t; DROP TABLE t", copied: "all"},
		"another column": {sql: "ALTER TABLE reports.provisioned_users_daily ADD COLUMN more BIGINT", copied: "none"},
		"another type":   {sql: "ALTER TABLE reports.provisioned_users_daily ALTER COLUMN provisioned_users TYPE DOUBLE", copied: "none"},
		"another key":    {sql: "UPDATE _state.reports SET key_columns = 'date,instance_id' WHERE report = 'provisioned_users_daily'", copied: "none"},
		"spoilt CSV":     {spoil: spoil(series+".csv", middle), copied: "some"},
		"spoilt Parquet": {spoil: spoil(series+".parquet", func(int64) int64 { return 10 }), copied: "some"},
		"spoilt footer":  {spoil: spoil(series+".parquet", func(size int64) int64 { return size - 20 }), copied: "none"},
		"no CSV":         {spoil: func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, series+".csv"))) }, copied: "none"},
		"no Parquet":     {spoil: func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, series+".parquet"))) }, copied: "none"},
		"a short CSV": {spoil: func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, series+".csv"), 500))
		}, copied: "none"},
		"an empty folder": {spoil: func(t *testing.T, dir string) { require.NoError(t, os.RemoveAll(dir)) }, copied: "none"},
	} {
		t.Run(name, func(t *testing.T) {
			change := "SELECT 1"
			if tc.sql != "" {
				change = tc.sql
			}
			fresh, again := t.TempDir(), t.TempDir()
			first, err := Publish(t.Context(), options(fresh, makeBuild(t, fresh, only, change), "run-2"))
			require.NoError(t, err)

			_, err = Publish(t.Context(), options(again, makeBuild(t, again, only), "run-1"))
			require.NoError(t, err)
			if tc.spoil != nil {
				tc.spoil(t, filepath.Join(again, ExportsDir))
			}
			result, err := Publish(t.Context(), options(again, makeBuild(t, again, only, change), "run-2"))
			require.NoError(t, err)
			assert.Equal(t, hashes(t, first.Exports), hashes(t, result.Exports))

			require.Len(t, result.Reports, 1)
			assert.Zero(t, first.Reports[0].Copied, "nothing was there to copy")
			r := result.Reports[0]
			switch tc.copied {
			case "all":
				assert.Equal(t, r.Rows, r.Copied)
			case "some":
				assert.Positive(t, r.Copied)
				assert.Less(t, r.Copied, r.Rows)
			default:
				assert.Zero(t, r.Copied)
			}
		})
	}
}

// TestDamagedRecord: what a publish notes for the next one is no more than a help.
func TestDamagedRecord(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	build := makeBuild(t, w)
	first, err := Publish(t.Context(), options(w, build, "run-1"))
	require.NoError(t, err)
	want := hashes(t, first.Exports)
	record := filepath.Join(w, WarehouseDir, publishedFile)
	require.NoError(t, os.WriteFile(record, []byte(`{"run_id": "run-1", "rep`), 0o644))
	_, err = Publish(t.Context(), options(w, build, "run-2"))
	require.ErrorContains(t, err, publishedFile)
	require.ErrorContains(t, err, "remove the file and run again")
	assert.Equal(t, want, hashes(t, first.Exports), "what was published is untouched")
	require.NoError(t, os.Remove(record))
	_, err = Publish(t.Context(), options(w, build, "run-1"))
	require.NoError(t, err)
	assert.Equal(t, want, hashes(t, first.Exports))
}

// TestJoinedFilesAreRead reads a file of many parts with the other Parquet reader, which holds it to the format.
func TestJoinedFilesAreRead(t *testing.T) {
	smallParts(t, 100)
	w := t.TempDir()
	result, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	for _, r := range result.Reports {
		f, err := os.Open(filepath.Join(result.Exports, r.Name+".parquet"))
		require.NoError(t, err, r.Name)
		info, err := f.Stat()
		require.NoError(t, err, r.Name)
		file, err := parquet.OpenFile(f, info.Size())
		require.NoError(t, err, r.Name)
		assert.Equal(t, r.Rows, file.NumRows(), r.Name)
		seen, groups := int64(0), file.RowGroups()
		for i, g := range groups {
			assert.Equal(t, int16(i), file.Metadata().RowGroups[i].Ordinal, r.Name)
			rows := g.Rows()
			buffer := make([]parquet.Row, 64)
			for {
				n, err := rows.ReadRows(buffer)
				seen += int64(n)
				if err != nil {
					break
				}
			}
			require.NoError(t, rows.Close(), r.Name)
		}
		assert.Equal(t, r.Rows, seen, r.Name)
		if r.Name == "provisioned_users_daily" {
			assert.Greater(t, len(groups), 5)
		}
		require.NoError(t, f.Close())
		assert.Equal(t, "0", onlyRow(t, result.Warehouse, "SELECT count(*)::VARCHAR FROM (SELECT * FROM "+duck.Literal(f.Name())+" EXCEPT ALL FROM reports."+r.Name+")"), r.Name)
	}
}
