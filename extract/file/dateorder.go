package file

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dateOrder is the order of day, month and year in a column's dates.
type dateOrder int

const (
	noOrder dateOrder = iota
	dayFirst
	monthFirst
	plainOrder // all dates of the column say it themselves: 2026/11/30, 30 Nov 2026
)

// minDates is how many dates in another notation than ours a column must have for its order to be judged. Of
// fewer, one typing error could decide.
const minDates = 3

// loose is a date in another notation than ours, taken apart.
type loose struct {
	first, second, year int // day and month in the column's order; of others, day and month
	order               dateOrder
	rest                string // the time of day
}

var (
	numericDate = regexp.MustCompile(`^(\d{1,2})([./-])(\d{1,2})([./-])(\d{4}|\d{2})(?:[T ,]+(.*))?$`)
	yearDate    = regexp.MustCompile(`^(\d{4})[./](\d{1,2})[./](\d{1,2})(?:[T ,]+(.*))?$`)
	namedDate   = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|\.)?[ -]+(\p{L}{3,10})\.?[ ,-]+(\d{4}|\d{2})(?:[T ,]+(.*))?$`)
	monthDate   = regexp.MustCompile(`^(\p{L}{3,10})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})(?:[T ,]+(.*))?$`)
)

// looseDate takes a date in a notation of people's apart; false for anything else.
func looseDate(text string) (loose, bool) {
	n := func(s string) int { v, _ := strconv.Atoi(s); return v } //nolint:errcheck // digits by the patterns
	if m := numericDate.FindStringSubmatch(text); m != nil && m[2] == m[4] && (len(m[5]) == 4 || m[2] != "-") {
		l := loose{first: n(m[1]), second: n(m[3]), year: fullYear(m[5]), rest: m[6]}
		switch {
		case l.first < 1 || l.second < 1 || l.first > 31 || l.second > 31 || l.first > 12 && l.second > 12:
			return l, false
		case l.first > 12 || m[2] == "." && l.second <= 12: // with points the day is always first
			l.order = dayFirst
		case l.second > 12:
			l.order = monthFirst
		}
		return l, true
	}
	if m := yearDate.FindStringSubmatch(text); m != nil {
		return loose{first: n(m[3]), second: n(m[2]), year: n(m[1]), order: plainOrder, rest: m[4]}, true
	}
	if m := namedDate.FindStringSubmatch(text); m != nil && monthNamed(m[2]) > 0 {
		return loose{first: n(m[1]), second: monthNamed(m[2]), year: fullYear(m[3]), order: plainOrder, rest: m[4]}, true
	}
	if m := monthDate.FindStringSubmatch(text); m != nil && monthNamed(m[1]) > 0 {
		return loose{first: n(m[2]), second: monthNamed(m[1]), year: n(m[3]), order: plainOrder, rest: m[4]}, true
	}
	return loose{}, false
}

// fullYear gives a year of two digits its century: 69 to 99 are of the last one.
func fullYear(digits string) int {
	y, err := strconv.Atoi(digits)
	switch {
	case err != nil:
		return 0
	case len(digits) > 2:
		return y
	case y >= 69:
		return 1900 + y
	}
	return 2000 + y
}

var clockLayouts = []string{
	"15:04:05", "15:04", "15:04:05.999999999", "3:04:05 PM", "3:04 PM", "3:04:05PM", "3:04PM", "15.04",
	"15:04:05Z07:00", "15:04Z07:00", "15:04:05 Z07:00",
}

// time gives the instant, with the column's order; false when there is no such day or time.
func (l loose) time(column dateOrder, zone *time.Location) (time.Time, bool) {
	d, m := l.first, l.second
	if l.order != plainOrder {
		if column == plainOrder || l.order != noOrder && l.order != column {
			return time.Time{}, false
		}
		if column == monthFirst {
			d, m = m, d
		}
	}
	day := time.Date(l.year, time.Month(m), d, 0, 0, 0, 0, zone)
	if m < 1 || m > 12 || day.Day() != d {
		return time.Time{}, false
	}
	rest := strings.ToUpper(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(l.rest), "Uhr")))
	if rest == "" {
		return day, true
	}
	if utc, ok := strings.CutSuffix(rest, " UTC"); ok {
		rest = utc + "Z"
	}
	date := day.Format(time.DateOnly) + " "
	for _, layout := range clockLayouts {
		if t, err := time.ParseInLocation("2006-01-02 "+layout, date+rest, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
