// Package clock is the one source of "now", so that a whole pipeline can run under a
// simulated time and a test needs no real waiting.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time and waits. All times are UTC. Implementations are safe for concurrent use.
type Clock interface {
	// Now is the current instant in UTC.
	Now() time.Time
	// Sleep waits for d or until ctx ends, in which case it returns ctx's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// Tolerance is how far a kept instant may lie ahead of now without a word: clocks are set now and then.
const Tolerance = 5 * time.Minute

// System is the machine's clock.
type System struct{}

// Now implements [Clock].
func (System) Now() time.Time { return time.Now().UTC() }

// Sleep implements [Clock].
func (System) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Simulated is a clock that stands still until it is told to move. Sleeping on it takes
// no real time and moves nothing, so a simulated day has the same timestamps on every
// machine, however the goroutines of that day were scheduled.
type Simulated struct {
	mu  sync.Mutex
	now time.Time
}

// NewSimulated starts a simulated clock at now.
func NewSimulated(now time.Time) *Simulated { return &Simulated{now: now.UTC()} }

// Now implements [Clock].
func (c *Simulated) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock to now.
func (c *Simulated) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now.UTC()
}

// Sleep implements [Clock]: it returns at once.
func (c *Simulated) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
