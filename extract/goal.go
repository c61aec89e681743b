package extract

import (
	"errors"
	"time"

	"github.com/rightseat/rightseat/internal/lake"
)

// errGoal ends an open-ended reading that has reached its goal although the vendor has more.
var errGoal = errors.New("the reading has reached its goal")

const (
	// abreastPages in a row that are no further behind the clock than abreastAge, and come no nearer, tell that the
	// reading keeps up with the vendor: it would never be done.
	abreastPages = 50
	abreastAge   = 2 * time.Hour
)

// goal says when an open-ended reading (a polled log, an iterator) ends although the vendor always has more: with a
// page most of whose records are as new as the beginning of the reading. What was stored before is then read. Where
// a vendor shows its records late, their age would never come down to nothing while others keep coming: there it
// ends once it does not come nearer to the present any more.
type goal struct {
	start time.Time // when the reading began
	// Of the pages in a row that hardly lagged: how many, and the least age among the first half of them.
	abreast int
	age     time.Duration
	newest  time.Time // event time on the last page that had one
	ahead   int       // pages in a row of nothing but new records
	// Of the page under way.
	fresh, timed int
	last         time.Time
}

// add takes rows of the page under way.
func (g *goal) add(rows []lake.Row) {
	for i := range rows {
		at := rows[i].EventAt
		if at.IsZero() {
			continue
		}
		g.timed++
		if !at.Before(g.start) {
			g.fresh++
		}
		if at.After(g.last) {
			g.last = at
		}
	}
}

// aheadPages in a row of a range's list, all records of which are newer than the beginning of the reading, tell that what
// there was at the beginning has been read.
const aheadPages = 50

// overtaken tells, at the end of a page of a list that the vendor bounds by time, whether the rest is what came since the
// reading began. The next round reads that.
func (g *goal) overtaken() bool {
	fresh, timed := g.fresh, g.timed
	g.fresh, g.timed, g.last = 0, 0, time.Time{}
	switch {
	case timed == 0:
	case fresh < timed:
		g.ahead = 0
	default:
		g.ahead++
	}
	return g.ahead >= aheadPages
}

// endPage tells whether the goal is reached with a page that was asked for at an instant, and if so up to when the
// vendor's records are read.
func (g *goal) endPage(asked time.Time) (through time.Time, reached bool) {
	fresh, timed, last := g.fresh, g.timed, g.last
	g.fresh, g.timed, g.last = 0, 0, time.Time{}
	if timed == 0 {
		return time.Time{}, false
	}
	g.newest = last
	if 2*fresh > timed {
		return g.start, true
	}
	age := max(0, asked.Sub(last))
	if age > abreastAge {
		g.abreast = 0
		return time.Time{}, false
	}
	if g.abreast++; g.abreast == 1 || g.abreast <= abreastPages/2 && age < g.age {
		g.age = age
	}
	if g.abreast < abreastPages {
		return time.Time{}, false
	}
	if age < g.age-g.age/10-time.Second { // it does get on
		g.abreast, g.age = 1, age
		return time.Time{}, false
	}
	return last, true
}
