package pipelines

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/lock"
	"github.com/rightseat/rightseat/internal/secret"
)

// stages are scripted, so that each way in which a stage can end is there; what the runner
// itself does (lock, lake, ledger) is the real thing.
type stages struct {
	t       *testing.T
	r       *Runner
	calls   []string
	extract func(ctx context.Context, req extract.Request) (*extract.Report, error)
	built   func(req TransformRequest) (*TransformResult, error)
	publish error
	recover error
	last    TransformRequest
	request extract.Request
}

func (s *stages) Run(ctx context.Context, req extract.Request) (*extract.Report, error) {
	s.calls, s.request = append(s.calls, "extract"), req
	return s.extract(ctx, req)
}

func (s *stages) Check(context.Context, []string) (*extract.Report, error) {
	return &extract.Report{Streams: []extract.StreamResult{{Connection: "okta", Stream: "users", State: extract.StreamFailed, Err: errors.New("401: bad token s3cr3t-token")}}}, nil
}

func (s *stages) Transform(_ context.Context, req TransformRequest) (*TransformResult, error) {
	s.calls, s.last = append(s.calls, "transform"), req
	return s.built(req)
}

func (s *stages) Recover(context.Context) error { return s.recover }

func (s *stages) Publish(context.Context, string) error {
	s.calls = append(s.calls, "load")
	return s.publish
}

var testNow = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

func newStages(t *testing.T) *stages {
	t.Helper()
	dir := t.TempDir()
	secrets := &secret.Redactor{}
	secrets.Add("s3cr3t-token")
	cfg := &config.Config{
		File: "rightseat.yaml", Workspace: dir, Secrets: secrets,
		Organisation: config.Organisation{Timezone: zone(t, "Pacific/Auckland")},
		Connections:  []config.Connection{{Name: "okta", Connector: "okta"}, {Name: "zoom", Connector: "zoom"}},
		Pipelines:    map[string]config.Pipeline{"daily": {Schedule: "0 3 * * *", Connections: []string{"zoom"}}},
	}
	s := &stages{t: t}
	s.r = &Runner{Config: cfg, Lake: lake.Open(dir), Ledger: OpenLedger(dir, nil), Clock: clock.NewSimulated(testNow), Extractor: s, Transformer: s, Loader: s, Version: "test"}
	s.extract = func(context.Context, extract.Request) (*extract.Report, error) {
		return &extract.Report{Streams: []extract.StreamResult{s.read("okta", "users"), s.read("zoom", "users")}}, nil
	}
	s.built = func(TransformRequest) (*TransformResult, error) {
		return &TransformResult{Models: 3, Recomputed: 1}, nil
	}
	return s
}

// read lands a row and reports a complete stream.
func (s *stages) read(connection, stream string) extract.StreamResult {
	land(s.t, s.r.Lake, connection, stream, 1, lake.Complete, testNow, testNow)
	return extract.StreamResult{Connection: connection, Stream: stream, State: extract.StreamComplete, Rows: 1}
}

func failed(connection, stream string, state extract.StreamState) extract.StreamResult {
	return extract.StreamResult{Connection: connection, Stream: stream, State: state, Err: errors.New("401: bad token s3cr3t-token")}
}

var wholeRun = Request{Command: "run", Extract: true, Transform: true, Load: true}

