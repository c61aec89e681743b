package file_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// spent sums what a reader of the lake counts: the newest record of each id.
func (w *world) spent() (lines int, amounts map[string]int) {
	newest := map[string]map[string]any{}
	rows := w.rows()
	for i, p := range w.payloads() {
		if rows[i].Issue == nil {
			newest[rows[i].RecordID] = p
		}
	}
	amounts = map[string]int{}
	for _, p := range newest {
		amounts[p["amount"].(string)]++
	}
	return len(newest), amounts
}

const head = "date,amount,vendor\n"

// TestTwoCardsWithOneCharge: two people who pay the same to the same vendor on one day pay twice, also where their cards are files of one connection.
func TestTwoCardsWithOneCharge(t *testing.T) {
	t.Parallel()
	for name, rounds := range map[string]bool{"in one run": false, "in two": true} {
		w := newWorld(t, map[string]any{"kind": "spend", "path": "*.csv", "currency": "USD"})
		w.put("gold.csv", head+"2026-11-01,14.99,Zoom\n2026-11-02,20,Slack\n2026-11-03,7,Miro\n2026-11-04,1,Box\n")
		if rounds {
			require.NoError(t, w.read().Err)
		}
		w.put("plat.csv", head+"2026-11-01,14.99,Zoom\n2026-11-02,33,GitHub\n2026-11-03,9,Figma\n2026-11-05,1,Box\n")
		res := w.read()
		require.NoError(t, res.Err)
		lines, amounts := w.spent()
		assert.Equal(t, 8, lines, name)
		assert.Equal(t, 2, amounts["14.99"], name)
		assert.Contains(t, checksOf(res)["equal_lines_of_several_files"], "gold.csv", name)

		// A later export of the second card that overlaps the first one.
		w.put("plat2.csv", head+"2026-11-01,14.99,Zoom\n2026-11-02,33,GitHub\n2026-11-03,9,Figma\n2026-11-05,1,Box\n2026-11-06,2,Box\n")
		res = w.read()
		require.NoError(t, res.Err)
		lines, amounts = w.spent()
		assert.Equal(t, 9, lines, name)
		assert.Equal(t, 2, amounts["14.99"], name)
		assert.Contains(t, checksOf(res)["lines_of_several_files"], "plat.csv", name)

		// Read once more with other settings.
		w.conn.Settings["constants"] = map[string]any{"department": "IT"}
		require.NoError(t, w.read().Err)
		lines, _ = w.spent()
		assert.Equal(t, 9, lines, name)
	}
}

// TestAnExportThatOverlapsBringsOnlyWhatIsNew, late bookings among it, and lines whose text was changed meanwhile.
func TestAnExportThatOverlapsBringsOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "*.csv", "currency": "USD"})
	var october, both strings.Builder
	for day := 1; day <= 20; day++ {
		row := fmt.Sprintf("2026-10-%02d,%d,Zoom\n", day, day)
		october.WriteString(row)
		both.WriteString(row)
	}
	w.put("a.csv", head+october.String()+"2026-10-20,14.99,Tram\n2026-10-20,14.99,Tram\n")
	w.put("b.csv", head+both.String()+"2026-10-03,5.55,Late\n2026-10-20,14.99,Tram\n2026-10-20,14.99,Tram\n2026-10-20,14.99,Tram\n2026-10-25,1.11,New\n")
	res := w.read()
	require.NoError(t, res.Err)
	lines, amounts := w.spent()
	assert.Equal(t, 25, lines)
	assert.Equal(t, 3, amounts["14.99"])
	assert.Contains(t, checksOf(res)["lines_of_several_files"], "info: b.csv: has lines that a.csv has, too")
	assert.Empty(t, checksOf(res)["equal_lines_of_several_files"])
}

// TestIdsThatBeginAnewWithEachExport: line 1 of November is not line 1 of October, whether the file has another name or the same.
func TestIdsThatBeginAnewWithEachExport(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]string{"a file a month": "m2.csv", "one file, written anew": "m1.csv"} {
		w := newWorld(t, map[string]any{"kind": "spend", "path": "m*.csv", "currency": "USD"})
		w.put("m1.csv", "transaction_id,"+head+"1,2026-10-01,100,Zoom\n2,2026-10-02,20,Slack\n3,2026-10-03,5,Miro\n")
		require.NoError(t, w.read().Err)
		w.put(second, "transaction_id,"+head+"1,2026-11-01,100,Zoom\n2,2026-11-02,6,Box\n3,2026-11-03,7,Figma\n4,2026-11-04,8,Figma\n")
		res := w.read()
		require.NoError(t, res.Err)
		lines, amounts := w.spent()
		assert.Equal(t, 7, lines, name)
		assert.Equal(t, 2, amounts["100"], name)
		assert.Contains(t, checksOf(res)["ids_begin_anew"], `the id "1"`, name)

		w.conn.Settings["constants"] = map[string]any{"department": "IT"}
		require.NoError(t, w.read().Err)
		lines, _ = w.spent()
		assert.Equal(t, 7, lines, name+", read again")
	}
}

// TestLinesThatAreCorrected replace what they were, and are told where they hardly look the same.
func TestLinesThatAreCorrected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "m*.csv", "currency": "USD"})
	w.put("m1.csv", "transaction_id,"+head+"a,2026-10-01,100,PENDING ZOOM\nb,2026-10-02,20,Slack\nc,2026-10-03,5,Miro\nd,2025-10-04,9,Box\n")
	require.NoError(t, w.read().Err)
	w.put("m2.csv", "transaction_id,"+head+"a,2026-10-03,100.00,Zoom\nb,2026-10-02,25,Slack\nc,2026-10-03,5,Miro\nd,2026-10-04,9,Box\n")
	res := w.read()
	require.NoError(t, res.Err)
	lines, amounts := w.spent()
	assert.Equal(t, 4, lines)
	assert.Equal(t, map[string]int{"100.00": 1, "25": 1, "5": 1, "9": 1}, amounts)
	assert.Contains(t, checksOf(res)["lines_changed"], `the line "d" came before`)
	assert.Empty(t, checksOf(res)["ids_begin_anew"])

	// Dates that were read the wrong way round, and are now read the right way.
	w = newWorld(t, map[string]any{"kind": "spend", "path": "m*.csv", "currency": "USD", "date_format": "DD/MM/YYYY"})
	w.put("m1.csv", "transaction_id,"+head+"a,01/10/2026,100,Zoom\nb,02/10/2026,20,Slack\n")
	w.put("m2.csv", "transaction_id,"+head+"c,03/10/2026,100,Zoom\nd,04/10/2026,20,Slack\n")
	require.NoError(t, w.read().Err)
	w.conn.Settings["date_format"] = "MM/DD/YYYY"
	require.NoError(t, w.read().Err)
	lines, _ = w.spent()
	assert.Equal(t, 4, lines)
}
