package load

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go/format"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
)

func TestReadFooterOfDamagedFiles(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"empty":                      "",
		"short":                      "PAR1",
		"another format":             "PAR1 these are words PARX",
		"a footer beyond the file":   "PAR1\xff\x00\x00\x00PAR1",
		"a footer before the start":  "PAR1\x04\x00\x00\x00PAR1",
		"a length beyond all reason": "PAR1\xff\xff\xff\xffPAR1",
		"no footer but noise":        "PAR1\xff\xff\xff\xff\xff\xff\xff\xff\x08\x00\x00\x00PAR1",
	} {
		path := filepath.Join(t.TempDir(), "x.parquet")
		require.NoError(t, os.WriteFile(path, []byte(data), 0o644))
		f, err := os.Open(path)
		require.NoError(t, err)
		_, _, err = readFooter(f)
		require.Error(t, err, name)
		require.NoError(t, f.Close())
	}
}

// TestFootersOfTheEngine: where DuckDB says that row groups begin is what parts are found by.
func TestFootersOfTheEngine(t *testing.T) {
	t.Parallel()
	db, err := duck.Open(t.Context(), "", duck.Options{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	path := filepath.Join(t.TempDir(), "x.parquet")
	require.NoError(t, writeParquet(t.Context(), db, path, "SELECT i, 'text ' || i % 100 AS t FROM range(300_000) AS r (i)"))
	f, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	footer, at, err := readFooter(f)
	require.NoError(t, err)
	require.Len(t, footer.RowGroups, 3)
	for _, g := range footer.RowGroups {
		for _, c := range g.Columns {
			assert.Zero(t, c.MetaData.BloomFilterOffset, "it would lie behind the row groups")
			assert.Zero(t, c.ColumnIndexOffset, "it would lie behind the row groups")
		}
	}
	all, rows := groupsIn(footer, span{Offset: 4, Length: at - 4})
	assert.Len(t, all, 3)
	assert.EqualValues(t, 300_000, rows)
	second := footer.RowGroups[1]
	one, rows := groupsIn(footer, span{Offset: second.FileOffset, Length: second.TotalCompressedSize})
	assert.Equal(t, []format.RowGroup{second}, one)
	assert.EqualValues(t, rowGroup, rows)

	moved := shifted(second, 1000, 7)
	assert.Equal(t, second.FileOffset+1000, moved.FileOffset)
	assert.EqualValues(t, 7, moved.Ordinal)
	for i, c := range second.Columns {
		assert.Equal(t, c.MetaData.DataPageOffset+1000, moved.Columns[i].MetaData.DataPageOffset)
		if c.MetaData.DictionaryPageOffset > 0 {
			assert.Equal(t, c.MetaData.DictionaryPageOffset+1000, moved.Columns[i].MetaData.DictionaryPageOffset)
		} else {
			assert.Zero(t, moved.Columns[i].MetaData.DictionaryPageOffset, "no dictionary stays none")
		}
	}
}
