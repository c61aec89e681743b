package transform_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestSomebodyWhoLeftAfterTheDateStillCountsOnIt holds a report of a past date to the org chart of that date: a last day that was
// written later, even one before the date, makes nobody a leaver of then.
func TestSomebodyWhoLeftAfterTheDateStillCountsOnIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("hr", "org_chart")
	w.connect("seats", "roster")
	w.connect("okta", "sso_assignments", idp("okta"))
	person := func(name, left string) record {
		return record{"email": name + "@acme.example", "last_name": name, "team": "Sales", "termination_date": left}
	}
	// Of 30 May: ann stays, bob is gone by the list of June as of 1 May, dee leaves the day after, fay has left, gus is no longer listed in June.
	w.snapshot("hr", "org_chart", "2025-05-30", person("ann", ""), person("bob", ""), person("dee", "2025-06-01"), person("fay", "2025-04-15"), person("gus", ""))
	for _, day := range []string{"2025-05-31", "2025-06-30"} {
		var seats, assigned []record
		for _, name := range []string{"ann", "bob", "dee", "fay", "gus"} {
			seats = append(seats, record{"app": "Quillboard", "email": name + "@acme.example"})
			assigned = append(assigned, record{"app": "Inkwell", "email": name + "@acme.example"})
		}
		w.snapshot("seats", "roster", day, seats...)
		w.snapshot("okta", "sso_assignments", day, assigned...)
	}
	w.snapshot("hr", "org_chart", "2025-06-20", person("ann", ""), person("bob", "2025-05-01"), person("dee", "2025-06-01"), person("fay", "2025-04-15"))

	w.only("reports.disagreements", "reports.team_engagement")
	left := func(asOf string) [][]string {
		return w.rows("SELECT app_id, email, detail FROM reports.disagreements WHERE kind = 'left_but_provisioned' AND as_of = DATE '" + asOf + "' ORDER BY 1, 2")
	}
	staff := func(asOf string) [][]string {
		return w.rows("SELECT people FROM reports.team_engagement WHERE app_id = 'quillboard' AND dimension_value = 'Sales' AND window_days = 30 AND as_of = DATE '" + asOf + "'")
	}
	w.run("2025-05-31")
	assert.Equal(t, [][]string{
		{"inkwell", "fay@acme.example", "left on 2025-04-15, but still has a seat"}, {"quillboard", "fay@acme.example", "left on 2025-04-15, but still has a seat"},
	}, left("2025-05-31"))
	assert.Equal(t, [][]string{{"4"}}, staff("2025-05-31"), "the day before the last day is a day of work")
	assert.Equal(t, [][]string{{"bob@acme.example", "true"}, {"dee@acme.example", "true"}, {"fay@acme.example", "false"}, {"gus@acme.example", "true"}},
		w.rows("SELECT person_id, is_employed FROM core.org_chart WHERE snapshot_date = DATE '2025-05-30' AND person_id <> 'ann@acme.example' ORDER BY 1"))

	w.run("2025-06-30")
	assert.Equal(t, [][]string{{"bob@acme.example"}, {"dee@acme.example"}, {"fay@acme.example"}, {"gus@acme.example"}},
		w.rows("SELECT email FROM reports.disagreements WHERE kind = 'left_but_provisioned' AND app_id = 'quillboard' AND as_of = DATE '2025-06-30' ORDER BY 1"))
	assert.Equal(t, [][]string{{"4"}}, staff("2025-05-31"), "and May, as June's run shows it, is as it was")
	assert.Equal(t, [][]string{{"1"}}, staff("2025-06-30"))
}

// TestSomebodyWhomTheListNoLongerNamesHasLeftOnTheDayOfThatList, and on no later one, however often the list is read without them: who was
// active between the two days is told of in every later report, who was not is not.
func TestSomebodyWhomTheListNoLongerNamesHasLeftOnTheDayOfThatList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("hr", "org_chart")
	w.connect("log", "sso_logins", idp("entra_id"))
	w.connect("use", "engagement")
	w.only("reports.disagreements", "core.people")
	chart := func(day string, names ...string) {
		var rows []record
		for _, n := range names {
			rows = append(rows, record{"email": n + "@acme.example", "last_name": n, "team": "Sales"})
		}
		w.snapshot("hr", "org_chart", day, rows...)
	}
	seen := func(name, day string) {
		w.events("log", "sso_logins", "occurred_at", record{"app": "Reed", "email": name + "@acme.example", "occurred_at": day + "T10:00:00Z"})
		w.events("use", "engagement", "occurred_at", record{"app": "Quill", "email": name + "@acme.example", "event": "open", "occurred_at": day + "T10:00:00Z"})
	}
	for _, name := range []string{"ann", "bob", "cy"} {
		seen(name, "2026-01-20")
	}
	seen("bob", "2026-02-10") // bob is gone by the list of 1 February, and was there on the 10th
	chart("2026-01-01", "ann", "bob", "cy")
	found := func() [][]string {
		return w.rows("SELECT app_id, email, detail FROM reports.disagreements WHERE kind = 'left_but_provisioned' ORDER BY 1, 2")
	}
	for _, day := range []string{"2026-02-01", "2026-03-01", "2026-04-01"} {
		chart(day, "ann")
		seen("ann", day)
		w.run(day)
		assert.Equal(t, [][]string{{"ann@acme.example", "true", "–"}, {"bob@acme.example", "false", "2026-02-01"}, {"cy@acme.example", "false", "2026-02-01"}},
			w.rows("SELECT person_id, is_employed, termination_date FROM core.people ORDER BY 1"), day)
		if day == "2026-02-01" {
			assert.Empty(t, found())
			continue
		}
		rows := found()
		if assert.Len(t, rows, 2, day) {
			assert.Equal(t, []string{"quill", "bob@acme.example"}, rows[0][:2], day)
			assert.Equal(t, []string{"reed", "bob@acme.example"}, rows[1][:2], day)
			assert.Contains(t, rows[0][2], "is no longer in HR, but ", day)
		}
	}
}
