package pipelines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/lock"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// Exit codes of the program, as the public contract has them.
const (
	ExitOK         = 0
	ExitFailed     = 1 // nothing was published
	ExitUsage      = 2 // wrong usage or configuration
	ExitIncomplete = 3 // published, but a stream is incomplete or stale
	ExitBusy       = 4 // another process has the workspace; nothing was done
	ExitMemory     = 5 // failed for want of memory; nothing published
)

// UsageError is a wrong flag, argument or configuration: exit code 2.
type UsageError struct{ Err error }

// Error is the wrapped error's text.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the wrapped error.
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef makes a [*UsageError].
func Usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// ErrNoData is returned when a first run brought nothing that could be published.
var ErrNoData = errors.New("nothing to publish: no connection has brought any data yet")

// Runner runs stages of one workspace. All fields but Progress and Log are required for a
// whole run; a stage that is not asked for may be nil.
type Runner struct {
	Config      *config.Config
	Lake        *lake.Store
	Ledger      *Ledger
	Clock       clock.Clock
	Extractor   Extractor
	Transformer Transformer
	Loader      Loader
	Version     string // of the program, for the ledger
	Log         *slog.Logger
	Progress    Progress
}

// Request says what one run is to do. The stages run in the order of the fields.
type Request struct {
	Command  string // for the ledger and the lock
	Pipeline string
	DueAt    *time.Time // set by the schedule

	Forget    string   // a connection whose data goes first
	Erase     *Erasure // what goes first, for good
	Accept    string   // a connection, or connection/stream, of which what is held or lost is right
	Extract   bool
	Transform bool
	Load      bool

	Connections []string // empty: the pipeline's, else all
	Streams     []string // empty: all
	From, To    time.Time
	AsOf        string // YYYY-MM-DD; empty: today in the organisation's time zone
	FullRefresh bool

	doubled []file.Doubled // what connections have to say of files that others have, too
}

// Outcome tells how a run went.
type Outcome struct {
	Run      *Run
	Problems []Problem // why the exit code is 3
	ExitCode int
}

// Run does what is asked, under the workspace lock, and records it in the ledger. The
// outcome is nil only when the run could not start. When the context ends, the stage under
// way stops at the next safe point, keeping what it has, and the run is recorded as
// interrupted.
func (r *Runner) Run(ctx context.Context, req Request) (*Outcome, error) {
	if err := r.prepare(&req); err != nil {
		return nil, err
	}
	if err := r.findDoubles(ctx, &req); err != nil {
		return nil, err
	}
	now := r.Clock.Now()
	lk, err := lock.Acquire(r.Config.Workspace, strings.TrimSpace("rightseat "+req.Command+" "+req.Pipeline), now)
	if err != nil {
		return nil, err
	}
	out, err := r.runLocked(ctx, req, now)
	return out, errors.Join(err, lk.Release())
}

// prepare fills in defaults and refuses what cannot be done, before anything is written.
func (r *Runner) prepare(req *Request) error {
	if req.Pipeline != "" {
		p, ok := r.Config.Pipelines[req.Pipeline]
		if !ok {
			return Usagef("there is no pipeline %q in %s%s", req.Pipeline, r.Config.File, yamlx.Hint(req.Pipeline, yamlx.SortedKeys(r.Config.Pipelines)))
		}
		if len(req.Connections) == 0 {
			req.Connections = p.Connections
		}
	}
	names := make([]string, 0, len(r.Config.Connections))
	for _, c := range r.Config.Connections {
		names = append(names, c.Name)
	}
	for _, c := range req.Connections {
		if !slices.Contains(names, c) {
			return Usagef("there is no connection %q in %s%s", c, r.Config.File, yamlx.Hint(c, names))
		}
	}
	if req.Extract && len(names) == 0 {
		return Usagef("%s has no connections: add one under `connections:` (`rightseat connector list` shows what there is)", r.Config.File)
	}
	if req.Extract || req.Transform {
		if _, err := r.Config.ExemptEmails(); err != nil { // better now than when all was read
			return Usagef("%s: %w", r.Config.File, err)
		}
	}
	today := r.Clock.Now().In(r.Config.Organisation.Timezone).Format(time.DateOnly)
	if req.AsOf == "" {
		req.AsOf = today
	}
	if err := requireReportDate(req.AsOf); err != nil {
		return err
	}
	if req.AsOf > today {
		return Usagef("--as-of %s is in the future: today is %s in %s", req.AsOf, today, r.Config.Organisation.Timezone)
	}
	return nil
}

