package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
)

var testNow = time.Date(2026, 11, 22, 3, 5, 0, 0, time.UTC)

// builtOnce is testdata/build.sql as a database file, made once.
var builtOnce = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "build")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	text, err := os.ReadFile("testdata/build.sql")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "build.duckdb")
	db, err := duck.Open(context.Background(), path, duck.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	_, err = db.Exec(string(text))
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// makeBuild puts the build database into the workspace, runs more SQL on it and gives its path.
func makeBuild(t testing.TB, workspace string, more ...string) string {
	t.Helper()
	path := filepath.Join(workspace, WarehouseDir, "build.duckdb")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	data, err := builtOnce()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, data, 0o644))
	if len(more) > 0 {
		execAll(t, path, more...)
	}
	return path
}

func execAll(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := duck.Open(t.Context(), path, duck.Options{Threads: 1})
	require.NoError(t, err)
	for _, s := range statements {
		_, err := db.ExecContext(t.Context(), s)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
}

func options(workspace, build, run string) Options {
	return Options{Workspace: workspace, BuildPath: build, RunID: run, Now: testNow, Organisation: "Acme <Ltd>", Currency: "USD"}
}

func TestPublishWritesEverything(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	result, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	if dir := os.Getenv("RIGHTSEAT_KEEP_EXPORTS"); dir != "" {
		require.NoError(t, os.CopyFS(dir, os.DirFS(result.Exports)))
	}
	require.FileExists(t, result.Warehouse)
	require.FileExists(t, result.Page)
	require.FileExists(t, result.Workbook)
}
