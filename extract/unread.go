package extract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/internal/lake"
)

// Each parent's list stands by itself: one that can't be read keeps its last whole one, and costs no other.
// Only a vendor in trouble ends a stream early.
const (
	// maxUnanswered is how many lists may be refused before any has been read.
	maxUnanswered = 30
	// maxFailing is how many lists in a row may fail as everything does with a vendor in trouble.
	maxFailing = 5
	// maxReason bounds what is kept of a refusal, in bytes or a little more.
	maxReason = 300
)

// asideWait is how long a parent is left alone after so many readings that failed while others came through. The first
// failure may have been a hiccup: it is asked again in the next run. A run that comes a little early still counts.
func asideWait(tries int) time.Duration {
	if tries < 2 {
		return 0
	}
	return day<<min(tries-2, 3) - 2*time.Hour
}

// tally gathers how the lists of a run came out. What failed is told to the writer at the end, when it is known whether it
// was the parent's own fault.
type tally struct {
	stream *streamRun
	aside  map[string]*aside // as it stood before the run

	mu       sync.Mutex
	answered bool // some list came to its end
	failing  int  // in a row
	failed   []failedList
	gone     []int
}

type failedList struct {
	task int
	err  error
}

// note keeps what concerns one list alone, and lets the others go on, up to a point. Parents that were in trouble
// before say nothing about the vendor.
func (y *tally) note(task int, gone bool, err error) error {
	if err != nil && (y.stream.plan.parent == nil || !httpapi.IsAboutOneList(err)) {
		return err
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	switch {
	case gone:
		y.failing = 0
		y.gone = append(y.gone, task)
		return nil
	case err == nil:
		y.failing, y.answered = 0, true
		return nil
	}
	y.failed = append(y.failed, failedList{task, err})
	if y.aside[y.stream.parents[task].id] != nil {
		return nil
	}
	if y.failing++; !httpapi.IsVendorFailing(err) {
		y.failing = 0
	}
	if y.failing >= maxFailing || !y.answered && len(y.failed) >= maxUnanswered {
		return err
	}
	return nil
}

// errMostGone is what is thought of a vendor that says of most parents at once that they do not exist.
var errMostGone = errors.New("the vendor says of most at once that they do not exist, which is not believed")

// settle tells the writer which lists were not read whole. The error, if any, means that the round does not count: nothing
// was read, and the same lists are asked for in the next run.
func (y *tally) settle(ctx context.Context, out chan<- message, whole int) error {
	if n := len(y.gone); n > 1 && n*2 > len(y.stream.parents) {
		for _, task := range y.gone {
			y.failed = append(y.failed, failedList{task, errMostGone})
		}
		y.gone = nil
	}
	if len(y.failed) == 0 && len(y.gone) == 0 {
		return nil
	}
	if !y.answered && whole == 0 && len(y.gone) == 0 && y.stream.plan.isSnapshot() {
		err := y.failed[0].err
		if n := len(y.failed); n > 1 {
			err = fmt.Errorf("none of %d lists could be read; the first: %w", n, err)
		}
		return errors.Join(err, y.remember(ctx, out))
	}
	// A way to the vendor that broke down is likely to be the reason for what failed on it: the round stays open, and the
	// next run asks again.
	for _, f := range y.failed {
		if httpapi.IsNetwork(f.err) && y.aside[y.stream.parents[f.task].id] == nil {
			return errors.Join(f.err, y.remember(ctx, out))
		}
	}
	for _, task := range y.gone {
		if err := send(ctx, out, message{task: task, done: true}); err != nil {
			return err
		}
	}
	for _, f := range y.failed {
		m := message{task: f.task, done: true, aside: y.put(f, y.answered || whole > 0)}
		m.unread = &unreadList{Reason: m.aside.Reason}
		if err := send(ctx, out, m); err != nil {
			return err
		}
	}
	return nil
}

// remember notes the lists that failed without ending them: next time they come behind the others.
func (y *tally) remember(ctx context.Context, out chan<- message) error {
	for _, f := range y.failed {
		if y.stream.isNotPermitted(f.err) {
			return nil
		}
		if err := send(ctx, out, message{task: f.task, aside: y.put(f, false)}); err != nil {
			return err
		}
	}
	return nil
}

// put makes the note on a parent that could not be read. counts tells that others were.
func (y *tally) put(f failedList, counts bool) *aside {
	s := y.stream
	p := s.parents[f.task]
	now := s.conn.clock.Now().UTC()
	a := &aside{Name: p.name, Since: now, Reason: shorten(s.conn.redact(f.err.Error()))}
	if before := y.aside[p.id]; before != nil {
		a.Since, a.Tries, a.Next = before.Since, before.Tries, before.Next
	}
	if !s.plan.parent.isSnapshot() {
		a.Vars = p.vars
	}
	if counts {
		a.Tries++
		a.Next = now.Add(asideWait(a.Tries))
	}
	return a
}

func shorten(text string) string {
	if len(text) <= maxReason {
		return text
	}
	return strings.ToValidUTF8(text[:maxReason], "") + "…"
}

// isLeftOut tells whether the configuration says not to ask for a parent, by its id or name.
func (s *streamRun) isLeftOut(id, name string) bool {
	return slices.ContainsFunc(s.conn.leaveOut[s.plan.spec.Name], func(given string) bool {
		return given == id || name != "" && strings.EqualFold(given, name)
	})
}

// agenda gives the tasks to be asked, those of parents that were in trouble last, and what is known without asking:
// lists that are left out, and those of parents that are left alone for now.
func (s *streamRun) agenda(standing *round, asides map[string]*aside) (ask []int, known []message) {
	if s.plan.parent == nil {
		if !standing.isDone(0) {
			ask = append(ask, 0)
		}
		return ask, nil
	}
	done := map[int]bool{}
	for _, i := range standing.Done {
		done[i] = true
	}
	now := s.conn.clock.Now()
	var later []int
	for i := standing.Through; i < len(s.parents); i++ {
		if done[i] {
			continue
		}
		p := s.parents[i]
		a := asides[p.id]
		switch {
		case s.isLeftOut(p.id, p.name):
			known = append(known, message{task: i, done: true, unread: &unreadList{Reason: "left out by the configuration", LeftOut: true}})
		case a == nil:
			ask = append(ask, i)
		case s.plan.isSnapshot() && now.Before(a.Next):
			known = append(known, message{task: i, done: true, aside: a, unread: &unreadList{Reason: a.Reason}})
		default:
			later = append(later, i)
		}
	}
	return append(ask, later...), known
}

// retries lists the parents of earlier rounds of an events stream that are to be asked again. Those that the
// configuration leaves out by now are forgotten.
func (s *streamRun) retries() []string {
	maps.DeleteFunc(s.cur.Aside, func(id string, a *aside) bool { return s.isLeftOut(id, a.Name) })
	now := s.conn.clock.Now()
	var due []string
	for _, id := range slices.Sorted(maps.Keys(s.cur.Aside)) {
		if !now.Before(s.cur.Aside[id].Next) {
			due = append(due, id)
		}
	}
	return due
}

// addRetries puts the round's retries behind its parents.
func (s *streamRun) addRetries() {
	listed := map[string]bool{}
	for _, p := range s.parents {
		listed[p.id] = true
	}
	for _, id := range s.round.Retry {
		if listed[id] {
			continue
		}
		p := parent{id: id}
		if a := s.cur.Aside[id]; a != nil {
			p.name, p.vars = a.Name, a.Vars
		}
		s.parents = append(s.parents, p)
	}
}

// unreadLists is what a snapshot says of the lists that are not whole in it.
func (s *streamRun) unreadLists() ([]lake.UnreadList, error) {
	if len(s.round.Unread) == 0 {
		return nil, nil
	}
	before := map[string]lake.UnreadList{}
	if s.before != nil {
		for _, u := range s.before.Unread {
			before[u.Parent] = u
		}
	}
	asked, err := s.askedBefore()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, p := range s.parents {
		names[p.id] = p.name
	}
	var out []lake.UnreadList
	for _, id := range slices.Sorted(maps.Keys(s.round.Unread)) {
		why := s.round.Unread[id]
		u := lake.UnreadList{Parent: id, Name: names[id], Reason: why.Reason, LeftOut: why.LeftOut, Held: why.Held}
		if !u.LeftOut && s.before != nil {
			if was, ok := before[id]; ok {
				u.Kept, u.KeptDate = was.Kept, was.KeptDate
			} else if asked == nil || asked[id] {
				u.Kept, u.KeptDate = s.before.ID, s.before.Date
			}
		}
		out = append(out, u)
	}
	return out, nil
}

// askedBefore are the parents of the snapshot before; nil when nobody noted them.
func (s *streamRun) askedBefore() (map[string]bool, error) {
	if s.cur.Asked == nil || s.before == nil {
		return nil, nil
	}
	st, err := s.conn.extractor.Lake.Stream(s.conn.conf.Name, s.plan.parent.spec.Name)
	if err != nil {
		return nil, err
	}
	parents, err := s.plan.parents(st, s.cur.Asked, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	asked := map[string]bool{}
	for _, p := range parents {
		asked[p.id] = true
	}
	return asked, nil
}
