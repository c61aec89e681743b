package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/load"
	"github.com/rightseat/rightseat/pipelines"
)

// rebuildFlags ask for past reports in a folder of their own.
type rebuildFlags struct {
	knownAt string // date or instant; empty: now
	output  string // folder; empty: one below the workspace
}

func (f *rebuildFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.knownAt, "known-at", "", "build what was knowable at this `TIME` (YYYY-MM-DD: the end of that day; or 2026-06-30T18:00:00Z), into a folder of its own")
	cmd.Flags().StringVar(&f.output, "output", "", "the `FOLDER` that gets the warehouse and exports of a past report (default rebuilt/… in the workspace)")
}

// asked tells whether this is about the past: the published version then stays as it is.
func (f *rebuildFlags) asked() bool { return f.knownAt != "" || f.output != "" }

const rebuildHelp = `

With --known-at, the reports are those that could be known at that time: of the raw lake only what
had been committed by then counts, with the watermarks of then. With --output alone, a past date is
rebuilt with what is known now. Either way nothing is asked of the vendors, and warehouse and exports
go to a folder of their own: what is published stays. Configuration, rules and lists are
today's, and what was forgotten stays gone.`

// rebuild builds past reports and says where they are.
func (a *app) rebuild(ctx context.Context, command, asOf string, f rebuildFlags) error {
	cfg, err := a.load(config.WithoutSecrets())
	if err != nil {
		return err
	}
	knownAt, err := parseKnownAt(f.knownAt, a.clock.Now(), cfg.Organisation.Timezone)
	if err != nil {
		return err
	}
	output := f.output
	if output == "" {
		output = pipelines.RebuildFolder(cfg.Workspace, asOf, knownAt)
	}
	if output, err = filepath.Abs(output); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	r, err := wirePast(a, cfg, knownAt, output)
	if err != nil {
		return err
	}
	bar := a.progress()
	r.Progress = bar
	out, err := r.Rebuild(ctx, pipelines.RebuildRequest{Command: command, KnownAt: knownAt, AsOf: asOf, Output: output})
	bar.Close()
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return errors.New("stopped on request: nothing was published")
		}
		return err
	}
	if _, err := fmt.Fprintf(a.stdout, "Reports as of %s, as known at %s:\n  warehouse  %s\n  exports    %s\n", out.Run.AsOf,
		knownAt.In(cfg.Organisation.Timezone).Format(time.RFC3339), warehousePath(output), filepath.Join(output, load.ExportsDir)); err != nil {
		return err
	}
	return a.tell(out)
}

// parseKnownAt reads a date, whose end is meant, or an instant. Neither may be in the future, but
// today's end is now.
func parseKnownAt(text string, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "" {
		return now.UTC(), nil
	}
	instant, err := time.Parse(time.RFC3339Nano, text)
	if day, dayErr := time.ParseInLocation(time.DateOnly, text, zone); dayErr == nil {
		instant, err = day.AddDate(0, 0, 1).Add(-time.Nanosecond), nil
		if text == now.In(zone).Format(time.DateOnly) {
			instant = now
		}
	}
	if err != nil {
		return instant, pipelines.Usagef("--known-at %q is no time: write it as 2026-06-30 or 2026-06-30T18:00:00Z", text)
	}
	if instant.After(now) {
		return instant, pipelines.Usagef("--known-at %s is in the future: it is %s", text, now.In(zone).Format(time.RFC3339))
	}
	return instant.UTC(), nil
}

// wirePast connects the stages for reports of the past: they see the lake as it was at the instant,
// under a clock that stands there, and write below output only.
func wirePast(a *app, cfg *config.Config, knownAt time.Time, output string) (*pipelines.Runner, error) {
	r, err := wire(a, cfg, clock.NewSimulated(knownAt), http.DefaultTransport)
	if err != nil {
		return nil, err
	}
	w, ok := r.Transformer.(*wiring)
	if !ok {
		return nil, errors.New("the stages are not those of the command line")
	}
	w.output, w.lake = output, lake.Open(cfg.Workspace).At(knownAt)
	r.Lake = w.lake
	return r, nil
}

// removeBuild removes what a rebuild worked in: its private database.
func removeBuild(output string) error {
	path := buildPath(output)
	for _, name := range []string{path, path + ".wal"} {
		if err := os.RemoveAll(name); err != nil {
			return fmt.Errorf("remove what the rebuild worked in: %w", err)
		}
	}
	return nil
}
