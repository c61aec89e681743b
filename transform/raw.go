package transform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/lake"
)

// rawColumns are the columns of every raw view, for streams that have no file yet.
const rawColumns = `CAST(NULL AS VARCHAR) AS connection, CAST(NULL AS BIGINT) AS seq, CAST(NULL AS VARCHAR) AS record_id,
    CAST(NULL AS VARCHAR) AS parent_id, CAST(NULL AS TIMESTAMP) AS event_at, CAST(NULL AS VARCHAR) AS snapshot_id,
    CAST(NULL AS DATE) AS snapshot_date, CAST(NULL AS TIMESTAMP) AS read_at, CAST(NULL AS TIMESTAMP) AS extracted_at,
    CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS payload`

// stateDDL is the runner's own bookkeeping inside the build file.
var stateDDL = []string{
	"CREATE SCHEMA _state",
	"CREATE TABLE _state.meta (key VARCHAR, value VARCHAR)",
	"CREATE TABLE _state.streams (connection VARCHAR, connector VARCHAR, stream VARCHAR, applied_seq BIGINT, applied_at TIMESTAMP, watermark TIMESTAMP)",
	"CREATE TABLE _state.files (connection VARCHAR, connector VARCHAR, stream VARCHAR, seq BIGINT, path VARCHAR, snapshot_id VARCHAR, rows BIGINT, set_aside BIGINT, is_guarded BOOLEAN)",
	"CREATE TABLE _state.snapshots (connection VARCHAR, connector VARCHAR, stream VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP, source VARCHAR)",
	// The parents whose lists are not whole in a snapshot, and the snapshot with their last whole ones: see [lake.UnreadList].
	`CREATE TABLE _state.unread (connection VARCHAR, connector VARCHAR, stream VARCHAR, snapshot_id VARCHAR, snapshot_date DATE,
    read_at TIMESTAMP, parent_id VARCHAR, kept_snapshot_id VARCHAR, kept_date DATE, left_out BOOLEAN)`,
	"CREATE TABLE _state.issues (connection VARCHAR, stream VARCHAR, seq BIGINT, check_name VARCHAR, failing_rows BIGINT, sample VARCHAR, is_kept BOOLEAN)",
	`CREATE VIEW _state.newest_seq AS
SELECT f.connection, f.stream, min(f.seq) AS first_seq
FROM _state.files AS f
JOIN (SELECT connection, stream, arg_max(snapshot_id, read_at) AS snapshot_id FROM _state.snapshots
      WHERE source = '' GROUP BY connection, stream
      UNION ALL
      -- The lists in files: those of the newest date, each file's last reading.
      SELECT connection, stream, snapshot_id FROM _state.snapshots
      WHERE source <> '' AND stream IN ('org_chart', 'roster', 'sso_assignments')
      QUALIFY snapshot_date = max(snapshot_date) OVER (PARTITION BY connection, stream)
          AND row_number() OVER (PARTITION BY connection, stream, snapshot_date, source ORDER BY read_at DESC) = 1) AS s
  ON s.connection = f.connection AND s.stream = f.stream AND s.snapshot_id = f.snapshot_id
GROUP BY f.connection, f.stream`,
	// Readings of event files that count no more: see [lake.TakenBack].
	"CREATE TABLE _state.taken_back (connection VARCHAR, stream VARCHAR, source VARCHAR, seq BIGINT, since TIMESTAMP)",
	"CREATE TABLE _state.core_due (table_name VARCHAR, partition_column VARCHAR, date VARCHAR)",
	"CREATE TABLE _state.core_tables (table_name VARCHAR, partition_column VARCHAR)",
	"CREATE TABLE _state.keys (source VARCHAR, key VARCHAR)", // of models worked out once a key: those that are
	booksDDL,
	"CREATE TABLE _state.reports (report VARCHAR, key_columns VARCHAR, description VARCHAR)",
}

// whyForgotten is the reason for a full refresh when a stream's commits are others than the build file knows. One
// that is gone without having been forgotten, which is followed by a full refresh, stops the run: see [lake.MissingError].
const whyForgotten = "a connection was forgotten, and read again"

