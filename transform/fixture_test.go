package transform_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/secret"
	rightsql "github.com/rightseat/rightseat/sql"
	"github.com/rightseat/rightseat/transform"
)

// world is a workspace whose lake a test fills in the shape of the file connector.
type world struct {
	t      testing.TB
	dir    string
	lake   *lake.Store
	config *config.Config
	health []transform.StreamHealth
	seq    int
	// reclaim is what the connector of a connection can do about seats.
	reclaim map[string][]string
	sql     fs.FS
	now     time.Time // of the commits; zero: the time of their newest row, or of the commit before
	last    time.Time // of the commits so far
	// shuffle, when set, is asked to bring the rows of a delivery into another order.
	shuffle func(rows []record)
	// built is open for the questions between two runs.
	built *sql.DB
}

func newWorld(t testing.TB) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{
		t: t, dir: dir, lake: lake.Open(dir), sql: rightsql.Files,
		config: &config.Config{
			Workspace:    dir,
			Organisation: config.Organisation{Name: "Acme", Timezone: time.UTC, Currency: "USD", FiscalYearStart: 1},
			Rightsizing:  config.Rightsizing{InactiveDays: 30, NewUserDays: 60, BufferPercent: 10, LicenceStep: 1},
			Resources:    config.Resources{Memory: "1GB", Threads: 1},
			Secrets:      &secret.Redactor{},
		},
	}
	t.Cleanup(w.close)
	return w
}

// close gives the build file back, to be written or removed.
func (w *world) close() {
	if w.built != nil {
		require.NoError(w.t, w.built.Close())
		w.built = nil
	}
}

// connect adds a file connection of a kind.
func (w *world) connect(name, kind string, change ...func(*config.Connection)) {
	c := config.Connection{Name: name, Connector: "file", Settings: map[string]any{"kind": kind, "path": name + ".csv"}}
	for _, f := range change {
		f(&c)
	}
	w.config.Connections = append(w.config.Connections, c)
}

func idp(name string) func(*config.Connection) {
	return func(c *config.Connection) { c.Settings["idp"] = name }
}

func disconnected(date string) func(*config.Connection) {
	return func(c *config.Connection) { c.DisconnectedOn = date }
}

type connection = config.Connection

// record is one row of a file, by column.
type record map[string]any

// events lands rows of an event kind. at names the column with the time or date.
func (w *world) events(connection, kind, at string, rows ...record) {
	w.t.Helper()
	b := w.begin(connection, kind)
	var newest time.Time
	for i, r := range w.ordered(rows) {
		when := parseTime(w.t, r[at])
		if when.After(newest) {
			newest = when
		}
		id, _ := r["event_id"].(string)
		if id == "" {
			id, _ = r["transaction_id"].(string)
		}
		if id == "" {
			id = fmt.Sprintf("%s-%d-%d", connection, w.seq, i)
		}
		require.NoError(w.t, b.Append(lake.Row{RecordID: id, EventAt: when, ExtractedAt: when, Source: connection + ".csv", Payload: payload(w.t, r)}))
	}
	commit := lake.Commit{RunID: "test", Connector: "file", CommittedAt: w.committed(newest), State: lake.Complete}
	if !newest.IsZero() {
		commit.Watermark = &newest
	}
	_, err := b.Commit(commit)
	require.NoError(w.t, err)
}

// snapshot lands one whole snapshot of a snapshot kind.
func (w *world) snapshot(connection, kind, date string, rows ...record) {
	w.t.Helper()
	b := w.begin(connection, kind)
	w.seq++
	id := fmt.Sprintf("%s-%s-%d", connection, date, w.seq)
	read := parseTime(w.t, date).Add(time.Duration(w.seq) * time.Second)
	for i, r := range w.ordered(rows) {
		require.NoError(w.t, b.Append(lake.Row{RecordID: fmt.Sprint(i), SnapshotID: id, SnapshotDate: date, ExtractedAt: read, Source: connection + ".csv", Payload: payload(w.t, r)}))
	}
	mark := parseTime(w.t, date)
	_, err := b.Commit(lake.Commit{RunID: "test", Connector: "file", CommittedAt: w.committed(read), State: lake.Complete, Watermark: &mark,
		Snapshots: []lake.Snapshot{{ID: id, Date: date, ReadAt: read, Rows: int64(len(rows)), Source: connection + ".csv"}}})
	require.NoError(w.t, err)
}

