package httpapi

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/manifest"
)

// ticking is a clock on which sleeping takes no time but moves the clock, for one sleeper.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *ticking) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(0, d))
	return ctx.Err()
}

func pass(t *testing.T, l *limiter) {
	t.Helper()
	release, err := l.acquire(t.Context())
	require.NoError(t, err)
	release()
}

func limiterOf(t *testing.T, c *ticking, spec manifest.Limit) *limiter {
	t.Helper()
	ls, err := NewLimiters([]manifest.Limit{spec}, c, 15*time.Minute, 1)
	require.NoError(t, err)
	return ls.of("any")
}

// TestLimiterSlidingWindow: never more than the budget in any window, and the budget is used.
func TestLimiterSlidingWindow(t *testing.T) {
	t.Parallel()
	c := &ticking{now: now}
	l := limiterOf(t, c, manifest.Limit{Requests: 20, Per: "10s"})
	var sent []time.Time
	for range 100 {
		pass(t, l)
		sent = append(sent, c.Now())
	}
	for i := 20; i < len(sent); i++ {
		assert.GreaterOrEqual(t, sent[i].Sub(sent[i-20]), 10*time.Second)
	}
	assert.Less(t, sent[99].Sub(sent[0]), 45*time.Second)
}

// TestLimiterLearnsFromHeaders: against a vendor that counts, none of 300 requests is refused,
// and nearly all of what it allows is used.
func TestLimiterLearnsFromHeaders(t *testing.T) {
	t.Parallel()
	c := &ticking{now: now}
	l := limiterOf(t, c, manifest.Limit{})
	const limit = 60
	left, reset, refused := limit, now.Add(time.Minute), 0
	for range 300 {
		release, err := l.acquire(t.Context())
		require.NoError(t, err)
		if !c.Now().Before(reset) {
			left, reset = limit, c.Now().Truncate(time.Second).Add(time.Minute)
		}
		if left--; left < 0 {
			refused++
		}
		l.observe(header("X-Rate-Limit-Limit", "60", "X-Rate-Limit-Remaining", strconv.Itoa(max(0, left)),
			"X-Rate-Limit-Reset", strconv.FormatInt(reset.Unix(), 10), "Date", c.Now().Format("Mon, 02 Jan 2006 15:04:05 GMT")))
		release()
	}
	assert.Zero(t, refused)
	assert.Less(t, c.Now().Sub(now), 6*time.Minute)
}

// TestLimiterUsesItsShareOnly: half of the budget is half of what the manifest allows, and half of what the vendor's
// headers say there is.
func TestLimiterUsesItsShareOnly(t *testing.T) {
	t.Parallel()
	in := func(spec manifest.Limit, share float64, requests int) time.Duration {
		c := &ticking{now: now}
		ls, err := NewLimiters([]manifest.Limit{spec}, c, time.Hour, share)
		require.NoError(t, err)
		for range requests {
			pass(t, ls.of("any"))
		}
		return c.Now().Sub(now)
	}
	assert.Zero(t, in(manifest.Limit{Requests: 20, Per: "10s"}, 1, 20))
	assert.Zero(t, in(manifest.Limit{Requests: 20, Per: "10s"}, 0.5, 10))
	assert.GreaterOrEqual(t, in(manifest.Limit{Requests: 20, Per: "10s"}, 0.5, 11), 10*time.Second)
	assert.GreaterOrEqual(t, in(manifest.Limit{Requests: 1, Per: "10s"}, 0.25, 2), 40*time.Second, "less than one in the span")
	for _, share := range []float64{0, -1, 1.5} {
		_, err := NewLimiters(nil, &ticking{now: now}, time.Hour, share)
		require.Error(t, err)
	}

	c := &ticking{now: now}
	ls, err := NewLimiters(nil, c, time.Hour, 0.5)
	require.NoError(t, err)
	l := ls.of("any")
	l.observe(header("X-Rate-Limit-Limit", "60", "X-Rate-Limit-Remaining", "31", "X-Rate-Limit-Reset", strconv.FormatInt(now.Add(time.Minute).Unix(), 10)))
	pass(t, l)
	assert.Less(t, c.Now().Sub(now), 40*time.Second, "the last of ours")
	pass(t, l)
	assert.GreaterOrEqual(t, c.Now().Sub(now), time.Minute, "the other thirty are for others")
}

func TestLimiterConcurrencyRefusalIsNoWindow(t *testing.T) {
	t.Parallel()
	c := &ticking{now: now}
	l := limiterOf(t, c, manifest.Limit{})
	l.observe(header("X-Rate-Limit-Limit", "0", "X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", "1793708000"))
	pass(t, l)
	assert.Equal(t, now, c.Now())
}

func TestLimiterHoldsAll(t *testing.T) {
	t.Parallel()
	c := &ticking{now: now}
	l := limiterOf(t, c, manifest.Limit{})
	l.hold(5 * time.Second)
	pass(t, l)
	assert.Equal(t, now.Add(5*time.Second), c.Now())
	l.hold(time.Hour)
	_, err := l.acquire(t.Context())
	var wait *WaitError
	require.ErrorAs(t, err, &wait)
	assert.Equal(t, time.Hour, wait.Wait)
	c.now = c.now.Add(time.Hour)
	pass(t, l)
}

func TestLimiterFamilies(t *testing.T) {
	t.Parallel()
	ls, err := NewLimiters([]manifest.Limit{{Streams: []string{"logs"}, Concurrency: 1}, {Concurrency: 3}}, &ticking{now: now}, time.Minute, 1)
	require.NoError(t, err)
	assert.Equal(t, 1, ls.Concurrency("logs"))
	assert.Equal(t, 3, ls.Concurrency("users"))
	_, err = NewLimiters([]manifest.Limit{{Name: "x", Requests: 1, Per: "often"}}, &ticking{now: now}, time.Minute, 1)
	assert.ErrorContains(t, err, `limit "x"`)
}

func TestLimiterCancel(t *testing.T) {
	t.Parallel()
	l := limiterOf(t, &ticking{now: now}, manifest.Limit{Concurrency: 1})
	release, err := l.acquire(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.acquire(ctx)
	require.ErrorIs(t, err, context.Canceled)
	release()
	pass(t, l)
}
