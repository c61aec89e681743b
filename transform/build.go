package transform

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
)

// buildModel brings one model up to date and notes what changed in it.
func (r *runner) buildModel(ctx context.Context, m *Model) (why string, err error) {
	if r.full {
		if err := r.create(ctx, m); err != nil {
			return "", err
		}
	}
	if r.full && describes(m) {
		if err := r.fillDictionary(ctx); err != nil {
			return "", err
		}
	}
	in := r.inputs(m)
	switch m.Kind {
	case KindView:
		r.changes[m.Qualified()] = in
		return "", nil
	case KindUpsert:
		return "", r.buildUpsert(ctx, m, in)
	case KindSnapshot:
		return "", r.buildSnapshot(ctx, m, in)
	case KindAccumulate:
		return "", r.buildAccumulate(ctx, m, in)
	case KindNumbered:
		return "", r.buildNumbered(ctx, m, in)
	case KindOnce:
		return "", r.buildOnce(ctx, m, in)
	case KindDated:
		return "", r.buildDated(ctx, m, in)
	case KindMerge:
		return "", r.buildMerge(ctx, m, in)
	case KindAsOf:
		return "", r.buildAsOf(ctx, m)
	default:
		return r.buildTable(ctx, m, in)
	}
}

func (r *runner) create(ctx context.Context, m *Model) error {
	ddl := createTable(m)
	what := "TABLE"
	switch m.Kind {
	case KindView:
		ddl, what = createView(m), "VIEW"
	case KindNumbered:
		ddl = createNumbered(m)
	}
	if err := r.exec(ctx, ddl); err != nil {
		return err
	}
	if err := r.exec(ctx, fmt.Sprintf("COMMENT ON %s %s IS %s", what, m.Qualified(), duck.Literal(m.comment()))); err != nil {
		return err
	}
	known := map[string]bool{}
	var comments []string
	columns, err := r.columnsOf(ctx, m.Qualified())
	if err != nil {
		return err
	}
	for _, c := range columns {
		known[c.name] = true
		if m.Columns[c.name] != "" {
			comments = append(comments, fmt.Sprintf("COMMENT ON COLUMN %s.%s IS %s", m.Qualified(), c.name, duck.Literal(m.columnComment(c.name, c.kind))))
		}
	}
	if err := r.execAll(ctx, comments...); err != nil {
		return err
	}
	for _, header := range []map[string]string{m.Columns, m.Units} {
		for c := range header {
			if !known[c] {
				return fmt.Errorf("the header describes column %q, which the query does not give", c)
			}
		}
	}
	return nil
}

func (m *Model) comment() string {
	if m.Grain == "" {
		return m.Description
	}
	return m.Description + " Grain: " + m.Grain + "."
}

// inputs joins what changed in everything a model reads.
func (r *runner) inputs(m *Model) change {
	var in change
	dates := map[string]bool{}
	all := false
	for _, d := range m.Deps {
		c := r.changes[d]
		if !c.any {
			continue
		}
		in.any = true
		if c.dates == nil {
			all = true
		}
		for _, x := range c.dates {
			dates[x] = true
		}
	}
	if !all {
		in.dates = []string{}
		for d := range dates {
			in.dates = append(in.dates, d)
		}
		sort.Strings(in.dates)
	}
	return in
}

func (r *runner) computed(m *Model, c change) {
	r.result.Recomputed++
	r.changes[m.Qualified()] = c
}

func (r *runner) buildTable(ctx context.Context, m *Model, in change) (why string, err error) {
	if !r.full && !in.any && !r.readsParams(m) {
		return "", nil
	}
	if !r.full {
		other, err := r.isOfOtherDays(ctx, m)
		if err != nil {
			return "", err
		}
		if other {
			r.computed(m, change{any: true})
			return "", r.execAll(ctx, deleteAll(m), insertRows(m))
		}
	}
	if err := r.exec(ctx, createFresh(m)); err != nil {
		return "", err
	}
	if r.full {
		c, err := r.changeOf(ctx, m, fresh)
		if err != nil || !c.any {
			return "", err
		}
		r.computed(m, c)
		return "", r.exec(ctx, insertFresh(m, m.Key...))
	}
	if err := r.exec(ctx, createDelta(m)); err != nil {
		return "", err
	}
	c, err := r.changeOf(ctx, m, delta)
	if err != nil || !c.any {
		return "", err
	}
	if why, err := r.movedKeys(ctx, m); err != nil || why != "" {
		return why, err
	}
	r.computed(m, c)
	return "", r.writeTable(ctx, m)
}

