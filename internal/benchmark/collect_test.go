package benchmark_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/benchmark"
	"github.com/rightseat/rightseat/internal/duck"
)

// published is a warehouse of the few columns that a contribution is made of.
const published = `
CREATE SCHEMA reports; CREATE SCHEMA core;
CREATE TABLE reports.app_portfolio AS SELECT DATE '2026-06-30' AS as_of UNION ALL SELECT DATE '2026-05-31';
CREATE TABLE core.people AS SELECT i < 250 AS is_employed FROM range(300) t(i);
CREATE TABLE core.activity_daily (app_id VARCHAR, instance_id VARCHAR, activity_date DATE, actions BIGINT);
INSERT INTO core.activity_daily VALUES
	('zoom', 'acme-prod', '2026-06-01', 3), ('zoom', 'acme-eu', '2026-01-01', 3), ('zoom', 'sandbox', '2026-01-01', 3),
	('slack', 'slack', '2026-06-02', 3), ('slack', 'slack', '2026-01-01', 0), ('figma', 'figma', '2026-01-01', 1), ('notion', 'notion', '2026-01-01', 1),
	('acme-portal', 'acme-portal', '2026-01-01', 1), ('jira', 'jira', '2026-01-01', 1);
CREATE TABLE reports.engagement (as_of DATE, window_days BIGINT, app_id VARCHAR, instance_id VARCHAR, provisioned_users BIGINT, engaged_users BIGINT, is_stale BOOLEAN);
INSERT INTO reports.engagement VALUES
	('2026-06-30', 30, 'zoom', 'acme-prod', 60, 33, false), ('2026-06-30', 30, 'zoom', 'acme-eu', 20, 20, false), ('2026-06-30', 30, 'zoom', 'sandbox', 50, 0, false),
	('2026-06-30', 30, 'zoom', 'empty', 0, 0, false), ('2026-06-30', 30, 'zoom', 'unknown', 40, NULL, true),
	('2026-06-30', 120, 'zoom', 'acme-prod', 60, 60, false), ('2026-05-31', 30, 'zoom', 'acme-prod', 60, 60, false),
	('2026-06-30', 30, 'slack', 'slack', 40, 10, false),
	('2026-06-30', 30, 'figma', 'figma', 9, 9, false),
	('2026-06-30', 30, 'notion', 'notion', 90, 9, true),
	('2026-06-30', 30, 'jira', 'jira', 90, 9, false),
	('2026-06-30', 30, 'acme-portal', 'acme-portal', 90, 9, false);
CREATE TABLE reports.feature_usage (as_of DATE, window_days BIGINT, app_id VARCHAR, instance_id VARCHAR, feature VARCHAR, users_pct DOUBLE);
INSERT INTO reports.feature_usage VALUES
	('2026-06-30', 30, 'zoom', 'acme-prod', 'hosted_meeting', 100 / 3.0), ('2026-06-30', 30, 'zoom', 'acme-eu', 'hosted_meeting', 50), ('2026-06-30', 30, 'zoom', 'sandbox', 'hosted_meeting', 100),
	('2026-06-30', 120, 'zoom', 'acme-prod', 'whiteboard', 40), ('2026-06-30', 30, 'zoom', 'acme-prod', 'acme_launch', 10);
CREATE TABLE reports.contract_usage (as_of DATE, app_id VARCHAR, tier VARCHAR, licences BIGINT, annual_spend DECIMAL(18,2), is_user_licence BOOLEAN DEFAULT true);
INSERT INTO reports.contract_usage (as_of, app_id, tier, licences, annual_spend) VALUES
	('2026-06-30', 'zoom', 'Pro', 10, 1234.00), ('2026-06-30', 'zoom', ' pro', 30, 3702.00), ('2026-06-30', 'zoom', 'Acme Special', 30, 3702.00),
	('2026-05-31', 'zoom', 'Pro', 10, 9.00), ('2026-06-30', 'zoom', NULL, NULL, 500.00), ('2026-06-30', NULL, 'pro', 30, 500.00),
	('2026-06-30', 'slack', NULL, 12, 1100.00), ('2026-06-30', 'slack', NULL, NULL, -100.00), ('2026-06-30', 'slack', 'pro', 9, 900.00),
	('2026-06-30', 'figma', 'full', 90, 900.00), ('2026-06-30', 'figma', 'full', 90, NULL), ('2026-06-30', 'notion', '', 90, 0.00),
	('2026-06-30', 'jira', '', 90, 90.00), ('2026-06-30', 'acme-portal', '', 90, 90.00);
`