// requireReportDate refuses what is no date, and dates of which nothing can be known: times before 2000 stand for none,
// and reports of such a day would be empty.
func requireReportDate(asOf string) error {
	day, err := time.Parse(time.DateOnly, asOf)
	if err != nil {
		return Usagef("--as-of %q is not a date: write it as YYYY-MM-DD", asOf)
	}
	if day.Year() < 2000 {
		return Usagef("--as-of %s: nothing is known of days before 2000-01-01", asOf)
	}
	return nil
}

func (r *Runner) runLocked(ctx context.Context, req Request, now time.Time) (*Outcome, error) {
	interrupted, err := r.Ledger.Recover(now)
	if err != nil {
		return nil, err
	}
	for _, id := range interrupted {
		r.log().Warn("the run before this one was cut short; what it had read is kept", "run_id", id)
	}
	refresh, err := r.refreshPending()
	if err != nil {
		return nil, err
	}
	req.FullRefresh = req.FullRefresh || refresh
	if err := r.takeUpErasure(&req); err != nil {
		return nil, err
	}
	run := &Run{
		Command: req.Command, Pipeline: req.Pipeline, DueAt: req.DueAt, AsOf: req.AsOf,
		Connections: req.Connections, Version: r.Version, StartedAt: now.UTC(),
	}
	switch {
	case req.Forget != "":
		run.Connections = []string{req.Forget}
	case req.Accept != "":
		run.Connections = []string{connectionOf(req.Accept)}
	}
	if err := r.Ledger.Start(run); err != nil {
		return nil, err
	}
	ps, err := r.stages(ctx, req, run)
	out := &Outcome{Run: run, Problems: ps}
	r.finish(ctx, out, err)
	return out, errors.Join(err, r.Ledger.Save(run))
}

func (r *Runner) finish(ctx context.Context, out *Outcome, err error) {
	run, end := out.Run, r.Clock.Now().UTC()
	run.EndedAt = &end
	switch {
	case err != nil && ctx.Err() != nil:
		run.interrupt(end, "stopped on request")
		out.ExitCode = ExitFailed
	case err != nil:
		run.Status, run.Error = RunFailed, r.Config.Secrets.Redact(err.Error())
		out.ExitCode = ExitFailed
	case len(out.Problems) > 0:
		run.Status, out.ExitCode = RunIncomplete, ExitIncomplete
	default:
		run.Status, out.ExitCode = RunSucceeded, ExitOK
	}
	code := out.ExitCode
	run.ExitCode = &code
}

// stages runs what is asked for, in order, and lists what the published numbers lack.
func (r *Runner) stages(ctx context.Context, req Request, run *Run) ([]Problem, error) {
	if err := r.stage(run, "recover", func() (string, error) { return r.recover(ctx, req) }); err != nil {
		return nil, err
	}
	if req.Erase != nil {
		if err := r.stage(run, "erase", func() (string, error) { return r.erase(ctx, req.Erase) }); err != nil {
			return nil, &NotErasedError{Err: err}
		}
	}
	if req.Forget != "" {
		if err := r.stage(run, "forget", func() (string, error) { return r.forget(req.Forget) }); err != nil {
			return nil, err
		}
		ps, err := r.readAndPublish(ctx, req, run)
		return ps, forgotten(run, err)
	}
	if req.Accept != "" {
		if err := r.stage(run, "accept", func() (string, error) { return r.accept(&req, run) }); err != nil {
			return nil, err
		}
		ps, err := r.readAndPublish(ctx, req, run)
		return ps, accepted(run, err)
	}
	ps, err := r.readAndPublish(ctx, req, run)
	if err != nil && req.Erase != nil {
		err = &NotErasedError{Erased: true, Err: err}
	}
	return ps, err
}

