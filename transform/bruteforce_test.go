package transform_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// history is a made-up past in the plainest possible form, for the obvious implementation of the
// rules to walk through. People are numbered; each has one or more addresses.
type history struct {
	addresses [][]string // by person
	rosters   []set
	assigned  []set
	logins    []event
	engaged   []event
	connected map[string]source
	asOf      int
}

type source struct {
	idp          string
	disconnected int // day, -1 while connected
}

// set is a whole snapshot: rows of (app, address), with how the account stands.
type set struct {
	connection string
	day, read  int
	rows       []row
}

type row struct{ app, address, status string }

type event struct {
	connection, id, app, address string
	day                          int
	ok, managed                  bool
}

var dayZero = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func date(day int) string { return dayZero.AddDate(0, 0, day).Format(time.DateOnly) }

// randomHistory makes a past of some hundred days with everything the rules speak of.
func randomHistory(r *rand.Rand) *history {
	h := &history{asOf: 150 + r.IntN(60), connected: map[string]source{
		"okta":     {idp: "okta", disconnected: -1},
		"entra":    {idp: "entra_id", disconnected: -1},
		"roster":   {disconnected: -1},
		"events":   {disconnected: -1},
		"onelogin": {idp: "onelogin", disconnected: -1}, // assignments beside Okta's
		"roster-2": {disconnected: -1},                  // a second list of the same apps
		"people":   {disconnected: -1},
	}}
	for _, name := range slices.Sorted(maps.Keys(h.connected)) { // in one order, so that a seed means one history
		if r.IntN(4) == 0 {
			s := h.connected[name]
			s.disconnected = 40 + r.IntN(h.asOf-30)
			h.connected[name] = s
		}
	}
	for p := range 3 + r.IntN(6) {
		h.addresses = append(h.addresses, []string{fmt.Sprintf("p%d@acme.example", p)})
		if r.IntN(3) == 0 {
			h.addresses[p] = append(h.addresses[p], fmt.Sprintf("p%d@old.example", p))
		}
	}
	app := func() string { return fmt.Sprintf("app-%d", r.IntN(5)) }
	address := func() string {
		all := h.addresses[r.IntN(len(h.addresses))]
		return all[r.IntN(len(all))]
	}
	for _, c := range []string{"roster", "okta", "roster-2", "onelogin"} {
		if (c == "roster-2" || c == "onelogin") && r.IntN(3) > 0 {
			continue
		}
		for day := r.IntN(90); day <= h.asOf; day += 1 + r.IntN(25) {
			s := set{connection: c, day: day, read: len(h.rosters) + len(h.assigned)}
			seen := map[string]bool{}
			for range r.IntN(12) + 1 {
				x := row{app: app(), address: address(), status: []string{"", "active", "invited", "suspended", "deactivated"}[r.IntN(5)]}
				if !seen[x.app+x.address] {
					seen[x.app+x.address] = true
					s.rows = append(s.rows, x)
				}
			}
			if strings.HasPrefix(c, "roster") {
				h.rosters = append(h.rosters, s)
			} else {
				h.assigned = append(h.assigned, s)
			}
			if r.IntN(8) == 0 { // read again the same day
				day--
			}
		}
	}
	for i := range r.IntN(60) {
		h.logins = append(h.logins, event{connection: []string{"okta", "entra"}[r.IntN(2)], id: strconv.Itoa(i), app: app(), address: address(),
			day: r.IntN(h.asOf + 1), ok: r.IntN(5) > 0, managed: r.IntN(6) > 0})
	}
	for i := range r.IntN(40) {
		h.engaged = append(h.engaged, event{connection: "events", id: strconv.Itoa(i), app: app(), address: address(), day: r.IntN(h.asOf + 1)})
	}
	return h
}

// load puts the history into a lake.
func (h *history) load(w *world) {
	disconnect := func(name string) func(c *connection) {
		return func(c *connection) {
			if d := h.connected[name].disconnected; d >= 0 {
				c.DisconnectedOn = date(d)
			}
		}
	}
	w.connect("people", "org_chart", disconnect("people"))
	w.connect("okta", "sso_assignments", idp("okta"), disconnect("okta"))
	w.connect("onelogin", "sso_assignments", idp("onelogin"), disconnect("onelogin"))
	w.connect("roster-2", "roster", disconnect("roster-2"))
	w.connect("okta-log", "sso_logins", idp("okta"), disconnect("okta"))
	w.connect("entra", "sso_logins", idp("entra_id"), disconnect("entra"))
	w.connect("roster", "roster", disconnect("roster"))
	w.connect("events", "engagement", disconnect("events"))
	var people []record
	for p, a := range h.addresses {
		r := record{"email": a[0], "last_name": fmt.Sprint(p), "team": "T"}
		if len(a) > 1 {
			r["additional_emails"] = a[1]
		}
		people = append(people, r)
	}
	w.snapshot("people", "org_chart", date(0), people...)
	for _, s := range h.rosters {
		w.snapshot(s.connection, "roster", date(s.day), s.records()...)
	}
	for _, s := range h.assigned {
		w.snapshot(s.connection, "sso_assignments", date(s.day), s.records()...)
	}
	for _, c := range []string{"okta", "entra"} {
		var rows []record
		for _, e := range h.logins {
			if e.connection == c {
				rows = append(rows, e.record())
			}
		}
		name := c
		if c == "okta" {
			name = "okta-log"
		}
		w.events(name, "sso_logins", "occurred_at", rows...)
	}
	var rows []record
	for _, e := range h.engaged {
		rows = append(rows, e.record())
	}
	w.events("events", "engagement", "occurred_at", rows...)
}

