package pipelines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/lock"
)

// RebuildRequest says which past reports to build, and where.
type RebuildRequest struct {
	Command string // for the lock
	// KnownAt is the instant whose knowledge the reports have: what the lake had by then.
	KnownAt time.Time
	AsOf    string // YYYY-MM-DD; empty: the date of KnownAt in the organisation's time zone
	// Output is the folder that gets warehouse/ and exports/. It is no workspace.
	Output string
}

// ErrNothingKnown is returned for an instant at which the lake was empty.
var ErrNothingKnown = errors.New("nothing had been read by then")

// Rebuild builds the reports of a past date anew and publishes them into a folder of their own. It
// only reads the workspace: neither its warehouse nor its ledger learns of it, and it works beside a
// run. The runner's lake, transformer and loader are those of the past instant and of the
// folder; the lake is a view made by [lake.Store.At].
//
// The rules are today's: models, seeds, configuration and exempt lists are those in use, and data
// that was forgotten stays gone.
func (r *Runner) Rebuild(ctx context.Context, req RebuildRequest) (*Outcome, error) {
	if err := r.prepareRebuild(&req); err != nil {
		return nil, err
	}
	if pending, err := PendingErasure(r.Config.Workspace); err != nil || pending != nil {
		return nil, errors.Join(errors.New("something is being forgotten, which past reports must not bring back: let that end first, with `rightseat run`"), err)
	}
	lk, err := lock.Acquire(req.Output, "rightseat "+req.Command, r.Clock.Now())
	if err != nil {
		return nil, err
	}
	out, err := r.rebuild(ctx, req)
	return out, errors.Join(err, lk.Release())
}

func (r *Runner) prepareRebuild(req *RebuildRequest) error {
	zone := r.Config.Organisation.Timezone
	known := req.KnownAt.In(zone).Format(time.DateOnly)
	if req.AsOf == "" {
		req.AsOf = known
	}
	if err := requireReportDate(req.AsOf); err != nil {
		return err
	}
	if req.AsOf > known {
		return Usagef("--as-of %s is later than what is known: --known-at is %s in %s", req.AsOf, known, zone)
	}
	if filepath.Clean(req.Output) == filepath.Clean(r.Config.Workspace) {
		return Usagef("--output %s is the workspace itself: its warehouse would be replaced by an old one", req.Output)
	}
	for _, name := range []string{"lake", config.FileName} {
		if _, err := os.Stat(filepath.Join(req.Output, name)); err == nil {
			return Usagef("--output %s is a workspace (it holds %s): its warehouse would be replaced by an old one", req.Output, name)
		}
	}
	return requireKnown(r.Lake, req.KnownAt)
}

func (r *Runner) rebuild(ctx context.Context, req RebuildRequest) (*Outcome, error) {
	run := &Run{ID: "known-at-" + req.KnownAt.UTC().Format(runIDLayout), Command: req.Command, AsOf: req.AsOf, StartedAt: req.KnownAt.UTC()}
	health, err := HealthAt(r.Config, r.Lake, r.Ledger, req.AsOf, req.KnownAt)
	if err != nil {
		return nil, err
	}
	treq := TransformRequest{RunID: run.ID, AsOf: run.AsOf, Now: req.KnownAt.UTC(), FullRefresh: true, Health: health}
	detail, err := r.build(ctx, treq, run)
	if err != nil {
		return nil, fmt.Errorf("transform: %w", err)
	}
	r.log().Log(ctx, slog.LevelInfo, "past reports built", "as_of", req.AsOf, "known_at", req.KnownAt.UTC().Format(time.RFC3339), "detail", detail)
	if err := r.Loader.Publish(ctx, run.ID); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	run.Published = true
	out := &Outcome{Run: run, Problems: append(problems(nil, health), shortProblems(run.Short)...)}
	for i := range out.Problems {
		out.Problems[i].Fix = "So it stood at " + req.KnownAt.UTC().Format(time.RFC3339)
	}
	if len(out.Problems) > 0 {
		out.ExitCode = ExitIncomplete
	}
	return out, nil
}

// requireKnown fails when the lake had nothing by then.
func requireKnown(past *lake.Store, instant time.Time) error {
	connections, err := past.Connections()
	if err != nil || len(connections) > 0 {
		return err
	}
	return fmt.Errorf("%w (%s): choose a later --known-at; `rightseat status` lists what has been read", ErrNothingKnown, instant.UTC().Format(time.RFC3339))
}

// RebuildFolder is where past reports go when nobody says where.
func RebuildFolder(workspace, asOf string, knownAt time.Time) string {
	name := "known-at-" + knownAt.UTC().Format(runIDLayout)
	if asOf != "" {
		name = "as-of-" + asOf + "-" + name
	}
	return filepath.Join(workspace, "rebuilt", strings.ToLower(name))
}
