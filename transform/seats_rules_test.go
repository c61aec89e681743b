package transform_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
)

// TestABundleIsRenewedLineByLine: a contract of several apps has a recommendation, a line of it for another app takes nobody from the
// contract beside it, and a line for services needs no people.
func TestABundleIsRenewedLineByLine(t *testing.T) {
	t.Parallel()
	const asOf = "2026-03-31"
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.connect("seats", "roster")
	w.connect("use", "engagement")
	yearly := func(contract, id, app string, more ...string) record {
		return purchase(contract, id, app, "2026-01-01", "2026-12-31", "10", append([]string{"unit_price", "100", "billing_period", "year"}, more...)...)
	}
	w.snapshot("paper", "contracts", "2026-01-01", yearly("C1", "1", "Quillboard"), yearly("C2", "1", "Quillboard"), yearly("C2", "2", "Inkwell"),
		yearly("C2", "3", "Inkwell", "is_user_licence", "false", "licences", "1"), yearly("C3", "1", "Nib"), yearly("C3", "2", "Unseen"))
	var seats []record
	hold := func(app string, people int) {
		for i := range people {
			email := fmt.Sprintf("p%d@acme.example", i)
			seats = append(seats, record{"app": app, "email": email})
			w.events("use", "engagement", "occurred_at", weekly(asOf, 20, record{"app": app, "email": email, "event": "open"})...)
		}
	}
	hold("Quillboard", 10)
	hold("Inkwell", 1)
	hold("Nib", 5)
	w.snapshot("seats", "roster", "2025-10-01", seats...)
	w.snapshot("seats", "roster", asOf, seats...)
	w.only("reports.renewals", "reports.renewal_lines")
	w.run(asOf)
	// Ten people fill the ten licences of C1, and those of C2 stay empty: 10 + 10 % = 11, 0, and 1 + 10 % of one, rounded up.
	assert.Equal(t, [][]string{
		{"C1", "1", "quillboard", "10", "11", "0.00"}, {"C2", "1", "quillboard", "0", "0", "1000.00"}, {"C2", "2", "inkwell", "1", "2", "800.00"},
		{"C3", "1", "nib", "5", "6", "400.00"}, {"C3", "2", "unseen", "–", "–", "–"},
	}, w.rows("SELECT contract_id, line_id, app_id, held, recommended_licences, saving_certain FROM reports.renewal_lines WHERE as_of = DATE '"+asOf+"' ORDER BY 1, 2"))
	assert.Equal(t, [][]string{{"C1", "–", "10", "11", "0.00"}, {"C2", "–", "20", "2", "1800.00"}, {"C3", "–", "20", "–", "–"}},
		w.rows("SELECT contract_id, CASE WHEN contract_id <> 'C1' THEN app_id END, licences, recommended_licences, potential_saving FROM reports.renewals WHERE as_of = DATE '"+asOf+"' ORDER BY 1"))
}

