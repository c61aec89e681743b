package file_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// BenchmarkWideWorkbook brings an org chart of 20,000 rows and 200 columns, most of which mean nothing to us, into the lake.
// A file of that size is read twice: once to see how its numbers and dates are written, once for its records.
func BenchmarkWideWorkbook(b *testing.B) {
	const rows, columns = 20_000, 200
	w := newWorld(b, map[string]any{"kind": "org_chart", "path": "wide.xlsx"})
	book := excelize.NewFile()
	sheet, err := book.NewStreamWriter("Sheet1")
	require.NoError(b, err)
	header := []any{"email", "last_name", "first_name", "team"}
	for c := len(header); c < columns; c++ {
		header = append(header, fmt.Sprintf("Column %d", c))
	}
	require.NoError(b, sheet.SetRow("A1", header))
	cells := make([]any, columns)
	for r := range rows {
		copy(cells, []any{fmt.Sprintf("p%d@acme.com", r), fmt.Sprintf("Name %d", r), "Ann", "Sales"})
		for c := 4; c < columns; c++ {
			cells[c] = r*columns + c
			if c%2 == 0 {
				cells[c] = fmt.Sprintf("text %d %d", c, r%50)
			}
		}
		require.NoError(b, sheet.SetRow(fmt.Sprintf("A%d", r+2), cells))
	}
	require.NoError(b, sheet.Flush())
	require.NoError(b, book.SaveAs(filepath.Join(w.dir, "wide.xlsx")))
	n := 0
	for b.Loop() {
		n++
		w.conn.Name = fmt.Sprintf("uploads%d", n) // has read nothing yet
		res := w.read()
		require.NoError(b, res.Err)
		require.EqualValues(b, rows, res.Rows)
	}
}
