package transform_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// purchase is a line of a contract of ten dollars a month for each licence, unless changed.
func purchase(contract, id, app, start, end, licences string, change ...string) record {
	out := record{"contract_id": contract, "line_id": id, "vendor": app, "app": app, "start_date": start, "end_date": end,
		"licences": licences, "unit_price": "10", "billing_period": "month", "currency": "USD", "auto_renew": "false"}
	if id == "" {
		delete(out, "line_id")
	}
	for i := 0; i < len(change); i += 2 {
		out[change[i]] = change[i+1]
	}
	return out
}

const (
	linesOn    = `SELECT contract_id, line_id, licences, annual_spend FROM reports.contract_usage WHERE as_of = ?`
	lineFaults = `SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE '%lines' OR check_name LIKE '%lists' OR check_name LIKE '%several_connections'`
)

// TestNoLineOfAContractVanishes: rows of one contract and line that are for other products, tiers or days all count; of those that
// nothing tells apart one does, and the others are named.
func TestNoLineOfAContractVanishes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.connect("shelf", "contracts")
	w.snapshot("paper", "contracts", "2026-03-01",
		purchase("Airtable", "1", "Airtable", "2026-01-01", "2026-12-31", "10"),
		purchase("Airtable", "1", "Airtable", "2027-01-01", "2027-12-31", "20"),
		purchase("Atlassian", "1", "Jira", "2026-01-01", "2026-12-31", "100"),
		purchase("Atlassian", "1", "Confluence", "2026-01-01", "2026-12-31", "40"),
		purchase("Zoom", "1", "Zoom", "2026-01-01", "2026-12-31", "5", "tier", "Pro"),
		purchase("Zoom", "1", "Zoom", "2026-01-01", "2026-12-31", "7", "tier", "Business+"),
		purchase("Miro", "1", "Miro", "2026-01-01", "2026-12-31", "3"),
		purchase("Miro", "1", "Miro", "2026-01-01", "2026-12-31", "3"),
		purchase("Slack", "1", "Slack", "2026-01-01", "2026-12-31", "8"),
		purchase("Slack", "1", "Slack", "2026-06-01", "2027-05-31", "9"),
		purchase("C4", "", "Notion", "2026-01-01", "2026-12-31", "10"))
	w.snapshot("shelf", "contracts", "2026-03-02",
		purchase("C4", "", "Notion", "2026-01-01", "2026-12-31", "20"),
		purchase("Atlassian", "9", "Trello", "2026-01-01", "2026-12-31", "2"))
	w.run("2026-11-28")
	requireRows(t, [][]string{
		{"Airtable", "1 (from 2026-01-01)", "10", "1200.00"},
		{"Atlassian", "1 (jira)", "100", "12000.00"}, {"Atlassian", "1 (confluence)", "40", "4800.00"}, {"Atlassian", "9", "2", "240.00"},
		{"Zoom", "1 (pro)", "5", "600.00"}, {"Zoom", "1 (business plus)", "7", "840.00"},
		{"Miro", "1", "3", "360.00"},
		{"Slack", "1", "9", "1080.00"},
		{"C4", "1", "20", "2400.00"},
	}, w.rows(linesOn, "2026-11-28"))
	requireRows(t, [][]string{
		{"paper.contracts.contradicting_lines", "error", "2"}, {"paper.contracts.repeated_lines", "warning", "1"}, {"contracts.several_connections", "warning", "1"},
	}, w.rows(lineFaults))
	require.Equal(t, "NOT counted, as another row has the same contract, line, product and days; give each purchase a line id of its own, or take the wrong row away: "+
		"C4 line 1: licences 10 (not 20), which shelf has; "+
		"Slack line 1: licences 8 (not 9), days 2026-01-01 to 2026-12-31 (not 2026-06-01 to 2027-05-31)",
		w.rows(`SELECT sample FROM reports.data_quality WHERE check_name = 'paper.contracts.contradicting_lines'`)[0][0])
	require.Equal(t, [][]string{{"paper", "3", "8"}, {"shelf", "0", "2"}},
		w.rows(`SELECT connection, duplicates, in_core FROM reports.reconciliation WHERE feed = 'contracts' ORDER BY 1`))

	// The list that is read later corrects the one before it, and that is told.
	w.snapshot("shelf", "contracts", "2026-03-03", purchase("Miro", "1", "Miro", "2026-01-01", "2026-12-31", "4"))
	w.run("2026-11-29")
	require.Equal(t, [][]string{{"Miro", "1", "4", "480.00"}}, w.rows(linesOn+` AND contract_id = 'Miro'`, "2026-11-29"))
}