// isOfOtherDays tells of a model whose rows say what day they are of that the table has none of the run's day: then
// all of them give way, and nothing needs comparing.
func (r *runner) isOfOtherDays(ctx context.Context, m *Model) (bool, error) {
	if m.Date != "" || !slices.Contains(m.Key, m.asOfColumn()) {
		return false, nil
	}
	var filled, today bool
	err := r.db.QueryRowContext(ctx, daysHeld(m, r.AsOf)).Scan(&filled, &today)
	return filled && !today, err
}

// writeTable replaces what differs, or everything where that is most of the table.
func (r *runner) writeTable(ctx context.Context, m *Model) error {
	changed, err := r.count(ctx, "SELECT count(*) FROM "+delta)
	if err != nil {
		return err
	}
	rows, err := r.count(ctx, "SELECT count(*) FROM "+fresh)
	if err != nil {
		return err
	}
	if len(m.Key) == 0 || changed > rows/2 {
		return r.execAll(ctx, deleteAll(m), insertFresh(m, m.Key...))
	}
	return r.execAll(ctx, replaceChanged(m)...)
}

// changeOf tells what the rows of table differing are: of which dates, if the model says which
// column that is and all have one.
func (r *runner) changeOf(ctx context.Context, m *Model, differing string) (change, error) {
	if m.Date == "" {
		n, err := r.count(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+differing+" LIMIT 1) AS d")
		return change{any: n > 0}, err
	}
	c := change{dates: []string{}}
	undated := false
	err := r.each(ctx, fmt.Sprintf("SELECT DISTINCT CAST(%s AS VARCHAR) FROM %s AS d ORDER BY 1", m.Date, differing), func(scan func(...any) error) error {
		var date *string
		err := scan(&date)
		c.any = true
		if date == nil {
			undated = true
		} else {
			c.dates = append(c.dates, *date)
		}
		return err
	})
	if undated {
		c.dates = nil
	}
	return c, err
}

// fixedParams follow from the SQL and the configuration alone. When those change, so does the fingerprint, and
// everything is computed anew.
var fixedParams = []string{
	dictionaryParams, "params.apps", "params.app_names", "params.excluded_instances", "params.domains",
	"params.policy", "params.app_policy", "params.allocation", "params.reclaim_rules",
}

// readsParams tells whether a model depends on what differs from run to run without any new data.
func (r *runner) readsParams(m *Model) bool {
	return slices.ContainsFunc(m.Deps, func(d string) bool {
		return strings.HasPrefix(d, "_state.") || (strings.HasPrefix(d, "params.") && !slices.Contains(fixedParams, d))
	})
}

// identityModel says whose identifier is whose; when it changes for identifiers that were known, the
// rows of the models with a person header move. appModel says which app is which; when it
// changes for known keys, everything is computed again.
const (
	identityModel = "metrics.identity"
	appModel      = "metrics.app_map"
)

