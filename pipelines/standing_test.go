package pipelines

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lock"
)

func TestARunWhoseProcessIsGoneIsNotRunning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := OpenLedger(dir, nil)
	r := &Run{Command: "run", StartedAt: utc(t, "2026-11-23T03:00:00Z")}
	require.NoError(t, l.Start(r))

	runs, err := l.Standing(1)
	require.NoError(t, err)
	assert.Equal(t, RunInterrupted, runs[0].Status, "nobody holds the lock")
	assert.Contains(t, runs[0].Error, "process ended")
	stored, err := l.Tail(1)
	require.NoError(t, err)
	assert.Equal(t, RunRunning, stored[0].Status, "looking writes nothing")

	held, err := lock.Acquire(dir, "rightseat run", time.Now())
	require.NoError(t, err)
	runs, err = l.Standing(1)
	require.NoError(t, err)
	assert.Equal(t, RunRunning, runs[0].Status)
	require.NoError(t, held.Release())
}

func TestExitCodeOfStatus(t *testing.T) {
	t.Parallel()
	now := utc(t, "2026-11-23T03:20:00Z")
	run := func(s RunStatus) *Run { return &Run{Status: s} }
	cases := map[string]struct {
		at   Standing
		code int
	}{
		"nothing yet":                {Standing{}, ExitOK},
		"all well":                   {Standing{LastRun: run(RunSucceeded), LastEnded: run(RunSucceeded), Streams: []StreamHealth{{State: Connected}}}, ExitOK},
		"the last run failed":        {Standing{LastRun: run(RunFailed), LastEnded: run(RunFailed), Streams: []StreamHealth{{State: ErrorState}}}, ExitFailed},
		"it was cut short":           {Standing{LastRun: run(RunInterrupted), LastEnded: run(RunInterrupted)}, ExitFailed},
		"it runs again since":        {Standing{LastRun: run(RunRunning), LastEnded: run(RunFailed)}, ExitFailed},
		"it was incomplete":          {Standing{LastEnded: run(RunIncomplete)}, ExitIncomplete},
		"a stream is in error":       {Standing{LastEnded: run(RunSucceeded), Streams: []StreamHealth{{State: ErrorState}}}, ExitIncomplete},
		"a stream is stale":          {Standing{LastEnded: run(RunSucceeded), Streams: []StreamHealth{{State: Connected, IsStale: true, CountsForExit: true}}}, ExitIncomplete},
		"stale where that is normal": {Standing{LastEnded: run(RunSucceeded), Streams: []StreamHealth{{State: Connected, IsStale: true}}}, ExitOK},
		"overdue":                    {Standing{LastEnded: run(RunSucceeded), Due: []Due{{"daily", now.Add(-20 * time.Minute)}}}, ExitIncomplete},
		"due, and about to start":    {Standing{LastEnded: run(RunSucceeded), Due: []Due{{"daily", now.Add(-time.Minute)}}}, ExitOK},
		"overdue, and at work":       {Standing{LastRun: run(RunRunning), LastEnded: run(RunSucceeded), Due: []Due{{"daily", now.Add(-20 * time.Minute)}}}, ExitOK},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.code, c.at.ExitCode(now))
		})
	}
}
