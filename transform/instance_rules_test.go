package transform_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// instanceOf names the app and the instance that a connection is of.
func instanceOf(app, instance string) func(*connection) {
	return func(c *connection) { c.App, c.Instance = app, instance }
}

// weekly are events of a person, every seventh day back from a day.
func weekly(last string, weeks int, event record) (rows []record) {
	for i := range weeks {
		r := record{"occurred_at": parseDay(last).AddDate(0, 0, -7*i).Format("2006-01-02") + "T10:00:00Z"}
		for k, v := range event {
			r[k] = v
		}
		rows = append(rows, r)
	}
	return rows
}

// TestThePriceOfAnotherInstanceSavesNothing: two idle seats of a sandbox save nothing where the contract is for production; where it is for
// the app as a whole, it prices them too.
func TestThePriceOfAnotherInstanceSavesNothing(t *testing.T) {
	t.Parallel()
	const asOf = "2026-03-31"
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.connect("seats", "roster")
	w.connect("use", "engagement")
	w.snapshot("paper", "contracts", "2026-01-01",
		purchase("Q", "1", "Quillboard", "2026-01-01", "2026-12-31", "1", "instance", "prod", "unit_price", "100"),
		purchase("I", "1", "Inkwell", "2026-01-01", "2026-12-31", "3"))
	for _, day := range []string{"2025-10-01", asOf} {
		var rows []record
		for _, app := range []string{"Quillboard", "Inkwell"} {
			for who, instance := range map[string]string{"ann": "prod", "bob": "sandbox", "cy": "sandbox"} {
				rows = append(rows, record{"app": app, "instance": instance, "email": who + "@acme.example"})
			}
		}
		w.snapshot("seats", "roster", day, rows...)
	}
	for _, app := range []string{"Quillboard", "Inkwell"} {
		w.events("use", "engagement", "occurred_at", weekly(asOf, 20, record{"app": app, "instance": "prod", "email": "ann@acme.example", "event": "open"})...)
		// The sandbox is measured, too, by somebody whose seat is gone.
		w.events("use", "engagement", "occurred_at", weekly(asOf, 20, record{"app": app, "instance": "sandbox", "email": "dee@acme.example", "event": "open"})...)
	}
	w.only("reports.rightsizing", "reports.savings", "reports.reclaim_candidates")
	w.run(asOf)
	want := [][]string{
		{"inkwell", "prod", "ann@acme.example", "efficient", "–"}, {"inkwell", "sandbox", "bob@acme.example", "inactive", "10.00"}, {"inkwell", "sandbox", "cy@acme.example", "inactive", "10.00"},
		{"quillboard", "prod", "ann@acme.example", "efficient", "–"}, {"quillboard", "sandbox", "bob@acme.example", "inactive", "–"}, {"quillboard", "sandbox", "cy@acme.example", "inactive", "–"},
	}
	assert.Equal(t, want, w.rows("SELECT app_id, instance_id, email, segment, monthly_saving FROM reports.rightsizing ORDER BY 1, 2, 3"))
	assert.Equal(t, [][]string{
		{"inkwell", "bob@acme.example", "10.00"}, {"inkwell", "cy@acme.example", "10.00"}, {"quillboard", "bob@acme.example", "–"}, {"quillboard", "cy@acme.example", "–"},
	}, w.rows("SELECT app_id, email, monthly_saving FROM reports.reclaim_candidates ORDER BY 1, 2"))
	assert.Equal(t, [][]string{{"inkwell", "sandbox", "deprovision", "20.00"}},
		w.rows("SELECT app_id, instance_id, kind, monthly_saving FROM reports.savings WHERE monthly_saving IS NOT NULL ORDER BY 1"))
}

// TestNobodyDoublesWhereAConnectionNamesItsInstance: what names no instance is of the app's only one, whichever source names it; where there
// are two, it is of neither.
func TestNobodyDoublesWhereAConnectionNamesItsInstance(t *testing.T) {
	t.Parallel()
	const asOf = "2026-03-31"
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.connect("zoom", "roster", instanceOf("zoom", "zoom-prod")) // the connection names it
	w.connect("seats", "roster")                                 // or the rows do
	w.connect("okta", "sso_assignments", idp("okta"))            // or the identity provider does
	w.connect("log", "sso_logins", idp("okta"))
	w.connect("use", "engagement")
	three := func(more record) (rows []record) {
		for _, who := range []string{"ann", "bob", "cy"} {
			r := record{"email": who + "@acme.example"}
			for k, v := range more {
				r[k] = v
			}
			rows = append(rows, r)
		}
		return rows
	}
	w.snapshot("zoom", "roster", asOf, three(nil)...)
	w.snapshot("seats", "roster", asOf, append(append(three(record{"app": "Miro", "instance": "miro-eu"}), three(record{"app": "Box"})...),
		append(three(record{"app": "Slack", "instance": "one"})[:1], three(record{"app": "Slack", "instance": "two"})[1:]...)...)...)
	w.snapshot("okta", "sso_assignments", asOf, append(append(three(record{"app": "Zoom"}), three(record{"app": "Miro"})...),
		append(three(record{"app": "Box", "instance": "box-main"}), three(record{"app": "Slack"})...)...)...)
	for _, app := range []string{"Zoom", "Miro", "Box"} {
		w.events("log", "sso_logins", "occurred_at", weekly(asOf, 3, record{"app": app, "email": "ann@acme.example"})...)
		w.events("use", "engagement", "occurred_at", weekly(asOf, 3, record{"app": app, "email": "bob@acme.example", "event": "hosted_meeting"})...)
	}
	w.snapshot("paper", "contracts", "2026-01-01", purchase("Z", "1", "Zoom", "2026-01-01", "2026-12-31", "3"),
		purchase("M", "1", "Miro", "2026-01-01", "2026-12-31", "3"), purchase("B", "1", "Box", "2026-01-01", "2026-12-31", "3"))
	w.only("reports.app_portfolio", "reports.contract_usage", "reports.provisioned_users_daily")
	w.run(asOf)
	assert.Equal(t, [][]string{{"box", "3", "connector_exact", "1", "1"}, {"miro", "3", "connector_exact", "1", "1"}, {"slack", "3", "sso_assigned", "–", "0"}, {"zoom", "3", "connector_exact", "1", "1"}},
		w.rows("SELECT app_id, provisioned_users, basis, engaged_users_30d, unique_logins_30d FROM reports.app_portfolio WHERE as_of = DATE '"+asOf+"' ORDER BY 1"))
	assert.Equal(t, [][]string{
		{"box", "box-main", "3"}, {"miro", "miro-eu", "3"}, {"slack", "one", "1"}, {"slack", "slack", "3"}, {"slack", "two", "2"}, {"zoom", "zoom-prod", "3"},
	}, w.rows("SELECT app_id, instance_id, provisioned_users FROM reports.provisioned_users_daily WHERE date = DATE '"+asOf+"' ORDER BY 1, 2"))
	assert.Equal(t, [][]string{{"B", "0"}, {"M", "0"}, {"Z", "0"}},
		w.rows("SELECT contract_id, over_provisioned FROM reports.contract_usage WHERE as_of = DATE '"+asOf+"' ORDER BY 1"))
}

