package transform_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite docs/dictionary.md")

// publicReports are the report tables people build on: columns in order, with their types.
// An addition goes at the end; anything else needs a line in CHANGELOG.md.
var publicReports = map[string]string{
	"run":                     "run_id VARCHAR, as_of DATE, published_at TIMESTAMP, version VARCHAR, organisation VARCHAR, currency VARCHAR, timezone VARCHAR",
	"renewal_lines":           "as_of DATE, contract_id VARCHAR, line_id VARCHAR, app_id VARCHAR, instance_id VARCHAR, tier VARCHAR, licences BIGINT, held BIGINT, active BIGINT, right_sized BIGINT, recommended_licences BIGINT, annual_spend DECIMAL(18,2), saving_certain DECIMAL(18,2), saving_likely DECIMAL(18,2), basis VARCHAR, is_stale BOOLEAN",
	"headlines":               "as_of DATE, measure VARCHAR, quantity BIGINT, amount DECIMAL(18,2), is_stale BOOLEAN",
	"attention":               "as_of DATE, kind VARCHAR, subject VARCHAR, severity VARCHAR, title VARCHAR, detail VARCHAR, due_date DATE, amount DECIMAL(18,2), people BIGINT",
	"reconciliation":          "connection VARCHAR, stream VARCHAR, feed VARCHAR, read BIGINT, duplicates BIGINT, superseded BIGINT, set_aside BIGINT, in_core BIGINT",
	"provisioned_users_daily": "date DATE, app_id VARCHAR, instance_id VARCHAR, provisioned_users BIGINT, basis VARCHAR, basis_connection VARCHAR, basis_as_of DATE, window_days BIGINT, window_complete BOOLEAN, is_stale BOOLEAN",
	"engagement":              "as_of DATE, window_days BIGINT, app_id VARCHAR, instance_id VARCHAR, provisioned_users BIGINT, basis VARCHAR, engaged_users BIGINT, not_engaged_users BIGINT, engaged_not_provisioned BIGINT, engaged_pct DOUBLE, unique_logins BIGINT, login_pct DOUBLE, is_stale BOOLEAN",
	"team_engagement":         "as_of DATE, window_days BIGINT, dimension VARCHAR, dimension_value VARCHAR, app_id VARCHAR, people BIGINT, provisioned_users BIGINT, active_users BIGINT, active_pct DOUBLE, activity_source VARCHAR, is_stale BOOLEAN",
	"team_cost":               "as_of DATE, dimension VARCHAR, dimension_value VARCHAR, app_id VARCHAR, allocated_contract_value DECIMAL(18,2), spend_12m DECIMAL(18,2), is_stale BOOLEAN",
	"feature_usage":           "as_of DATE, window_days BIGINT, app_id VARCHAR, instance_id VARCHAR, feature VARCHAR, users BIGINT, events BIGINT, users_pct DOUBLE, is_stale BOOLEAN",
	"app_portfolio":           "as_of DATE, app_id VARCHAR, app_name VARCHAR, vendor VARCHAR, category VARCHAR, status VARCHAR, is_discovered BOOLEAN, sources VARCHAR, provisioned_users BIGINT, basis VARCHAR, engaged_users_30d BIGINT, unique_logins_30d BIGINT, licences BIGINT, unused_licences BIGINT, over_provisioned BIGINT, unused_cost DECIMAL(18,2), contract_annual_spend DECIMAL(18,2), total_contract_value DECIMAL(18,2), upcoming_end_date DATE, spend_12m DECIMAL(18,2), cost_per_provisioned DECIMAL(18,2), cost_per_engaged DECIMAL(18,2), is_stale BOOLEAN",
	"contract_usage":          "as_of DATE, contract_id VARCHAR, line_id VARCHAR, app_id VARCHAR, instance_id VARCHAR, tier VARCHAR, is_user_licence BOOLEAN, licences BIGINT, provisioned_users BIGINT, engaged_users_30d BIGINT, unused_licences BIGINT, over_provisioned BIGINT, annual_spend DECIMAL(18,2), spend_12m DECIMAL(18,2), cost_per_engaged DECIMAL(18,2), unused_cost DECIMAL(18,2), true_up_cost DECIMAL(18,2), is_stale BOOLEAN",
	"spend_by_department":     "month DATE, department VARCHAR, app_id VARCHAR, vendor VARCHAR, amount DECIMAL(18,2), transactions BIGINT, spend_class VARCHAR",
	"spend_by_class":          "month DATE, spend_class VARCHAR, amount DECIMAL(18,2), transactions BIGINT",
	"spend_by_person":         "month DATE, person_id VARCHAR, app_id VARCHAR, vendor VARCHAR, amount DECIMAL(18,2), transactions BIGINT",
	"fiscal_calendar":         "month DATE, fiscal_year BIGINT, fiscal_quarter BIGINT, fiscal_period BIGINT, fiscal_year_label VARCHAR, fiscal_year_from DATE, fiscal_year_to DATE",
	"unmapped_spend":          "transaction_id VARCHAR, date DATE, vendor_text VARCHAR, amount DECIMAL(18,2), nearest_vendor VARCHAR, score DOUBLE, reason VARCHAR, detail VARCHAR, spend_class VARCHAR",
	"discovered_apps":         "as_of DATE, app_id VARCHAR, app_name VARCHAR, first_seen DATE, sources VARCHAR, people BIGINT, spend_12m DECIMAL(18,2), network_people_30d BIGINT, social_people_30d BIGINT, is_stale BOOLEAN",
	"connection_health":       "connection VARCHAR, stream VARCHAR, state VARCHAR, last_success_at TIMESTAMP, watermark TIMESTAMP, rows_total BIGINT, is_stale BOOLEAN, error VARCHAR",
	"data_quality":            "run_id VARCHAR, check_name VARCHAR, severity VARCHAR, failing_rows BIGINT, sample VARCHAR",
	"disagreements":           "as_of DATE, kind VARCHAR, app_id VARCHAR, instance_id VARCHAR, person_id VARCHAR, email VARCHAR, detail VARCHAR, is_stale BOOLEAN",
	"estimate_backtest":       "date DATE, app_id VARCHAR, instance_id VARCHAR, rule VARCHAR, window_days BIGINT, exact_users BIGINT, estimated_users BIGINT, error BIGINT, error_pct DOUBLE, idp VARCHAR, window_complete BOOLEAN, roster_as_of DATE, is_stale BOOLEAN",
	"estimate_accuracy":       "app_id VARCHAR, rule VARCHAR, idp VARCHAR, window_days BIGINT, comparisons BIGINT, instances BIGINT, first_date DATE, last_date DATE, bias_pct DOUBLE, median_error_pct DOUBLE, largest_error_pct DOUBLE, within_10_pct DOUBLE",
	"price_benchmarks":        "as_of DATE, app_id VARCHAR, tier VARCHAR, cohort VARCHAR, own_price DECIMAL(18,2), cohort_n BIGINT, p33 DECIMAL(18,2), p50 DECIMAL(18,2), p66 DECIMAL(18,2), position VARCHAR, status VARCHAR",
	"reclaim_candidates":      "as_of DATE, app_id VARCHAR, instance_id VARCHAR, person_id VARCHAR, email VARCHAR, action VARCHAR, method VARCHAR, reason VARCHAR, is_exempt BOOLEAN, reprovision_risk VARCHAR, monthly_saving DECIMAL(18,2), is_certain BOOLEAN, is_stale BOOLEAN",
	"renewals":                "as_of DATE, contract_id VARCHAR, vendor VARCHAR, app_id VARCHAR, end_date DATE, notice_deadline DATE, notice_state VARCHAR, days_left BIGINT, reminder BIGINT, auto_renew BOOLEAN, owner_email VARCHAR, licences BIGINT, held BIGINT, active BIGINT, annual_spend DECIMAL(18,2), recommended_licences BIGINT, saving_certain DECIMAL(18,2), saving_likely DECIMAL(18,2), potential_saving DECIMAL(18,2), is_stale BOOLEAN",
	"rightsizing":             "as_of DATE, app_id VARCHAR, instance_id VARCHAR, person_id VARCHAR, email VARCHAR, tier VARCHAR, segment VARCHAR, reason VARCHAR, last_active DATE, suggested_tier VARCHAR, monthly_saving DECIMAL(18,2), is_stale BOOLEAN",
	"savings":                 "as_of DATE, app_id VARCHAR, instance_id VARCHAR, kind VARCHAR, quantity BIGINT, seats_beyond BIGINT, monthly_saving DECIMAL(18,2), certain DECIMAL(18,2), likely DECIMAL(18,2), is_stale BOOLEAN",
	"realised_savings":        "as_of DATE, recommended_on DATE, app_id VARCHAR, instance_id VARCHAR, kind VARCHAR, recommended_people BIGINT, done_people BIGINT, recommended_saving DECIMAL(18,2), realised_saving DECIMAL(18,2), is_stale BOOLEAN",
	"data_dictionary":         "schema_name VARCHAR, table_name VARCHAR, position BIGINT, column_name VARCHAR, data_type VARCHAR, is_key BOOLEAN, meaning VARCHAR, unit VARCHAR, null_rule VARCHAR, source_file VARCHAR",
	"lineage":                 "model VARCHAR, layer VARCHAR, description VARCHAR, grain VARCHAR, materialized VARCHAR, source_file VARCHAR, inputs VARCHAR",
	"usage_benchmarks":        "as_of DATE, app_id VARCHAR, instance_id VARCHAR, feature VARCHAR, cohort VARCHAR, own_pct DOUBLE, cohort_n BIGINT, p25 DOUBLE, p50 DOUBLE, p75 DOUBLE, own_percentile DOUBLE, status VARCHAR, is_stale BOOLEAN",
}

