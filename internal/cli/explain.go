package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/pipelines"
)

// shownPeople is how many people explain lists unless asked for all.
const shownPeople = 20

func (a *app) explainCommand() *cobra.Command {
	var req pipelines.ExplainRequest
	var all bool
	cmd := &cobra.Command{
		Use:   "explain APP",
		Short: "Say where an app's provisioned number comes from",
		Long: `Names the rule that gave the number of provisioned users, its sources and window, the rules that
did not apply and why, and the people who are counted. JSON and CSV list all of them.`,
		Example: "  rightseat explain zoom\n  rightseat explain zoom --date 2026-06-30 --all\n  rightseat explain salesforce --instance sandbox",
		Args:    cobra.ExactArgs(1),
	}
	format := formatFlag(cmd)
	cmd.Flags().StringVar(&req.Date, "date", "", "`DATE` (YYYY-MM-DD) of the number; default the newest")
	cmd.Flags().StringVar(&req.Instance, "instance", "", "only this `INSTANCE`")
	cmd.Flags().BoolVar(&all, "all", false, "list all people, not just the first 20")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(*format); err != nil {
			return err
		}
		cfg, err := a.load(config.WithoutSecrets())
		if err != nil {
			return err
		}
		db, err := openWarehouse(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		req.App = args[0]
		explanations, err := pipelines.Explain(cmd.Context(), db, req)
		if err := errors.Join(err, db.Close()); err != nil {
			return err
		}
		return a.printExplanations(explanations, *format, all)
	}
	return cmd
}

func (a *app) printExplanations(es []pipelines.Explanation, format string, all bool) error {
	switch format {
	case table.FormatJSON:
		enc := json.NewEncoder(a.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(es)
	case table.FormatCSV:
		columns := []table.Column{{Name: "date"}, {Name: "app_id"}, {Name: "instance_id"}, {Name: "basis"}, {Name: "person_id"}, {Name: "email"}, {Name: "name"}, {Name: "detail"}}
		var rows [][]any
		for _, e := range es {
			for _, p := range e.People {
				rows = append(rows, []any{e.Date, e.AppID, e.InstanceID, e.Basis, optionalText(p.PersonID), optionalText(p.Email), optionalText(p.Name), optionalText(p.Detail)})
			}
		}
		return a.list(columns, rows, format)
	}
	for i, e := range es {
		if i > 0 {
			if err := a.say(""); err != nil {
				return err
			}
		}
		if err := a.printExplanation(e, all); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printExplanation(e pipelines.Explanation, all bool) error {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(table.Printable(fmt.Sprintf(format, args...)) + "\n")
	}
	number := "unknown"
	if e.ProvisionedUsers != nil {
		number = fmt.Sprint(*e.ProvisionedUsers)
	}
	line("%s (%s), instance %s, on %s: %s provisioned users", e.AppName, e.AppID, e.InstanceID, e.Date, number)
	line("")
	line("Rule     %s: %s", e.Basis, e.Rule)
	if e.BasisConnection != "" {
		line("Source   connection %s, as of %s", e.BasisConnection, orDash(e.BasisAsOf))
	}
	if e.WindowDays != nil {
		whole := ""
		if e.WindowComplete != nil && !*e.WindowComplete {
			whole = "; there is less history than that yet"
		}
		line("Window   %d days that end with %s%s", *e.WindowDays, e.Date, whole)
	}
	if e.IsStale {
		line("Stale    its source is behind the date; the number may be out of date")
	}
	for _, s := range e.Sources {
		watermark := "never complete"
		if s.Watermark != nil {
			watermark = "complete up to " + s.Watermark.UTC().Format(time.RFC3339)
		}
		message := ""
		if s.Error != "" {
			message = ": " + s.Error
		}
		line("Stream   %s/%s %s, %s%s", s.Connection, s.Stream, s.State, watermark, message)
	}
	line("SQL      %s", e.SQLFile)
	line("")
	line("Rules that did not give the number:")
	for _, o := range e.OtherRules {
		line("  %s: %s", o.Rule, o.Why)
	}
	line("")
	shown := len(e.People)
	if !all {
		shown = min(shown, shownPeople)
	}
	line("Counted: %d", len(e.People))
	for _, p := range e.People[:shown] {
		line("  %-36s %-26s %s", p.Email, p.Name, p.Detail)
	}
	if rest := len(e.People) - shown; rest > 0 {
		line("  … and %d more (--all lists them)", rest)
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
