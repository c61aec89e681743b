package extract

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/manifest"
)

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at
}

func TestWindowBounds(t *testing.T) {
	t.Parallel()
	now := "2026-11-03T12:00:00.5Z"
	for name, tc := range map[string]struct {
		window   manifest.Window
		done     string
		start    string
		from, to string
		cut      bool
	}{
		"first":              {manifest.Window{Start: "2d"}, "", "", "2026-11-01T12:00:00Z", "2026-11-03T12:00:00Z", false},
		"first, by setting":  {manifest.Window{Start: "2d"}, "", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-11-03T12:00:00Z", false},
		"on, with overlap":   {manifest.Window{Overlap: "2h", Lag: "1h"}, "2026-11-02T00:00:00Z", "", "2026-11-01T22:00:00Z", "2026-11-03T11:00:00Z", false},
		"beyond retention":   {manifest.Window{Retention: "1d"}, "2026-06-01T00:00:00Z", "", "2026-11-02T12:01:00Z", "2026-11-03T12:00:00Z", true},
		"default":            {manifest.Window{}, "", "", "2026-08-05T12:00:00Z", "2026-11-03T12:00:00Z", false},
		"dates, end counts":  {manifest.Window{Format: "date", EndInclusive: true}, "2026-11-02T15:00:00Z", "", "2026-11-02T00:00:00Z", "2026-11-03T12:00:00Z", false},
		"dates, end doesn't": {manifest.Window{Format: "date"}, "2026-11-02T15:00:00Z", "", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", false},
		"nothing new yet":    {manifest.Window{Lag: "2d"}, "2026-11-03T00:00:00Z", "", "2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := newWindow(&tc.window, false)
			require.NoError(t, err)
			var done *time.Time
			if tc.done != "" {
				at := instant(t, tc.done)
				done = &at
			}
			var start time.Time
			if tc.start != "" {
				start = instant(t, tc.start)
			}
			from, to, cut := w.bounds(instant(t, now), done, start)
			assert.Equal(t, tc.from, from.Format(time.RFC3339Nano))
			assert.Equal(t, tc.to, to.Format(time.RFC3339Nano))
			assert.Equal(t, tc.cut, cut)
		})
	}
	_, err := newWindow(&manifest.Window{Step: "daily"}, false)
	assert.ErrorContains(t, err, "window.step")
}

func TestWindowFormats(t *testing.T) {
	t.Parallel()
	from, to := instant(t, "2026-11-01T00:00:00Z"), instant(t, "2026-11-02T00:00:00Z")
	for name, tc := range map[string]struct {
		window     manifest.Window
		start, end string
	}{
		"rfc3339":         {manifest.Window{}, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"},
		"epoch":           {manifest.Window{Format: "epoch"}, "1793491200", "1793577600"},
		"epoch_ms, incl.": {manifest.Window{Format: "epoch_ms", EndInclusive: true}, "1793491200000", "1793577599999"},
		"date":            {manifest.Window{Format: "date"}, "2026-11-01", "2026-11-02"},
		"date, incl.":     {manifest.Window{Format: "date", EndInclusive: true}, "2026-11-01", "2026-11-01"},
		"layout":          {manifest.Window{Format: "02.01.2006"}, "01.11.2026", "02.11.2026"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := newWindow(&tc.window, false)
			require.NoError(t, err)
			assert.Equal(t, tc.start, w.formatStart(from))
			assert.Equal(t, tc.end, w.formatEnd(to))
		})
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, format, want string }{
		{"2026-11-03T12:00:00.123456Z", "", "2026-11-03T12:00:00.123456Z"},
		{"2026-11-03T12:00:00+02:00", "rfc3339", "2026-11-03T10:00:00Z"},
		{"2026-11-03T12:00:00.000+0000", "", "2026-11-03T12:00:00Z"},
		{"2026-11-03T12:00:00", "", "2026-11-03T12:00:00Z"},
		{"2026-11-03", "", "2026-11-03T00:00:00Z"},
		{"1793707200", "epoch", "2026-11-03T12:00:00Z"},
		{"1793707200.25", "epoch", "2026-11-03T12:00:00.25Z"},
		{"1793707200123", "epoch_ms", "2026-11-03T12:00:00.123Z"},
		{"11/03/2026 12:00", "01/02/2006 15:04", "2026-11-03T12:00:00Z"},
	} {
		got, err := parseTime(tc.text, tc.format)
		require.NoError(t, err, tc.text)
		assert.Equal(t, tc.want, got.Format(time.RFC3339Nano), tc.text)
	}
	for _, tc := range [][2]string{{"yesterday", ""}, {"", ""}, {"12x", "epoch"}, {"1.-5", "epoch"}, {"99999999999999999999", "epoch_ms"}, {"999999999999999", "epoch"}, {"0001-01-01", ""}} {
		_, err := parseTime(tc[0], tc[1])
		assert.Error(t, err, tc)
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2026-11-03T12:00:00Z", "1793707200.25", "-1", "9e9", "."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range []string{"", "epoch", "epoch_ms", "2006-01-02"} {
			if at, err := parseTime(text, format); err == nil && (at.Year() < 1900 || at.Year() > 9999) {
				t.Fatalf("%q read as %s", text, at)
			}
		}
	})
}

// TestRoundFinish: tasks that end out of order leave nothing behind.
func TestRoundFinish(t *testing.T) {
	t.Parallel()
	r := &round{}
	for _, task := range []int{2, 0, 3, 3} {
		r.advance(task, progress{})
		r.finish(task)
	}
	assert.Equal(t, 1, r.Through)
	assert.Equal(t, []int{2, 3}, r.Done)
	assert.True(t, r.isDone(3))
	assert.False(t, r.isDone(1))
	r.finish(1)
	assert.Equal(t, 4, r.Through)
	assert.Empty(t, r.Done)
	assert.Empty(t, r.Open)
}
