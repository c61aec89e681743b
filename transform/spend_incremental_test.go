package transform_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ledger is what card feeds, HR and the rates have said so far of a small company in which the same few amounts
// are charged again and again.
type ledger struct {
	r       *rand.Rand
	w       *world
	lines   map[string]ledgerLine // by id, newest version
	charts  map[string]map[int]map[string]string
	rates   map[int]int // cents of a dollar for a euro, by day
	isAlias bool        // HR has said that old@ is p1@
	next    int
}

type ledgerLine struct {
	id, feed, text, payer, department, currency string
	day, dollars                                int
}

var ledgerFeeds = []string{"bank", "cards", "expenses"}

// ledgerTexts say what each statement text stands for; the last is nobody's that the catalogue knows.
var ledgerTexts = map[string]string{"ZOOM.US": "zoom", "ZOOM VIDEO COMMUNICATIONS INC": "zoom", "FIGMA": "figma", "TACOS": ""}

func newLedger(t testing.TB, seed uint64) *ledger {
	w := newWorld(t)
	for _, feed := range ledgerFeeds {
		w.connect(feed, "spend")
	}
	w.connect("hr", "org_chart")
	w.connect("hr-branch", "org_chart")
	w.connect("rates", "fx_rates")
	w.only("core.spend", "reports.spend_by_person", "reports.spend_by_department", "reports.unmapped_spend")
	return &ledger{
		r: rand.New(rand.NewPCG(seed, 25)), w: w, lines: map[string]ledgerLine{},
		charts: map[string]map[int]map[string]string{"hr": {}, "hr-branch": {}}, rates: map[int]int{},
	}
}

func (l *ledger) line(id, feed string, day int) ledgerLine {
	at := max(0, day-l.r.IntN(5))
	if l.r.IntN(4) == 0 {
		at = l.r.IntN(day + 3) // long ago, or not yet
	}
	n := ledgerLine{
		id: id, feed: feed, day: at, dollars: 10 + 10*l.r.IntN(2), currency: []string{"USD", "USD", "EUR"}[l.r.IntN(3)],
		text:  []string{"ZOOM.US", "ZOOM VIDEO COMMUNICATIONS INC", "FIGMA", "TACOS"}[l.r.IntN(4)],
		payer: []string{"", "p0", "p1", "p2", "old"}[l.r.IntN(5)],
	}
	if l.r.IntN(5) == 0 {
		n.department = "Own"
	}
	return n
}

// tell delivers a night: new lines, some corrected ones, and now and then an org chart or a rate, late ones among them.
func (l *ledger) tell(day int) {
	var lines []ledgerLine
	for _, feed := range ledgerFeeds {
		for range l.r.IntN(4) {
			lines = append(lines, l.fresh(feed, day))
		}
	}
	for range l.r.IntN(3) {
		if n := l.corrected(day); !slices.ContainsFunc(lines, func(o ledgerLine) bool { return o.id == n.id }) {
			lines = append(lines, n)
		}
	}
	l.send(lines...)
	for _, hr := range []string{"hr", "hr-branch"} {
		if l.r.IntN(3) == 0 {
			l.sendChart(hr, day, max(0, day-[]int{0, 0, 0, l.r.IntN(30)}[l.r.IntN(4)]))
		}
	}
	if l.r.IntN(4) == 0 {
		l.sendRate(day, l.r.IntN(day+1))
	}
}

// fresh is a line not sent before; corrected one that was, all but its id changed.
func (l *ledger) fresh(feed string, day int) ledgerLine {
	l.next++
	return l.line(fmt.Sprint(feed, "-", l.next), feed, day)
}

func (l *ledger) corrected(day int) ledgerLine {
	ids := sortedIDs(l.lines)
	if len(ids) == 0 {
		return l.fresh("bank", day)
	}
	id := ids[l.r.IntN(len(ids))]
	return l.line(id, l.lines[id].feed, day)
}

