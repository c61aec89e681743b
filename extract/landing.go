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
	since  time.Time
	// issues and rows of the open batch, counted in the result when it is committed.
	issues, rows, pages int64
	committed           int // commits made
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
	if m.page {
		delete(l.within, m.task)
		l.endPage(m)
	} else {
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

func (l *landing) endPage(m message) {
	s := l.stream
	l.pages++
	if m.done {
		s.round.finish(m.task)
	} else {
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
// become visible together.
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
	return l.commit(lake.Complete)
}

// commit makes rows and cursor visible in one step.
func (l *landing) commit(state lake.State) error {
	s := l.stream
	c := lake.Commit{RunID: s.req.RunID, Connector: s.conn.manifest.Name, CommittedAt: s.conn.clock.Now(), State: state}
	next := *s.cur
	if state == lake.Complete {
		s.conclude(&c, &next)
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
	if c.Cursor, err = json.Marshal(next); err != nil {
		return fmt.Errorf("write the cursor: %w", err)
	}
	written, err := l.batch.Commit(c)
	if err != nil {
		return errors.Join(err, l.abort())
	}
	*s.cur = next
	s.last = written
	s.isBack = false
	s.result.Rows += l.rows
	s.result.Pages += l.pages
	s.result.Issues += l.issues
	l.batch, l.dirty = nil, false
	l.issues, l.rows, l.pages = 0, 0, 0
	l.committed++
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
