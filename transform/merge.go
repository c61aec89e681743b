package transform

import (
	"context"
	"fmt"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
)

// buildMerge computes the rows that changed dates of its inputs bear on, and merges them by key. Only what
// is different afterwards counts as changed.
func (r *runner) buildMerge(ctx context.Context, m *Model, in change) error {
	if !in.any {
		return nil
	}
	if err := r.fillChanged(ctx, m, in); err != nil {
		return err
	}
	if r.full {
		r.computed(m, change{any: true})
		return r.exec(ctx, insertRows(m, append([]string{m.Date}, m.Key...)...))
	}
	if err := r.execAll(ctx, createFresh(m), createMergeDelta(m, in.dates == nil)); err != nil {
		return err
	}
	c, err := r.changeOf(ctx, m, delta)
	if err != nil || !c.any {
		return err
	}
	r.computed(m, c)
	return r.execAll(ctx, replaceChanged(m)...)
}

// fillChanged says which dates changed in each input of a model. Where something without dates changed, all dates
// have, in all of them.
func (r *runner) fillChanged(ctx context.Context, m *Model, in change) error {
	if err := r.exec(ctx, "DELETE FROM params.changed"); err != nil {
		return err
	}
	if in.dates == nil {
		first, last, err := r.dateRange(ctx)
		if err != nil || first == "" {
			return err
		}
		return r.exec(ctx, changedBetween(m.Deps, first, last))
	}
	for _, d := range m.Deps {
		for _, date := range r.changes[d].dates {
			if err := r.exec(ctx, "INSERT INTO params.changed VALUES (?, CAST(? AS DATE))", d, date); err != nil {
				return err
			}
		}
	}
	return nil
}

func changedBetween(sources []string, first, last string) string {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = "(" + duck.Literal(s) + ")"
	}
	return fmt.Sprintf(`INSERT INTO params.changed
SELECT s.source, CAST(d.date AS DATE)
FROM (VALUES %s) AS s (source) CROSS JOIN generate_series(DATE '%s', DATE '%s', INTERVAL 1 DAY) AS d (date)`, strings.Join(names, ", "), first, last)
}
