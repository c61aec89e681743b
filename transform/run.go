package transform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/atomicfile"
)

// runner is one run over one build file, on one connection.
type runner struct {
	Options
	db      *sql.Conn
	load    func() (*Project, error)
	project *Project
	full    bool

	gained       []gained
	newSnapshots []newSnapshot
	changes      map[string]change // by qualified name of model or feed
	booked       bool              // the books are kept
	kept         map[string]bool   // feeds whose rows have been computed
	hasRaw       map[string]bool   // raw views (raw.okta__users) that show something in this run
	built        map[string]bool   // models brought up to date
	keyed        map[string]bool   // by table that keys come from: whether any came or went in it; see [KindOnce]
	rawPaths     []string          // files that the raw views read
	sums         map[string]rawFile
	reported     []string // report dates that the as-of models have rows for, or nothing to say on
	result       Result
}

// change says what became different in a model in this run.
type change struct {
	any   bool
	dates []string // YYYY-MM-DD, sorted; nil together with any: everything may have changed
	asOf  bool     // the dates are those that the rows are as of
}

// with is the change together with one of the given dates.
func (c change) with(dates map[string]bool) change {
	if c.any && c.dates == nil {
		return c
	}
	all := maps.Clone(dates)
	for _, d := range c.dates {
		all[d] = true
	}
	return change{any: true, dates: sortedKeys(all), asOf: c.asOf}
}

func newRunner(o *Options, load func() (*Project, error)) *runner {
	return &runner{
		Options: *o, load: load,
		changes: map[string]change{}, kept: map[string]bool{}, hasRaw: map[string]bool{}, built: map[string]bool{}, sums: map[string]rawFile{}, keyed: map[string]bool{},
	}
}

// folders are those of the lake.
func (o *Options) folders() []string {
	folders := []string{o.rawPath}
	if o.CorePath != "" {
		folders = append(folders, o.CorePath)
	}
	return folders
}

// runFull builds a new file from the whole lake and puts it in the build file's place.
func runFull(ctx context.Context, o *Options, load func() (*Project, error)) (res *Result, err error) {
	if err := os.MkdirAll(filepath.Dir(o.BuildPath), 0o700); err != nil {
		return nil, fmt.Errorf("make the warehouse folder: %w", err)
	}
	tmp := o.BuildPath + ".full" + atomicfile.TempSuffix
	if err := removeDatabase(tmp); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeDatabase(tmp))
		}
	}()
	r := newRunner(o, load)
	r.full = true
	err = withDatabase(ctx, tmp, o.Config.Resources, o.folders(), func(db *sql.Conn) error {
		r.db = db
		if err := r.execAll(ctx, append([]string{"BEGIN"}, stateDDL...)...); err != nil {
			return err
		}
		if _, err := r.build(ctx); err != nil {
			return err
		}
		if err := r.exec(ctx, "COMMIT"); err != nil {
			return err
		}
		return r.checkpoint(ctx)
	})
	if err != nil {
		return nil, err
	}
	if err := replaceDatabase(tmp, o.BuildPath); err != nil {
		return nil, err
	}
	err = withDatabase(ctx, o.BuildPath, o.Config.Resources, o.folders(), func(db *sql.Conn) error {
		r.db = db
		return r.writeCore(ctx)
	})
	return &r.result, err
}

// runIncremental continues on the build file in one transaction. A reason instead of a result
// says why that can't be done; nothing has changed then.
func runIncremental(ctx context.Context, o *Options, load func() (*Project, error)) (res *Result, why string, err error) {
	if _, err := os.Stat(o.BuildPath); errors.Is(err, fs.ErrNotExist) {
		return nil, "there is no build file yet", nil
	}
	r := newRunner(o, load)
	err = withDatabase(ctx, o.BuildPath, o.Config.Resources, o.folders(), func(db *sql.Conn) error {
		r.db = db
		// What the last run left for itself goes first, by itself: DuckDB can't commit the dropping
		// and remaking of a schema together.
		if err := r.dropScratch(ctx); err != nil {
			return err
		}
		if err := r.exec(ctx, "BEGIN"); err != nil {
			return err
		}
		if why, err = r.build(ctx); err != nil || why != "" {
			return errors.Join(err, r.rollback())
		}
		start := time.Now()
		if err := r.exec(ctx, "COMMIT"); err != nil {
			return errors.Join(err, r.rollback())
		}
		r.result.timed("(commit)", start)
		if err := r.checkpoint(ctx); err != nil {
			return err
		}
		return r.writeCore(ctx)
	})
	if errors.Is(err, errUnreadable) {
		return nil, "the build file is damaged or of another version", nil
	}
	if err != nil || why != "" {
		return nil, why, err
	}
	return &r.result, "", nil
}

