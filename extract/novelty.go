package extract

import (
	"fmt"
	"hash/maphash"

	"github.com/rightseat/rightseat/internal/lake"
)

// How many pages in a row may bring nothing before a list counts as one without end. Some vendors
// do give many empty pages where they filter, and versions of one record over many pages; none
// gives the very same records over and over.
const (
	maxRepeatedPages  = 20
	maxFruitlessPages = 1000
)

// remembered is how many records, at least, a list is compared with; twice as many at most.
const remembered = 1 << 14

var noveltySeed = maphash.MakeSeed()

// novelty watches whether a list's pages bring anything new. A server that gives the same pages
// again and again, with a new cursor each time, would be read for ever. Memory is bounded.
type novelty struct {
	ids, contents memory
	// Of the page under way: rows, those with an id not seen lately, and with a content not seen lately.
	rows, newIDs, newContents int
	// Pages in a row without any.
	repeated, fruitless int
}

// add takes rows of the page under way.
func (n *novelty) add(rows []lake.Row) {
	for i := range rows {
		var h maphash.Hash
		h.SetSeed(noveltySeed)
		_, _ = h.WriteString(rows[i].RecordID) // never fails
		n.newIDs += n.ids.add(h.Sum64())
		_, _ = h.Write(rows[i].Payload)
		n.newContents += n.contents.add(h.Sum64())
	}
	n.rows += len(rows)
}

// known takes records of the page under way that are known from an earlier reading of the list: how long that may go on
// is not for novelty to say.
func (n *novelty) known(records int) {
	n.rows, n.newIDs, n.newContents = n.rows+records, n.newIDs+records, n.newContents+records
}

// endPage tells what is wrong with the list once too many pages brought nothing new, "" otherwise.
func (n *novelty) endPage() (wrong string) {
	n.repeated++
	if n.newContents > 0 || n.rows == 0 {
		n.repeated = 0
	}
	n.fruitless++
	if n.newIDs > 0 {
		n.fruitless = 0
	}
	n.rows, n.newIDs, n.newContents = 0, 0, 0
	switch {
	case n.repeated >= maxRepeatedPages:
		return fmt.Sprintf("the last %d pages hold only records that earlier pages held already, each page with a new link to a next one", n.repeated)
	case n.fruitless >= maxFruitlessPages:
		return fmt.Sprintf("the last %d pages brought no new record, each with a new link to a next one", n.fruitless)
	}
	return ""
}

// memory knows the last values that were added: two generations, the older of which is forgotten
// when the younger is full.
type memory struct{ young, old map[uint64]struct{} }

// add gives 1 for a value that is not known, 0 for one that is.
func (m *memory) add(v uint64) int {
	if _, ok := m.young[v]; ok {
		return 0
	}
	_, known := m.old[v]
	switch {
	case m.young == nil:
		m.old, m.young = make(map[uint64]struct{}), make(map[uint64]struct{})
	case len(m.young) >= remembered:
		m.old, m.young = m.young, m.old
		clear(m.young)
	}
	m.young[v] = struct{}{}
	if known {
		return 0
	}
	return 1
}