func collect(t *testing.T, more string, change func(*benchmark.Options)) (*benchmark.Contribution, []benchmark.LeftOut, error) {
	t.Helper()
	db, err := duck.Open(t.Context(), "", duck.Options{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.ExecContext(t.Context(), published+more)
	require.NoError(t, err)
	o := benchmark.Options{
		Contributor: fmt.Sprintf("%032x", 1), Organisation: "Atlassian Pty Ltd", Domains: []string{"acme.example", "atlassian.net", "jira.com"}, Currency: "USD", Industry: "law",
		MinPeople: 10, Excluded: map[string][]string{"zoom": {"sandbox"}},
	}
	if change != nil {
		change(&o)
	}
	return benchmark.Collect(t.Context(), db, vocabulary(t), o)
}

func TestCollect(t *testing.T) {
	t.Parallel()
	c, left, err := collect(t, "", nil)
	require.NoError(t, err)
	assert.Equal(t, "2026-06-30", c.AsOf)
	assert.Equal(t, "200-999", c.SizeBand, "250 work here")
	assert.Equal(t, []benchmark.Cell{
		{App: "slack", Metric: "price", Value: 83_30},                 // 83.333 a licence
		{App: "zoom", Metric: "engaged_pct", Value: 66_00},            // 53 of 80, in two instances
		{App: "zoom", Metric: "feature:hosted_meeting", Value: 38_00}, // 20 and 10 of 80
		{App: "zoom", Metric: "feature:whiteboard", Value: 0},         // used before, but not in these 30 days
		{App: "zoom", Metric: "price:pro", Value: 123_00},             // 4936 for 40
	}, c.Cells)
	assert.Equal(t, []benchmark.LeftOut{
		{"acme-portal", "engaged_pct", "not in the built-in catalogue"},
		{"acme-portal", "price", "not in the built-in catalogue"},
		{"figma", "engaged_pct", "too few people"},
		{"figma", "price:full", "the price is unknown"},
		{"jira", "engaged_pct", "the organisation's own product"},
		{"jira", "price", "the organisation's own product"},
		{"notion", "engaged_pct", "a source is late"},
		{"notion", "price", "the price is 0 or beyond 1,000,000"},
		{"slack", "engaged_pct", "fewer than 30 days of data"},
		{"slack", "price:pro", "too few licences"},
		{"zoom", "feature:acme_launch", "not in the built-in list of features"},
		{"zoom", "price:acme special", "the licence type's name is not in general use"},
	}, left)
	_, err = benchmark.Parse([]byte(encoded(t, c)), vocabulary(t), today)
	require.NoError(t, err, "a pool takes it")
	for _, secret := range []string{"acme", "Atlassian", "sandbox", "portal", "launch", "special", "jira"} {
		assert.NotContains(t, encoded(t, c), secret)
	}
}

func TestCollectOptions(t *testing.T) {
	t.Parallel()
	c, _, err := collect(t, "", func(o *benchmark.Options) { o.SizeBand, o.MinPeople, o.Excluded = "1-49", 100, nil })
	require.NoError(t, err)
	assert.Equal(t, "1-49", c.SizeBand)
	assert.Equal(t, []benchmark.Cell{
		{App: "zoom", Metric: "engaged_pct", Value: 41_00}, // 53 of 130
		{App: "zoom", Metric: "feature:hosted_meeting", Value: 62_00}, {App: "zoom", Metric: "feature:whiteboard", Value: 0},
	}, c.Cells)
	_, _, err = collect(t, "DELETE FROM reports.app_portfolio", nil)
	require.ErrorIs(t, err, benchmark.ErrNothing)
	_, _, err = collect(t, "DROP TABLE reports.contract_usage", nil)
	require.ErrorContains(t, err, "collect prices")
}
