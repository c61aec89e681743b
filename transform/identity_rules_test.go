package transform_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhoIsWho(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Organisation.Domains = []string{"acme.example", "old.example"}
	w.connect("people", "org_chart")
	w.connect("log", "sso_logins", idp("okta"))
	person := func(email, more string) record {
		return record{"email": email, "last_name": "X", "team": "T", "additional_emails": more}
	}
	w.snapshot("people", "org_chart", "2026-01-01", person("renamed@old.example", ""), person("one@acme.example", "uno@private.example; team@acme.example"),
		person("two@acme.example", "team@acme.example"), person("anna@acme.example", ""), person("anna@old.example", ""), person("back@acme.example", ""))
	w.snapshot("people", "org_chart", "2026-02-01", person("renamed@acme.example", ""), person("one@acme.example", "uno@private.example; team@acme.example"),
		person("two@acme.example", "team@acme.example"), person("anna@acme.example", ""), person("anna@old.example", ""), person("robot-svc@acme.example", ""))
	w.snapshot("people", "org_chart", "2026-03-01", person("renamed@acme.example", ""), person("one@acme.example", "uno@private.example; team@acme.example"),
		person("two@acme.example", "team@acme.example"), person("anna@acme.example", ""), person("anna@old.example", ""), person("back@acme.example", ""))
	want := map[string]string{
		"renamed@old.example":   "renamed@old.example", // the domain was renamed: one person, known longest by the old address
		"Renamed@Acme.example":  "renamed@old.example",
		"one@old.example":       "one@acme.example", // HR knows one person of that name
		"uno@private.example":   "one@acme.example", // HR says so
		"team@acme.example":     "team@acme.example",
		"two@acme.example":      "two@acme.example",
		"anna@acme.example":     "anna@acme.example", // namesakes
		"anna@old.example":      "anna@old.example",
		"back@acme.example":     "back@acme.example", // left and came back
		"one@other.example":     "one@other.example", // not our domain
		"no-reply@old.example":  "service:no-reply@old.example",
		"robot-svc@old.example": "robot-svc@acme.example", // HR lists it, so it is a person
	}
	var rows []record
	var expected [][]string
	for email, person := range want {
		rows = append(rows, record{"email": email, "app": "Tool", "occurred_at": "2026-03-10T10:00:00Z"})
		expected = append(expected, []string{email, person})
	}
	w.events("log", "sso_logins", "occurred_at", rows...)
	w.run("2026-03-31")
	requireRows(t, expected, w.rows(`SELECT email, person_id FROM core.sso_logins`))
	// Nine people: the service account is none, and two of them used two addresses.
	require.Equal(t, [][]string{{"9", "9"}}, w.rows(`SELECT provisioned_users, (SELECT unique_logins FROM reports.engagement
		WHERE as_of = DATE '2026-03-31' AND window_days = 30) FROM reports.provisioned_users_daily WHERE date = DATE '2026-03-31'`))
}

// TestKindsOfPeople: employees, people whom HR does not list, addresses of several people, and machines.
func TestKindsOfPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Organisation.Domains = []string{"acme.example"}
	w.connect("people", "org_chart")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.snapshot("people", "org_chart", "2026-01-01",
		record{"email": "ann@acme.example", "last_name": "A", "team": "Red", "additional_emails": "desk@acme.example"},
		record{"email": "bob@acme.example", "last_name": "B", "team": "Red", "additional_emails": "desk@acme.example; bob@private.example"},
		record{"email": "hired@acme.example", "last_name": "H", "team": "Red", "title": "Contractor"},
		record{"email": "gone@acme.example", "last_name": "G", "team": "Red", "termination_date": "2026-02-01"},
		record{"email": "help-bot@acme.example", "last_name": "Bot", "team": "Red"})
	want := map[string]string{
		"ann@acme.example": "employee", "bob@acme.example": "employee", "gone@acme.example": "employee",
		"hired@acme.example":            "employee", // a contractor whom HR lists
		"lucia.ext@acme.example":        "external", // and one whom it does not
		"guest@partner.example":         "external",
		"desk@acme.example":             "shared_account",
		"help-bot@acme.example":         "employee", // whatever HR lists is somebody
		"service:svc-sync@acme.example": "service_account",
	}
	var rows []record
	var expected [][]string
	for person, kind := range want {
		rows = append(rows, record{"app": "Tool", "email": strings.ToUpper(strings.TrimPrefix(person, "service:"))})
		expected = append(expected, []string{person, kind})
	}
	rows = append(rows, record{"app": "Tool", "email": "bob@private.example"}) // Bob again
	w.snapshot("okta", "sso_assignments", "2026-03-31", rows...)
	w.run("2026-03-31")
	requireRows(t, expected, w.rows("SELECT person_id, person_type FROM core.people"))
	// All hold a seat but the machine: leavers until it is taken away, and the shared desk one of its own.
	require.Equal(t, [][]string{{"8"}}, w.rows("SELECT provisioned_users FROM reports.provisioned_users_daily WHERE date = DATE '2026-03-31'"))
	require.Equal(t, [][]string{{"(unknown)", "–", "4"}, {"Red", "4", "4"}},
		w.rows(`SELECT dimension_value, people, provisioned_users FROM reports.team_engagement WHERE as_of = DATE '2026-03-31' AND window_days = 30 AND dimension = 'team' ORDER BY 1`))
}

