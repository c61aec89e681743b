package extract

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/internal/excerpt"
	"github.com/rightseat/rightseat/internal/lake"
)

// read works off the round's tasks, several at once, while this goroutine lands what they
// bring. When ctx ends, tasks stop behind their current page and all that was read is committed.
func (s *streamRun) read(ctx context.Context, l *landing) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	messages := make(chan message)
	var tasksErr error
	go func() {
		defer close(messages)
		tasksErr = s.tasks(ctx, messages)
	}()
	err := l.land(messages, stop)
	switch {
	case err != nil:
		return errors.Join(err, l.abort())
	case tasksErr != nil:
		return errors.Join(tasksErr, l.park())
	}
	return l.complete()
}

// tasks runs the tasks that are not done yet and sends what they bring. It returns when all
// have ended. Pages of one task come in order; those of different tasks come as they arrive, so
// that two runs may land the same rows in another order. Nothing downstream may depend on it:
// order among the versions of one record is all that counts, and a record belongs to one task.
func (s *streamRun) tasks(ctx context.Context, out chan<- message) error {
	// The writer changes round and cursor while tasks run: they work from how both stood.
	standing := s.round.clone()
	y := &tally{stream: s, aside: maps.Clone(s.cur.Aside)}
	iterating := s.plan.isIterator() && s.cur.Iterating
	var start httpapi.Position
	if s.plan.isPolling() && s.cur.Poll != nil {
		start = *s.cur.Poll
	}
	ask, known := s.agenda(standing, y.aside)
	for _, m := range known {
		if err := send(ctx, out, m); err != nil {
			return err
		}
	}
	g, tasks := errgroup.WithContext(ctx)
	g.SetLimit(max(1, s.conn.client.Concurrency(s.plan.spec.Name)))
	for _, i := range ask {
		if tasks.Err() != nil {
			break
		}
		g.Go(func() error {
			at := standing.Open[i]
			t := &task{stream: s, index: i, round: standing, out: out, at: at, start: start, iterating: iterating,
				begun: at.Variant > 0 || !at.At.IsZero()}
			if s.plan.parent != nil {
				t.parent = &s.parents[i]
			}
			gone, err := t.run(tasks)
			return y.note(i, gone, err)
		})
	}
	err := g.Wait()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return errors.Join(err, y.remember(ctx, out))
	}
	return y.settle(ctx, out, standing.Whole)
}

// task reads everything that belongs to one parent, or to a stream without parents.
type task struct {
	stream *streamRun
	index  int
	parent *parent
	round  *round
	out    chan<- message
	at     progress
	start  httpapi.Position // where its lists begin
	// iterating tells that the vendor's iterator was started in an earlier run.
	iterating bool
	begun     bool     // some of it has been read, now or in an earlier run
	values    [][]byte // scratch
	// check finds out whether the list being read is whole; nil where nothing tells.
	check *listCheck
	again bool // the list is to be read once more
}

// run reads the task to its end. gone tells that there is nothing to read: the vendor says that the parent, which it
// listed a moment ago, does not exist any more.
func (t *task) run(ctx context.Context) (gone bool, err error) {
	p := t.stream.plan
	if t.at.To.IsZero() {
		t.at.From, t.at.To = t.round.From, t.round.To
		if t.isStepped() {
			t.at.To = p.window.next(t.round.From, t.round.To)
			if !t.round.From.Before(t.round.To) {
				return false, t.send(ctx, message{page: true, done: true})
			}
		}
	}
	for {
		next, last := t.following()
		err := t.list(ctx, next, last)
		if t.isGone(err) {
			return true, nil
		}
		if err != nil || last {
			return false, err
		}
		t.at = next
	}
}

// isStepped tells whether the task's range is read window by window.
func (t *task) isStepped() bool {
	p := t.stream.plan
	return p.window != nil && !p.isIterator() && (!p.isPolling() || t.stream.backfill)
}

// following is the list after the current one: the next variant, else the next window.
func (t *task) following() (next progress, last bool) {
	p := t.stream.plan
	next = progress{From: t.at.From, To: t.at.To, Variant: t.at.Variant + 1}
	if next.Variant < len(p.variants()) {
		return next, false
	}
	if !t.isStepped() || !t.at.To.Before(t.round.To) {
		return next, true
	}
	return progress{From: t.at.To, To: p.window.next(t.at.To, t.round.To)}, false
}

