package pipelines

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lock"
)

// walkingClock moves on by what is slept, and ends the context at a time.
type walkingClock struct {
	now, end time.Time
	stop     context.CancelFunc
}

func (c *walkingClock) Now() time.Time { return c.now }

func (c *walkingClock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	if !c.now.Before(c.end) {
		c.stop()
	}
	return ctx.Err()
}

type plan struct {
	t      *testing.T
	clock  *walkingClock
	ledger *Ledger
	ran    []string
	took   time.Duration
	fail   func(n int) error
	code   int // of runs that do not fail
	s      *Scheduler
}

func newPlan(t *testing.T, start string, pipelines map[string]config.Pipeline) *plan {
	p := &plan{t: t, clock: &walkingClock{now: utc(t, start)}, ledger: OpenLedger(t.TempDir(), nil)}
	cfg := &config.Config{File: "rightseat.yaml", Organisation: config.Organisation{Timezone: time.UTC}, Pipelines: pipelines}
	p.s = &Scheduler{Config: cfg, Ledger: p.ledger, Clock: p.clock, Log: slog.New(slog.DiscardHandler), Run: p.run}
	return p
}

func (p *plan) run(_ context.Context, pipeline string, due time.Time) (int, error) {
	n := len(p.ran)
	p.ran = append(p.ran, pipeline+" "+due.Format("01-02T15:04"))
	if p.fail != nil {
		if err := p.fail(n); err != nil {
			return ExitFailed, err
		}
	}
	p.record(&Run{Command: "run", Pipeline: pipeline, DueAt: &due}, RunSucceeded)
	p.clock.now = p.clock.now.Add(p.took)
	if !p.clock.end.IsZero() && !p.clock.now.Before(p.clock.end) {
		p.clock.stop()
	}
	return p.code, nil
}

func (p *plan) record(r *Run, status RunStatus) {
	p.t.Helper()
	r.StartedAt = p.clock.now
	require.NoError(p.t, p.ledger.Start(r))
	r.Status = status
	require.NoError(p.t, p.ledger.Save(r))
}

func (p *plan) serveUntil(end string) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p.clock.end, p.clock.stop = utc(p.t, end), cancel
	require.NoError(p.t, p.s.Serve(ctx))
}

func daily(expression, zone string) map[string]config.Pipeline {
	return map[string]config.Pipeline{"daily": {Schedule: expression, Timezone: zone}}
}

func TestScheduleRunsOnTime(t *testing.T) {
	t.Parallel()
	p := newPlan(t, "2026-11-20T12:00:00Z", daily("0 3 * * *", ""))
	p.serveUntil("2026-11-23T12:00:00Z")
	assert.Equal(t, []string{"daily 11-20T03:00", "daily 11-21T03:00", "daily 11-22T03:00", "daily 11-23T03:00"}, p.ran,
		"a pipeline that never ran is due at once, then on time")
}

func TestScheduleThroughDaylightSaving(t *testing.T) {
	t.Parallel()
	p := newPlan(t, "2026-03-28T00:00:00Z", daily("30 2 * * *", "Europe/Berlin"))
	p.record(&Run{Command: "run", Pipeline: "daily"}, RunSucceeded)
	p.serveUntil("2026-03-31T00:00:00Z")
	assert.Equal(t, []string{"daily 03-28T01:30", "daily 03-29T01:00", "daily 03-30T00:30"}, p.ran)

	p = newPlan(t, "2026-10-24T12:00:00Z", daily("30 2 * * *", "Europe/Berlin"))
	p.record(&Run{Command: "run", Pipeline: "daily"}, RunSucceeded)
	p.serveUntil("2026-10-26T12:00:00Z")
	assert.Equal(t, []string{"daily 10-25T00:30", "daily 10-26T01:30"}, p.ran)
}