// TestTheOldestListOfSeveralSaysOfWhenANumberIs: connections of one instance add up, accounts of lists and distinct people of assignments.
func TestTheOldestListOfSeveralSaysOfWhenANumberIs(t *testing.T) {
	t.Parallel()
	const asOf = "2026-03-31"
	w := newWorld(t)
	list := func(connection, kind, day, app string, people ...string) {
		var rows []record
		for _, p := range people {
			rows = append(rows, record{"email": p + "@acme.example", "app": app})
		}
		w.snapshot(connection, kind, day, rows...)
	}
	for _, c := range []string{"eu", "us"} {
		w.connect("seats-"+c, "roster")
		w.connect("okta-"+c, "sso_assignments", idp("okta"))
	}
	list("seats-eu", "roster", "2026-03-30", "Quillboard", "ann", "bob")
	list("seats-us", "roster", asOf, "Quillboard", "ann", "dee", "eve")
	list("okta-eu", "sso_assignments", asOf, "Inkwell", "ann", "bob")
	list("okta-us", "sso_assignments", "2026-03-29", "Inkwell", "ann", "dee")
	w.only("reports.provisioned_users_daily")
	w.run(asOf)
	assert.Equal(t, [][]string{
		{"2026-03-29", "inkwell", "2", "sso_assigned", "2026-03-29"},
		{"2026-03-30", "inkwell", "2", "sso_assigned_estimated", "2026-03-29"}, {"2026-03-30", "quillboard", "2", "connector_exact", "2026-03-30"},
		{asOf, "inkwell", "3", "sso_assigned_estimated", "2026-03-29"}, {asOf, "quillboard", "5", "connector_exact", "2026-03-30"},
	}, w.rows("SELECT date, app_id, provisioned_users, basis, basis_as_of FROM reports.provisioned_users_daily ORDER BY 1, 2"))
}

// TestCostPerEngagedIsOfWhatIsMeasured: the lines of an instance that nobody measures are left out; a line for the app as a whole, some of
// which is not measured, has no share that could be told.
func TestCostPerEngagedIsOfWhatIsMeasured(t *testing.T) {
	t.Parallel()
	const asOf = "2026-03-31"
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.connect("seats", "roster")
	w.connect("use", "engagement")
	var seats []record
	for _, app := range []string{"Quillboard", "Inkwell", "Nib"} {
		for _, instance := range []string{"main", "labs"} {
			for _, who := range []string{"ann", "bob"} {
				seats = append(seats, record{"app": app, "instance": instance, "email": who + "@acme.example"})
			}
		}
		for _, who := range []string{"ann", "bob"} {
			w.events("use", "engagement", "occurred_at", weekly(asOf, 4, record{"app": app, "instance": "main", "email": who + "@acme.example", "event": "open"})...)
		}
	}
	// The labs of Nib are measured, too, and ann is one person in both.
	w.events("use", "engagement", "occurred_at", weekly(asOf, 4, record{"app": "Nib", "instance": "labs", "email": "ann@acme.example", "event": "open"})...)
	w.snapshot("seats", "roster", asOf, seats...)
	line := func(app, id, instance, price string) record {
		return purchase(app, id, app, "2026-01-01", "2026-12-31", "2", "instance", instance, "unit_price", price, "billing_period", "year")
	}
	w.snapshot("paper", "contracts", "2026-01-01", line("Quillboard", "1", "main", "600"), line("Quillboard", "2", "labs", "300"),
		line("Inkwell", "1", "", "600"), line("Nib", "1", "", "600"))
	w.only("reports.app_portfolio")
	w.run(asOf)
	assert.Equal(t, [][]string{
		{"inkwell", "1200.00", "2", "300.00", "–"},
		{"nib", "1200.00", "2", "300.00", "600.00"},
		{"quillboard", "1800.00", "2", "450.00", "600.00"}, // 2 × 600 of main by ann and bob
	}, w.rows("SELECT app_id, contract_annual_spend, engaged_users_30d, cost_per_provisioned, cost_per_engaged FROM reports.app_portfolio WHERE as_of = DATE '"+asOf+"' ORDER BY 1"))
}