// readAndPublish runs the stages that read, build and publish.
func (r *Runner) readAndPublish(ctx context.Context, req Request, run *Run) ([]Problem, error) {
	if req.Extract {
		if err := r.stage(run, "extract", func() (string, error) { return r.extract(ctx, req, run) }); err != nil {
			return nil, err
		}
		if err := r.requireData(run); err != nil {
			return nil, err
		}
	}
	if req.Load && !req.Transform {
		if err := r.requireBuild(run); err != nil {
			return nil, err
		}
	}
	health, err := Health(r.Config, r.Lake, r.Ledger, run.AsOf, run)
	if err != nil {
		return nil, err
	}
	if req.Transform {
		if err := r.stage(run, "transform", func() (string, error) { return r.transform(ctx, req, run, health) }); err != nil {
			return nil, err
		}
	}
	if !req.Load {
		return problems(run.Streams, nil), nil
	}
	if err := r.stage(run, "load", func() (string, error) { return "", r.Loader.Publish(ctx, run.ID) }); err != nil {
		return nil, err
	}
	run.Published = true
	if req.Erase != nil {
		if err := r.erased(); err != nil {
			return nil, err
		}
	}
	short, err := shortStreams(r.Ledger, run)
	if err != nil {
		return nil, err
	}
	return append(problems(run.Streams, health), shortProblems(short)...), nil
}

// stage records a stage's start and end around do, which returns a detail for the record.
func (r *Runner) stage(run *Run, name string, do func() (string, error)) error {
	run.Stages = append(run.Stages, Stage{Name: name, StartedAt: r.Clock.Now().UTC(), Outcome: StageRunning})
	if err := r.Ledger.Save(run); err != nil {
		return err
	}
	r.log().Debug("stage started", "stage", name, "run_id", run.ID)
	detail, err := do()
	s, end := &run.Stages[len(run.Stages)-1], r.Clock.Now().UTC()
	s.EndedAt, s.Outcome, s.Detail = &end, StageOK, detail
	if err != nil {
		s.Outcome, s.Error = StageFailed, r.Config.Secrets.Redact(err.Error())
		if errors.Is(err, context.Canceled) {
			s.Outcome = StageInterrupted
		}
		return errors.Join(fmt.Errorf("%s: %w", name, err), r.Ledger.Save(run))
	}
	level := slog.LevelInfo
	if name == "recover" && detail == "" {
		level = slog.LevelDebug
	}
	r.log().Log(context.Background(), level, "stage done", "stage", name, "detail", detail, "took", end.Sub(s.StartedAt).Round(time.Millisecond))
	return r.Ledger.Save(run)
}

// recover clears away what a crash may have left, whichever stage it hit.
func (r *Runner) recover(ctx context.Context, req Request) (string, error) {
	// First of all: what a sweep would take for the leftovers of a crash may be all that is left of a damaged stream.
	known, err := lake.ReadHeads(lake.HeadsPath(r.Config.Workspace))
	if err != nil {
		return "", err
	}
	lost, err := r.lost(req.Accept, known)
	if err != nil {
		return "", err
	}
	if err := r.Lake.Check(known.Without(req.Forget).Without(lost...)); err != nil {
		return "", err
	}
	removed, err := r.Lake.Sweep()
	var missing *lake.MissingError
	if errors.As(err, &missing) && req.Forget != "" && missing.Connection == req.Forget {
		err = nil // that is what it is forgotten for
	}
	if err != nil {
		return "", err
	}
	if err := r.sweepTemp(); err != nil {
		return "", err
	}
	if r.Loader != nil {
		if err := r.Loader.Recover(ctx); err != nil {
			return "", err
		}
	}
	if len(removed) == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d leftovers of an interrupted run removed", len(removed)), nil
}

