package transform_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSavingsOfALateSourceAreMarked: what could be saved, what was, and the figures at the top say when the list of seats behind them is
// an old one; what does not rest on it stays without a mark.
func TestSavingsOfALateSourceAreMarked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ last, stale string }{
		"late":  {"2026-03-20", "true"},
		"fresh": {"2026-03-30", "false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect("paper", "contracts")
			w.connect("people", "org_chart")
			w.connect("roster", "roster")
			w.snapshot("paper", "contracts", "2026-01-01", purchase("C", "1", "Zoom", "2026-01-01", "2026-12-31", "4"))
			w.snapshot("people", "org_chart", "2026-01-01", record{"email": "a@acme.example", "last_name": "A", "first_name": "A", "team": "T", "termination_date": "2026-01-15"},
				record{"email": "b@acme.example", "last_name": "B", "first_name": "B", "team": "T"})
			for _, day := range []string{"2026-01-31", "2026-02-28", tc.last} {
				w.snapshot("roster", "roster", day, record{"app": "Zoom", "email": "a@acme.example"}, record{"app": "Zoom", "email": "b@acme.example"})
			}
			w.run("2026-03-31")
			require.Equal(t, [][]string{{"deprovision", "10.00", tc.stale}, {"unused_licence", "20.00", tc.stale}},
				w.rows(`SELECT kind, monthly_saving, is_stale FROM reports.savings ORDER BY 1`))
			require.Equal(t, [][]string{{"2026-01-31", tc.stale}, {"2026-02-28", tc.stale}}, w.rows(`SELECT recommended_on, is_stale FROM reports.realised_savings ORDER BY 1`))
			require.Equal(t, [][]string{{"apps", "false"}, {"apps_in_use", tc.stale}, {"contract_spend", "false"}, {"licences", "false"},
				{"saving_certain", tc.stale}, {"saving_likely", tc.stale}, {"software_spend_12m", "false"}, {"unused_licences", tc.stale}},
				w.rows(`SELECT measure, is_stale FROM reports.headlines WHERE measure NOT LIKE 'un%_spend%' AND measure NOT IN ('birthright_unused', 'discovered_apps', 'over_provisioned', 'unmeasured_licences') ORDER BY 1`))
		})
	}
}