// TestARosterOfNobodyIsNoneNotUnknown: a whole list without accounts says that there are none, of a file, and of assignments.
func TestARosterOfNobodyIsNoneNotUnknown(t *testing.T) {
	t.Parallel()
	const asOf = "2026-03-31"
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.connect("empty", "roster", instanceOf("quillboard", ""))
	w.connect("labs", "roster", instanceOf("inkwell", "labs"))
	w.connect("emptied", "roster", instanceOf("nib", ""))
	w.connect("okta", "sso_assignments", idp("okta"), instanceOf("papers", ""))
	w.connect("seats", "roster")
	w.snapshot("empty", "roster", asOf)
	w.snapshot("labs", "roster", asOf)
	w.snapshot("okta", "sso_assignments", asOf)
	w.snapshot("emptied", "roster", "2026-03-30", record{"email": "ann@acme.example"})
	w.snapshot("emptied", "roster", asOf)
	// An instance that a later whole list no longer names has nobody.
	w.snapshot("seats", "roster", "2026-03-30", record{"app": "Blot", "instance": "eu", "email": "ann@acme.example"}, record{"app": "Blot", "instance": "us", "email": "ann@acme.example"})
	w.snapshot("seats", "roster", asOf, record{"app": "Blot", "instance": "eu", "email": "ann@acme.example"})
	w.snapshot("paper", "contracts", "2026-01-01", purchase("Q", "1", "Quillboard", "2026-01-01", "2026-12-31", "10"), purchase("U", "1", "Unseen", "2026-01-01", "2026-12-31", "10"))
	w.only("reports.provisioned_users_daily", "reports.contract_usage", "reports.app_portfolio")
	w.run(asOf)
	assert.Equal(t, [][]string{
		{"blot", "eu", "1", "connector_exact"}, {"blot", "us", "0", "connector_exact"}, {"inkwell", "labs", "0", "connector_exact"}, {"nib", "nib", "0", "connector_exact"},
		{"papers", "papers", "0", "sso_assigned"}, {"quillboard", "quillboard", "0", "connector_exact"},
	}, w.rows("SELECT app_id, instance_id, provisioned_users, basis FROM reports.provisioned_users_daily WHERE date = DATE '"+asOf+"' ORDER BY 1, 2"))
	assert.Equal(t, [][]string{{"Q", "0", "10"}, {"U", "–", "–"}},
		w.rows("SELECT contract_id, provisioned_users, unused_licences FROM reports.contract_usage WHERE as_of = DATE '"+asOf+"' ORDER BY 1"))
}

// TestAnAccountMadeAroundMidnightIsNewByTheOrganisationsDay: of the 60 days, the day on which it was made is counted where the people are.
func TestAnAccountMadeAroundMidnightIsNewByTheOrganisationsDay(t *testing.T) {
	t.Parallel()
	const asOf = "2026-06-30" // 60 days after 1 May, 59 after the 2nd
	for zone, tc := range map[string]struct{ first, second []string }{
		"UTC":                 {[]string{"2026-05-01T23:59:59Z"}, []string{"2026-05-02T00:00:00Z"}},
		"Europe/Berlin":       {[]string{"2026-05-01T10:00:00Z", "2026-05-01T21:59:59Z"}, []string{"2026-05-01T22:00:00Z", "2026-05-01T22:30:00Z"}},
		"America/Los_Angeles": {[]string{"2026-05-02T03:00:00Z", "2026-05-02T06:59:59Z"}, []string{"2026-05-02T07:00:00Z"}},
		"Asia/Kathmandu":      {[]string{"2026-05-01T18:14:59Z"}, []string{"2026-05-01T18:15:00Z"}},
	} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			place, err := time.LoadLocation(zone)
			require.NoError(t, err)
			w := newWorld(t)
			w.config.Organisation.Timezone = place
			w.connect("seats", "roster")
			w.connect("use", "engagement")
			rows, want := []record{{"app": "Quillboard", "email": "ann@acme.example", "created_at": "2020-01-01"}}, [][]string{{"ann@acme.example", "efficient"}}
			add := func(prefix, segment string, times []string) {
				for i, at := range times {
					email := fmt.Sprintf("%s%d@acme.example", prefix, i)
					rows, want = append(rows, record{"app": "Quillboard", "email": email, "created_at": at}), append(want, []string{email, segment})
				}
			}
			add("first", "inactive", tc.first)
			add("second", "ignored", tc.second)
			w.snapshot("seats", "roster", asOf, rows...)
			w.events("use", "engagement", "occurred_at", weekly(asOf, 20, record{"app": "Quillboard", "email": "ann@acme.example", "event": "open"})...)
			w.only("reports.rightsizing")
			w.run(asOf)
			requireRows(t, want, w.rows("SELECT email, segment FROM reports.rightsizing"))
		})
	}
}

