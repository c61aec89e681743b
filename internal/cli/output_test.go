package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/progress"
	"github.com/rightseat/rightseat/internal/secret"
)

func TestDuration(t *testing.T) {
	t.Parallel()
	cases := map[string]time.Duration{
		"0m": -time.Hour, "1m": 40 * time.Second, "59m": 59 * time.Minute, "1h 0m": time.Hour,
		"23h 59m": 24*time.Hour - time.Minute, "1d 0h": 24 * time.Hour, "21d 5h": 21*24*time.Hour + 5*time.Hour,
	}
	for want, d := range cases {
		assert.Equal(t, want, duration(d))
	}
}

func TestDateRange(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	start, end, err := dateRange("2026-03-29", "2026-03-29", berlin)
	require.NoError(t, err)
	assert.Equal(t, 23*time.Hour, end.Sub(start), "the day on which the clocks go forward")
	assert.Equal(t, "2026-03-28T23:00:00Z", start.Format(time.RFC3339))
	for _, bad := range [][2]string{{"x", "2026-01-01"}, {"2026-01-01", "x"}, {"2026-01-02", "2026-01-01"}} {
		_, _, err := dateRange(bad[0], bad[1], time.UTC)
		assert.Error(t, err)
	}
}

func TestLogIsRedacted(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			secrets := &secret.Redactor{}
			secrets.Add("canary-0123456789")
			a := &app{system: system{terminal: func(any) bool { return false }}, stderr: &out, logFormat: format, logLevel: "info", secrets: secrets}
			log, err := a.newLog()
			require.NoError(t, err)
			log.Warn("refused canary-0123456789", "error", errors.New("401: canary-0123456789"), "header", "Bearer canary-0123456789")
			assert.NotContains(t, out.String(), "canary")
			assert.Contains(t, out.String(), "[redacted]")
		})
	}
}

func TestProgressFollowsTheFlags(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		app   app
		tty   bool
		wants progress.Reporter
	}{
		{"a terminal", app{}, true, &progress.Bars{}},
		{"a file", app{}, false, progress.Silent{}},
		{"a terminal that only prints", app{env: envOf("TERM", "dumb")}, true, progress.Silent{}},
		{"quiet", app{quiet: true}, true, progress.Silent{}},
		{"no progress", app{noProgress: true}, true, progress.Silent{}},
		{"logs for machines", app{logFormat: "json"}, true, progress.Silent{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.app.stderr, c.app.terminal = &bytes.Buffer{}, func(any) bool { return c.tty }
			p := c.app.progress()
			assert.IsType(t, c.wants, p)
			p.Close()
		})
	}
}

func envOf(name, value string) Env {
	return func(n string) (string, bool) {
		if n != name {
			return "", false
		}
		return value, true
	}
}

func TestColoursAreForTerminalsThatWantThem(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		env      Env
		tty      bool
		coloured bool
	}{
		{"a terminal", envOf("TERM", "xterm-256color"), true, true},
		{"a file", nil, false, false},
		{"NO_COLOR", envOf("NO_COLOR", "1"), true, false},
		{"NO_COLOR, empty", envOf("NO_COLOR", ""), true, true},
		{"a terminal that only prints", envOf("TERM", "dumb"), true, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			a := app{logFormat: "text", logLevel: "info", env: c.env, secrets: &secret.Redactor{}}
			a.stderr, a.terminal = &out, func(any) bool { return c.tty }
			log, err := a.newLog()
			require.NoError(t, err)
			log.Warn("said")
			assert.Equal(t, c.coloured, strings.Contains(out.String(), "\x1b["))
		})
	}
}

func TestPrintableLines(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "one\ntwo\\x1b[2J\\r", printableLines("one\ntwo\x1b[2J\r"))
}
