package simulator

import (
	"fmt"
	"strings"
)

type personKind int

const (
	employee personKind = iota
	contractor
	serviceAccount
	sharedMailbox
)

// position is a person's place in the company from a day on.
type position struct {
	from    day
	dept    int
	team    int
	manager *person // nil for the chief executive
	title   string
}

// naming is how a person is called from a day on.
type naming struct {
	from        day
	first, last string
	email       string
}

type person struct {
	index     uint64
	kind      personKind
	level     int // 1 chief executive … 5 staff
	names     []naming
	positions []position
	place     location
	hire      day
	leave     day // first day not employed; never
	oktaEnd   day // first day without an Okta account; never where someone forgot
	oldDomain bool
	noUsage   map[string]day // app label: stopped using it that day

	zoom zoomAccount

	oktaID, entraID, rampID string
	bambooID                int
}

func (p *person) name(d day) naming {
	n := p.names[0]
	for _, x := range p.names[1:] {
		if x.from <= d {
			n = x
		}
	}
	return n
}

func (p *person) pos(d day) position {
	n := p.positions[0]
	for _, x := range p.positions[1:] {
		if x.from <= d {
			n = x
		}
	}
	return n
}

func (p *person) email(d day) string { return p.name(d).email }

func (p *person) display(d day) string {
	n := p.name(d)
	return strings.TrimSpace(n.first + " " + n.last)
}

func (p *person) human() bool { return p.kind == employee || p.kind == contractor }

func (p *person) employedOn(d day) bool { return p.hire <= d && d < p.leave }

// oldAddress is the person's address at the company's former domain.
func (p *person) oldAddress() string {
	local, _, _ := strings.Cut(p.names[0].email, "@")
	return local + "@" + OldDomain
}

// otherAddresses are those HR knows beside the work address.
func (p *person) otherAddresses(d day) []string {
	var out []string
	for _, n := range p.names {
		if n.from <= d && n.email != p.email(d) {
			out = append(out, n.email)
		}
	}
	if p.oldDomain {
		out = append(out, p.oldAddress())
	}
	return out
}

func spelling(s string) (shown, ascii string) {
	shown, ascii, ok := strings.Cut(s, ":")
	if !ok {
		ascii = strings.ToLower(shown)
	}
	return shown, ascii
}

// makePeople lays the tree: a chief executive, heads of departments, leads of teams, managers,
// staff; then contractors and accounts that are no people.
func (o *Org) makePeople() {
	o.byAddress, o.byOktaID, o.byZoomID = map[string]*person{}, map[string]*person{}, map[string]*person{}
	n := o.opts.People
	heads, leads, managers := len(departments), 3*len(departments), n/14
	byTeam := make([][]*person, leads) // who leads staff of a team
	for i := range n {
		p := &person{index: uint64(i), leave: never, oktaEnd: never}
		r := o.rng(drawPlace, p.index)
		p.place = locations[r.IntN(len(locations))]
		pos := position{from: -never}
		switch {
		case i == 0:
			p.level, pos.dept, pos.title = 1, deptPeople, "Chief Executive Officer"
		case i <= heads:
			d := i - 1
			p.level, pos.dept, pos.title, pos.manager = 2, d, departments[d].head, o.people[0]
		case i <= heads+leads:
			t := i - heads - 1
			p.level, pos.dept, pos.team = 3, t/3, t%3
			pos.title, pos.manager = departments[t/3].lead, o.people[1+t/3]
			byTeam[t] = []*person{p}
		case i <= heads+leads+managers:
			t := o.pickTeam(r.Float64(), r.IntN(3))
			p.level, pos.dept, pos.team = 4, t/3, t%3
			pos.title, pos.manager = departments[t/3].manager, byTeam[t][0]
			byTeam[t] = append(byTeam[t], p)
		default:
			t := o.pickTeam(r.Float64(), r.IntN(3))
			p.level, pos.dept, pos.team = 5, t/3, t%3
			pos.title, pos.manager = departments[t/3].member, o.bossOf(byTeam[t], p.index)
		}
		p.positions = []position{pos}
		o.career(p, byTeam)
		o.christen(p)
		o.people = append(o.people, p)
	}
	o.castStory(1 + heads + leads + managers)
	for range max(3, n/25) {
		p := o.extra(contractor)
		r := o.rng(drawCareer, p.index)
		p.hire = o.start - 100 + day(r.IntN(100+o.opts.Days*2/3))
		p.leave = p.hire + 60 + day(r.IntN(300))
		p.oktaEnd = p.leave + day(r.IntN(20))
		o.christen(p)
	}
	o.people[n].names[0].first, o.people[n].names[0].last = "Lucía", "Ferreyra"
	o.people[n].names[0].email = "lucia.ferreyra.ext@" + Domain
	o.people[n].hire, o.people[n].leave, o.people[n].oktaEnd = o.start-40, never, never
	for _, name := range []string{"svc-okta-sync", "svc-zoom-rooms", "svc-reporting"} {
		o.account(serviceAccount, name, "Service", name)
	}
	o.account(sharedMailbox, "info", "Info", "Desk")
	o.identify()
}

