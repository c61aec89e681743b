package extract

import (
	"maps"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/internal/secret"
)

// sealed stands in a kept cursor for a position in which the vendor repeated a secret, as some do in their next links.
// Secrets are kept nowhere: the run under way goes on from the position itself, a later one begins the round anew.
const sealed = secret.Mask

// seal gives the cursor as it is kept.
func (c *connection) seal(cur cursor) cursor {
	at := func(p httpapi.Position) httpapi.Position {
		if !c.client.Repeats([]byte(p.URL)) && !c.client.Repeats(p.Cursor) {
			return p
		}
		return httpapi.Position{URL: sealed}
	}
	poll := func(p *httpapi.Position) *httpapi.Position {
		if p == nil {
			return nil
		}
		kept := at(*p)
		return &kept
	}
	round := func(r *round) *round {
		if r == nil {
			return nil
		}
		kept := *r
		kept.Poll, kept.Open = poll(r.Poll), maps.Clone(r.Open)
		for task, p := range kept.Open {
			p.At = at(p.At)
			kept.Open[task] = p
		}
		return &kept
	}
	cur.Poll, cur.Round, cur.Backfill = poll(cur.Poll), round(cur.Round), round(cur.Backfill)
	return cur
}

// isSealed tells whether a position was not kept.
func (c *cursor) isSealed() bool {
	if c.Poll != nil && c.Poll.URL == sealed {
		return true
	}
	for _, r := range []*round{c.Round, c.Backfill} {
		if r == nil {
			continue
		}
		if r.Poll != nil && r.Poll.URL == sealed {
			return true
		}
		for _, p := range r.Open {
			if p.At.URL == sealed {
				return true
			}
		}
	}
	return false
}
