package transform_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoSavingWhereNothingTellsOfActivity: of people in an app whose use no source shows nothing is known, and so no money can be saved
// by taking their seats.
func TestNoSavingWhereNothingTellsOfActivity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("reports.rightsizing", "reports.savings")
	w.connect("paper", "contracts")
	w.connect("roster", "roster")
	w.snapshot("paper", "contracts", "2026-01-01", purchase("C", "1", "Zoom", "2026-01-01", "2026-12-31", "4", "tier", "Licensed"))
	for _, day := range []string{"2026-01-31", "2026-03-30"} {
		w.snapshot("roster", "roster", day, record{"app": "Zoom", "email": "a@acme.example", "tier": "Licensed"}, record{"app": "Zoom", "email": "b@acme.example", "tier": "Licensed"})
	}
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"a@acme.example", "–", "no source tells of activity in this app", "–"}, {"b@acme.example", "–", "no source tells of activity in this app", "–"}},
		w.rows(`SELECT email, segment, reason, monthly_saving FROM reports.rightsizing ORDER BY 1`))
	require.Equal(t, [][]string{{"unused_licence", "2", "20.00"}}, w.rows(`SELECT kind, quantity, monthly_saving FROM reports.savings`))
}

// TestOneEmptyInstanceIsNotTheWholeApp: nobody in one instance says nothing of another whose holders nobody lists any more, and no word that
// what is paid for the app is for nobody.
func TestOneEmptyInstanceIsNotTheWholeApp(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		other string
		want  [][]string
	}{
		"the other is no longer listed": {"2026-02-28", [][]string{}},
		"the other is empty, too":       {"", [][]string{{"paid_not_used", "contract C costs 480.00 a year; nobody was active in 30 days"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("reports.disagreements")
			at := func(instance string) func(*connection) {
				return func(c *connection) { c.App, c.Instance = "zoom", instance }
			}
			w.connect("paper", "contracts")
			w.connect("here", "roster", at("zoom-here"))
			w.connect("there", "roster", at("zoom-there"), disconnected(tc.other))
			w.snapshot("paper", "contracts", "2026-01-01", purchase("C", "1", "Zoom", "2026-01-01", "2026-12-31", "4"))
			for _, c := range []string{"here", "there"} {
				w.snapshot(c, "roster", "2026-01-31", record{"email": "a@acme.example"})
			}
			w.snapshot("here", "roster", "2026-03-30")
			if tc.other == "" {
				w.snapshot("there", "roster", "2026-03-30")
			}
			w.run("2026-03-31")
			require.Equal(t, tc.want, w.rows(`SELECT kind, detail FROM reports.disagreements`))
		})
	}
}

// TestALineThatNobodyNeedsCanGo: where nobody holds a line, or only people who have left do, renewals say what savings say, whether or
// not a source tells of activity; of others nothing is recommended without one.
func TestALineThatNobodyNeedsCanGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("reports.renewal_lines", "reports.savings")
	w.connect("paper", "contracts")
	w.connect("people", "org_chart")
	w.connect("roster", "roster")
	w.connect("nobody", "roster", func(c *connection) { c.App = "notion" })
	w.snapshot("paper", "contracts", "2026-01-01", purchase("L", "1", "Zoom", "2026-01-01", "2026-12-31", "1"),
		purchase("N", "1", "Notion", "2026-01-01", "2026-12-31", "4"), purchase("S", "1", "Slack", "2026-01-01", "2026-12-31", "1"))
	w.snapshot("people", "org_chart", "2026-01-01", record{"email": "gone@acme.example", "last_name": "A", "first_name": "A", "team": "T", "termination_date": "2026-02-15"},
		record{"email": "here@acme.example", "last_name": "B", "first_name": "B", "team": "T"})
	w.snapshot("roster", "roster", "2026-03-30", record{"app": "Zoom", "email": "gone@acme.example"}, record{"app": "Slack", "email": "here@acme.example"})
	w.snapshot("nobody", "roster", "2026-03-30")
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"L", "1", "–", "0", "0", "120.00", "0.00"}, {"N", "0", "0", "0", "0", "480.00", "0.00"}, {"S", "1", "–", "–", "–", "–", "–"}},
		w.rows(`SELECT contract_id, held, active, right_sized, recommended_licences, saving_certain, saving_likely FROM reports.renewal_lines WHERE as_of = DATE '2026-03-31' ORDER BY 1`))
	require.Equal(t, [][]string{{"notion", "unused_licence", "40.00", "40.00"}, {"zoom", "deprovision", "10.00", "10.00"}},
		w.rows(`SELECT app_id, kind, monthly_saving, certain FROM reports.savings ORDER BY 1`))
}