func TestScheduleSaysWhenPipelinesAreDue(t *testing.T) {
	t.Parallel()
	p := newPlan(t, "2026-03-27T12:00:00Z", map[string]config.Pipeline{
		"daily": {Schedule: "30 2 * * *", Timezone: "Europe/Berlin"}, "weekly": {Schedule: "0 6 * * 1"}, "by-hand": {},
	})
	var said bytes.Buffer
	p.s.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	p.record(&Run{Command: "run", Pipeline: "daily"}, RunSucceeded)
	p.serveUntil("2026-03-29T12:00:00Z")
	assert.Equal(t, `level=INFO msg="pipeline is due next" pipeline=daily due_at="2026-03-28 02:30 CET" in=13h30m0s
level=INFO msg="pipeline has missed a due time" pipeline=weekly due_at="2026-03-23 06:00 UTC"
level=INFO msg="pipeline is due" pipeline=weekly due_at=2026-03-23T06:00:00.000Z
level=INFO msg="pipeline is due next" pipeline=weekly due_at="2026-03-30 06:00 UTC" in=66h0m0s
level=INFO msg="pipeline is due" pipeline=daily due_at=2026-03-28T02:30:00.000+01:00
level=INFO msg="pipeline is due next" pipeline=daily due_at="2026-03-29 03:00 CEST" in=23h30m0s
level=INFO msg="pipeline is due" pipeline=daily due_at=2026-03-29T03:00:00.000+02:00
level=INFO msg="pipeline is due next" pipeline=daily due_at="2026-03-30 02:30 CEST" in=23h30m0s
level=INFO msg="schedule stopped"
`, said.String(), "once at the start and after each run, in the pipeline's own time zone")

	dues, err := p.s.Dues()
	require.NoError(t, err)
	require.Len(t, dues, 2)
	assert.Equal(t, "daily", dues[0].Pipeline)
	assert.Equal(t, utc(t, "2026-03-30T00:30:00Z"), dues[0].At.UTC())

	p.s.Config.Pipelines = nil
	dues, err = p.s.Dues()
	require.NoError(t, err)
	assert.Empty(t, dues)
}

func TestScheduleCatchesUpOnce(t *testing.T) {
	t.Parallel()
	p := newPlan(t, "2026-11-01T03:00:00Z", daily("0 3 * * *", ""))
	p.serveUntil("2026-11-02T12:00:00Z")
	p.ran = nil
	p.clock.now = utc(t, "2026-11-20T17:00:00Z") // eighteen days of downtime
	p.serveUntil("2026-11-21T12:00:00Z")
	assert.Equal(t, []string{"daily 11-20T03:00", "daily 11-21T03:00"}, p.ran)
}

func TestScheduleWhatARunSettles(t *testing.T) {
	t.Parallel()
	due := utc(t, "2026-11-23T03:00:00Z")
	cases := []struct {
		name string
		runs []Run // by time; Status is how it came out
		want int   // runs within the next hour
	}{
		{"nothing ran", nil, 1},
		{"ran on time", []Run{{Command: "run", Pipeline: "daily", DueAt: &due, Status: RunSucceeded}}, 0},
		{"failed: the next due time tries again", []Run{{Command: "run", Pipeline: "daily", DueAt: &due, Status: RunFailed}}, 0},
		{"published incomplete", []Run{{Command: "run", Pipeline: "daily", DueAt: &due, Status: RunIncomplete}}, 0},
		{"cut short: runs again", []Run{{Command: "run", Pipeline: "daily", DueAt: &due, Status: RunInterrupted}}, 1},
		{"cut short three times: not for ever", []Run{
			{Command: "run", Pipeline: "daily", DueAt: &due, Status: RunInterrupted},
			{Command: "run", Pipeline: "daily", DueAt: &due, Status: RunInterrupted},
			{Command: "run", Pipeline: "daily", DueAt: &due, Status: RunInterrupted},
		}, 0},
		{"by hand", []Run{{Command: "run", Pipeline: "daily", Status: RunSucceeded}}, 0},
		{"everything by hand", []Run{{Command: "run", Status: RunSucceeded}}, 0},
		{"everything by hand, failed", []Run{{Command: "run", Status: RunFailed}}, 1},
		{"one connection by hand", []Run{{Command: "run", Connections: []string{"okta"}, Status: RunSucceeded}}, 1},
		{"another pipeline", []Run{{Command: "run", Pipeline: "weekly", Status: RunSucceeded}}, 1},
		{"only a transform", []Run{{Command: "transform", Status: RunSucceeded}}, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlan(t, "2026-11-23T04:00:00Z", daily("0 3 * * *", ""))
			for _, r := range c.runs {
				p.record(&r, r.Status)
			}
			p.serveUntil("2026-11-23T05:00:00Z")
			assert.Len(t, p.ran, c.want)
		})
	}
}

