package transform_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// addMonths adds calendar months; a day that the month lacks becomes its last.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// termMonths is how many whole months fit between start and the day after end, at least 1.
func termMonths(start, end time.Time) int {
	n := 1
	for !addMonths(start, n+1).After(end.AddDate(0, 0, 1)) {
		n++
	}
	return n
}

// currentEnd gives terms after the first until one covers the date. They begin on the day of the month that the first one
// began on, or, where that one is no whole months, on that of the day after it.
func currentEnd(start, end, asOf time.Time) time.Time {
	if !end.Before(asOf) {
		return end
	}
	term, from := termMonths(start, end), end.AddDate(0, 0, 1)
	if addMonths(start, term).Equal(from) {
		from = start
	}
	for k := 1; ; k++ {
		if moved := addMonths(from, k*term).AddDate(0, 0, -1); !moved.Before(asOf) {
			return moved
		}
	}
}

// round2 writes a number with two decimals, halves away from zero.
func round2(x *big.Rat) string {
	n := new(big.Int).Mul(x.Num(), big.NewInt(200))
	d := new(big.Int).Mul(x.Denom(), big.NewInt(2))
	n.Abs(n).Add(n, x.Denom()).Quo(n, d)
	sign := ""
	if x.Sign() < 0 && n.Sign() != 0 {
		sign = "-"
	}
	return fmt.Sprintf("%s%d.%02d", sign, new(big.Int).Quo(n, big.NewInt(100)), new(big.Int).Rem(n, big.NewInt(100)))
}

func rat(s string) *big.Rat {
	x, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return x
}

func times(x *big.Rat, n, d int) *big.Rat { return new(big.Rat).Mul(x, big.NewRat(int64(n), int64(d))) }

