package transform

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// buildDated recomputes the dates that changed inputs touch, and those it does not have yet.
func (r *runner) buildDated(ctx context.Context, m *Model, in change) error {
	find := r.datesChanged
	if m.Forward {
		if err := r.exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s > CAST('%s' AS DATE)", m.Qualified(), m.Date, r.AsOf)); err != nil {
			return err
		}
		find = r.datesForward
	}
	dates, err := find(ctx, m, in)
	if err != nil || len(dates) == 0 {
		return err
	}
	c := change{any: true, dates: dates}
	if m.Monthly {
		dates, c.dates = months(dates), nil
	}
	if err := r.fillDates(ctx, m, "params.dates", dates); err != nil {
		return err
	}
	if err := r.execAll(ctx, datedDelete(m), insertRows(m, append([]string{m.Date}, m.Key...)...)); err != nil {
		return err
	}
	r.computed(m, c)
	return nil
}

// datesChanged are the dates that changed inputs are of. For a model that reads which day the run is as of, the days between
// the run before and this one are among them: whatever was dated ahead is due by now, or not yet any more.
func (r *runner) datesChanged(ctx context.Context, m *Model, in change) ([]string, error) {
	if in.any && in.dates == nil {
		// Something without dates changed: everything may have.
		first, last, err := r.extent(ctx, m)
		return days(first, last), err
	}
	changed, _ := slices.BinarySearch(in.dates, earliest)
	in.dates = in.dates[changed:]
	if len(r.reported) == 0 || r.reported[0] == r.AsOf || !slices.Contains(m.Deps, "params.run") {
		return in.dates, nil
	}
	passed := map[string]bool{}
	for _, d := range days(min(r.reported[0], r.AsOf), max(r.reported[0], r.AsOf)) {
		passed[d] = true
	}
	return in.with(passed).dates, nil
}

// datesForward are the first date of a change and all later ones, up to the as-of date.
func (r *runner) datesForward(ctx context.Context, m *Model, in change) ([]string, error) {
	if in.any && in.dates == nil {
		first, _, err := r.extent(ctx, m)
		return days(first, r.AsOf), err
	}
	first := ""
	if len(in.dates) > 0 {
		first = max(in.dates[0], earliest)
	}
	_, have, err := r.span(ctx, fmt.Sprintf("SELECT '', CAST(max(%s) + 1 AS VARCHAR) FROM %s", m.Date, m.Qualified()))
	if err != nil {
		return nil, err
	}
	if have == "" { // nothing yet
		if have, _, err = r.dateRange(ctx); err != nil || have == "" {
			return nil, err
		}
	}
	if first == "" || have < first {
		first = have
	}
	return days(first, r.AsOf), nil
}

// months are the first days of the dates' months.
func months(dates []string) []string {
	set := map[string]bool{}
	for _, d := range dates {
		set[d[:len("2006-01")]+"-01"] = true
	}
	return sortedKeys(set)
}

// extent is the first and last date that a dated model has rows of, or may get: what its rows were of may be gone.
func (r *runner) extent(ctx context.Context, m *Model) (first, last string, err error) {
	if first, last, err = r.dateRange(ctx); err != nil {
		return "", "", err
	}
	low, high, err := r.span(ctx, fmt.Sprintf("SELECT CAST(min(%[1]s) AS VARCHAR), CAST(max(%[1]s) AS VARCHAR) FROM %[2]s", m.Date, m.Qualified()))
	if err != nil || low == "" {
		return first, last, err
	}
	if first == "" {
		return low, high, nil
	}
	return min(first, low), max(last, high), nil
}

// earliest is the first day that dated models look at: nothing that a source tells of is older, and a clock that stood at
// 1970 would make a series of twenty thousand days.
const earliest = "2000-01-01"

// snapshotsModel lists the whole lists, those of nobody too.
const snapshotsModel = "metrics.feed_snapshots"

