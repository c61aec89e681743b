package simulator

import (
	"sort"
	"time"
)

// netEvent is one application event of Netskope.
type netEvent struct {
	at       time.Time
	inserted time.Time
	id       string
	p        *person
	app      string
	domain   string
	category string
	bytes    int64
	session  uint64 // beyond 2^53
	odd      int    // 1: numbers sent as strings; 2: user is an IP address
}

// networkDay works out the traffic that Netskope stored on a day, in that order. An event
// is stored on the day it happened.
func (o *Org) networkDay(d day) []netEvent { return o.network.get(d, o.makeNetworkDay) }

func (o *Org) makeNetworkDay(d day) []netEvent {
	if d < o.start || d > o.end+60 {
		return nil
	}
	var out []netEvent
	season := d.season()
	add := func(p *person, app, domain, category string, x float64) {
		i := uint64(len(out))
		h := o.hash(drawNetwork, uint64(d), i, 2)
		e := netEvent{at: moment(p, d, x), p: p, app: app, domain: domain, category: category, bytes: int64(2000 + h%900000)}
		e.inserted = minTime(e.at.Add(time.Duration(60+h>>20%240)*time.Second), d.at(86399))
		if h>>32%12 == 0 {
			e.inserted = minTime(e.at.Add(time.Duration(25*60+h>>36%2100)*time.Second), d.at(86399))
		}
		e.id = o.hexID(40, uint64(d), i)
		e.session = 1<<62 | h>>2
		switch h >> 50 % 60 {
		case 0:
			e.odd = 1
		case 1:
			e.odd = 2
		}
		out = append(out, e)
	}
	for _, p := range o.people {
		if !o.working(p, d) {
			continue
		}
		r := o.rng(drawNetwork, p.index, uint64(d))
		for i, s := range shadowApps {
			visits := o.chance(drawNetwork, p.index, uint64(i), 3) < s.visitors || s.name == StoryShadowApp && p == o.story.buyer
			if visits && r.Float64() < 0.2*season {
				add(p, s.name, s.domain, s.category, r.Float64())
			}
		}
		if r.Float64() < 0.12*season {
			a := o.apps[r.IntN(len(o.apps))]
			if a.has(p, d.at(12*3600)) {
				add(p, a.label, a.domain, "Business", r.Float64())
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].inserted.Before(out[j].inserted) })
	return out
}
