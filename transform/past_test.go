package transform_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestKnownAt: every table of a past day's run comes back from the lake of then, whatever came later:
// late, corrected and repeated events, other snapshots of old dates, contracts and rates that
// were changed, addresses that turned out to be one person's.
func TestKnownAt(t *testing.T) {
	t.Parallel()
	s := newStoryteller(t, 100)
	build := filepath.Join(s.w.dir, "warehouse", "build.duckdb")
	kept := map[int]string{} // day: the build file as its run left it
	evening := func(day int) time.Time { return dayZero.AddDate(0, 0, day).Add(20 * time.Hour) }
	for day := range 20 {
		s.w.now = evening(day)
		s.tell(day)
		if day%4 != 3 {
			continue // a night without a run
		}
		s.w.run(date(day))
		if day == 7 || day == 11 {
			kept[day] = filepath.Join(t.TempDir(), "kept.duckdb")
			data, err := os.ReadFile(build)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(kept[day], data, 0o600))
		}
	}
	for day, then := range kept {
		o := s.w.options(date(day))
		o.BuildPath, o.CorePath, o.FullRefresh = filepath.Join(t.TempDir(), "rebuilt.duckdb"), "", true
		o.Lake = s.w.lake.At(evening(day))
		_, err := transformRun(o)
		require.NoError(t, err)
		requireSameRows(t, then, o.BuildPath)
	}

	// What is known now is something else, or the above says little.
	s.w.run(date(11))
	changed := 0
	for _, table := range compared(t, build) {
		query := "SELECT * FROM " + table + " ORDER BY ALL"
		if fmt.Sprint(queryFile(t, kept[11], query)) != fmt.Sprint(queryFile(t, build, query)) {
			changed++
		}
	}
	require.Greater(t, changed, 5)
}

// TestWhatIsKnownOfContractsAndTeams: contracts and rates are state, so the newest read says what all
// past dates were like; the organisation chart is dated, so each date keeps its own. Asked for
// what was known then, both are those of then.
func TestWhatIsKnownOfContractsAndTeams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("contracts", "contracts")
	w.connect("rates", "fx_rates")
	w.connect("people", "org_chart")
	w.connect("okta", "sso_assignments", idp("okta"))
	deliver := func(day int, team string, licences, price, rate string) {
		w.now = dayZero.AddDate(0, 0, day).Add(time.Hour)
		contract := func(id string) record {
			return record{"contract_id": id, "vendor": "V", "app": "tool", "start_date": date(0), "end_date": date(364), "licences": licences, "unit_price": price, "currency": "EUR"}
		}
		rows := []record{contract("kept")}
		if day == 10 {
			rows = append(rows, contract("withdrawn"))
		}
		w.snapshot("contracts", "contracts", date(day), rows...)
		w.snapshot("rates", "fx_rates", date(day), record{"date": date(0), "currency": "EUR", "rate": rate})
		w.snapshot("people", "org_chart", date(day), record{"email": "a@acme.example", "last_name": "A", "team": team})
		w.snapshot("okta", "sso_assignments", date(day), record{"app": "tool", "email": "a@acme.example"})
	}
	deliver(10, "Red", "5", "10", "1.5")
	deliver(40, "Blue", "7", "10", "2")

	show := func(asOf, known int) [][]string {
		o := w.options(date(asOf))
		o.BuildPath, o.CorePath, o.FullRefresh = filepath.Join(t.TempDir(), "b.duckdb"), "", true
		o.Lake = w.lake.At(dayZero.AddDate(0, 0, known+1))
		_, err := transformRun(o)
		require.NoError(t, err)
		return queryFile(t, o.BuildPath, `SELECT u.contract_id, u.licences, u.annual_spend, t.dimension_value
			FROM reports.contract_usage AS u JOIN reports.team_engagement AS t ON t.as_of = u.as_of AND t.window_days = 30 AND t.dimension = 'team'
			WHERE u.as_of = DATE '`+date(asOf)+`' ORDER BY 1`)
	}
	require.Equal(t, [][]string{{"kept", "5", "75.00", "Red"}, {"withdrawn", "5", "75.00", "Red"}}, show(20, 20))
	require.Equal(t, [][]string{{"kept", "7", "140.00", "Red"}}, show(20, 40), "as of then, with what is known now")
	require.Equal(t, [][]string{{"kept", "7", "140.00", "Blue"}}, show(40, 40))
	require.Empty(t, show(9, 9), "before anything was known")
}
