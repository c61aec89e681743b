package transform_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// organisation is a history with features, reporting lines and one contract, for the usage
// reports to be counted the obvious way.
type organisation struct {
	*history
	features []feature
	charts   []chart
	licence  int // annual spend of app-0 in cents
}

type feature struct {
	event
	name  string
	count int
}

// chart is the organisation from a day on: by person, where they belong.
type chart struct {
	day    int
	places map[int]place
}

type place struct {
	team, location, centre, manager string // manager: an address, perhaps of no one listed
	left                            int    // day of leaving, -1 while employed
}

func randomOrganisation(r *rand.Rand) *organisation {
	o := &organisation{history: randomHistory(r), licence: 100*r.IntN(10_000) + r.IntN(100) + 1}
	all := func() string {
		a := o.addresses[r.IntN(len(o.addresses))]
		return a[r.IntN(len(a))]
	}
	for i := range r.IntN(80) {
		f := feature{name: []string{"drew", "shared", "exported"}[r.IntN(3)], count: 1 + r.IntN(4)}
		f.event = event{connection: "events", id: fmt.Sprint("f", i), app: fmt.Sprintf("app-%d", r.IntN(5)), address: all(), day: r.IntN(o.asOf + 1)}
		o.features = append(o.features, f)
	}
	for day := 1 + r.IntN(20); day <= o.asOf; day += 20 + r.IntN(60) {
		c := chart{day: day, places: map[int]place{}}
		for p := range o.addresses {
			if r.IntN(6) == 0 {
				continue // HR forgot somebody
			}
			x := place{team: []string{"Red", "Blue", "", "Green"}[r.IntN(4)], location: []string{"Bern", "Oslo", ""}[r.IntN(3)], centre: fmt.Sprint("C", r.IntN(2)), left: -1}
			switch r.IntN(6) {
			case 0:
			case 1:
				x.manager = "gone@acme.example"
			default:
				x.manager = all() // themselves and circles included
			}
			if r.IntN(5) == 0 {
				x.left = day + r.IntN(80) - 20
			}
			c.places[p] = x
		}
		o.charts = append(o.charts, c)
	}
	return o
}

func (o *organisation) load(w *world) {
	o.history.load(w)
	var rows []record
	for _, f := range o.features {
		rows = append(rows, record{"event_id": f.id, "app": f.app, "email": f.address, "event": f.name, "count": strconv.Itoa(f.count), "occurred_at": date(f.day) + "T08:00:00Z"})
		o.engaged = append(o.engaged, f.event)
	}
	w.events("events", "engagement", "occurred_at", rows...)
	for _, c := range o.charts {
		var people []record
		for p, x := range c.places {
			rec := record{"email": o.addresses[p][0], "last_name": fmt.Sprint(p), "team": x.team, "location": x.location, "cost_centre": x.centre, "manager_email": x.manager}
			if x.left >= 0 {
				rec["termination_date"] = date(x.left)
			}
			people = append(people, rec)
		}
		w.snapshot("people", "org_chart", date(c.day), people...)
	}
	w.connect("contracts", "contracts")
	w.snapshot("contracts", "contracts", date(0), record{"contract_id": "K", "vendor": "App 0", "app": "app-0", "start_date": date(0), "end_date": date(9999),
		"licences": "1", "unit_price": fmt.Sprintf("%d.%02d", o.licence/100, o.licence%100), "billing_period": "year"})
}

func (o *organisation) connectedOn(name string, day int) bool {
	d := o.connected[name].disconnected
	return d < 0 || day <= d
}

// active are the people with an event that counts within the window.
func active(events []event, o *organisation, app string, asOf, window int) map[int]bool {
	who := map[int]bool{}
	for _, e := range events {
		ok := e.connection == "events" || e.ok && e.managed
		if e.app == app && ok && o.connectedOn(e.connection, e.day) && e.day <= asOf && asOf-e.day < window {
			who[o.person(e.address)] = true
		}
	}
	return who
}

// known tells whether a source that is still connected on a day has data of an app by then.
func known(events []event, o *organisation, app string, asOf int) bool {
	for _, e := range events {
		if ok := e.connection == "events" || e.ok && e.managed; ok && e.app == app && e.day <= asOf && o.connectedOn(e.connection, e.day) && o.connectedOn(e.connection, asOf) {
			return true
		}
	}
	return false
}

// signInsKnown tells whether a log of sign-ins speaks of an app: one that has shown a sign-in to it, or Okta's, once Okta
// has assigned the app.
func (o *organisation) signInsKnown(app string, asOf int) bool {
	if known(o.logins, o, app, asOf) {
		return true
	}
	begun, assigned := false, false
	for _, e := range o.logins {
		begun = begun || e.connection == "okta" && e.ok && e.managed && e.day <= asOf && o.connectedOn("okta", e.day)
	}
	for _, s := range o.assigned {
		for _, r := range s.rows {
			assigned = assigned || s.connection == "okta" && s.day <= asOf && r.app == app && o.connectedOn("okta", s.day) && !o.superseded(o.assigned, s)
		}
	}
	return begun && assigned && o.connectedOn("okta", asOf)
}

