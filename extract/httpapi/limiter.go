package httpapi

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
)

const defaultConcurrency = 4

// Limiters holds the request budgets of one vendor account, one per family of streams. It is
// shared by everything that asks that account, and safe for concurrent use.
type Limiters struct {
	families []family
	fallback *limiter
}

type family struct {
	streams []string
	limiter *limiter
}

// NewLimiters makes the limiters that a manifest's limits describe. maxWait is the longest
// single wait (for a budget to refill) before a request fails instead. share, of at most 1, is how much of the vendor's
// budget may be used: of the requests that a limit allows, and of those that the vendor's headers say are left.
func NewLimiters(limits []manifest.Limit, c clock.Clock, maxWait time.Duration, share float64) (*Limiters, error) {
	if !(share > 0 && share <= 1) {
		return nil, fmt.Errorf("a share of %v of the request budget is none", share)
	}
	ls := &Limiters{fallback: newLimiter(c, defaultConcurrency, maxWait)}
	ls.fallback.share = share
	for _, spec := range limits {
		l := newLimiter(c, spec.Concurrency, maxWait)
		l.dialect, l.share = spec.ResetHeader, share
		if spec.Requests > 0 {
			per, err := manifest.ParseDuration(spec.Per)
			if err != nil || per == 0 {
				return nil, fmt.Errorf("limit %q: per: %q is not a duration such as 10s", spec.Name, spec.Per)
			}
			// Less than one request in a span is one in a longer span.
			ours := float64(spec.Requests) * share
			n := max(1, int(ours))
			l.sent = make([]time.Time, n)
			// A vendor's clock and ours disagree on where the window's edge lies.
			l.per = time.Duration(float64(per+per/50) * float64(n) / ours)
		}
		if len(spec.Streams) == 0 {
			ls.fallback = l
			continue
		}
		ls.families = append(ls.families, family{streams: spec.Streams, limiter: l})
	}
	return ls, nil
}

// Concurrency is how many requests a stream may have under way at once.
func (ls *Limiters) Concurrency(stream string) int { return cap(ls.of(stream).slots) }

func (ls *Limiters) of(stream string) *limiter {
	for _, f := range ls.families {
		if slices.Contains(f.streams, stream) {
			return f.limiter
		}
	}
	return ls.fallback
}

// limiter lets requests through so that the vendor need not refuse any: at most so many at
// once, at most so many in any span of time (a sliding window), and as few as the vendor's own
// headers say are left.
type limiter struct {
	clock   clock.Clock
	slots   chan struct{}
	dialect string
	maxWait time.Duration
	per     time.Duration
	share   float64 // of the vendor's budget that we may use

	mu   sync.Mutex
	sent []time.Time // ring of the last len(sent) requests' times
	head int         // the oldest of them
	// What the vendor said last: how many requests are left until the reset.
	limit, remaining int
	reset            time.Time
	paced            time.Time // when the last request was let through
	until            time.Time // nothing goes before
	underway         int
}

func newLimiter(c clock.Clock, concurrency int, maxWait time.Duration) *limiter {
	if concurrency <= 0 {
		concurrency = defaultConcurrency
	}
	return &limiter{clock: c, slots: make(chan struct{}, concurrency), maxWait: maxWait, share: 1, limit: -1, remaining: -1}
}

// WaitError tells that the vendor asks to wait longer than is worthwhile within one run.
type WaitError struct {
	Wait, Max time.Duration
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("the vendor asks to wait %s, longer than the %s that are waited at most; try again then, a stream goes on where it stopped",
		e.Wait.Round(time.Second), e.Max)
}

// acquire waits for a request's turn. The release must be called when its reply has been read.
func (l *limiter) acquire(ctx context.Context) (release func(), err error) {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := l.turn(ctx); err != nil {
		<-l.slots
		return nil, err
	}
	return func() {
		l.mu.Lock()
		l.underway--
		l.mu.Unlock()
		<-l.slots
	}, nil
}

func (l *limiter) turn(ctx context.Context) error {
	l.mu.Lock()
	now := l.clock.Now()
	at := l.reserve(now)
	l.mu.Unlock()
	for {
		if wait := at.Sub(now); wait > l.maxWait {
			return &WaitError{Wait: wait, Max: l.maxWait}
		} else if wait > 0 {
			if err := l.clock.Sleep(ctx, wait); err != nil {
				return err
			}
		}
		l.mu.Lock()
		// Somebody else may have been told to wait meanwhile.
		if !l.until.After(at) {
			l.underway++
			l.mu.Unlock()
			return ctx.Err()
		}
		now, at = l.clock.Now(), l.until
		l.mu.Unlock()
	}
}

// reserve gives the instant at which the next request may go and counts it. l.mu is held.
func (l *limiter) reserve(now time.Time) time.Time {
	at := now
	if l.until.After(at) {
		at = l.until
	}
	if l.remaining >= 0 && at.Before(l.reset) {
		at = l.spend(at)
	}
	if len(l.sent) > 0 {
		if oldest := l.sent[l.head]; !oldest.IsZero() && oldest.Add(l.per).After(at) {
			at = oldest.Add(l.per)
		}
		l.sent[l.head] = at
		l.head = (l.head + 1) % len(l.sent)
	}
	l.paced = at
	return at
}

// spend takes one request from what the vendor says is left: freely at first, the last tenth
// spread evenly over the time to the reset, since others may be drawing on the same account.
func (l *limiter) spend(at time.Time) time.Time {
	if l.remaining == 0 {
		return l.reset
	}
	if reserve := max(1, l.limit/10); l.remaining <= reserve {
		step := l.reset.Sub(at) / time.Duration(l.remaining+1)
		if next := l.paced.Add(step); next.After(at) {
			at = next
		}
	}
	l.remaining--
	return at
}

// observe learns from a reply's headers. l must not be locked.
func (l *limiter) observe(h http.Header) {
	now := l.clock.Now()
	b := readBudget(h, l.dialect, now)
	if b.remaining < 0 || !b.reset.After(now) || b.limit == 0 {
		// No reset, no window. A limit of 0 is Okta's way to refuse too many at once: its reset is a guess.
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// The others' share is not ours to spend.
	b.remaining -= int(math.Ceil(float64(max(0, b.limit)) * (1 - l.share)))
	b.remaining = max(0, b.remaining)
	// Replies come out of order, and this one was counted before those still under way.
	left := max(0, b.remaining-max(0, l.underway-1))
	sameWindow := l.remaining >= 0 && b.reset.Sub(l.reset).Abs() <= 2*time.Second
	if sameWindow {
		left = min(left, l.remaining)
	} else if b.reset.Before(l.reset) && l.reset.After(now) {
		return
	}
	l.limit, l.remaining, l.reset = b.limit, left, b.reset
}

// hold keeps every request of the family back for a while.
func (l *limiter) hold(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.clock.Now().Add(d); t.After(l.until) {
		l.until = t
	}
}
