package file_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

// start is when the tests' clocks begin.
var start = time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC)

// world is a workspace with one file connection.
type world struct {
	t     testing.TB
	dir   string
	clock *clock.Simulated
	conn  config.Connection
	zone  *time.Location
	lake  *lake.Store
	home  string // the organisation's currency
	// setAside is set_aside_percent; nil for the default.
	setAside *float64
}

func newWorld(t testing.TB, settings map[string]any) *world {
	t.Helper()
	dir := t.TempDir()
	return &world{
		t: t, dir: dir, clock: clock.NewSimulated(start), zone: time.UTC, lake: lake.Open(dir),
		conn: config.Connection{Name: "uploads", Connector: "file", App: appOf(settings), Settings: settings, Line: 7},
	}
}

// appOf is an app for files that need one.
func appOf(settings map[string]any) string {
	if settings["kind"] == "roster" || settings["kind"] == "engagement" {
		return "zoom"
	}
	return ""
}

func (w *world) put(name, content string) {
	w.t.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, []byte(content), 0o600))
}

func (w *world) reader() *file.Reader {
	w.t.Helper()
	r, err := newReader(w)
	require.NoError(w.t, err)
	return r
}

func newReader(w *world) (*file.Reader, error) {
	return file.New(file.Options{
		Connection: w.conn, Lake: w.lake, Clock: w.clock,
		Config: &config.Config{File: filepath.Join(w.dir, "rightseat.yaml"), Workspace: w.dir, Organisation: config.Organisation{Timezone: w.zone, Currency: w.home}, MaxSetAside: w.setAside},
	})
}

func (w *world) read() extract.StreamResult {
	w.t.Helper()
	return w.request(extract.Request{RunID: "run"})
}

func (w *world) request(req extract.Request) extract.StreamResult {
	w.t.Helper()
	results, err := w.reader().Read(context.Background(), req)
	require.NoError(w.t, err)
	require.Len(w.t, results, 1)
	return results[0]
}

func (w *world) commits() []*lake.Commit {
	w.t.Helper()
	st, err := w.lake.Stream("uploads", w.conn.Settings["kind"].(string))
	require.NoError(w.t, err)
	commits, err := st.After(0)
	require.NoError(w.t, err)
	return commits
}

// lakeRow is a raw row as it stands in the lake.
type lakeRow struct {
	Seq          int64   `parquet:"seq"`
	RecordID     string  `parquet:"record_id"`
	EventAt      *int64  `parquet:"event_at,optional"`
	SnapshotID   *string `parquet:"snapshot_id,optional"`
	SnapshotDate *string `parquet:"snapshot_date,optional"`
	Source       string  `parquet:"source"`
	Issue        *string `parquet:"issue,optional"`
	Payload      string  `parquet:"payload"`
}

// rows are all rows of all commits.
func (w *world) rows() []lakeRow {
	w.t.Helper()
	st, err := w.lake.Stream("uploads", w.conn.Settings["kind"].(string))
	require.NoError(w.t, err)
	var all []lakeRow
	for _, c := range w.commits() {
		for _, f := range c.Files {
			rows, err := parquet.ReadFile[lakeRow](st.Path(f))
			require.NoError(w.t, err)
			all = append(all, rows...)
		}
	}
	return all
}

func (w *world) payloads() []map[string]any {
	w.t.Helper()
	var all []map[string]any
	for _, r := range w.rows() {
		var p map[string]any
		require.NoError(w.t, json.Unmarshal([]byte(r.Payload), &p))
		all = append(all, p)
	}
	return all
}

func TestReadsAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "org_chart", "path": "people-*.csv", "columns": map[string]any{"Email address": "email"}})
	w.put("people-2026-11-01.csv", "\uFEFFLast Name;first-name;Email address;TEAM;Start date;Shoe size\r\n"+
		"Ödegård;Åsa;asa@acme.example;Sales;2024-02-01;38\r\n"+
		"\"O\"\"Neil; Jr\";Pat;pat@acme.example;\"Two\nlines\";2024-02-01T10:00:00Z;\r\n")
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, extract.StreamComplete, res.State)
	assert.Equal(t, int64(2), res.Rows)
	assert.Equal(t, []map[string]any{
		{"last_name": "Ödegård", "first_name": "Åsa", "email": "asa@acme.example", "team": "Sales", "start_date": "2024-02-01", "Shoe size": "38"},
		{"last_name": "O\"Neil; Jr", "first_name": "Pat", "email": "pat@acme.example", "team": "Two\nlines", "start_date": "2024-02-01",
			"_raw": map[string]any{"start_date": "2024-02-01T10:00:00Z"}},
	}, w.payloads())
	commits := w.commits()
	require.Len(t, commits, 1)
	require.Len(t, commits[0].Snapshots, 1)
	assert.Equal(t, "2026-11-01", commits[0].Snapshots[0].Date)
	assert.Equal(t, int64(2), commits[0].Snapshots[0].Rows)
	assert.Equal(t, time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC), *commits[0].Watermark)

	again := w.read()
	require.NoError(t, again.Err)
	assert.Equal(t, extract.StreamComplete, again.State)
	assert.Zero(t, again.Rows)
	assert.Equal(t, *commits[0].Watermark, *again.Watermark)
	assert.Len(t, w.commits(), 1, "an unchanged file is not read twice")
}
