package load

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
)

var testNow = time.Date(2026, 11, 22, 3, 5, 0, 0, time.UTC)

// makeBuild writes a build database with testdata/build.sql and then more SQL, and gives its path.
func makeBuild(t testing.TB, workspace string, more ...string) string {
	t.Helper()
	path := filepath.Join(workspace, WarehouseDir, "build.duckdb")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	text, err := os.ReadFile("testdata/build.sql")
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(path))
	execAll(t, path, append([]string{string(text)}, more...)...)
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