func (r *runner) checkpoint(ctx context.Context) error {
	defer r.result.timed("(checkpoint)", time.Now())
	return r.exec(ctx, "CHECKPOINT")
}

// scratchSchemas hold what a run makes for itself: views on the lake, parameters, feeds.
var scratchSchemas = []string{"staging", "raw", "params"}

func (r *runner) dropScratch(ctx context.Context) error {
	for _, s := range scratchSchemas {
		if err := r.exec(ctx, "DROP SCHEMA IF EXISTS "+s+" CASCADE"); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) rollback() error {
	// The caller's context may be the reason for rolling back.
	_, err := r.db.ExecContext(context.WithoutCancel(context.Background()), "ROLLBACK")
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return err
}

const (
	fingerprintKey = "fingerprint"
	asOfKey        = "as_of"
)

// engineVersion changes when the runner itself gives other rows from the same SQL.
const engineVersion = "7"

// build runs the whole project. The returned reason, if any, asks for a full refresh.
func (r *runner) build(ctx context.Context) (why string, err error) {
	start := time.Now()
	if r.project, err = r.load(); err != nil {
		return "", err
	}
	r.result.timed("(parse)", start)
	start = time.Now()
	fingerprint := engineVersion + ":" + r.project.hash + ":" + r.Config.Fingerprint()
	if !r.full {
		known, err := r.meta(ctx, fingerprintKey)
		if err != nil {
			return "", err
		}
		if known != fingerprint {
			return "the SQL or the configuration changed", nil
		}
		before, err := r.meta(ctx, asOfKey)
		if err != nil {
			return "", err
		}
		r.reported = reportDates(before)
	}
	if why, err = r.syncLake(ctx); err != nil || why != "" {
		return why, err
	}
	if err := r.prepare(ctx); err != nil {
		return "", err
	}
	r.result.timed("(prepare)", start)
	if why, err = r.buildModels(ctx); err != nil || why != "" {
		return why, err
	}
	if err := r.noteCore(ctx); err != nil {
		return "", err
	}
	if err := r.setMeta(ctx, asOfKey, r.AsOf); err != nil {
		return "", err
	}
	if r.full {
		if err := r.setMeta(ctx, buildIDKey, r.RunID+" "+r.Now.UTC().Format(time.RFC3339Nano)); err != nil {
			return "", err
		}
	}
	return "", r.setMeta(ctx, fingerprintKey, fingerprint)
}

func (r *runner) prepare(ctx context.Context) error {
	var steps []func(context.Context) error
	if r.full {
		steps = append(steps, r.createMacros, r.loadSeeds, r.createSchemas)
	}
	steps = append(steps, r.createParams)
	if r.full {
		steps = append(steps, r.createNames)
	}
	steps = append(steps, r.createReclaimParams, r.createDictionaryParams, r.createWatermarks, r.createRawViews, r.createFeeds)
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return r.feedChanges(ctx)
}

func (r *runner) createSchemas(ctx context.Context) error {
	for _, s := range modelSchemas {
		if err := r.exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+s); err != nil {
			return err
		}
	}
	return nil
}

// feedChanges works out what is new in each feed: which dates, by new rows and by watermarks
// that moved.
func (r *runner) feedChanges(ctx context.Context) error {
	r.changes["raw.new_snapshots"] = change{any: len(r.newSnapshots) > 0}
	for _, f := range r.project.Feeds {
		c := change{}
		dates := map[string]bool{}
		for _, m := range r.project.Staging {
			if m.Feed != f.Name {
				continue
			}
			for _, g := range r.gained {
				if !reads(m, g) {
					continue
				}
				c.any = true
				marked, err := r.watermarkDates(ctx, g)
				if err != nil {
					return err
				}
				for _, d := range marked {
					dates[d] = true
				}
			}
		}
		if c.any && f.Shape == "snapshot" {
			err := r.each(ctx, "SELECT DISTINCT CAST(snapshot_date AS VARCHAR) FROM raw.new_snapshots WHERE feed = ?", func(scan func(...any) error) error {
				var d string
				err := scan(&d)
				dates[d] = true
				return err
			}, f.Name)
			if err != nil {
				return err
			}
		}
		for d := range dates {
			c.dates = append(c.dates, d)
		}
		sort.Strings(c.dates)
		r.changes["staging."+f.Name] = c
		if f.Readings {
			r.changes["staging."+f.readings()] = c
		}
	}
	return nil
}

