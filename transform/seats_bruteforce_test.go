package transform_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
)

// newestSet is the last set on or before a day; nil when there is none.
func newestSet(sets []seatSet, day int) *seatSet {
	var found *seatSet
	for i := range sets {
		if sets[i].day <= day {
			found = &sets[i]
		}
	}
	return found
}

func (s *seatSet) of(app, email string) []seatRow {
	var out []seatRow
	if s == nil {
		return nil
	}
	for _, x := range s.rows {
		if x.app == app && x.email == email && x.status != "deactivated" {
			out = append(out, x)
		}
	}
	return out
}

// knows tells whether any set up to the day names the app at all.
func knows(sets []seatSet, app string, day int) bool {
	for _, s := range sets {
		for _, x := range s.rows {
			if s.day <= day && x.app == app {
				return true
			}
		}
	}
	return false
}

// source gives the sets that say who holds a seat, by the rules for the provisioned number; nil where
// only activity tells.
func (o *seatOrg) source(app string, day int) []seatSet {
	switch {
	case app == "zoom" && knows(o.rosters, app, day):
		return o.rosters
	case app == "zoom" && slices.ContainsFunc(o.events, func(e seatEvent) bool { return e.day <= day }):
		return nil
	case knows(o.assigned, app, day):
		return o.assigned
	}
	return nil
}

// heldSeat is what the obvious implementation finds about one person in one app on one day.
type heldSeat struct {
	tier, use, suggested string
	rank                 int
	isNew                bool
	hasEvents, hasLogins bool
	since                int // day from which on it is known who used the app, -1 unknown
	last                 int // day last active, -1 never
}

var tierRank = map[string]int{"basic": 1, "licensed": 2}

func (o *seatOrg) judge(app, email string, day int) (heldSeat, bool) {
	sets := o.source(app, day)
	rows := newestSet(sets, day).of(app, email)
	if len(rows) == 0 {
		return heldSeat{}, false
	}
	s := heldSeat{last: -1}
	sort.Slice(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		if x, y := tierRank[strings.ToLower(a.tier)], tierRank[strings.ToLower(b.tier)]; x != y {
			return x > y
		}
		if a.tier != b.tier { // no tier comes last
			return a.tier != "" && (b.tier == "" || a.tier < b.tier)
		}
		return a.account < b.account
	})
	s.tier, s.rank = rows[0].tier, tierRank[strings.ToLower(rows[0].tier)]
	if before := newestSet(sets, day-60); before != nil {
		s.isNew = len(before.of(app, email)) == 0
	}
	if left, _ := o.left(email, day); left {
		s.isNew = false
	}
	since, needed := -1, 0
	s.hasEvents, s.hasLogins, since = o.told(app, day)
	s.since = since
	for _, e := range o.events {
		if e.app != app || e.email != email || e.event == "signed_in" || e.day > day || e.day <= day-120 {
			continue
		}
		if s.hasEvents {
			s.last = max(s.last, e.day)
		}
		if e.day > day-30 {
			needed = max(needed, map[string]int{"hosted_meeting": 2, "attended_meeting": 1}[e.event])
		}
	}
	for _, e := range o.logins {
		if s.hasLogins && !s.hasEvents && e.app == app && e.email == email && e.day <= day && e.day > day-120 {
			s.last = max(s.last, e.day)
		}
	}
	lower := needed > 0 && needed < s.rank
	switch {
	case !s.hasEvents && !s.hasLogins:
	case s.last > day-30 && s.last >= 0 && !lower:
		s.use = "efficient"
	case since < 0 || since > day-29:
		s.use = "unknown"
	case s.last < 0 || s.last <= day-30:
		s.use = "inactive"
	default:
		s.use = "less_usage"
	}
	if is, _ := o.cheaper(); s.rank == 2 && needed != 2 && is {
		s.suggested = "Basic"
	}
	return s, true
}

