package transform_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/rightseat/rightseat/internal/config"
)

// seatOrg is a random organisation in the plainest form, for the obvious implementation of DOMAIN's rules on
// seats to walk through: who is judged how, what the reclaim rules say, where sources disagree.
// Everybody has one address. Zoom has a roster, events and assignments; box and miro only assignments.
type seatOrg struct {
	people   []string
	hr       []hrSet
	rosters  []seatSet
	assigned []seatSet
	logins   []seatEvent
	events   []seatEvent
	prices   map[string]int // zoom's tiers and the other apps, whole money a month
	exempt   map[string][]string
	rules    []config.ReclaimRule
	actions  map[string][]string
	asOf     int
	hrEnds   int // day on which HR was disconnected, -1 while connected
}

type hrSet struct {
	day  int
	left map[string]int // by address: the day they leave, -1 while employed
}

type seatSet struct {
	day  int
	rows []seatRow
}

type seatRow struct{ app, email, account, tier, status, via, groups string }

type seatEvent struct {
	day               int
	app, email, event string
}

func randomSeatOrg(r *rand.Rand) *seatOrg {
	o := &seatOrg{hrEnds: -1, asOf: 150 + r.IntN(60), prices: map[string]int{}, exempt: map[string][]string{}, actions: map[string][]string{}}
	for i := range 9 {
		o.people = append(o.people, fmt.Sprintf("p%d@acme.example", i))
	}
	o.people = append(o.people, "guest@other.example")
	who := func() string { return o.people[r.IntN(len(o.people))] }
	for day := 0; day <= o.asOf; day += 20 + r.IntN(40) {
		s := hrSet{day: day, left: map[string]int{}}
		for _, p := range o.people[:9] {
			if r.IntN(10) == 0 {
				continue
			}
			s.left[p] = -1
			if r.IntN(6) == 0 {
				s.left[p] = r.IntN(o.asOf + 10)
			}
		}
		o.hr = append(o.hr, s)
	}
	tiers := []string{"Basic", "Licensed", "licensed", "Odd", ""}
	for day := r.IntN(60); day <= o.asOf; day += 3 + r.IntN(30) {
		s := seatSet{day: day}
		for i, p := range o.people {
			for n := range []int{0, 1, 1, 1, 1, 2}[r.IntN(6)] {
				s.rows = append(s.rows, seatRow{app: "zoom", email: p, account: fmt.Sprintf("a%d-%d", i, n), tier: tiers[r.IntN(5)],
					status: []string{"active", "active", "active", "invited", "deactivated"}[r.IntN(5)]})
			}
		}
		o.rosters = append(o.rosters, s)
	}
	for day := r.IntN(60); day <= o.asOf; day += 3 + r.IntN(30) {
		s := seatSet{day: day}
		for _, app := range []string{"zoom", "box", "miro"} {
			for _, p := range o.people {
				switch r.IntN(5) {
				case 0:
					s.rows = append(s.rows, seatRow{app: app, email: p, via: "direct"})
				case 1:
					s.rows = append(s.rows, seatRow{app: app, email: p, via: "group", groups: []string{"all", "only-" + app, "only-" + app, "all;only-" + app, ""}[r.IntN(5)]})
				}
			}
		}
		o.assigned = append(o.assigned, s)
	}
	if r.IntN(3) == 0 {
		o.hrEnds = 30 + r.IntN(o.asOf-20)
	}
	for range r.IntN(60) {
		o.logins = append(o.logins, seatEvent{day: r.IntN(o.asOf + 1), app: []string{"zoom", "box", "miro"}[r.IntN(3)], email: who()})
	}
	for range r.IntN(40) {
		o.events = append(o.events, seatEvent{day: r.IntN(o.asOf + 1), app: "zoom", email: who(), event: []string{"hosted_meeting", "attended_meeting", "attended_meeting", "signed_in"}[r.IntN(4)]})
	}
	// A source that says nothing of the last days tells of nobody.
	if r.IntN(4) > 0 {
		o.logins = append(o.logins, seatEvent{day: o.asOf - r.IntN(3), app: "miro", email: who()})
	}
	if len(o.events) > 0 && r.IntN(4) > 0 {
		o.events = append(o.events, seatEvent{day: o.asOf - r.IntN(3), app: "zoom", email: who(), event: "signed_in"})
	}
	for _, what := range []string{"licensed", "basic", "box"} {
		if r.IntN(3) > 0 {
			o.prices[what] = 1 + r.IntN(30)
		}
	}
	for range r.IntN(3) {
		app := []string{"", "zoom", "box"}[r.IntN(3)]
		o.exempt[app] = append(o.exempt[app], who())
	}
	for range r.IntN(4) {
		o.rules = append(o.rules, config.ReclaimRule{App: []string{"Zoom", "box"}[r.IntN(2)], Tier: []string{"", "", "LICENSED"}[r.IntN(3)],
			Instance: []string{"", "", "other"}[r.IntN(3)], InactiveDays: []int{10, 45, 90}[r.IntN(3)],
			Action: []string{"deprovision", "downgrade"}[r.IntN(2)], Method: []string{"auto", "direct", "suggest", "idp"}[r.IntN(4)]})
	}
	if r.IntN(2) == 0 {
		o.actions["roster"] = []string{"deprovision", "downgrade"}[:1+r.IntN(2)]
	}
	if r.IntN(3) > 0 {
		o.actions["okta"] = []string{"unassign"}
	}
	return o
}