// ordered gives the rows in the order of the delivery. Of rows with the same id the last one counts, so
// where there are such, the order is kept.
func (w *world) ordered(rows []record) []record {
	ids := map[any]bool{}
	for _, r := range rows {
		if id := r["event_id"]; id != nil {
			ids[id] = true
		}
	}
	if w.shuffle == nil || len(ids) > 0 && len(ids) < len(rows) {
		return rows
	}
	rows = slices.Clone(rows)
	w.shuffle(rows)
	return rows
}

// committed is when what was delivered now is committed: commits follow each other in time, whatever they speak of.
func (w *world) committed(newest time.Time) time.Time {
	if w.now.IsZero() {
		if newest.After(w.last) {
			w.last = newest
		}
		return w.last
	}
	return w.now
}

func (w *world) begin(connection, kind string) *lake.Batch {
	w.t.Helper()
	w.seq++
	st, err := w.lake.Stream(connection, kind)
	require.NoError(w.t, err)
	b, err := st.Begin()
	require.NoError(w.t, err)
	return b
}

func payload(t testing.TB, r record) []byte {
	t.Helper()
	p, err := json.Marshal(r)
	require.NoError(t, err)
	return p
}

func parseTime(t testing.TB, v any) time.Time {
	t.Helper()
	s, ok := v.(string)
	require.True(t, ok, "time %v", v)
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if when, err := time.Parse(layout, s); err == nil {
			return when.UTC()
		}
	}
	require.Fail(t, "not a time", s)
	return time.Time{}
}

func (w *world) options(asOf string) transform.Options {
	w.close()
	connectors := map[string]transform.Connector{}
	for _, c := range w.config.Connections {
		connectors[c.Name] = transform.Connector{Name: "file", Class: "own", Reclaim: w.reclaim[c.Name]}
	}
	return transform.Options{
		Config: w.config, Lake: w.lake, BuildPath: filepath.Join(w.dir, "warehouse", "build.duckdb"), AsOf: asOf, CorePath: filepath.Join(w.dir, "lake", "core"),
		RunID: "run", Now: parseTime(w.t, asOf).Add(6 * time.Hour), Connectors: connectors, Health: w.health, SQL: w.sql,
		Staging: []transform.StagingDir{{Connector: "file", FS: rightsql.Files, Dir: "staging/file"}},
	}
}

func (w *world) run(asOf string) *transform.Result {
	w.t.Helper()
	res, err := transform.Run(context.Background(), w.options(asOf))
	require.NoError(w.t, err)
	return res
}

func (w *world) refresh(asOf string) *transform.Result {
	w.t.Helper()
	o := w.options(asOf)
	o.FullRefresh = true
	res, err := transform.Run(context.Background(), o)
	require.NoError(w.t, err)
	return res
}

// rows runs a query on the build file; values come back as text, NULL as "–".
func (w *world) rows(text string, args ...any) [][]string {
	w.t.Helper()
	if w.built == nil {
		var err error
		w.built, err = sql.Open("duckdb", filepath.Join(w.dir, "warehouse", "build.duckdb")+"?access_mode=READ_ONLY")
		require.NoError(w.t, err)
	}
	return query(w.t, w.built, text, args...)
}

func queryFile(t testing.TB, path, text string, args ...any) [][]string {
	t.Helper()
	db, err := sql.Open("duckdb", path+"?access_mode=READ_ONLY")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	return query(t, db, text, args...)
}

func query(t testing.TB, db *sql.DB, text string, args ...any) [][]string {
	t.Helper()
	rows, err := db.Query("SELECT COLUMNS(*)::VARCHAR FROM ("+text+")", args...)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	out := [][]string{}
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		require.NoError(t, rows.Scan(into...))
		line := make([]string, len(columns))
		for i, c := range cells {
			line[i] = "–"
			if c.Valid {
				line[i] = c.String
			}
		}
		out = append(out, line)
	}
	require.NoError(t, rows.Err())
	return out
}

func transformRun(o transform.Options) (*transform.Result, error) {
	return transform.Run(context.Background(), o)
}
