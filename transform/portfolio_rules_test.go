package transform_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPortfolioStatus holds each reason for a status to the day on which it ends.
func TestPortfolioStatus(t *testing.T) {
	t.Parallel()
	const asOf = "2026-03-31"
	w := newWorld(t)
	for _, c := range []struct{ name, kind string }{{"events", "engagement"}, {"cards", "spend"}, {"contracts", "contracts"}, {"gateway", "network"}} {
		w.connect(c.name, c.kind)
	}
	w.connect("log", "sso_logins", idp("entra_id"))
	w.connect("gone", "sso_logins", idp("entra_id"), disconnected("2026-02-28"))
	engaged := func(app, day string) record {
		return record{"app": app, "email": "a@acme.example", "event": "drew", "occurred_at": day + "T12:00:00Z"}
	}
	w.events("events", "engagement", "occurred_at", engaged("used 29 days ago", "2026-03-02"), engaged("used 30 days ago", "2026-03-01"),
		engaged("used 89 days ago", "2026-01-01"), engaged("used 90 days ago", "2025-12-31"), engaged("used 200 days ago", "2025-09-12"))
	w.events("gone", "sso_logins", "occurred_at", record{"app": "Disconnected", "email": "a@acme.example", "occurred_at": "2026-02-27T12:00:00Z"})
	w.events("log", "sso_logins", "occurred_at", record{"app": "Social", "email": "a@acme.example", "kind": "social", "occurred_at": "2026-03-30T12:00:00Z"},
		record{"app": "Failed", "email": "a@acme.example", "outcome": "FAILURE", "occurred_at": "2026-03-30T12:00:00Z"})
	spent := func(id, vendor, day, amount, currency string) record {
		return record{"transaction_id": id, "vendor": vendor, "date": day, "amount": amount, "currency": currency}
	}
	w.events("cards", "spend", "date", spent("1", "Figma", "2025-04-01", "5", "USD"), spent("2", "Slack", "2025-03-31", "5", "USD"),
		spent("3", "Miro", "2026-03-31", "5", "XXX"), spent("4", "Notion", "2026-01-01", "5", "USD"), spent("5", "Notion", "2026-01-02", "-5", "USD"))
	contract := func(app, start, end string) record {
		return record{"contract_id": app, "vendor": "V", "app": app, "start_date": start, "end_date": end, "licences": "3", "unit_price": "1"}
	}
	w.snapshot("contracts", "contracts", "2026-01-01", contract("Ends today", "2025-04-01", asOf), contract("Ended yesterday", "2025-04-01", "2026-03-30"),
		contract("Begins tomorrow", "2026-04-01", "2027-03-31"))
	w.events("gateway", "network", "date", record{"app": "Traffic", "email": "a@acme.example", "date": "2026-03-30"})
	w.run(asOf)
	require.Equal(t, [][]string{
		{"disconnected", "delayed", "false", "sso", "–", "none", "–", "–", "–"},
		{"ended-yesterday", "inactive", "false", "contract", "–", "–", "–", "–", "–"},
		{"ends-today", "active", "false", "contract", "–", "–", "–", "–", "–"},
		{"figma", "active", "true", "spend", "–", "–", "–", "–", "5.00"},
		{"miro", "active", "true", "spend", "–", "–", "–", "–", "–"},
		{"notion", "active", "true", "spend", "–", "–", "–", "–", "0.00"},
		{"slack", "inactive", "true", "spend", "–", "–", "–", "–", "0.00"},
		{"social", "delayed", "true", "social", "–", "–", "–", "–", "–"},
		{"traffic", "delayed", "true", "network", "–", "–", "–", "–", "–"},
		{"used-200-days-ago", "inactive", "false", "engagement", "0", "engaged_120d", "0", "–", "–"},
		{"used-29-days-ago", "active", "false", "engagement", "1", "engaged_120d", "1", "–", "–"},
		{"used-30-days-ago", "delayed", "false", "engagement", "1", "engaged_120d", "0", "–", "–"},
		{"used-89-days-ago", "delayed", "false", "engagement", "1", "engaged_120d", "0", "–", "–"},
		{"used-90-days-ago", "inactive", "false", "engagement", "1", "engaged_120d", "0", "–", "–"},
	}, w.rows(`SELECT app_id, status, is_discovered, sources, provisioned_users, basis, engaged_users_30d, unique_logins_30d, spend_12m
		FROM reports.app_portfolio WHERE as_of = DATE '`+asOf+`' ORDER BY 1`))
	require.Equal(t, [][]string{
		{"figma", "2025-04-01", "spend", "0", "5.00", "–", "–"},
		{"miro", "2026-03-31", "spend", "0", "–", "–", "–"},
		{"notion", "2026-01-01", "spend", "0", "0.00", "–", "–"},
		{"slack", "2025-03-31", "spend", "0", "0.00", "–", "–"},
		{"social", "2026-03-30", "social", "1", "–", "–", "1"},
		{"traffic", "2026-03-30", "network", "1", "–", "1", "–"},
	}, w.rows(`SELECT app_id, first_seen, sources, people, spend_12m, network_people_30d, social_people_30d
		FROM reports.discovered_apps WHERE as_of = DATE '`+asOf+`' ORDER BY 1`))
}

// TestInstancesThatDiffer: the basis of an app is the weakest that is part of its number; what is not
// known is no part of it, and an app of which nothing is known has no number. A person in two instances is one.
func TestInstancesThatDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("roster", "roster")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("gone", "sso_logins", idp("entra_id"), disconnected("2026-02-28"))
	w.connect("people", "org_chart", disconnected("2026-02-15"))
	w.snapshot("people", "org_chart", "2026-01-01", record{"email": "a@acme.example", "last_name": "A", "team": "Red"})
	w.snapshot("people", "org_chart", "2026-03-01", record{"email": "a@acme.example", "last_name": "A", "team": "Blue"})
	w.snapshot("roster", "roster", "2026-01-31", record{"app": "Tool", "instance": "one", "email": "a@acme.example"}, record{"app": "Tool", "instance": "one", "email": "b@acme.example"})
	w.snapshot("okta", "sso_assignments", "2026-03-31", record{"app": "Tool", "instance": "two", "email": "a@acme.example"})
	w.events("gone", "sso_logins", "occurred_at", record{"app": "Tool", "instance": "three", "email": "a@acme.example", "occurred_at": "2026-02-27T12:00:00Z"})
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"2026-01-31", "2", "connector_exact"}, {"2026-02-28", "2", "sso_login_120d"}, {"2026-03-31", "2", "sso_assigned"}},
		w.rows(`SELECT as_of, provisioned_users, basis FROM reports.app_portfolio WHERE as_of >= DATE '2026-01-31' ORDER BY 1`))
	require.Equal(t, [][]string{{"one", "2", "connector_exact"}, {"three", "–", "none"}, {"two", "1", "sso_assigned"}},
		w.rows(`SELECT instance_id, provisioned_users, basis FROM reports.engagement WHERE as_of = DATE '2026-03-31' AND window_days = 30 ORDER BY 1`))
	// HR was disconnected in February: January keeps its teams, March knows none.
	require.Equal(t, [][]string{{"2026-01-31", "(unknown)", "–", "1"}, {"2026-01-31", "Red", "1", "1"}, {"2026-02-28", "(unknown)", "–", "2"}, {"2026-03-31", "(unknown)", "–", "2"}},
		w.rows(`SELECT as_of, dimension_value, people, provisioned_users FROM reports.team_engagement
			WHERE dimension = 'team' AND window_days = 30 AND as_of >= DATE '2026-01-31' ORDER BY 1, 2`))
}