// syncLake reads the commits that the build file has not seen. It returns why a full refresh is
// needed, if so. Cost follows the number of new commits.
func (r *runner) syncLake(ctx context.Context) (why string, err error) {
	known, err := r.knownStreams(ctx)
	if err != nil {
		return "", err
	}
	connections, err := r.Lake.Connections()
	if err != nil {
		return "", err
	}
	for _, c := range connections {
		streams, err := r.Lake.Streams(c)
		if err != nil {
			return "", err
		}
		for _, s := range streams {
			st, err := r.Lake.Stream(c, s)
			if err != nil {
				return "", err
			}
			key := c + "/" + s
			same, err := known[key].isIn(st)
			if errors.Is(err, fs.ErrNotExist) {
				return "", &lake.MissingError{Connection: c, What: fmt.Sprintf("commit %d of %s, which the reports already count, is gone", known[key].seq, key)}
			}
			if err != nil {
				return "", err
			}
			if !same {
				return whyForgotten, nil
			}
			commits, err := st.After(known[key].seq)
			if err != nil {
				return "", err
			}
			delete(known, key)
			if err := r.applyCommits(ctx, st, c, s, commits); errors.Is(err, errClockWasAhead) {
				return fmt.Sprintf("%s had been read with a clock that was ahead", key), nil
			} else if errors.Is(err, errTakenBack) {
				return fmt.Sprintf("a file of %s was read again with other settings", key), nil
			} else if err != nil {
				return "", err
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(known)) {
		c, _, _ := strings.Cut(key, "/")
		return "", &lake.MissingError{Connection: c, What: fmt.Sprintf("%s, which the reports already count, is gone from %s", key, r.Lake.Root())}
	}
	return "", nil
}

// applied is the commit of a stream up to which the build file has it.
type applied struct {
	seq int64
	at  time.Time
}

// isIn tells whether a stream still has the commit, and not another one of that number: a
// connection that was forgotten and read again starts counting anew.
func (a applied) isIn(st *lake.Stream) (bool, error) {
	if a.seq == 0 {
		return true, nil
	}
	c, err := st.Commit(a.seq)
	if err != nil {
		return false, err
	}
	return c.CommittedAt.Truncate(time.Microsecond).Equal(a.at), nil
}

func (r *runner) knownStreams(ctx context.Context) (map[string]applied, error) {
	known := map[string]applied{}
	err := r.each(ctx, "SELECT connection || '/' || stream, applied_seq, applied_at FROM _state.streams", func(scan func(...any) error) error {
		var key string
		var a applied
		err := scan(&key, &a.seq, &a.at)
		known[key] = a
		return err
	})
	return known, err
}

func (r *runner) applyCommits(ctx context.Context, st *lake.Stream, connection, stream string, commits []*lake.Commit) error {
	if len(commits) == 0 {
		return nil
	}
	var files, snapshots, issues, back [][]any
	var unchecked []string
	unread := map[string][][]any{} // by snapshot: what was said of it last
	if err := r.requireOnwards(ctx, connection, stream, commits); err != nil {
		return err
	}
	times := newReadTimes(commits)
	gone := takenBackSnapshots(commits)
	for i, c := range commits {
		for _, f := range c.Files {
			name := path.Join(connection, stream, f.Name)
			files = append(files, []any{connection, c.Connector, stream, c.Seq, name, f.SnapshotID, f.Rows, f.SetAside, false})
			if !f.Checked {
				unchecked = append(unchecked, name)
			}
			r.sums[filepath.Join(r.rawPath, connection, stream, f.Name)] = rawFile{st, f}
		}
		for _, s := range c.Snapshots {
			if times.correct(i, &s) {
				// It is told with the next reading, as what that found.
				issues = append(issues, []any{connection, stream, commits[i+1].Seq, checkAhead, s.Rows, aheadSample(&s), false})
				continue
			}
			if gone[s.ID] {
				continue
			}
			snapshots = append(snapshots, []any{connection, c.Connector, stream, s.ID, s.Date, s.ReadAt.UTC(), s.Source})
			unread[s.ID] = nil
			for _, u := range s.Unread {
				unread[s.ID] = append(unread[s.ID], []any{connection, c.Connector, stream, s.ID, s.Date, s.ReadAt.UTC(), u.Parent, u.Kept, optional(u.KeptDate), u.LeftOut})
			}
			r.newSnapshots = append(r.newSnapshots, newSnapshot{connection, c.Connector, stream, s.ID, s.Date, s.ReadAt.UTC()})
		}
		for _, t := range c.TakenBack {
			if commits[0].Seq > 1 {
				return errTakenBack
			}
			back = append(back, []any{connection, stream, t.Source, t.Seq, utc(t.Since)})
		}
		for _, is := range c.Issues {
			issues = append(issues, []any{connection, stream, c.Seq, is.Check, is.Rows, is.Sample, is.Kept})
		}
	}
	for table, rows := range map[string][][]any{"_state.files": files, "_state.snapshots": snapshots, "_state.issues": issues, "_state.taken_back": back} {
		if err := r.insert(ctx, table, rows); err != nil {
			return err
		}
	}
	if err := r.guardFiles(ctx, unchecked); err != nil {
		return err
	}
	if err := r.noteUnread(ctx, connection, stream, unread); err != nil {
		return err
	}
	last := commits[len(commits)-1]
	var before *time.Time
	err := r.each(ctx, "SELECT watermark FROM _state.streams WHERE connection = ? AND stream = ?", func(scan func(...any) error) error {
		return scan(&before)
	}, connection, stream)
	if err != nil {
		return err
	}
	if err := r.exec(ctx, "DELETE FROM _state.streams WHERE connection = ? AND stream = ?", connection, stream); err != nil {
		return err
	}
	r.gained = append(r.gained, gained{connection: connection, connector: last.Connector, stream: stream,
		afterSeq: commits[0].Seq - 1, watermarkBefore: before, watermark: last.Watermark})
	return r.exec(ctx, "INSERT INTO _state.streams VALUES (?, ?, ?, ?, ?, ?)", connection, last.Connector, stream, last.Seq, last.CommittedAt.UTC(), utc(last.Watermark))
}

// newSnapshot is a snapshot that became whole since the last run.
type newSnapshot struct {
	connection, connector, stream, id, date string
	readAt                                  time.Time
}

// gained is a stream that has new commits.
type gained struct {
	connection, connector, stream string
	afterSeq                      int64
	watermarkBefore, watermark    *time.Time
}

func utc(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC()
}

// createRawViews makes raw.<connector>__<stream> for every stream that a staging model reads.
//
// Event streams show the rows of new commits. Snapshot streams show every whole snapshot of
// the dates that got a new one. Streams of state feeds show the newest snapshot of each source; where the feed keeps
// all readings, the new ones stand beside.
func (r *runner) createRawViews(ctx context.Context) error {
	for _, s := range []string{
		"CREATE SCHEMA raw", "CREATE SCHEMA staging",
		`CREATE TABLE raw.snapshots AS
SELECT s.connection, s.connector, s.stream, s.snapshot_id, s.snapshot_date, s.read_at, s.source,
    row_number() OVER (PARTITION BY s.connection, s.stream, s.snapshot_date, s.source ORDER BY s.read_at DESC, s.snapshot_id DESC) = 1 AS is_current,
    row_number() OVER (PARTITION BY s.connection, s.stream, s.source ORDER BY s.read_at DESC, s.snapshot_date DESC, s.snapshot_id DESC) = 1 AS is_newest
FROM (SELECT connection, connector, stream, snapshot_id, snapshot_date, max(read_at) AS read_at, any_value(source) AS source
      FROM _state.snapshots GROUP BY ALL) AS s`,
	} {
		if err := r.exec(ctx, s); err != nil {
			return err
		}
	}
	if err := r.createNewSnapshots(ctx); err != nil {
		return err
	}
	gained, newest, err := r.rawFiles(ctx)
	if err != nil {
		return err
	}
	if err := r.createUnread(ctx); err != nil {
		return err
	}
	takenBack, err := r.createTakenBack(ctx)
	if err != nil {
		return err
	}
	unread, err := r.count(ctx, "SELECT count(*) FROM "+unreadTable)
	if err != nil {
		return err
	}
	r.hasRaw[unreadTable] = unread > 0
	kept, err := r.keptFiles(ctx)
	if err != nil {
		return err
	}
	guarded, err := r.guardedFiles(ctx)
	if err != nil {
		return err
	}
	for view, shapes := range r.rawViews() {
		_, stream, _ := strings.Cut(view, "__")
		if shapes["state"] && (shapes["events"] || shapes["snapshot"]) {
			return fmt.Errorf("raw.%s is read both for state and for other feeds; give the connector a second stream", view)
		}
		files := gained[view]
		if shapes["state"] {
			files = newest[view]
			if shapes[allReadings] {
				files = append(slices.Clone(files), gained[view]...)
				slices.Sort(files)
				files = slices.Compact(files)
			}
		}
		r.rawPaths = append(r.rawPaths, files...)
		if r.full {
			if err := r.verifyRaw(ctx, files); err != nil {
				return err
			}
		}
		query := rawQuery(stream, files, guarded)
		if shapes["events"] && slices.Contains(takenBack, stream) {
			if query, err = r.withoutTakenBack(ctx, view, stream, query); err != nil {
				return err
			}
		}
		if whole, ok := kept[view]; ok {
			r.rawPaths = append(r.rawPaths, whole...)
			query = withoutUnread(query, stream) + keptQuery(stream, whole, guarded, shapes)
			files = append(slices.Clone(files), whole...)
		}
		r.hasRaw["raw."+view] = len(files) > 0
		if err := r.exec(ctx, fmt.Sprintf("CREATE VIEW raw.%s AS\n%s", duck.Ident(view), query)); err != nil {
			return r.explainCorrupt(ctx, files, err)
		}
	}
	return nil
}

// hasRows tells whether any raw view that a staging model reads has something to show in this run.
func (r *runner) hasRows(m *Model) bool {
	return slices.ContainsFunc(m.Deps, func(d string) bool { return r.hasRaw[d] })
}

// allReadings marks, among the shapes of a raw view, the one that shows all new readings of a state.
const allReadings = "readings"

// rawViews lists the raw views that staging reads, each with the shapes of the feeds it goes into.
func (r *runner) rawViews() map[string]map[string]bool {
	views := map[string]map[string]bool{}
	for _, m := range r.project.Staging {
		for _, d := range m.Deps {
			if name, ok := strings.CutPrefix(d, "raw."); ok && d != unreadTable {
				if views[name] == nil {
					views[name] = map[string]bool{}
				}
				f := r.project.feed(m.Feed)
				views[name][f.Shape] = true
				if connector, stream := m.driving(); f.Readings && name == connector+"__"+stream {
					views[name][allReadings] = true
				}
			}
		}
	}
	return views
}

// rawFiles lists the files behind each raw view: those of what is new, and those of the newest snapshots.
func (r *runner) rawFiles(ctx context.Context) (gained, newest map[string][]string, err error) {
	// A connector's name may hold dashes, which view names write as underscores.
	const view = "replace(f.connector || '__' || f.stream, '-', '_')"
	snapshots := "_state.files AS f JOIN raw.snapshots AS d ON d.connection = f.connection AND d.stream = f.stream AND d.snapshot_id = f.snapshot_id"
	if gained, err = r.filesOf(ctx, fmt.Sprintf(`
SELECT %[1]s, f.path FROM _state.files AS f
LEFT JOIN raw.gained AS a ON a.connection = f.connection AND a.stream = f.stream
WHERE f.snapshot_id = '' AND f.seq > coalesce(a.after_seq, %[2]d)
UNION
SELECT %[1]s, f.path FROM %[3]s
JOIN (SELECT DISTINCT connector, connection, snapshot_date FROM raw.touched_snapshots) AS n
  ON n.connector = f.connector AND n.connection = f.connection AND n.snapshot_date = d.snapshot_date
ORDER BY ALL`, view, r.unchangedSeq(), snapshots)); err != nil {
		return nil, nil, err
	}
	newest, err = r.filesOf(ctx, fmt.Sprintf("SELECT DISTINCT %s, f.path FROM %s WHERE d.is_newest ORDER BY ALL", view, snapshots))
	return gained, newest, err
}

// filesOf reads a list of views and paths. Paths are kept below the lake, so that a workspace can be moved.
func (r *runner) filesOf(ctx context.Context, query string) (map[string][]string, error) {
	files := map[string][]string{}
	err := r.each(ctx, query, func(scan func(...any) error) error {
		var view, path string
		err := scan(&view, &path)
		files[view] = append(files[view], filepath.Join(r.rawPath, filepath.FromSlash(path)))
		return err
	})
	return files, err
}

// unchangedSeq stands for "no new commits" of a stream that is not in raw.gained: in an
// incremental run nothing of it is read, in a full one everything.
func (r *runner) unchangedSeq() int64 {
	if r.full {
		return 0
	}
	return 1 << 62
}

func rawQuery(stream string, files []string, guarded map[string]bool) string {
	parts := behindGuard(files, guarded, func(files []string, payload, usable string) string {
		return rawRows(stream, files, payload, usable)
	})
	if len(parts) == 0 {
		return "SELECT " + rawColumns + " WHERE false"
	}
	return strings.Join(parts, "\nUNION ALL\n")
}

func rawRows(stream string, files []string, payload, usable string) string {
	return fmt.Sprintf(`SELECT r.connection, r.seq, r.record_id, r.parent_id, r.event_at, r.snapshot_id,
    CAST(r.snapshot_date AS DATE) AS snapshot_date, s.read_at, r.extracted_at, r.source, %s AS payload
FROM read_parquet([%s]) AS r
LEFT JOIN raw.snapshots AS s ON s.connection = r.connection AND s.snapshot_id = r.snapshot_id
    AND s.snapshot_date = CAST(r.snapshot_date AS DATE) AND replace(s.stream, '-', '_') = %s
WHERE r.issue IS NULL AND (r.snapshot_id IS NULL OR s.snapshot_id IS NOT NULL) AND %s`,
		payload, strings.Join(files, ", "), duck.Literal(stream), usable)
}

// explainCorrupt finds the file that DuckDB could not read, so that the error names it.
func (r *runner) explainCorrupt(ctx context.Context, files []string, cause error) error {
	for _, f := range files {
		var n int64
		if err := r.db.QueryRowContext(ctx, "SELECT count(*) FROM read_parquet("+duck.Literal(f)+") WHERE payload IS NULL").Scan(&n); err != nil {
			rel, relErr := filepath.Rel(r.rawPath, f)
			if relErr != nil {
				rel = f
			}
			return fmt.Errorf("the raw file %s is missing or damaged; restore it from a backup, or `rightseat forget` its connection and read it again: %w", rel, err)
		}
	}
	return cause
}

// createNewSnapshots fills raw.gained, raw.touched_snapshots and raw.new_snapshots, the latter by feed: the
// (connection, date) sets that are replaced in this run.
func (r *runner) createNewSnapshots(ctx context.Context) error {
	for _, s := range []string{
		"CREATE TABLE raw.gained (connection VARCHAR, connector VARCHAR, stream VARCHAR, after_seq BIGINT)",
		"CREATE TABLE raw.touched_snapshots (connection VARCHAR, connector VARCHAR, stream VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP)",
		"CREATE TABLE raw.new_snapshots (feed VARCHAR, connection VARCHAR, snapshot_date DATE, read_at TIMESTAMP)",
	} {
		if err := r.exec(ctx, s); err != nil {
			return err
		}
	}
	var streams, snapshots [][]any
	for _, g := range r.gained {
		streams = append(streams, []any{g.connection, g.connector, g.stream, g.afterSeq})
	}
	for _, n := range r.newSnapshots {
		snapshots = append(snapshots, []any{n.connection, n.connector, n.stream, n.id, n.date, n.readAt})
	}
	if err := r.insert(ctx, "raw.gained", streams); err != nil {
		return err
	}
	if err := r.insert(ctx, "raw.touched_snapshots", snapshots); err != nil {
		return err
	}
	for _, m := range r.project.Staging {
		if r.project.feed(m.Feed).Shape != "snapshot" {
			continue
		}
		// A new snapshot of any stream that the model reads renews the driving stream's set of that date.
		connector, stream := m.driving()
		query := fmt.Sprintf(`INSERT INTO raw.new_snapshots
SELECT DISTINCT %s, s.connection, s.snapshot_date, s.read_at
FROM raw.snapshots AS s
JOIN raw.touched_snapshots AS n ON n.connection = s.connection AND n.snapshot_date = s.snapshot_date
WHERE s.is_current AND replace(s.connector, '-', '_') = %s AND replace(s.stream, '-', '_') = %s`,
			duck.Literal(m.Feed), duck.Literal(connector), duck.Literal(stream))
		if err := r.exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// driving is the stream whose snapshots say what of a staging model's rows is whole: the one its
// header names, else the first it reads.
func (m *Model) driving() (connector, stream string) {
	for _, d := range m.Deps {
		name, ok := strings.CutPrefix(d, "raw.")
		if !ok {
			continue
		}
		c, s, _ := strings.Cut(name, "__")
		if m.Stream == "" || m.Stream == s {
			return c, s
		}
	}
	c, _, _ := strings.Cut(m.Name, "__")
	return c, m.Stream
}