func TestRunOutcomes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*stages)
		code   int
		status RunStatus
		calls  []string
		err    string
		notes  []string
	}{
		{"all well", func(*stages) {}, ExitOK, RunSucceeded, []string{"extract", "transform", "load"}, "", nil},
		{"a stream failed", func(s *stages) {
			s.extract = func(context.Context, extract.Request) (*extract.Report, error) {
				return &extract.Report{Streams: []extract.StreamResult{s.read("okta", "users"), failed("zoom", "users", extract.StreamFailed)}}, nil
			}
		}, ExitIncomplete, RunIncomplete, []string{"extract", "transform", "load"}, "", []string{"zoom/users failed: 401: bad token [redacted]"}},
		{"a stream stopped on the way and its child was skipped", func(s *stages) {
			s.extract = func(context.Context, extract.Request) (*extract.Report, error) {
				return &extract.Report{Streams: []extract.StreamResult{s.read("okta", "users"), failed("okta", "apps", extract.StreamIncomplete), failed("okta", "app_users", extract.StreamSkipped)}}, nil
			}
		}, ExitIncomplete, RunIncomplete, []string{"extract", "transform", "load"}, "", []string{"okta/apps is incomplete", "okta/app_users is skipped"}},
		{"an optional stream is not permitted", func(s *stages) {
			s.extract = func(context.Context, extract.Request) (*extract.Report, error) {
				return &extract.Report{Streams: []extract.StreamResult{s.read("okta", "users"), failed("zoom", "users", extract.StreamNotConnected)}}, nil
			}
		}, ExitOK, RunSucceeded, []string{"extract", "transform", "load"}, "", nil},
		{"everything failed, with data from before", func(s *stages) {
			s.read("okta", "users")
			s.extract = func(context.Context, extract.Request) (*extract.Report, error) {
				return &extract.Report{Streams: []extract.StreamResult{failed("okta", "users", extract.StreamFailed), failed("zoom", "", extract.StreamFailed)}}, nil
			}
		}, ExitIncomplete, RunIncomplete, []string{"extract", "transform", "load"}, "", []string{"okta/users failed", "zoom failed"}},
		{"everything failed on the first run", func(s *stages) {
			s.extract = func(context.Context, extract.Request) (*extract.Report, error) {
				return &extract.Report{Streams: []extract.StreamResult{failed("okta", "users", extract.StreamFailed)}}, nil
			}
		}, ExitFailed, RunFailed, []string{"extract"}, "nothing to publish: no connection has brought any data yet\n  okta/users failed: 401: bad token [redacted]", nil},
		{"the extract stage stopped", func(s *stages) {
			s.extract = func(context.Context, extract.Request) (*extract.Report, error) { return nil, syscall.ENOSPC }
		}, ExitFailed, RunFailed, []string{"extract"}, "extract: no space left on device", nil},
		{"the transform failed", func(s *stages) {
			s.built = func(TransformRequest) (*TransformResult, error) {
				return nil, errors.New("lake/raw/okta/users/00000001-0.parquet is damaged")
			}
		}, ExitFailed, RunFailed, []string{"extract", "transform"}, "transform: lake/raw/okta", nil},
		{"a check failed", func(s *stages) {
			s.built = func(TransformRequest) (*TransformResult, error) {
				return &TransformResult{Checks: []Check{{Name: "unique_people", Severity: "fatal", FailingRows: 2, Sample: "ann\nbob"}, {Name: "mild", Severity: "warning", FailingRows: 1}}}, nil
			}
		}, ExitFailed, RunFailed, []string{"extract", "transform"}, "unique_people: 2 rows, e.g. ann bob", nil},
		{"the publish failed", func(s *stages) { s.publish = syscall.ENOSPC }, ExitFailed, RunFailed, []string{"extract", "transform", "load"}, "load: no space", nil},
		{"recovery failed", func(s *stages) { s.recover = errors.New("damaged") }, ExitFailed, RunFailed, nil, "recover: damaged", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStages(t)
			c.change(s)
			out, err := s.r.Run(context.Background(), wholeRun)
			require.NotNil(t, out)
			assert.Equal(t, c.code, out.ExitCode)
			assert.Equal(t, c.calls, s.calls)
			if c.err == "" {
				require.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.err)
			}
			require.Len(t, out.Problems, len(c.notes))
			for i, n := range c.notes {
				assert.Contains(t, out.Problems[i].String(), n)
			}
			runs, err := s.r.Ledger.Tail(1)
			require.NoError(t, err)
			assert.Equal(t, c.status, runs[0].Status)
			assert.Equal(t, c.code, *runs[0].ExitCode)
			assert.Equal(t, c.code == ExitOK || c.code == ExitIncomplete, runs[0].Published)
			assert.Equal(t, "2026-11-23", runs[0].AsOf, "three o'clock UTC is the same day in Auckland")
			data, err := os.ReadFile(s.r.Ledger.path(runs[0].ID))
			require.NoError(t, err)
			assert.NotContains(t, string(data), "s3cr3t", "no secret in the ledger")
			l, err := lock.Acquire(s.r.Config.Workspace, "test", testNow)
			require.NoError(t, err, "the lock is released")
			require.NoError(t, l.Release())
		})
	}
}