// pickTeam draws a department by its share of the staff and a team of it.
func (o *Org) pickTeam(x float64, team int) int {
	for d := range departments {
		if x -= departments[d].weight; x < 0 {
			return d*3 + team
		}
	}
	return team
}

func (o *Org) bossOf(team []*person, index uint64) *person {
	if len(team) == 1 {
		return team[0]
	}
	return team[1+o.hash(drawCareer, index, 7)%uint64(len(team)-1)]
}

// career draws when the person joins, moves and leaves. Only staff leaves.
func (o *Org) career(p *person, byTeam [][]*person) {
	r := o.rng(drawCareer, p.index)
	p.hire = o.start - 30 - day(r.IntN(1800))
	if p.level < 5 {
		return
	}
	days := o.opts.Days
	if r.Float64() < 0.1 {
		p.hire = o.start + day(r.IntN(days))
	}
	if r.Float64() < 0.09 {
		p.leave = max(p.hire+20, o.start) + day(r.IntN(days))
		p.oktaEnd = p.leave
		if r.Float64() < 0.25 {
			p.oktaEnd = never // nobody told IT
		}
	}
	if r.Float64() < 0.05 {
		t := o.pickTeam(r.Float64(), r.IntN(3))
		p.positions = append(p.positions, position{
			from: max(o.start, p.hire+10) + day(r.IntN(days)), dept: t / 3, team: t % 3,
			title: departments[t/3].member, manager: o.bossOf(byTeam[t], p.index),
		})
	}
	p.oldDomain = p.hire < o.start-400 && r.Float64() < 0.2
}

// christen names the person and makes the address unique.
func (o *Org) christen(p *person) {
	r := o.rng(drawName, p.index)
	first, f := spelling(firstNames[r.IntN(len(firstNames))])
	last, l := spelling(lastNames[r.IntN(len(lastNames))])
	suffix := ""
	if p.kind == contractor {
		suffix = ".ext"
	}
	email := f + "." + l + suffix + "@" + Domain
	for i := 2; o.byAddress[email] != nil; i++ {
		email = fmt.Sprintf("%s.%s%d%s@%s", f, l, i, suffix, Domain)
	}
	o.byAddress[email] = p
	p.names = []naming{{from: -never, first: first, last: last, email: email}}
}

func (o *Org) extra(kind personKind) *person {
	p := &person{index: uint64(len(o.people)), kind: kind, level: 5, leave: never, oktaEnd: never}
	r := o.rng(drawPlace, p.index)
	p.place = locations[r.IntN(len(locations))]
	t := o.pickTeam(r.Float64(), r.IntN(3))
	title := "Contractor"
	if kind != contractor {
		title = ""
	}
	p.positions = []position{{from: -never, dept: t / 3, team: t % 3, title: title, manager: o.people[1+t/3]}}
	o.people = append(o.people, p)
	return p
}

func (o *Org) account(kind personKind, local, first, last string) {
	p := o.extra(kind)
	p.hire = o.start - 900
	p.names = []naming{{from: -never, first: first, last: last, email: local + "@" + Domain}}
}

// identify gives everybody ids at each vendor and indexes the addresses.
func (o *Org) identify() {
	clear(o.byAddress)
	for _, p := range o.people {
		p.oktaID = o.oktaID("00u", 1, p.index)
		p.entraID = o.guid(2, p.index)
		p.rampID = o.guid(3, p.index)
		p.bambooID = 1000 + int(p.index)
		o.zoomAccountOf(p)
		for _, n := range p.names {
			o.byAddress[n.email] = p
		}
		if p.oldDomain {
			o.byAddress[p.oldAddress()] = p
		}
		o.byOktaID[p.oktaID] = p
		o.byZoomID[p.zoom.id] = p
	}
}
