package simulator

import "time"

// habit is how often a person uses an app: a chance per usual working day, until a day.
type habit struct {
	rate  float64
	until day
}

// habitOf draws a person's habit: some use it all the time, some never, some stop.
func (o *Org) habitOf(p *person, a *app) habit {
	r := o.rng(drawProfile, p.index, a.index)
	h := habit{until: never}
	switch x := r.Float64(); {
	case x < 0.08: // power user
		h.rate = 0.25 + 0.3*r.Float64()
	case x < 0.50:
		h.rate = 0.04 + 0.06*r.Float64()
	case x < 0.75: // now and then
		h.rate = 0.01 + 0.01*r.Float64()
	case x < 0.88: // stopped
		h.rate = 0.06
		h.until = o.start + day(r.IntN(o.opts.Days))
	} // else: never touched it
	h.rate = min(0.8, h.rate*a.popularity)
	if d, ok := p.noUsage[a.label]; ok {
		h.rate, h.until = 0.4, d
	}
	if p == o.story.leaverInOkta || p == o.story.leaverOnZoom {
		h.until = min(h.until, p.leave)
	}
	return h
}

// away reports whether the person is on holiday: two weeks in every half year.
func (o *Org) away(p *person, d day) bool {
	half := uint64(d / 182)
	first := day(half)*182 + day(o.hash(drawHoliday, p.index, half)%168)
	return d >= first && d < first+14
}

// working reports whether the person does anything that day.
func (o *Org) working(p *person, d day) bool {
	return p.human() && p.employedOn(d) && !o.away(p, d)
}

// moment is when, within the person's working day, something happens.
func moment(p *person, d day, x float64) time.Time {
	return d.at(p.place.workday*3600 + int(x*9.5*3600))
}

// usage is one use of an app.
type usage struct {
	p  *person
	a  *app
	at time.Time
	x  float64 // a draw for whatever else is to be decided
}

// usagesOf works out who used which of the apps on a day. Whether a person may is for the caller.
func (o *Org) usagesOf(apps []*app, habits [][]habit, d day, purpose uint64) []usage {
	var out []usage
	season := d.season()
	for _, p := range o.people {
		if !o.working(p, d) {
			continue
		}
		r := o.rng(purpose, p.index, uint64(d))
		for i, a := range apps {
			h := habits[p.index][i]
			if h.rate == 0 || d >= h.until || r.Float64() >= h.rate*season {
				continue
			}
			out = append(out, usage{p: p, a: a, at: moment(p, d, r.Float64()), x: r.Float64()})
		}
	}
	return out
}

func (o *Org) habitsOf(apps []*app) [][]habit {
	out := make([][]habit, len(o.people))
	for _, p := range o.people {
		out[p.index] = make([]habit, len(apps))
		for i, a := range apps {
			out[p.index][i] = o.habitOf(p, a)
		}
	}
	return out
}
