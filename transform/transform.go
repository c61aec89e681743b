// Package transform turns the raw lake into core tables, metrics and reports, by the plain
// SQL models in package sql, inside a private DuckDB build file.
//
// A run either continues on the build file, reading only what the lake gained since, or builds
// a new one from the whole lake (a full refresh). Both give the same rows.
package transform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/lake"
)

// Options says what to transform.
type Options struct {
	Config *config.Config
	Lake   *lake.Store
	// BuildPath is the private build file, <workspace>/warehouse/build.duckdb.
	BuildPath string
	// CorePath is the folder lake/core that the core tables are written to; empty: not written.
	CorePath string
	// AsOf is the date (YYYY-MM-DD, organisation's time zone) the reports are of.
	AsOf        string
	RunID       string
	Now         time.Time // UTC
	FullRefresh bool
	Version     string // of the program
	// Health is the state of every stream, as the caller knows it from the lake and the ledger.
	Health []StreamHealth
	// Connectors says, by connection, what its connector is.
	Connectors map[string]Connector
	// Staging are the staging folders of the connectors in use.
	Staging []StagingDir
	// SQL holds feeds, core, metrics, reports, checks and seeds.
	SQL      fs.FS
	Log      *slog.Logger
	Progress func(done, total int, model string)

	rawPath string // the raw lake's folder by the name that DuckDB gets
}

// Connector is what the models need to know of a connection's connector.
type Connector struct {
	Name  string // as in the lake, e.g. okta, file
	Class string // sso, hr, casb, spend, contracts, engagement, own
	IDP   string // okta, onelogin, entra_id, …; empty when it is no identity provider
	App   string // the app it describes when the connection names none
	// Reclaim is what it can do about seats: deprovision, downgrade, unassign.
	Reclaim []string
}

// StreamHealth is one row of connection_health.
type StreamHealth struct {
	Connection, Stream string
	State              string // connected, error, not_connected
	LastSuccessAt      *time.Time
	Watermark          *time.Time
	RowsTotal          int64
	IsStale            bool
	Error              string
	Findings           []Check // by a name that is unique within the stream
}

// Check is the outcome of one data-quality check.
type Check struct {
	Name        string `json:"check_name"`
	Severity    string `json:"severity"` // fatal blocks publishing; error, warning and info do not
	FailingRows int64  `json:"failing_rows"`
	Sample      string `json:"sample"`
}

// Result tells what a run did.
type Result struct {
	Models      int // models looked at
	Recomputed  int // models whose rows were computed
	Checks      []Check
	Short       []ShortStream
	FullRefresh bool
	Reason      string // why it was a full refresh
	Took        time.Duration
	// Timings are the slowest first: of each model, and of what else the run did, in parentheses.
	Timings []Timing
}

// ShortStream is a stream of which the newest list lacks more of its records than a list may; see metrics.streams_short.
type ShortStream struct{ Connection, Stream, Problem, Remedy string }

// Timing is how long one model, or one step around the models, took.
type Timing struct {
	Model string
	Took  time.Duration
}

// ChecksFailed is the error of a run whose result must not be published.
type ChecksFailed struct{ Checks []Check }

// Error lists the failed checks.
func (e *ChecksFailed) Error() string {
	msg := "checks failed, nothing is published:"
	for _, c := range e.Checks {
		msg += fmt.Sprintf("\n  %s: %d rows, e.g. %s", c.Name, c.FailingRows, c.Sample)
	}
	return msg
}

// Run brings the build file up to date. On any error the build file stays as it was.
func Run(ctx context.Context, o Options) (*Result, error) {
	start := time.Now()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = func(int, int, string) {}
	}
	if _, err := time.Parse(time.DateOnly, o.AsOf); err != nil {
		return nil, fmt.Errorf("as-of date %q: expected YYYY-MM-DD", o.AsOf)
	}
	release, err := o.plainFolders()
	if err != nil {
		return nil, err
	}
	res, err := refresh(ctx, &o)
	err = errors.Join(err, release())
	if err != nil {
		return nil, err
	}
	res.Took = time.Since(start)
	sort.SliceStable(res.Timings, func(i, j int) bool { return res.Timings[i].Took > res.Timings[j].Took })
	for _, t := range res.Timings {
		o.Log.Debug("transform step", "step", t.Model, "took", t.Took.Round(time.Millisecond))
	}
	return res, nil
}

// plainFolders gives the folders of the lake names that DuckDB takes literally.
func (o *Options) plainFolders() (release func() error, err error) {
	raw, releaseRaw, err := duck.PlainFolder(o.Lake.Root())
	if err != nil {
		return nil, err
	}
	if o.CorePath != "" {
		if err := os.MkdirAll(o.CorePath, 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("make the core folder: %w", err), releaseRaw())
		}
	}
	core, releaseCore, err := duck.PlainFolder(o.CorePath)
	if err != nil {
		return nil, errors.Join(err, releaseRaw())
	}
	o.rawPath, o.CorePath = raw, core
	return func() error { return errors.Join(releaseRaw(), releaseCore()) }, nil
}

func (r *Result) timed(step string, since time.Time) {
	r.Timings = append(r.Timings, Timing{step, time.Since(since)})
}

// refresh continues on the build file where that is possible, else builds it anew.
func refresh(ctx context.Context, o *Options) (*Result, error) {
	load := sync.OnceValues(func() (*Project, error) { return LoadProject(ctx, o.SQL, o.Staging) })
	go func() { _, _ = load() }() // while the build file is opened; who asks for the project gets the error
	reason := "asked for"
	if !o.FullRefresh {
		res, why, err := runIncremental(ctx, o, load)
		if err = o.explain(ctx, err); isDamage(err) {
			why, err = "the build file is damaged", nil
		}
		if err != nil || why == "" {
			return res, err
		}
		reason = why
	}
	o.Log.Info("full refresh", "reason", reason)
	res, err := runFull(ctx, o, load)
	if err = o.explain(ctx, err); err != nil {
		return nil, err
	}
	res.FullRefresh, res.Reason = true, reason
	return res, nil
}

// explain names the raw file whose damage may have led to the error.
func (o *Options) explain(ctx context.Context, err error) error {
	if !isDamage(err) || ctx.Err() != nil {
		return err
	}
	if damaged := damagedRaw(ctx, o.Lake); damaged != nil {
		return fmt.Errorf("%w; put back a copy of the file, or forget the connection and read it anew: %s", damaged, opening(err.Error()))
	}
	return err
}