func (l *ledger) send(lines ...ledgerLine) {
	rows := map[string][]record{}
	for _, n := range lines {
		l.lines[n.id] = n
		rec := charge(n.id, n.day, strconv.Itoa(n.dollars), n.text, n.payer)
		rec["currency"], rec["department"] = n.currency, n.department
		rows[n.feed] = append(rows[n.feed], rec)
	}
	for feed, lines := range rows {
		l.w.events(feed, "spend", "date", lines...)
	}
}

// sendChart delivers the org chart of a day, in which each of three people is listed or not.
func (l *ledger) sendChart(hr string, day, at int) {
	listed := map[string]string{"boss-" + hr: "Top"}
	people := []record{{"email": "boss-" + hr + "@acme.example", "last_name": "B", "department": "Top"}}
	for p := range 3 {
		if l.r.IntN(3) == 0 {
			continue
		}
		name, department := fmt.Sprint("p", p), []string{"", "North", "South"}[l.r.IntN(3)]
		rec := record{"email": name + "@acme.example", "last_name": name, "department": department}
		if p == 1 && hr == "hr" && day > 15 {
			rec["additional_emails"], l.isAlias = "old@acme.example", true
		}
		listed[name] = department
		people = append(people, rec)
	}
	l.charts[hr][at] = listed
	l.w.snapshot(hr, "org_chart", date(at), people...)
}

func (l *ledger) sendRate(day, at int) {
	l.rates[at] = 100 + l.r.IntN(50)
	var rates []record
	for at, cents := range l.rates {
		rates = append(rates, record{"date": date(at), "currency": "EUR", "rate": fmt.Sprintf("%d.%02d", cents/100, cents%100)})
	}
	l.w.snapshot("rates", "fx_rates", date(day), rates...)
}

func sortedIDs(lines map[string]ledgerLine) []string {
	var ids []string
	for id := range lines {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (l *ledger) person(payer string) string {
	if payer == "old" && l.isAlias {
		return "p1"
	}
	return payer
}

// alike tells whether two lines are of one vendor, amount and currency, at most three days apart.
func alike(a, b ledgerLine) bool { return sameCharge(a, b) && a.day-b.day <= 3 && b.day-a.day <= 3 }

func sameCharge(a, b ledgerLine) bool {
	what := func(n ledgerLine) string { return cmp.Or(ledgerTexts[n.text], "text "+n.text) }
	return what(a) == what(b) && a.dollars == b.dollars && a.currency == b.currency
}

// repeated finds the lines that count nowhere, one pair after the other, and of those that they repeat the
// day of the charge: the earliest that any line tells.
func (l *ledger) repeated() (out map[string]bool, charged map[string]int) {
	charged = map[string]int{}
	tells := func(b, k ledgerLine) {
		if at, ok := charged[k.id]; !ok || b.day < at {
			charged[k.id] = min(b.day, k.day)
		}
	}
	var all []ledgerLine
	for _, n := range l.lines {
		n.payer = l.person(n.payer)
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b ledgerLine) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.feed, b.feed), cmp.Compare(a.id, b.id))
	})
	out = map[string]bool{}
	done := map[string]bool{}
	for i, first := range all {
		if first.payer == "" || done[first.id] {
			continue
		}
		run := []ledgerLine{}
		for _, n := range all[i:] {
			if sameCharge(first, n) && n.payer == first.payer && (len(run) == 0 || n.day-run[len(run)-1].day <= 3) {
				run, done[n.id] = append(run, n), true
			}
		}
		count := map[string]int{}
		for _, n := range run {
			count[n.feed]++
		}
		nth := map[string]int{}
		for _, b := range run {
			nth[b.feed]++
			for _, a := range run {
				if a.feed < b.feed && alike(a, b) && count[a.feed] >= nth[b.feed] {
					out[b.id] = true
				}
			}
		}
		place, seen := map[string]int{}, map[string]int{}
		for _, n := range run {
			seen[n.feed]++
			place[n.id] = seen[n.feed]
		}
		for _, b := range run {
			for _, k := range run {
				if out[b.id] && k.feed != b.feed && place[k.id] == place[b.id] && alike(b, k) {
					tells(b, k)
				}
			}
		}
	}
	fits := func(u, k ledgerLine) bool {
		if u.payer != "" || k.payer == "" || u.feed == k.feed || ledgerTexts[u.text] == "" || !alike(u, k) || out[k.id] {
			return false
		}
		return !slices.ContainsFunc(all, func(s ledgerLine) bool { return s.feed == u.feed && s.payer == k.payer && alike(s, k) })
	}
	nameless := map[string]bool{}
	for _, u := range all {
		var candidates []ledgerLine
		for _, k := range all {
			if fits(u, k) {
				candidates = append(candidates, k)
			}
		}
		if len(candidates) != 1 {
			continue
		}
		claims := 0
		for _, other := range all {
			if fits(other, candidates[0]) {
				claims++
			}
		}
		if nameless[u.id] = claims == 1; nameless[u.id] {
			tells(u, candidates[0])
		}
	}
	for id, is := range nameless {
		if is {
			out[id] = true
		}
	}
	for id, n := range l.lines {
		if at, ok := charged[id]; !ok || out[id] || at > n.day {
			charged[id] = n.day
		}
	}
	return out, charged
}

