package cli

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/internal/yamlx"
	"github.com/rightseat/rightseat/pipelines"
)

// shownPeople is how many people explain lists unless asked for all.
const shownPeople = 20

// explainFlags are what one asks of explain beside the words on the command line.
type explainFlags struct {
	date, instance, column, person string
	all, people, sql               bool
	format                         *string
}

func (a *app) explainCommand() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain {APP | REPORT [COLUMN=VALUE …] | --person WHO}",
		Short: "Say where a number comes from",
		Long: `Explains an app's provisioned number, any row of any report, or who is who.

APP (id or name): the rule that gave the number of provisioned users, its sources and window, the rules
that did not apply and why, and the people who are counted.

REPORT with its key as COLUMN=VALUE: each value with its meaning, unit and null rule, the SQL file, the models
and streams it rests on and how far these are complete; with --people, the people, accounts or
transactions behind it. The newest date and a window of 30 days go without saying; an empty VALUE means NULL.
Without a key, the report itself. Tables of schema core are written core.NAME.

--person (address, identifier or name): one person across addresses and connections, with the evidence.`,
		Example: `  rightseat explain zoom
  rightseat explain zoom --date 2026-06-30 --all
  rightseat explain engagement app=zoom --people --column engaged_users
  rightseat explain team_engagement dimension=team dimension_value=Sales app=zoom window_days=90
  rightseat explain contract_usage --sql
  rightseat explain --person ann@acme.example`,
		Args: cobra.ArbitraryArgs,
	}
	f.format = formatFlag(cmd)
	cmd.Flags().StringVar(&f.date, "date", "", "`DATE` (YYYY-MM-DD) of the number; default the newest")
	cmd.Flags().StringVar(&f.instance, "instance", "", "only this `INSTANCE`")
	cmd.Flags().BoolVar(&f.all, "all", false, "list all people, not just the first 20")
	cmd.Flags().StringVar(&f.column, "column", "", "only this `COLUMN` of a report")
	cmd.Flags().BoolVar(&f.people, "people", false, "list who or what stands behind a report's row")
	cmd.Flags().BoolVar(&f.sql, "sql", false, "print the SQL that makes the report")
	cmd.Flags().StringVar(&f.person, "person", "", "explain `WHO`: an address, an identifier or a name")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(*f.format); err != nil {
			return err
		}
		if (len(args) == 0) == (f.person == "") {
			return pipelines.Usagef("say what to explain: an app, a report or --person; usage: %s %s", program(), cmd.Use)
		}
		cfg, err := a.load(config.WithoutSecrets())
		if err != nil {
			return err
		}
		db, err := openWarehouse(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		return errors.Join(a.explain(cmd.Context(), db, cfg, args, f), db.Close())
	}
	return cmd
}

// explain tells apart what the words on the command line mean.
func (a *app) explain(ctx context.Context, db *sql.DB, cfg *config.Config, args []string, f explainFlags) error {
	tables, err := pipelines.TableNames(ctx, db)
	if err != nil {
		return err
	}
	if f.person != "" {
		e, err := pipelines.ExplainPerson(ctx, db, f.person)
		if err != nil {
			return err
		}
		return a.printPerson(e, *f.format)
	}
	name := strings.TrimPrefix(args[0], "reports.")
	if len(args) == 1 && !slices.Contains(tables, name) {
		es, err := pipelines.Explain(ctx, db, pipelines.ExplainRequest{App: args[0], Instance: f.instance, Date: f.date})
		if err != nil {
			near := yamlx.Nearest(name, tables)
			if usage := (*pipelines.UsageError)(nil); near != "" && errors.As(err, &usage) && !strings.Contains(err.Error(), "did you mean") {
				return pipelines.Usagef("there is no app or report %q; did you mean %s?", args[0], near)
			}
			return err
		}
		return a.printExplanations(es, *f.format, f.all)
	}
	if !slices.Contains(tables, name) {
		return pipelines.Usagef("there is no report %q%s", args[0], yamlx.Hint(name, tables))
	}
	req := pipelines.TableRequest{Table: name, Column: f.column, Behind: f.people}
	for _, arg := range args[1:] {
		column, value, ok := strings.Cut(arg, "=")
		if !ok {
			return pipelines.Usagef("%q is no COLUMN=VALUE", arg)
		}
		req.Where = append(req.Where, pipelines.Filter{Column: column, Value: value})
	}
	if f.date != "" {
		req.Where = append(req.Where, pipelines.Filter{Column: dateColumn(name), Value: f.date})
	}
	if f.instance != "" {
		req.Where = append(req.Where, pipelines.Filter{Column: "instance_id", Value: f.instance})
	}
	e, err := pipelines.ExplainTable(ctx, db, req)
	if err != nil {
		return err
	}
	return a.printTable(e, cfg, f)
}

// dateColumn is the column that --date means.
func dateColumn(report string) string {
	switch report {
	case "provisioned_users_daily", "estimate_backtest", "unmapped_spend":
		return "date"
	case "spend_by_class", "spend_by_department", "spend_by_person":
		return "month"
	}
	return "as_of"
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
		message := ""
		if s.Error != "" {
			message = ": " + s.Error
		}
		line("Stream   %s/%s %s, %s%s", s.Connection, s.Stream, s.State, reach(s), message)
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
