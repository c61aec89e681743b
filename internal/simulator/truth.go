package simulator

import (
	"sort"
	"time"
)

// Truth is what an all-knowing observer would say of the organisation at an instant. It asks
// the model, not the vendors' APIs, so that tests can hold a pipeline's numbers to it.
type Truth struct {
	org *Org
	at  time.Time
	day day
}

// Truth observes the organisation at an instant.
func (o *Org) Truth(at time.Time) Truth { return Truth{org: o, at: at.UTC(), day: dayOf(at)} }

// Employed lists the work addresses of employees (contractors are not in HR), in order.
func (t Truth) Employed() []string {
	return t.collect(func(p *person) bool { return p.kind == employee && p.employedOn(t.day) })
}

// Left lists the last work addresses of employees who have left.
func (t Truth) Left() []string {
	return t.collect(func(p *person) bool { return p.kind == employee && p.leave <= t.day })
}

func (t Truth) collect(keep func(*person) bool) []string {
	var out []string
	for _, p := range t.org.people {
		if keep(p) {
			out = append(out, p.email(t.day))
		}
	}
	sort.Strings(out)
	return out
}

// Assigned lists who is assigned to an Okta app, given its label.
func (t Truth) Assigned(label string) []string {
	a := t.org.appNamed(label)
	if a == nil {
		return nil
	}
	return t.collect(func(p *person) bool { return a.has(p, t.at) })
}

// ZoomAccount is one account of Zoom's roster.
type ZoomAccount struct {
	Email    string // as Zoom knows it
	Person   string // the person's work address
	Status   string // active, inactive, pending
	Licensed bool
}

// ZoomRoster lists Zoom's accounts, by Zoom's address; whether the API may be asked for them
// is another matter.
func (t Truth) ZoomRoster() []ZoomAccount {
	var out []ZoomAccount
	for _, p := range t.org.people {
		if s := t.org.zoomStatus(p, t.at); s != "" {
			out = append(out, ZoomAccount{Email: p.zoomEmail(t.day), Person: p.email(t.day), Status: s, Licensed: p.zoom.licensed})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Email < out[j].Email })
	return out
}

// ZoomRosterFrom is the instant from which Zoom's token may list users.
func (o *Org) ZoomRosterFrom() time.Time { return o.zoomRosterFrom().time() }

// NetskopeUntil is the instant from which Netskope refuses its token.
func (o *Org) NetskopeUntil() time.Time { return o.netskopeUntil().time() }

// DisconnectedOn is the last day on which the Lattice connection's data counts.
func (o *Org) DisconnectedOn() time.Time { return o.disconnectedOn().time() }

// LoggedIn lists who signed in successfully to an app of Okta or Entra ID, given its label, in the
// calendar days (UTC) that end with the observer's day, as far as the identity provider shows it by now.
func (t Truth) LoggedIn(label string, days int) []string {
	seen := map[*person]bool{}
	for d := t.day - day(days) + 1; d <= t.day; d++ {
		for _, e := range t.org.logDay(d) {
			if e.app != nil && e.app.label == label && e.eventType == "user.authentication.sso" && !e.failed && !e.persisted.After(t.at) {
				seen[e.p] = true
			}
		}
		for _, s := range t.org.signInDay(d) {
			if s.app.label == label && !s.failed && !s.visible.After(t.at) {
				seen[s.p] = true
			}
		}
	}
	return t.collect(func(p *person) bool { return seen[p] })
}

// ZoomEngaged lists who attended or hosted a meeting (of two or more) that started in the days that
// end with the observer's, as far as it has ended.
func (t Truth) ZoomEngaged(days int) []string {
	seen := map[*person]bool{}
	for _, m := range t.org.meetingsBetween(t.day-day(days)+1, t.day, t.at) {
		if m.participants < 2 {
			continue
		}
		for _, a := range m.attendees {
			if a.p != nil {
				seen[a.p] = true
			}
		}
	}
	return t.collect(func(p *person) bool { return seen[p] })
}

// FieldbookUsers lists who used the own application in the days that end with the observer's.
func (t Truth) FieldbookUsers(days int) []string {
	seen := map[*person]bool{}
	for d := max(t.day-day(days)+1, t.org.start); d <= t.day; d++ {
		for _, u := range t.org.fieldUses(d) {
			if !u.at.After(t.at) {
				seen[u.p] = true
			}
		}
	}
	return t.collect(func(p *person) bool { return seen[p] })
}

// Person gives the work address of whoever has or had an address; empty for nobody.
func (t Truth) Person(address string) string {
	if p := t.org.byAddress[address]; p != nil {
		return p.email(t.day)
	}
	return ""
}

// Manager gives the work address of a person's manager; empty for the chief executive and strangers.
func (t Truth) Manager(address string) string {
	p := t.org.byAddress[address]
	if p == nil || p.pos(t.day).manager == nil {
		return ""
	}
	return p.pos(t.day).manager.email(t.day)
}

// OktaApps lists the labels of the apps behind Okta by now; EntraApps those behind Entra ID.
func (t Truth) OktaApps() []string {
	var out []string
	for _, a := range t.org.apps {
		if !t.at.Before(a.created.at(6 * 3600)) {
			out = append(out, a.label)
		}
	}
	return out
}

// EntraApps lists the names of the apps behind Entra ID.
func (t Truth) EntraApps() []string {
	var out []string
	for _, a := range t.org.entra {
		out = append(out, a.label)
	}
	return out
}

// ShadowApps lists the apps that only cards and the network know.
func (t Truth) ShadowApps() []string {
	var out []string
	for _, s := range shadowApps {
		out = append(out, s.name)
	}
	return out
}
