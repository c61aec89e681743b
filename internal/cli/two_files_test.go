package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTwoFilesOfOneDayAreOneListOfAccounts: a roster, assignments and an org chart that come in a file for each region add up, by account and
// person and not by row, and that several files were put together is told. The next day's list replaces both.
func TestTwoFilesOfOneDayAreOneListOfAccounts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "rightseat.yaml")
	write := func(name string, lines ...string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	write("rightseat.yaml", "organisation: {name: Acme, domains: [acme.example], timezone: UTC, currency: USD}", "connections:",
		"  - {name: seats, connector: file, app: quillboard, settings: {kind: roster, path: 'seats-*.csv'}}",
		"  - {name: okta, connector: file, settings: {kind: sso_assignments, path: 'okta-*.csv', idp: okta}}",
		"  - {name: hr, connector: file, settings: {kind: org_chart, path: 'hr-*.jsonl'}}")
	write("seats-eu-2026-11-22.csv", "email,tier", "ann@acme.example,Full", "bob@acme.example,Full")
	write("seats-us_20261122.csv", "email,tier", "cy@acme.example,Full", "ANN@acme.example,Full", "dee@acme.example,Full")
	write("okta-a.csv", "snapshot_date,email,app", "2026-11-22,ann@acme.example,Reed", "2026-11-22,bob@acme.example,Reed")
	write("okta-b.csv", "snapshot_date,email,app", "2026-11-22,bob@acme.example,Reed", "2026-11-22,cy@acme.example,Reed")
	person := func(name, team string) string {
		return `{"email": "` + name + `@acme.example", "last_name": "L", "first_name": "F", "team": "` + team + `"}`
	}
	write("hr-eu-2026-11-22.jsonl", person("ann", "Sales"), person("bob", "Sales"))
	write("hr-us-2026-11-22.jsonl", person("cy", "Sales"), person("dee", "IT"))
	run := func() {
		r := cli("--quiet", "--config", file, "run")
		require.Contains(t, []int{0, 3}, r.code, r.errors)
	}
	run()
	numbers := "SELECT app_id, provisioned_users, basis FROM reports.provisioned_users_daily WHERE date = DATE '2026-11-22' ORDER BY 1"
	assert.Equal(t, []string{"quillboard,4,connector_exact", "reed,3,sso_assigned"}, ask(t, file, numbers))
	assert.Equal(t, []string{"IT,1", "Sales,3"}, ask(t, file, "SELECT team, count(*) FROM core.org_chart GROUP BY team ORDER BY 1"))
	notes := ask(t, file, "SELECT check_name, severity FROM reports.data_quality WHERE check_name LIKE '%files_of_one_day' OR check_name LIKE '%listed_twice' ORDER BY 1")
	assert.Equal(t, []string{
		"hr.org_chart.files_of_one_day,info", "okta.sso_assignments.files_of_one_day,info", "okta.sso_assignments.sso_assignments.listed_twice,warning",
		"seats.roster.files_of_one_day,info", "seats.roster.roster.listed_twice,warning",
	}, notes)

	write("seats-eu-2026-11-23.csv", "email,tier", "ann@acme.example,Full", "bob@acme.example,Full")
	write("seats-us_20261123.csv", "email,tier", "cy@acme.example,Full")
	run()
	assert.Equal(t, []string{"quillboard,4,connector_exact", "reed,3,sso_assigned"}, ask(t, file, numbers), "a past day is as it was")
	assert.Equal(t, []string{"quillboard,3,connector_exact"},
		ask(t, file, "SELECT app_id, provisioned_users, basis FROM reports.provisioned_users_daily WHERE date = DATE '2026-11-23' AND app_id = 'quillboard'"))
}