func parseDay(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// Each contract is for an app of its own, so that its numbers stand alone in the portfolio.
func TestContractsAgreeWithBruteForce(t *testing.T) {
	t.Parallel()
	const asOf = "2026-03-31"
	type contract struct {
		start, end       string
		licences         int
		price, period    string
		renews           bool
		currency, status string
	}
	contracts := []contract{
		{"2025-01-31", "2025-02-28", 3, "10.01", "term", true, "USD", ""}, // rolls by months from the first day of one
		{"2025-01-31", "2025-02-27", 3, "10.01", "term", true, "USD", ""}, // rolls by months from the 31st
		{"2025-08-31", "2025-11-29", 2, "3", "quarter", true, "USD", ""},  // by quarters from the 31st
		{"2024-02-29", "2025-02-27", 2, "3", "year", true, "USD", ""},     // by years from a leap day
		{"2024-02-29", "2025-02-27", 3, "1000", "term", true, "USD", ""},  // twelve months from a leap day
		{"2024-02-29", "2025-02-28", 7, "99.9999", "term", true, "USD", ""},
		{"2023-03-01", "2024-02-29", 1, "0.005", "year", true, "USD", ""}, // a year to a leap day; half a cent
		{"2025-08-31", "2025-11-29", 11, "3.33", "month", true, "USD", ""},
		{"2025-04-01", "2026-03-31", 5, "12.35", "quarter", false, "USD", ""}, // last day
		{"2025-04-01", "2026-03-30", 5, "12.35", "quarter", false, "USD", ""}, // ended yesterday
		{"2026-04-01", "2027-03-31", 5, "12.35", "quarter", true, "USD", ""},  // begins tomorrow
		{"2020-01-01", "2022-12-31", 9, "2.01", "term", true, "EUR", ""},
		{"2025-06-01", "2026-05-31", 2, "-7.77", "term", false, "EUR", ""}, // a credit
		{"2025-01-01", "2025-12-31", 2, "5", "year", true, "USD", "expired"},
		{"2025-06-01", "2026-05-31", 2, "5", "year", true, "USD", "cancelled"},
		{"2026-03-31", "2026-03-31", 2, "5", "term", true, "USD", ""},  // one day: a month
		{"2025-06-01", "2026-05-31", 2, "5", "year", true, "XAU", ""},  // no rate
		{"2025-06-01", "2026-05-31", 2, "", "year", true, "USD", ""},   // no price
		{"2020-06-01", "2021-05-31", 2, "5", "year", false, "CHF", ""}, // no rate, but over: nobody needs one
	}
	r := rand.New(rand.NewPCG(1, 4))
	for range 150 {
		start := parseDay("2019-01-01").AddDate(0, 0, r.IntN(2600))
		contracts = append(contracts, contract{start.Format(time.DateOnly), start.AddDate(0, 0, r.IntN(1200)).Format(time.DateOnly), 1 + r.IntN(5000),
			fmt.Sprintf("%d.%04d", r.IntN(500), r.IntN(10_000)), []string{"month", "quarter", "year", "term"}[r.IntN(4)], r.IntN(3) > 0, []string{"USD", "EUR"}[r.IntN(2)], ""})
	}
	w := newWorld(t)
	w.connect("contracts", "contracts")
	w.connect("rates", "fx_rates")
	w.snapshot("rates", "fx_rates", "2026-01-01", record{"date": "2025-01-01", "currency": "EUR", "rate": "9"},
		record{"date": "2026-03-31", "currency": "eur", "rate": "1.08015"}, record{"date": "2026-04-01", "currency": "EUR", "rate": "7"},
		record{"date": "2026-04-01", "currency": "XAU", "rate": "7"})
	var rows []record
	var wantLines, wantCurrent [][]string
	for i, c := range contracts {
		app := fmt.Sprintf("app-%03d", i)
		rows = append(rows, record{"contract_id": app, "vendor": "V", "app": app, "start_date": c.start, "end_date": c.end, "licences": strconv.Itoa(c.licences),
			"unit_price": c.price, "billing_period": c.period, "auto_renew": strconv.FormatBool(c.renews), "currency": c.currency, "status": c.status})
		start, end := parseDay(c.start), parseDay(c.end)
		term := termMonths(start, end)
		per := map[string]int{"month": 1, "quarter": 3, "year": 12, "term": term}[c.period]
		annual, total := "–", "–"
		if c.price != "" {
			price := times(rat(c.price), c.licences, 1)
			annual, total = round2(times(price, 12, per)), round2(times(price, term, per))
		}
		wantLines = append(wantLines, []string{app, strconv.Itoa(term), annual, total})
		// Read on 1 March: from then on it had ended, or before that, with its term.
		stopped := c.status == "cancelled" || c.status == "expired"
		if c.start > asOf || c.end < asOf && !c.renews || stopped {
			continue
		}
		licences := strconv.Itoa(c.licences)
		if strings.HasPrefix(c.price, "-") { // a credit brings money, no licences
			licences = "–"
		}
		row := []string{app, licences, "–", "–", currentEnd(start, end, parseDay(asOf)).Format(time.DateOnly)}
		if rate, ok := map[string]string{"USD": "1", "EUR": "1.08015"}[c.currency]; ok && annual != "–" {
			row[2], row[3] = round2(new(big.Rat).Mul(rat(annual), rat(rate))), round2(new(big.Rat).Mul(rat(total), rat(rate)))
		}
		wantCurrent = append(wantCurrent, row)
	}
	w.snapshot("contracts", "contracts", "2026-03-01", rows...)
	w.run(asOf)
	requireRows(t, wantLines, w.rows(`SELECT l.contract_id, c.term_months, l.annual_amount, l.total_amount
		FROM core.contract_lines AS l JOIN core.contracts AS c ON c.contract_id = l.contract_id`))
	requireRows(t, wantCurrent, w.rows(`SELECT app_id, licences, contract_annual_spend, total_contract_value, upcoming_end_date
		FROM reports.app_portfolio WHERE as_of = DATE '`+asOf+`' AND upcoming_end_date IS NOT NULL`))
	require.Equal(t, [][]string{{"contracts.missing_price", "1"}, {"contracts.missing_rate.XAU", "1"}, {"contracts.unknown_word.currency", "1"}},
		w.rows(`SELECT check_name, failing_rows FROM reports.data_quality WHERE check_name LIKE 'contracts%' AND check_name <> 'contracts.fractions_of_cents' ORDER BY 1`))
}

// line is a contract line; licences 0 when the contract does not say how many.
type line struct {
	contract, id, app, instance, tier string
	licences                          int
}

// seat is an account and whether its holder was engaged.
type seat struct {
	app, instance, tier string
	engaged             bool
}

// fill gives each line its people, the slow way: one at a time, by the rules in words.
func fill(lines []line, seats []seat, count func(seat) bool) map[string]string {
	named := map[string]bool{} // app/instance that a line names
	for _, l := range lines {
		if l.instance != "" {
			named[l.app+"/"+l.instance] = true
		}
	}
	tiersOf := map[string]map[string]bool{} // queue without tier: tiers that its lines name
	queue := func(l line) string { return l.app + "/" + l.instance }
	for _, l := range lines {
		if tiersOf[queue(l)] == nil {
			tiersOf[queue(l)] = map[string]bool{}
		}
		if l.tier != "" {
			tiersOf[queue(l)][strings.ToLower(l.tier)] = true
		}
	}
	people := map[string]int{}
	hasTiers := map[string]bool{}
	for _, s := range seats {
		q := s.app + "/"
		if named[s.app+"/"+s.instance] {
			q += s.instance
		}
		hasTiers[q] = hasTiers[q] || s.tier != ""
		tier := strings.ToLower(s.tier)
		if !tiersOf[q][tier] {
			tier = ""
		}
		if count(s) {
			people[q+"/"+tier]++
		}
	}
	out := map[string]string{}
	for i, l := range lines {
		q := queue(l)
		if len(tiersOf[q]) > 0 && !hasTiers[q] {
			out[l.contract+l.id] = "–"
			continue
		}
		key := q + "/" + strings.ToLower(l.tier)
		last := true
		for _, other := range lines[i+1:] {
			last = last && !(queue(other) == q && strings.EqualFold(other.tier, l.tier))
		}
		n := people[key]
		if !last {
			n = min(n, l.licences)
		}
		people[key] -= n
		out[l.contract+l.id] = strconv.Itoa(n)
	}
	return out
}

func TestContractLinesAgreeWithBruteForce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 5))
	w := newWorld(t)
	for _, c := range []struct{ name, kind string }{{"contracts", "contracts"}, {"roster", "roster"}, {"events", "engagement"}} {
		w.connect(c.name, c.kind)
	}
	var seats []seat
	var lines []line
	var accounts, events, contracts []record
	for a := range 40 {
		app := fmt.Sprintf("app-%d", a)
		tiers := [][]string{{"Pro", "Basic", ""}, {""}, {"Pro"}}[r.IntN(3)]
		for n := range 2 + r.IntN(15) {
			s := seat{app, app + []string{"", "-eu"}[r.IntN(2)], tiers[r.IntN(len(tiers))], r.IntN(2) == 0}
			seats = append(seats, s)
			email := fmt.Sprintf("p%d@acme.example", n)
			accounts = append(accounts, record{"app": s.app, "instance": s.instance, "email": email, "tier": s.tier})
			// An event of a stranger, so that engagement is known of every instance.
			events = append(events, record{"app": s.app, "instance": s.instance, "email": "guest@other.example", "event": "drew", "occurred_at": "2026-03-10T10:00:00Z"})
			if s.engaged {
				events = append(events, record{"app": s.app, "instance": s.instance, "email": email, "event": "drew", "occurred_at": "2026-03-15T10:00:00Z"})
			}
		}
		for _, contract := range []string{"A", "B"} {
			for n := range r.IntN(4) {
				l := line{fmt.Sprint(app, contract), strconv.Itoa(n + 8), app, []string{"", "", app, app + "-eu"}[r.IntN(4)], []string{"", "pro", "Basic"}[r.IntN(3)], 1 + r.IntN(6)}
				lines = append(lines, l)
				contracts = append(contracts, record{"contract_id": l.contract, "line_id": l.id, "vendor": "V", "app": app, "instance": l.instance, "tier": l.tier,
					"start_date": "2026-01-01", "end_date": "2026-12-31", "licences": strconv.Itoa(l.licences), "unit_price": "1"})
			}
		}
	}
	w.snapshot("roster", "roster", "2026-03-31", accounts...)
	w.events("events", "engagement", "occurred_at", events...)
	w.snapshot("contracts", "contracts", "2026-03-01", contracts...)
	w.run("2026-03-31")

	// An instance that nobody has an account of is not known, though a line may name it.
	has := map[string]bool{}
	for _, s := range seats {
		has[s.app+"/"+s.instance] = true
	}
	provisioned := fill(lines, seats, func(seat) bool { return true })
	engaged := fill(lines, seats, func(s seat) bool { return s.engaged })
	var want [][]string
	for _, l := range lines {
		row := []string{l.contract, l.id, "–", "–", "–", "–"}
		n, err := strconv.Atoi(provisioned[l.contract+l.id])
		if pool(lines, has, l) && err == nil {
			row[2], row[3] = strconv.Itoa(n), engaged[l.contract+l.id]
			row[4], row[5] = strconv.Itoa(max(0, l.licences-n)), strconv.Itoa(max(0, n-l.licences))
		}
		want = append(want, row)
	}
	requireRows(t, want, w.rows(`SELECT contract_id, line_id, provisioned_users, engaged_users_30d, unused_licences, over_provisioned
		FROM reports.contract_usage WHERE as_of = DATE '2026-03-31'`))
}

