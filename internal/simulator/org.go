package simulator

import (
	"sync"
	"time"
)

// Options size an organisation. The zero value is the demo's.
type Options struct {
	People int       // employees over the whole time; default 500, at least 50
	Apps   int       // behind Okta; default 40, at least 12
	Days   int       // of history, the last one End; default 240, at least 30
	Seed   int64     // same seed, same bytes
	End    time.Time // last day (UTC); default 2026-06-30
}

// The organisation's names.
const (
	CompanyName = "Merrow & Pike Instruments"
	Domain      = "merrowpike.example"
	OldDomain   = "merrow-labs.example" // before the company's rename
)

// Org is a made-up organisation: its people, accounts, apps, contracts and whatever they
// leave behind at vendors, for any instant. It holds no events: those of a day are worked out
// when asked for, from the seed and the day alone. It is safe for concurrent use.
type Org struct {
	opts       Options
	seed       int64
	start, end day

	people []*person
	apps   []*app // Okta's
	entra  []*app
	groups []*group
	story  storyPeople

	changes   map[day][]change // of assignments and memberships, for the log
	contracts []contract
	cards     []cardLine // by time

	byAddress map[string]*person // every address a person ever had
	byOktaID  map[string]*person
	byZoomID  map[string]*person

	habitsOnce              sync.Once
	habitsOkta, habitsEntra [][]habit // by person and app

	logs     dayCache[[]logEntry]
	signIns  dayCache[[]signIn]
	meetings dayCache[*meetingDay]
	network  dayCache[[]netEvent]
}

// NewOrg works out an organisation.
func NewOrg(opts Options) *Org {
	if opts.People == 0 {
		opts.People = 500
	}
	if opts.Apps == 0 {
		opts.Apps = 40
	}
	if opts.Days == 0 {
		opts.Days = 240
	}
	if opts.End.IsZero() {
		opts.End = time.Date(2026, time.June, 30, 0, 0, 0, 0, time.UTC)
	}
	opts.People, opts.Apps, opts.Days = max(opts.People, 50), max(opts.Apps, 12), max(opts.Days, 30)
	o := &Org{opts: opts, seed: opts.Seed, end: dayOf(opts.End), changes: map[day][]change{}}
	o.start = o.end - day(opts.Days) + 1
	o.makePeople()
	o.makeApps()
	o.makeAssignments()
	o.makeContracts()
	o.makeCards()
	return o
}

// Start is the first day of the history.
func (o *Org) Start() time.Time { return o.start.time() }

// End is its last day.
func (o *Org) End() time.Time { return o.end.time() }

// before is the day so many days before the end: the story's dates are told that way.
func (o *Org) before(days int) day { return o.end - day(days) }

// within is the first of the dates that lies in the history, for short histories: a story
// that needs more days than there are starts a third into what there is.
func (o *Org) within(daysBeforeEnd int) day {
	if d := o.before(daysBeforeEnd); d > o.start+2 {
		return d
	}
	return o.start + day(o.opts.Days/3)
}

// dayCache keeps the days worked out. A day is worked out once, however many ask at once.
type dayCache[T any] struct {
	mu   sync.Mutex
	days map[day]*cachedDay[T]
}

type cachedDay[T any] struct {
	once  sync.Once
	value T
}

func (c *dayCache[T]) get(d day, work func(day) T) T {
	c.mu.Lock()
	e := c.days[d]
	if e == nil {
		if c.days == nil {
			c.days = map[day]*cachedDay[T]{}
		}
		e = &cachedDay[T]{}
		c.days[d] = e
	}
	c.mu.Unlock()
	e.once.Do(func() { e.value = work(d) })
	return e.value
}
