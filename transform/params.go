package transform

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/duck"
)

// createParams makes schema params: what the models need to know beside the data. It is made
// anew in each run.
//
//	params.run            one row: as_of, run_id, now_utc, timezone, currency, fiscal_year_start, stale_days
//	params.publication    one row: organisation, version
//	params.report_dates   as_of: the run's date and the last day of each of the twelve months before
//	params.connections    one row per connection
//	params.health         one row per connection and stream, as the caller knows it
//	params.findings       what the caller found in the streams' data
//	params.apps           the config's overrides of the catalogue; params.app_names their aliases and domains
//	params.app_policy     app_id, inactive_days (NULL: the organisation's), is_birthright, of the apps that say so
//	params.exempt         addresses from the config
//	params.feed_streams   feed, connector, stream, is_counted: the streams that each feed is made of, and whether the books count it
//	params.leaves         feed, connector, stream, reason: streams of which not every record is of the feed
//	params.allocation     app_id, method: how contract value is spread over teams; app_id is empty in the row of the default
//	params.dates, params.as_of_dates   what a dated or as-of model is to recompute; filled before each
//	params.changed        source, date: which dates changed in each table that a model which merges reads; filled before each
//	params.new_keys       source, key: the keys that models which work out each one once have to; filled before the first of a source
//	params.window_days    day and its number since 1970: the dates and the 119 days before each
//	params.as_of_days     as_of, day, day_no: the same for each report date by itself
func (r *runner) createParams(ctx context.Context) error {
	o := r.Options
	ddl := []string{
		"CREATE SCHEMA params",
		`CREATE TABLE params.run (as_of DATE, run_id VARCHAR, now_utc TIMESTAMP, timezone VARCHAR, currency VARCHAR,
    fiscal_year_start INTEGER, stale_days INTEGER)`,
		"CREATE TABLE params.publication (organisation VARCHAR, version VARCHAR)",
		"CREATE TABLE params.report_dates (as_of DATE, is_run_date BOOLEAN)",
		`CREATE TABLE params.connections (connection VARCHAR, connector VARCHAR, class VARCHAR, idp VARCHAR, app_key VARCHAR,
    app_text VARCHAR, instance VARCHAR, disconnected_on DATE, owner VARCHAR)`,
		`CREATE TABLE params.health (connection VARCHAR, stream VARCHAR, state VARCHAR, last_success_at TIMESTAMP,
    watermark TIMESTAMP, rows_total BIGINT, is_stale BOOLEAN, error VARCHAR)`,
		"CREATE TABLE params.findings (connection VARCHAR, stream VARCHAR, check_name VARCHAR, severity VARCHAR, failing_rows BIGINT, sample VARCHAR)",
		"CREATE TABLE params.apps (app_id VARCHAR, app_name VARCHAR, vendor VARCHAR, category VARCHAR)",
		"CREATE TABLE params.app_names (app_id VARCHAR, kind VARCHAR, name VARCHAR)",
		"CREATE TABLE params.excluded_instances (app_id VARCHAR, instance_id VARCHAR)",
		"CREATE TABLE params.exempt (app_id VARCHAR, email VARCHAR)",
		"CREATE TABLE params.domains (domain VARCHAR)",
		"CREATE TABLE params.dates (date DATE)",
		"CREATE TABLE params.as_of_dates (as_of DATE)",
		"CREATE TABLE params.changed (source VARCHAR, date DATE)",
		"CREATE TABLE params.new_keys (source VARCHAR, key VARCHAR)",
		"CREATE TABLE params.window_days (day DATE, day_no INTEGER)",
		"CREATE TABLE params.as_of_days (as_of DATE, day DATE, day_no INTEGER)",
		"CREATE TABLE params.app_policy (app_id VARCHAR, inactive_days INTEGER, is_birthright BOOLEAN)",
		"CREATE TABLE params.policy (inactive_days INTEGER, new_user_days INTEGER, buffer_percent INTEGER, licence_step INTEGER, set_aside_percent DOUBLE)",
		"CREATE TABLE params.allocation (app_id VARCHAR, method VARCHAR)",
		"CREATE TABLE params.feed_streams (feed VARCHAR, connector VARCHAR, stream VARCHAR, is_counted BOOLEAN)",
		"CREATE TABLE params.leaves (feed VARCHAR, connector VARCHAR, stream VARCHAR, reason VARCHAR)",
		"CREATE TABLE params.checks (check_name VARCHAR, severity VARCHAR, failing_rows BIGINT, sample VARCHAR)",
	}
	for _, s := range ddl {
		if err := r.exec(ctx, s); err != nil {
			return err
		}
	}
	org := o.Config.Organisation
	zone := "UTC"
	if org.Timezone != nil {
		zone = org.Timezone.String()
	}
	if err := r.exec(ctx, "INSERT INTO params.run VALUES (CAST(? AS DATE), ?, ?, ?, ?, ?, ?)",
		o.AsOf, o.RunID, o.Now.UTC(), zone, org.Currency, org.FiscalYearStart, staleDays); err != nil {
		return err
	}
	if err := r.exec(ctx, "INSERT INTO params.publication VALUES (nullif(?, ''), nullif(?, ''))", org.Name, o.Version); err != nil {
		return err
	}
	size := o.Config.Rightsizing
	if err := r.exec(ctx, "INSERT INTO params.policy VALUES (?, ?, ?, ?, ?)",
		size.InactiveDays, size.NewUserDays, size.BufferPercent, max(size.LicenceStep, 1), o.Config.SetAsidePercent()); err != nil {
		return err
	}
	for i, d := range reportDates(o.AsOf) {
		if err := r.exec(ctx, "INSERT INTO params.report_dates VALUES (CAST(? AS DATE), ?)", d, i == 0); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context) error{r.insertConnections, r.insertApps, r.insertAllocation, r.insertHealth} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// createNames makes schema names: what sources are matched with, the config's names before the
// catalogue's. Both are part of a build's fingerprint, so a full build makes it and the others read it:
//
//	names.app_aliases       app_key, app_id
//	names.app_domains       domain, app_id
//	names.words             connection, vocabulary, word_key, meaning
func (r *runner) createNames(ctx context.Context) error {
	if err := r.createWords(ctx); err != nil {
		return err
	}
	err := r.execAll(ctx,
		`CREATE TABLE names.all_names AS
SELECT 1 AS priority, app_id, kind, name FROM params.app_names
UNION ALL SELECT 2, app_id, 'id', app_id FROM seeds.apps
UNION ALL SELECT 2, app_id, 'name', app_name FROM seeds.apps
UNION ALL SELECT 2, app_id, kind, name FROM seeds.app_names`,
		`CREATE TABLE names.app_aliases AS
SELECT app_key, arg_min(app_id, (is_domain, priority, app_id)) AS app_id
FROM (SELECT kind = 'domain' AS is_domain, priority, app_id, names.slug(name) AS app_key FROM names.all_names WHERE kind IN ('id', 'name', 'alias', 'sso_name', 'domain')) AS n
WHERE app_key IS NOT NULL GROUP BY app_key`,
		`CREATE TABLE names.app_domains AS
SELECT names.clean_host(name) AS domain, arg_min(app_id, (priority, app_id)) AS app_id
FROM names.all_names WHERE kind = 'domain' GROUP BY names.clean_host(name)`)
	if err != nil {
		return err
	}
	if err := r.createVendors(ctx); err != nil {
		return err
	}
	return r.createSpendNames(ctx)
}

// createWatermarks fills params.watermarks: for each connection and feed, the local date up to which
// its data is complete: the earliest of the streams that drive it, NULL when one never was.
func (r *runner) createWatermarks(ctx context.Context) error {
	if err := r.exec(ctx, "CREATE OR REPLACE TABLE params.watermarks (connection VARCHAR, feed VARCHAR, watermark_date DATE)"); err != nil {
		return err
	}
	for _, m := range r.project.Staging {
		connector, stream := m.driving()
		if m.Leaves != "" {
			if err := r.exec(ctx, "INSERT INTO params.leaves VALUES (?, ?, ?, ?)", m.Feed, connector, stream, m.Leaves); err != nil {
				return err
			}
		}
		if err := r.exec(ctx, "INSERT INTO params.feed_streams VALUES (?, ?, ?, ?)", m.Feed, connector, stream, !r.project.feed(m.Feed).Uncounted); err != nil {
			return err
		}
	}
	return r.exec(ctx, `INSERT INTO params.watermarks
SELECT s.connection, f.feed,
    CASE WHEN count(*) = count(s.watermark) THEN min(CAST((s.watermark AT TIME ZONE 'UTC') AT TIME ZONE p.timezone AS DATE)) END
FROM _state.streams AS s
JOIN params.feed_streams AS f ON f.connector = replace(s.connector, '-', '_') AND f.stream = replace(s.stream, '-', '_')
CROSS JOIN params.run AS p
GROUP BY s.connection, f.feed`)
}

// staleDays is how many days a source may be behind a date before the date's numbers are stale.
const staleDays = 2

// reportDates is the run's as-of date and the last day of each of the twelve months before it.
func reportDates(asOf string) []string {
	t, err := time.Parse(time.DateOnly, asOf)
	if err != nil {
		return nil
	}
	dates := []string{asOf}
	for i := range 12 {
		dates = append(dates, time.Date(t.Year(), t.Month()-time.Month(i), 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	return dates
}

func (r *runner) insertConnections(ctx context.Context) error {
	for _, c := range r.Config.Connections {
		known := r.Connectors[c.Name]
		idp := known.IDP
		if s, ok := c.Settings["idp"].(string); ok && s != "" {
			idp = s
		}
		app := c.App
		if app == "" {
			app = known.App
		}
		err := r.exec(ctx, `INSERT INTO params.connections
SELECT ?, ?, ?, nullif(?, ''), names.slug(CAST(? AS VARCHAR)), nullif(?, ''), nullif(?, ''),
    CAST(nullif(?, '') AS DATE), nullif(?, '')`,
			c.Name, known.Name, known.Class, idp, app, app, c.Instance, c.DisconnectedOn, c.Owner)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) insertApps(ctx context.Context) error {
	for _, a := range r.Config.Apps {
		if err := r.exec(ctx, "INSERT INTO params.apps VALUES (?, nullif(?, ''), nullif(?, ''), nullif(?, ''))", a.ID, a.Name, a.Vendor, a.Category); err != nil {
			return err
		}
		names := map[string][]string{"alias": append([]string{a.ID, a.Name}, a.Aliases...), "domain": a.Domains}
		for _, kind := range []string{"alias", "domain"} {
			for _, n := range names[kind] {
				if n == "" {
					continue
				}
				if err := r.exec(ctx, "INSERT INTO params.app_names VALUES (?, ?, ?)", a.ID, kind, n); err != nil {
					return err
				}
			}
		}
		if err := r.exec(ctx, "INSERT INTO params.app_policy VALUES (?, nullif(?, 0), ?)", a.ID, a.InactiveDays, a.Birthright); err != nil {
			return err
		}
		for _, i := range a.ExcludedInstances {
			if err := r.exec(ctx, "INSERT INTO params.excluded_instances VALUES (?, ?)", a.ID, i); err != nil {
				return err
			}
		}
	}
	if err := r.insertExempt(ctx); err != nil {
		return err
	}
	for _, d := range r.Config.Organisation.Domains {
		if err := r.exec(ctx, "INSERT INTO params.domains VALUES (lower(?))", d); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) insertAllocation(ctx context.Context) error {
	rows := [][]any{{"", cmp.Or(r.Config.Allocation, config.AllocationMethods[0])}}
	for _, a := range r.Config.Apps {
		if a.Allocation != "" {
			rows = append(rows, []any{a.ID, a.Allocation})
		}
	}
	return r.insert(ctx, "params.allocation", rows)
}

func (r *runner) insertHealth(ctx context.Context) error {
	for _, h := range r.Health {
		if err := r.exec(ctx, "INSERT INTO params.health VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, ''))",
			h.Connection, h.Stream, h.State, utc(h.LastSuccessAt), utc(h.Watermark), h.RowsTotal, h.IsStale, h.Error); err != nil {
			return err
		}
		for _, f := range h.Findings {
			if err := r.exec(ctx, "INSERT INTO params.findings VALUES (?, ?, ?, ?, ?, ?)",
				h.Connection, h.Stream, f.Name, f.Severity, f.FailingRows, f.Sample); err != nil {
				return err
			}
		}
	}
	return nil
}

// loadSeeds makes schema seeds: one table of text columns per sql/seeds/<name>.csv, empty
// cells as NULL.
func (r *runner) loadSeeds(ctx context.Context) error {
	files, err := fs.Glob(r.SQL, "seeds/*.csv")
	if err != nil {
		return fmt.Errorf("list the seeds: %w", err)
	}
	if err := r.exec(ctx, "CREATE SCHEMA IF NOT EXISTS seeds"); err != nil {
		return err
	}
	sort.Strings(files)
	for _, f := range files {
		if err := r.loadSeed(ctx, f); err != nil {
			return fmt.Errorf("load seed %s: %w", f, err)
		}
	}
	return nil
}

func (r *runner) loadSeed(ctx context.Context, file string) error {
	f, err := r.SQL.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows := csv.NewReader(f)
	header, err := rows.Read()
	if err != nil {
		return err
	}
	table := "seeds." + duck.Ident(strings.TrimSuffix(path.Base(file), ".csv"))
	columns := make([]string, len(header))
	for i, h := range header {
		columns[i] = duck.Ident(h) + " VARCHAR"
	}
	if err := r.exec(ctx, fmt.Sprintf("CREATE OR REPLACE TABLE %s (%s)", table, strings.Join(columns, ", "))); err != nil {
		return err
	}
	const chunk = 500
	var values []string
	flush := func() error {
		if len(values) == 0 {
			return nil
		}
		err := r.exec(ctx, "INSERT INTO "+table+" VALUES "+strings.Join(values, ", "))
		values = values[:0]
		return err
	}
	for {
		rec, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err != nil {
			return err
		}
		cells := make([]string, len(rec))
		for i, c := range rec {
			cells[i] = "NULL"
			if c != "" {
				cells[i] = duck.Literal(c)
			}
		}
		values = append(values, "("+strings.Join(cells, ", ")+")")
		if len(values) == chunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}
