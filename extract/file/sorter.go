package file

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rightseat/rightseat/internal/lake"
)

const (
	// sortBytes of rows are held to be written snapshot by snapshot; oneSnapshotBytes when there is
	// nothing to sort.
	sortBytes        = 48 << 20
	oneSnapshotBytes = 4 << 20
	// rowOverhead is what a held row takes beside its texts.
	rowOverhead = 256
	// openSnapshots is how many data files are written to at once.
	openSnapshots = 4
)

// sorter brings the rows of a file with many snapshot dates, in any order, into one batch. Data files
// do not mix snapshots and each open one costs over a megabyte, so rows are held until there
// is much to write of one snapshot. The rows of a small file are all held until it was read to its end.
type sorter struct {
	// begin gives the batch, once there is something to write.
	begin func() (*lake.Batch, error)
	batch *lake.Batch          // nil before
	held  map[string]*heldRows // by snapshot id
	bytes int
	open  []string // snapshots with an open data file, the longest unused first
}

type heldRows struct {
	rows  []lake.Row
	bytes int
}

func newSorter(begin func() (*lake.Batch, error)) *sorter {
	return &sorter{begin: begin, held: map[string]*heldRows{}}
}

func (s *sorter) append(rows ...lake.Row) error {
	for _, r := range rows {
		h, ok := s.held[r.SnapshotID]
		if !ok {
			h = &heldRows{}
			s.held[r.SnapshotID] = h
		}
		size := len(r.Payload) + len(r.RecordID) + len(r.Source) + len(r.Issue) + rowOverhead
		h.rows = append(h.rows, r)
		h.bytes += size
		s.bytes += size
	}
	if s.bytes < oneSnapshotBytes || len(s.held) > 1 && s.bytes < sortBytes {
		return nil
	}
	// Write the largest ones, until half of the room is free again.
	ids := slices.SortedFunc(maps.Keys(s.held), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.held[b].bytes, s.held[a].bytes), cmp.Compare(a, b))
	})
	for _, id := range ids {
		if len(s.held) > 1 && s.bytes < sortBytes/2 {
			break
		}
		if err := s.write(id); err != nil {
			return err
		}
	}
	return nil
}

// flush writes what is held, in the order of the snapshots' dates, into batch where nothing was written yet.
func (s *sorter) flush(batch *lake.Batch) error {
	if s.batch == nil {
		s.batch = batch
	}
	ids := slices.SortedFunc(maps.Keys(s.held), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.held[a].rows[0].SnapshotDate, s.held[b].rows[0].SnapshotDate), cmp.Compare(a, b))
	})
	for _, id := range ids {
		if err := s.write(id); err != nil {
			return err
		}
	}
	for _, id := range s.open {
		if id == "" {
			continue // events of several files share a data file
		}
		if err := s.batch.CloseSnapshot(id); err != nil {
			return err
		}
	}
	s.open = nil
	return nil
}

func (s *sorter) write(id string) (err error) {
	if s.batch == nil {
		if s.batch, err = s.begin(); err != nil {
			return err
		}
	}
	h := s.held[id]
	if err := s.batch.Append(h.rows...); err != nil {
		return err
	}
	delete(s.held, id)
	s.bytes -= h.bytes
	s.open = append(slices.DeleteFunc(s.open, func(o string) bool { return o == id }), id)
	if len(s.open) <= openSnapshots {
		return nil
	}
	oldest := s.open[0]
	s.open = s.open[1:]
	return s.batch.CloseSnapshot(oldest)
}
