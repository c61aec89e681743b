package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/simulator"
	"github.com/rightseat/rightseat/internal/table"
)

// finding is one line of the demo's summary: a query whose only row is put into a sentence.
// It is left out when the query gives no row.
type finding struct{ format, query string }

const (
	newest = "as_of = (SELECT max(as_of) FROM reports.app_portfolio)"
	// named gives contract_usage its apps' names.
	named = `FROM reports.contract_usage AS c JOIN reports.app_portfolio AS a USING (as_of, app_id)`
)

// currencyWord stands for the organisation's currency in a sentence.
const currencyWord = "¤"

var headlines = []finding{
	{"%s apps, %s of them in use; %s found only on cards, in traffic or by social sign-in", `
SELECT max(quantity) FILTER (WHERE measure = 'apps'), max(quantity) FILTER (WHERE measure = 'apps_in_use'), max(quantity) FILTER (WHERE measure = 'discovered_apps')
FROM reports.headlines`},
	{"%s seats in the %s apps whose number of users is known", `
SELECT sum(provisioned_users), count(*) FROM reports.app_portfolio WHERE provisioned_users IS NOT NULL AND ` + newest},
	{"%s%% of the people with a seat used it in 30 days, in the %s apps that tell what people do", `
SELECT CAST(round(100.0 * sum(engaged_users_30d) / nullif(sum(provisioned_users), 0)) AS BIGINT), count(*)
FROM reports.app_portfolio WHERE provisioned_users > 0 AND engaged_users_30d IS NOT NULL AND ` + newest + ` HAVING count(*) > 0`},
	{"%s licences for %s ¤ a year, %s ¤ of it for the %s that nobody has", `
SELECT max(quantity) FILTER (WHERE measure = 'licences'), CAST(max(amount) FILTER (WHERE measure = 'contract_spend') AS BIGINT),
  CAST(max(amount) FILTER (WHERE measure = 'unused_licences') AS BIGINT), max(quantity) FILTER (WHERE measure = 'unused_licences')
FROM reports.headlines`},
	{"%s ¤ spent on software by card and invoice in twelve months", `
SELECT CAST(amount AS BIGINT) FROM reports.headlines WHERE measure = 'software_spend_12m'`},
	{"old numbers, as a source behind them is late or was never read to the end: %s", `
SELECT string_agg(replace(measure, '_', ' '), ', ' ORDER BY measure) FROM reports.headlines WHERE is_stale HAVING count(*) > 0`},
	{"how the numbers of users are known: %s", `
SELECT string_agg(basis || ' ' || n, ', ' ORDER BY n DESC, basis) FROM (
  SELECT basis, count(*) AS n FROM reports.provisioned_users_daily
  WHERE date = (SELECT max(date) FROM reports.provisioned_users_daily) GROUP BY basis) AS b`},
}

var findings = []finding{
	{"%s: %s licences bought, %s people have it: a true-up is coming", `
SELECT a.app_name, c.licences, c.provisioned_users ` + named + `
WHERE c.over_provisioned > 0 AND ` + newest + ` ORDER BY c.over_provisioned DESC, a.app_id LIMIT 1`},
	{"%s: %s of %s licences unused, %s ¤ a year for nothing", `
SELECT a.app_name, c.unused_licences, c.licences, CAST(c.unused_cost AS BIGINT) ` + named + `
WHERE c.unused_licences > 0 AND c.provisioned_users > 0 AND c.unused_cost > 0 AND ` + newest + `
ORDER BY c.unused_cost DESC, a.app_id LIMIT 1`},
	{"%s: %s licences, %s ¤ a year, and nobody has one", `
SELECT a.app_name, c.licences, CAST(c.annual_spend AS BIGINT) ` + named + `
WHERE COALESCE(c.provisioned_users, 0) = 0 AND c.licences > 0 AND c.annual_spend > 0 AND ` + newest + ` ORDER BY c.annual_spend DESC, a.app_id LIMIT 1`},
	{"%s apps nobody signed off, led by %s: %s ¤ on company cards in twelve months", `
SELECT count(*), max_by(app_name, COALESCE(spend_12m, 0)), CAST(max(spend_12m) AS BIGINT)
FROM reports.discovered_apps WHERE ` + newest + ` HAVING count(*) > 0`},
	{"%s people who have left are still assigned to an app, %s %s among them", `
SELECT count(DISTINCT p.person_id), min_by(p.first_name, p.primary_email), min_by(p.last_name, p.primary_email)
FROM core.people AS p JOIN core.sso_assignments AS s ON s.person_id = p.person_id
WHERE p.termination_date < (SELECT max(as_of) FROM reports.app_portfolio)
  AND s.snapshot_date = (SELECT max(snapshot_date) FROM core.sso_assignments) HAVING count(*) > 0`},
	{"%s findings in which sources disagree: %s", `
SELECT sum(n), string_agg(kind || ' ' || n, ', ' ORDER BY n DESC, kind) FROM (
  SELECT kind, count(*) AS n FROM reports.disagreements WHERE ` + newest + ` GROUP BY kind) AS k HAVING count(*) > 0`},
	{"savings: %s ¤ a month certain, %s ¤ more are likely, by sign-ins alone", `
SELECT CAST(max(amount) FILTER (WHERE measure = 'saving_certain') AS BIGINT), CAST(max(amount) FILTER (WHERE measure = 'saving_likely') AS BIGINT)
FROM reports.headlines HAVING max(amount) FILTER (WHERE measure LIKE 'saving%') > 0`},
	{"connection %s is broken (on purpose, so that you see it): %s", `
SELECT connection, max(error) AS error FROM reports.connection_health WHERE state = 'error' GROUP BY connection ORDER BY connection LIMIT 1`},
}

