package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/internal/lake"
)

// message is what a task hands to the stream's one writer: a page, or a part of a large one.
type message struct {
	task    int
	rows    []lake.Row
	failed  []failure
	present presence // of the records
	notice  string   // what people should know of a list that ended
	known   int      // records left out that an earlier reading of the list brought
	// page tells that a page ends here; next is where its task goes on, unless it is done.
	page bool
	next progress
	done bool
	// restart tells that what follows is the task's current list from its beginning.
	restart bool
	// unread says why a list that is done is not whole; aside is what to remember of its parent, also
	// of one that is not done.
	unread *unreadList
	aside  *aside
	// reached is the end of a window that is finished; zero otherwise.
	reached time.Time
	// caughtUp is when a polling stream or iterator was asked what came back empty, and poll
	// where it asks next time.
	caughtUp time.Time
	poll     *httpapi.Position
	// ack, where given, gets the outcome once the page is committed.
	ack chan<- error
}

type failure struct {
	findings []finding
	place    string
}

// landing is a stream's writer: it appends rows, keeps the round's progress and commits both
// together. One goroutine uses it.
type landing struct {
	stream *streamRun
	batch  *lake.Batch
	dirty  bool // something since the last commit
	// within are the tasks that have sent a part of a page, but not its end.
	within map[int]bool
	// counts are of the tasks under way.
	counts map[int]progress
	since  time.Time
	// issues and rows of the open batch, counted in the result when it is committed.
	issues, rows, pages int64
}

// idleCheck is how often a writer that waits for its tasks looks whether a commit is due.
const idleCheck = time.Second

// land takes messages until there are no more. A commit that falls due while tasks wait, for
// a vendor's budget say, is made then. After the first error, which stops the tasks and is
// returned, messages are only answered.
func (l *landing) land(messages <-chan message, stop func(error)) (err error) {
	idle := time.NewTicker(idleCheck)
	defer idle.Stop()
	for {
		var m message
		open := true
		before := err
		select {
		case m, open = <-messages:
			if !open {
				return err
			}
			if err == nil {
				err = l.take(m)
			}
		case <-idle.C:
			if err == nil {
				err = l.rest()
			}
		}
		if before == nil && err != nil {
			stop(err)
		}
		if m.ack != nil {
			m.ack <- err
		}
	}
}

// rest commits what is due while nothing comes. A page that has come in part stays out of it:
// it would be read again as a whole.
func (l *landing) rest() error {
	if !l.dirty || len(l.within) > 0 || !l.due() {
		return nil
	}
	return l.commit(lake.Partial)
}

// take appends a message's rows and commits when enough has come together.
func (l *landing) take(m message) error {
	s := l.stream
	if l.batch == nil {
		var err error
		if l.batch, err = s.st.Begin(); err != nil {
			return err
		}
		l.since = s.conn.clock.Now()
	}
	l.dirty = true
	if m.unread != nil || m.aside != nil {
		l.noteUnread(m)
		return nil
	}
	l.count(m)
	for i := range m.rows {
		m.rows[i].SnapshotID, m.rows[i].SnapshotDate = s.round.Snapshot, s.round.Date
	}
	if err := l.batch.Append(m.rows...); err != nil {
		return err
	}
	for _, f := range m.failed {
		l.issues++
		// A record counts once, under the first of what is wrong with it.
		l.batch.AddIssue(f.findings[0].check, s.conn.redact(f.place+": "+issueText(f.findings)))
	}
	if m.present.Having != nil {
		if s.round.Present == nil {
			s.round.Present = &presence{}
		}
		s.round.Present.sum(m.present)
	}
	l.rows += int64(len(m.rows))
	s.round.Rows += int64(len(m.rows))
	s.round.Bad += int64(len(m.failed))
	if m.page || m.done {
		delete(l.within, m.task)
		l.endPage(m)
	} else if !m.restart {
		if l.within == nil {
			l.within = map[int]bool{}
		}
		l.within[m.task] = true
	}
	if m.page && (s.plan.isIterator() || l.due()) {
		return l.commit(lake.Partial)
	}
	return nil
}

// count adds what came of a list. A list that is read anew starts where the ones before it ended.
func (l *landing) count(m message) {
	if l.counts == nil {
		l.counts = map[int]progress{}
	}
	c, ok := l.counts[m.task]
	if !ok {
		c = l.stream.round.Open[m.task]
	}
	if m.restart {
		c.Rows = c.Earlier
	}
	c.Rows += int64(len(m.rows))
	c.Bad += int64(len(m.failed))
	l.counts[m.task] = c
}