// allowed are the values of columns that have a fixed set of them. Each must be explained in
// the description of one of the columns of that name.
var allowed = []struct{ column, values string }{
	{"basis", "connector_exact, engaged_120d, sso_assigned, sso_assigned_estimated, sso_login_120d, none"},
	{"status", "active, delayed, inactive, invited, suspended, deactivated, ok, no_engagement_connector, no_price, below_min_n, no_reference"},
	{"sources", "contract, engagement, network, roster, social, spend, sso"},
	{"dimension", "team, location, manager, cost_centre"},
	{"activity_source", "engagement, login"},
	{"state", "connected, error, not_connected"},
	{"severity", "info, warning, error, fatal"},
	{"reason", "vendor_known, no_match"},
	{"person_type", "employee, external, shared_account, service_account"},
	{"segment", "ignored, inactive, less_usage, efficient, unknown"},
	{"method", "direct, idp, suggest"},
	{"evidence", "hr, account, idp_login, domain, itself"},
	{"billing_period", "month, quarter, year, term"},
	{"match_method", "exact_alias, normalised_alias, domain, fuzzy, vendor"},
	{"spend_type", "expense, invoice"},
	{"assigned_via", "direct, group"},
	{"outcome", "SUCCESS, FAILURE"},
	{"kind", "managed, social"},
}