// TestMidnight holds events a second before and after local midnight to their days, at both edges of
// the windows and across changes of the clock.
func TestMidnight(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			place, err := time.LoadLocation(zone)
			require.NoError(t, err)
			w := newWorld(t)
			w.only("reports.engagement", "reports.provisioned_users_daily")
			w.config.Organisation.Timezone = place
			w.connect("log", "sso_logins", idp("entra_id"))
			w.connect("events", "engagement")
			const asOf = "2026-04-15" // the clocks changed on 8 and 29 March; 120 days back is winter
			last := parseDay(asOf)
			at := func(back, second int) string {
				d := last.AddDate(0, 0, -back)
				return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, second, 0, place).UTC().Format(time.RFC3339)
			}
			var logins, events []record
			person := 0
			want := map[int]int{}
			for _, edge := range []int{29, 59, 89, 119} {
				for _, second := range []int{0, -1} { // the first second of the window's first day, and the one before
					person++
					logins = append(logins, record{"email": fmt.Sprintf("p%d@acme.example", person), "app": "Tool", "occurred_at": at(edge, second)})
					events = append(events, record{"email": fmt.Sprintf("p%d@acme.example", person), "app": "Other", "event": "drew", "occurred_at": at(edge, second)})
					for _, w := range allWindows {
						if days := edge; second == 0 && days < w || second < 0 && days+1 < w {
							want[w]++
						}
					}
				}
			}
			// The last second of the last day counts, the first of the next does not.
			for i, second := range []int{-1, 0} {
				logins = append(logins, record{"email": fmt.Sprintf("late%d@acme.example", i), "app": "Tool", "occurred_at": at(-1, second)})
				events = append(events, record{"email": fmt.Sprintf("late%d@acme.example", i), "app": "Other", "event": "drew", "occurred_at": at(-1, second)})
			}
			w.events("log", "sso_logins", "occurred_at", logins...)
			w.events("events", "engagement", "occurred_at", events...)
			w.run(asOf)
			var expected [][]string
			for _, days := range allWindows {
				n := fmt.Sprint(want[days] + 1)
				expected = append(expected, []string{fmt.Sprint(days), "tool", fmt.Sprint(want[120] + 1), "–", n}, []string{fmt.Sprint(days), "other", fmt.Sprint(want[120] + 1), n, "–"})
			}
			requireRows(t, expected, w.rows(`SELECT window_days, app_id, provisioned_users, engaged_users, unique_logins FROM reports.engagement WHERE as_of = DATE '`+asOf+`'`))
			// With the first data 120 days before, the window of the day before as_of is complete, too.
			require.Equal(t, [][]string{{"2026-04-12", "false"}, {"2026-04-13", "false"}, {"2026-04-14", "true"}, {"2026-04-15", "true"}},
				w.rows(`SELECT date, window_complete FROM reports.provisioned_users_daily WHERE app_id = 'tool' AND date >= DATE '2026-04-12' ORDER BY 1`))
		})
	}
}

// TestOrderAndStrangersChangeNothing: the order in which rows arrive says nothing, and a
// connection of another app changes no number of this one.
func TestOrderAndStrangersChangeNothing(t *testing.T) {
	t.Parallel()
	load := func(change bool) *world {
		r := rand.New(rand.NewPCG(7, 7))
		o := randomOrganisation(r)
		w := newWorld(t)
		if change {
			r.Shuffle(len(o.logins), func(i, j int) { o.logins[i], o.logins[j] = o.logins[j], o.logins[i] })
			r.Shuffle(len(o.history.engaged), func(i, j int) { o.engaged[i], o.engaged[j] = o.engaged[j], o.engaged[i] })
			r.Shuffle(len(o.features), func(i, j int) { o.features[i], o.features[j] = o.features[j], o.features[i] })
			for _, sets := range [][]set{o.rosters, o.assigned} {
				for _, s := range sets {
					r.Shuffle(len(s.rows), func(i, j int) { s.rows[i], s.rows[j] = s.rows[j], s.rows[i] })
				}
			}
			w.connect("aaa", "roster")
			w.snapshot("aaa", "roster", date(0), record{"app": "Stranger", "email": "p0@acme.example"}, record{"app": "Stranger", "email": "new@acme.example"})
		}
		o.load(w)
		w.run(date(o.asOf))
		return w
	}
	plain, changed := load(false), load(true)
	for table := range publicReports {
		where := ""
		switch table {
		case "connection_health", "data_quality", "unmapped_spend", "fiscal_calendar", "data_dictionary", "run", "spend_by_class":
		case "lineage", "reconciliation": // they name connections
			continue
		case "headlines": // of everything, the stranger included
			continue
		case "attention":
			where = " WHERE subject <> 'stranger'"
		default:
			where = " WHERE app_id IS NULL OR app_id <> 'stranger'"
		}
		query := "SELECT * FROM reports." + table + where + " ORDER BY ALL"
		require.Equal(t, plain.rows(query), changed.rows(query), table)
	}
}
