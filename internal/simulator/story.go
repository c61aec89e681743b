package simulator

// Names and dates of the story that the package comment tells.
const (
	StoryLeaverInOkta = "bruno.carvalho@" + Domain
	StoryLeaverOnZoom = "priya.raghunathan@" + Domain
	StoryAlias        = "bjorn.lindqvist@" + Domain
	StoryAliasOld     = "bjorn.lindqvist@" + OldDomain
	StoryRenamed      = "meiling.haugen@" + Domain
	StoryRenamedOld   = "meiling.zhao@" + Domain
	StoryStopped      = "dmitri.volkov@" + Domain
	StoryBuyer        = "aoife.nibhriain@" + Domain
	StoryContractor   = "lucia.ferreyra.ext@" + Domain
	StoryOwner        = "tomasz.wisniewski@" + Domain

	StoryOverProvisioned = "Slack"
	StoryUnusedContract  = "Freshservice"
	StoryRenewal         = "Zoom"
	StoryRosterApp       = "Figma"
	StoryOwnApp          = "Fieldbook"
	StoryDisconnectedApp = "Lattice"
	StoryShadowApp       = "Grammarly"

	zoomRosterDays   = 60 // before the end: the roster scope is granted
	netskopeDays     = 21 // before the end: the token expires
	disconnectedDays = 90 // before the end: Lattice's connection is given up
)

type storyPeople struct {
	leaverInOkta, leaverOnZoom, alias, renamed, stopped, buyer, owner *person
}

// castStory gives the first members of the staff their parts.
func (o *Org) castStory(at int) {
	next := func(first, last, email string, dept, team int) *person {
		p := o.people[at]
		at++
		delete(o.byAddress, p.names[0].email)
		p.names = []naming{{from: -never, first: first, last: last, email: email}}
		lead := o.people[1+len(departments)+dept*3+team]
		p.positions = []position{{from: -never, dept: dept, team: team, title: departments[dept].member, manager: lead}}
		p.hire, p.leave, p.oktaEnd, p.oldDomain = o.start-500-day(at), never, never, false
		o.byAddress[email] = p
		return p
	}
	s := &o.story
	s.leaverInOkta = next("Bruno", "Carvalho", StoryLeaverInOkta, deptSales, 0)
	s.leaverInOkta.leave = o.within(75)
	s.leaverOnZoom = next("Priya", "Raghunathan", StoryLeaverOnZoom, deptMarketing, 1)
	s.leaverOnZoom.leave = o.within(50)
	s.leaverOnZoom.oktaEnd = s.leaverOnZoom.leave
	s.alias = next("Björn", "Lindqvist", StoryAlias, deptEngineering, 0)
	s.alias.oldDomain = true
	s.renamed = next("Mei-Ling", "Zhao", StoryRenamedOld, deptProduct, 1)
	s.renamed.names = append(s.renamed.names, naming{from: o.within(110), first: "Mei-Ling", last: "Haugen", email: StoryRenamed})
	s.stopped = next("Dmitri", "Volkov", StoryStopped, deptProduct, 1)
	s.stopped.noUsage = map[string]day{StoryRosterApp: o.within(100)}
	s.buyer = next("Aoife", "Ní Bhriain", StoryBuyer, deptMarketing, 2)
	s.owner = next("Tomasz", "Wiśniewski", StoryOwner, deptIT, 0)
}

// ZoomRosterFrom is the instant from which Zoom's token may list users.
func (o *Org) zoomRosterFrom() day { return o.within(zoomRosterDays) }

// netskopeUntil is the first day on which Netskope refuses the token.
func (o *Org) netskopeUntil() day { return o.within(netskopeDays) }

// disconnectedOn is the last day whose data counts for the connection that was given up.
func (o *Org) disconnectedOn() day { return o.within(disconnectedDays) }