func TestScheduleNeverOverlaps(t *testing.T) {
	t.Parallel()
	p := newPlan(t, "2026-11-23T00:00:00Z", map[string]config.Pipeline{
		"hourly": {Schedule: "0 * * * *"}, "often": {Schedule: "*/30 * * * *"},
	})
	p.took = 50 * time.Minute // longer than the half hour: due times that pass meanwhile run once
	p.serveUntil("2026-11-23T06:00:00Z")
	assert.LessOrEqual(t, len(p.ran), 8)
	assert.Contains(t, p.ran, "hourly 11-23T01:00")
}

func TestScheduleFailuresDoNotSpin(t *testing.T) {
	t.Parallel()
	cases := map[string]error{
		"held":      &lock.HeldError{Path: "state/lock"},
		"read-only": &lock.ReadOnlyError{Path: "w", Err: errors.New("denied")},
		"anything":  errors.New("the disk is full"),
	}
	for name, cause := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlan(t, "2026-11-23T04:00:00Z", daily("0 3 * * *", ""))
			p.fail = func(n int) error {
				if n < 3 {
					return cause
				}
				return nil
			}
			p.serveUntil("2026-11-23T05:00:00Z")
			require.Len(t, p.ran, 4, "tried again each minute until it could start")
		})
	}
}

func TestScheduleOnce(t *testing.T) {
	t.Parallel()
	p := newPlan(t, "2026-11-23T04:00:00Z", map[string]config.Pipeline{
		"daily": {Schedule: "0 3 * * *"}, "noon": {Schedule: "0 12 * * *"},
	})
	code, err := p.s.Once(context.Background())
	require.NoError(t, err)
	assert.Zero(t, code)
	assert.Equal(t, []string{"daily 11-23T03:00", "noon 11-22T12:00"}, p.ran)
	_, err = p.s.Once(context.Background())
	require.NoError(t, err)
	assert.Len(t, p.ran, 2, "nothing is due any more")
	p.clock.now, p.code = p.clock.now.AddDate(0, 0, 1), ExitIncomplete
	code, err = p.s.Once(context.Background())
	require.NoError(t, err)
	assert.Equal(t, ExitIncomplete, code, "its run's")
	p.clock.now = p.clock.now.AddDate(0, 0, 1)
	p.fail = func(int) error { return errors.New("no network") }
	_, err = p.s.Once(context.Background())
	assert.ErrorContains(t, err, "pipeline daily: no network")
}

func TestScheduleRefusesConfigurations(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name      string
		pipelines map[string]config.Pipeline
		want      string
	}{
		{"none", nil, "has no pipelines"},
		{"none with a schedule", map[string]config.Pipeline{"daily": {}}, "no pipeline in rightseat.yaml has a schedule"},
		{"bad expression", daily("TZ=", ""), "pipelines.daily"},
		{"bad zone", daily("0 3 * * *", "Europe/Berlim"), "Europe/Berlim"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := newPlan(t, "2026-11-23T04:00:00Z", c.pipelines).s.Serve(context.Background())
			var usage *UsageError
			require.ErrorAs(t, err, &usage)
			assert.ErrorContains(t, err, c.want)
		})
	}
}
