package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFractionsOfACentAreAddedUpBeforeTheyAreRounded: prices of an event and charges of fractions of a cent, as clouds bill them, come
// to what they come to.
func TestFractionsOfACentAreAddedUpBeforeTheyAreRounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("cloud", "spend")
	w.connect("paper", "contracts")
	w.connect("rates", "fx_rates")
	w.snapshot("rates", "fx_rates", "2026-01-01", record{"date": "2026-01-01", "currency": "IDR", "rate": "0.0000609375"})
	var rows []record
	for i := range 1000 {
		rows = append(rows,
			record{"transaction_id": fmt.Sprint("half", i), "date": "2026-02-01", "amount": "0.005", "currency": "USD", "vendor": "ZOOM"},
			record{"transaction_id": fmt.Sprint("tiny", i), "date": "2026-02-01", "amount": "0.0000004", "currency": "USD", "vendor": "SLACK"},
			record{"transaction_id": fmt.Sprint("far", i), "date": "2026-02-01", "amount": "100", "currency": "IDR", "vendor": "FIGMA"},
			record{"transaction_id": fmt.Sprint("free", i), "date": "2026-02-01", "amount": "0.004", "currency": "USD", "vendor": "QWXYZ NOBODY"})
	}
	w.events("cloud", "spend", "date", rows...)
	w.snapshot("paper", "contracts", "2026-01-01",
		purchase("events", "1", "Twilio", "2026-01-01", "2026-12-31", "1000000", "unit_price", "0.00125"),
		purchase("seats", "1", "Slack", "2026-01-01", "2026-12-31", "1000", "unit_price", "12.34567"),
		purchase("far", "1", "Figma", "2026-01-01", "2026-12-31", "10", "unit_price", "100000", "currency", "IDR"),
		purchase("thirds", "1", "Miro", "2026-01-01", "2026-12-31", "30000", "unit_price", "0.3333333333", "billing_period", "term"))
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"events", "15000.00"}, {"far", "731.25"}, {"seats", "148148.04"}, {"thirds", "10000.00"}},
		w.rows(`SELECT contract_id, annual_spend FROM reports.contract_usage WHERE as_of = DATE '2026-03-31' ORDER BY 1`))
	require.Equal(t, [][]string{{"figma", "6.09"}, {"slack", "0.00"}, {"zoom", "5.00"}, {"–", "4.00"}},
		w.rows(`SELECT app_id, amount FROM reports.spend_by_person ORDER BY 1`))
	require.Equal(t, [][]string{{"figma", "6.09"}, {"slack", "0.00"}, {"zoom", "5.00"}},
		w.rows(`SELECT app_id, spend_12m FROM reports.app_portfolio WHERE as_of = DATE '2026-03-31' AND spend_12m IS NOT NULL ORDER BY 1`))
	require.Equal(t, [][]string{{"11.09"}}, w.rows(`SELECT amount FROM reports.headlines WHERE measure = 'software_spend_12m'`))
	require.Empty(t, w.rows(`SELECT check_name FROM reports.data_quality WHERE check_name LIKE '%cents%' OR check_name LIKE '%large%'`))
}

// TestLinesBelowACentAreTold: where every line of a contract is rounded to the cent and there is nothing left of them, that is said.
func TestLinesBelowACentAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("paper", "contracts")
	var lines []record
	for i := range 100 {
		lines = append(lines, purchase("dust", fmt.Sprint(i), "Twilio", "2026-01-01", "2026-12-31", "1", "unit_price", "0.004", "billing_period", "year"))
	}
	w.snapshot("paper", "contracts", "2026-01-01", append(lines, purchase("thirds", "1", "Slack", "2026-01-01", "2026-12-31", "3", "unit_price", "33.3333"))...)
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"100", "dust has 100 lines that come to 0.4 USD a year and count as 0.00, as each is rounded to the cent; put them into one line"}},
		w.rows(`SELECT failing_rows, sample FROM reports.data_quality WHERE check_name = 'contracts.fractions_of_cents'`))
}

// TestMoneyThatNothingCostsIsNotCountedAndTold: an amount or a rate with too many zeros costs its own line, with a word, and neither the
// run nor the sums of the others.
func TestMoneyThatNothingCostsIsNotCountedAndTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("cards", "spend")
	w.connect("paper", "contracts")
	w.connect("rates", "fx_rates")
	w.connect("market", "benchmarks")
	w.snapshot("rates", "fx_rates", "2026-01-01", record{"date": "2026-01-01", "currency": "KWD", "rate": "99000000"})
	rows := []record{
		{"transaction_id": "ok", "date": "2026-02-01", "amount": "25", "currency": "USD", "vendor": "ZOOM"},
		{"transaction_id": "odd", "date": "2026-02-01", "amount": "999999999999.99", "currency": "KWD", "vendor": "ZOOM"},
	}
	w.events("cards", "spend", "date", rows...)
	most := []string{"currency", "KWD", "unit_price", "999999999999"}
	w.snapshot("paper", "contracts", "2026-01-01",
		purchase("ok", "1", "Zoom", "2026-01-01", "2026-12-31", "3"),
		purchase("rate", "1", "Slack", "2026-01-01", "2026-12-31", "3", "currency", "KWD"),
		purchase("odd", "1", "Figma", "2026-01-01", "2026-12-31", "1", most...),
		purchase("odder", "1", "Figma", "2026-01-01", "2026-12-31", "999999999", most...),
		purchase("word", "1", "Miro", "2026-01-01", "2026-12-31", "3", "billing_period", "decade"),
		purchase("endless", "1", "Miro", "2026-01-01", "9999-12-31", "3", "billing_period", "term"))
	w.snapshot("market", "benchmarks", "2026-01-01", record{"app": "Zoom", "metric": "price", "cohort": "all", "n": "7", "p33": "1", "p50": "900000000000", "p66": "950000000000", "currency": "KWD", "as_of": "2026-01-01"})
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"endless", "–"}, {"odd", "–"}, {"odder", "–"}, {"ok", "360.00"}, {"rate", "35640000000.00"}, {"word", "–"}},
		w.rows(`SELECT contract_id, annual_spend FROM reports.contract_usage WHERE as_of = DATE '2026-03-31' ORDER BY 1`))
	require.Equal(t, [][]string{{"25.00"}}, w.rows(`SELECT spend_12m FROM reports.app_portfolio WHERE app_id = 'zoom' AND as_of = DATE '2026-03-31'`))
	require.Equal(t, [][]string{{"contracts.term_without_end", "1"}, {"contracts.too_large", "2"}, {"paper.unknown_word.billing_period", "1"}, {"spend.too_large", "1"}},
		w.rows(`SELECT check_name, failing_rows FROM reports.data_quality WHERE check_name LIKE '%large%' OR check_name LIKE '%missing%' OR check_name LIKE '%unknown%' OR check_name LIKE '%without%' ORDER BY 1`))

	// Each of these could be, and all of them together can't.
	for i := range 1100 {
		rows = append(rows, record{"transaction_id": fmt.Sprint("much", i), "date": "2026-02-02", "amount": "99999", "currency": "KWD", "vendor": "ZOOM"})
	}
	w.events("cards", "spend", "date", rows...)
	w.run("2026-04-30")
	require.Equal(t, [][]string{{"–"}}, w.rows(`SELECT spend_12m FROM reports.app_portfolio WHERE app_id = 'zoom' AND as_of = DATE '2026-04-30'`))
	require.Equal(t, [][]string{{"spend.sums_too_large", "1101"}}, w.rows(`SELECT check_name, failing_rows FROM reports.data_quality WHERE check_name LIKE '%sums%'`))
}