func (s set) records() []record {
	var out []record
	for _, r := range s.rows {
		x := record{"app": r.app, "email": r.address}
		if r.status != "" {
			x["status"] = r.status
		}
		out = append(out, x)
	}
	return out
}

func (e event) record() record {
	x := record{"event_id": e.id, "app": e.app, "email": e.address, "event": "did_something", "occurred_at": date(e.day) + "T12:00:00Z"}
	if !e.ok {
		x["outcome"] = "FAILURE"
	}
	if !e.managed {
		x["kind"] = "social"
	}
	return x
}

// provisioned walks through DOMAIN's rules for one app and day, the slow and obvious way.
func (h *history) provisioned(app string, day int) (users, basis string) {
	connected := func(name string) bool { d := h.connected[name].disconnected; return d < 0 || day <= d }
	counts := func(name string, on int) bool { d := h.connected[name].disconnected; return d < 0 || on <= d }

	// Rule 1: accounts on the last whole roster of each connection.
	if lists := h.lists(h.rosters, app, day); len(lists) > 0 {
		n := 0
		for _, s := range lists {
			for _, r := range s.rows {
				if r.app == app && r.status != "deactivated" {
					n++
				}
			}
		}
		return strconv.Itoa(n), "connector_exact"
	}
	// Rule 2: people engaged in the last 120 days.
	has, people := false, map[int]bool{}
	for _, e := range h.engaged {
		if e.app == app && e.day <= day && counts("events", e.day) {
			has = true
			if e.day >= day-119 {
				people[h.person(e.address)] = true
			}
		}
	}
	if has && connected("events") {
		return strconv.Itoa(len(people)), "engaged_120d"
	}
	// Rules 3 and 3b: people assigned in Okta or OneLogin.
	if lists := h.lists(h.assigned, app, day); len(lists) > 0 {
		who, basis := map[int]bool{}, "sso_assigned"
		for _, s := range lists {
			for _, r := range s.rows {
				if r.app == app {
					who[h.person(r.address)] = true
				}
			}
			if s.day != day {
				basis = "sso_assigned_estimated"
			}
		}
		return strconv.Itoa(len(who)), basis
	}
	// Rule 4: people who signed in over the last 120 days.
	has, people = false, map[int]bool{}
	for _, e := range h.logins {
		if e.app == app && e.ok && e.managed && e.day <= day && counts(e.connection, e.day) {
			has = has || connected(e.connection)
			if e.day >= day-119 {
				people[h.person(e.address)] = true
			}
		}
	}
	if has {
		return strconv.Itoa(len(people)), "sso_login_120d"
	}
	return "–", "none"
}

// lists are the newest list of each connection still connected on a day that has named the app by then.
func (h *history) lists(sets []set, app string, day int) (out []set) {
	for _, name := range slices.Sorted(maps.Keys(h.connected)) {
		if d := h.connected[name].disconnected; d >= 0 && day > d {
			continue
		}
		newest, named := set{day: -1}, false
		for _, s := range sets {
			if s.connection != name || s.day > day || h.superseded(sets, s) {
				continue
			}
			if s.day > newest.day {
				newest = s
			}
			for _, r := range s.rows {
				named = named || r.app == app
			}
		}
		if named {
			out = append(out, newest)
		}
	}
	return out
}

// superseded: a later reading of the same day took its place.
func (h *history) superseded(sets []set, s set) bool {
	for _, o := range sets {
		if o.connection == s.connection && o.day == s.day && o.read > s.read {
			return true
		}
	}
	return false
}

func (h *history) person(address string) int {
	for p, all := range h.addresses {
		for _, a := range all {
			if a == address {
				return p
			}
		}
	}
	return -1
}

// firstDay is the first day with data of an app that counts.
func (h *history) firstDay(app string) int {
	first := -1
	see := func(day int, connection string) {
		if d := h.connected[connection].disconnected; d >= 0 && day > d {
			return
		}
		if first < 0 || day < first {
			first = day
		}
	}
	for _, sets := range [][]set{h.rosters, h.assigned} {
		for _, s := range sets {
			for _, r := range s.rows {
				if r.app == app && !h.superseded(sets, s) {
					see(s.day, s.connection)
				}
			}
		}
	}
	for _, e := range h.logins {
		if e.app == app && e.ok && e.managed {
			see(e.day, e.connection)
		}
	}
	for _, e := range h.engaged {
		if e.app == app {
			see(e.day, e.connection)
		}
	}
	return first
}

func (h *history) series() [][]string {
	out := [][]string{}
	for a := range 5 {
		app := fmt.Sprintf("app-%d", a)
		first := h.firstDay(app)
		if first < 0 {
			continue
		}
		for day := first; day <= h.asOf; day++ {
			users, basis := h.provisioned(app, day)
			out = append(out, []string{app, date(day), users, basis})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i][0] != out[j][0] {
			return out[i][0] < out[j][0]
		}
		return out[i][1] < out[j][1]
	})
	return out
}

func TestProvisionedAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("organisation %d", seed), func(t *testing.T) {
			t.Parallel()
			h := randomHistory(rand.New(rand.NewPCG(seed, 1)))
			w := newWorld(t)
			w.only("reports.provisioned_users_daily")
			h.load(w)
			w.run(date(h.asOf))
			got := w.rows("SELECT app_id, date, provisioned_users, basis FROM reports.provisioned_users_daily ORDER BY app_id, date")
			want := h.series()
			require.Equal(t, len(want), len(got), "rows")
			for i := range want {
				require.Equal(t, want[i], got[i])
			}
		})
	}
}
