package transform_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// history of some days, by the storyteller, in a world that change has set up.
func tellDays(t *testing.T, seed uint64, days int, change func(w *world)) *world {
	t.Helper()
	s := newStoryteller(t, seed)
	change(s.w)
	for day := range days {
		s.tell(day)
	}
	s.w.run(date(days - 1))
	return s.w
}

// strangeDays is how long the history is into which strangers come.
const strangeDays = 16

// strangers adds a connection of every kind that speaks of an app that nobody else knows, by an identity provider of its own: the log of one
// tells of all apps that it assigns.
func strangers(w *world) {
	const app = "Stranger"
	seat := record{"app": app, "email": "p1@acme.example", "tier": "Pro", "assigned_via": "direct"}
	for _, c := range []struct {
		kind string
		row  record
	}{
		{"roster", seat}, {"sso_assignments", seat},
		{"contracts", record{"contract_id": "stranger", "vendor": app, "app": app, "start_date": date(0), "end_date": date(99), "licences": "3", "unit_price": "5", "currency": "EUR"}},
		{"allocations", record{"app": app, "team": "Team 1", "percent": "100"}},
	} {
		w.connect("a-"+c.kind, c.kind, idp("jumpcloud"))
		w.snapshot("a-"+c.kind, c.kind, date(1), c.row)
	}
	for _, c := range []struct {
		kind, at string
		row      record
	}{
		{"sso_logins", "occurred_at", record{"app": app, "email": "p2@acme.example", "occurred_at": date(2) + "T10:00:00Z"}},
		{"engagement", "occurred_at", record{"app": app, "email": "p2@acme.example", "event": "drew", "occurred_at": date(2) + "T10:00:00Z"}},
		{"network", "date", record{"app": app, "email": "p2@acme.example", "date": date(2)}},
		{"spend", "date", record{"vendor": "STRANGER UNHEARD OF", "amount": "7", "currency": "USD", "date": date(2), "payer_email": "p2@acme.example", "department": "Stranger"}},
	} {
		w.connect("a-"+c.kind, c.kind, idp("jumpcloud"))
		fresh := maps.Clone(c.row) // a source that is behind makes numbers stale that lean on all of its kind
		fresh[c.at] = strings.Replace(fmt.Sprint(c.row[c.at]), date(2), date(strangeDays-1), 1)
		w.events("a-"+c.kind, c.kind, c.at, c.row, fresh)
	}
}

// withoutStrangers are a table's rows but those that speak of the stranger or its connections.
func withoutStrangers(w *world, table string) (rows [][]string) {
	for _, row := range w.rows("SELECT COLUMNS(c -> c <> 'seq') FROM " + table + " ORDER BY ALL") { // seq is the order itself
		if text := strings.ToLower(strings.Join(row, "|")); !strings.Contains(text, "stranger") && !strings.HasPrefix(text, "a-") {
			rows = append(rows, row)
		}
	}
	return rows
}

// TestNumbersStandAlone: neither the order of rows nor connections of another app change any number.
func TestNumbersStandAlone(t *testing.T) {
	t.Parallel()
	const seed, days = 31, strangeDays
	plain := tellDays(t, seed, days, func(*world) {})
	for name, change := range map[string]func(*world){
		"rows in another order": func(w *world) {
			r := rand.New(rand.NewPCG(1, 1))
			w.shuffle = func(rows []record) { r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] }) }
		},
		"connections of another app": strangers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := tellDays(t, seed, days, change)
			for _, table := range compared(t, changed.dir+"/warehouse/build.duckdb") {
				switch table {
				case "reports.connection_health", "reports.data_quality", "reports.lineage", "core.snapshots", "core.app_instances", "core.apps", "reports.headlines", "reports.spend_by_class":
					continue // these list connections and apps, or add all of them up
				}
				want, got := withoutStrangers(plain, table), withoutStrangers(changed, table)
				for i := range min(len(want), len(got)) {
					require.Equal(t, want[i], got[i], table)
				}
				require.Equal(t, len(want), len(got), table)
			}
		})
	}
}

// TestNobodyCountsTwice holds the reports of random organisations to what must be true of any.
func TestNobodyCountsTwice(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprintf("organisation %d", seed), func(t *testing.T) {
			t.Parallel()
			o := randomOrganisation(rand.New(rand.NewPCG(seed, 41)))
			w := newWorld(t)
			o.load(w)
			w.run(date(o.asOf))
			for property, counterexamples := range map[string]string{
				"engaged are provisioned": `SELECT as_of, app_id FROM reports.engagement
					WHERE engaged_users > provisioned_users OR engaged_users + not_engaged_users <> provisioned_users OR engaged_pct NOT BETWEEN 0 AND 100 OR login_pct NOT BETWEEN 0 AND 100`,
				"a person is provisioned once": `SELECT as_of, instance_no, person_no FROM metrics.provisioned_people GROUP BY ALL HAVING count(*) > 1`,
				"a person has one team, one location, one cost centre": `SELECT as_of, dimension, person_no FROM metrics.org_dimensions
					WHERE dimension <> 'manager' GROUP BY ALL HAVING count(*) <> 1`,
				"nobody reports twice to the same manager": `SELECT as_of, dimension_value, person_no FROM metrics.org_dimensions
					WHERE dimension = 'manager' GROUP BY ALL HAVING count(*) > 1`,
				"whichever way they are cut, the people are the same ones": `SELECT as_of, window_days, app_id FROM (
						SELECT as_of, window_days, app_id, dimension, sum(provisioned_users) AS p, sum(active_users) AS a FROM reports.team_engagement
						WHERE dimension <> 'manager' GROUP BY ALL) AS s
					GROUP BY ALL HAVING count(DISTINCT p) > 1 OR count(DISTINCT a) > 1 OR count(*) <> 3`,
				"teams have the app's people": `SELECT t.as_of, t.app_id FROM (
						SELECT as_of, app_id, sum(provisioned_users) AS n FROM reports.team_engagement WHERE dimension = 'team' AND window_days = 30 GROUP BY ALL) AS t
					JOIN (SELECT p.as_of, i.app_id, count(DISTINCT p.person_no) AS n FROM metrics.provisioned_people AS p
						JOIN metrics.instance_numbers AS k ON k.instance_no = p.instance_no JOIN metrics.instances AS i ON i.instance_key = k.instance_key GROUP BY ALL) AS q
						ON q.as_of = t.as_of AND q.app_id = t.app_id WHERE q.n <> t.n`,
				"no value has more people than it employs": `SELECT as_of, dimension_value FROM reports.team_engagement
					WHERE active_users > provisioned_users OR (dimension_value <> '(unknown)' AND provisioned_users > people)`,
				"a service account is nobody": `SELECT person_id FROM core.people WHERE person_type = 'service_account'
					AND person_id IN (SELECT k.person_id FROM metrics.provisioned_people AS p JOIN metrics.person_numbers AS k ON k.person_no = p.person_no)`,
			} {
				require.Empty(t, w.rows(counterexamples), property)
			}
			require.NotEmpty(t, w.rows("SELECT 1 FROM reports.team_engagement WHERE dimension = 'manager'"))
		})
	}
}
