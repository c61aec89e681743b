package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
)

// Seven instances of an app with ten people each, of whom none, one, two … are engaged, and a
// sandbox that does not count; references in several currencies and versions.
func TestBenchmarkCohorts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Apps = []config.App{{ID: "zoom", ExcludedInstances: []string{"sandbox"}}}
	w.connect("roster", "roster")
	w.connect("events", "engagement")
	w.connect("contracts", "contracts")
	w.connect("rates", "fx_rates")
	w.connect("references", "benchmarks")
	w.connect("later", "benchmarks")
	var seats, events []record
	for i, instance := range []string{"a", "b", "c", "d", "e", "f", "g", "sandbox"} {
		for p := range 10 {
			email := fmt.Sprintf("p%d-%d@acme.example", i, p)
			seats = append(seats, record{"email": email, "app": "zoom", "instance": instance})
			if p < i {
				events = append(events, record{"event_id": fmt.Sprint(i, "-", p), "email": email, "app": "zoom", "instance": instance, "event": "chat", "occurred_at": "2026-06-29T09:00:00Z"})
			}
		}
		events = append(events, record{"event_id": fmt.Sprint("old", i), "email": "past@acme.example", "app": "zoom", "instance": instance, "event": "chat", "occurred_at": "2026-05-01T09:00:00Z"})
	}
	w.snapshot("roster", "roster", "2026-06-30", seats...)
	w.events("events", "engagement", "occurred_at", events...)
	w.snapshot("contracts", "contracts", "2026-06-01", record{"contract_id": "C1", "vendor": "Zoom", "app": "zoom", "tier": "Pro", "start_date": "2026-01-01", "end_date": "2026-12-31",
		"licences": "3", "unit_price": "100", "billing_period": "year"})
	w.snapshot("rates", "fx_rates", "2026-06-01", record{"date": "2026-01-01", "currency": "EUR", "rate": "1.25"})
	price := func(cohort, currency, p33, p50, p66, asOf string) record {
		return record{"app": "Zoom", "metric": "price:PRO", "cohort": cohort, "n": "7", "p33": p33, "p50": p50, "p66": p66, "currency": currency, "as_of": asOf}
	}
	w.snapshot("references", "benchmarks", "2026-06-01",
		price("euros", "eur", "80", "81.2345", "90", "2026-06-01"), price("dollars", "USD", "100.01", "120", "130", ""),
		price("francs", "CHF", "1", "2", "3", ""), price("twice", "", "1", "2", "3", "2026-01-01"))
	w.snapshot("later", "benchmarks", "2026-05-01", price("twice", "", "10", "20", "30", "2026-02-01"),
		record{"app": "zoom", "metric": "engaged_pct", "cohort": "quartiles fall", "n": "7", "p25": "50", "p50": "40", "p75": "60"},
		record{"app": "zoom", "metric": "engaged_pct", "cohort": "own_instances", "n": "7", "p25": "30", "p50": "40", "p75": "60"})
	w.run("2026-06-30")

	require.Equal(t, [][]string{
		{"a", "0.0", "6", "22.5", "35.0", "47.5", "0.0"}, // beside 10, 20 … 60
		{"d", "30.0", "6", "12.5", "30.0", "47.5", "50.0"},
		{"g", "60.0", "6", "12.5", "25.0", "37.5", "100.0"},
		{"sandbox", "70.0", "7", "15.0", "30.0", "45.0", "100.0"},
	}, w.rows(`SELECT instance_id, own_pct, cohort_n, p25, p50, p75, own_percentile FROM reports.usage_benchmarks
		WHERE cohort = 'own_instances' AND feature = 'chat' AND status = 'ok' AND instance_id IN ('a', 'd', 'g', 'sandbox') ORDER BY 1`))
	require.Equal(t, [][]string{
		{"dollars", "100.00", "7", "100.01", "120.00", "130.00", "low", "ok"},
		{"euros", "100.00", "7", "100.00", "101.54", "112.50", "middle", "ok"},
		{"twice", "100.00", "7", "10.00", "20.00", "30.00", "high", "ok"},
	}, w.rows("SELECT cohort, own_price, cohort_n, p33, p50, p66, position, status FROM reports.price_benchmarks ORDER BY 1"))
	require.Equal(t, [][]string{{"3", "later: zoom, engaged_pct, own_instances: this cohort name is taken; use another"}},
		w.rows("SELECT failing_rows, sample FROM reports.data_quality WHERE check_name = 'benchmarks.not_usable'"))
}

// TestAPriceIsComparedWithTheTierHoweverItIsWritten: Business+ and business plus are one tier in prices, too.
func TestAPriceIsComparedWithTheTierHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.connect("market", "benchmarks")
	w.snapshot("paper", "contracts", "2026-01-01",
		purchase("C", "1", "Slack", "2026-01-01", "2026-12-31", "2", "tier", "Business+"),
		purchase("C", "2", "Slack", "2026-01-01", "2026-12-31", "2", "tier", "business-plus", "unit_price", "20"))
	w.snapshot("market", "benchmarks", "2026-01-01",
		record{"app": "Slack", "metric": "Price:Business Plus", "cohort": "all", "n": "7", "p33": "100", "p50": "150", "p66": "170", "as_of": "2026-01-01"},
		record{"app": "Slack", "metric": "price:business+", "cohort": "all", "n": "8", "p33": "100", "p50": "150", "p66": "170", "as_of": "2026-02-01"})
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"business plus", "all", "180.00", "8", "high", "ok"}},
		w.rows(`SELECT tier, cohort, own_price, cohort_n, position, status FROM reports.price_benchmarks`))
}
