package transform_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatATeamSpends holds that charges are cut by where the payer stands on the report's date: each charge in one team, one place and one
// cost centre, and in the line of everybody above the payer; those of strangers, leavers and of nobody are (unknown).
func TestWhatATeamSpends(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("hr", "org_chart")
	w.connect("card", "spend")
	w.connect("expenses", "spend")
	person := func(email, team, manager string, more ...string) record {
		r := record{"email": email, "last_name": email, "team": team, "manager_email": manager}
		if len(more) > 0 {
			r["location"] = more[0]
		}
		return r
	}
	w.snapshot("hr", "org_chart", date(1), person("boss@tarn.example", "Board", ""), person("ann@tarn.example", "Sales", "boss@tarn.example", "Oslo"), person("ben@tarn.example", "Sales", "ann@tarn.example"))
	w.snapshot("hr", "org_chart", date(40), person("boss@tarn.example", "Board", ""), person("ann@tarn.example", "Support", "boss@tarn.example", "Oslo"))
	charge := func(id string, day int, payer, amount string) record {
		return record{"transaction_id": id, "date": date(day), "amount": amount, "currency": "USD", "vendor": "Figma", "payer_email": payer}
	}
	w.events("card", "spend", "date", charge("1", 2, "ann@tarn.example", "10.10"), charge("2", 3, "ben@tarn.example", "20"), charge("3", 3, "", "4"), charge("4", 5, "x@else.example", "1"),
		charge("5", 6, "ann@tarn.example", "-0.10"), charge("6", 45, "boss@tarn.example", "100"))
	w.events("expenses", "spend", "date", charge("e1", 3, "ben@tarn.example", "20")) // is the card's
	w.run(date(50))
	costs := func(as string) [][]string {
		return w.rows("SELECT dimension, dimension_value, spend_12m, allocated_contract_value FROM reports.team_cost WHERE as_of = DATE '" + as + "' AND app_id = 'figma' ORDER BY 1, 2")
	}
	require.Equal(t, [][]string{
		{"cost_centre", "(unknown)", "135.00", "–"},
		{"location", "(unknown)", "125.00", "–"}, {"location", "Oslo", "10.00", "–"},
		{"manager", "(unknown)", "25.00", "–"}, {"manager", "boss@tarn.example", "10.00", "–"},
		{"team", "(unknown)", "25.00", "–"}, {"team", "Board", "100.00", "–"}, {"team", "Support", "10.00", "–"},
	}, costs(date(50)), "ben has left, ann has another team")
	require.Empty(t, w.rows(`SELECT c.as_of FROM (SELECT as_of, dimension, app_id, sum(spend_12m) AS n FROM reports.team_cost WHERE dimension <> 'manager' GROUP BY ALL) AS c
		JOIN reports.app_portfolio AS p ON p.as_of = c.as_of AND p.app_id = c.app_id WHERE c.n <> p.spend_12m`), "each cut has the portfolio's total")
	month := w.rows("SELECT max(as_of) FROM reports.team_cost WHERE as_of < DATE '" + date(40) + "'")[0][0]
	require.Equal(t, [][]string{
		{"cost_centre", "(unknown)", "35.00", "–"},
		{"location", "(unknown)", "25.00", "–"}, {"location", "Oslo", "10.00", "–"},
		{"manager", "(unknown)", "5.00", "–"}, {"manager", "ann@tarn.example", "20.00", "–"}, {"manager", "boss@tarn.example", "30.00", "–"},
		{"team", "(unknown)", "5.00", "–"}, {"team", "Sales", "30.00", "–"},
	}, costs(month), "as it was then")
}
