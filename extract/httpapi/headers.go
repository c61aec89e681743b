package httpapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// budget is what a reply says about the rate limit. Unknown counts are -1, an unknown reset
// is zero. Times are by the local clock.
type budget struct {
	limit, remaining int
	reset            time.Time
}

// readBudget reads X-Rate-Limit-*, X-RateLimit-*, RateLimit-* and the structured RateLimit
// header. The dialect says what the reset holds: epoch, seconds, rfc3339 or, by its look, auto.
// Absolute times are taken relative to the server's own Date.
func readBudget(h http.Header, dialect string, now time.Time) budget {
	b := budget{limit: -1, remaining: -1}
	for _, prefix := range []string{"X-Rate-Limit-", "X-Ratelimit-", "Ratelimit-"} {
		if n, ok := leadingInt(h.Get(prefix + "Limit")); ok && b.limit < 0 {
			b.limit = n
		}
		if n, ok := leadingInt(h.Get(prefix + "Remaining")); ok && b.remaining < 0 {
			b.remaining = n
		}
		if b.reset.IsZero() {
			b.reset = readReset(h.Get(prefix+"Reset"), dialect, h, now)
		}
	}
	if s := h.Get("Ratelimit"); s != "" && b.remaining < 0 {
		b.readStructured(s, now)
	}
	return b
}

// readStructured reads both drafts of the RateLimit header:
// `limit=100, remaining=50, reset=5` and `"default";r=50;t=5`.
func (b *budget) readStructured(s string, now time.Time) {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }) {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 0 {
			continue
		}
		switch strings.TrimSpace(key) {
		case "limit", "q":
			b.limit = n
		case "remaining", "r":
			b.remaining = n
		case "reset", "t":
			b.reset = now.Add(seconds(int64(n)))
		}
	}
}

func leadingInt(s string) (int, bool) {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	return n, err == nil
}

// epochFrom is the smallest number taken for seconds since 1970 rather than seconds to go.
const epochFrom = 1_000_000_000

func readReset(s, dialect string, h http.Header, now time.Time) time.Time {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 0 && n < 1e15 {
		switch {
		case dialect == "seconds", dialect != "epoch" && n < epochFrom:
			return now.Add(seconds(int64(n + 0.999)))
		case n >= 1e12: // milliseconds
			return local(time.UnixMilli(int64(n)), h, now)
		}
		// The second in which the window ends is not over before its end.
		return local(time.Unix(int64(n), 0).Add(time.Second), h, now)
	}
	if t, ok := readTime(s); ok {
		return local(t, h, now)
	}
	return time.Time{}
}

// readRetryAfter reads Retry-After: seconds, an HTTP date or an RFC 3339 timestamp.
func readRetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" {
		return 0, false
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		if n >= epochFrom && n < 1e12 {
			return max(0, local(time.Unix(int64(n), 0), h, now).Sub(now)), true
		}
		if n < 0 || n >= 1e12 {
			return 0, false
		}
		return time.Duration(n * float64(time.Second)), true
	}
	if t, ok := readTime(s); ok {
		return max(0, local(t, h, now).Sub(now)), true
	}
	return 0, false
}

func readTime(s string) (time.Time, bool) {
	if t, err := http.ParseTime(s); err == nil {
		return t, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// local turns an instant of the server's clock into one of the local clock.
func local(t time.Time, h http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		return now.Add(t.Sub(date))
	}
	return t.UTC()
}

// seconds converts without overflow; nobody waits longer than a century.
func seconds(n int64) time.Duration {
	return time.Duration(min(n, 100*365*24*3600)) * time.Second
}

// nextLink finds rel="next" in Link headers (RFC 8288), which may be several and may hold
// several links each.
func nextLink(h http.Header) string {
	for _, line := range h.Values("Link") {
		for line != "" {
			open := strings.IndexByte(line, '<')
			if open < 0 {
				break
			}
			end := strings.IndexByte(line[open:], '>')
			if end < 0 {
				break
			}
			target := line[open+1 : open+end]
			line = line[open+end+1:]
			params := line
			if next := strings.IndexByte(line, '<'); next >= 0 {
				params = line[:next]
			}
			if isNext(params) {
				return strings.TrimSpace(target)
			}
		}
	}
	return ""
}

func isNext(params string) bool {
	for _, p := range strings.FieldsFunc(params, func(r rune) bool { return r == ';' || r == ',' }) {
		key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(strings.TrimSpace(key), "rel") {
			continue
		}
		for _, rel := range strings.Fields(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(rel, "next") {
				return true
			}
		}
	}
	return false
}
