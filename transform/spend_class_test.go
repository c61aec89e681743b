package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAirlinesAreNoSoftwareSpend: only what matched an app or a vendor of the catalogue is software; the rest is shown
// apart, what is probably none from what nobody knows.
func TestAirlinesAreNoSoftwareSpend(t *testing.T) {
	t.Parallel()
	lines := map[string][3]string{ // text: category, what it is, dollars
		"ZOOM.US 888-799-9666":       {"", "software", "10"},
		"MSFT * E0400ABC":            {"", "software", "20"},
		"LUFTHANSA 2201234567 KOELN": {"", "probably_not_software", "300"},
		"SHELL 4711 BERLIN":          {"", "probably_not_software", "40"},
		"NOTION CAFE BERKELEY":       {"", "probably_not_software", "5"},
		"HOTEL ADLON":                {"", "probably_not_software", "250"},
		"XQ HOLDINGS 4411":           {"Meals & Entertainment", "probably_not_software", "60"},
		"TRELLIS AND VINE":           {"Reisekosten", "probably_not_software", "7"},
		"QXYZ LABS INC":              {"", "unknown", "70"},
		"QXYZ OTHER INC":             {"Software", "unknown", "80"},
		"FIGMA":                      {"Travel", "software", "1"}, // what a feed's category says is no match's business
	}
	w := newWorld(t)
	w.only("core.spend", "reports.spend_by_class", "reports.spend_by_department", "reports.unmapped_spend")
	w.connect("cards", "spend")
	var rows []record
	for text, l := range lines {
		rows = append(rows, record{"transaction_id": fmt.Sprint(len(rows)), "date": "2026-03-01", "amount": l[2] + ".00", "currency": "USD", "vendor": text, "category": l[0]})
	}
	w.events("cards", "spend", "date", rows...)
	w.run("2026-03-31")
	var want [][]string
	for text, l := range lines {
		want = append(want, []string{text, l[1]})
	}
	requireRows(t, want, w.rows("SELECT vendor_text, spend_class FROM core.spend"))
	require.Equal(t, [][]string{{"probably_not_software", "662.00", "6"}, {"software", "31.00", "3"}, {"unknown", "150.00", "2"}},
		w.rows("SELECT spend_class, amount, transactions FROM reports.spend_by_class ORDER BY 1"))
	require.Equal(t, w.rows("SELECT spend_class, sum(amount) FROM reports.spend_by_class GROUP BY ALL ORDER BY 1"),
		w.rows("SELECT spend_class, sum(amount) FROM reports.spend_by_department GROUP BY ALL ORDER BY 1"), "one number")
	require.Equal(t, [][]string{{"0"}}, w.rows("SELECT count(*) FROM reports.unmapped_spend WHERE spend_class = 'software' AND reason <> 'vendor_known'"))
}
