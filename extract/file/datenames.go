package file

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// nameDates are the ways in which people and programs put a date into a file's name, the plainest first. The
// groups are year, month and day, by name.
var nameDates = []*regexp.Regexp{
	regexp.MustCompile(`(?:^|[^0-9])(?P<y>\d{4})[-_. ](?P<m>\d{1,2})[-_. ](?P<d>\d{1,2})(?:[^0-9]|$)`),
	regexp.MustCompile(`(?:^|[^0-9])(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[-_T ]?\d{4}(?:\d{2}(?:\d{3})?)?Z?)?(?:[^0-9]|$)`),
	regexp.MustCompile(`(?:^|[^0-9])(?P<d>\d{1,2})[.](?P<m>\d{1,2})[.](?P<y>\d{4})(?:[^0-9]|$)`),
	regexp.MustCompile(`(?:^|[^0-9])(?P<y>\d{4})[-_. ]?(?P<n>[A-Za-zäéû]{3,9})[-_. ]?(?P<d>\d{1,2})(?:[^0-9]|$)`),
	regexp.MustCompile(`(?:^|[^0-9])(?P<d>\d{1,2})(?:st|nd|rd|th)?[-_. ]*(?P<n>[A-Za-zäéû]{3,9})[-_., ]*(?P<y>\d{4})(?:[^0-9]|$)`),
	regexp.MustCompile(`(?:^|[^A-Za-z])(?P<n>[A-Za-zäéû]{3,9})[-_. ]*(?P<d>\d{1,2})(?:st|nd|rd|th)?[-_., ]+(?P<y>\d{4})(?:[^0-9]|$)`),
	regexp.MustCompile(`(?:^|[^0-9])(?P<a>\d{1,2})[-_ ](?P<b>\d{1,2})[-_ ](?P<y>\d{4})(?:[^0-9]|$)`),
}

// dateInName finds the date in a file's name: 2026-11-28, 2026_11_28, 20261128, 20261128093000, 28.11.2026,
// 28-Nov-2026, 11-28-2026; the last one of the plainest kind where there are several, "" when there is none. Where day and
// month can't be told apart, there is none.
func dateInName(name string) string {
	for i, pattern := range nameDates {
		found, at := lastDate(pattern, name)
		if i == 0 { // with or without signs between, these are the same way
			if date, later := lastDate(nameDates[1], name); later > at {
				found = date
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// partialDates are what in a file's name looks like a date and can't be told: 05-06-2026, 2026-09, Q3 2026, 2026W36, Sep 2026.
var partialDates = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(?:^|[^0-9])(\d{1,2}[-_. ]\d{1,2}[-_. ](?:20\d{2}|\d{2})|20\d{2}[-_. ]?(?:w|q|kw|week)?[-_. ]?\d{1,2}|(?:q[1-4]|kw ?\d{1,2}|week ?\d{1,2}|\d{1,2})[-_. ]?20\d{2})(?:[^0-9]|$)`),
	regexp.MustCompile(`((\p{L}{3,9})[-_. ]?20\d{2})(?:[^0-9]|$)`),
	regexp.MustCompile(`(?:^|[^0-9])(20\d{2}[-_. ]?(\p{L}{3,9}))(?:[^\p{L}]|$)`),
}

// undatedList tells of a list whose file says no date in its name, or one that can't be read: it counts as of the day on which it was first read.
func undatedList(name string) []note {
	if dateInName(name) != "" {
		return nil
	}
	for _, p := range partialDates {
		m := p.FindStringSubmatch(name)
		if m == nil || len(m) > 2 && monthNamed(m[2]) == 0 {
			continue
		}
		return []note{{Check: "date_in_name_unclear", Severity: severityWarning, Text: "its name says " + quoteShort(m[1]) +
			", which is no date that can be told, so its list counts as of the day on which it was first read; write the date as in roster-2026-11-30.csv, or in a column snapshot_date"}}
	}
	return []note{{Check: "dated_by_reading", Severity: severityInfo, Text: "neither its name nor a column says of which day it is, so its list counts as of the day on which it was first read; " +
		"where that is another day, write the date as in roster-2026-11-30.csv, or in a column snapshot_date"}}
}

// lastDate gives the last date of a way of writing and its place; -1 when there is none.
func lastDate(pattern *regexp.Regexp, name string) (date string, place int) {
	place = -1
	for from := 0; from < len(name); {
		at := pattern.FindStringSubmatchIndex(name[from:])
		if at == nil {
			break
		}
		if found := nameDate(pattern, name[from:], at); found != "" {
			date, place = found, from+at[0]
		}
		from += max(at[0]+1, at[1]-1) // the next one may begin with the character that ended this one
	}
	return date, place
}

func nameDate(pattern *regexp.Regexp, text string, at []int) string {
	number := func(group string) int {
		i := pattern.SubexpIndex(group)
		if i < 0 {
			return 0
		}
		n, err := strconv.Atoi(text[at[2*i]:at[2*i+1]])
		if err != nil {
			return 0
		}
		return n
	}
	y, m, d := number("y"), number("m"), number("d")
	if i := pattern.SubexpIndex("n"); i >= 0 {
		m = monthNamed(text[at[2*i]:at[2*i+1]])
	}
	if a, b := number("a"), number("b"); a > 0 {
		switch {
		case a > 12:
			d, m = a, b
		case b > 12 || a == b:
			m, d = a, b
		default:
			return ""
		}
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y < 2000 || y >= 2200 || m < 1 || m > 12 || t.Day() != d || t.Month() != time.Month(m) {
		return ""
	}
	return t.Format(time.DateOnly)
}

// months are the names of months in six languages, as they begin.
var months = [12][]string{
	{"jan", "gen", "ene"}, {"feb", "fév", "fev"}, {"mar", "mär", "mrt", "maa"}, {"apr", "avr", "abr"}, {"may", "mai", "mei", "mag"},
	{"jun", "juin", "giu"}, {"jul", "juil", "lug"}, {"aug", "aoû", "aou", "ago"}, {"sep", "set"}, {"oct", "okt", "ott"}, {"nov"}, {"dec", "dez", "déc", "dic"},
}

// monthNamed gives a month by its name or an abbreviation; 0 for other words.
func monthNamed(name string) int {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for i, starts := range months {
		if slices.ContainsFunc(starts, func(s string) bool { return strings.HasPrefix(name, s) }) && len(name) <= 10 {
			return i + 1
		}
	}
	return 0
}