// holders are the people behind the provisioned number.
func (o *organisation) holders(app string, day int, basis string) map[int]bool {
	who := map[int]bool{}
	switch basis {
	case "connector_exact", "sso_assigned", "sso_assigned_estimated":
		sets := o.rosters
		if basis != "connector_exact" {
			sets = o.assigned
		}
		for _, s := range o.lists(sets, app, day) {
			for _, r := range s.rows {
				if r.app == app && (basis != "connector_exact" || r.status != "deactivated") {
					who[o.person(r.address)] = true
				}
			}
		}
	case "engaged_120d":
		return active(o.engaged, o, app, day, 120)
	case "sso_login_120d":
		return active(o.logins, o, app, day, 120)
	}
	return who
}

func both(a, b map[int]bool) (n int) {
	for p := range a {
		if b[p] {
			n++
		}
	}
	return n
}

func pct(part int, whole string) string {
	n, err := strconv.Atoi(whole)
	if err != nil || n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.4f", 100*float64(part)/float64(n))
}

var allWindows = []int{30, 60, 90, 120}

// reportDays are the as-of day and the month ends before it, as far as there is history.
func (o *organisation) reportDays() []int {
	days := []int{o.asOf}
	for d := range o.asOf {
		if dayZero.AddDate(0, 0, d+1).Day() == 1 {
			days = append(days, d)
		}
	}
	return days
}

func (o *organisation) apps(day int) []string {
	var out []string
	for a := range 5 {
		app := fmt.Sprintf("app-%d", a)
		if first := o.firstDay(app); first >= 0 && first <= day {
			out = append(out, app)
		}
	}
	return out
}

