package file_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/rightseat/rightseat/extract"
)

// TestAnUnusedHeaderMayStandTwice: only where a column is taken from it does anybody have to decide.
func TestAnUnusedHeaderMayStandTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "e.csv"})
	w.put("e.csv", "email,Note,note,Note\na@x,1,2,3\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []map[string]any{{"email": "a@x", "Note": "1", "note (2)": "2", "Note (3)": "3"}}, w.payloads())

	w = newWorld(t, map[string]any{"kind": "exempt", "path": "e.csv"})
	w.put("e.csv", "Email,email\na@x,b@x\n")
	require.ErrorContains(t, w.read().Err, `set columns: {"email (2)": email}`)
	w.conn.Settings["columns"] = map[string]any{"email (2)": "email"}
	require.NoError(t, w.read().Err)
	assert.Equal(t, "b@x", w.payloads()[0]["email"])
}

// TestWhatIsNotReadOfAWorkbookIsToldByEveryRun, the first and those that find nothing new, and by check.
func TestWhatIsNotReadOfAWorkbookIsToldByEveryRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "*.xlsx"})
	for _, name := range []string{"a.xlsx", "b.xlsx"} {
		f := excelize.NewFile()
		require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"email"}))
		_, err := f.NewSheet("More")
		require.NoError(t, err)
		require.NoError(t, f.SaveAs(filepath.Join(w.dir, name)))
		require.NoError(t, f.Close())
	}
	want := []extract.Finding{{Check: "sheets_not_read", Severity: "warning", Count: 2,
		Sample: `a.xlsx: read is sheet "Sheet1", not "More"; settings.sheet names the one to read`}}
	checked, err := w.reader().Check(t.Context())
	require.NoError(t, err)
	assert.Equal(t, want, checked[0].Findings)
	assert.Equal(t, want, w.read().Findings)
	assert.Equal(t, want, w.read().Findings)
	w.conn.Settings["sheet"] = "Sheet1"
	assert.Empty(t, w.read().Findings)
}