// dateRange is the first and last plausible date of any dated or event model so far.
func (r *runner) dateRange(ctx context.Context) (first, last string, err error) {
	var parts []string
	for _, m := range r.project.Models {
		// A whole list of nobody has rows in no core table.
		if (m.Kind == KindUpsert || m.Kind == KindSnapshot || m.Qualified() == snapshotsModel) && (!r.full || r.built[m.Qualified()]) {
			parts = append(parts, fmt.Sprintf("SELECT min(%[1]s) AS a, max(%[1]s) AS b FROM %[2]s", m.Date, m.Qualified()))
		}
	}
	if len(parts) == 0 {
		return "", "", nil
	}
	first, last, err = r.span(ctx, "SELECT CAST(min(a) AS VARCHAR), CAST(max(b) AS VARCHAR) FROM ("+strings.Join(parts, " UNION ALL ")+")")
	if err != nil || last < earliest {
		return "", "", err
	}
	return max(first, earliest), last, nil
}

// buildAsOf recomputes the report dates that a changed input touches, those it does not have yet, and
// the run's own, and drops those that are no report dates any more.
func (r *runner) buildAsOf(ctx context.Context, m *Model) error {
	var dates []string
	for i, d := range reportDates(r.AsOf) {
		if i == 0 || !slices.Contains(r.reported, d) || r.touches(m, d) {
			dates = append(dates, d)
		}
	}
	sort.Strings(dates)
	if err := r.fillDates(ctx, m, "params.as_of_dates", dates); err != nil {
		return err
	}
	if err := r.execAll(ctx, asOfDelete(m), insertRows(m, orderOf(m.asOfColumn(), dates)...)); err != nil {
		return err
	}
	r.computed(m, change{any: true, dates: dates, asOf: true})
	return nil
}

// orderOf is the order of rows of the given dates: by date, where there are several.
func orderOf(column string, dates []string) []string {
	if len(dates) == 1 {
		return nil
	}
	return []string{column}
}

// touches tells whether what changed in a model's inputs can change its rows as of a date: a row of
// another as-of model does where it is of that date, anything else where it is of that date or
// an earlier one.
func (r *runner) touches(m *Model, date string) bool {
	for _, d := range m.Deps {
		c := r.changes[d]
		switch {
		case !c.any:
		case c.dates == nil:
			return true
		case c.asOf:
			if slices.Contains(c.dates, date) {
				return true
			}
		case len(c.dates) > 0 && c.dates[0] <= date:
			return true
		}
	}
	return false
}

// fillDates says which dates a model is to compute, and fills the windows that it reads with them.
func (r *runner) fillDates(ctx context.Context, m *Model, table string, dates []string) error {
	if err := r.exec(ctx, "DELETE FROM "+table); err != nil {
		return err
	}
	const chunk = 1000
	for len(dates) > 0 {
		n := min(chunk, len(dates))
		if err := r.exec(ctx, fmt.Sprintf("INSERT INTO %s VALUES (DATE '%s')", table, strings.Join(dates[:n], "'), (DATE '"))); err != nil {
			return err
		}
		dates = dates[n:]
	}
	return r.fillWindows(ctx, m)
}

// windows say how each table of the days that sliding windows reach back to is filled. Joined
// with by equality, such a table lets the engine skip what is older, which a comparison of dates does not.
var windows = map[string]string{
	"params.window_days": `SELECT DISTINCT day, CAST(date_diff('day', DATE '1970-01-01', day) AS INTEGER)
FROM (SELECT CAST(d.date - CAST(n AS INTEGER) AS DATE) AS day FROM params.dates AS d CROSS JOIN range(120) AS r (n)) AS w`,
	"params.as_of_days": `SELECT as_of, day, CAST(date_diff('day', DATE '1970-01-01', day) AS INTEGER)
FROM (SELECT d.as_of, CAST(d.as_of - CAST(n AS INTEGER) AS DATE) AS day FROM params.as_of_dates AS d CROSS JOIN range(120) AS r (n)) AS w`,
}

// fillWindows fills those of the windows that a model reads.
func (r *runner) fillWindows(ctx context.Context, m *Model) error {
	for _, d := range m.Deps {
		if query, ok := windows[d]; ok {
			if err := r.execAll(ctx, "DELETE FROM "+d, "INSERT INTO "+d+" "+query); err != nil {
				return err
			}
		}
	}
	return nil
}

// days lists every date from first to last, both included.
func days(first, last string) []string {
	a, errA := time.Parse(time.DateOnly, first)
	b, errB := time.Parse(time.DateOnly, last)
	if errA != nil || errB != nil {
		return nil
	}
	var out []string
	for ; !a.After(b); a = a.AddDate(0, 0, 1) {
		out = append(out, a.Format(time.DateOnly))
	}
	return out
}

func sortedKeys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