// pool tells whether any instance feeds the queue that a line stands in.
func pool(lines []line, has map[string]bool, l line) bool {
	if l.instance != "" {
		return has[l.app+"/"+l.instance]
	}
	for _, instance := range []string{l.app, l.app + "-eu"} {
		named := false
		for _, other := range lines {
			named = named || other.app == l.app && other.instance == instance
		}
		if !named && has[l.app+"/"+instance] {
			return true
		}
	}
	return false
}

func TestContractLinesOfUnknownSize(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("contracts", "contracts")
	var people []record
	for i := range 7 {
		people = append(people, record{"app": "Tool", "email": fmt.Sprintf("p%d@acme.example", i)})
	}
	w.snapshot("okta", "sso_assignments", "2026-03-31", people...)
	line := func(id, licences, tier, app string) record {
		return record{"contract_id": app, "line_id": id, "vendor": "V", "app": app, "tier": tier, "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": licences, "unit_price": "3"}
	}
	w.snapshot("contracts", "contracts", "2026-03-01", line("1", "", "", "Tool"), line("2", "5", "", "Tool"), line("3", "", "", "Tool"), line("1", "5", "", "Unheard"))
	w.run("2026-03-31")
	require.Equal(t, [][]string{
		{"tool", "1", "–", "–", "–", "–"}, // somewhere behind line 2, nobody knows how many
		{"tool", "2", "5", "5", "0", "0"},
		{"tool", "3", "–", "2", "–", "–"}, // what is left over
		{"unheard", "1", "5", "–", "–", "–"},
	}, w.rows(`SELECT lower(contract_id), line_id, licences, provisioned_users, unused_licences, over_provisioned
		FROM reports.contract_usage WHERE as_of = DATE '2026-03-31' ORDER BY 1, 2`))
	require.Equal(t, [][]string{{"tool", "5", "7", "0", "–", "–"}, {"unheard", "5", "–", "–", "–", "–"}},
		w.rows(`SELECT app_id, licences, provisioned_users, unused_licences, engaged_users_30d, unique_logins_30d FROM reports.app_portfolio WHERE as_of = DATE '2026-03-31' ORDER BY 1`))
}

