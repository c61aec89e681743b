package pipelines

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/rightseat/rightseat/internal/config"
)

// Cron is a cron expression in a time zone.
//
// Daylight saving: a job at a fixed hour runs once per day whatever the clocks do. A time
// that the spring change skips becomes the moment of the change; of a time that the autumn
// change repeats, the first counts. A job of every hour runs every hour that really passes.
type Cron struct {
	spec *cron.SpecSchedule
	loc  *time.Location
}

const everyHour = 1<<24 - 1

// ParseCron reads an expression as [config.ParseSchedule] allows it.
func ParseCron(expression string, loc *time.Location) (*Cron, error) {
	schedule, err := config.ParseSchedule(expression)
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("schedule %q has no fixed times: expected five fields such as \"0 3 * * *\"", expression)
	}
	return &Cron{spec: spec, loc: loc}, nil
}

// Next is the first due time after t, in UTC.
func (c *Cron) Next(t time.Time) time.Time {
	if c.spec.Hour&everyHour == everyHour {
		return utcUnlessZero(c.spec.Next(t.In(c.loc)))
	}
	// Due times are found on the wall clock, where every day has 24 hours, and only then
	// placed in real time. Two of them may fall on one moment, so step until past t.
	wall := wallOf(t.In(c.loc)).Add(-3 * time.Hour)
	for {
		wall = c.spec.Next(wall)
		if wall.IsZero() {
			return wall
		}
		if due := instantOf(wall, c.loc); due.After(t) {
			return due
		}
	}
}

// LatestBetween is the last due time after from, up to and including to; zero when there is
// none. It takes the same short time for a gap of a minute and of years.
func (c *Cron) LatestBetween(from, to time.Time) time.Time {
	for back := time.Hour; ; back *= 4 {
		start := to.Add(-back)
		if start.Before(from) {
			start = from
		}
		var latest time.Time
		for due := c.Next(start); !due.IsZero() && !due.After(to); due = c.Next(due) {
			latest = due
		}
		if !latest.IsZero() || !start.After(from) {
			return latest
		}
	}
}

func utcUnlessZero(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

// wallOf writes the wall clock's reading as if it were UTC.
func wallOf(t time.Time) time.Time {
	y, mo, d := t.Date()
	return time.Date(y, mo, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instantOf is the moment at which a wall clock in loc shows what wall (as UTC) says: the
// first of two, or the change itself when the clocks skip it. UTC.
func instantOf(wall time.Time, loc *time.Location) time.Time {
	y, mo, d := wall.Date()
	t := time.Date(y, mo, d, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), loc)
	start, end := t.ZoneBounds()
	switch shown := wallOf(t); {
	case shown.After(wall): // skipped, placed after the change
		return start.UTC()
	case shown.Before(wall): // skipped, placed before it
		return end.UTC()
	}
	if start.IsZero() {
		return t.UTC()
	}
	// Shown twice? Then the same reading exists in the zone before the last change too.
	_, offset := t.Zone()
	_, before := start.Add(-time.Second).Zone()
	if earlier := t.Add(time.Duration(offset-before) * time.Second); earlier.Before(start) && wallOf(earlier).Equal(wall) {
		return earlier.UTC()
	}
	return t.UTC()
}