func (r *Runner) extract(ctx context.Context, req Request, run *Run) (string, error) {
	report, err := r.Extractor.Run(ctx, extract.Request{
		RunID: run.ID, Connections: req.Connections, Streams: req.Streams, From: req.From, To: req.To,
	})
	err = errors.Join(err, r.noteLake())
	if report != nil {
		run.Streams = report.Streams
		tellDoubles(run.Streams, req.doubled)
		for i := range run.Streams {
			s := &run.Streams[i]
			if s.Error == "" && s.Err != nil {
				s.Error = s.Err.Error()
			}
			s.Error, s.Lacks = r.Config.Secrets.Redact(s.Error), r.Config.Secrets.Redact(s.Lacks)
		}
	}
	if err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("stopped on request; what was read is kept and the next run goes on from there: %w", err)
	}
	var rows, complete int64
	for _, s := range run.Streams {
		rows += s.Rows
		if s.State == extract.StreamComplete {
			complete++
		}
	}
	return fmt.Sprintf("%d new rows; %d of %d streams complete", rows, complete, len(run.Streams)), nil
}

func (r *Runner) transform(ctx context.Context, req Request, run *Run, health []StreamHealth) (string, error) {
	return r.build(ctx, TransformRequest{
		RunID: run.ID, AsOf: run.AsOf, Now: r.Clock.Now(), FullRefresh: req.FullRefresh, Health: health,
	}, run)
}

// build transforms, and fails when a check says that the result may not be published.
func (r *Runner) build(ctx context.Context, treq TransformRequest, run *Run) (string, error) {
	if r.Progress != nil {
		treq.Progress = r.Progress.Model
	}
	res, err := r.Transformer.Transform(ctx, treq)
	if res != nil {
		run.Checks, run.Short = res.Checks, res.Short
	}
	if err != nil {
		return "", err
	}
	var failed []string
	for _, c := range res.Checks {
		if c.Failed() {
			failed = append(failed, fmt.Sprintf("%s: %d rows, e.g. %s", c.Name, c.FailingRows, oneLine(c.Sample)))
		}
	}
	if len(failed) > 0 {
		return "", fmt.Errorf("checks failed; the last good version stays published:\n  %s", strings.Join(failed, "\n  "))
	}
	detail := fmt.Sprintf("%d of %d models recomputed", res.Recomputed, res.Models)
	if res.FullRefresh && res.Reason != "" {
		detail += "; everything rebuilt: " + res.Reason
	}
	return detail, nil
}

// requireData fails when neither this run nor an earlier one brought anything.
func (r *Runner) requireData(run *Run) error {
	connections, err := r.Lake.Connections()
	if err != nil {
		return err
	}
	for _, c := range connections {
		streams, err := r.Lake.Streams(c)
		if err != nil {
			return err
		}
		for _, name := range streams {
			st, err := r.Lake.Stream(c, name)
			if err != nil {
				return err
			}
			last, err := st.Last()
			if err != nil {
				return err
			}
			if last != nil && (last.RowsTotal > 0 || last.State == lake.Complete) {
				return nil
			}
		}
	}
	lines := []string{ErrNoData.Error()}
	for _, p := range problems(run.Streams, nil) {
		lines = append(lines, "  "+p.String())
	}
	return fmt.Errorf("%w%s", ErrNoData, strings.TrimPrefix(strings.Join(lines, "\n"), ErrNoData.Error()))
}

// requireBuild takes the as-of date from the newest run whose build can be published. A
// transform that failed left the build of the one before it.
func (r *Runner) requireBuild(run *Run) error {
	found := false
	err := r.Ledger.Newest(func(old *Run) bool {
		for _, s := range old.Stages {
			if s.Name == "transform" && s.Outcome == StageOK {
				found, run.AsOf = true, old.AsOf
			}
		}
		return !found
	})
	if err != nil {
		return err
	}
	if !found {
		return errors.New("there is nothing to load yet: run `rightseat transform` first")
	}
	return nil
}

func (r *Runner) log() *slog.Logger {
	if r.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Log
}
