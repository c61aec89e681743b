package file_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAnExportThatWordsItsLinesOtherwiseIsTold: the bank changed its texts, or its ids, and the next export overlaps the one before.
func TestAnExportThatWordsItsLinesOtherwiseIsTold(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		first, second string
		told          string
	}{
		"texts": {"date,amount,vendor\n2026-10-01,10,FIGMA\n2026-10-02,11,ZOOM\n2026-10-02,12,MIRO\n2026-10-20,12,MIRO\n",
			"date,amount,vendor\n2026-10-01,10.00,CARD 59 Figma\n2026-10-02,11.00,CARD 59 Zoom\n2026-10-02,12.00,CARD 59 Miro\n2026-11-02,12,CARD 59 Miro\n", "3 lines"},
		"ids": {"transaction_id,date,amount,vendor\n1,2026-10-01,10,FIGMA\n2,2026-10-02,11,ZOOM\n3,2026-10-02,12,MIRO\n",
			"transaction_id,date,amount,vendor\nT-1,2026-10-01,10,FIGMA\nT-2,2026-10-02,11,ZOOM\nT-3,2026-10-02,12,MIRO\n", "3 lines"},
		"headers": {"date,amount,vendor\n2026-10-01,10,FIGMA\n2026-10-02,11,ZOOM\n2026-10-02,12,MIRO\n",
			"date,amount,vendor,Branch\n2026-10-01,10,FIGMA,7\n2026-10-02,11,ZOOM,7\n2026-10-02,12,MIRO,7\n", "3 lines"},
		"the same": {"date,amount,vendor\n2026-10-01,10,FIGMA\n2026-10-02,11,ZOOM\n2026-10-02,12,MIRO\n",
			"date,amount,vendor\n2026-10-01,10,FIGMA\n2026-10-02,11,ZOOM\n2026-10-02,12,MIRO\n2026-10-03,12,MIRO\n", ""},
		"another card": {"date,amount,vendor\n2026-10-01,10,FIGMA\n2026-10-02,11,ZOOM\n2026-10-02,12,MIRO\n2026-10-02,13,MIRO\n2026-10-02,14,MIRO\n2026-10-01,15,MIRO\n",
			"date,amount,vendor\n2026-10-01,10,SLACK\n2026-10-02,11,LOOM\n2026-10-02,12,CANVA\n2026-10-02,99,CANVA\n", ""},
	} {
		w := newWorld(t, map[string]any{"kind": "spend", "path": "b-*.csv", "currency": "EUR"})
		w.put("b-1.csv", tc.first)
		require.NoError(t, w.read().Err)
		w.put("b-2.csv", tc.second)
		res := w.read()
		require.NoError(t, res.Err)
		found := checksOf(res)["lines_said_otherwise"]
		if tc.told == "" {
			assert.Empty(t, found, name)
			continue
		}
		assert.Contains(t, found, "warning: b-2.csv: "+tc.told+" in it have the days and amounts", name)

		one := newWorld(t, map[string]any{"kind": "spend", "path": "b-*.csv", "currency": "EUR"})
		one.put("b-1.csv", tc.first)
		one.put("b-2.csv", tc.second)
		assert.Contains(t, checksOf(one.read()), "lines_said_otherwise", name+", read at once")
	}
}
