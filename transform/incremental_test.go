package transform_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

// compared are the tables whose rows must not depend on how the build file came about. Columns
// that name the run are left out.
func compared(t testing.TB, path string) []string {
	t.Helper()
	var tables []string
	for _, r := range queryFile(t, path, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name IN ('core', 'reports') OR table_name LIKE 'spend%' ORDER BY 1") {
		tables = append(tables, r[0])
	}
	return tables
}

func requireSameRows(t testing.TB, incremental, rebuilt string) {
	t.Helper()
	tables := compared(t, rebuilt)
	require.Equal(t, tables, compared(t, incremental))
	require.Greater(t, len(tables), 20)
	for _, table := range tables {
		q := "SELECT * FROM " + table + " ORDER BY ALL"
		want, got := queryFile(t, rebuilt, q), queryFile(t, incremental, q)
		for i := range min(len(want), len(got)) {
			require.Equal(t, want[i], got[i], "%s, row %d", table, i)
		}
		require.Equal(t, len(want), len(got), "rows of %s", table)
	}
}

// storyteller delivers a random history day by day: late, twice, out of order, corrected.
type storyteller struct {
	r    *rand.Rand
	w    *world
	past map[string][]record // by connection: what was sent before, to send again or correct
	next int
}

func newStoryteller(t testing.TB, seed uint64) *storyteller {
	w := newWorld(t)
	w.connect("people", "org_chart")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("okta-log", "sso_logins", idp("okta"))
	w.connect("entra", "sso_logins", idp("entra_id"))
	w.connect("roster", "roster")
	w.connect("events", "engagement")
	w.connect("roster-b", "roster", func(c *connection) { c.App, c.Instance = "Zoom", "zoom-prod" })
	w.connect("onelogin", "sso_assignments", idp("onelogin"))
	w.connect("cards", "spend")
	w.connect("casb", "network")
	w.connect("contracts", "contracts")
	w.connect("rates", "fx_rates")
	w.connect("shares", "allocations")
	w.config.Apps = append(w.config.Apps, config.App{ID: "slack", Allocation: "employees"})
	return &storyteller{r: rand.New(rand.NewPCG(seed, 2)), w: w, past: map[string][]record{}}
}

func (s *storyteller) address() string {
	p := s.r.IntN(8)
	return []string{fmt.Sprintf("p%d@acme.example", p), fmt.Sprintf("P%d@old.example", p), "svc-backup@acme.example"}[max(0, s.r.IntN(12)-9)]
}

func (s *storyteller) app() string {
	return []string{"Zoom", "slack", "Figma", "Tool X", "tool-y"}[s.r.IntN(5)]
}

// statement is the text of a card line: some come again and again, some once, and some only until they are corrected.
func (s *storyteller) statement() string {
	return []string{
		"ZOOM.US 888", "SQ *CAFE ROMA", "SLACK T12", "Figma, Inc.", "PAYPAL *MIDJOURNEY", "", "ZOOMM.US", "NOTOIN LABS", "WWW.MIRO.COM",
		fmt.Sprint("ATLASSIAN ", s.r.IntN(1000)), fmt.Sprint("SLACKLINE PARK ", s.r.IntN(1000)), fmt.Sprint("KIOSK ", s.r.IntN(1000)),
	}[s.r.IntN(12)]
}

