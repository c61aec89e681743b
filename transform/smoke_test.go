package transform_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProvisionedByRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("people", "org_chart")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("logins", "sso_logins", idp("entra_id"))
	w.connect("roster", "roster")
	w.connect("events", "engagement")
	w.connect("cards", "spend")
	w.connect("contracts", "contracts")
	w.snapshot("people", "org_chart", "2026-01-01",
		record{"email": "ann@acme.example", "last_name": "Ann", "team": "Sales", "additional_emails": "ann@old.example"},
		record{"email": "bob@acme.example", "last_name": "Bob", "team": "Ops", "manager_email": "ann@acme.example"})
	w.snapshot("okta", "sso_assignments", "2026-01-02",
		record{"email": "ann@old.example", "app": "Slack"}, record{"email": "Ann@acme.example", "app": "Slack"}, record{"email": "cy@acme.example", "app": "slack"})
	w.events("logins", "sso_logins", "occurred_at",
		record{"event_id": "1", "occurred_at": "2026-01-03T10:00:00Z", "email": "ann@acme.example", "app": "Figma"},
		record{"event_id": "2", "occurred_at": "2026-01-03T11:00:00Z", "email": "bob@acme.example", "app": "Figma", "outcome": "FAILURE"})
	w.events("events", "engagement", "occurred_at",
		record{"event_id": "1", "occurred_at": "2026-01-03T10:00:00Z", "email": "ann@acme.example", "app": "zoom", "event": "hosted_meeting"})
	w.snapshot("roster", "roster", "2026-01-04",
		record{"email": "ann@acme.example", "app": "zoom", "tier": "Licensed"}, record{"email": "bob@acme.example", "app": "zoom", "status": "deactivated"}, record{"email": "cy@acme.example", "app": "zoom"})
	w.events("cards", "spend", "date",
		record{"transaction_id": "t1", "date": "2026-01-03", "amount": "10.50", "currency": "USD", "vendor": "ZOOM.US 888-799-9666", "payer_email": "ann@acme.example"})
	w.snapshot("contracts", "contracts", "2026-01-01",
		record{"contract_id": "C1", "vendor": "Zoom", "app": "zoom", "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "5", "unit_price": "10", "billing_period": "month", "currency": "USD"})
	res := w.run("2026-01-05")
	require.True(t, res.FullRefresh)
	require.Equal(t, [][]string{
		{"2026-01-03", "figma", "1", "sso_login_120d"}, {"2026-01-04", "figma", "1", "sso_login_120d"}, {"2026-01-05", "figma", "1", "sso_login_120d"},
		{"2026-01-02", "slack", "2", "sso_assigned"}, {"2026-01-03", "slack", "2", "sso_assigned_estimated"},
		{"2026-01-04", "slack", "2", "sso_assigned_estimated"}, {"2026-01-05", "slack", "2", "sso_assigned_estimated"},
		{"2026-01-03", "zoom", "1", "engaged_120d"}, {"2026-01-04", "zoom", "2", "connector_exact"}, {"2026-01-05", "zoom", "2", "connector_exact"},
	}, w.rows("SELECT date, app_id, provisioned_users, basis FROM reports.provisioned_users_daily ORDER BY app_id, date"))
	require.Empty(t, res.Checks)
	for _, r := range []string{"engagement", "team_engagement", "feature_usage", "app_portfolio", "contract_usage", "spend_by_department", "spend_by_person", "unmapped_spend", "discovered_apps"} {
		t.Log(r, w.rows("SELECT * FROM reports."+r+" LIMIT 5"))
	}
	inc := w.run("2026-01-06")
	require.False(t, inc.FullRefresh, inc.Reason)
}