func (t *task) isGone(err error) bool {
	refused := httpapi.OwnRefusal(err)
	return t.parent != nil && refused != nil && !t.begun && slices.Contains(t.stream.plan.spec.ForEach.Gone, refused.Code)
}

// errPast ends a list whose records have passed the end of a backfill's range.
var errPast = errors.New("past the range")

// list reads one list, page by page: one parent, window and variant.
func (t *task) list(ctx context.Context, next progress, last bool) error {
	s, p := t.stream, t.stream.plan
	target, err := p.target(s.conn.client.Base(), s.conn.vars, request{
		parent: t.parent, variant: p.variants()[t.at.Variant], from: t.at.From, to: t.at.To,
		hasEnd: !p.isPolling() || s.backfill, resume: t.iterating,
	})
	if err != nil {
		return err
	}
	t.check, t.again = newListCheck(p), false
	if p.pager.IsCounted() && !t.at.At.IsZero() {
		if err := t.send(ctx, message{restart: true}); err != nil {
			return err
		}
		t.at.At = t.start // a place in a list that moves means nothing later
	}
	from, read := t.at.At, false
	err = s.conn.client.Pages(ctx, target, p.shape, p.pager, from, t.yield(ctx, next, last, &read))
	for (err == nil || errors.Is(err, errGoal)) && t.again {
		t.again = false
		err = s.conn.client.Pages(ctx, target, p.shape, p.pager, t.start, t.yield(ctx, next, last, &read))
	}
	if stale(err) && !from.IsZero() && !read {
		// The vendor no longer knows the position kept from an earlier run: read this list again.
		s.conn.log.Warn("a kept position is no longer good; reading the list again", "stream", p.spec.Name, "error", err.Error())
		if err := t.send(ctx, message{restart: true}); err != nil {
			return err
		}
		err = s.conn.client.Pages(ctx, target, p.shape, p.pager, httpapi.Position{}, t.yield(ctx, next, last, &read))
	}
	switch {
	case errors.Is(err, errPast), errors.Is(err, errGoal):
		return nil
	case errors.As(err, new(*httpapi.UnwholeError)):
		return errors.Join(err, t.restart(ctx))
	case errors.As(err, new(*httpapi.LoopError)) && !p.isIterator() && (read || !from.IsZero()):
		return errors.Join(err, t.restart(ctx))
	}
	return err
}

// restart forgets how far the current list was read: of a list that went in circles nobody knows
// what it left out, so it must not be taken up in the middle and come to an end.
func (t *task) restart(ctx context.Context) error {
	return t.send(ctx, message{page: true, restart: true, next: progress{From: t.at.From, To: t.at.To, Variant: t.at.Variant, At: t.start}})
}

