package file_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// TestEveryFormatGivesTheSameRecords writes the same accounts as CSV, JSON lines, Parquet and
// XLSX; what lands differs only in the cells' own notation.
func TestEveryFormatGivesTheSameRecords(t *testing.T) {
	t.Parallel()
	created := time.Date(2024, time.January, 2, 3, 4, 5, 0, time.UTC)
	want := map[string]any{
		"snapshot_date": "2026-11-01", "email": "ann@acme.example", "account_id": "9007199254740993", "tier": "Pro", "created_at": "2024-01-02T03:04:05Z",
	}
	for format, write := range map[string]func(t *testing.T, w *world){
		"csv": func(t *testing.T, w *world) {
			w.put("accounts.csv", "Snapshot date,Email,Account-ID,tier,created at,Seats\n2026-11-01,ann@acme.example,9007199254740993,Pro,2024-01-02 03:04:05,7\n")
		},
		"jsonl": func(t *testing.T, w *world) {
			w.put("accounts.jsonl", `{"snapshot_date":"2026-11-01","email":"ann@acme.example","account_id":9007199254740993,"tier":"Pro","created_at":"2024-01-02T03:04:05Z","Seats":7}`)
		},
		"parquet": func(t *testing.T, w *world) {
			type account struct {
				Day     int32  `parquet:"snapshot_date,date"`
				Email   string `parquet:"EMAIL"`
				ID      int64  `parquet:"account_id"`
				Tier    string `parquet:"tier"`
				Created int64  `parquet:"created_at,timestamp(millisecond:local)"`
				Seats   int32  `parquet:"Seats"`
			}
			require.NoError(t, parquet.WriteFile(filepath.Join(w.dir, "accounts.parquet"), []account{
				{Day: 20758, Email: "ann@acme.example", ID: 9007199254740993, Tier: "Pro", Created: created.UnixMilli(), Seats: 7},
			}))
		},
		"xlsx": func(t *testing.T, w *world) {
			f := excelize.NewFile()
			for axis, v := range map[string]any{
				"A1": "Snapshot date", "B1": "Email", "C1": "Account ID", "D1": "Tier", "E1": "Created at", "F1": "Seats",
				"A2": time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC), "B2": "ann@acme.example", "C2": "9007199254740993", "D2": "Pro", "E2": created, "F2": 7,
			} {
				require.NoError(t, f.SetCellValue("Sheet1", axis, v))
			}
			require.NoError(t, f.SaveAs(filepath.Join(w.dir, "accounts.xlsx")))
			require.NoError(t, f.Close())
		},
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]any{"kind": "roster", "path": "accounts.*"})
			write(t, w)
			res := w.read()
			require.NoError(t, res.Err)
			assert.Empty(t, issuesOf(w))
			payloads := w.payloads()
			require.Len(t, payloads, 1)
			assert.Contains(t, []any{"7", 7.0}, payloads[0]["Seats"], "further columns stay as they are")
			delete(payloads[0], "Seats")
			delete(payloads[0], "_raw")
			assert.Equal(t, want, payloads[0])
			require.Len(t, w.snapshots(), 1)
			assert.Contains(t, w.snapshots()[0], "2026-11-01 1 accounts.")

			checked, err := w.reader().Check(t.Context())
			require.NoError(t, err)
			require.NoError(t, checked[0].Err)
		})
	}
}

func TestSheetRowsAreNamedByTheirRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "e.xlsx"})
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"email", "note"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A2", &[]any{45000, "a number is no address"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A3", &[]any{"a@x", nil}))
	require.NoError(t, f.SaveAs(filepath.Join(w.dir, "e.xlsx")))
	require.NoError(t, f.Close())
	require.NoError(t, w.read().Err)
	assert.Equal(t, []string{`e.xlsx row 2, column email: not an e-mail address: "45000"`}, issuesOf(w))
}
