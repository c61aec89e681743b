package extract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/internal/lake"
)

// streamRun reads one stream in one run.
type streamRun struct {
	conn     *connection
	plan     *plan
	req      Request
	st       *lake.Stream
	last     *lake.Commit // nil before the first
	cur      *cursor
	round    *round // the cursor's, being read
	resumed  bool   // the round was begun in an earlier run
	backfill bool
	parents  []parent
	before   *lake.Snapshot // the last whole one; nil when there is none
	result   StreamResult

	concluded bool // a round came to its end in this run

	reached  time.Time // windows up to here are finished
	caughtUp time.Time
	goal     time.Time // what an open-ended reading has to reach
	// isBack tells that the stream was read with a clock that was ahead; back is its watermark from before, nil for none.
	isBack bool
	back   *time.Time
}

// outcome is what a stream's children need to know of it.
type outcome struct {
	result    StreamState
	concluded bool // read to its end, though single lists may be missing
}

// readStream reads a stream to its end, or as far as it gets.
func (c *connection) readStream(ctx context.Context, p *plan, req Request, parent, own *outcome) (result StreamResult) {
	started := time.Now()
	s := &streamRun{conn: c, plan: p, req: req, backfill: !req.From.IsZero()}
	s.result = StreamResult{Connection: c.conf.Name, Connector: c.manifest.Name, Stream: p.spec.Name, Kind: p.spec.Kind}
	defer func() {
		result.Took = time.Since(started)
		own.result, own.concluded = result.State, s.concluded || result.State == StreamComplete
		c.progress(p, result.Rows, result.Pages, true)
	}()
	if state, err := s.blocked(parent); err != nil {
		return s.outcome(state, err)
	}
	err := s.open()
	if err == nil && s.isReadAlready() {
		s.concluded = true
		return s.readToTheEnd()
	}
	for err == nil {
		var again bool
		if again, err = s.begin(); err != nil {
			break
		}
		l := &landing{stream: s}
		err = s.read(ctx, l)
		if !again {
			break
		}
	}
	switch {
	case err == nil:
		return s.readToTheEnd()
	case s.result.Rows == 0 && s.isNotPermitted(err):
		return s.outcome(StreamNotConnected, err)
	case s.result.Rows > 0 || ctx.Err() != nil:
		return s.outcome(StreamIncomplete, err)
	}
	return s.outcome(StreamFailed, err)
}

// readToTheEnd is the outcome of a stream that was read to its end: complete, unless single lists are missing.
func (s *streamRun) readToTheEnd() StreamResult {
	findings, err := s.missing()
	s.result.Findings = append(s.result.Findings, findings...)
	if s.plan.isSnapshot() && !s.backfill && err == nil {
		s.result.Lacks, err = s.lacks()
	}
	if err != nil {
		s.result.Fix = "Everything else of it was read"
		return s.outcome(StreamIncomplete, err)
	}
	return s.outcome(StreamComplete, nil)
}

// isNotPermitted tells an optional stream that was never granted: the vendor says so in its own words, and the stream
// was never complete. A permission that was there and is withdrawn is an error like any other.
func (s *streamRun) isNotPermitted(err error) bool {
	if !s.plan.spec.Optional || s.last != nil && (s.last.Watermark != nil || s.last.State == lake.Complete) {
		return false
	}
	refused := httpapi.OwnRefusal(err)
	return refused != nil && (refused.Status == http.StatusForbidden || refused.Status == http.StatusNotFound)
}

// blocked tells why a stream cannot be read at all in this run.
func (s *streamRun) blocked(parent *outcome) (StreamState, error) {
	if s.backfill && s.plan.isIterator() {
		return StreamSkipped, errors.New("the vendor keeps this stream's place itself; it cannot be asked again for a range")
	}
	if parent == nil {
		return "", nil
	}
	name := s.plan.parent.spec.Name
	if parent.result == StreamNotConnected {
		return StreamNotConnected, fmt.Errorf("its parent stream %s is not connected", name)
	}
	if parent.concluded {
		return "", nil
	}
	if s.plan.parent.isSnapshot() {
		return StreamSkipped, fmt.Errorf("its parent stream %s did not complete", name)
	}
	read, err := s.hasParent()
	if err != nil {
		return StreamFailed, err
	}
	if !read {
		return StreamSkipped, fmt.Errorf("its parent stream %s has brought nothing yet", name)
	}
	return "", nil
}