// reads tells whether a staging model shows what a stream brings: its rows, or which of its lists are missing.
func reads(m *Model, g gained) bool {
	if connector, stream := m.driving(); connector == strings.ReplaceAll(g.connector, "-", "_") && stream == strings.ReplaceAll(g.stream, "-", "_") {
		return true
	}
	name := "raw." + strings.ReplaceAll(g.connector+"__"+g.stream, "-", "_")
	for _, d := range m.Deps {
		if d == name {
			return true
		}
	}
	return false
}

// watermarkDates are the dates from which on a moved watermark can change what is stale: the earlier of the two; from
// the first date of all where the stream was never read to the end before, as all that leans on it was stale.
func (r *runner) watermarkDates(ctx context.Context, g gained) ([]string, error) {
	if g.watermark == nil {
		return nil, nil
	}
	from := *g.watermark
	switch {
	case g.watermarkBefore == nil && !r.full:
		first, _, err := r.dateRange(ctx)
		if err != nil || first != "" {
			return []string{first}, err
		}
	case g.watermarkBefore != nil && g.watermarkBefore.Before(from):
		from = *g.watermarkBefore
	}
	if loc := r.Config.Organisation.Timezone; loc != nil {
		from = from.In(loc)
	}
	return []string{from.Format(time.DateOnly)}, nil
}

func (r *runner) buildModels(ctx context.Context) (why string, err error) {
	total := len(r.project.Models)
	checked := false
	for i, m := range checksLast(r.project.Models) {
		r.Progress(i, total, m.Qualified())
		start := time.Now()
		if !checked && readsChecks(m) {
			if err := r.runChecks(ctx); err != nil {
				return "", err
			}
			checked = true
			r.result.timed("(checks)", start)
		}
		if err := r.keepFeeds(ctx, m); err != nil {
			return "", r.explainError(ctx, err)
		}
		if slices.Contains(m.Deps, booksTable) {
			if err := r.keepBooks(ctx); err != nil {
				return "", r.explainError(ctx, err)
			}
		}
		start = time.Now()
		if why, err = r.buildModel(ctx, m); err != nil {
			return "", fmt.Errorf("model %s (%s): %w", m.Qualified(), m.File, r.explainError(ctx, err))
		}
		if why != "" {
			return why, nil
		}
		if err := r.nextTransaction(ctx); err != nil {
			return "", err
		}
		r.built[m.Qualified()] = true
		r.result.Models++
		r.result.timed(m.Qualified(), start)
	}
	r.Progress(total, total, "")
	if err := r.recordReports(ctx); err != nil {
		return "", err
	}
	return "", r.recordCoreTables(ctx)
}

// readsChecks says whether a model shows the outcome of the checks; such models are built last.
func readsChecks(m *Model) bool { return slices.Contains(m.Deps, "params.checks") }

// checksLast puts models that show the checks' outcome behind the others, and the dictionary of
// all tables behind those.
func checksLast(models []*Model) []*Model {
	place := func(m *Model) int {
		switch {
		case describes(m):
			return 2
		case readsChecks(m):
			return 1
		}
		return 0
	}
	out := slices.Clone(models)
	slices.SortStableFunc(out, func(a, b *Model) int { return place(a) - place(b) })
	return out
}

// nextTransaction ends the transaction of one model and begins that of the next. A full build has
// one for each, so that none outgrows memory, and no more, as each waits for the disk once. An
// incremental run is a single transaction.
func (r *runner) nextTransaction(ctx context.Context) error {
	if !r.full {
		return nil
	}
	return r.execAll(ctx, "COMMIT", "BEGIN")
}

// explainError names the damaged raw file when that is what an error comes from. It ends the
// transaction, in which nothing could be asked any more.
func (r *runner) explainError(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return cause
	}
	if err := r.rollback(); err != nil {
		return cause // it says more than this would
	}
	return r.explainCorrupt(ctx, r.rawPaths, cause)
}

// recordReports tells the load stage each report's key and description.
func (r *runner) recordReports(ctx context.Context) error {
	if err := r.exec(ctx, "DELETE FROM _state.reports"); err != nil {
		return err
	}
	for _, m := range r.project.Models {
		if m.Schema != "reports" {
			continue
		}
		if err := r.exec(ctx, "INSERT INTO _state.reports VALUES (?, ?, ?)", m.Name, strings.Join(m.Key, ","), m.Description); err != nil {
			return err
		}
	}
	return nil
}