// batch makes the rows of a day for a connection: new ones, some of them late, some sent before,
// some corrected.
func (s *storyteller) batch(name, at string, day int, make func() record) []record {
	var rows []record
	for range s.r.IntN(6) {
		rec := make()
		s.next++
		rec["event_id"], rec["transaction_id"] = fmt.Sprint(name, s.next), fmt.Sprint(name, s.next)
		rec[at] = s.when(at, max(0, day-s.late()))
		rows = append(rows, rec)
		s.past[name] = append(s.past[name], rec)
	}
	for range s.r.IntN(3) {
		if sent := s.past[name]; len(sent) > 0 {
			again := record{}
			for k, v := range sent[s.r.IntN(len(sent))] {
				again[k] = v
			}
			if s.r.IntN(2) == 0 { // corrected: all but its id is another's
				for k, v := range make() {
					again[k] = v
				}
				again[at] = s.when(at, s.r.IntN(day+1))
				again["email"], again["payer_email"] = s.address(), s.address()
			}
			rows = append(rows, again)
		}
	}
	s.r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

func (s *storyteller) late() int {
	if s.r.IntN(4) == 0 {
		return s.r.IntN(40)
	}
	return 0
}

func (s *storyteller) when(column string, day int) string {
	if column == "date" {
		return date(day)
	}
	return fmt.Sprintf("%sT%02d:00:00Z", date(day), s.r.IntN(24))
}

// tell delivers one day.
func (s *storyteller) tell(day int) {
	w := s.w
	some := func() bool { return s.r.IntN(3) > 0 }
	if some() {
		w.events("okta-log", "sso_logins", "occurred_at", s.batch("okta-log", "occurred_at", day, s.login)...)
	}
	if some() {
		w.events("entra", "sso_logins", "occurred_at", s.batch("entra", "occurred_at", day, s.login)...)
	}
	if some() {
		w.events("events", "engagement", "occurred_at", s.batch("events", "occurred_at", day, func() record {
			return record{"email": s.address(), "app": s.app(), "event": []string{"hosted_meeting", "signed_in", "posted"}[s.r.IntN(3)]}
		})...)
	}
	if some() {
		w.events("cards", "spend", "date", s.batch("cards", "date", day, func() record {
			return record{"payer_email": s.address(), "amount": fmt.Sprintf("%d.%02d", s.r.IntN(90)-5, s.r.IntN(100)), "currency": []string{"USD", "EUR", "CHF"}[s.r.IntN(3)],
				"vendor": s.statement()}
		})...)
	}
	if some() {
		w.events("casb", "network", "date", s.batch("casb", "date", day, func() record {
			return record{"email": s.address(), "domain": []string{"app.grammarly.com", "zoom.us", "unheard.example"}[s.r.IntN(3)], "bytes": "10", "requests": "1"}
		})...)
	}
	s.tellSnapshots(day)
}

func (s *storyteller) login() record {
	return record{"email": s.address(), "app": s.app(), "outcome": []string{"SUCCESS", "SUCCESS", "FAILURE"}[s.r.IntN(3)], "kind": []string{"managed", "managed", "managed", "social"}[s.r.IntN(4)]}
}

func (s *storyteller) tellSnapshots(day int) {
	w := s.w
	on := date(max(0, day-s.late()/4))
	if day == 0 || s.r.IntN(4) == 0 {
		var rows []record
		for p := range 4 + s.r.IntN(5) {
			rec := record{"email": fmt.Sprintf("p%d@acme.example", p), "last_name": fmt.Sprint(p), "team": fmt.Sprint("Team ", s.r.IntN(3)),
				"location": "Bern", "manager_email": fmt.Sprintf("p%d@acme.example", p/2), "department": fmt.Sprint("D", p%2)}
			if day > 8 && s.r.IntN(2) == 0 { // an old address becomes known: past days move to one person
				rec["additional_emails"] = fmt.Sprintf("p%d@old.example", p)
			}
			rows = append(rows, rec)
		}
		w.snapshot("people", "org_chart", on, rows...)
	}
	for _, c := range []struct{ name, kind string }{{"roster", "roster"}, {"roster-b", "roster"}, {"okta", "sso_assignments"}, {"onelogin", "sso_assignments"}} {
		if s.r.IntN(4) > 0 {
			continue
		}
		var rows []record
		seen := map[string]bool{}
		for range s.r.IntN(12) {
			rec := record{"email": s.address(), "app": s.app(), "tier": "Pro", "status": []string{"active", "deactivated"}[s.r.IntN(2)], "assigned_via": "direct"}
			if k := fmt.Sprint(rec["email"], rec["app"]); !seen[k] {
				seen[k] = true
				rows = append(rows, rec)
			}
		}
		w.snapshot(c.name, c.kind, on, rows...)
	}
	if day == 0 || s.r.IntN(8) == 0 {
		w.snapshot("contracts", "contracts", on,
			record{"contract_id": "C1", "vendor": "Zoom", "app": "zoom", "start_date": date(0), "end_date": date(10 + s.r.IntN(60)), "licences": fmt.Sprint(1 + s.r.IntN(9)), "unit_price": "9.99", "billing_period": "month", "currency": "EUR", "auto_renew": "true"},
			record{"contract_id": "C2", "vendor": "Slack", "app": "slack", "tier": "Pro", "start_date": date(0), "end_date": date(300), "licences": "4", "unit_price": "100", "billing_period": "year"})
		first := 40 + 10*s.r.IntN(3) // they sum to 90, 100 or 110
		w.snapshot("shares", "allocations", on, record{"app": "Zoom", "team": "Team 0", "percent": fmt.Sprint(first)}, record{"app": "Zoom", "team": "Team 1", "percent": "50"})
		w.snapshot("rates", "fx_rates", on, record{"date": date(0), "currency": "EUR", "rate": fmt.Sprintf("1.%d", 1+s.r.IntN(9))})
	}
}

func TestIncrementalEqualsRebuild(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprintf("history %d", seed), func(t *testing.T) {
			t.Parallel()
			s := newStoryteller(t, seed)
			incremental := 0
			const days = 20
			for day := range days {
				s.tell(day)
				if s.r.IntN(3) == 0 && day < days-1 {
					continue // a night without a run
				}
				if res := s.w.run(date(day)); !res.FullRefresh {
					incremental++
				}
			}
			require.Greater(t, incremental, days/3, "most runs continue on the build file")
			s.requireRebuildSame(date(days - 1))

			// A forgotten connection is as if it had never been.
			require.NoError(t, s.w.lake.Forget("okta-log"))
			s.tell(days)
			s.w.refresh(date(days)) // as a forget is followed by
			s.requireRebuildSame(date(days))

			// An earlier date shows what was, from the same build file; a later one goes on.
			s.w.run(date(days - 12))
			s.requireRebuildSame(date(days - 12))
			s.w.run(date(days + 3))
			s.requireRebuildSame(date(days + 3))
		})
	}
}