// noteUnread notes that a list is not whole, or only that its parent could not be read so far.
func (l *landing) noteUnread(m message) {
	s := l.stream
	id := s.parents[m.task].id
	if m.aside != nil {
		if s.cur.Aside == nil {
			s.cur.Aside = map[string]*aside{}
		}
		s.cur.Aside[id] = m.aside
	}
	if !m.done {
		return
	}
	delete(l.counts, m.task)
	delete(l.within, m.task)
	s.round.leave(id, m.unread)
	s.round.finish(m.task)
	if m.unread.LeftOut {
		delete(s.cur.Aside, id)
	}
}

// endList ends a list that was read to its end, or of a parent that is gone.
func (l *landing) endList(task int) {
	s := l.stream
	c := l.counts[task]
	delete(l.counts, task)
	s.round.finish(task)
	id := ""
	if s.plan.parent != nil {
		id = s.parents[task].id
		delete(s.cur.Aside, id)
	}
	if s.plan.isSnapshot() {
		if why := s.judge(id, c); why != nil {
			s.round.leave(id, why)
			return
		}
	}
	s.round.Whole++
}

func (l *landing) endPage(m message) {
	s := l.stream
	if m.page {
		l.pages++
	}
	if m.done {
		l.endList(m.task)
	} else {
		c := l.counts[m.task]
		if m.next.Variant != s.round.Open[m.task].Variant || !m.next.From.Equal(s.round.Open[m.task].From) {
			c.Earlier = c.Rows
			l.counts[m.task] = c
		}
		m.next.Rows, m.next.Bad, m.next.Earlier = c.Rows, c.Bad, c.Earlier
		s.round.advance(m.task, m.next)
	}
	if m.notice != "" && !s.hasTold(findingRound) {
		s.tell(findingRound, "info", m.notice)
	}
	if m.reached.After(s.reached) {
		s.reached = m.reached
	}
	if !m.caughtUp.IsZero() {
		s.caughtUp = m.caughtUp
	}
	if m.poll != nil {
		s.round.Poll = m.poll
	}
	if s.plan.isIterator() {
		s.cur.Iterating = true
	}
	s.conn.progress(s.plan, s.result.Rows+l.rows, s.result.Pages+l.pages, false)
}

func (l *landing) due() bool {
	x := l.stream.conn.extractor
	return l.batch.Bytes() >= x.commitBytes() || l.stream.conn.clock.Now().Sub(l.since) >= x.commitEvery()
}

// park commits what has been read so far, if anything.
func (l *landing) park() error {
	if !l.dirty {
		return l.abort()
	}
	return l.commit(lake.Partial)
}

// complete ends the round: its last rows, the cursor past it and, for a snapshot, its name
// become visible together. A round whose outcome is in doubt ends without a name; the error says why.
func (l *landing) complete() error {
	if l.batch == nil {
		var err error
		if l.batch, err = l.stream.st.Begin(); err != nil {
			return err
		}
	}
	if err := l.checkPresence(); err != nil {
		return errors.Join(err, l.commit(lake.Partial))
	}
	if doubt := l.stream.doubt(); doubt != nil {
		l.stream.cur.Round = nil
		return errors.Join(doubt, l.commit(lake.Partial))
	}
	return l.commit(lake.Complete)
}

// commit makes rows and cursor visible in one step.
func (l *landing) commit(state lake.State) error {
	s := l.stream
	c := lake.Commit{RunID: s.req.RunID, Connector: s.conn.manifest.Name, CommittedAt: s.conn.clock.Now(), State: state}
	next := *s.cur
	if state == lake.Complete {
		if err := s.conclude(&c, &next); err != nil {
			return errors.Join(err, l.abort())
		}
	} else if !s.backfill && s.isSingleWindowed() && !s.reached.IsZero() {
		c.Watermark = &s.reached
	}
	if s.backfill {
		c.State = s.stateBefore()
	}
	if s.isBack {
		if c.ResetWatermark = true; c.Watermark == nil {
			c.Watermark = s.back
		}
	}
	var err error
	if c.Cursor, err = json.Marshal(s.conn.seal(next)); err != nil {
		return fmt.Errorf("write the cursor: %w", err)
	}
	written, err := l.batch.Commit(c)
	if err != nil {
		return errors.Join(err, l.abort())
	}
	*s.cur = next
	s.concluded = s.concluded || state == lake.Complete
	s.last = written
	s.isBack = false
	s.result.Rows += l.rows
	s.result.Pages += l.pages
	s.result.Issues += l.issues
	l.batch, l.dirty = nil, false
	l.issues, l.rows, l.pages = 0, 0, 0
	return nil
}

func (l *landing) abort() error {
	if l.batch == nil {
		return nil
	}
	b := l.batch
	l.batch, l.dirty = nil, false
	return b.Abort()
}

// issueText is a row's Issue: every check it failed.
func issueText(findings []finding) string {
	parts := make([]string, len(findings))
	for i, f := range findings {
		parts[i] = f.check + ": " + f.reason
	}
	return strings.Join(parts, "; ")
}