func TestRunStopsOnRequest(t *testing.T) {
	t.Parallel()
	s := newStages(t)
	ctx, cancel := context.WithCancel(context.Background())
	s.extract = func(ctx context.Context, _ extract.Request) (*extract.Report, error) {
		r := s.read("okta", "users")
		cancel() // mid-page: the engine keeps what it has and reports the stream as incomplete
		return &extract.Report{Streams: []extract.StreamResult{r, failed("zoom", "users", extract.StreamIncomplete)}}, nil
	}
	out, err := s.r.Run(ctx, wholeRun)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []string{"extract"}, s.calls)
	assert.Equal(t, RunInterrupted, out.Run.Status)
	assert.Equal(t, StageInterrupted, out.Run.Stages[1].Outcome)
	assert.Equal(t, ExitFailed, out.ExitCode)
}

func TestRunRefusesBeforeItWrites(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		req  Request
		err  string
	}{
		{"pipeline", Request{Pipeline: "dayly"}, "did you mean daily?"},
		{"connection", Request{Connections: []string{"okat"}}, "did you mean okta?"},
		{"date", Request{AsOf: "23.11.2026"}, "YYYY-MM-DD"},
		{"future", Request{AsOf: "2026-11-24"}, "in the future"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStages(t)
			out, err := s.r.Run(context.Background(), c.req)
			assert.Nil(t, out)
			var usage *UsageError
			require.ErrorAs(t, err, &usage)
			assert.ErrorContains(t, err, c.err)
			entries, err := os.ReadDir(s.r.Config.Workspace)
			require.NoError(t, err)
			assert.Empty(t, entries)
		})
	}
	t.Run("no exempt list", func(t *testing.T) {
		t.Parallel()
		s := newStages(t)
		s.r.Config.Exempt.Global = "exempt/none.csv"
		_, err := s.r.Run(context.Background(), wholeRun)
		var usage *UsageError
		require.ErrorAs(t, err, &usage)
		assert.ErrorContains(t, err, "exempt.global: read the exempt list")
		_, err = s.r.Check(context.Background(), nil)
		require.ErrorAs(t, err, &usage, "check says what a run says")
	})
	t.Run("no connections", func(t *testing.T) {
		t.Parallel()
		s := newStages(t)
		s.r.Config.Connections = nil
		_, err := s.r.Run(context.Background(), wholeRun)
		assert.ErrorContains(t, err, "has no connections")
	})
}

func TestRunWhileLocked(t *testing.T) {
	t.Parallel()
	s := newStages(t)
	l, err := lock.Acquire(s.r.Config.Workspace, "rightseat schedule", testNow)
	require.NoError(t, err)
	out, err := s.r.Run(context.Background(), wholeRun)
	assert.Nil(t, out)
	var held *lock.HeldError
	require.ErrorAs(t, err, &held)
	assert.Equal(t, "rightseat schedule", held.Holder.Command)
	assert.Empty(t, s.calls)
	require.NoError(t, l.Release())
}

func TestRunPassesOnWhatIsAsked(t *testing.T) {
	t.Parallel()
	s := newStages(t)
	_, err := s.r.Run(context.Background(), Request{Command: "run", Pipeline: "daily", Extract: true, Transform: true, AsOf: "2026-06-30", FullRefresh: true})
	require.NoError(t, err)
	assert.Equal(t, []string{"zoom"}, s.request.Connections)
	assert.Equal(t, "2026-06-30", s.last.AsOf)
	assert.True(t, s.last.FullRefresh)
	assert.Equal(t, s.request.RunID, s.last.RunID)
	require.Len(t, s.last.Health, 2)
	assert.Equal(t, Connected, s.last.Health[0].State)
}

