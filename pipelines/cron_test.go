package pipelines

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

func utc(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at.UTC()
}

func TestCronNext(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, expression, zone, after, want string }{
		{"a plain day", "0 3 * * *", "Europe/Berlin", "2026-11-23T00:00:00Z", "2026-11-23T02:00:00Z"},
		{"strictly after", "0 3 * * *", "UTC", "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z"},
		{"a skipped hour runs right after the change", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"and as usual on the next day", "30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
		{"a doubled hour runs at its first", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		{"and not again at its second", "30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		{"asked between the two", "30 2 * * *", "Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-26T01:30:00Z"},
		{"every hour runs in both doubled hours", "0 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
		{"every hour steps over the skipped one", "0 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"},
		{"minutes in a skipped hour run once", "*/15 2 * * *", "America/New_York", "2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z"},
		{"half-hour change", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z"},
		{"month's end", "0 0 31 * *", "UTC", "2026-11-01T00:00:00Z", "2026-12-31T00:00:00Z"},
		{"macro", "@daily", "UTC", "2026-11-23T03:00:00Z", "2026-11-24T00:00:00Z"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cron, err := ParseCron(c.expression, zone(t, c.zone))
			require.NoError(t, err)
			assert.Equal(t, utc(t, c.want), cron.Next(utc(t, c.after)))
		})
	}
}

func TestCronRunsOncePerDayThroughTheYears(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "UTC"} {
		for _, expression := range []string{"0 0 * * *", "30 1 * * *", "30 2 * * *", "0 3 * * *"} {
			t.Run(name+" "+expression, func(t *testing.T) {
				t.Parallel()
				loc := zone(t, name)
				cron, err := ParseCron(expression, loc)
				require.NoError(t, err)
				at := time.Date(2024, 1, 1, 12, 0, 0, 0, loc)
				for day := 2; day < 2+3*365; day++ {
					at = cron.Next(at)
					want := time.Date(2024, 1, day, 12, 0, 0, 0, loc).Format(time.DateOnly)
					require.Equal(t, want, at.In(loc).Format(time.DateOnly))
				}
			})
		}
	}
}

func TestCronLatestBetween(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, expression, from, to, want string }{
		{"none", "0 3 * * *", "2026-11-23T03:00:00Z", "2026-11-23T12:00:00Z", ""},
		{"now counts", "0 3 * * *", "2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z", "2026-11-23T03:00:00Z"},
		{"the latest of many", "0 3 * * *", "2026-01-01T00:00:00Z", "2026-11-23T02:59:00Z", "2026-11-22T03:00:00Z"},
		{"of every minute of years", "* * * * *", "2006-01-01T00:00:00Z", "2026-11-23T02:59:30Z", "2026-11-23T02:59:00Z"},
		{"of a rare one", "0 0 29 2 *", "2020-01-01T00:00:00Z", "2026-11-23T00:00:00Z", "2024-02-29T00:00:00Z"},
		{"from in the future", "0 3 * * *", "2027-01-01T00:00:00Z", "2026-11-23T02:59:00Z", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cron, err := ParseCron(c.expression, time.UTC)
			require.NoError(t, err)
			var want time.Time
			if c.want != "" {
				want = utc(t, c.want)
			}
			assert.Equal(t, want, cron.LatestBetween(utc(t, c.from), utc(t, c.to)))
		})
	}
}

func TestParseCronRefuses(t *testing.T) {
	t.Parallel()
	for name, expression := range map[string]string{
		"bare time zone": "TZ=", "time zone": "TZ=Europe/Berlin 0 3 * * *", "cron time zone": "CRON_TZ=UTC 0 3 * * *",
		"six fields": "0 0 3 * * *", "empty": "", "never": "0 0 30 2 *", "words": "at three", "interval": "@every 5m",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseCron(expression, time.UTC)
			assert.Error(t, err)
		})
	}
}