// demoSummary says what the demo made and what there is to see in it.
func (a *app) demoSummary(ctx context.Context, d *demoRun) error {
	db, err := openWarehouse(ctx, d.runner.Config)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, as of %s\n\n", simulator.CompanyName, d.org.End().Format(time.DateOnly))
	currency := d.runner.Config.Organisation.Currency
	err = writeFindings(ctx, db, &b, headlines, currency)
	if err == nil {
		b.WriteString("\nWorth a look\n")
		err = writeFindings(ctx, db, &b, findings, currency)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	dir, ask := d.shownDir(), program()
	ask += " --config " + filepath.Join(dir, "rightseat.yaml")
	places(&b, "Open", [][2]string{
		{filepath.Join(dir, "exports", "report.html"), "the whole story on one page, in any browser"},
		{filepath.Join(dir, "exports", "report.xlsx"), "the tables, to sort and filter"},
	})
	fmt.Fprintf(&b, `
Ask
  %[1]s explain figma
  %[1]s explain engagement app=figma --people
  %[1]s status
  %[1]s query \
    "SELECT app_name, licences, provisioned_users, unused_licences FROM reports.app_portfolio
     WHERE as_of = DATE '%[2]s' AND unused_licences > 0 ORDER BY unused_licences DESC"
`, ask, d.org.End().Format(time.DateOnly))
	places(&b, "Use elsewhere", [][2]string{
		{filepath.Join(dir, "warehouse", "rightseat.duckdb"), "any DuckDB client, read-only"},
		{filepath.Join(dir, "exports"), "a Parquet and a CSV file per table"},
		{filepath.Join(dir, "lake", "raw"), "every record as the vendors sent it"},
	})
	fmt.Fprintf(&b, "\nYour own organisation: %s init acme\n", program())
	_, err = fmt.Fprint(a.stdout, b.String())
	return err
}

// places lists files and folders with what they are, below a heading.
func places(b *strings.Builder, heading string, lines [][2]string) {
	widest := 0
	for _, l := range lines {
		widest = max(widest, len(l[0]))
	}
	fmt.Fprintf(b, "\n%s\n", heading)
	for _, l := range lines {
		fmt.Fprintf(b, "  %-*s  %s\n", widest, l[0], l[1])
	}
}

// shownDir is the demo's folder as a person would type it.
func (d *demoRun) shownDir() string {
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, d.dir); err == nil && !strings.HasPrefix(rel, "..") {
			return rel
		}
	}
	return d.dir
}

// findingWidth bounds an error message within a finding.
const findingWidth = 80

// writeFindings puts each query's row into its sentence.
func writeFindings(ctx context.Context, db *sql.DB, b *strings.Builder, fs []finding, currency string) error {
	for _, f := range fs {
		columns, rows, err := duck.Query(ctx, db, f.query)
		if err != nil {
			return fmt.Errorf("summary: %w", err)
		}
		for row, err := range rows {
			if err != nil {
				return fmt.Errorf("summary: %w", err)
			}
			words := make([]any, 0, len(row))
			for i, v := range row {
				words = append(words, word(columns[i], v))
			}
			sentence := fmt.Sprintf(strings.ReplaceAll(f.format, currencyWord, currency), words...)
			fmt.Fprintf(b, "  %s\n", table.Printable(sentence))
		}
	}
	return nil
}

// word is a value as it stands in a sentence: 1,234 for a count, the gist of a message.
func word(c table.Column, v any) string {
	switch {
	case v == nil:
		return "unknown"
	case c.Kind == table.Integer:
		return table.Grouped(table.Format(c, v))
	case c.Name == "error":
		return table.Brief(table.Format(c, v), findingWidth)
	}
	return table.Format(c, v)
}
