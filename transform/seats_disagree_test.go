package transform_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// requireDisagreements compares the kinds that name people.
func (o *seatOrg) requireDisagreements(t *testing.T, w *world, apps []string) {
	t.Helper()
	var want [][]string
	found := func(kind, app, email string) { want = append(want, []string{kind, app, email}) }
	for _, app := range apps {
		sets := o.source(app, o.asOf)
		if sets == nil {
			continue
		}
		onRoster := app == "zoom" && knows(o.rosters, app, o.asOf)
		for _, p := range o.people {
			held := len(newestSet(sets, o.asOf).of(app, p)) > 0
			recent := func(events []seatEvent) bool {
				return slices.ContainsFunc(events, func(e seatEvent) bool {
					return e.app == app && e.email == p && e.event != "signed_in" && e.day <= o.asOf && e.day > o.asOf-30
				})
			}
			if !held && recent(o.logins) {
				found("login_not_provisioned", app, p)
			}
			if !held && recent(o.events) {
				found("engaged_not_provisioned", app, p)
			}
			hasLeft, isKnown := o.left(p, o.asOf)
			if held && !isKnown && (o.hrEnds < 0 || o.asOf <= o.hrEnds) {
				found("provisioned_not_in_hr", app, p)
			}
			if held && hasLeft {
				found("left_but_provisioned", app, p)
			}
			if onRoster && !held && len(newestSet(o.assigned, o.asOf).of(app, p)) > 0 {
				found("assigned_not_on_roster", app, p)
			}
			if held && o.returned(sets, app, p) {
				found("reprovisioned", app, p)
			}
		}
	}
	sortRows(want)
	var compared [][]string
	for _, row := range w.rows("SELECT kind, app_id, person_id FROM reports.disagreements WHERE person_id IS NOT NULL ORDER BY 1, 2, 3") {
		if o.source(row[1], o.asOf) != nil {
			compared = append(compared, row)
		}
	}
	assert.Equal(t, want, compared, "disagreements")
}

// returned tells whether somebody came back in the last 90 days after a set without them.
func (o *seatOrg) returned(sets []seatSet, app, email string) bool {
	starts, last, there := 0, -1, false
	for _, s := range sets {
		if s.day > o.asOf {
			break
		}
		is := len(s.of(app, email)) > 0
		if is && !there {
			starts++
			last = s.day
		}
		there = is
	}
	return starts > 1 && last > o.asOf-90
}