func (o *seatOrg) connect(w *world) {
	w.connect("people", "org_chart", func(c *connection) {
		if o.hrEnds >= 0 {
			c.DisconnectedOn = date(o.hrEnds)
		}
	})
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("log", "sso_logins", idp("okta"))
	w.connect("roster", "roster")
	w.connect("events", "engagement")
	w.connect("contracts", "contracts")
	w.config.Reclaim.Rules = o.rules
	w.reclaim = o.actions
	w.config.Exempt = config.Exempt{Emails: o.exempt[""], AppEmails: map[string][]string{"Zoom": o.exempt["zoom"], "box": o.exempt["box"]}}
}

// load delivers what is due, by the day it is of.
func (o *seatOrg) load(w *world, due func(day int) bool) {
	for _, s := range o.hr {
		if due(s.day) {
			w.snapshot("people", "org_chart", date(s.day), s.records()...)
		}
	}
	for _, s := range o.rosters {
		if due(s.day) {
			w.snapshot("roster", "roster", date(s.day), s.records()...)
		}
	}
	for _, s := range o.assigned {
		if due(s.day) {
			w.snapshot("okta", "sso_assignments", date(s.day), s.records()...)
		}
	}
	deliver := func(connection, kind string, events []seatEvent) {
		var rows []record
		for i, e := range events {
			if due(e.day) {
				rows = append(rows, record{"event_id": fmt.Sprint(i), "email": e.email, "app": e.app, "event": e.event, "occurred_at": date(e.day) + "T10:00:00Z"})
			}
		}
		if len(rows) > 0 {
			w.events(connection, kind, "occurred_at", rows...)
		}
	}
	deliver("log", "sso_logins", o.logins)
	deliver("events", "engagement", o.events)
	if due(0) && len(o.prices) > 0 {
		w.snapshot("contracts", "contracts", date(0), o.contracts()...)
	}
}

func (s hrSet) records() []record {
	var rows []record
	for p, left := range s.left {
		row := record{"email": p, "last_name": "X", "first_name": "Y", "team": "T"}
		if left >= 0 {
			row["termination_date"] = date(left)
		}
		rows = append(rows, row)
	}
	return rows
}

func (s seatSet) records() []record {
	var rows []record
	for _, x := range s.rows {
		row := record{"email": x.email, "app": x.app}
		for column, value := range map[string]string{"account_id": x.account, "tier": x.tier, "status": x.status, "assigned_via": x.via, "groups": x.groups} {
			if value != "" {
				row[column] = value
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func (o *seatOrg) contracts() []record {
	var rows []record
	for what, price := range o.prices {
		c := record{"contract_id": "C-" + what, "vendor": what, "app": what, "start_date": "2024-01-01", "end_date": "2026-12-31",
			"licences": "7", "unit_price": fmt.Sprint(price), "billing_period": "month"}
		if what != "box" {
			c["app"], c["tier"] = "zoom", what
		}
		rows = append(rows, c)
	}
	return rows
}