// told says whether events or sign-ins tell of an app by a day, and since when they do without a gap up to it; -1 when they
// stop more than two days before. The log of the identity provider tells of all that it assigns.
func (o *seatOrg) told(app string, day int) (events, logins bool, since int) {
	first, last := map[bool]int{}, map[bool]int{}
	see := func(isEvent bool, e seatEvent) {
		if d, ok := first[isEvent]; !ok || e.day < d {
			first[isEvent] = e.day
		}
		last[isEvent] = max(last[isEvent], e.day)
	}
	for _, e := range o.events {
		see(true, e)
		events = events || e.app == app && e.day <= day
	}
	for _, e := range o.logins {
		see(false, e)
		logins = logins || e.app == app && e.day <= day
	}
	if d, ok := first[false]; ok && d <= day && knows(o.assigned, app, day) {
		logins = true
	}
	if !events && !logins || last[events] < day-2 {
		return events, logins, -1
	}
	return events, logins, first[events]
}

func (o *seatOrg) isExempt(app, email string) bool {
	return slices.Contains(o.exempt[""], email) || slices.Contains(o.exempt[app], email)
}

// left tells whether somebody had left by a day, as far as HR's lists up to then say, and whether any of them names them.
func (o *seatOrg) left(email string, day int) (hasLeft, isKnown bool) {
	last := -1
	for i, s := range o.hr {
		if s.day <= day && (o.hrEnds < 0 || s.day <= o.hrEnds) {
			last = i
		}
	}
	for i := last; i >= 0; i-- {
		if left, ok := o.hr[i].left[email]; ok {
			return left >= 0 && left <= day || i < last, true
		}
	}
	return false, false
}

// action is what the rules say of a seat: "" when nothing.
func (o *seatOrg) action(app, email string, day int) (action, wish string, s heldSeat) {
	s, ok := o.judge(app, email, day)
	if !ok {
		return "", "", s
	}
	rule := config.ReclaimRule{InactiveDays: 30, Action: "deprovision", Method: "auto"}
	for _, r := range o.rules {
		if strings.EqualFold(r.App, app) && r.Instance == "" && (r.Tier == "" || strings.EqualFold(r.Tier, s.tier)) {
			rule = r
			break
		}
	}
	hasLeft, _ := o.left(email, day)
	idle := s.since >= 0 && s.since <= day-rule.InactiveDays+1 && (s.last < 0 || s.last <= day-rule.InactiveDays)
	switch {
	case hasLeft:
		action = "deprovision"
	case s.isNew:
	case idle && rule.Action == "deprovision":
		action = "deprovision"
	case (idle || s.use == "less_usage") && s.suggested != "":
		action = "downgrade"
	}
	return action, rule.Method, s
}

// method is by what a seat is taken back.
func (o *seatOrg) method(app, email, action, wish string) string {
	onRoster := len(o.rosters) > 0 && app == "zoom"
	canDirect := onRoster && slices.Contains(o.actions["roster"], action)
	rows := newestSet(o.assigned, o.asOf).of(app, email)
	canIDP := action == "deprovision" && len(rows) > 0 && len(o.actions["okta"]) > 0
	grants := map[string]map[string]bool{}
	if set := newestSet(o.assigned, o.asOf); set != nil {
		for _, x := range set.rows {
			for _, g := range strings.Split(x.groups, ";") {
				if grants[g] == nil {
					grants[g] = map[string]bool{}
				}
				grants[g][x.app] = true
			}
		}
	}
	for _, x := range rows {
		if x.via == "group" && x.groups == "" {
			canIDP = false
		}
		for _, g := range strings.Split(x.groups, ";") {
			if x.groups != "" && len(grants[g]) > 1 {
				canIDP = false
			}
		}
	}
	switch {
	case canDirect && (wish == "auto" || wish == "direct"):
		return "direct"
	case canIDP && (wish == "idp" || wish == "auto" && !onRoster):
		return "idp"
	}
	return "suggest"
}

func money(n int) string {
	if n < 0 {
		return "–"
	}
	return fmt.Sprintf("%d.00", n)
}

