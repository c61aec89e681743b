package transform_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// agreement is a contract of several lines, most of one term; of some, lines begin late or end early, or belong to the next term.
type agreement struct {
	id, app, start, end string
	renews              bool
	notice              string // days; empty: unknown
	lines               []agreedLine
}

type agreedLine struct {
	id, price, period, currency string
	licences                    int
	user                        bool
	start, end                  string
}

// span is a term: the days from the first of a contract's lines to the last, as long as these overlap. The next one's
// start is empty where there is none.
type span struct{ start, end, next string }

// spans walks through the lines by their first days.
func (a agreement) spans() []span {
	lines := slices.Clone(a.lines)
	slices.SortFunc(lines, func(x, y agreedLine) int { return strings.Compare(x.start, y.start) })
	var out []span
	for _, l := range lines {
		if n := len(out); n > 0 && l.start <= out[n-1].end {
			out[n-1].end = max(out[n-1].end, l.end)
			continue
		}
		if n := len(out); n > 0 {
			out[n-1].next = l.start
		}
		out = append(out, span{start: l.start, end: l.end})
	}
	return out
}

// running is the term that a date is in, also as one that renews itself until the next begins.
func (a agreement) running(day string) (span, bool) {
	for _, s := range a.spans() {
		if s.start <= day && (day <= s.end || a.renews && (s.next == "" || day < s.next)) {
			return s, true
		}
	}
	return span{}, false
}

// dated is a rate from a date on.
type dated struct{ from, rate string }

func randomAgreements(r *rand.Rand) []agreement {
	known := []string{"figma", "slack", "notion", "miro"} // spend finds these
	var out []agreement
	for i := range 90 {
		start := parseDay("2021-01-01").AddDate(0, 0, r.IntN(1900))
		length := r.IntN(900)
		if r.IntN(3) == 0 {
			length = 27 + r.IntN(6) // about a month
		}
		if r.IntN(4) == 0 { // begins or ends with a month
			start = start.AddDate(0, 1, -start.Day())
		}
		a := agreement{id: fmt.Sprintf("K%02d", i), app: fmt.Sprintf("app-%02d", i%40), start: start.Format(time.DateOnly),
			end: start.AddDate(0, 0, length).Format(time.DateOnly), renews: r.IntN(3) > 0, notice: []string{"", "0", "30", "60", "90"}[r.IntN(5)]}
		if i < 24 {
			a.app, a.renews = known[i%4], true
		}
		for n := range 1 + r.IntN(4) {
			l := agreedLine{id: strconv.Itoa(n + 1), price: fmt.Sprintf("%d.%04d", r.IntN(900), r.IntN(10_000)), period: []string{"month", "quarter", "year", "term"}[r.IntN(4)],
				currency: []string{"USD", "USD", "EUR", "GBP"}[r.IntN(4)], licences: 1 + r.IntN(30), user: r.IntN(4) > 0}
			if r.IntN(25) == 0 {
				l.price = ""
			}
			l.start, l.end = a.start, a.end
			if r.IntN(3) == 0 { // days of its own
				from, to := parseDay(a.start), parseDay(a.end)
				days := int(to.Sub(from).Hours()/24) + 1
				switch r.IntN(4) {
				case 0:
					from = from.AddDate(0, 0, r.IntN(days))
				case 1:
					to = from.AddDate(0, 0, r.IntN(days))
				case 2: // the next term, at once or later
					from = to.AddDate(0, 0, 1+r.IntN(3)*r.IntN(200))
					to = from.AddDate(0, 0, 20+r.IntN(700))
				default: // the one before
					to = from.AddDate(0, 0, -1-r.IntN(2)*r.IntN(200))
					from = to.AddDate(0, 0, -20-r.IntN(700))
				}
				l.start, l.end = from.Format(time.DateOnly), to.Format(time.DateOnly)
			}
			a.lines = append(a.lines, l)
		}
		out = append(out, a)
	}
	return out
}

// rateOn is the latest rate on or before a date; empty when there is none.
func rateOn(rates []dated, date string) string {
	best := dated{}
	for _, x := range rates {
		if x.from <= date && x.from >= best.from {
			best = x
		}
	}
	return best.rate
}

