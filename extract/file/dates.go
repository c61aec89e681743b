package file

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// dateParser reads dates and timestamps of one connection's files.
type dateParser struct {
	zone *time.Location // of timestamps that name no zone
	// layout is the layout of settings.date_format, "" for none.
	layout string
	// exclusive: layout reads dates that look like ISO dates but are not (YYYY-DD-MM), so ISO
	// dates can't be accepted beside it.
	exclusive bool
	// order is that of the column's dates in other notations than ours; noOrder: none are read.
	order dateOrder
}

var (
	errNotDate      = errors.New("not a date (YYYY-MM-DD; for other notations set settings.date_format)")
	errNotTimestamp = errors.New("not a date and time (RFC 3339, such as 2026-11-01T09:30:00Z; for other notations set settings.date_format)")
)

// newDateParser understands settings.date_format in three notations: DD/MM/YYYY HH:mm:ss,
// strftime's %d/%m/%Y, and Go's 02/01/2006.
func newDateParser(dateFormat string) (dateParser, error) {
	p := dateParser{zone: time.UTC, layout: goLayout(dateFormat)}
	if p.layout == "" {
		return p, nil
	}
	probe := time.Date(2021, time.November, 9, 23, 45, 56, 0, time.UTC)
	back, err := time.Parse(p.layout, probe.Format(p.layout))
	if err != nil || back.Format(time.DateOnly) != probe.Format(time.DateOnly) {
		return p, fmt.Errorf("date_format: %q does not name a year, a month and a day; examples: DD/MM/YYYY, %%m/%%d/%%Y %%H:%%M", dateFormat)
	}
	iso, err := time.Parse(time.DateOnly, strings.SplitN(probe.Format(p.layout), " ", 2)[0])
	p.exclusive = err == nil && !iso.Equal(probe.Truncate(24*time.Hour))
	return p, nil
}

var (
	strftime = strings.NewReplacer("%d", "02", "%e", "_2", "%m", "01", "%Y", "2006", "%y", "06", "%H", "15", "%I", "03", "%M", "04",
		"%S", "05", "%p", "PM", "%b", "Jan", "%B", "January", "%a", "Mon", "%A", "Monday", "%z", "-0700", "%Z", "MST", "%T", "15:04:05",
		"%F", "2006-01-02", "%f", "000000", "%%", "%")
	// Longer placeholders stand before those they start with.
	placeholders = strings.NewReplacer("YYYY", "2006", "yyyy", "2006", "YY", "06", "yy", "06", "MMMM", "January", "MMM", "Jan", "MM", "01",
		"DD", "02", "dd", "02", "D", "2", "d", "2", "M", "1", "HH", "15", "hh", "03", "mm", "04", "ss", "05", "AM", "PM", "A", "PM")
)

func goLayout(text string) string {
	switch {
	case strings.Contains(text, "%"):
		return strftime.Replace(text)
	case strings.Contains(text, "06"): // 2006 or 06: Go's own notation
		return text
	}
	return placeholders.Replace(text)
}

var zonedLayouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05 Z0700", "2006-01-02 15:04:05Z07", "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00",
}

var localLayouts = []string{
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
}

// timestamp reads an instant. Without a zone it is in the organisation's; a date alone is that
// day's beginning there.
func (p dateParser) timestamp(text string) (time.Time, error) {
	t, ok := p.parse(text)
	if y := t.UTC().Year(); !ok || y < 1 || y > 9999 {
		return time.Time{}, errNotTimestamp
	}
	return t, nil
}

func (p dateParser) parse(text string) (time.Time, bool) {
	if p.layout != "" {
		if t, err := time.ParseInLocation(p.layout, text, p.zone); err == nil {
			return t, true
		}
	}
	if t, ok := zonedTime(text); ok {
		return t, true
	}
	if p.exclusive {
		return time.Time{}, false
	}
	for _, layout := range localLayouts {
		if t, err := time.ParseInLocation(layout, text, p.zone); err == nil {
			return t, true
		}
	}
	if p.order != noOrder && p.layout == "" {
		if l, ok := looseDate(text); ok {
			return l.time(p.order, p.zone)
		}
	}
	return time.Time{}, false
}

// zonedTime reads an instant that names its zone.
func zonedTime(text string) (time.Time, bool) {
	if rest, ok := strings.CutSuffix(text, " UTC"); ok {
		text = rest + "Z"
	}
	for _, layout := range zonedLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// zonedDay gives the day of an instant in the zone that it names, and whether it is that day's beginning: what programs that know no
// days make of one, 2026-11-01T00:00:00Z.
func zonedDay(text string) (day string, midnight, zoned bool) {
	if len(text) <= len(time.DateOnly) {
		return "", false, false
	}
	t, ok := zonedTime(text)
	return t.Format(time.DateOnly), t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0, ok
}

// date reads a calendar date as YYYY-MM-DD. Of an instant it is the date in the
// organisation's time zone.
func (p dateParser) date(text string) (string, error) {
	t, err := p.timestamp(text)
	if err != nil {
		return "", errNotDate
	}
	t = t.In(p.zone)
	if t.Year() < 1 || t.Year() > 9999 {
		return "", errNotDate
	}
	return t.Format(time.DateOnly), nil
}
