package file

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// BenchmarkWideSheet reads a sheet of 200 columns, half numbers and half texts: what an export of everything looks like.
func BenchmarkWideSheet(b *testing.B) {
	const rows, columns = 2000, 200
	path := filepath.Join(b.TempDir(), "wide.xlsx")
	book := excelize.NewFile()
	w, err := book.NewStreamWriter("Sheet1")
	require.NoError(b, err)
	cells := make([]any, columns)
	for r := range rows + 1 {
		for c := range cells {
			cells[c] = r*columns + c
			if r == 0 || c%2 == 0 {
				cells[c] = "text " + string(rune('a'+c%26)) + string(rune('a'+c/26))
			}
		}
		at, err := excelize.CoordinatesToCellName(1, r+1)
		require.NoError(b, err)
		require.NoError(b, w.SetRow(at, cells))
	}
	require.NoError(b, w.Flush())
	require.NoError(b, book.SaveAs(path))
	b.SetBytes(rows * columns)
	for b.Loop() {
		f, err := os.Open(path)
		require.NoError(b, err)
		t, err := openXLSX(f, "", headerAt{})
		require.NoError(b, err)
		n := 0
		for {
			if _, err := t.next(); err != nil {
				break
			}
			n++
		}
		require.Equal(b, rows, n)
		require.NoError(b, t.Close())
	}
}