// TestALineActsInItsOwnDays: terms under one number follow each other, lines begin and end within a term, and what ends with the
// contract goes on with it.
func TestALineActsInItsOwnDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.snapshot("paper", "contracts", "2026-03-01",
		// A renewal under the same number.
		purchase("Zoom", "", "Zoom", "2025-01-01", "2025-12-31", "10", "notice_days", "30"),
		purchase("Zoom", "", "Zoom", "2026-01-01", "2026-12-31", "12", "unit_price", "11", "notice_days", "60"),
		// Fifty for half a year, ten for all of it.
		purchase("Figma", "1", "Figma", "2026-01-01", "2026-06-30", "50"),
		purchase("Figma", "2", "Figma", "2026-01-01", "2026-12-31", "10"),
		// Five more from July on, in a contract that renews itself.
		purchase("Asana", "1", "Asana", "2025-01-01", "2025-12-31", "10", "auto_renew", "true"),
		purchase("Asana", "2", "Asana", "2025-07-01", "2025-12-31", "5", "auto_renew", "true"),
		// The next term, signed long before.
		purchase("Miro", "1", "Miro", "2024-03-01", "2025-02-28", "7", "auto_renew", "true"),
		purchase("Miro", "2", "Miro", "2026-06-01", "2027-05-31", "9"),
		// Ended, and followed by another.
		purchase("Slack", "1", "Slack", "2025-01-01", "2025-12-31", "4", "status", "expired"),
		purchase("Slack", "2", "Slack", "2026-01-01", "2026-12-31", "6", "status", "active"))
	w.run("2026-11-28")
	at := func(day string) [][]string {
		return w.rows(`SELECT contract_id || '/' || line_id, licences, annual_spend FROM reports.contract_usage WHERE as_of = ? ORDER BY 1`, day)
	}
	require.Equal(t, [][]string{
		{"Asana/1", "10", "1200.00"}, {"Asana/2", "5", "600.00"}, {"Figma/2", "10", "1200.00"}, {"Miro/2", "9", "1080.00"}, {"Slack/2", "6", "720.00"}, {"Zoom/2", "12", "1584.00"},
	}, at("2026-11-28"))
	require.Equal(t, [][]string{
		{"Asana/1", "10", "1200.00"}, {"Asana/2", "5", "600.00"}, {"Figma/1", "50", "6000.00"}, {"Figma/2", "10", "1200.00"}, {"Miro/1", "7", "840.00"}, {"Slack/2", "6", "720.00"}, {"Zoom/2", "12", "1584.00"},
	}, at("2026-03-31"))
	require.Equal(t, [][]string{
		{"Asana/1", "10", "1200.00"}, {"Asana/2", "5", "600.00"}, {"Miro/1", "7", "840.00"}, {"Slack/1", "4", "480.00"}, {"Zoom/1", "10", "1200.00"},
	}, at("2025-12-31"))
	require.Equal(t, [][]string{
		{"asana", "15", "1800.00", "1800.00", "2026-12-31"}, {"figma", "10", "1200.00", "1200.00", "2026-12-31"}, {"miro", "9", "1080.00", "1080.00", "2027-05-31"},
		{"slack", "6", "720.00", "720.00", "2026-12-31"}, {"zoom", "12", "1584.00", "1584.00", "2026-12-31"},
	}, w.rows(`SELECT app_id, licences, contract_annual_spend, total_contract_value, upcoming_end_date FROM reports.app_portfolio WHERE as_of = DATE '2026-11-28' ORDER BY 1`))
	// The old term ran on until the day before the next one.
	require.Equal(t, [][]string{{"2026-05-31"}}, w.rows(`SELECT end_date FROM reports.renewals WHERE contract_id = 'Miro' AND as_of = DATE '2026-05-31'`))
	require.Equal(t, [][]string{{"2025-12-31", "2025-12-01"}, {"2026-12-31", "2026-11-01"}},
		w.rows(`SELECT end_date, notice_deadline FROM reports.renewals WHERE contract_id = 'Zoom' AND as_of IN (DATE '2025-12-31', DATE '2026-11-28') ORDER BY as_of`))
	require.Equal(t, [][]string{{"2026-01-01", "2026-12-31", "12"}}, w.rows(`SELECT start_date, end_date, term_months FROM core.contracts WHERE contract_id = 'Zoom'`))
	require.Empty(t, w.rows(lineFaults))
}

// TestADiscountIsNoLicence: a line with a price below 0 lowers what a contract costs, and nobody needs a seat for it.
func TestADiscountIsNoLicence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.connect("roster", "roster")
	w.snapshot("paper", "contracts", "2026-03-01", purchase("C", "1", "Zoom", "2026-01-01", "2026-12-31", "3"),
		purchase("C", "2", "Zoom", "2026-01-01", "2026-12-31", "1", "unit_price", "-60", "billing_period", "year"))
	w.snapshot("roster", "roster", "2026-03-31", record{"app": "Zoom", "email": "a@acme.example"}, record{"app": "Zoom", "email": "b@acme.example"},
		record{"app": "Zoom", "email": "c@acme.example"}, record{"app": "Zoom", "email": "d@acme.example"})
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"1", "3", "4", "1", "360.00", "120.00"}, {"2", "–", "–", "–", "-60.00", "–"}},
		w.rows(`SELECT line_id, licences, provisioned_users, over_provisioned, annual_spend, true_up_cost FROM reports.contract_usage WHERE as_of = DATE '2026-03-31' ORDER BY 1`))
	require.Equal(t, [][]string{{"3", "4", "300.00"}},
		w.rows(`SELECT licences, held, annual_spend FROM reports.renewals WHERE as_of = DATE '2026-03-31'`))
	require.Equal(t, [][]string{{"contract_spend", "0", "300.00"}, {"licences", "3", "–"}, {"over_provisioned", "1", "120.00"}},
		w.rows(`SELECT measure, quantity, amount FROM reports.headlines WHERE measure IN ('licences', 'contract_spend', 'over_provisioned') ORDER BY 1`))
}