func TestRunAfterACrash(t *testing.T) {
	t.Parallel()
	s := newStages(t)
	dead := &Run{Command: "run", StartedAt: testNow.Add(-time.Hour)}
	require.NoError(t, s.r.Ledger.Start(dead))
	dead.Stages = []Stage{{Name: "extract", Outcome: StageRunning}}
	require.NoError(t, s.r.Ledger.Save(dead))
	spill := filepath.Join(s.r.Config.Workspace, "state", "tmp", "duckdb_temp_storage-0.tmp")
	require.NoError(t, os.MkdirAll(filepath.Dir(spill), 0o755))
	require.NoError(t, os.WriteFile(spill, []byte("x"), 0o600))
	// A question that is being answered beside the run spills too.
	beside, err := duck.Open(t.Context(), "", duck.Options{TempDir: filepath.Dir(spill)})
	require.NoError(t, err)
	_, err = s.r.Run(context.Background(), wholeRun)
	require.NoError(t, err)
	runs, err := s.r.Ledger.Tail(2)
	require.NoError(t, err)
	assert.Equal(t, RunInterrupted, runs[1].Status)
	assert.NoFileExists(t, spill)
	left, err := filepath.Glob(filepath.Join(filepath.Dir(spill), "*"))
	require.NoError(t, err)
	assert.Len(t, left, 2, "its folder and its lock: %v", left)
	require.NoError(t, beside.Close())
}

func TestLoadAlone(t *testing.T) {
	t.Parallel()
	s := newStages(t)
	only := Request{Command: "load", Load: true}
	_, err := s.r.Run(context.Background(), only)
	require.ErrorContains(t, err, "nothing to load yet")
	_, err = s.r.Run(context.Background(), Request{Command: "transform", Transform: true, AsOf: "2026-06-30"})
	require.NoError(t, err)
	out, err := s.r.Run(context.Background(), only)
	require.NoError(t, err)
	assert.True(t, out.Run.Published)
	assert.Equal(t, "2026-06-30", out.Run.AsOf, "the date of the build")
}

func TestForget(t *testing.T) {
	t.Parallel()
	s := newStages(t)
	_, err := s.r.Run(context.Background(), wholeRun)
	require.NoError(t, err)
	forget := Request{Command: "forget", Forget: "zoom", Transform: true, Load: true, FullRefresh: true}
	past := filepath.Join(s.r.Config.Workspace, "rebuilt", "june")
	require.NoError(t, os.MkdirAll(past, 0o700))
	s.built = func(TransformRequest) (*TransformResult, error) { return nil, errors.New("out of memory") }
	_, err = s.r.Run(context.Background(), forget)
	assert.NoDirExists(t, past, "past reports hold it, too")
	require.ErrorContains(t, err, "out of memory")
	var unpublished *NotPublishedError
	require.ErrorAs(t, err, &unpublished)
	assert.Equal(t, "zoom", unpublished.Connection)
	assert.Contains(t, unpublished.Deleted, "of zoom deleted (users)")
	assert.ErrorContains(t, err, "still hold it")
	assert.ErrorContains(t, err, "`rightseat transform` and `rightseat load`")
	names, err := s.r.Lake.Connections()
	require.NoError(t, err)
	assert.Equal(t, []string{"okta"}, names)

	s.built = func(TransformRequest) (*TransformResult, error) { return &TransformResult{}, nil }
	_, err = s.r.Run(context.Background(), wholeRun)
	require.NoError(t, err)
	assert.True(t, s.last.FullRefresh, "what was forgotten must leave the reports, even after a failure")
	_, err = s.r.Run(context.Background(), wholeRun)
	require.NoError(t, err)
	assert.False(t, s.last.FullRefresh, "once")
}

func TestCheckWritesNothing(t *testing.T) {
	t.Parallel()
	s := newStages(t)
	report, err := s.r.Check(context.Background(), nil)
	require.NoError(t, err)
	assert.Equal(t, "401: bad token [redacted]", report.Streams[0].Error)
	entries, err := os.ReadDir(s.r.Config.Workspace)
	require.NoError(t, err)
	assert.Empty(t, entries)
	_, err = s.r.Check(context.Background(), []string{"zom"})
	assert.ErrorContains(t, err, "did you mean zoom?")
}
