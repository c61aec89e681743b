package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/yamlx"
	"github.com/rightseat/rightseat/pipelines"
)

// runFlags are what the commands that run stages have in common.
type runFlags struct {
	connections []string
	asOf        string
	fullRefresh bool
}

func (f *runFlags) addConnections(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.connections, "connection", nil, "read only this `CONNECTION` (repeatable)")
}

func (f *runFlags) addBuild(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "`DATE` (YYYY-MM-DD) the reports are of; default today in the organisation's time zone")
	cmd.Flags().BoolVar(&f.fullRefresh, "full-refresh", false, "rebuild every date from the raw lake")
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	var past rebuildFlags
	cmd := &cobra.Command{
		Use:   "run [PIPELINE]",
		Short: "Extract, transform and load",
		Long: `Reads what is new from every connection, rebuilds the tables it touches, checks them and
publishes the warehouse and the exports. With PIPELINE, reads that pipeline's connections.

A connection that fails does not stop the others: the result is published, the exit code is 3
and standard error names the streams.` + rebuildHelp,
		Example: "  rightseat run\n  rightseat run daily\n  rightseat run --connection okta --connection zoom\n  rightseat run --as-of 2026-06-30\n  rightseat run --as-of 2026-06-30 --known-at 2026-07-05 --output june",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if past.asked() {
				if len(args) > 0 || len(f.connections) > 0 {
					return pipelines.Usagef("--known-at and --output ask no vendor, so they go with neither a pipeline nor --connection")
				}
				return a.rebuild(cmd.Context(), "run", f.asOf, past)
			}
			req := pipelines.Request{Command: "run", Extract: true, Transform: true, Load: true,
				Connections: f.connections, AsOf: f.asOf, FullRefresh: f.fullRefresh}
			if len(args) == 1 {
				req.Pipeline = args[0]
			}
			return a.runStages(cmd.Context(), req)
		},
	}
	f.addConnections(cmd)
	f.addBuild(cmd)
	past.add(cmd)
	return cmd
}

func (a *app) extractCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "extract",
		Short: "Read what is new from the connections into the raw lake",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.runStages(cmd.Context(), pipelines.Request{Command: "extract", Extract: true, Connections: f.connections})
		},
	}
	f.addConnections(cmd)
	return cmd
}

func (a *app) transformCommand() *cobra.Command {
	var f runFlags
	var past rebuildFlags
	cmd := &cobra.Command{
		Use:   "transform",
		Short: "Build core tables and reports from the raw lake, without publishing them",
		Long: `Brings the private build up to date with the raw lake: core tables, metrics, reports. Nothing is
published before "rightseat load".` + rebuildHelp,
		Example: "  rightseat transform\n  rightseat transform --as-of 2026-06-30 --known-at 2026-07-01T06:00:00Z --output june",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if past.asked() {
				return a.rebuild(cmd.Context(), "transform", f.asOf, past)
			}
			return a.runStages(cmd.Context(), pipelines.Request{Command: "transform", Transform: true, AsOf: f.asOf, FullRefresh: f.fullRefresh})
		},
	}
	f.addBuild(cmd)
	past.add(cmd)
	return cmd
}

func (a *app) loadCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "load",
		Short: "Publish what the last transform built",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.runStages(cmd.Context(), pipelines.Request{Command: "load", Load: true})
		},
	}
}

