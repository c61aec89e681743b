package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/pipelines"
)

func (a *app) checkCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Validate the configuration and ask each connection for one page",
		Long: `Validates the configuration and asks each connection for one page of every stream, files for their first 200,000 rows.
Writes nothing.

Ends with 1 when a stream can't be read ("error"), and with 3 when a list or file has records that can't be used
("incomplete"), as a run would say of it, too.`,
		Args: cobra.NoArgs,
	}
	format := formatFlag(cmd)
	f.addConnections(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(*format); err != nil {
			return err
		}
		r, err := a.open()
		if err != nil {
			return err
		}
		a.undeliveredAlerts(r.Config)
		report, err := r.Check(cmd.Context(), f.connections)
		if err != nil {
			return err
		}
		columns := []table.Column{{Name: "connection"}, {Name: "stream"}, {Name: "result"}, {Name: "message"}}
		var rows [][]any
		failed, lacking := false, false
		for _, s := range report.Streams {
			says := []string{s.Error, s.Lacks}
			if s.Lacks != "" {
				says = append(says, s.Fix)
			}
			for _, f := range s.Findings {
				says = append(says, f.Sample)
			}
			message := strings.Join(slices.DeleteFunc(says, func(t string) bool { return t == "" }), "; ")
			lacking = lacking || s.IsLacking()
			result := "ok"
			switch {
			case s.State == extract.StreamNotConnected:
				result = "not connected"
			case s.State != extract.StreamComplete:
				result, failed = "error", true
			case s.IsLacking():
				result = "incomplete"
			case s.Lacks != "" || len(s.Findings) > 0:
				result = "warning"
			}
			rows = append(rows, []any{s.Connection, optionalText(s.Stream), result, optionalText(message)})
		}
		if err := a.list(columns, rows, *format); err != nil {
			return err
		}
		if failed {
			return exitError{pipelines.ExitFailed}
		}
		if lacking {
			return exitError{pipelines.ExitIncomplete}
		}
		return nil
	}
	return cmd
}