// movedKeys notes the identifiers that belong to somebody else now, in temp.moved, and asks for
// a full refresh when known app keys changed their meaning.
func (r *runner) movedKeys(ctx context.Context, m *Model) (why string, err error) {
	switch m.Qualified() {
	case identityModel:
		return "", r.exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE moved AS
SELECT f.identifier, f.person_id FROM %s AS f JOIN %s AS t ON t.identifier = f.identifier WHERE t.person_id <> f.person_id`, fresh, m.Qualified()))
	case appModel:
		n, err := r.count(ctx, fmt.Sprintf(`SELECT count(*) FROM %s AS f JOIN %s AS t ON t.connection = f.connection
  AND t.source_app_id = f.source_app_id AND t.app_key = f.app_key AND t.instance_key = f.instance_key
WHERE t.app_id <> f.app_id OR t.instance_id <> f.instance_id`, fresh, m.Qualified()))
		if err != nil {
			return "", err
		}
		if n > 0 {
			return "known app names belong to other apps now", nil
		}
	}
	return "", nil
}

func (r *runner) buildUpsert(ctx context.Context, m *Model, in change) error {
	touched := map[string]bool{}
	if err := r.restatePersons(ctx, m, touched); err != nil {
		return err
	}
	if in.any {
		if err := r.exec(ctx, createFresh(m)); err != nil {
			return err
		}
		low, high, err := r.span(ctx, fmt.Sprintf("SELECT CAST(min(%[1]s) AS VARCHAR), CAST(max(%[1]s) AS VARCHAR) FROM %[2]s", m.Date, fresh))
		if err != nil {
			return err
		}
		if low != "" {
			if err := r.writeUpsert(ctx, m, low, high, touched); err != nil {
				return err
			}
		}
		for _, d := range in.dates { // watermarks that moved
			touched[d] = true
		}
	}
	if len(touched) > 0 || in.any {
		r.computed(m, change{any: true, dates: sortedKeys(touched)})
	}
	return nil
}

func (r *runner) writeUpsert(ctx context.Context, m *Model, low, high string, touched map[string]bool) error {
	if r.full {
		if err := r.addDates(ctx, touched, upsertTouched(m, nil)); err != nil {
			return err
		}
		return r.exec(ctx, insertFresh(m, m.Date))
	}
	scopes := upsertScopes(m, low, high, r.mutableConnections())
	if err := r.addDates(ctx, touched, upsertTouched(m, scopes)); err != nil {
		return err
	}
	return r.execAll(ctx, upsertWrite(m, scopes)...)
}

// mutableConnections are those with new rows whose events may change their date: files can be
// corrected by hand, a vendor's log can't.
func (r *runner) mutableConnections() []string {
	seen := map[string]bool{}
	for _, g := range r.gained {
		if g.connector == "file" {
			seen[g.connection] = true
		}
	}
	return sortedKeys(seen)
}

func (r *runner) restatePersons(ctx context.Context, m *Model, touched map[string]bool) error {
	if r.full || len(m.Person) != 2 || !r.changes[identityModel].any {
		return nil
	}
	if err := r.addDates(ctx, touched, restateTouched(m)); err != nil {
		return err
	}
	return r.exec(ctx, restate(m))
}

func (r *runner) buildSnapshot(ctx context.Context, m *Model, in change) error {
	touched := map[string]bool{}
	if err := r.restatePersons(ctx, m, touched); err != nil {
		return err
	}
	if in.any {
		if r.full {
			if err := r.fillSnapshots(ctx, m); err != nil {
				return err
			}
		} else if err := r.execAll(ctx, snapshotDelete(m), insertRows(m, orderOf(m.Date, r.changes["staging."+m.Feed].dates)...)); err != nil {
			return err
		}
		for _, d := range r.changes["staging."+m.Feed].dates {
			touched[d] = true
		}
	}
	if len(touched) > 0 || in.any {
		r.computed(m, change{any: true, dates: sortedKeys(touched)})
	}
	return nil
}

// snapshotRows is about how many rows of a feed a full build takes at a time.
const snapshotRows = 500_000

// fillSnapshots computes a snapshot model for all of history, some dates at a time: the sets are
// independent of each other, and memory then holds only a part of them.
func (r *runner) fillSnapshots(ctx context.Context, m *Model) error {
	whole := insertRows(m, m.Date)
	if !r.kept[m.Feed] {
		return r.exec(ctx, whole)
	}
	var ends []string // the last date of each part
	rows := int64(0)
	query := fmt.Sprintf("SELECT CAST(snapshot_date AS VARCHAR), count(*) FROM %s GROUP BY snapshot_date ORDER BY snapshot_date", keptFeed(m.Feed))
	err := r.each(ctx, query, func(scan func(...any) error) error {
		var date string
		var n int64
		err := scan(&date, &n)
		if rows == 0 || rows+n > snapshotRows {
			ends, rows = append(ends, date), 0
		}
		ends[len(ends)-1] = date
		rows += n
		return err
	})
	if err != nil {
		return err
	}
	if len(ends) < 2 {
		return r.exec(ctx, whole)
	}
	from := "0001-01-01"
	for _, to := range ends {
		part := fmt.Sprintf("%s WHERE snapshot_date > DATE '%s' AND snapshot_date <= DATE '%s'", showFeed(m.Feed), from, to)
		if err := r.execAll(ctx, part, whole); err != nil {
			return err
		}
		from = to
	}
	return r.exec(ctx, showFeed(m.Feed))
}

func (r *runner) buildAccumulate(ctx context.Context, m *Model, in change) error {
	if !in.any {
		return nil
	}
	touched := map[string]bool{}
	if err := r.restatePersons(ctx, m, touched); err != nil {
		return err
	}
	columns, err := r.columnsOf(ctx, m.Qualified())
	if err != nil {
		return err
	}
	if err := r.execAll(ctx, createFresh(m), accumulateMerge(m, names(columns))); err != nil {
		return err
	}
	c, err := r.changeOf(ctx, m, "("+accumulateChanged(m)+")")
	if err != nil || !c.any && len(touched) == 0 {
		return err
	}
	if len(touched) > 0 {
		c = c.with(touched)
	}
	r.computed(m, c)
	return r.execAll(ctx, accumulateWrite(m)...)
}

func (r *runner) buildNumbered(ctx context.Context, m *Model, in change) error {
	if !in.any {
		return nil
	}
	if err := r.execAll(ctx, createFresh(m), appendNumbered(m)); err != nil {
		return err
	}
	// New numbers change nothing that was there, so nothing that reads them is touched.
	r.result.Recomputed++
	return nil
}
