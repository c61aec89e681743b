package transform_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAChargeOfCardAndExpenseCountsOnceAtItsEarliestDate, whichever of the two came first, whatever their connections are called, and
// whichever was read first.
func TestAChargeOfCardAndExpenseCountsOnceAtItsEarliestDate(t *testing.T) {
	t.Parallel()
	line := func(id, day, amount, payer string) record {
		return record{"transaction_id": id, "date": day, "amount": amount, "currency": "USD", "vendor": "Notion", "payer_email": payer + "@acme.example"}
	}
	cards := []record{line("t1", "2025-01-31", "50", "ann"), line("t2", "2025-03-01", "20", "bob"), line("t3", "2025-05-01", "-5", "bob"), line("t4", "2025-05-31", "7", "cy")}
	expenses := []record{line("x1", "2025-02-02", "50", "ann"), line("x2", "2025-02-27", "20", "bob"), line("x3", "2025-04-30", "-5", "bob"), line("x4", "2025-05-31", "7", "dee")}
	for name, tc := range map[string]struct {
		card, expense string
		expensesFirst bool
	}{
		"cards first": {"cards", "expenses", false}, "expenses first": {"cards", "expenses", true}, "by other names": {"z-cards", "a-expenses", false}, "and in the other order": {"z-cards", "a-expenses", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(tc.card, "spend")
			w.connect(tc.expense, "spend")
			w.only("reports.spend_by_person", "reports.reconciliation")
			first, second := func() { w.events(tc.card, "spend", "date", cards...) }, func() { w.events(tc.expense, "spend", "date", expenses...) }
			if tc.expensesFirst {
				first, second = second, first
			}
			first()
			w.run("2025-06-29")
			second()
			w.run("2025-06-30")
			assert.Equal(t, [][]string{
				{"2025-01-01", "ann@acme.example", "50.00"}, {"2025-02-01", "bob@acme.example", "20.00"}, {"2025-04-01", "bob@acme.example", "-5.00"},
				{"2025-05-01", "cy@acme.example", "7.00"}, {"2025-05-01", "dee@acme.example", "7.00"}, // two people
			}, w.rows("SELECT month, person_id, amount FROM reports.spend_by_person WHERE app_id = 'notion' ORDER BY 1, 2"))
			assert.Equal(t, [][]string{{"8", "8"}}, w.rows("SELECT sum(read), sum(in_core) FROM reports.reconciliation WHERE feed = 'spend'"), "both are kept")
		})
	}
}

// TestALineWithoutACurrencyIsNamedAndCountsNowhere: nobody knows what it is worth.
func TestALineWithoutACurrencyIsNamedAndCountsNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("cards", "spend")
	w.events("cards", "spend", "date",
		record{"transaction_id": "t1", "date": "2026-03-01", "amount": "12.50", "currency": "USD", "vendor": "Zoom"},
		record{"transaction_id": "t2", "date": "2026-03-02", "amount": "12.50", "currency": "", "vendor": "Zoom"},
		record{"transaction_id": "t3", "date": "2026-03-03", "amount": "12.50", "vendor": "Zoom"},
		record{"transaction_id": "t4", "date": "2026-03-04", "amount": "12.50", "currency": " ", "vendor": "Corner Bakery"},
		record{"transaction_id": "t5", "date": "2026-03-05", "amount": "-1", "currency": nil, "vendor": "Zoom"})
	w.only("reports.spend_by_department", "reports.app_portfolio", "reports.reconciliation", "reports.data_quality", "checks.books", "metrics.streams_short")
	w.run("2026-03-31")
	assert.Equal(t, [][]string{{"12.50", "1"}}, w.rows("SELECT sum(amount), sum(transactions) FROM reports.spend_by_department"))
	assert.Equal(t, [][]string{{"12.50"}}, w.rows("SELECT spend_12m FROM reports.app_portfolio WHERE app_id = 'zoom' AND as_of = DATE '2026-03-31'"))
	assert.Equal(t, [][]string{{"5", "4", "1"}}, w.rows("SELECT read, set_aside, in_core FROM reports.reconciliation WHERE connection = 'cards'"))
	assert.Equal(t, [][]string{{"cards.spend.spend.no_currency", "warning", "4", "t2: Zoom: no currency, so the line is not counted"}},
		w.rows("SELECT check_name, severity, failing_rows, sample FROM reports.data_quality WHERE check_name LIKE 'cards.%'"))
}

// TestAPayerWhoIsNoLongerInHRKeepsTheDepartment of the last list that named them; one who came later, or whom no list names, has none then.
func TestAPayerWhoIsNoLongerInHRKeepsTheDepartment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("hr", "org_chart")
	w.connect("cards", "spend")
	person := func(name, department string) record {
		return record{"email": name + "@acme.example", "last_name": name, "team": "T", "department": department}
	}
	w.snapshot("hr", "org_chart", "2026-01-01", person("ann", "Sales"), person("bob", "Sales"), person("cy", "Sales"))
	w.snapshot("hr", "org_chart", "2026-02-01", person("ann", "Sales"), person("bob", "Product"), person("cy", ""))
	w.snapshot("hr", "org_chart", "2026-03-01", person("ann", "Finance"), person("dee", "Finance"))
	charge := func(id, who, day, department string) record {
		return record{"transaction_id": id, "date": day, "amount": "10", "currency": "USD", "vendor": "Zoom", "payer_email": who + "@acme.example", "department": department}
	}
	w.events("cards", "spend", "date",
		charge("ann then", "ann", "2026-02-28", ""), charge("ann now", "ann", "2026-03-01", ""),
		charge("bob gone", "bob", "2026-03-20", ""), charge("bob of his own", "bob", "2026-03-20", "Legal"),
		charge("cy gone", "cy", "2026-03-20", ""), // the last list that named cy had no department
		charge("dee before", "dee", "2026-02-10", ""), charge("nobody", "eve", "2026-03-20", ""), charge("before HR", "ann", "2025-12-31", ""))
	w.only("core.spend")
	w.run("2026-03-31")
	assert.Equal(t, [][]string{
		{"ann now", "Finance"}, {"ann then", "Sales"}, {"before HR", "–"}, {"bob gone", "Product"}, {"bob of his own", "Legal"}, {"cy gone", "–"}, {"dee before", "–"}, {"nobody", "–"},
	}, w.rows("SELECT transaction_id, department FROM core.spend ORDER BY 1"))
}
