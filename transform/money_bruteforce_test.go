package transform_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// moneyApp is what an organisation pays for an app, and who is known to have and use it.
type moneyApp struct {
	id        string
	contracts []moneyContract
	charges   []moneyCharge
	evidence  string // none, roster, events, log, taken (assigned once, now to nobody)
	people    int    // with a seat, or active long ago
	active    int    // of them in the last 30 days
}

type moneyContract struct {
	id         string
	start, end time.Time
	renews     bool
	user       bool
	licences   int
	price      int // dollars a year; -1: unknown
}

type moneyCharge struct {
	on    time.Time
	cents int
}

var moneyDay = parseDay("2026-06-30")

func randomMoney(r *rand.Rand) []moneyApp {
	var out []moneyApp
	for _, id := range []string{"figma", "slack", "notion", "miro", "zoom", "asana", "airtable", "dropbox", "loom", "canva"} {
		a := moneyApp{id: id, evidence: []string{"none", "roster", "events", "log", "taken"}[r.IntN(5)], people: 1 + r.IntN(4)}
		if r.IntN(2) == 0 {
			a.active = r.IntN(a.people + 1)
		}
		for n := range r.IntN(3) {
			start := moneyDay.AddDate(0, 0, 30-r.IntN(800))
			a.contracts = append(a.contracts, moneyContract{
				id: fmt.Sprintf("%s-%d", id, n), start: start, end: start.AddDate(0, 0, 20+r.IntN(500)),
				renews: r.IntN(3) == 0, user: r.IntN(5) > 0, licences: 1 + r.IntN(9), price: r.IntN(60) - 1,
			})
		}
		for range r.IntN(4) {
			// Each amount is another, so that no two charges are the same one.
			a.charges = append(a.charges, moneyCharge{on: moneyDay.AddDate(0, 0, -r.IntN(600)), cents: r.IntN(9_000)*10 - 20_000 + len(out)})
		}
		if r.IntN(6) == 0 { // paid, and paid back
			a.charges = []moneyCharge{{moneyDay.AddDate(0, -2, 0), 1500}, {moneyDay.AddDate(0, -1, 0), -1500}}
		}
		out = append(out, a)
	}
	return out
}

// inForce tells whether the contract runs on a day: within its term, or, where it renews itself, ever after.
func (c moneyContract) inForce(day time.Time) bool {
	return !c.start.After(day) && (c.renews || !c.end.Before(day))
}

// findings are what should be found, a line each: kind, app, detail.
func (a moneyApp) findings() []string {
	var out []string
	unused := a.evidence == "taken" || a.active == 0 && (a.evidence == "events" || a.evidence == "log")
	paid := ""
	everContract := false
	for _, c := range a.contracts {
		everContract = everContract || !c.start.After(moneyDay)
		if !unused || !c.user || c.price <= 0 || !c.inForce(moneyDay) {
			continue
		}
		detail := fmt.Sprintf("contract %s costs %d.00 a year; nobody was active in 30 days", c.id, c.licences*c.price)
		if paid == "" || detail < paid {
			paid = detail
		}
	}
	if paid != "" {
		out = append(out, strings.Join([]string{"paid_not_used", a.id, paid}, "|"))
	}
	sum := 0
	for _, c := range a.charges {
		if c.on.After(moneyDay.AddDate(-1, 0, 0)) {
			sum += c.cents
		}
	}
	if sum > 0 && !everContract {
		amount := big.NewRat(int64(sum), 100).FloatString(2)
		out = append(out, strings.Join([]string{"charged_without_contract", a.id, amount + " spent in twelve months, but no contract was ever seen"}, "|"))
	}
	// Until when contracts ran, of those that ever did.
	until := time.Time{}
	for _, c := range a.contracts {
		switch {
		case c.start.After(moneyDay):
		case c.renews:
			until = moneyDay
		case c.end.After(until):
			until = c.end
		}
	}
	after := 0
	for _, c := range a.charges {
		if c.on.After(moneyDay.AddDate(-1, 0, 0)) && c.on.After(until) {
			after += c.cents
		}
	}
	if everContract && after > 0 {
		out = append(out, strings.Join([]string{"charged_without_contract", a.id, big.NewRat(int64(after), 100).FloatString(2) + " spent since the contract ended on " + until.Format(time.DateOnly)}, "|"))
	}
	return out
}