func orNull(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func TestSeatsAgainstBruteForce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprintf("organisation %d", seed), func(t *testing.T) {
			t.Parallel()
			o := randomSeatOrg(rand.New(rand.NewPCG(seed, 9)))
			w := newWorld(t)
			w.only("reports.provisioned_users_daily", "reports.rightsizing", "reports.reclaim_candidates", "reports.savings", "reports.app_portfolio", "reports.disagreements", "reports.realised_savings", "reports.run")
			o.connect(w)
			o.load(w, func(int) bool { return true })
			w.run(date(o.asOf))
			apps := []string{"box", "miro", "zoom"}
			var sizes, reclaims [][]string
			freed := map[string][2]int{} // by app and person: seats that somebody pays for, and others
			for _, app := range apps {
				for _, p := range o.people {
					s, ok := o.judge(app, p, o.asOf)
					if !ok {
						continue
					}
					segment, suggested, saving := s.use, "", -1
					if s.isNew || o.isExempt(app, p) {
						segment = "ignored"
					}
					switch segment {
					case "inactive":
						saving, _, _ = o.saved(app, p, "deprovision", o.asOf, false)
					case "less_usage":
						suggested = s.suggested
						if suggested != "" {
							saving, _, _ = o.saved(app, p, "downgrade", o.asOf, false)
						}
					}
					last := "–"
					if s.last >= 0 {
						last = date(s.last)
					}
					sizes = append(sizes, []string{app, p, orNull(s.tier), orNull(segment), last, orNull(suggested), money(saving)})
					if action, wish, _ := o.action(app, p, o.asOf); action != "" {
						worth, seats, beyond := o.saved(app, p, action, o.asOf, true)
						reclaims = append(reclaims, []string{app, p, action, o.method(app, p, action, wish), fmt.Sprint(o.isExempt(app, p)), money(worth)})
						freed[app+" "+p] = [2]int{seats, beyond}
					}
				}
			}
			sortRows(sizes)
			sortRows(reclaims)
			exact := " AND EXISTS (SELECT 1 FROM reports.provisioned_users_daily AS b WHERE b.date = r.as_of AND b.app_id = r.app_id AND b.basis IN ('connector_exact', 'sso_assigned', 'sso_assigned_estimated'))"
			assert.Equal(t, sizes, w.rows("SELECT app_id, person_id, tier, segment, last_active, suggested_tier, monthly_saving FROM reports.rightsizing AS r WHERE true"+exact+" ORDER BY 1, 2"), "rightsizing")
			assert.Equal(t, reclaims, w.rows("SELECT app_id, person_id, action, method, is_exempt, monthly_saving FROM reports.reclaim_candidates ORDER BY 1, 2"), "reclaim candidates")
			requireSavings(t, w, reclaims, freed)
			o.requireRealised(t, w, apps)
			o.requireDisagreements(t, w, apps)
			require.NotEmpty(t, sizes)
		})
	}
}

// requireSavings sums the reclaim candidates that nobody exempts, as rows of app, person, action, method,
// exempt and saving.
func requireSavings(t *testing.T, w *world, reclaims [][]string, freed map[string][2]int) {
	t.Helper()
	type sum struct {
		n, beyond, worth int
		priced           bool
	}
	sums := map[[2]string]*sum{}
	for _, r := range reclaims {
		seats := freed[r[0]+" "+r[1]]
		if r[4] == "true" || seats == [2]int{} {
			continue
		}
		key := [2]string{r[0], r[2]}
		if sums[key] == nil {
			sums[key] = &sum{}
		}
		sums[key].n += seats[0]
		sums[key].beyond += seats[1]
		if worth, err := strconv.Atoi(strings.TrimSuffix(r[5], ".00")); err == nil {
			sums[key].worth += worth
			sums[key].priced = true
		}
	}
	want := [][]string{}
	for key, s := range sums {
		if !s.priced {
			s.worth = -1
		}
		want = append(want, []string{key[0], key[1], counted(s.n, s.beyond), money(s.worth)})
	}
	sortRows(want)
	got := w.rows("SELECT app_id, kind, quantity || '/' || seats_beyond, monthly_saving FROM reports.savings WHERE kind <> 'unused_licence' ORDER BY 1, 2")
	assert.Equal(t, want, append([][]string{}, got...), "savings")
	assert.Empty(t, w.rows("SELECT * FROM reports.savings WHERE certain + likely <> monthly_saving OR (certain IS NULL) <> (monthly_saving IS NULL)"))
	assert.Empty(t, w.rows(`SELECT s.app_id FROM (SELECT app_id, sum(monthly_saving) AS saved FROM reports.savings GROUP BY app_id) AS s
		JOIN reports.app_portfolio AS p ON p.app_id = s.app_id AND p.as_of = (SELECT as_of FROM reports.run) WHERE 12 * s.saved > p.contract_annual_spend`), "nobody saves what nobody pays")
}