// yearly and whole are a line's amounts in dollars; nil when unknown. Cents are rounded in the line's currency
// and again in dollars. A line that began within a term has all of the next ones.
func (l agreedLine) amounts(in span, rates map[string][]dated, asOf string) (yearly, whole *big.Rat) {
	rate := "1"
	if l.currency != "USD" {
		rate = rateOn(rates[l.currency], asOf)
	}
	if l.price == "" || rate == "" {
		return nil, nil
	}
	own := termMonths(parseDay(l.start), parseDay(l.end))
	per := map[string]int{"month": 1, "quarter": 3, "year": 12, "term": own}[l.period]
	price := times(rat(l.price), l.licences, 1)
	convert := func(amount *big.Rat) *big.Rat {
		return rat(round2(new(big.Rat).Mul(rat(round2(amount)), rat(rate))))
	}
	if asOf > in.end && l.start > in.start {
		term := termMonths(parseDay(in.start), parseDay(in.end))
		return convert(times(price, 12, per)), convert(times(rat(round2(times(price, 12, per))), term, 12))
	}
	return convert(times(price, 12, per)), convert(times(price, own, per))
}

// total adds up what is known; one unknown makes it unknown, and so does nothing at all.
type total struct {
	sum     *big.Rat
	unknown bool
}

func (t *total) add(x *big.Rat) {
	if x == nil {
		t.unknown = true
		return
	}
	if t.sum == nil {
		t.sum = big.NewRat(0, 1)
	}
	t.sum.Add(t.sum, x)
}

func (t *total) String() string {
	if t.unknown || t.sum == nil {
		return "–"
	}
	return round2(t.sum)
}

func reminder(days int) string {
	for _, mark := range []int{14, 30, 60, 90} {
		if days <= mark {
			return strconv.Itoa(mark)
		}
	}
	return "–"
}

// TestContractTermsAgreeWithBruteForce: each report date of a year sees its own current contracts, rolled
// forward, with the deadline of their notice and the money at the rates of that date.
func TestContractTermsAgreeWithBruteForce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 22))
	contracts := randomAgreements(r)
	rates := map[string][]dated{"EUR": {{"2024-12-31", "1.08"}}, "GBP": {{"2025-09-30", "1.31"}}} // before, pounds had no rate
	for range 12 {
		currency := []string{"EUR", "GBP"}[r.IntN(2)]
		rates[currency] = append(rates[currency], dated{parseDay("2025-10-01").AddDate(0, 0, r.IntN(200)).Format(time.DateOnly), fmt.Sprintf("1.%06d", r.IntN(1_000_000))})
	}
	w := newWorld(t)
	w.only("reports.renewals", "reports.contract_usage", "reports.app_portfolio")
	for _, c := range []struct{ name, kind string }{{"contracts", "contracts"}, {"rates", "fx_rates"}, {"cards", "spend"}} {
		w.connect(c.name, c.kind)
	}
	w.connect("okta", "sso_assignments", idp("okta"))
	var lines, fx, spend, seats []record
	taken := map[string]bool{}
	for currency, list := range rates {
		for i, x := range list {
			if taken[currency+x.from] { // two rates of a day: one of them counts, so give one
				rates[currency][i] = dated{}
				continue
			}
			taken[currency+x.from] = true
			fx = append(fx, record{"date": x.from, "currency": currency, "rate": x.rate})
		}
	}
	for _, a := range contracts {
		for _, l := range a.lines {
			lines = append(lines, record{"contract_id": a.id, "line_id": l.id, "vendor": "V", "app": a.app, "start_date": l.start, "end_date": l.end, "auto_renew": strconv.FormatBool(a.renews),
				"notice_days": a.notice, "licences": strconv.Itoa(l.licences), "unit_price": l.price, "billing_period": l.period, "currency": l.currency, "is_user_licence": strconv.FormatBool(l.user)})
		}
	}
	for i := range 60 {
		spend = append(spend, record{"transaction_id": fmt.Sprint(i), "vendor": []string{"Figma", "Slack", "Notion", "Miro"}[i%4], "currency": "USD",
			"date": parseDay("2024-04-01").AddDate(0, 0, r.IntN(730)).Format(time.DateOnly), "amount": fmt.Sprintf("%d.%02d", r.IntN(5000), r.IntN(100))})
	}
	for a := range 40 {
		for p := range 1 + r.IntN(90) {
			seats = append(seats, record{"app": fmt.Sprintf("app-%02d", a), "email": fmt.Sprintf("p%d@acme.example", p)})
		}
	}
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	w.snapshot("contracts", "contracts", "2026-03-01", lines...)
	w.snapshot("rates", "fx_rates", "2026-03-01", fx...)
	w.events("cards", "spend", "date", spend...)
	w.snapshot("okta", "sso_assignments", "2025-03-01", seats...)
	w.run("2026-03-31")

	var wantRenewals, wantLines, wantApps [][]string
	for back := range 13 {
		asOf := time.Date(2026, time.April-time.Month(back), 0, 0, 0, 0, 0, time.UTC)
		day := asOf.Format(time.DateOnly)
		type app struct {
			licences int
			user     bool
			end      string
			yearly   total
			whole    total
		}
		apps := map[string]*app{}
		for _, a := range contracts {
			in, ok := a.running(day)
			if !ok {
				continue
			}
			now := currentEnd(parseDay(in.start), parseDay(in.end), asOf)
			if in.next != "" && now.Format(time.DateOnly) >= in.next {
				now = parseDay(in.next).AddDate(0, 0, -1)
			}
			if apps[a.app] == nil {
				apps[a.app] = &app{end: now.Format(time.DateOnly)}
			}
			sums := apps[a.app]
			sums.end = min(sums.end, now.Format(time.DateOnly))
			var contract total
			for _, l := range a.lines {
				if l.start < in.start || l.start > in.end || l.start > day || l.end < day && l.end != in.end {
					continue
				}
				yearly, whole := l.amounts(in, rates, day)
				sums.whole.add(whole)
				shown := total{}
				shown.add(yearly)
				wantLines = append(wantLines, []string{day, a.id, l.id, shown.String()})
				if l.user {
					contract.add(yearly)
					sums.yearly.add(yearly)
					sums.licences += l.licences
					sums.user = true
				}
			}
			notice, due := "–", now
			if days, err := strconv.Atoi(a.notice); err == nil {
				due = now.AddDate(0, 0, -days)
				notice = due.Format(time.DateOnly)
			}
			left := int(due.Sub(asOf).Hours() / 24)
			wantRenewals = append(wantRenewals, []string{day, a.id, a.app, now.Format(time.DateOnly), notice, strconv.Itoa(left), reminder(left), strconv.FormatBool(a.renews), contract.String()})
		}
		for name, a := range apps {
			licences := "–"
			if a.user {
				licences = strconv.Itoa(a.licences)
			}
			wantApps = append(wantApps, []string{day, name, licences, a.yearly.String(), a.whole.String(), a.end})
		}
	}
	requireRows(t, wantRenewals, w.rows(`SELECT as_of, contract_id, app_id, end_date, notice_deadline, days_left, reminder, auto_renew, annual_spend FROM reports.renewals`))
	requireRows(t, wantLines, w.rows(`SELECT as_of, contract_id, line_id, annual_spend FROM reports.contract_usage`))
	requireRows(t, wantApps, w.rows(`SELECT as_of, app_id, licences, contract_annual_spend, total_contract_value, upcoming_end_date
		FROM reports.app_portfolio WHERE upcoming_end_date IS NOT NULL`))
	requireSpendShared(t, w)
	requireTrueUp(t, w)
}