// department is the line's own, else the payer's by the charts in force, else by the last one that lists the payer.
func (l *ledger) department(n ledgerLine) string {
	if n.department != "" || n.payer == "" {
		return cmp.Or(n.department, "NULL")
	}
	person := l.person(n.payer)
	for _, inForce := range []bool{true, false} {
		best, found := -1, ""
		for _, hr := range []string{"hr", "hr-branch"} {
			newest := true
			for at := n.day; at >= 0; at-- {
				chart, ok := l.charts[hr][at]
				if !ok {
					continue
				}
				if department, listed := chart[person]; listed && at > best && (newest || !inForce) {
					best, found = at, department
				}
				newest = false
			}
		}
		if best >= 0 {
			return cmp.Or(found, "NULL")
		}
	}
	return "NULL"
}

func (l *ledger) base(n ledgerLine) string {
	if n.currency == "USD" {
		return fmt.Sprintf("%d.00", n.dollars)
	}
	for at := n.day; at >= 0; at-- {
		if cents, ok := l.rates[at]; ok {
			return fmt.Sprintf("%d.%02d", n.dollars*cents/100, n.dollars*cents%100)
		}
	}
	return "NULL"
}

// requireSpend compares core.spend, and the reports of it as of a day, with the lines sent so far, and says how many count
// nowhere.
func (l *ledger) requireSpend(night, asOf int) (dropped int) {
	l.w.t.Helper()
	repeated, charged := l.repeated()
	var want [][]string
	for _, id := range sortedIDs(l.lines) {
		n := l.lines[id]
		want = append(want, []string{id, date(charged[id]), strconv.FormatBool(repeated[id]), l.department(n), l.base(n)})
	}
	require.Equal(l.w.t, want, l.w.rows(`SELECT transaction_id, CAST(transaction_date AS VARCHAR), CAST(is_duplicate AS VARCHAR),
    coalesce(department, 'NULL'), coalesce(CAST(amount_base AS VARCHAR), 'NULL')
FROM core.spend ORDER BY 1`), "after night %d", night)
	l.requireReports(night, asOf, repeated, charged)
	return len(repeated)
}