// hasParent tells whether the parent stream was ever read.
func (s *streamRun) hasParent() (bool, error) {
	st, err := s.conn.extractor.Lake.Stream(s.conn.conf.Name, s.plan.parent.spec.Name)
	if err != nil {
		return false, err
	}
	last, err := st.Last()
	return last != nil, err
}

func (s *streamRun) outcome(state StreamState, err error) StreamResult {
	s.result.State = state
	if err != nil {
		s.result.Err = s.conn.redactErr(err)
		s.result.Error = s.result.Err.Error()
	}
	if s.last != nil {
		s.result.Watermark = s.last.Watermark
	}
	return s.result
}

// open reads where the stream stands.
func (s *streamRun) open() error {
	var err error
	if s.st, err = s.conn.extractor.Lake.Stream(s.conn.conf.Name, s.plan.spec.Name); err != nil {
		return err
	}
	if s.last, err = s.st.Last(); err != nil {
		return err
	}
	if s.cur, err = readCursor(s.last); err != nil {
		return err
	}
	if s.plan.isSnapshot() {
		if s.before, err = newestSnapshot(s.st); err != nil {
			return err
		}
	}
	if err := s.fit(); err != nil {
		return err
	}
	return s.pullBack(s.conn.clock.Now())
}

// isReadAlready tells whether there can be nothing new: see [Extractor.OncePerInstant].
func (s *streamRun) isReadAlready() bool {
	return s.conn.extractor.OncePerInstant && !s.backfill && s.last != nil && s.last.State == lake.Complete &&
		s.last.CommittedAt.Equal(s.conn.clock.Now())
}

// begin takes up the round that was under way, or starts one. again tells that after it
// another one is needed to get up to now.
func (s *streamRun) begin() (again bool, err error) {
	now := s.conn.clock.Now()
	s.resumed, s.reached, s.caughtUp, s.goal = false, time.Time{}, time.Time{}, now
	if s.backfill {
		if r := s.cur.Backfill; r == nil || !r.From.Equal(s.req.From) || !r.To.Equal(s.req.To) {
			s.cur.Backfill = &round{Started: now, From: s.req.From.UTC(), To: s.req.To.UTC()}
		} else {
			s.resumed = true
		}
		s.round = s.cur.Backfill
		return false, s.findParents()
	}
	if s.hasCaughtUp() {
		s.cur.Poll, s.cur.Round = s.cur.Round.Poll, nil
	}
	if s.cur.Round != nil && s.isWorthResuming(now) {
		s.resumed = true
	} else if s.cur.Round, err = s.newRound(now); err != nil {
		return false, err
	}
	s.round = s.cur.Round
	again = s.resumed && now.After(s.round.Started) && !s.plan.isSnapshot() && !s.plan.isPolling() && !s.plan.isIterator() && (s.plan.window != nil || s.plan.parent != nil)
	return again, s.findParents()
}

// hasCaughtUp tells of a round that read all there was, and was cut short before the commit that ends it. What
// came since is not in it, so the next one goes on from there.
func (s *streamRun) hasCaughtUp() bool {
	return s.cur.Round != nil && (s.plan.isPolling() || s.plan.isIterator()) && s.cur.Round.Through > 0
}

// isWorthResuming tells whether a round that was interrupted may be finished: half of
// yesterday's snapshot and half of today's make no whole one.
func (s *streamRun) isWorthResuming(now time.Time) bool {
	return !s.plan.isSnapshot() || s.cur.Round.Date == s.conn.date(now)
}

func (s *streamRun) newRound(now time.Time) (*round, error) {
	r := &round{Started: now}
	if s.plan.isSnapshot() {
		seq := int64(1)
		if s.last != nil {
			seq = s.last.Seq + 1
		}
		r.Date = s.conn.date(now)
		r.Snapshot = fmt.Sprintf("%s-%d", now.Format("20060102T150405Z"), seq)
	}
	if w := s.plan.window; w != nil {
		start, err := s.conn.startDate()
		if err != nil {
			return nil, err
		}
		var cut bool
		if r.From, r.To, cut = w.bounds(now, s.cur.Done, start); cut {
			s.conn.log.Warn("the vendor no longer has the beginning of the range", "stream", s.plan.spec.Name, "read_from", r.From)
		}
	}
	if s.cur.Since == nil && s.plan.window != nil {
		from := r.From
		s.cur.Since = &from
	}
	if s.plan.isPolling() && s.cur.Poll != nil {
		r.advance(0, progress{From: r.From, To: r.To, At: *s.cur.Poll})
	}
	return r, nil
}