func moneyWorld(t *testing.T, apps []moneyApp) *world {
	w := newWorld(t)
	w.only("reports.disagreements")
	w.connect("contracts", "contracts")
	w.connect("cards", "spend")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("log", "sso_logins", idp("okta"))
	w.connect("events", "engagement")
	w.connect("roster", "roster")
	var contracts, charges, before, events, logins, accounts []record
	before = append(before, record{"email": "p0@acme.example", "app": "Other", "assigned_via": "direct"})
	for _, a := range apps {
		for _, c := range a.contracts {
			line := record{"contract_id": c.id, "vendor": a.id, "app": a.id, "start_date": c.start.Format(time.DateOnly), "end_date": c.end.Format(time.DateOnly),
				"licences": fmt.Sprint(c.licences), "billing_period": "year", "auto_renew": fmt.Sprint(c.renews), "is_user_licence": fmt.Sprint(c.user)}
			if c.price >= 0 {
				line["unit_price"] = fmt.Sprint(c.price)
			}
			contracts = append(contracts, line)
		}
		for n, c := range a.charges {
			charges = append(charges, record{"transaction_id": fmt.Sprint(a.id, n), "date": c.on.Format(time.DateOnly), "amount": big.NewRat(int64(c.cents), 100).FloatString(2),
				"currency": "USD", "vendor": strings.ToUpper(a.id)})
		}
		for p := range a.people {
			person := fmt.Sprintf("p%d@acme.example", p)
			at := func(daysAgo int) record {
				return record{"event_id": fmt.Sprint(a.id, p, "-", daysAgo), "email": person, "app": a.id, "event": "edited",
					"occurred_at": moneyDay.AddDate(0, 0, -daysAgo).Format(time.DateOnly) + "T10:00:00Z"}
			}
			var acts []record
			acts = append(acts, at(100), at(30)) // 30 days ago is a day too long ago
			if p < a.active {
				acts = append(acts, at(29*p/3))
			}
			switch a.evidence {
			case "roster":
				accounts = append(accounts, record{"email": person, "app": a.id})
			case "events":
				events = append(events, acts...)
			case "log":
				logins = append(logins, acts...)
			case "taken":
				before = append(before, record{"email": person, "app": a.id, "assigned_via": "direct"})
			}
		}
	}
	w.snapshot("contracts", "contracts", "2026-06-01", contracts...)
	w.events("cards", "spend", "date", charges...)
	w.snapshot("okta", "sso_assignments", "2026-06-01", before...)
	w.snapshot("okta", "sso_assignments", "2026-06-30", before[0])
	w.snapshot("roster", "roster", "2026-06-30", append(accounts, record{"email": "p0@acme.example", "app": "Other"})...)
	w.events("events", "engagement", "occurred_at", append(events, record{"event_id": "o", "email": "p0@acme.example", "app": "Other", "event": "edited", "occurred_at": "2026-06-30T10:00:00Z"})...)
	w.events("log", "sso_logins", "occurred_at", append(logins, record{"event_id": "o", "email": "p0@acme.example", "app": "Other", "occurred_at": "2026-06-30T10:00:00Z"})...)
	return w
}

// TestMoneyDisagreementsAgreeWithBruteForce: what is paid for and not used, and what is charged without a contract,
// of random organisations, beside the sum done app by app.
func TestMoneyDisagreementsAgreeWithBruteForce(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for seed := range uint64(8) {
		apps := randomMoney(rand.New(rand.NewPCG(seed, 11)))
		var want []string
		for _, a := range apps {
			want = append(want, a.findings()...)
		}
		sort.Strings(want)
		for _, line := range want {
			kind, _, _ := strings.Cut(line, "|")
			found[kind]++
		}
		w := moneyWorld(t, apps)
		w.run("2026-06-30")
		var got []string
		for _, row := range w.rows("SELECT kind, app_id, detail FROM reports.disagreements WHERE kind IN ('paid_not_used', 'charged_without_contract') AND app_id <> 'other' ORDER BY ALL") {
			got = append(got, strings.Join(row, "|"))
		}
		sort.Strings(got)
		require.Equal(t, want, got, "seed %d", seed)
	}
	require.Greater(t, found["paid_not_used"], 5, "the organisations are varied")
	require.Greater(t, found["charged_without_contract"], 5, "the organisations are varied")
}
