package httpapi

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var now = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestReadBudget(t *testing.T) {
	t.Parallel()
	fast := now.Add(10 * time.Minute).Format(http.TimeFormat) // the server's clock is ahead
	for name, tc := range map[string]struct {
		h       http.Header
		dialect string
		want    budget
	}{
		"epoch":              {header("X-Rate-Limit-Limit", "60", "X-Rate-Limit-Remaining", "5", "X-Rate-Limit-Reset", "1793707230"), "", budget{60, 5, now.Add(31 * time.Second)}},
		"epoch, clock ahead": {header("X-Rate-Limit-Remaining", "5", "X-Rate-Limit-Reset", "1793707830", "Date", fast), "", budget{-1, 5, now.Add(31 * time.Second)}},
		"milliseconds":       {header("X-RateLimit-Remaining", "5", "X-RateLimit-Reset", "1793707230000"), "", budget{-1, 5, now.Add(30 * time.Second)}},
		"seconds to go":      {header("RateLimit-Limit", "100, 100;w=60", "RateLimit-Remaining", "0", "ratelimit-reset", "3"), "", budget{100, 0, now.Add(3 * time.Second)}},
		"large, by dialect":  {header("X-RateLimit-Remaining", "1", "X-RateLimit-Reset", "1000000001"), "seconds", budget{-1, 1, now.Add(1000000001 * time.Second)}},
		"timestamp":          {header("X-RateLimit-Remaining", "1", "X-RateLimit-Reset", "2026-11-03T12:00:30Z"), "", budget{-1, 1, now.Add(30 * time.Second)}},
		"structured, old":    {header("RateLimit", "limit=100, remaining=50, reset=5"), "", budget{100, 50, now.Add(5 * time.Second)}},
		"structured, new":    {header("RateLimit", `"default";r=50;t=5`), "", budget{-1, 50, now.Add(5 * time.Second)}},
		"nothing":            {header(), "", budget{-1, -1, time.Time{}}},
		"nonsense":           {header("X-RateLimit-Limit", "many", "X-RateLimit-Remaining", "-", "X-RateLimit-Reset", "soon"), "", budget{-1, -1, time.Time{}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tc.want, readBudget(tc.h, tc.dialect, now))
		})
	}
}

func TestReadRetryAfter(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0.5": 500 * time.Millisecond, "0": 0,
		now.Add(time.Minute).Format(http.TimeFormat): time.Minute,
		"2026-11-03T12:01:00Z":                       time.Minute,
		"2026-11-03T11:00:00Z":                       0,
		"1793707260":                                 time.Minute,
	} {
		got, ok := readRetryAfter(header("Retry-After", in), now)
		assert.True(t, ok, in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "soon", "-5"} {
		_, ok := readRetryAfter(header("Retry-After", in), now)
		assert.False(t, ok, in)
	}
}

func TestNextLink(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lines []string
		want  string
	}{
		"two headers":     {[]string{`<https://a/1>; rel="self"`, `<https://a/2?x=1,2>; rel="next"`}, "https://a/2?x=1,2"},
		"one header":      {[]string{`<https://a/1>; rel="prev", <https://a/2>; title="n"; rel=next`}, "https://a/2"},
		"several words":   {[]string{`</p?2>; rel="last next"`}, "/p?2"},
		"none":            {[]string{`<https://a/1>; rel="self"`}, ""},
		"not a link":      {[]string{`rel="next"`, `<unclosed; rel="next"`}, ""},
		"next in a title": {[]string{`<https://a/1>; title="next"`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{"Link": tc.lines}
			assert.Equal(t, tc.want, nextLink(h))
		})
	}
}

func FuzzHeaders(f *testing.F) {
	f.Add("60", "0", "1793707230", "7", `<https://a/2>; rel="next"`)
	f.Add("", "1e400", "99999999999999999999", "2026-11-03T12:00:30Z", `<<>,;rel=`)
	f.Fuzz(func(t *testing.T, limit, remaining, reset, after, link string) {
		h := http.Header{"X-Rate-Limit-Limit": {limit}, "X-Rate-Limit-Remaining": {remaining}, "X-Rate-Limit-Reset": {reset}, "Retry-After": {after}, "Link": {link}, "Ratelimit": {limit}}
		if d, ok := readRetryAfter(h, now); ok && d < 0 {
			t.Fatalf("a wait of %s", d)
		}
		b := readBudget(h, "", now)
		if b.remaining < -1 || b.limit < -1 {
			t.Fatalf("%+v", b)
		}
		nextLink(h)
	})
}