func TestAllocatedValue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("people", "org_chart")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("contracts", "contracts")
	w.connect("shares", "allocations")
	w.snapshot("people", "org_chart", "2026-01-01",
		record{"email": "a@acme.example", "last_name": "A", "team": "Red"}, record{"email": "b@acme.example", "last_name": "B", "team": "Blue"},
		record{"email": "c@acme.example", "last_name": "C", "team": "Green"}, record{"email": "d@acme.example", "last_name": "D", "team": "Idle"})
	var who []record
	for _, app := range []string{"Even", "Shared", "Wrong"} {
		for _, p := range []string{"a", "b", "c"} {
			who = append(who, record{"app": app, "email": p + "@acme.example"})
		}
	}
	w.snapshot("okta", "sso_assignments", "2026-03-31", who...)
	var lines []record
	for _, app := range []string{"even", "shared", "wrong"} {
		lines = append(lines, record{"contract_id": app, "vendor": "V", "app": app, "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "1", "unit_price": "100"})
	}
	w.snapshot("contracts", "contracts", "2026-01-01", lines...)
	w.snapshot("shares", "allocations", "2026-01-01", record{"app": "Shared", "team": "Red", "percent": "33.33"}, record{"app": "shared", "team": "Idle", "percent": "66.67"},
		record{"app": "Wrong", "team": "Red", "percent": "90"})
	w.run("2026-03-31")
	require.Equal(t, [][]string{
		{"even", "Blue", "33.33"}, {"even", "Green", "33.34"}, {"even", "Red", "33.33"},
		{"shared", "Blue", "0.00"}, {"shared", "Green", "0.00"}, {"shared", "Idle", "66.67"}, {"shared", "Red", "33.33"},
		{"wrong", "Blue", "33.33"}, {"wrong", "Green", "33.34"}, {"wrong", "Red", "33.33"},
	}, w.rows(`SELECT app_id, dimension_value, allocated_contract_value FROM reports.team_cost
		WHERE as_of = DATE '2026-03-31' AND dimension = 'team' ORDER BY 1, 2`))
	require.Equal(t, [][]string{{"allocations.not_100_percent", "error", "1"}},
		w.rows(`SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE 'alloc%'`))
}
