package extract

import (
	"fmt"
	"hash/maphash"
	"maps"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/internal/lake"
)

// maxReadings is how often a list is read, at most, until two readings agree.
const maxReadings = 5

// listCheck finds out whether a list that was read to its end is whole. A list by page number or offset shifts when
// a record is added, removed or moved meanwhile, and what crosses the edge of a page is not seen: it is read until two
// readings running bring the same records. Where the vendor counts the records, the number must agree with the ids that
// came, or the list is read once more. All readings of a list land in the same snapshot; what an earlier one brought
// already is left out. Memory is that of two numbers a record.
type listCheck struct {
	counted bool // pages are found by counting
	size    int  // records asked for per page; 0 when not said
	reading int  // from 1
	// Of the reading under way and the one before: the records' ids.
	ids, before map[uint64]struct{}
	contents    map[uint64]struct{} // of all readings: records as they were
	pages, full int                 // pages of this reading, and those among them with records
	longest     int                 // pages of the longest reading so far
	largest     int                 // records of the largest page
	total       int64
	told        bool
}

// newListCheck gives nil where nothing can be checked.
func newListCheck(p *plan) *listCheck {
	if !p.pager.IsCounted() && !p.pager.TellsTotal() {
		return nil
	}
	return &listCheck{counted: p.pager.IsCounted(), size: p.spec.Paging.Size, reading: 1, ids: map[uint64]struct{}{}, contents: map[uint64]struct{}{}}
}

// isKnown takes a record and tells whether an earlier reading brought it just as it is.
func (c *listCheck) isKnown(r *lake.Row) bool {
	var h maphash.Hash
	h.SetSeed(noveltySeed)
	_, _ = h.WriteString(r.RecordID) // never fails
	c.ids[h.Sum64()] = struct{}{}
	_, _ = h.Write(r.Payload)
	content := h.Sum64()
	_, known := c.contents[content]
	c.contents[content] = struct{}{}
	return known && c.reading > 1
}

// endPage takes note of a page. The error is for a later reading that goes on without end.
func (c *listCheck) endPage(page *httpapi.Page, pager *httpapi.Pager) (wrong string) {
	c.pages++
	if page.Count > 0 {
		c.full++
	}
	c.largest = max(c.largest, page.Count)
	if total, told := pager.Total(page); told {
		c.total, c.told = total, true
	}
	if c.reading > 1 && c.pages > 2*c.longest+100 {
		return fmt.Sprintf("read again, it has more than %d pages; at first it had %d", c.pages, c.longest)
	}
	return ""
}

// end tells, at a reading's end, whether the list is to be read again, or what is wrong with it for good.
func (c *listCheck) end() (again bool, wrong string) {
	n := int64(len(c.ids))
	agree := c.before != nil && maps.Equal(c.before, c.ids)
	// One page that is not full, and none with records behind it, can't have lost anything at its edge.
	settled := !c.counted || agree || c.before == nil && c.full <= 1 && c.size > 0 && c.largest < c.size
	fits := !c.told || n == c.total || agree && n > c.total
	if settled && fits {
		return false, ""
	}
	if c.reading >= maxReadings || agree {
		if settled {
			return false, fmt.Sprintf("the vendor counts %d records, and gave %d", c.total, n)
		}
		return false, fmt.Sprintf("it was read %d times, and each time some records were others than before: it moves faster than it can be read", c.reading)
	}
	c.before, c.ids = c.ids, make(map[uint64]struct{}, len(c.ids))
	c.reading++
	c.longest = max(c.longest, c.pages)
	c.pages, c.full, c.largest, c.told = 0, 0, 0, false
	return true, ""
}
