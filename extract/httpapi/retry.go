package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"time"
)

// How often a request is made in all before its error counts, by what went wrong.
const (
	throttledTries = 12 // the vendor says "later"
	brokenTries    = 6  // 5xx, network
	badPageTries   = 3  // a reply that is not the page
	inReplyTries   = 4  // a reply of status 200 that says it failed
	briefTries     = 2  // any of these, for a brief client
	backoffBase    = time.Second
	backoffMax     = time.Minute
)

// retry calls fn until it succeeds, its error is not worth another try, or it has been tried
// often enough. A limiter, where given, learns of the vendor's wish to wait.
func retry[T any](ctx context.Context, c *Client, l *limiter, fn func() (T, error)) (T, error) {
	for try := 1; ; try++ {
		v, err := fn()
		if err == nil {
			return v, nil
		}
		var none T
		if ctx.Err() != nil {
			return none, context.Cause(ctx)
		}
		tries, throttled := triesFor(err)
		if c.brief {
			tries = min(tries, briefTries)
			if IsUnreachable(err) {
				tries = 1
			}
		}
		if try >= tries {
			return none, err
		}
		wait := backoff(try)
		if asked := askedWait(err); asked >= 0 {
			if asked > c.maxWait {
				return none, errors.Join(err, &WaitError{Wait: asked, Max: c.maxWait})
			}
			// A little more than asked: all who were refused come back at once.
			wait = asked + rand.N(time.Second)
		}
		c.log.LogAttrs(ctx, slog.LevelDebug, "trying again", slog.Int("try", try), slog.Duration("wait", wait), slog.String("error", err.Error()))
		if l != nil && throttled {
			l.hold(wait)
			continue
		}
		if err := c.clock.Sleep(ctx, wait); err != nil {
			return none, context.Cause(ctx)
		}
	}
}

// triesFor says how often what ended in err is worth trying, and whether the vendor said "later".
func triesFor(err error) (tries int, throttled bool) {
	var refused *Error
	var page *PageError
	var network *netError
	var signIn *signInError
	switch {
	case errors.As(err, &signIn), errors.As(err, new(*WaitError)), errors.As(err, new(*os.PathError)), errors.Is(err, errTooLarge), permanent(err):
		return 1, false
	case errors.As(err, &refused):
		switch {
		case refused.later, refused.Status == http.StatusTooManyRequests:
			return throttledTries, true
		case refused.Status == http.StatusServiceUnavailable && refused.retryAfter >= 0:
			return throttledTries, true
		case refused.InReply():
			return inReplyTries, false
		case refused.Status == http.StatusRequestTimeout, refused.Status == http.StatusTooEarly,
			refused.Status >= 500 && refused.Status != http.StatusNotImplemented:
			return brokenTries, false
		}
		return 1, false
	case errors.As(err, &page):
		return badPageTries, false
	case errors.As(err, &network):
		return brokenTries, false
	}
	return 1, false
}

// askedWait is how long the vendor asks to wait, -1 when it does not say.
func askedWait(err error) time.Duration {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.retryAfter
	}
	return -1
}

// backoff is exponential with full jitter: anything between nothing and the ceiling, so that
// those who failed together do not come back together.
func backoff(try int) time.Duration {
	ceiling := min(backoffBase<<(try-1), backoffMax)
	return rand.N(ceiling) + time.Millisecond
}