// TestAnAppsOwnWindowAndABirthrightAppCountBySignInsToo: 60 days where nothing is said, another number where an app has its own, and no
// headline savings of what everybody is meant to have.
func TestAnAppsOwnWindowAndABirthrightAppCountBySignInsToo(t *testing.T) {
	t.Parallel()
	const asOf = "2026-06-30"
	w := newWorld(t)
	w.config.Rightsizing.InactiveDays = 60
	w.config.Apps = []config.App{{ID: "miro", InactiveDays: 20}, {ID: "slack", Birthright: true}}
	w.connect("paper", "contracts")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("log", "sso_logins", idp("okta"))
	var contracts, assigned, logins []record
	login := func(app, who, day string) {
		logins = append(logins, record{"app": app, "email": who + "@acme.example", "occurred_at": day + "T10:00:00Z"})
	}
	for _, app := range []string{"Zoom", "Miro", "Slack"} {
		contracts = append(contracts, purchase(app, "1", app, "2026-01-01", "2026-12-31", "3"))
		for _, who := range []string{"ann", "bob", "cy"} {
			assigned = append(assigned, record{"app": app, "email": who + "@acme.example"})
		}
		login(app, "dee", "2026-01-01") // the log reaches back, and up to the day
		login(app, "dee", asOf)
	}
	for _, app := range []string{"Zoom", "Slack"} {
		login(app, "ann", "2026-05-02") // the first day of 60
		login(app, "bob", "2026-05-01")
	}
	login("Miro", "ann", "2026-06-11") // the first day of 20
	login("Miro", "bob", "2026-06-10")
	w.snapshot("paper", "contracts", "2026-01-01", contracts...)
	w.snapshot("okta", "sso_assignments", "2026-01-01", assigned...)
	w.snapshot("okta", "sso_assignments", asOf, assigned...)
	w.events("log", "sso_logins", "occurred_at", logins...)
	w.only("reports.rightsizing", "reports.savings", "reports.reclaim_candidates", "reports.headlines")
	w.run(asOf)
	assert.Equal(t, [][]string{
		{"miro", "ann@acme.example", "efficient", "signs in; nothing better is known"}, {"miro", "bob@acme.example", "inactive", "no sign-in in 20 days; nothing better is known"}, {"miro", "cy@acme.example", "inactive", "never signed in"},
		{"slack", "ann@acme.example", "efficient", "signs in; nothing better is known"}, {"slack", "bob@acme.example", "inactive", "no sign-in in 60 days; nothing better is known"}, {"slack", "cy@acme.example", "inactive", "never signed in"},
		{"zoom", "ann@acme.example", "efficient", "signs in; nothing better is known"}, {"zoom", "bob@acme.example", "inactive", "no sign-in in 60 days; nothing better is known"}, {"zoom", "cy@acme.example", "inactive", "never signed in"},
	}, w.rows("SELECT app_id, email, segment, reason FROM reports.rightsizing ORDER BY 1, 2"))
	assert.Equal(t, [][]string{{"miro", "2", "20.00", "10.00", "10.00"}, {"zoom", "2", "20.00", "10.00", "10.00"}},
		w.rows("SELECT app_id, quantity, monthly_saving, certain, likely FROM reports.savings ORDER BY 1"), "who never signed in is certain")
	assert.Equal(t, [][]string{{"miro", "bob@acme.example"}, {"miro", "cy@acme.example"}, {"slack", "bob@acme.example"}, {"slack", "cy@acme.example"}, {"zoom", "bob@acme.example"}, {"zoom", "cy@acme.example"}},
		w.rows("SELECT app_id, email FROM reports.reclaim_candidates ORDER BY 1, 2"))
	assert.Equal(t, [][]string{{"saving_certain", "20.00"}, {"saving_likely", "20.00"}},
		w.rows("SELECT measure, amount FROM reports.headlines WHERE measure LIKE 'saving%' ORDER BY 1"))
}
