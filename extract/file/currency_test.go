package file_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestACurrencyThatStandsElsewhereIsHeeded: in the header above an amount, or under a header of its own that nobody mapped.
func TestACurrencyThatStandsElsewhereIsHeeded(t *testing.T) {
	t.Parallel()
	for header, counts := range map[string]bool{
		"Amount (EUR)": true, "amount_eur": true, "Betrag in €": true, "Amount": true, "Amount (all)": true, "Amount USD/EUR": true,
		"Amount (USD)": false, "amount_usd": false, "Amount in $": false, "Montant £": false, "AmountUSD": false,
	} {
		w := newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR", "columns": map[string]any{header: "amount"}})
		w.put("c.csv", "date,vendor,"+header+"\n2026-11-01,Zoom,5\n")
		w.read()
		if counts {
			assert.Equal(t, []any{"EUR"}, w.column("currency"), header)
			continue
		}
		assert.Empty(t, w.column("currency"), header)
		assert.Contains(t, strings.Join(issuesOf(w), " "), "the row in EUR", header)
	}
	w := newWorld(t, map[string]any{"kind": "contracts", "path": "c.csv", "columns": map[string]any{"Price (USD)": "unit_price"}})
	w.put("c.csv", "contract_id,vendor,start_date,end_date,licences,Price (USD)\nA,Zoom,2026-01-01,2026-12-31,5,10\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"USD"}, w.column("currency"))

	for head, told := range map[string]bool{"Transaction Currency": true, "Devise": true, "Foreign Currency": false, "Original currency": false, "Currency rate": false} {
		w := newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR"})
		w.put("c.csv", "date,amount,vendor,"+head+"\n2026-11-01,5,Zoom,USD\n")
		found := checksOf(w.read())["column_not_used"]
		assert.Equal(t, told, strings.Contains(found, "all amounts count as in the currency that the settings say"), head+": "+found)
	}
}

// TestAPriceWithASignThatIsNotOurs: $20 in a list of contracts without currencies is no price of an organisation that counts in euros.
func TestAPriceWithASignThatIsNotOurs(t *testing.T) {
	t.Parallel()
	for home, prices := range map[string][]any{"EUR": {nil, "10", "20", "30", nil}, "USD": {"20", "10", "20", "30", nil}, "GBP": {nil, "10", "20", "30", "5"}} {
		w := newWorld(t, map[string]any{"kind": "contracts", "path": "c.csv"})
		w.home = home
		head := "contract_id,vendor,start_date,end_date,licences,unit_price\n"
		w.put("c.csv", head+"A,Zoom,2026-01-01,2026-12-31,5,$20\nB,Zoom,2026-01-01,2026-12-31,5,10\nC,Zoom,2026-01-01,2026-12-31,5,US$20\nD,Zoom,2026-01-01,2026-12-31,5,€30\nE,Zoom,2026-01-01,2026-12-31,5,£5\n")
		res := w.read()
		require.NoError(t, res.Err)
		assert.Equal(t, prices, w.column("unit_price"), home)
		assert.Contains(t, checksOf(res)["bad_unit_price"], "nothing says which currency it is in", home)
	}
}

// TestAmountsInCentsAreTold: 10050 under amount_cents is not 10,050.
func TestAmountsInCentsAreTold(t *testing.T) {
	t.Parallel()
	for header, told := range map[string]bool{"amount_cents": true, "Amount (in minor units)": true, "Betrag (Tsd.)": true, "Amount": false, "Percent amount": false} {
		w := newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR", "columns": map[string]any{header: "amount"}})
		w.put("c.csv", "date,vendor,"+header+"\n2026-11-01,Zoom,10050\n")
		assert.Equal(t, told, checksOf(w.read())["amounts_in_parts"] != "", header)
	}
}
