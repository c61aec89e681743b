package transform_test

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSpendAgreesWithBruteForce makes up real charges, lets a card feed and an expense report see
// them, and asks the reports for the charges back.
func TestSpendAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 6))
	w := newWorld(t)
	for _, c := range []struct{ name, kind string }{{"people", "org_chart"}, {"cards", "spend"}, {"expenses", "spend"}, {"rates", "fx_rates"}} {
		w.connect(c.name, c.kind)
	}
	const days = 400
	departments := map[int]map[int]string{} // by snapshot day, by person
	for _, day := range []int{30, 200} {
		var rows []record
		departments[day] = map[int]string{}
		for p := range 4 {
			departments[day][p] = []string{"Sales", "Product", ""}[r.IntN(3)]
			rows = append(rows, record{"email": fmt.Sprintf("p%d@acme.example", p), "last_name": "P", "team": "T", "department": departments[day][p]})
		}
		w.snapshot("people", "org_chart", date(day), rows...)
	}
	rates := map[int]string{10: "1.1", 120: "1.23456789", 121: "0.9"}
	var rows []record
	for day, rate := range rates {
		rows = append(rows, record{"date": date(day), "currency": "EUR", "rate": rate})
	}
	w.snapshot("rates", "fx_rates", date(130), rows...)

	vendors := []struct{ text, app, name string }{{"ZOOM.US 888-799", "zoom", "Zoom Video Communications, Inc."}, {"Figma, Inc.", "figma", "Figma, Inc."}, {"Corner Bakery", "", "Corner Bakery"}}
	var cards, expenses []record
	sums, counts := map[string]*big.Rat{}, map[string]int{}
	persons := map[string]*big.Rat{}
	missing := 0
	add := func(m map[string]*big.Rat, key string, x *big.Rat) {
		if m[key] == nil {
			m[key] = new(big.Rat)
		}
		m[key].Add(m[key], x)
	}
	id := 0
	for p := range 4 {
		for _, v := range vendors {
			// Every some days one or several charges of one amount: subscriptions, refunds, coffees.
			amount := fmt.Sprintf("%d.%02d", r.IntN(40)-5, r.IntN(100))
			for day := r.IntN(20); day < days; day += 8 + r.IntN(40) {
				currency := []string{"USD", "EUR"}[r.IntN(2)]
				for range 1 + r.IntN(2) {
					id++
					rec := func(name string, on int) record {
						return record{"transaction_id": fmt.Sprint(name, id), "date": date(on), "amount": amount, "currency": currency, "vendor": v.text, "payer_email": fmt.Sprintf("p%d@acme.example", p)}
					}
					if r.IntN(4) > 0 {
						cards = append(cards, rec("c", day))
					}
					if r.IntN(2) == 0 {
						expenses = append(expenses, rec("e", day+r.IntN(4)))
					}
				}
			}
		}
	}
	// The truth, from what both saw: charges of one day's visit are one group, the larger side counts.
	type group struct{ cards, expenses []record }
	groups := map[string]*group{}
	var order []string
	at := func(rec record) int {
		return int(parseDay(rec["date"].(string)).Sub(dayZero).Hours() / 24)
	}
	put := func(rec record, card bool) {
		key := fmt.Sprint(rec["payer_email"], rec["vendor"], rec["amount"], rec["currency"])
		day := at(rec)
		for d := day - 3; d <= day+3; d++ {
			if g := groups[fmt.Sprint(key, d)]; g != nil {
				if card {
					g.cards = append(g.cards, rec)
				} else {
					g.expenses = append(g.expenses, rec)
				}
				return
			}
		}
		g := &group{}
		if card {
			g.cards = append(g.cards, rec)
		} else {
			g.expenses = append(g.expenses, rec)
		}
		groups[fmt.Sprint(key, day)] = g
		order = append(order, fmt.Sprint(key, day))
	}
	for _, rec := range cards {
		put(rec, true)
	}
	for _, rec := range expenses {
		put(rec, false)
	}
	for _, key := range order {
		g := groups[key]
		kept := g.cards
		if extra := len(g.expenses) - len(g.cards); extra > 0 {
			// The later lines of the report are the ones that no card has.
			sorted := slices.SortedFunc(slices.Values(g.expenses), func(a, b record) int {
				return cmp.Or(at(a)-at(b), cmp.Compare(a["transaction_id"].(string), b["transaction_id"].(string)))
			})
			kept = append(append([]record{}, g.cards...), sorted[len(g.cards):]...)
		}
		for _, rec := range kept {
			day := at(rec)
			rate := big.NewRat(1, 1)
			if rec["currency"] == "EUR" {
				rate = nil
				for d := day; d >= 0 && rate == nil; d-- {
					if x, ok := rates[d]; ok {
						rate = rat(x)
					}
				}
				if rate == nil {
					continue
				}
			}
			amount := rat(round2(new(big.Rat).Mul(rat(rec["amount"].(string)), rate)))
			department := "–"
			for _, snapshot := range []int{30, 200} {
				var p int
				_, err := fmt.Sscanf(rec["payer_email"].(string), "p%d@", &p)
				require.NoError(t, err)
				if snapshot <= day {
					department = departments[snapshot][p]
				}
			}
			if department == "" {
				department = "–"
			}
			month := date(day)[:8] + "01"
			for _, v := range vendors {
				if v.text == rec["vendor"] {
					app := v.app
					if app == "" {
						app = "–"
					}
					add(sums, fmt.Sprint(month, "|", department, "|", app, "|", v.name), amount)
					counts[fmt.Sprint(month, "|", department, "|", app, "|", v.name)]++
					add(persons, fmt.Sprint(month, "|", rec["payer_email"], "|", app, "|", v.name), amount)
				}
			}
		}
	}
	for _, rec := range append(append([]record{}, cards...), expenses...) {
		if rec["currency"] == "EUR" && at(rec) < 10 {
			missing++
		}
	}
	w.events("cards", "spend", "date", cards...)
	w.events("expenses", "spend", "date", expenses...)
	w.run(date(days + 10))

	var want, wantPersons [][]string
	for key, sum := range sums {
		want = append(want, []string{key, round2(sum), fmt.Sprint(counts[key])})
	}
	for key, sum := range persons {
		wantPersons = append(wantPersons, []string{key, round2(sum)})
	}
	requireRows(t, want, w.rows(`SELECT concat_ws('|', month, coalesce(department, '–'), coalesce(app_id, '–'), vendor), amount, transactions FROM reports.spend_by_department`))
	requireRows(t, wantPersons, w.rows(`SELECT concat_ws('|', month, person_id, coalesce(app_id, '–'), vendor), amount FROM reports.spend_by_person`))
	require.Equal(t, w.rows(`SELECT sum(amount), sum(transactions) FROM reports.spend_by_department`), w.rows(`SELECT sum(amount), sum(transactions) FROM reports.spend_by_person`))
	if missing > 0 {
		require.Equal(t, [][]string{{"error", fmt.Sprint(missing)}}, w.rows(`SELECT severity, failing_rows FROM reports.data_quality WHERE check_name = 'spend.missing_rate.EUR'`))
	}
}
