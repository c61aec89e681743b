package file

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{
		"people-2026-11-02.csv", "people-2026-11-01.csv", "people.xlsx", ".people-hidden.csv", "~$people-open.csv",
		"a/x.csv", "a/b/x.csv", "a/b/c/y.csv", "a/.git/x.csv", "z/x.csv",
		"people-3.csv.crdownload", "people-4.csv.part", "people-_SUCCESS", "s/_SUCCESS", "s/.part-0.parquet.crc", "s/part-0.parquet", "s/part-0.parquet.crc",
		"s/.DS_Store", "s/Thumbs.db", "s/_committed_123", "s/__MACOSX/x", "s/.~lock.x.csv#", "s/x.csv~",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "people-folder.csv"), 0o755))
	for pattern, want := range map[string][]string{
		"people-*.csv":       {"people-2026-11-01.csv", "people-2026-11-02.csv"},
		"./people.xlsx":      {"people.xlsx"},
		"people-2026-11-0?*": {"people-2026-11-01.csv", "people-2026-11-02.csv"},
		"*/x.csv":            {"a/x.csv", "z/x.csv"},
		"**/x.csv":           {"a/b/x.csv", "a/x.csv", "z/x.csv"},
		"a/**/*.csv":         {"a/b/c/y.csv", "a/b/x.csv", "a/x.csv"},
		"a/**":               {"a/b/c/y.csv", "a/b/x.csv", "a/x.csv"},
		".people*":           {".people-hidden.csv"},
		"s/*":                {"s/part-0.parquet"},
		"s/**":               {"s/part-0.parquet"},
		"people-*.part":      {"people-4.csv.part"},
		"s/_SUCCESS":         {"s/_SUCCESS"},
		"none/*.csv":         {},
		"people.xlsx/*":      {},
	} {
		got, err := expand(dir, pattern)
		require.NoError(t, err, pattern)
		assert.Equal(t, want, got, pattern)
	}
	absolute, err := expand("", filepath.ToSlash(filepath.Join(dir, "a", "*.csv")))
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.ToSlash(filepath.Join(dir, "a", "x.csv"))}, absolute)
	_, err = expand(dir, "people-[.csv")
	assert.ErrorContains(t, err, "bad pattern")
}
