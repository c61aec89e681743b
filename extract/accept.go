package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/lake"
)

// Accepted is a list that was held, as it shrank sharply, or a file of which rows could not be used, and of which a person
// says that it is right.
type Accepted struct {
	List   string // what people call the parent, or the file; empty for a stream without parents
	Date   string // YYYY-MM-DD of the reading that counts now; empty when it is the next one
	Before int64  // records of the last list that counted
	After  int64
	Bad    int64 // records that could not be used and that nobody waits for any more, of a file that counts without them
	Moved  bool  // the events that a former address brought are this organisation's
	Gone   int64 // records of a file that has no counterpart among the files of Date, which count without them
}

// String says how much is gone, and what counts.
func (a Accepted) String() string {
	if a.Bad > 0 {
		return fmt.Sprintf("%s: right as it is, with the %d records that could be used and without the %d that could not", a.List, a.After, a.Bad)
	}
	if a.Moved {
		return "the events that the former address brought count"
	}
	if a.Gone > 0 {
		return fmt.Sprintf("%s: its %d records count no more, as of %s", a.List, a.Gone, a.Date)
	}
	text := fmt.Sprintf("%d records, %d before", a.After, a.Before)
	if a.List != "" {
		text = a.List + ": " + text
	}
	if a.Date == "" {
		return text + "; counts from the next reading on"
	}
	return text + ", as of " + a.Date
}

// Accept says of the lists of a stream that are held that they are right. The result is how the stream stands then; nil
// when nothing was held.
func Accept(store *lake.Store, connection, stream, runID string, now time.Time) ([]Accepted, *StreamResult, error) {
	st, err := store.Stream(connection, stream)
	if err != nil {
		return nil, nil, err
	}
	last, err := st.Last()
	if err != nil || last == nil {
		return nil, nil, err
	}
	cur, err := readCursor(last)
	if err != nil {
		return nil, nil, err
	}
	newest, err := newestSnapshot(st)
	if err != nil {
		return nil, nil, err
	}
	c := lake.Commit{RunID: runID, CommittedAt: now, State: last.State}
	a := &acceptance{cur: cur, before: newest, commit: &c}
	accepted := a.lists()
	kind := manifest.KindSnapshot
	if cur.Moved != nil {
		accepted, kind, cur.Moved = append(accepted, Accepted{Moved: true, Date: "any"}), manifest.KindEvents, nil
	}
	if len(accepted) == 0 {
		return nil, nil, nil
	}
	if err := recommit(st, cur, c); err != nil {
		return nil, nil, err
	}
	result := &StreamResult{Connection: connection, Connector: last.Connector, Stream: stream, Kind: kind, State: StreamComplete}
	if last, err = st.Last(); err != nil {
		return nil, nil, err
	}
	result.Watermark = last.Watermark
	if newest, err = newestSnapshot(st); err != nil {
		return nil, nil, err
	}
	var problem error
	if newest != nil {
		result.Findings, problem = tellUnread(connection, stream, newest.Unread)
	}
	if slices.ContainsFunc(accepted, func(a Accepted) bool { return a.Date == "" }) {
		problem = errors.Join(problem, errors.New("what was accepted counts from the next reading on"))
	}
	if problem != nil {
		result.State, result.Err, result.Error = StreamIncomplete, problem, problem.Error()
	}
	return accepted, result, nil
}

// acceptance works out what a stream's commit says once its held lists are right.
type acceptance struct {
	cur    *cursor
	before *lake.Snapshot // the newest that counts; nil for none
	commit *lake.Commit
}