// TestSeatsIncremental: months of history in which snapshots and events come late, told in parts, give
// the same rows as all of it at once; recommendations of earlier report dates among them.
func TestSeatsIncremental(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	o := randomSeatOrg(r)
	w := newWorld(t)
	o.connect(w)
	parts := []int{o.asOf - 75, o.asOf - 40, o.asOf - 39, o.asOf - 10, o.asOf}
	arrives := map[int]int{} // by day: the part it comes with
	for day := range o.asOf + 1 {
		arrives[day], _ = slices.BinarySearch(parts, day)
		if day > 0 && r.IntN(5) == 0 {
			arrives[day] = min(arrives[day]+1, len(parts)-1)
		}
	}
	for i, end := range parts {
		o.load(w, func(day int) bool { return arrives[day] == i })
		w.run(date(end))
	}
	s := &storyteller{w: w}
	s.requireRebuildSame(date(o.asOf))
	require.NotEmpty(t, w.rows("SELECT 1 FROM reports.realised_savings WHERE done_people > 0"))
	w.run(date(o.asOf - 70))
	s.requireRebuildSame(date(o.asOf - 70))
}

func sortRows(rows [][]string) {
	sort.Slice(rows, func(i, j int) bool { return slices.Compare(rows[i], rows[j]) < 0 })
}

// requireRealised compares what earlier report dates recommended with who holds a seat now.
func (o *seatOrg) requireRealised(t *testing.T, w *world, apps []string) {
	t.Helper()
	var want [][]string
	for month := range 12 {
		end := dayZero.AddDate(0, 0, o.asOf).AddDate(0, 0, -dayZero.AddDate(0, 0, o.asOf).Day()+1).AddDate(0, -month, -1)
		day := int(end.Sub(dayZero).Hours() / 24)
		if day < 0 {
			continue
		}
		for _, app := range apps {
			for _, kind := range []string{"deprovision", "downgrade"} {
				n, done, worth, realised, priced := 0, 0, 0, 0, false
				for _, p := range o.people {
					action, _, s := o.action(app, p, day)
					if action != kind || o.isExempt(app, p) {
						continue
					}
					saving, _, _ := o.saved(app, p, action, day, true)
					now, held := o.judge(app, p, o.asOf)
					isDone := !held || kind == "downgrade" && now.rank > 0 && now.rank < s.rank
					n++
					if isDone {
						done++
					}
					if saving >= 0 {
						priced = true
						worth += saving
						if isDone {
							realised += saving
						}
					}
				}
				if n > 0 {
					if !priced {
						worth, realised = -1, -1
					}
					want = append(want, []string{date(day), app, kind, fmt.Sprint(n), fmt.Sprint(done), money(worth), money(realised)})
				}
			}
		}
	}
	sortRows(want)
	got := w.rows("SELECT recommended_on, app_id, kind, recommended_people, done_people, recommended_saving, realised_saving FROM reports.realised_savings ORDER BY 1, 2, 3")
	if want == nil {
		assert.Empty(t, got)
		return
	}
	assert.Equal(t, want, got, "realised savings")
}
