package file_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// book writes a workbook of one sheet.
func (w *world) book(name string, rows [][]any, change func(f *excelize.File)) {
	w.t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		require.NoError(w.t, err)
		require.NoError(w.t, f.SetSheetRow("Sheet1", at, &row))
	}
	if change != nil {
		change(f)
	}
	require.NoError(w.t, f.SaveAs(filepath.Join(w.dir, name)))
	require.NoError(w.t, f.Close())
}

// TestWhatNobodySeesInASheetIsTold: rows that a filter hides, cells that are one over several rows, formulas that were never computed.
func TestWhatNobodySeesInASheetIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "org_chart", "path": "p-2026-11-20.xlsx"})
	w.book("p-2026-11-20.xlsx", [][]any{
		{"email", "last_name", "first_name", "team", "location"}, {"a@x", "A", "A", "Sales", "Oslo"}, {"b@x", "B", "B", nil, "Oslo"}, {"c@x", "C", "C", "IT", nil}, {"d@x", "D", "D", "IT_x000D_", "Oslo_x000D_\nNord"},
	}, func(f *excelize.File) {
		require.NoError(t, f.MergeCell("Sheet1", "D2", "D3"))
		require.NoError(t, f.SetRowVisible("Sheet1", 4, false))
		require.NoError(t, f.SetCellFormula("Sheet1", "E4", `"Ber"&"gen"`))
	})
	res := w.read()
	require.NoError(t, res.Err)
	found := checksOf(res)
	assert.Contains(t, found["merged_cells"], "warning: p-2026-11-20.xlsx: the cells D2:D3 are merged")
	assert.Contains(t, found["hidden_rows"], "row 4 is hidden (1 row in all)")
	assert.Contains(t, found["bad_location"], "the file has no value for it")
	assert.Equal(t, []any{"Sales", nil, "IT", "IT"}, w.column("team"))
	assert.NotContains(t, w.column("location")[3], "_x000D_")
	assert.Len(t, w.column("email"), 4, "hidden rows count")
}

// TestNumbersAsASheetShowsThem: 25 % is 25, a price in euros is one, an id is no fraction and no power of ten.
func TestNumbersAsASheetShowsThem(t *testing.T) {
	t.Parallel()
	style := func(f *excelize.File, code, from, to string) {
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
		require.NoError(t, err)
		require.NoError(t, f.SetCellStyle("Sheet1", from, to, id))
	}
	w := newWorld(t, map[string]any{"kind": "allocations", "path": "a.xlsx"})
	w.book("a.xlsx", [][]any{{"app", "team", "percent"}, {"zoom", "IT", 0.25}, {"zoom", "Sales", 0.07}, {"zoom", "HR", 68}}, func(f *excelize.File) { style(f, "0.0%", "C2", "C3") })
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"25", "7", "68"}, w.column("percent"))

	w = newWorld(t, map[string]any{"kind": "contracts", "path": "c.xlsx"})
	w.book("c.xlsx", [][]any{
		{"contract_id", "vendor", "start_date", "end_date", "licences", "unit_price", "currency"},
		{"A", "Zoom", "2026-01-01", "2026-12-31", 5, 10, nil}, {"B", "Zoom", "2026-01-01", "2026-12-31", 5, 10, "USD"}, {"C", "Zoom", "2026-01-01", "2026-12-31", 5, 10, "USD"},
	}, func(f *excelize.File) {
		style(f, "#,##0.00 [$€-407]", "F2", "F3")
		style(f, `"$"#,##0.00`, "F4", "F4")
	})
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []any{"EUR", "USD", "USD"}, w.column("currency"))
	assert.Equal(t, []any{"10", nil, "10"}, w.column("unit_price"))
	assert.Contains(t, checksOf(res)["bad_unit_price"], "the amount is in EUR, the row in USD")

	w = newWorld(t, map[string]any{"kind": "roster", "path": "r-2026-11-20.xlsx"})
	w.book("r-2026-11-20.xlsx", [][]any{{"email", "account_id"}, {"a@x", 123}, {"b@x", 1e7}, {"c@x", 1234567890123456789.0}}, nil)
	res = w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []any{"123", "10000000", nil}, w.column("account_id"))
	assert.Contains(t, checksOf(res)["bad_account_id"], "cut this number short")
}
