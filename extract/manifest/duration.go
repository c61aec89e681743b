package manifest

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

const day = 24 * time.Hour

// ParseDuration reads a manifest's durations: Go's, and days as d ("90d", "1d12h", "30m"). A day is
// 24 hours. Durations are never negative.
func ParseDuration(text string) (time.Duration, error) {
	fail := func(why string) (time.Duration, error) {
		return 0, fmt.Errorf("%q is not a duration%s; expected something like 90d, 2h or 30m", text, why)
	}
	if text == "" || strings.ContainsAny(text, "-+") {
		return fail("")
	}
	var total time.Duration
	rest := text
	if days, after, ok := strings.Cut(text, "d"); ok {
		n, err := wholeNumber(days)
		if err != nil {
			return fail("")
		}
		if n > int64(1<<63-1)/int64(day) {
			return fail(" that fits")
		}
		total, rest = time.Duration(n)*day, after
	}
	if rest == "" {
		return total, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil {
		return fail("")
	}
	if total+d < total {
		return fail(" that fits")
	}
	return total + d, nil
}

var errNoNumber = errors.New("not a whole number")

// wholeNumber reads plain decimal digits, without sign, at most 18 of them.
func wholeNumber(s string) (int64, error) {
	if s == "" || len(s) > 18 {
		return 0, errNoNumber
	}
	var n int64
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, errNoNumber
		}
		n = 10*n + int64(c-'0')
	}
	return n, nil
}
