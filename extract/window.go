package extract

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/excerpt"
)

const day = 24 * time.Hour

// defaultStart is how far back a windowed stream is first read when its manifest does not say.
const defaultStart = 90 * day

// window is a manifest's window, read.
type window struct {
	start, overlap, step, lag, retention time.Duration
	format                               string
	endInclusive                         bool
	byDay                                bool // the vendor is asked by date
}

func newWindow(w *manifest.Window, byDay bool) (*window, error) {
	out := &window{format: w.Format, endInclusive: w.EndInclusive, byDay: byDay || w.Format == "date"}
	for _, f := range []struct {
		key, text string
		to        *time.Duration
	}{
		{"start", w.Start, &out.start}, {"overlap", w.Overlap, &out.overlap}, {"step", w.Step, &out.step},
		{"lag", w.Lag, &out.lag}, {"retention", w.Retention, &out.retention},
	} {
		if f.text == "" {
			continue
		}
		d, err := manifest.ParseDuration(f.text)
		if err != nil {
			return nil, fmt.Errorf("window.%s: %w", f.key, err)
		}
		*f.to = d
	}
	if out.start == 0 {
		out.start = defaultStart
	}
	return out, nil
}

// bounds gives the range that a new round reads. cut tells that the vendor no longer has its beginning.
func (w *window) bounds(now time.Time, done *time.Time, startDate time.Time) (from, to time.Time, cut bool) {
	to = now.Add(-w.lag).Truncate(time.Second)
	switch {
	case done != nil:
		from = done.Add(-w.overlap)
	case !startDate.IsZero():
		from = startDate
	default:
		from = to.Add(-w.start)
	}
	if w.retention > 0 && from.Before(now.Add(-w.retention)) {
		// A margin, since the vendor's clock goes on while the first request is under way.
		from, cut = now.Add(-w.retention).Add(time.Minute), done != nil || !startDate.IsZero()
	}
	if from, to = w.align(from, to); from.After(to) {
		from = to
	}
	return from, to, cut
}

// align fits a range to whole days where the vendor is asked by date.
func (w *window) align(from, to time.Time) (time.Time, time.Time) {
	from, to = from.Truncate(time.Second), to.Truncate(time.Second)
	if w.byDay {
		from = from.Truncate(day)
		if w.format == "date" && !w.endInclusive && w.step != day {
			to = to.Truncate(day)
		}
	}
	return from, to
}

// next gives the end of the window that starts at from, inside a range that ends at to.
func (w *window) next(from, to time.Time) time.Time {
	if w.step <= 0 {
		return to
	}
	if end := from.Add(w.step); end.Before(to) {
		return end
	}
	return to
}

// formatStart and formatEnd write the bounds as the vendor wants them.
func (w *window) formatStart(t time.Time) string { return formatTime(t, w.format) }

func (w *window) formatEnd(t time.Time) string {
	if w.format == "date" && !w.endInclusive && !t.Equal(t.Truncate(day)) {
		// The first day that does not count comes after the one that t is in.
		t = t.Truncate(day).Add(day)
	}
	if w.endInclusive && w.format != "" && w.format != "rfc3339" {
		t = t.Add(-time.Nanosecond)
	}
	return formatTime(t, w.format)
}

func formatTime(t time.Time, format string) string {
	t = t.UTC()
	switch format {
	case "", "rfc3339":
		return t.Format(time.RFC3339)
	case "epoch":
		return strconv.FormatInt(t.Unix(), 10)
	case "epoch_ms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	case "date":
		return t.Format(time.DateOnly)
	}
	return t.Format(format)
}

// looseLayouts are ways to write an instant that vendors use beside RFC 3339; without a zone, UTC.
var looseLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", time.DateOnly,
}

// parseTime reads an instant by a manifest's time_format.
func parseTime(text, format string) (time.Time, error) {
	switch format {
	case "", "rfc3339":
		for _, layout := range looseLayouts {
			if t, err := time.Parse(layout, text); err == nil {
				return t.UTC(), inRange(t)
			}
		}
		return time.Time{}, fmt.Errorf("%q is not a time", excerpt.Line(text, shortText))
	case "epoch", "epoch_ms":
		whole, frac, _ := strings.Cut(text, ".")
		n, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || n > 1e15 || n < -1e15 {
			return time.Time{}, fmt.Errorf("%q is not a number of seconds", excerpt.Line(text, shortText))
		}
		if format == "epoch_ms" {
			return time.UnixMilli(n).UTC(), inRange(time.UnixMilli(n))
		}
		ns, err := strconv.ParseInt((frac + "000000000")[:9], 10, 64)
		if err != nil || ns < 0 {
			return time.Time{}, fmt.Errorf("%q is not a number of seconds", excerpt.Line(text, shortText))
		}
		return time.Unix(n, ns).UTC(), inRange(time.Unix(n, ns))
	}
	t, err := time.ParseInLocation(format, text, time.UTC)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time like %q", excerpt.Line(text, shortText), format)
	}
	return t.UTC(), inRange(t)
}

// inRange keeps nonsense out of the lake, where times are microseconds in 64 bits.
func inRange(t time.Time) error {
	if y := t.Year(); y < 1900 || y > 9999 {
		return fmt.Errorf("the year %d cannot be right", y)
	}
	return nil
}

// shortText is how many characters of an id or name a message shows.
const shortText = 60
