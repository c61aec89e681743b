package transform_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCoreFolderIsOfThisBuild: a full build leaves no file of an older one, split otherwise, beside its own; and a table
// that is split by date has exactly its rows in its files after each night.
func TestCoreFolderIsOfThisBuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("cards", "spend")
	w.events("cards", "spend", "date", charge("a", 1, "10", "ZOOM.US", ""), charge("b", 20, "10", "ZOOM.US", ""))
	w.run(date(30))
	folder := filepath.Join(w.dir, "lake", "core", "spend")
	held := func() [][]string {
		return w.rows("SELECT transaction_id FROM read_parquet('" + folder + "/**/*.parquet') ORDER BY 1")
	}
	require.Equal(t, [][]string{{"a"}, {"b"}}, held())

	file := filepath.Join(folder, "transaction_date="+date(1), "data.parquet")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "data.parquet"), data, 0o600))
	w.refresh(date(30))
	require.Equal(t, [][]string{{"a"}, {"b"}}, held(), "the older build's file is gone")

	w.events("cards", "spend", "date", charge("a", 25, "10", "ZOOM.US", ""), charge("c", 30, "10", "ZOOM.US", ""))
	require.False(t, w.run(date(31)).FullRefresh)
	require.Equal(t, [][]string{{"a"}, {"b"}, {"c"}}, held(), "a moved line has left its old day")
	require.NoFileExists(t, file)
}