func (a *acceptance) lists() []Accepted {
	var out []Accepted
	again := map[string]bool{} // lists that the newest snapshot has, though they don't count in it
	for _, id := range slices.Sorted(maps.Keys(a.cur.Held)) {
		h := a.cur.Held[id]
		if h.Accepted {
			continue
		}
		one := Accepted{List: id, Before: a.sizeBefore(id), After: h.Rows}
		switch {
		case id == "":
			one.Date = h.OnDate
			a.name(lake.Snapshot{ID: h.Snapshot, Date: h.OnDate, ReadAt: h.ReadAt, Rows: h.Rows, Lists: sizes(id, h.Rows)})
			at := h.ReadAt
			a.commit.Watermark = &at
		case a.isIn(id):
			one.Date = a.before.Date
			again[id] = true
		default:
			h.Accepted = true
			a.acceptInRound(id)
			out = append(out, one)
			continue
		}
		delete(a.cur.Held, id)
		out = append(out, one)
	}
	if len(again) > 0 {
		a.nameAgain(again, out)
	}
	return out
}

// isIn tells whether the newest snapshot has a held list's records.
func (a *acceptance) isIn(parent string) bool {
	return a.before != nil && slices.ContainsFunc(a.before.Unread, func(u lake.UnreadList) bool { return u.Parent == parent && u.Held })
}

func (a *acceptance) sizeBefore(parent string) int64 {
	s := &streamRun{before: a.before}
	return s.sizeBefore(parent)
}

// nameAgain names the newest snapshot once more, with the lists that were held in it.
func (a *acceptance) nameAgain(held map[string]bool, accepted []Accepted) {
	s := *a.before
	s.Lists = maps.Clone(s.Lists)
	for _, one := range accepted {
		if !held[one.List] {
			continue
		}
		delete(s.Lists, one.List)
		if one.After >= minGuarded {
			s.Lists[one.List] = one.After
		}
	}
	s.Unread = slices.DeleteFunc(slices.Clone(s.Unread), func(u lake.UnreadList) bool { return held[u.Parent] })
	a.name(s)
}

func (a *acceptance) name(s lake.Snapshot) {
	a.commit.Snapshots = []lake.Snapshot{s}
	if a.commit.State = lake.Complete; a.cur.Round != nil {
		a.commit.State = lake.Partial // another reading is under way
	}
}

// acceptInRound lets a list of the reading under way count.
func (a *acceptance) acceptInRound(parent string) {
	r := a.cur.Round
	if r == nil || !r.Unread[parent].Held {
		return
	}
	delete(r.Unread, parent)
	r.Whole++
	if n := a.cur.Held[parent].Rows; n >= minGuarded {
		if r.Lists == nil {
			r.Lists = map[string]int64{}
		}
		r.Lists[parent] = n
	}
	delete(a.cur.Held, parent)
}

func sizes(list string, n int64) map[string]int64 {
	if n < minGuarded {
		return nil
	}
	return map[string]int64{list: n}
}

// AcceptLoss prepares the streams that are left of a connection for others of it being gone for good: what they noted of
// their parents' records means nothing any more, and all are asked for again.
func AcceptLoss(store *lake.Store, connection, runID string, now time.Time) error {
	names, err := store.Streams(connection)
	if err != nil {
		return err
	}
	for _, name := range names {
		st, err := store.Stream(connection, name)
		if err != nil {
			return err
		}
		last, err := st.Last()
		if err != nil {
			return err
		}
		cur, err := readCursor(last)
		if err != nil {
			return err
		}
		if last == nil || cur.ParentSeq == 0 && cur.Asked == nil && (cur.Round == nil || cur.Round.Parents == nil) {
			continue
		}
		cur.ParentSeq, cur.Asked, cur.Round = 0, nil, nil
		if err := recommit(st, cur, lake.Commit{RunID: runID, CommittedAt: now, State: last.State}); err != nil {
			return err
		}
	}
	return nil
}

// recommit makes a commit without rows.
func recommit(st *lake.Stream, cur *cursor, c lake.Commit) error {
	var err error
	if c.Cursor, err = json.Marshal(cur); err != nil {
		return fmt.Errorf("write the cursor: %w", err)
	}
	batch, err := st.Begin()
	if err != nil {
		return err
	}
	if _, err := batch.Commit(c); err != nil {
		return errors.Join(err, batch.Abort())
	}
	return nil
}