func (o *organisation) engagement() (rows [][]string) {
	for _, day := range o.reportDays() {
		for _, app := range o.apps(day) {
			users, basis := o.provisioned(app, day)
			who := o.holders(app, day, basis)
			for _, w := range allWindows {
				row := []string{date(day), strconv.Itoa(w), app, users, basis, "–", "–", "–", "–", "–", "–"}
				if known(o.engaged, o, app, day) {
					engaged := active(o.engaged, o, app, day, w)
					n := both(engaged, who)
					total, err := strconv.Atoi(users)
					if err != nil {
						panic("an app with an engagement source has a number")
					}
					row[5], row[6], row[7], row[8] = strconv.Itoa(n), strconv.Itoa(total-n), strconv.Itoa(len(engaged)-n), pct(n, users)
				}
				if o.signInsKnown(app, day) {
					in := active(o.logins, o, app, day, w)
					row[9], row[10] = strconv.Itoa(len(in)), pct(both(in, who), users)
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func (o *organisation) featureUsage() (rows [][]string) {
	for _, day := range o.reportDays() {
		for _, app := range o.apps(day) {
			users, basis := o.provisioned(app, day)
			who := o.holders(app, day, basis)
			for _, w := range allWindows {
				people, events := map[string]map[int]bool{}, map[string]int{}
				see := func(e event, name string, count int) {
					if e.app != app || e.day > day || day-e.day >= w || !o.connectedOn("events", e.day) {
						return
					}
					if people[name] == nil {
						people[name] = map[int]bool{}
					}
					people[name][o.person(e.address)] = true
					events[name] += count
				}
				for _, e := range o.engaged[:len(o.engaged)-len(o.features)] {
					see(e, "did_something", 1)
				}
				for _, f := range o.features {
					see(f.event, f.name, f.count)
				}
				for name, p := range people {
					share := "–" // nobody measures it any more
					if known(o.engaged, o, app, day) {
						share = pct(both(p, who), users)
					}
					rows = append(rows, []string{date(day), strconv.Itoa(w), app, name, strconv.Itoa(len(p)), strconv.Itoa(events[name]), share})
				}
			}
		}
	}
	return rows
}

// belongs gives each employed person's values in each dimension on a day, and who is employed.
func (o *organisation) belongs(day int) map[string]map[string]map[int]bool {
	current := chart{day: 0, places: map[int]place{}}
	for p := range o.addresses {
		current.places[p] = place{team: "T", left: -1}
	}
	for _, c := range o.charts {
		if c.day <= day {
			current = c
		}
	}
	out := map[string]map[string]map[int]bool{"team": {}, "location": {}, "cost_centre": {}, "manager": {}}
	if !o.connectedOn("people", day) {
		return out
	}
	put := func(dimension, value string, p int) {
		if value == "" {
			value = "(unknown)"
		}
		if out[dimension][value] == nil {
			out[dimension][value] = map[int]bool{}
		}
		out[dimension][value][p] = true
	}
	for p, x := range current.places {
		if x.left >= 0 && x.left <= day {
			continue
		}
		put("team", x.team, p)
		put("location", x.location, p)
		put("cost_centre", x.centre, p)
		for m, seen := x.manager, map[string]bool{}; m != "" && !seen[m]; {
			seen[m] = true
			boss := o.person(m)
			if boss < 0 {
				put("manager", m, p)
				break
			}
			if boss != p {
				put("manager", o.addresses[boss][0], p)
			}
			if boss == p && len(seen) == 1 {
				break // their own manager
			}
			m = current.places[boss].manager
		}
	}
	return out
}

func cents(n int) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }

func (o *organisation) teams() (rows, costs [][]string) {
	for _, day := range o.reportDays() {
		belongs := o.belongs(day)
		for _, app := range o.apps(day) {
			_, basis := o.provisioned(app, day)
			who := o.holders(app, day, basis)
			for _, w := range allWindows {
				source, used := "–", map[int]bool{}
				switch {
				case known(o.engaged, o, app, day):
					source, used = "engagement", active(o.engaged, o, app, day, w)
				case o.signInsKnown(app, day):
					source, used = "login", active(o.logins, o, app, day, w)
				}
				for dimension, values := range belongs {
					groups := map[string]map[int]bool{}
					stranger := map[int]bool{}
					for p := range who {
						if !anywhere(belongs, p) {
							stranger[p] = true
						}
					}
					for v, people := range values {
						groups[v] = people
					}
					if len(stranger) > 0 {
						joined := map[int]bool{}
						for p := range groups["(unknown)"] {
							joined[p] = true
						}
						for p := range stranger {
							joined[p] = true
						}
						groups["(unknown)"] = joined
					}
					upTo := 0
					for _, v := range sortedValues(groups) {
						n := both(groups[v], who)
						if n == 0 {
							continue
						}
						row := []string{date(day), strconv.Itoa(w), dimension, v, app, "–", strconv.Itoa(n), "–", "–", source}
						if people, ok := values[v]; ok {
							row[5] = strconv.Itoa(len(people))
						}
						if source != "–" {
							in := map[int]bool{}
							for p := range who {
								if used[p] {
									in[p] = true
								}
							}
							a := both(groups[v], in)
							row[7], row[8] = strconv.Itoa(a), pct(a, strconv.Itoa(n))
						}
						if app == "app-0" && w == allWindows[0] {
							round := func(k int) int { return (2*o.licence*k + len(who)) / (2 * len(who)) }
							share := round(upTo+n) - round(upTo)
							if dimension == "manager" {
								share = round(n)
							}
							costs = append(costs, []string{date(day), dimension, v, app, cents(share)})
							upTo += n
						}
						rows = append(rows, row)
					}
				}
			}
		}
	}
	return rows, costs
}

func anywhere(belongs map[string]map[string]map[int]bool, p int) bool {
	for _, people := range belongs["team"] {
		if people[p] {
			return true
		}
	}
	return false
}

func sortedValues(m map[string]map[int]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// requireRows compares rows in any order.
func requireRows(t testing.TB, want, got [][]string) {
	t.Helper()
	for _, rows := range [][][]string{want, got} {
		sort.Slice(rows, func(i, j int) bool { return fmt.Sprint(rows[i]) < fmt.Sprint(rows[j]) })
	}
	for i := range min(len(want), len(got)) {
		require.Equal(t, want[i], got[i])
	}
	require.Len(t, got, len(want))
}

func TestUsageAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("organisation %d", seed), func(t *testing.T) {
			t.Parallel()
			o := randomOrganisation(rand.New(rand.NewPCG(seed, 3)))
			w := newWorld(t)
			w.only("reports.engagement", "reports.feature_usage", "reports.team_engagement", "reports.team_cost")
			o.load(w)
			w.run(date(o.asOf))
			since := " WHERE as_of >= DATE '" + date(0) + "'"
			requireRows(t, o.engagement(), w.rows(`SELECT as_of, window_days, app_id, provisioned_users, basis, engaged_users, not_engaged_users,
				engaged_not_provisioned, CAST(engaged_pct AS DECIMAL(9, 4)), unique_logins, CAST(login_pct AS DECIMAL(9, 4)) FROM reports.engagement`+since))
			requireRows(t, o.featureUsage(), w.rows(`SELECT as_of, window_days, app_id, feature, users, events, CAST(users_pct AS DECIMAL(9, 4)) FROM reports.feature_usage`+since))
			teams, costs := o.teams()
			requireRows(t, teams, w.rows(`SELECT as_of, window_days, dimension, dimension_value, app_id, people, provisioned_users, active_users,
				CAST(active_pct AS DECIMAL(9, 4)), activity_source FROM reports.team_engagement`+since))
			requireRows(t, costs, w.rows(`SELECT as_of, dimension, dimension_value, app_id, allocated_contract_value FROM reports.team_cost`+since))
			require.Empty(t, w.rows(`SELECT as_of FROM reports.team_cost WHERE app_id = 'app-0' AND dimension <> 'manager'
				GROUP BY as_of, dimension HAVING sum(allocated_contract_value) <> `+cents(o.licence)), "shares sum to the contract")
			require.Empty(t, w.rows(`SELECT * FROM reports.engagement WHERE engaged_users > provisioned_users OR engaged_pct > 100`))
		})
	}
}
