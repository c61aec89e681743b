package transform_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const rateFaults = `SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE 'fx_rates.%' ORDER BY 1`

// TestARateTheWrongWayRoundIsTold: dollars for one yen in the one file, yen for one dollar in the other, or the central bank's whole list
// as it stands: money came out thousands of times too large, and nothing was said.
func TestARateTheWrongWayRoundIsTold(t *testing.T) {
	t.Parallel()
	rate := func(day, currency, rate string) record {
		return record{"date": day, "currency": currency, "rate": rate}
	}
	t.Run("of an organisation in dollars", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.connect("rates", "fx_rates")
		w.snapshot("rates", "fx_rates", "2026-01-01",
			rate("2026-01-01", "EUR", "1.08"), rate("2026-02-01", "EUR", "0.9259"), rate("2026-03-01", "EUR", "1.09"),
			rate("2026-01-01", "JPY", "163.5"), rate("2026-01-01", "KRW", "0.00072"), rate("2026-01-01", "GBP", "1.25"), rate("2026-01-01", "CHF", "1.01"),
			rate("2026-01-01", "CAD", "0.71"), rate("2026-01-01", "ISK", "0.71"),
			// Of these no list knows what they are worth: by their own rate before.
			rate("2026-01-01", "NGN", "0.00065"), rate("2026-02-01", "NGN", "1530"), rate("2026-01-01", "EGP", "0.02"), rate("2026-02-01", "EGP", "2.1"),
			rate("2026-01-01", "TRY", "0.023"), rate("2026-02-01", "TRY", "0.021"))
		w.run("2026-03-31")
		require.Equal(t, [][]string{
			{"fx_rates.far_off.EGP", "error", "1"}, {"fx_rates.far_off.ISK", "error", "1"}, {"fx_rates.wrong_way.EUR", "warning", "1"},
			{"fx_rates.wrong_way.JPY", "error", "1"}, {"fx_rates.wrong_way.NGN", "error", "1"},
		}, w.rows(rateFaults))
		require.Equal(t, [][]string{
			{"EUR on 2026-02-01: 0.9259 USD for one, where about 1.1 is usual; that looks like EUR for one USD, the wrong way round: write 1.08003 if so, and look at the file's other rates, too"},
			{"JPY on 2026-01-01: 163.5 USD for one, where about 0.0068 is usual; that looks like JPY for one USD, the wrong way round: write 0.00611621 if so, and look at the file's other rates, too"},
			{"NGN on 2026-02-01: 1530 USD for one, after 0.00065 on 2026-01-01; that looks like NGN for one USD, the wrong way round: write 0.000653595 there, or 1538.46 before, if so, and look at the file's other rates, too"},
		}, w.rows(`SELECT sample FROM reports.data_quality WHERE check_name LIKE 'fx_rates.wrong_way.%' ORDER BY check_name`))
	})
	t.Run("of an organisation in euros, as the central bank lists them", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.config.Organisation.Currency = "EUR"
		w.connect("rates", "fx_rates")
		w.snapshot("rates", "fx_rates", "2026-01-01", rate("2026-01-01", "USD", "1.0834"), rate("2026-01-01", "JPY", "163.5"), rate("2026-01-01", "GBP", "0.85"),
			rate("2026-02-01", "GBP", "1.19"), rate("2026-02-01", "USD", "0.87"))
		w.run("2026-03-31")
		require.Equal(t, [][]string{{"fx_rates.wrong_way.GBP", "warning", "1"}, {"fx_rates.wrong_way.JPY", "error", "1"}, {"fx_rates.wrong_way.USD", "warning", "1"}}, w.rows(rateFaults))
	})
}