// described is a row of reports.data_dictionary with the comment that the column has.
type described struct{ schema, table, description, column, kind, meaning, unit, null, file, comment string }

func TestDictionary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("people", "org_chart")
	w.run("2026-03-31")
	var columns []described
	for _, r := range w.rows(`SELECT d.schema_name, d.table_name, t.comment, d.column_name, d.data_type, d.meaning, d.unit, d.null_rule, d.source_file, c.comment AS text
		FROM reports.data_dictionary AS d
		JOIN duckdb_tables() AS t ON t.schema_name = d.schema_name AND t.table_name = d.table_name AND t.database_name = current_database()
		LEFT JOIN duckdb_columns() AS c ON c.table_oid = t.table_oid AND c.database_oid = t.database_oid AND c.column_name = d.column_name
			AND c.data_type = d.data_type AND c.column_index = d.position
		ORDER BY d.schema_name DESC, d.table_name, d.position`) {
		columns = append(columns, described{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9]})
	}
	total := w.rows("SELECT count(*) FROM duckdb_columns() WHERE database_name = current_database() AND schema_name IN ('core', 'reports')")
	require.Equal(t, fmt.Sprint(len(columns)), total[0][0], "every public column stands in the dictionary")
	require.NotEmpty(t, columns)
	have := map[string]string{}
	docs := map[string]string{}
	for _, c := range columns {
		assert.NotEqual(t, "–", c.description, "%s.%s has a comment", c.schema, c.table)
		assert.Greater(t, len(c.meaning), 5, "%s.%s.%s is described in its model's header", c.schema, c.table, c.column)
		assert.Regexp(t, `[.!?]$`, c.meaning, "%s.%s.%s", c.schema, c.table, c.column)
		assert.True(t, strings.HasPrefix(c.comment, c.meaning), "%s.%s.%s: comment and dictionary differ: %q", c.schema, c.table, c.column, c.comment)
		if c.unit != "–" && c.kind != "DATE" && c.kind != "TIMESTAMP" {
			assert.Equal(t, c.meaning+" Unit: "+c.unit+".", c.comment, "%s.%s.%s", c.schema, c.table, c.column)
		}
		assert.FileExists(t, filepath.Join("..", c.file))
		docs[c.column] += " " + c.meaning
		if c.schema == "reports" {
			have[c.table] = strings.TrimPrefix(have[c.table]+", "+c.column+" "+c.kind, ", ")
		}
	}
	assert.Len(t, have, len(publicReports), "a new report table stands in publicReports")
	for table, want := range publicReports {
		assert.Equal(t, want, have[table], "reports.%s", table)
	}
	for _, a := range allowed {
		for _, v := range strings.Split(a.values, ", ") {
			assert.Contains(t, docs[a.column], v, "the description of %s", a.column)
		}
	}
	file := filepath.Join("..", "docs", "dictionary.md")
	text := dictionary(columns)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), text, "docs/dictionary.md is not what the model headers say; run: go test ./transform -run TestDictionary -update")
}

