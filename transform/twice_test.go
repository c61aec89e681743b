package transform_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestWhoStandsTwiceInOneListIsOneRecordAsSent holds that of two rows of one person, account or assignment in one list one counts as it was
// sent, with its empty cells, that no row is made of both, and that it is told who stands there twice.
func TestWhoStandsTwiceInOneListIsOneRecordAsSent(t *testing.T) {
	t.Parallel()
	const day = "2026-03-31"
	w := newWorld(t)
	w.connect("hr", "org_chart")
	w.connect("seats", "roster")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.snapshot("hr", "org_chart", day,
		record{"email": "ann@acme.example", "last_name": "Ash", "team": "Sales", "location": "Bern", "manager_email": "bo@acme.example"},
		record{"email": "bo@acme.example", "last_name": "Bo", "team": "Sales"},
		record{"email": " ANN@acme.example", "last_name": "Ash", "team": "Marketing", "cost_centre": "100"},
		// Cy has left one post and holds another: the row of somebody who works here counts, wherever it stands.
		record{"email": "cy@acme.example", "last_name": "Cy", "team": "IT"},
		record{"email": "cy@acme.example", "last_name": "Cy", "team": "Sales", "location": "Oslo", "termination_date": "2026-01-31"})
	w.snapshot("seats", "roster", day,
		record{"app": "Tool", "email": "ann@acme.example", "tier": "Editor", "username": "annie"},
		record{"app": "Tool", "email": "Ann@acme.example", "tier": "Viewer", "status": "suspended"},
		// By their ids these are two, whatever their address; in another app or instance they are others anyway.
		record{"app": "Tool", "email": "bo@acme.example", "account_id": "1", "tier": "Editor"},
		record{"app": "Tool", "email": "bo@acme.example", "account_id": "2", "tier": "Viewer"},
		record{"app": "Other", "email": "ann@acme.example", "tier": "Full"},
		// One account whose address was changed.
		record{"app": "Other", "email": "cy@acme.example", "account_id": "7", "tier": "Full", "status": "active"},
		record{"app": "Other", "email": "", "account_id": "7", "username": "cyril"})
	w.snapshot("okta", "sso_assignments", day,
		record{"app": "Third", "email": "ann@acme.example", "assigned_via": "group", "groups": "Staff"},
		record{"app": "Third", "email": "ann@acme.example", "assigned_via": "group", "groups": "Staff"},
		record{"app": "Third", "email": "ann@acme.example", "assigned_via": "group", "groups": "Editors"},
		record{"app": "Third", "email": "ann@acme.example", "assigned_via": "direct"}) // ways of their own to the same seat
	w.only("reports.provisioned_users_daily", "reports.reconciliation", "reports.data_quality", "checks.books", "core.sso_assignments", "metrics.streams_short")
	w.run(day)

	assert.Equal(t, [][]string{
		{"ann@acme.example", "Marketing", "–", "100", "–"}, {"bo@acme.example", "Sales", "–", "–", "–"}, {"cy@acme.example", "IT", "–", "–", "–"},
	}, w.rows("SELECT person_id, team, location, cost_centre, manager_identifier FROM core.org_chart ORDER BY 1"))
	assert.Equal(t, [][]string{
		{"other", "7", "–", "cyril", "–", "active"}, {"other", "ann@acme.example", "ann@acme.example", "–", "Full", "active"},
		{"tool", "1", "bo@acme.example", "–", "Editor", "active"}, {"tool", "2", "bo@acme.example", "–", "Viewer", "active"},
		{"tool", "ann@acme.example", "Ann@acme.example", "–", "Viewer", "suspended"},
	}, w.rows("SELECT app_id, account_id, email, username, tier, status FROM core.accounts ORDER BY 1, 2"))
	assert.Equal(t, [][]string{{"ann@acme.example", "direct", "–"}, {"ann@acme.example", "group", "Editors"}, {"ann@acme.example", "group", "Staff"}}, w.rows("SELECT person_id, assigned_via, groups FROM core.sso_assignments ORDER BY 2, 3"))
	assert.Equal(t, [][]string{{"other", "2"}, {"third", "1"}, {"tool", "3"}},
		w.rows("SELECT app_id, provisioned_users FROM reports.provisioned_users_daily WHERE date = DATE '"+day+"' ORDER BY 1"))
	assert.Equal(t, [][]string{
		{"hr.org_chart.org_chart.listed_twice", "warning", "2", "ANN@acme.example is listed more than once on 2026-03-31; one of the records counts, as it was sent, the others do not"},
		{"okta.sso_assignments.sso_assignments.listed_twice", "warning", "1", "ann@acme.example in Third is listed more than once on 2026-03-31; one of the records counts, as it was sent, the others do not"},
		{"seats.roster.roster.listed_twice", "warning", "2", "ann@acme.example is listed more than once on 2026-03-31; one of the records counts, as it was sent, the others do not"},
	}, w.rows("SELECT check_name, severity, failing_rows, sample FROM reports.data_quality WHERE check_name LIKE '%listed_twice' ORDER BY 1"))
	assert.Equal(t, [][]string{{"hr", "5", "2", "3"}, {"okta", "4", "1", "3"}, {"seats", "7", "2", "5"}},
		w.rows("SELECT connection, read, duplicates, in_core FROM reports.reconciliation ORDER BY 1"))
}
