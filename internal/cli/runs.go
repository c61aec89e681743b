package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/pipelines"
)

func (a *app) runsCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List past runs",
		Long: `Lists past runs, newest first: command, as-of date, when and how long, how each ended and with which exit
code, rows read, whether it published, the seconds of each stage, and the error. --format json has the
whole record of each run, with its stages, streams and checks.`,
		Example: "  rightseat runs\n  rightseat runs --limit 1 --format json",
		Args:    cobra.NoArgs,
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "list the newest `N`")
	format := formatFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		if err := checkFormat(*format); err != nil {
			return err
		}
		if limit < 1 {
			return pipelines.Usagef("--limit %d: list at least one", limit)
		}
		cfg, err := a.load(config.WithoutSecrets())
		if err != nil {
			return err
		}
		runs, err := pipelines.OpenLedger(cfg.Workspace, a.log).Standing(limit)
		if err != nil {
			return err
		}
		if *format == table.FormatJSON {
			if runs == nil {
				runs = []*pipelines.Run{}
			}
			return a.json(runs)
		}
		if len(runs) == 0 && *format == table.FormatTable {
			return a.say("No run yet: `rightseat run` makes the first.")
		}
		columns, rows := runsTable(runs, *format == table.FormatTable)
		return a.list(columns, rows, *format)
	}
	return cmd
}

// runsTable is one row per run; for reading, times to the second and the gist of an error.
func runsTable(runs []*pipelines.Run, reading bool) ([]table.Column, [][]any) {
	columns := []table.Column{
		{Name: "run_id"}, {Name: "command"}, {Name: "pipeline"}, {Name: "as_of"},
		{Name: "started_at", Kind: table.Timestamp}, {Name: "seconds", Kind: table.Float}, {Name: "status"},
		{Name: "exit_code", Kind: table.Integer}, {Name: "rows", Kind: table.Integer}, {Name: "published", Kind: table.Boolean},
		{Name: "stages"}, {Name: "error"},
	}
	rows := make([][]any, 0, len(runs))
	for _, r := range runs {
		var took, code any
		if r.EndedAt != nil {
			took = r.EndedAt.Sub(r.StartedAt).Round(100 * time.Millisecond).Seconds()
		}
		if r.ExitCode != nil {
			code = int64(*r.ExitCode)
		}
		var read int64
		for _, s := range r.Streams {
			read += s.Rows
		}
		started, message := r.StartedAt, r.Error
		if reading {
			started, message = started.Truncate(time.Second), table.Brief(message, messageWidth)
		}
		rows = append(rows, []any{
			r.ID, r.Command, optionalText(r.Pipeline), optionalText(r.AsOf), started.UTC(), took, string(r.Status),
			code, read, r.Published, optionalText(stageTimes(r.Stages)), optionalText(message),
		})
	}
	return columns, rows
}

// stageTimes names the stages of a run with what each took, or how it ended where it did not end well.
func stageTimes(stages []pipelines.Stage) string {
	var parts []string
	for _, s := range stages {
		how := string(s.Outcome)
		if s.Outcome == pipelines.StageOK && s.EndedAt != nil {
			how = s.EndedAt.Sub(s.StartedAt).Round(100 * time.Millisecond).String()
		}
		parts = append(parts, s.Name+" "+how)
	}
	return strings.Join(parts, ", ")
}