// requireReports adds up what counts by payer and by department, line by line.
func (l *ledger) requireReports(night, asOf int, repeated map[string]bool, charged map[string]int) {
	l.w.t.Helper()
	type sum struct{ cents, lines int }
	byPerson, byDepartment := map[string]sum{}, map[string]sum{}
	unmapped := []string{}
	for _, id := range sortedIDs(l.lines) {
		n, day := l.lines[id], charged[id]
		if repeated[id] || day > asOf {
			continue
		}
		if ledgerTexts[n.text] == "" {
			unmapped = append(unmapped, id+" "+date(day))
		}
		whole, cents, known := strings.Cut(l.base(n), ".")
		if !known {
			continue
		}
		amount, err := strconv.Atoi(whole + cents)
		require.NoError(l.w.t, err)
		add := func(sums map[string]sum, whose string) {
			k := fmt.Sprint(date(day)[:7], "-01 ", whose, " ", ledgerTexts[n.text])
			sums[k] = sum{sums[k].cents + amount, sums[k].lines + 1}
		}
		add(byPerson, cmp.Or(l.person(n.payer), "NULL"))
		add(byDepartment, l.department(n))
	}
	for report, sums := range map[string]map[string]sum{"spend_by_person": byPerson, "spend_by_department": byDepartment} {
		var want [][]string
		for _, k := range slices.Sorted(maps.Keys(sums)) {
			want = append(want, []string{k, fmt.Sprintf("%d.%02d", sums[k].cents/100, sums[k].cents%100), strconv.Itoa(sums[k].lines)})
		}
		whose := strings.TrimPrefix(report, "spend_by_")
		if whose == "person" {
			whose = "replace(person_id, '@acme.example', '')"
		}
		require.Equal(l.w.t, want, l.w.rows(fmt.Sprintf(`SELECT month || ' ' || coalesce(%s, 'NULL') || ' ' || coalesce(app_id, '') AS k, sum(amount), sum(transactions)
FROM reports.%s GROUP BY k ORDER BY k`, whose, report)), "%s after night %d", report, night)
	}
	var got []string
	for _, row := range l.w.rows("SELECT transaction_id || ' ' || date FROM reports.unmapped_spend ORDER BY 1") {
		got = append(got, row[0])
	}
	require.ElementsMatch(l.w.t, unmapped, got, "unmapped_spend after night %d", night)
}

// TestSpendNightByNightAgreesWithBruteForce holds every line, after each night, to what comparing each line with each
// other one gives: lines, org charts and rates come late, are corrected and read again, and an address turns out to be
// another's.
func TestSpendNightByNightAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprintf("history %d", seed), func(t *testing.T) {
			t.Parallel()
			l := newLedger(t, seed)
			const nights = 32
			incremental, dropped := 0, 0
			for day := range nights {
				l.tell(day)
				if l.r.IntN(3) == 0 && day < nights-1 {
					continue
				}
				if res := l.w.run(date(day)); !res.FullRefresh {
					incremental++
				}
				dropped = l.requireSpend(day, day)
			}
			require.Greater(t, incremental, nights/3)
			require.Greater(t, dropped, 10)
		})
	}
}

// TestOneChangeAtATimeAgreesWithBruteForce: on a history that is already known, each night brings a single line, org chart or rate, whose
// reach the other changes of the night do not hide: long runs of charges, lines long after a chart.
func TestOneChangeAtATimeAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	for _, history := range []int{60, 150, 300, 500} { // the longer, the fewer lines a day
		t.Run(fmt.Sprintf("%d days", history), func(t *testing.T) {
			t.Parallel()
			const nights = 24
			l := newLedger(t, uint64(history))
			anyDay := func(n ledgerLine) ledgerLine {
				n.day, n.dollars, n.text, n.currency = l.r.IntN(history), 10, []string{"ZOOM.US", "FIGMA"}[l.r.IntN(8)/7], []string{"USD", "EUR"}[l.r.IntN(8)/7]
				n.payer = []string{"", "p0", "p0", "p1"}[l.r.IntN(4)]
				return n
			}
			var lines []ledgerLine
			for i := range 140 {
				lines = append(lines, anyDay(l.fresh(ledgerFeeds[i%3], 10)))
			}
			l.send(lines...)
			l.sendChart("hr", 10, 20)
			l.sendChart("hr-branch", 10, 30)
			l.sendRate(10, 10)
			l.w.run(date(history))
			l.requireSpend(0, history)
			for night := range nights {
				switch l.r.IntN(8) {
				case 0:
					l.sendChart([]string{"hr", "hr-branch"}[l.r.IntN(2)], 10, l.r.IntN(history))
				case 1:
					l.sendRate(10, l.r.IntN(history))
				case 2, 3, 4:
					l.send(anyDay(l.corrected(10)))
				default:
					l.send(anyDay(l.fresh(ledgerFeeds[l.r.IntN(3)], 10)))
				}
				res := l.w.run(date(history))
				require.False(t, res.FullRefresh, res.Reason)
				l.requireSpend(night+1, history)
			}
		})
	}
}
