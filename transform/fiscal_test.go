package transform_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFiscalCalendarAgreesWithBruteForce walks the months one by one.
func TestFiscalCalendarAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	for _, start := range []int{1, 4, 12} {
		t.Run(time.Month(start).String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("reports.fiscal_calendar")
			w.config.Organisation.FiscalYearStart = start
			w.connect("cards", "spend")
			w.events("cards", "spend", "date", record{"transaction_id": "1", "date": "2021-05-31", "amount": "1", "currency": "USD", "vendor": "ZOOM.US"})
			w.run("2026-03-31")

			var want [][]string
			period, year, from := 0, 0, time.Time{}
			for m := time.Date(2015, time.Month(start), 1, 0, 0, 0, 0, time.UTC); m.Before(time.Date(2028, 4, 1, 0, 0, 0, 0, time.UTC)); m = m.AddDate(0, 1, 0) {
				if int(m.Month()) == start {
					period, from = 0, m
					year = m.AddDate(1, 0, -1).Year()
				}
				period++
				if m.Before(time.Date(2019, 5, 1, 0, 0, 0, 0, time.UTC)) {
					continue
				}
				label := fmt.Sprintf("FY%d", year)
				if start > 1 {
					label = fmt.Sprintf("FY%d/%02d", year-1, year%100)
				}
				want = append(want, []string{
					m.Format(time.DateOnly), fmt.Sprint(year), fmt.Sprint((period-1)/3 + 1), fmt.Sprint(period), label,
					from.Format(time.DateOnly), from.AddDate(1, 0, -1).Format(time.DateOnly),
				})
			}
			require.Equal(t, want, w.rows("SELECT * FROM reports.fiscal_calendar ORDER BY month"))
		})
	}
}