func stale(err error) bool {
	switch httpapi.StatusOf(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// yield makes rows of each page and sends them to the writer. It notes in read that there was one.
func (t *task) yield(ctx context.Context, next progress, last bool, read *bool) func(*httpapi.Page, httpapi.Position, bool) error {
	s, p := t.stream, t.stream.plan
	var seen novelty
	towards := &goal{start: s.goal}
	return func(page *httpapi.Page, at httpapi.Position, end bool) error {
		*read, t.begun = true, true
		var passed bool
		err := page.Chunks(func(records []httpapi.Record) error {
			m := t.rows(page, records)
			seen.add(m.rows)
			seen.known(m.known)
			towards.add(m.rows)
			passed = len(records) > 0 && t.isPast(m.rows)
			if s.backfill {
				m.rows = t.inRange(m.rows)
			}
			return t.send(ctx, m)
		})
		if err != nil {
			return err
		}
		end = end || s.backfill && p.isPolling() && !p.usesEnd && passed
		m := message{page: true, next: progress{From: t.at.From, To: t.at.To, Variant: t.at.Variant, At: at}}
		through, reached := time.Time{}, false
		switch {
		case s.backfill:
		case p.isPolling(), p.isIterator():
			through, reached = towards.endPage(page.RequestedAt)
		case p.window != nil:
			reached = towards.overtaken()
		}
		atGoal := reached && !end
		end = end || atGoal
		if t.check != nil {
			var wrong string
			if wrong = t.check.endPage(page, p.pager); wrong == "" && end {
				t.again, wrong = t.check.end()
			}
			if wrong != "" {
				return &httpapi.UnwholeError{Method: cmp.Or(p.spec.Request.Method, http.MethodGet), Path: page.Source, What: wrong}
			}
			if end = end && !t.again; t.again {
				m.next.At = t.start
			}
		}
		if end && page.Count > 0 && !p.pager.IsCounted() && !atGoal {
			m.notice = roundLength(at.Seen)
		}
		if end {
			m.next, m.done = next, last
			if p.isPolling() || p.isIterator() {
				if m.caughtUp = page.RequestedAt; atGoal {
					m.caughtUp = through
				}
				m.poll = &httpapi.Position{URL: at.URL, Cursor: at.Cursor}
			}
			if !next.From.Equal(t.at.From) || last {
				m.reached = t.at.To
			}
		}
		if err := t.sendPage(ctx, m); err != nil {
			return err
		}
		switch {
		case passed && end:
			return errPast
		case atGoal:
			return errGoal
		}
		if wrong := seen.endPage(); wrong != "" && !end && !t.again {
			return &httpapi.LoopError{Method: cmp.Or(p.spec.Request.Method, http.MethodGet), Path: page.Source, What: wrong}
		}
		return nil
	}
}

// rows turns records into rows.
func (t *task) rows(page *httpapi.Page, records []httpapi.Record) message {
	m := message{rows: make([]lake.Row, 0, len(records))}
	for _, rec := range records {
		row, findings := t.stream.plan.reading.row(rec, t.parent, t.scratch(), page.RequestedAt)
		if t.check != nil && t.check.isKnown(&row) {
			m.known++
			continue
		}
		if rec.Issue == "" {
			m.present.add(t.stream.plan.reading, t.values)
		}
		if client := t.stream.conn.client; client.Repeats(row.Payload) {
			row.Payload, row.RecordID = client.Mask(row.Payload), string(client.Mask([]byte(row.RecordID)))
		}
		row.ExtractedAt, row.Source = page.RequestedAt, page.Source
		if len(findings) > 0 {
			row.Issue = t.stream.conn.redact(issueText(findings))
			m.failed = append(m.failed, failure{findings: findings, place: page.Source + " record " + excerpt.Line(t.stream.conn.redact(row.RecordID), shortText)})
		}
		m.rows = append(m.rows, row)
	}
	return m
}

func (t *task) scratch() [][]byte {
	if t.values == nil {
		t.values = make([][]byte, t.stream.plan.reading.size())
	}
	return t.values
}

// inRange keeps the rows of a backfill's range, and those whose time is not known.
func (t *task) inRange(rows []lake.Row) []lake.Row {
	kept := rows[:0]
	for _, r := range rows {
		if r.EventAt.IsZero() || !r.EventAt.Before(t.round.From) && r.EventAt.Before(t.round.To) {
			kept = append(kept, r)
		}
	}
	return kept
}

// isPast tells whether all rows with a time lie behind a backfill's range.
func (t *task) isPast(rows []lake.Row) bool {
	any := false
	for _, r := range rows {
		if r.EventAt.IsZero() {
			continue
		}
		if r.EventAt.Before(t.round.To) {
			return false
		}
		any = true
	}
	return any
}

// sendPage sends the end of a page. Iterators wait until it is committed: the vendor moves on
// with the next request and would not give the page again.
func (t *task) sendPage(ctx context.Context, m message) error {
	if !t.stream.plan.isIterator() {
		return t.send(ctx, m)
	}
	ack := make(chan error, 1)
	m.ack = ack
	if err := t.send(ctx, m); err != nil {
		return err
	}
	return <-ack
}

func (t *task) send(ctx context.Context, m message) error {
	m.task = t.index
	return send(ctx, t.out, m)
}

func send(ctx context.Context, out chan<- message, m message) error {
	select {
	case out <- m:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
