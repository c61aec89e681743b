package file_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAMendedFileUnderTheSameName: what it had before still counts, which is told for as long as it is there.
func TestAMendedFileUnderTheSameName(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string][2]string{
		"without ids": {"date,amount,currency,vendor\n2026-10-01,100.00,EUR,Figma\n2026-10-02,5.00,EUR,Miro\n", "date,amount,currency,vendor\n2026-10-01,10.00,EUR,Figma\n2026-10-02,5.00,EUR,Miro\n"},
		"with ids": {"transaction_id,date,amount,currency,vendor\nx1,2026-10-02,100.00,EUR,Figma\nx2,2026-10-02,5.00,EUR,Miro\n",
			"transaction_id,date,amount,currency,vendor\nx2,2026-10-02,5.00,EUR,Miro\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]any{"kind": "spend", "path": "u/*.csv"})
			w.put("u/card.csv", texts[0])
			require.NoError(t, w.read().Err)
			w.put("u/card.csv", texts[1])
			for range 2 {
				res := w.read()
				require.NoError(t, res.Err)
				found := ""
				for _, f := range res.Findings {
					if f.Check == "lines_unsaid" {
						found = f.Sample
						assert.EqualValues(t, 1, f.Count)
					}
				}
				assert.Contains(t, found, "had 1 line between 2026-10-0")
				assert.Contains(t, found, ", 100.00 EUR; it still counts")
			}
		})
	}
}

// TestARollingExportUnderOneName loses no history, and nothing is said.
func TestARollingExportUnderOneName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "u/*.csv"})
	w.put("u/card.csv", "date,amount,currency,vendor\n2026-10-01,100.00,EUR,Figma\n2026-10-02,5.00,EUR,Miro\n")
	require.NoError(t, w.read().Err)
	w.put("u/card.csv", "date,amount,currency,vendor\n2026-10-02,5.00,EUR,Miro\n2026-10-03,7.00,EUR,Zoom\n")
	for _, f := range w.read().Findings {
		assert.NotEqual(t, "lines_unsaid", f.Check)
	}
}