// requireSpendShared: an app's spend stands beside its lines in proportion to what they cost, to the cent, and all of
// it does.
func requireSpendShared(t *testing.T, w *world) {
	t.Helper()
	cost, shared, spent := map[string]*big.Rat{}, map[string]*big.Rat{}, map[string]string{}
	rows := w.rows(`SELECT u.as_of || ' ' || u.app_id, u.annual_spend, u.spend_12m, p.spend_12m FROM reports.contract_usage AS u
		JOIN reports.app_portfolio AS p ON p.as_of = u.as_of AND p.app_id = u.app_id`)
	for _, row := range rows {
		if row[1] != "–" {
			if cost[row[0]] == nil {
				cost[row[0]], shared[row[0]] = big.NewRat(0, 1), big.NewRat(0, 1)
			}
			cost[row[0]].Add(cost[row[0]], rat(row[1]))
		}
	}
	for _, row := range rows {
		if row[1] == "–" || row[3] == "–" || cost[row[0]].Sign() <= 0 {
			require.Equal(t, "–", row[2], row)
			continue
		}
		exact := new(big.Rat).Quo(new(big.Rat).Mul(rat(row[3]), rat(row[1])), cost[row[0]])
		off := exact.Sub(exact, rat(row[2]))
		require.Negative(t, off.Abs(off).Cmp(big.NewRat(1, 100)), row)
		shared[row[0]].Add(shared[row[0]], rat(row[2]))
		spent[row[0]] = row[3]
	}
	require.Greater(t, len(spent), 30)
	for key, sum := range spent {
		require.Equal(t, sum, round2(shared[key]), key)
	}
}

// requireTrueUp: licences that are missing cost what the line's licences cost.
func requireTrueUp(t *testing.T, w *world) {
	t.Helper()
	priced := 0
	for _, row := range w.rows(`SELECT contract_id, licences, over_provisioned, annual_spend, true_up_cost FROM reports.contract_usage`) {
		if row[2] == "–" || row[3] == "–" {
			require.Equal(t, "–", row[4], row)
			continue
		}
		licences, err := strconv.Atoi(row[1])
		require.NoError(t, err)
		over, err := strconv.Atoi(row[2])
		require.NoError(t, err)
		if over > 0 {
			priced++
		}
		require.Equal(t, round2(times(rat(row[3]), over, licences)), row[4], row)
	}
	require.Greater(t, priced, 20)
}
