package simulator

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// encodeCursor makes an opaque cursor of positions.
func encodeCursor(parts ...int64) string {
	s := make([]string, len(parts))
	for i, p := range parts {
		s[i] = strconv.FormatInt(p, 10)
	}
	return base64.RawURLEncoding.EncodeToString([]byte("c:" + strings.Join(s, ":")))
}

// decodeCursor reads n positions back.
func decodeCursor(cursor string, n int) ([]int64, bool) {
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, false
	}
	parts := strings.Split(string(data), ":")
	if len(parts) != n+1 || parts[0] != "c" {
		return nil, false
	}
	out := make([]int64, n)
	for i := range out {
		if out[i], err = strconv.ParseInt(parts[i+1], 10, 64); err != nil || out[i] < 0 {
			return nil, false
		}
	}
	return out, true
}

// intParam reads a numeric parameter between bounds; missing or unreadable gives the fallback.
func intParam(q url.Values, name string, fallback, lowest, highest int) int {
	n, err := strconv.Atoi(q.Get(name))
	if err != nil {
		return fallback
	}
	return min(max(n, lowest), highest)
}

// window cuts a page out of n elements.
func window(offset, size, n int) (from, to int) {
	from = min(max(offset, 0), n)
	return from, min(from+size, n)
}

// link is the request's own URL with some parameters changed; an empty value takes one out.
func link(r *http.Request, changes ...string) string {
	q := r.URL.Query()
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			q.Del(changes[i])
		} else {
			q.Set(changes[i], changes[i+1])
		}
	}
	u := url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: q.Encode()}
	return u.String()
}

// parseTime reads an instant as vendors take them: RFC 3339 with or without a zone, or a date.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// isoMillis is RFC 3339 with three decimals, as Okta writes times.
func isoMillis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// isoSeconds is RFC 3339 without decimals.
func isoSeconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
