// Package staging_test runs the staging models of uploaded files on rows that the file
// connector really read.
package staging_test

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/lake"
	rightseatsql "github.com/rightseat/rightseat/sql"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const samples = "../../extract/file/testdata/staging"

// TestFileStaging reads a sample of every kind, runs the kind's staging model and compares
// the feed's rows, with their types, with what is expected.
func TestFileStaging(t *testing.T) {
	t.Parallel()
	for _, kind := range filekind.All() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			model, err := fs.ReadFile(rightseatsql.Files, "staging/file/"+kind.Name+".sql")
			require.NoError(t, err)
			feed, _, _ := strings.Cut(strings.TrimPrefix(string(model), "-- feed: "), "\n")
			assert.Equal(t, kind.Name, feed, "each kind of file feeds the feed of its name")
			assert.True(t, strings.Contains(string(model), "\n-- description: "), "the header describes the model")

			workspace := t.TempDir()
			store := read(t, workspace, kind.Name)
			db := open(t)
			createView(t, db, store, kind.Name)
			got := print(t, db, string(model))

			golden := filepath.Join(samples, kind.Name+".golden")
			if *update {
				require.NoError(t, os.WriteFile(golden, got, 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got))
		})
	}
}

// read lets the connector read the kind's sample into a lake.
func read(t *testing.T, workspace, kind string) *lake.Store {
	t.Helper()
	folder, err := filepath.Abs(samples)
	require.NoError(t, err)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	store := lake.Open(workspace)
	settings := map[string]any{"kind": kind, "path": kind + "*.[cj]s*"}
	if kind == "org_chart" {
		settings["columns"] = map[string]any{"E-mail": "email"}
	}
	r, err := file.New(file.Options{
		Connection: config.Connection{Name: "uploads", Connector: "file", App: "zoom", Settings: settings},
		Config:     &config.Config{File: filepath.Join(folder, "rightseat.yaml"), Organisation: config.Organisation{Timezone: berlin}},
		Lake:       store,
		Clock:      clock.NewSimulated(time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC)),
	})
	require.NoError(t, err)
	results, err := r.Read(context.Background(), extract.Request{RunID: "run"})
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.NoError(t, results[0].Err)
	return store
}

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

// createView gives the kind its raw view as the transform does: the good rows of whole snapshots.
func createView(t *testing.T, db *sql.DB, store *lake.Store, kind string) {
	t.Helper()
	st, err := store.Stream("uploads", kind)
	require.NoError(t, err)
	commits, err := st.After(0)
	require.NoError(t, err)
	var files, snapshots []string
	for _, c := range commits {
		for _, f := range c.Files {
			files = append(files, "'"+st.Path(f)+"'")
		}
		for _, s := range c.Snapshots {
			snapshots = append(snapshots, fmt.Sprintf("('%s', TIMESTAMP '%s')", s.ID, s.ReadAt.UTC().Format("2006-01-02 15:04:05.999999")))
		}
	}
	snapshots = append(snapshots, "(NULL, NULL)")
	exec := func(query string) {
		_, err := db.ExecContext(context.Background(), query)
		require.NoError(t, err, query)
	}
	exec("CREATE SCHEMA raw")
	exec(`CREATE VIEW raw.file__` + kind + ` AS
		SELECT r.connection, r.seq, r.record_id, r.event_at, r.snapshot_id, CAST(r.snapshot_date AS DATE) AS snapshot_date, s.read_at, r.source, r.payload
		FROM read_parquet([` + strings.Join(files, ", ") + `]) AS r
		LEFT JOIN (VALUES ` + strings.Join(snapshots, ", ") + `) AS s(id, read_at) ON s.id = r.snapshot_id
		WHERE r.issue IS NULL AND (r.snapshot_id IS NULL OR s.id IS NOT NULL)`)
}

// print runs a query and writes its columns with their types, then its rows.
func print(t *testing.T, db *sql.DB, query string) []byte {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "SELECT * FROM ("+query+") ORDER BY ALL")
	require.NoError(t, err)
	defer func() { assert.NoError(t, rows.Close()) }()
	types, err := rows.ColumnTypes()
	require.NoError(t, err)
	var out bytes.Buffer
	for n := 0; rows.Next(); n++ {
		values := make([]any, len(types))
		targets := make([]any, len(types))
		for i := range values {
			targets[i] = &values[i]
		}
		require.NoError(t, rows.Scan(targets...))
		fmt.Fprintf(&out, "row %d\n", n+1)
		for i, c := range types {
			if c.Name() != "snapshot_id" && values[i] != nil {
				fmt.Fprintf(&out, "  %s %s = %s\n", c.Name(), c.DatabaseTypeName(), text(values[i]))
			}
		}
	}
	require.NoError(t, rows.Err())
	return out.Bytes()
}

func text(v any) string {
	if at, ok := v.(time.Time); ok {
		return strings.TrimSuffix(at.UTC().Format("2006-01-02 15:04:05.999999"), " 00:00:00")
	}
	return fmt.Sprint(v)
}
