package transform

import "context"

// buildOnce works out the keys that are new in the table they come from, and removes those that are gone from it.
func (r *runner) buildOnce(ctx context.Context, m *Model, in change) error {
	if !in.any {
		return nil
	}
	changed, err := r.syncKeys(ctx, m)
	if err != nil || !changed {
		return err
	}
	r.computed(m, change{any: true, dates: in.dates})
	return r.execAll(ctx, deleteGone(m), insertRows(m, m.Key...))
}

// syncKeys brings params.new_keys and _state.keys up to date with the table that a model's keys come from, once a run for
// each such table. It says whether any came or went.
func (r *runner) syncKeys(ctx context.Context, m *Model) (bool, error) {
	if changed, done := r.keyed[m.Keys]; done {
		return changed, nil
	}
	var changed bool
	if err := r.exec(ctx, findNewKeys(m)); err != nil {
		return false, err
	}
	if err := r.db.QueryRowContext(ctx, anyKeys(m)).Scan(&changed); err != nil {
		return false, err
	}
	r.keyed[m.Keys] = changed
	return changed, r.execAll(ctx, noteKeys(m)...)
}