// requireNullRules holds the rows of every public table to what the dictionary says of NULL.
func requireNullRules(t testing.TB, path string) {
	t.Helper()
	var parts []string
	for _, c := range queryFile(t, path, "SELECT schema_name || '.' || table_name, column_name FROM reports.data_dictionary WHERE null_rule = 'never NULL'") {
		parts = append(parts, fmt.Sprintf("SELECT '%[1]s.%[2]s' AS name, count(*) - count(%[2]s) AS nulls FROM %[1]s", c[0], c[1]))
	}
	broken := queryFile(t, path, "SELECT * FROM ("+strings.Join(parts, " UNION ALL ")+") AS u WHERE nulls > 0")
	assert.Empty(t, broken, "columns with NULLs, whose descriptions speak of none")
}

func dictionary(columns []described) string {
	var b strings.Builder
	b.WriteString(`# Data dictionary

Every public table and column: the report tables (schema ` + "`reports`, also in `exports/`" + `) and the core tables (schema ` + "`core`, also in `lake/core/`" + `).
The same is in the warehouse as comments and as the table ` + "`reports.data_dictionary`" + `. It is written in the headers of the models under ` + "`sql/`" + `; this page is made from them by
` + "`go test ./transform -run TestDictionary -update`" + `.

An empty cell (NULL) means unknown, never zero. Money is in the organisation's currency unless a currency stands beside it. What the words mean is in
[definitions.md](definitions.md).

## Allowed values

| column | values |
|---|---|
`)
	for _, a := range allowed {
		fmt.Fprintf(&b, "| `%s` | `%s` |\n", a.column, strings.ReplaceAll(a.values, ", ", "`, `"))
	}
	schema, table := "", ""
	for _, c := range columns {
		if c.schema != schema {
			schema = c.schema
			fmt.Fprintf(&b, "\n## Schema `%s`\n", schema)
		}
		if c.table != table {
			table = c.table
			fmt.Fprintf(&b, "\n### `%s.%s`\n\n%s Made by `%s`.\n\n| column | type | unit | meaning |\n|---|---|---|---|\n", schema, table, c.description, c.file)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.column, c.kind, strings.ReplaceAll(c.unit, "–", ""), strings.ReplaceAll(c.meaning, "|", "\\|"))
	}
	return b.String()
}
