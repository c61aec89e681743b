package simulator

import (
	"sort"
	"time"
)

// logEntry is one event of Okta's System Log.
type logEntry struct {
	published time.Time
	persisted time.Time // when the log holds it; polling goes by this
	eventType string
	uuid      string
	p         *person
	app       *app
	group     *group
	failed    bool
	intPostal bool // the postal code is sent as a number
}

// logDay works out a day of the System Log, in the order in which Okta stored it. What is
// published on a day is stored on the same day.
func (o *Org) logDay(d day) []logEntry { return o.logs.get(d, o.makeLogDay) }

func (o *Org) makeLogDay(d day) []logEntry {
	if d < o.start || d > o.end+60 {
		return nil
	}
	var out []logEntry
	last := d.at(86399)
	add := func(e logEntry, k uint64) {
		x := o.hash(drawLog, uint64(d), uint64(len(out)), k)
		lag := time.Duration(x%1900) * time.Millisecond
		if x>>32%150 == 0 {
			lag = time.Duration(x>>16%1500) * time.Second // late, so out of order by published
		}
		e.published = e.published.Add(time.Duration(x>>20%1000) * time.Millisecond)
		if e.persisted = e.published.Add(lag); e.persisted.After(last) {
			e.persisted = last
			e.published = minTime(e.published, last)
		}
		e.uuid = o.guid(20, uint64(d), uint64(len(out)))
		e.intPostal = x>>40%40 == 0
		out = append(out, e)
	}
	for _, c := range o.changes[d] {
		add(logEntry{published: c.at, eventType: c.eventType, p: c.p, app: c.app, group: c.group}, 1)
	}
	for _, u := range o.usagesOf(o.apps, o.oktaHabits(), d, drawUsage) {
		switch {
		case u.a.has(u.p, u.at):
			add(logEntry{published: u.at, eventType: "user.authentication.sso", p: u.p, app: u.a, failed: u.x < 0.012}, 2)
			if u.x > 0.7 {
				add(logEntry{published: u.at.Add(-4 * time.Second), eventType: "user.session.start", p: u.p}, 3)
			}
		case u.x < 0.002:
			add(logEntry{published: u.at, eventType: "app.generic.unauth_app_access_attempt", p: u.p, app: u.a, failed: true}, 4)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].persisted.Before(out[j].persisted) })
	return out
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// signIn is one interactive sign-in of Entra ID.
type signIn struct {
	created time.Time
	visible time.Time // when Graph shows it: up to 90 minutes later
	id      string
	p       *person
	app     *app
	failed  bool
}

// signInDay works out the sign-ins of a day, oldest first.
func (o *Org) signInDay(d day) []signIn { return o.signIns.get(d, o.makeSignInDay) }

func (o *Org) makeSignInDay(d day) []signIn {
	if d < o.start || d > o.end+60 {
		return nil
	}
	var out []signIn
	for i, u := range o.usagesOf(o.entra, o.entraHabits(), d, drawEntra) {
		x := o.hash(drawEntra, uint64(d), uint64(i), 1)
		lag := time.Duration(x%300) * time.Second
		if x>>32%25 == 0 {
			lag = time.Duration(x>>16%5400) * time.Second
		}
		out = append(out, signIn{
			created: u.at, visible: u.at.Add(lag), id: o.guid(21, uint64(d), uint64(i)), p: u.p, app: u.a, failed: u.x < 0.03,
		})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].created.Before(out[j].created) })
	return out
}

// uses draws whether the person is among those who sign in to the Entra app at all.
func (o *Org) uses(a *app, p *person) bool {
	factor := 0.25
	for _, d := range a.depts {
		if p.positions[0].dept == d {
			factor = 2.5
		}
	}
	return o.chance(drawEntra, a.index, p.index, 9) < a.share*factor
}

func (o *Org) oktaHabits() [][]habit {
	o.habitsOnce.Do(o.makeHabits)
	return o.habitsOkta
}

func (o *Org) entraHabits() [][]habit {
	o.habitsOnce.Do(o.makeHabits)
	return o.habitsEntra
}

func (o *Org) makeHabits() {
	o.habitsOkta, o.habitsEntra = o.habitsOf(o.apps), o.habitsOf(o.entra)
	for _, p := range o.people {
		for i, a := range o.entra {
			if !o.uses(a, p) {
				o.habitsEntra[p.index][i].rate = 0
			}
		}
	}
}
