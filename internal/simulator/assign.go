package simulator

import (
	"fmt"
	"sort"
	"time"
)

// app is an application behind an identity provider.
type app struct {
	appSpec
	index   uint64
	id      string // Okta's, or the application id of Entra
	spID    string // Entra's service principal
	created day
	groups  []*group
	spans   []span // assignments, by person and start; Okta only
}

// group is an Okta group.
type group struct {
	id, name, kind string // kind: OKTA_GROUP or BUILT_IN
	created        day
	members        []membership
}

type membership struct {
	p        *person
	from, to time.Time
}

// span is a time during which a person is assigned to an app: directly (group nil) or by a group.
type span struct {
	p        *person
	from, to time.Time // [from, to)
	group    *group
}

func (s span) holds(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

// change is something the identity provider's log tells.
type change struct {
	at        time.Time
	eventType string
	p         *person
	app       *app
	group     *group
}

var forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// hour of the working day at which something happens to the person on that day.
func (o *Org) workAt(d day, p *person, purpose uint64) time.Time {
	if d >= never {
		return forever
	}
	return d.at(p.place.workday*3600 + int(o.hash(drawGrant, purpose, p.index, uint64(d))%7200))
}

func (o *Org) makeApps() {
	for i := range o.opts.Apps {
		spec := appSpec{label: fmt.Sprintf("Intranet Tool %d", i), name: fmt.Sprintf("intranet_%d", i), mode: saml,
			domain: fmt.Sprintf("tool%d.%s", i, Domain), grant: byGroup, share: 0.1, popularity: 0.5}
		if i < len(oktaApps) {
			spec = oktaApps[i]
		}
		a := &app{appSpec: spec, index: uint64(i), created: o.start - 300 - day(o.hash(drawGrant, uint64(i), 3)%600)}
		a.id = o.oktaID("0oa", 4, a.index)
		o.apps = append(o.apps, a)
	}
	if n := len(oktaApps); o.opts.Apps >= n { // one app arrives on the way
		o.apps[n-3].created = o.start + day(o.opts.Days/3)
	}
	for i, spec := range entraApps {
		a := &app{appSpec: spec, index: uint64(1000 + i), created: o.start - 500}
		a.id, a.spID = o.guid(5, a.index), o.guid(6, a.index)
		o.entra = append(o.entra, a)
	}
}

func (o *Org) addGroup(name, kind string) *group {
	g := &group{id: o.oktaID("00g", 7, uint64(len(o.groups))), name: name, kind: kind, created: o.start - 700}
	o.groups = append(o.groups, g)
	return g
}

// makeAssignments draws who is in which group and assigned to which app, and when.
func (o *Org) makeAssignments() {
	all := o.addGroup("Everyone", "BUILT_IN")
	depts := make([]*group, len(departments))
	for d := range departments {
		depts[d] = o.addGroup(departments[d].name, "OKTA_GROUP")
	}
	for _, p := range o.people {
		o.join(all, p, p.hire, p.oktaEnd)
		o.note(change{at: o.workAt(p.hire, p, 1), eventType: "user.lifecycle.create", p: p})
		o.note(change{at: o.workAt(p.oktaEnd, p, 2), eventType: "user.lifecycle.deactivate", p: p})
		if !p.human() {
			continue
		}
		for i, pos := range p.positions {
			to := p.oktaEnd
			if i+1 < len(p.positions) {
				to = min(to, p.positions[i+1].from)
			}
			o.join(depts[pos.dept], p, max(p.hire, pos.from), to)
		}
	}
	for _, a := range o.apps {
		switch a.grant {
		case everyone:
			o.grantGroup(a, all)
		case byDept:
			for _, d := range a.depts {
				o.grantGroup(a, depts[d])
			}
		case byGroup, groupPlus:
			o.grantGroup(a, o.ownGroup(a))
		}
		if a.grant == byPerson || a.grant == groupPlus {
			o.assignDirectly(a)
		}
		sort.SliceStable(a.spans, func(i, j int) bool { return a.spans[i].p.index < a.spans[j].p.index })
	}
	for _, list := range o.changes {
		sort.SliceStable(list, func(i, j int) bool { return list[i].at.Before(list[j].at) })
	}
}

func (o *Org) note(c change) {
	if d := dayOf(c.at); d >= o.start && d <= o.end+60 {
		o.changes[d] = append(o.changes[d], c)
	}
}

func (o *Org) join(g *group, p *person, from, to day) {
	if from >= to {
		return
	}
	m := membership{p: p, from: o.workAt(from, p, 3), to: o.workAt(to, p, 3)}
	g.members = append(g.members, m)
	if g.kind != "BUILT_IN" {
		o.note(change{at: m.from, eventType: "group.user_membership.add", p: p, group: g})
		o.note(change{at: m.to, eventType: "group.user_membership.remove", p: p, group: g})
	}
}

// draw says whether the person gets the app, and from when to when.
func (o *Org) draw(a *app, p *person, share float64, purpose uint64) (from, to day, ok bool) {
	if !p.human() {
		return 0, 0, false
	}
	r := o.rng(drawGrant, a.index, p.index, purpose)
	factor := 0.35
	for _, d := range a.depts {
		if p.positions[0].dept == d {
			factor = 2.6
		}
	}
	if r.Float64() >= share*factor {
		return 0, 0, false
	}
	from, to = max(p.hire, a.created)+day(r.IntN(40)), p.oktaEnd
	if r.Float64() < 0.08 {
		to = min(to, o.start+day(r.IntN(o.opts.Days)))
	}
	return from, to, from < to
}

func (o *Org) ownGroup(a *app) *group {
	g := o.addGroup("app-"+a.name, "OKTA_GROUP")
	for _, p := range o.people {
		from, to, ok := o.draw(a, p, a.share, 11)
		if p == o.story.stopped && a.label == StoryRosterApp {
			from, to, ok = p.hire, p.oktaEnd, true
		}
		if ok {
			o.join(g, p, from, to)
		}
	}
	return g
}

func (o *Org) assignDirectly(a *app) {
	share := a.share
	if a.grant == groupPlus {
		share *= 0.2
	}
	for _, p := range o.people {
		if from, to, ok := o.draw(a, p, share, 12); ok {
			o.assign(a, span{p: p, from: o.workAt(from, p, 13), to: o.workAt(to, p, 3)})
		}
	}
}

func (o *Org) grantGroup(a *app, g *group) {
	a.groups = append(a.groups, g)
	for _, m := range g.members {
		created := a.created.at(6 * 3600)
		s := span{p: m.p, from: m.from, to: m.to, group: g}
		if s.from.Before(created) {
			s.from = created
		}
		if s.from.Before(s.to) {
			o.assign(a, s)
		}
	}
}

func (o *Org) assign(a *app, s span) {
	a.spans = append(a.spans, s)
	o.note(change{at: s.from, eventType: "application.user_membership.add", p: s.p, app: a})
	o.note(change{at: s.to, eventType: "application.user_membership.remove", p: s.p, app: a})
}

// assigned lists who has the app at t, by person; a direct assignment wins over a group's, as in Okta.
func (a *app) assigned(t time.Time) []span {
	var out []span
	for _, s := range a.spans {
		if !s.holds(t) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].p == s.p {
			if s.group == nil {
				out[n-1] = s
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

func (a *app) has(p *person, t time.Time) bool {
	i := sort.Search(len(a.spans), func(i int) bool { return a.spans[i].p.index >= p.index })
	for ; i < len(a.spans) && a.spans[i].p == p; i++ {
		if a.spans[i].holds(t) {
			return true
		}
	}
	return false
}

// active reports whether the Okta account exists and is not deactivated at t.
func (o *Org) oktaStatus(p *person, t time.Time) (status string, exists bool) {
	if t.Before(o.workAt(p.hire, p, 1)) {
		return "", false
	}
	if !t.Before(o.workAt(p.oktaEnd, p, 2)) {
		return "DEPROVISIONED", true
	}
	return "ACTIVE", true
}
