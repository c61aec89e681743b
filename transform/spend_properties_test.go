package transform_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomSpend makes up card lines: payers and departments that are known, unknown and missing, three
// currencies (of one there is no rate at first, of one never), refunds, texts that mean something and others.
func randomSpend(r *rand.Rand, n int) []record {
	lines := make([]record, n)
	for i := range lines {
		rec := record{
			"transaction_id": fmt.Sprint("t", i), "date": date(r.IntN(120)), "amount": fmt.Sprintf("%d.%02d", r.IntN(60)-10, r.IntN(100)),
			"currency": []string{"USD", "EUR", "CHF"}[r.IntN(3)],
			"vendor":   []string{"ZOOM.US", "SLACK T12", "MSFT * E04", "NOTION CAFE", "SQ *TACOS", "FIGMA INC 99"}[r.IntN(6)],
		}
		if p := r.IntN(6); p > 0 {
			rec["payer_email"] = fmt.Sprintf("p%d@acme.example", p)
		}
		if r.IntN(4) == 0 {
			rec["department"] = "Own"
		}
		lines[i] = rec
	}
	return lines
}

func spendWorld(t testing.TB, lines []record, parts int) *world {
	w := newWorld(t)
	w.connect("people", "org_chart")
	w.connect("rates", "fx_rates")
	w.connect("cards", "spend")
	var people []record
	for p := range 4 {
		people = append(people, record{"email": fmt.Sprintf("p%d@acme.example", p), "last_name": "P", "team": "T", "department": []string{"Sales", ""}[p%2]})
	}
	w.snapshot("people", "org_chart", date(20), people...)
	w.snapshot("rates", "fx_rates", date(130), record{"date": date(30), "currency": "EUR", "rate": "1.17"}, record{"date": date(60), "currency": "EUR", "rate": "1.2345"})
	for i := range parts {
		w.events("cards", "spend", "date", lines[i*len(lines)/parts:(i+1)*len(lines)/parts]...)
	}
	return w
}

// TestSpendSumsToOneTotal: cut by person, by department or by month, the money is the same, also that of
// nobody and of no department.
func TestSpendSumsToOneTotal(t *testing.T) {
	t.Parallel()
	w := spendWorld(t, randomSpend(rand.New(rand.NewPCG(5, 8)), 800), 1)
	w.run(date(100)) // some lines are later than that
	total := w.rows("SELECT sum(amount_base), count(amount_base) FROM core.spend, params.run WHERE NOT is_duplicate AND transaction_date <= as_of")
	for _, report := range []string{"spend_by_person", "spend_by_department"} {
		require.Equal(t, total, w.rows("SELECT sum(amount), sum(transactions) FROM reports."+report), report)
	}
	months := "SELECT month, sum(amount), sum(transactions) FROM reports.%s GROUP BY month ORDER BY month"
	require.Equal(t, w.rows(fmt.Sprintf(months, "spend_by_person")), w.rows(fmt.Sprintf(months, "spend_by_department")))
	for _, unknown := range []string{"spend_by_person WHERE person_id IS NULL", "spend_by_department WHERE department IS NULL", "spend_by_person WHERE app_id IS NULL", "spend_by_person WHERE amount < 0"} {
		require.NotEqual(t, [][]string{{"0"}}, w.rows("SELECT count(*) FROM reports."+unknown), unknown)
	}

	// Where there is no rate there is no amount, and each such line is listed; never 1.
	require.Equal(t, [][]string{{"0"}}, w.rows("SELECT count(*) FROM core.spend WHERE (amount_base IS NULL) <> (currency = 'CHF' OR currency = 'EUR' AND transaction_date < DATE '"+date(30)+"')"))
	require.Equal(t, w.rows("SELECT 'spend.missing_rate.' || currency, 'error', count(*) FROM core.spend WHERE amount_base IS NULL GROUP BY currency ORDER BY 1"),
		w.rows("SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE 'spend.missing_rate.%' ORDER BY 1"))
	require.Equal(t, w.rows("SELECT count(*) FROM core.spend, params.run WHERE app_id IS NULL AND transaction_date <= as_of"), w.rows("SELECT count(*) FROM reports.unmapped_spend"))
}

// TestRefundsAreNetted: a refund lowers its month and is nobody's duplicate.
func TestRefundsAreNetted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("cards", "spend")
	w.connect("expenses", "spend")
	line := func(id, day, amount string) record {
		return record{"transaction_id": id, "date": day, "amount": amount, "currency": "USD", "vendor": "ZOOM.US", "payer_email": "ann@acme.example"}
	}
	w.events("cards", "spend", "date", line("1", "2026-03-01", "50.00"), line("2", "2026-03-02", "-50.00"), line("3", "2026-03-20", "15.50"), line("4", "2026-04-01", "-5.25"))
	w.events("expenses", "spend", "date", line("5", "2026-03-02", "50.00")) // the purchase again, not the refund
	w.run("2026-04-30")
	require.Equal(t, [][]string{{"5"}}, w.rows("SELECT transaction_id FROM core.spend WHERE is_duplicate"))
	require.Equal(t, [][]string{{"2026-03-01", "15.50", "3"}, {"2026-04-01", "-5.25", "1"}}, w.rows("SELECT month, amount, transactions FROM reports.spend_by_person ORDER BY month"))
}

// TestTheOrderOfSpendLinesChangesNothing delivers the same lines in another order, and in other portions.
func TestTheOrderOfSpendLinesChangesNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 4))
	lines := randomSpend(r, 300)
	first := spendWorld(t, lines, 1)
	first.run(date(119))
	shuffled := append([]record{}, lines...)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	second := spendWorld(t, shuffled, 3)
	second.run(date(119))
	build := func(w *world) string { return filepath.Join(w.dir, "warehouse", "build.duckdb") }
	for _, table := range compared(t, build(first)) {
		if table == "core.spend_lines" || table == "reports.connection_health" { // they tell of arrival
			continue
		}
		q := "SELECT * FROM " + table + " ORDER BY ALL"
		require.Equal(t, queryFile(t, build(first), q), queryFile(t, build(second), q), table)
	}
}
