package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhatIsLeftOutCountsNowhere: an instance that is left out of its app, and its contract; an app that everybody is meant to have; and
// the windows of the apps: where two tables speak of one fact, they say one number.
func TestWhatIsLeftOutCountsNowhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "rightseat.yaml")
	write := func(name string, lines ...string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	write("rightseat.yaml",
		"organisation: {name: Acme, domains: [acme.example], timezone: UTC, currency: USD}",
		"connections:",
		"  - {name: prod, connector: file, app: zoom, instance: zoom-prod, settings: {kind: roster, path: uploads/prod-*.csv}}",
		"  - {name: sandbox, connector: file, app: zoom, instance: zoom-sandbox, settings: {kind: roster, path: uploads/sandbox-*.csv}}",
		"  - {name: seats, connector: file, settings: {kind: roster, path: uploads/seats-*.csv}}",
		"  - {name: nobody, connector: file, app: notion, settings: {kind: roster, path: uploads/nobody-*.csv}}",
		"  - {name: use, connector: file, settings: {kind: engagement, path: uploads/use.csv}}",
		"  - {name: contracts, connector: file, settings: {kind: contracts, path: uploads/contracts.csv}}",
		"  - {name: cards, connector: file, settings: {kind: spend, path: uploads/cards.csv}}",
		"apps:",
		"  - {id: zoom, excluded_instances: [zoom-sandbox]}",
		"  - {id: slack, birthright: true}",
		"  - {id: miro, inactive_days: 20}")
	write("uploads/contracts.csv", "contract_id,line_id,vendor,app,instance,start_date,end_date,licences,unit_price,billing_period,currency,auto_renew,notice_days",
		"Z,1,Zoom,zoom,zoom-prod,2026-01-01,2026-12-31,5,12,month,USD,yes,30",
		"Z,2,Zoom,zoom,zoom-sandbox,2026-01-01,2026-12-31,7,100,month,USD,yes,30",
		"S,1,Zoom,zoom,zoom-sandbox,2026-01-01,2026-04-30,9,100,month,USD,no,",
		"K,1,Slack,slack,,2026-01-01,2026-12-31,8,10,month,USD,no,",
		"M,1,Miro,miro,,2026-01-01,2026-12-31,2,10,month,USD,no,",
		"N,1,Notion,notion,,2026-01-01,2026-12-31,4,10,month,USD,no,")
	write("uploads/cards.csv", "transaction_id,date,amount,currency,vendor", "1,2026-03-02,40.00,USD,ZOOM.US")
	write("uploads/prod-2026-03-31.csv", "email,created_at", "in@acme.example,2020-01-01", "out@acme.example,2020-01-01")
	write("uploads/sandbox-2026-03-31.csv", "email,created_at", "in@acme.example,2020-01-01")
	write("uploads/seats-2026-03-31.csv", "email,app,created_at", "in@acme.example,slack,2020-01-01", "out@acme.example,slack,2020-01-01",
		"in@acme.example,miro,2020-01-01", "out@acme.example,miro,2020-01-01")
	write("uploads/nobody-2026-03-31.csv", "email,created_at")
	write("uploads/use.csv", "event_id,occurred_at,email,event,app,instance",
		"1,2025-12-01T09:00:00Z,in@acme.example,hosted_meeting,zoom,zoom-prod", "2,2025-12-01T09:00:00Z,in@acme.example,used,miro,", "3,2025-12-01T09:00:00Z,in@acme.example,used,slack,",
		"4,2026-01-31T09:00:00Z,in@acme.example,hosted_meeting,zoom,zoom-prod", // the first day of 60; below, that of 20
		"5,2026-01-30T09:00:00Z,out@acme.example,hosted_meeting,zoom,zoom-prod",
		"6,2026-03-12T09:00:00Z,in@acme.example,used,miro,",
		"7,2026-03-11T09:00:00Z,out@acme.example,used,miro,",
		"8,2026-03-30T09:00:00Z,stranger@acme.example,used,slack,")
	r := cliAt(context.Background(), time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC), "", nil, "--quiet", "--config", config, "run", "--as-of", "2026-03-31")
	require.Zero(t, r.code, r.errors)

	requireOneNumberPerFact(t, config, filepath.Join(dir, "exports"), "")
	ask := func(query string) []string {
		r := cli("--quiet", "--config", config, "query", "--format", "csv", query)
		require.Zero(t, r.code, r.errors)
		return strings.Split(strings.TrimSpace(r.out), "\n")[1:]
	}
	now := " WHERE as_of = (SELECT as_of FROM reports.run) ORDER BY 1, 2"
	for query, want := range map[string][]string{
		"SELECT contract_id, licences, annual_spend FROM reports.renewals" + now:                                            {"K,8,960.00", "M,2,240.00", "N,4,480.00", "Z,5,720.00"},
		"SELECT app_id, licences, contract_annual_spend, unused_licences FROM reports.app_portfolio" + now:                  {"miro,2,240.00,0", "notion,4,480.00,4", "slack,8,960.00,6", "zoom,5,720.00,3"},
		"SELECT contract_id, line_id, recommended_licences, saving_certain FROM reports.renewal_lines" + now:                {"K,1,0,960.00", "M,1,2,0.00", "N,1,0,480.00", "Z,1,1,576.00"},
		"SELECT app_id, kind, quantity, monthly_saving, certain FROM reports.savings" + now:                                 {"miro,deprovision,1,10.00,10.00", "notion,unused_licence,4,40.00,40.00", "zoom,deprovision,1,12.00,12.00", "zoom,unused_licence,3,36.00,36.00"},
		"SELECT app_id, email, segment FROM reports.rightsizing WHERE instance_id <> 'zoom-sandbox' ORDER BY 1, 2":          {"miro,in@acme.example,efficient", "miro,out@acme.example,inactive", "slack,in@acme.example,inactive", "slack,out@acme.example,inactive", "zoom,in@acme.example,efficient", "zoom,out@acme.example,inactive"},
		"SELECT kind, subject, amount FROM reports.attention" + now:                                                         {"unused_licences,notion,480.00", "unused_licences,zoom,432.00"},
		"SELECT measure, quantity, amount FROM reports.headlines WHERE measure LIKE '%unused%' ORDER BY 1":                  {"birthright_unused,6,720.00", "unused_licences,7,912.00"},
		"SELECT severity, failing_rows, left(sample, 31) FROM reports.data_quality WHERE check_name = 'contracts.left_out'": {"info,2,S line 1: for zoom/zoom-sandbox"},
	} {
		assert.Equal(t, want, ask(query), query)
	}
	page, err := os.ReadFile(filepath.Join(dir, "exports", "report.html"))
	require.NoError(t, err)
	assert.Contains(t, string(page), "without 6 licences of apps that everybody is meant to have")
}
