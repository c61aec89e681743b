package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/simulator"
	"github.com/rightseat/rightseat/internal/table"
)

// finding is one line of the demo's summary: a query whose only row is put into a sentence.
// It is left out when the query gives no row.
type finding struct{ format, query string }

const newest = "as_of = (SELECT max(as_of) FROM reports.app_portfolio)"

var headlines = []finding{
	{"%s apps, %s of them in use; %s found only on cards, in traffic or by social sign-in", `
SELECT count(*), count(*) FILTER (WHERE status = 'active'), count(*) FILTER (WHERE is_discovered)
FROM reports.app_portfolio WHERE ` + newest},
	{"%s seats of %s apps with a known number of users; %s%% of the people with a seat in a measured app used it in 30 days", `
SELECT sum(provisioned_users), count(*), CAST(round(100.0 * sum(engaged_users_30d) / nullif(sum(provisioned_users) FILTER (WHERE engaged_users_30d IS NOT NULL), 0)) AS BIGINT)
FROM reports.app_portfolio WHERE provisioned_users IS NOT NULL AND ` + newest},
	{"%s a year in contracts; %s spent in twelve months", `
SELECT CAST(sum(contract_annual_spend) AS BIGINT), CAST(sum(spend_12m) AS BIGINT) FROM reports.app_portfolio WHERE ` + newest},
	{"how the numbers are known: %s", `
SELECT string_agg(basis || ' ' || n, ', ' ORDER BY n DESC, basis) FROM (
  SELECT basis, count(*) AS n FROM reports.provisioned_users_daily
  WHERE date = (SELECT max(date) FROM reports.provisioned_users_daily) GROUP BY basis) AS b`},
}

var findings = []finding{
	{"%s: %s licences bought, %s people have it: a true-up is coming", `
SELECT app_id, licences, provisioned_users FROM reports.contract_usage
WHERE over_provisioned > 0 AND ` + newest + ` ORDER BY over_provisioned DESC, app_id LIMIT 1`},
	{"%s: %s licences, %s a year, and nobody has one", `
SELECT app_id, licences, CAST(annual_spend AS BIGINT) FROM reports.contract_usage
WHERE COALESCE(provisioned_users, 0) = 0 AND licences > 0 AND annual_spend > 0 AND app_id IS NOT NULL AND ` + newest + ` ORDER BY annual_spend DESC LIMIT 1`},
	{"%s apps nobody signed off, led by %s: %s on company cards in twelve months", `
SELECT count(*), max_by(app_name, COALESCE(spend_12m, 0)), CAST(max(spend_12m) AS BIGINT)
FROM reports.discovered_apps WHERE ` + newest + ` HAVING count(*) > 0`},
	{"%s people who have left are still assigned to an app, %s among them", `
SELECT count(DISTINCT p.person_id), min(p.primary_email) FROM core.people AS p JOIN core.sso_assignments AS s ON s.person_id = p.person_id
WHERE p.termination_date < (SELECT max(as_of) FROM reports.app_portfolio)
  AND s.snapshot_date = (SELECT max(snapshot_date) FROM core.sso_assignments) HAVING count(*) > 0`},
	{"connection %s is broken (on purpose, so that you see it): %s", `
SELECT connection, split_part(max(error), '; ', 1) FROM reports.connection_health WHERE state = 'error' GROUP BY connection ORDER BY connection LIMIT 1`},
}

// demoSummary says what the demo made and what there is to see in it.
func (a *app) demoSummary(ctx context.Context, d *demoRun) error {
	db, err := openWarehouse(ctx, d.runner.Config)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, as of %s\n\n", simulator.CompanyName, d.org.End().Format("2006-01-02"))
	err = writeFindings(ctx, db, &b, headlines)
	if err == nil {
		b.WriteString("\nWorth a look\n")
		err = writeFindings(ctx, db, &b, findings)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	dir := d.shownDir()
	exports := filepath.Join(dir, "exports")
	fmt.Fprintf(&b, `
Where it is
  warehouse  %s (any DuckDB client, read-only)
  reports    %s, %s, and a Parquet and a CSV file per table
  raw data   %s

Ask it
  rightseat --config %[5]s query "SELECT app_id, provisioned_users, basis FROM reports.app_portfolio WHERE as_of = DATE '%[6]s'"
  rightseat --config %[5]s explain zoom
  rightseat --config %[5]s status
`, filepath.Join(dir, "warehouse", "rightseat.duckdb"), filepath.Join(exports, "report.html"), filepath.Join(exports, "report.xlsx"),
		filepath.Join(dir, "lake", "raw"), filepath.Join(dir, "rightseat.yaml"), d.org.End().Format("2006-01-02"))
	_, err = fmt.Fprint(a.stdout, b.String())
	return err
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

func writeFindings(ctx context.Context, db *sql.DB, b *strings.Builder, fs []finding) error {
	for _, f := range fs {
		columns, rows, err := duck.Query(ctx, db, f.query)
		if err != nil {
			return fmt.Errorf("summary: %w", err)
		}
		for row, err := range rows {
			if err != nil {
				return fmt.Errorf("summary: %w", err)
			}
			words := make([]any, len(row))
			for i, v := range row {
				words[i] = "unknown"
				if v != nil {
					words[i] = table.Format(columns[i], v)
				}
			}
			fmt.Fprintf(b, "  %s\n", table.Printable(fmt.Sprintf(f.format, words...)))
		}
	}
	return nil
}