func (a *app) backfillCommand() *cobra.Command {
	var (
		connection, from, to string
		streams              []string
		noPublish            bool
	)
	cmd := &cobra.Command{
		Use:   "backfill --connection CONNECTION --from DATE --to DATE",
		Short: "Ask a vendor again for a range of dates",
		Long: `Asks for the events of a range of dates (both included, organisation's time zone) again,
then publishes. What the vendor sends replaces the records of the same ids; nothing else changes,
and the regular reading goes on where it was. Snapshots can't be asked for again.`,
		Example: "  rightseat backfill --connection okta --from 2026-09-01 --to 2026-09-30\n  rightseat backfill --connection zoom --stream meetings --from 2026-09-01 --to 2026-09-30",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if connection == "" || from == "" || to == "" {
				return pipelines.Usagef("backfill needs --connection, --from and --to")
			}
			r, err := a.open()
			if err != nil {
				return err
			}
			start, end, err := dateRange(from, to, r.Config.Organisation.Timezone)
			if err != nil {
				return err
			}
			if err := checkBackfill(r.Config, connection, streams); err != nil {
				return err
			}
			return a.finishRun(cmd.Context(), r, pipelines.Request{
				Command: "backfill", Extract: true, Transform: !noPublish, Load: !noPublish,
				Connections: []string{connection}, Streams: streams, From: start, To: end,
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&connection, "connection", "", "the `CONNECTION` to ask")
	flags.StringVar(&from, "from", "", "first `DATE` (YYYY-MM-DD)")
	flags.StringVar(&to, "to", "", "last `DATE` (YYYY-MM-DD), included")
	flags.StringArrayVar(&streams, "stream", nil, "only this `STREAM` (repeatable)")
	flags.BoolVar(&noPublish, "no-publish", false, "only read; the next run publishes")
	return cmd
}

// dateRange reads two dates, both included, as the instants [start, end).
func dateRange(from, to string, loc *time.Location) (start, end time.Time, err error) {
	if start, err = time.ParseInLocation(time.DateOnly, from, loc); err != nil {
		return start, end, pipelines.Usagef("--from %q is not a date: write it as YYYY-MM-DD", from)
	}
	if end, err = time.ParseInLocation(time.DateOnly, to, loc); err != nil {
		return start, end, pipelines.Usagef("--to %q is not a date: write it as YYYY-MM-DD", to)
	}
	if end.Before(start) {
		return start, end, pipelines.Usagef("--from %s is after --to %s", from, to)
	}
	return start.UTC(), end.AddDate(0, 0, 1).UTC(), nil
}

// checkBackfill refuses what a backfill could not bring: a stream that the connection does not
// have, or nothing but snapshots. An unknown connection is the run's own to refuse.
func checkBackfill(cfg *config.Config, connection string, wanted []string) error {
	i := slices.IndexFunc(cfg.Connections, func(c config.Connection) bool { return c.Name == connection })
	if i < 0 {
		return nil
	}
	names, events, refused, err := streamsOf(cfg, cfg.Connections[i])
	if err != nil {
		return err
	}
	for _, s := range wanted {
		if !slices.Contains(names, s) {
			return pipelines.Usagef("connection %s has no stream %q%s", connection, s, yamlx.Hint(s, names))
		}
		if why := refused[s]; why != "" {
			return pipelines.Usagef("stream %s of %s can't be asked again for a range: %s%s", s, connection, why, known(events))
		}
		if !slices.Contains(events, s) {
			return pipelines.Usagef("stream %s of %s is a snapshot: the vendor tells what is, not what was, so there is nothing to ask for again%s",
				s, connection, known(events))
		}
	}
	if len(events) == 0 && len(refused) > 0 {
		for _, s := range names {
			if why := refused[s]; why != "" {
				return pipelines.Usagef("stream %s of %s can't be asked again for a range: %s", s, connection, why)
			}
		}
	}
	if len(events) == 0 {
		return pipelines.Usagef("%s has only snapshots (%s): they tell what is, not what was, so there is nothing to ask for again",
			connection, strings.Join(names, ", "))
	}
	return nil
}

func known(events []string) string {
	if len(events) == 0 {
		return ""
	}
	return "; streams of events are " + strings.Join(events, ", ")
}

// streamsOf lists a connection's streams, those of them that hold events and can be asked again, and why others that
// hold events can't.
func streamsOf(cfg *config.Config, c config.Connection) (names, events []string, refused map[string]string, err error) {
	if c.Connector == file.Connector {
		name, _ := c.Settings["kind"].(string)
		if kind, ok := filekind.Lookup(name); ok && kind.Shape == filekind.Events {
			events = []string{name}
		}
		return []string{name}, events, nil, nil
	}
	m, err := readManifest(c.Connector, cfg.Resolve)
	if err != nil {
		return nil, nil, nil, err
	}
	refused = map[string]string{}
	for _, s := range m.Streams {
		names = append(names, s.Name)
		switch {
		case s.Kind == manifest.KindEvents && s.Paging.Type == manifest.PagingIterator:
			refused[s.Name] = "the vendor keeps the place in it itself and gives each record once; going back would move that place for the regular reading"
		case s.Kind == manifest.KindEvents:
			events = append(events, s.Name)
		}
	}
	return names, events, refused, nil
}

// runStages opens the workspace and runs what is asked for.
func (a *app) runStages(ctx context.Context, req pipelines.Request) error {
	var options []config.Option
	if !req.Extract {
		options = append(options, config.WithoutSecrets())
	}
	r, err := a.open(options...)
	if err != nil {
		return err
	}
	return a.finishRun(ctx, r, req)
}

// finishRun runs and turns the outcome into messages and an exit code.
func (a *app) finishRun(ctx context.Context, r *pipelines.Runner, req pipelines.Request) error {
	a.undeliveredAlerts(r.Config)
	bar := a.progress()
	r.Progress = bar
	out, err := r.Run(ctx, req)
	bar.Close()
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) && !errors.As(err, new(*pipelines.NotPublishedError)) {
			return errors.New("stopped on request: nothing was published; what was read is kept and the next run goes on from there")
		}
		return err
	}
	return a.tell(out)
}

// tell names what the published numbers lack, one line each.
func (a *app) tell(out *pipelines.Outcome) error {
	if err := a.tellAccepted(out.Run); err != nil {
		return err
	}
	for _, p := range out.Problems {
		a.note("rightseat: %s", p)
	}
	for _, c := range out.Run.Checks {
		if c.FailingRows > 0 && c.Severity != "info" {
			a.log.Warn("check found rows", "check", c.Name, "rows", c.FailingRows, "sample", c.Sample)
		}
	}
	if out.ExitCode == pipelines.ExitOK {
		return nil
	}
	if out.Run.Published {
		a.note("rightseat: published, with %s incomplete or stale (exit code %d)", streams(len(out.Problems)), out.ExitCode)
	}
	return exitError{out.ExitCode}
}

func streams(n int) string {
	if n == 1 {
		return "1 stream"
	}
	return fmt.Sprintf("%d streams", n)
}