func (s *storyteller) requireRebuildSame(asOf string) {
	s.w.t.Helper()
	s.w.requireRebuildSame(asOf)
}

func (w *world) requireRebuildSame(asOf string) {
	t := w.t
	t.Helper()
	o := w.options(asOf)
	o.BuildPath = filepath.Join(t.TempDir(), "rebuilt.duckdb")
	o.CorePath = ""
	o.FullRefresh = true
	_, err := transformRun(o)
	require.NoError(t, err)
	requireSameRows(t, filepath.Join(w.dir, "warehouse", "build.duckdb"), o.BuildPath)
	requireNullRules(t, o.BuildPath)
	require.Empty(t, queryFile(t, o.BuildPath, "SELECT check_name, sample FROM reports.data_quality WHERE check_name LIKE '%.unaccounted'"), "the books balance")
	require.NotEmpty(t, queryFile(t, o.BuildPath, "SELECT 1 FROM reports.reconciliation WHERE in_core > 0"))
}

func TestAMovedOrReplacedLake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("contracts", "contracts")
	w.connect("log", "sso_logins", idp("entra_id"))
	contract := record{"contract_id": "C1", "vendor": "Zoom", "app": "zoom", "start_date": date(0), "end_date": date(300), "licences": "5", "unit_price": "1"}
	login := func(id string, day int) record {
		return record{"event_id": id, "email": "ann@acme.example", "app": "zoom", "occurred_at": date(day) + "T10:00:00Z"}
	}
	w.snapshot("contracts", "contracts", date(0), contract)
	w.events("log", "sso_logins", "occurred_at", login("1", 1))
	w.run(date(2))

	t.Run("moved: it goes on where it stopped", func(t *testing.T) {
		moved := filepath.Join(t.TempDir(), "elsewhere")
		require.NoError(t, os.Rename(w.dir, moved))
		w.dir, w.lake, w.config.Workspace = moved, lake.Open(moved), moved
		w.events("log", "sso_logins", "occurred_at", login("2", 3))
		res := w.run(date(3))
		require.False(t, res.FullRefresh, res.Reason)
		require.Equal(t, [][]string{{"5"}}, w.rows("SELECT licences FROM reports.contract_usage WHERE as_of = DATE '"+date(3)+"'"))
	})

	t.Run("forgotten and read again under the same numbers: it starts anew", func(t *testing.T) {
		require.NoError(t, w.lake.Forget("log"))
		for day := range 3 {
			w.events("log", "sso_logins", "occurred_at", login("other", day+2))
		}
		res := w.run(date(4))
		require.True(t, res.FullRefresh)
		require.Equal(t, [][]string{{"1"}}, w.rows("SELECT count(*) FROM core.sso_logins"))
	})

	t.Run("gone without having been forgotten: it stops and says so", func(t *testing.T) {
		for _, lost := range []string{"lake/raw/log/*/commits/00000003.json", "lake/raw/log"} {
			found, err := filepath.Glob(filepath.Join(w.dir, lost))
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.NoError(t, os.Rename(found[0], w.dir+"-lost"))
			_, err = transformRun(w.options(date(4)))
			var missing *lake.MissingError
			require.ErrorAs(t, err, &missing, lost)
			require.Equal(t, "log", missing.Connection)
			require.NoError(t, os.Rename(w.dir+"-lost", found[0]))
		}
		require.False(t, w.run(date(4)).FullRefresh, "with the files back, it goes on")
	})
}
