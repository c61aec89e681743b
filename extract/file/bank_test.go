package file_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"path/filepath"

	"github.com/rightseat/rightseat/extract"
)

// TestABankFileWithoutAPreset: constants, a sign, a header below a preamble, debit and credit, totals and remarks.
func TestABankFileWithoutAPreset(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{
		"kind": "spend", "path": "b.csv", "currency": "eur", "constants": map[string]any{"department": "IT"}, "header_row": 4,
		"columns":   map[string]any{"Booked": "date", "Text": "vendor", "Paid out": "debit", "Paid in": "credit", "Type": "-"},
		"leave_out": map[string]any{"Type": []any{"TRF"}},
	})
	w.put("b.csv", "Account;DE02\nFrom;2026-11-01\n\nBooked;Text;Paid out;Paid in;Type;Balance\n"+
		"2026-11-02;Zoom;149,90;;CRD;850,10;;\n"+
		"2026-11-03;Zoom;-1.020,00;0,00;CRD;-169,90\n"+
		"2026-11-04;Slack;;12,5;CRD;-157,40\n"+
		"2026-11-05;Savings;500,00;;TRF;-657,40\n"+
		"2026-11-06;Nothing;;;CRD;-657,40\n"+
		"Total:;;1.669,90;12,5;;\n"+
		"Saldo 20.11.2026;;;;;-657,40\n"+
		"Made for you by your bank\n")
	res := w.read()
	require.NoError(t, res.Err)
	good, left := summary(w)
	assert.Equal(t, []string{"2026-11-02 149.90 eur Zoom", "2026-11-03 1020.00 eur Zoom", "2026-11-04 -12.5 eur Slack"}, good)
	assert.Equal(t, map[string]int64{"left_out_rows": 1, "left_out_totals": 2, "left_out_remark": 1, "missing_amount": 1}, left)
	assert.Equal(t, "IT", w.payloads()[0]["department"])
	assert.Equal(t, int64(1), res.Issues)
	for _, f := range res.Findings {
		assert.Equal(t, "info", f.Severity, f.Sample)
	}
}

func TestAHeaderRowOfASheet(t *testing.T) {
	t.Parallel()
	for row, want := range map[any]string{3: "", "3": "", 4: "row 4, which settings.header_row names, is empty", 9: "has no"} {
		w := newWorld(t, map[string]any{"kind": "exempt", "path": "e.xlsx", "header_row": row})
		f := excelize.NewFile()
		for at, v := range map[string]string{"A1": "People who keep their licence", "A3": "email", "A5": "a@x"} {
			require.NoError(t, f.SetCellValue("Sheet1", at, v))
		}
		require.NoError(t, f.SaveAs(filepath.Join(w.dir, "e.xlsx")))
		require.NoError(t, f.Close())
		if err := w.read().Err; want == "" {
			require.NoError(t, err)
			assert.Equal(t, "a@x", w.payloads()[0]["email"])
		} else {
			assert.Error(t, err)
		}
	}
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "e.csv", "header_row": 7})
	w.put("e.csv", "email\na@x\n")
	assert.ErrorContains(t, w.read().Err, "has no line 7, which settings.header_row names")
}

// TestLinesWithoutAnId: equal lines of one file all count, a second export that overlaps adds only what is new, even when
// an earlier line was booked late and all balances moved, and settings that change keep the ids.
func TestLinesWithoutAnId(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "b*.csv", "currency": "USD"})
	w.put("b1.csv", "date,vendor,amount,Balance\n2026-11-02,Tram,2.50,97.50\n2026-11-02,Tram,2.50,95.00\n2026-11-03,Zoom,14.99,80.01\n")
	require.NoError(t, w.read().Err)
	ids := func() map[string]bool {
		all := map[string]bool{}
		for i, p := range w.payloads() {
			assert.Equal(t, w.rows()[i].RecordID, p["transaction_id"])
			all[w.rows()[i].RecordID] = true
		}
		return all
	}
	require.Len(t, ids(), 3)
	w.put("b2.csv", "Date;Vendor;Amount;balance\n2026-11-01;Late;1.00;99.00\n2026-11-02;Tram;2.50;96.50\n2026-11-02;Tram;2.50;94.00\n2026-11-03;Zoom;14.99;79.01\n2026-11-04;Miro;8.00;71.01\n")
	require.NoError(t, w.read().Err)
	assert.Len(t, ids(), 5)
	w.conn.Settings["sign"] = "charges_positive"
	require.NoError(t, w.read().Err)
	assert.Len(t, ids(), 5)
}

// TestChargesThatAreAllNegativeAreAskedAbout, by check and by every run, until the settings say what they mean.
func TestChargesThatAreAllNegativeAreAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "b*.csv"})
	head := "transaction_id,date,amount,currency,vendor\n"
	w.put("b1.csv", head+"1,2026-11-01,-10,USD,Zoom\n2,2026-11-02,-20.50,USD,Zoom\n3,2026-11-02,0.00,USD,Zoom\n")
	w.put("b2.csv", head+"4,2026-11-03,5,USD,Zoom\n")
	want := []extract.Finding{{Check: "negative_charges", Severity: "warning", Count: 1,
		Sample: "b*.csv: 2 of 3 amounts are negative and count as refunds; if that is how the bank writes charges, set sign: charges_negative, else sign: charges_positive"}}
	checked, err := w.reader().Check(t.Context())
	require.NoError(t, err)
	assert.Equal(t, want, checked[0].Findings)
	assert.Equal(t, want, w.read().Findings)
	assert.Equal(t, want, w.read().Findings)
	w.conn.Settings["sign"] = "charges_negative"
	res := w.read()
	require.NoError(t, res.Err)
	assert.Empty(t, res.Findings)
	p := w.payloads()
	assert.Equal(t, "10", p[4]["amount"])
	assert.Equal(t, map[string]any{"amount": "-10"}, p[4]["_raw"], "as the bank wrote it")
	w.conn.Settings["sign"] = "charges_positive"
	assert.Empty(t, w.read().Findings)

	few := newWorld(t, map[string]any{"kind": "spend", "path": "b.csv"})
	few.put("b.csv", head+"1,2026-11-01,10,USD,Zoom\n2,2026-11-02,-20.50,USD,Zoom\n")
	assert.Empty(t, few.read().Findings, "refunds beside charges are no news")
}