// findParents lists the records that the round asks for.
func (s *streamRun) findParents() error {
	s.parents = nil
	if s.plan.parent == nil {
		return nil
	}
	st, err := s.conn.extractor.Lake.Stream(s.conn.conf.Name, s.plan.parent.spec.Name)
	if err != nil {
		return err
	}
	if s.round.Parents == nil {
		s.round.Parents = &parentSet{}
		if !s.plan.isSnapshot() && !s.backfill {
			s.round.Retry = s.retries()
		}
		if !s.plan.parent.isSnapshot() {
			if err := s.newParentRange(st); err != nil {
				return err
			}
		}
	}
	if s.plan.parent.isSnapshot() {
		newest, err := newestSnapshot(st)
		if err != nil {
			return err
		}
		if newest == nil {
			return fmt.Errorf("its parent stream %s has not been read yet", s.plan.parent.spec.Name)
		}
		set := s.round.Parents
		if n := len(set.Snapshots); n == 0 || set.Snapshots[n-1] != newest.ID {
			set.Snapshots = append(set.Snapshots, newest.ID)
		}
	}
	var from, to time.Time
	if s.backfill {
		from, to = s.round.From, s.round.To
	}
	s.parents, err = s.plan.parents(st, s.round.Parents, from, to)
	s.addRetries()
	return err
}

// newParentRange picks the commits of a parent events stream that a new round covers: those
// since the last finished round, all of them in a backfill or for a snapshot. Windows overlap:
// what a commit brings once more without a change has been asked for.
func (s *streamRun) newParentRange(st *lake.Stream) error {
	last, err := st.Last()
	if err != nil || last == nil {
		return err
	}
	s.round.Parents.To = last.Seq
	s.round.Mark = last.Watermark
	if !s.backfill && !s.plan.isSnapshot() {
		s.round.Parents.After = s.cur.ParentSeq
		s.round.Parents.New = s.cur.ParentSeq > 0
	}
	return nil
}

// isSingleWindowed tells streams whose windows are finished one after another, in order.
func (s *streamRun) isSingleWindowed() bool {
	return s.plan.window != nil && s.plan.parent == nil && !s.plan.isPolling() && !s.plan.isIterator() && !s.plan.isSnapshot()
}

// stateBefore is the state that a backfill leaves as it was.
func (s *streamRun) stateBefore() lake.State {
	if s.last == nil {
		return lake.Partial
	}
	return s.last.State
}

// conclude fills in the commit that ends the round, and the cursor after it.
func (s *streamRun) conclude(c *lake.Commit, next *cursor) error {
	if s.backfill {
		next.Backfill = nil
		return nil
	}
	r := s.round
	next.Round = nil
	if s.plan.isSnapshot() {
		unread, err := s.unreadLists()
		if err != nil {
			return err
		}
		c.Watermark = &r.Started
		snapshot := lake.Snapshot{ID: r.Snapshot, Date: r.Date, ReadAt: r.Started, Rows: r.Rows, Bad: r.Bad, Unread: unread, Lists: maps.Clone(r.Lists)}
		for _, u := range unread {
			if n := s.sizeBefore(u.Parent); n > 0 && u.Kept != "" {
				if snapshot.Lists == nil {
					snapshot.Lists = map[string]int64{}
				}
				snapshot.Lists[u.Parent] = n
			}
		}
		c.Snapshots = []lake.Snapshot{snapshot}
		if s.plan.parent != nil {
			next.Asked = r.Parents
			s.forgetAside(next)
		}
		return nil
	}
	mark := r.Started
	switch {
	case s.plan.isPolling(), s.plan.isIterator():
		mark = s.caughtUp
		if s.plan.window != nil {
			mark = mark.Add(-s.plan.window.lag)
		}
		next.Poll = r.Poll
	case s.plan.window != nil:
		mark = r.To
	}
	next.Done = &mark
	if s.plan.parent != nil && !s.plan.parent.isSnapshot() {
		next.ParentSeq = r.Parents.To
		if r.Mark == nil || r.Whole == 0 && len(r.Unread) > 0 {
			return nil // nobody knows how far the parents are complete
		}
		if r.Mark.Before(mark) || s.plan.window == nil {
			mark = *r.Mark
		}
	}
	c.Watermark = &mark
	return nil
}

// forgetAside drops the notes on parents that are not listed any more.
func (s *streamRun) forgetAside(next *cursor) {
	listed := map[string]bool{}
	for _, p := range s.parents {
		listed[p.id] = true
	}
	maps.DeleteFunc(next.Aside, func(id string, _ *aside) bool { return !listed[id] })
	maps.DeleteFunc(next.Held, func(id string, _ *held) bool { return !listed[id] })
}
