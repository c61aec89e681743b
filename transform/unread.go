package transform

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
)

// A stream that asks once for each record of another one brings many lists, and each stands by itself: see
// [lake.UnreadList]. The raw views show, in place of a list that is not whole in a snapshot, the last one that was, as
// of the snapshot in which it is missing. What reads them needs to know nothing of it.

// unreadTable lists, for staging models, the lists that are not whole.
const unreadTable = "raw.unread"

// noteUnread keeps what commits say of lists that are not whole. Of a snapshot that is named twice the later word counts.
func (r *runner) noteUnread(ctx context.Context, connection, stream string, bySnapshot map[string][][]any) error {
	known, err := r.count(ctx, fmt.Sprintf("SELECT count(*) FROM _state.unread WHERE connection = %s AND stream = %s", duck.Literal(connection), duck.Literal(stream)))
	if err != nil {
		return err
	}
	for id, rows := range bySnapshot {
		if known > 0 {
			err := r.exec(ctx, "DELETE FROM _state.unread WHERE connection = ? AND stream = ? AND snapshot_id = ?", connection, stream, id)
			if err != nil {
				return err
			}
		}
		if err := r.insert(ctx, "_state.unread", rows); err != nil {
			return err
		}
	}
	return nil
}

// createUnread makes raw.unread: the lists that are not whole in the snapshots that the raw views show, those of the dates
// that got a new one, and the newest of all.
func (r *runner) createUnread(ctx context.Context) error {
	return r.exec(ctx, `CREATE TABLE raw.unread AS
SELECT u.connection, u.connector, u.stream, u.snapshot_id, u.snapshot_date, u.read_at, u.parent_id, u.kept_snapshot_id, u.kept_date, u.left_out,
    n.connection IS NOT NULL AS is_touched, s.connection IS NOT NULL AS is_newest
FROM _state.unread AS u
LEFT JOIN (SELECT DISTINCT connector, connection, snapshot_date FROM raw.touched_snapshots) AS n
  ON n.connector = u.connector AND n.connection = u.connection AND n.snapshot_date = u.snapshot_date
LEFT JOIN (SELECT DISTINCT connection, stream, snapshot_id FROM raw.snapshots WHERE is_newest) AS s
  ON s.connection = u.connection AND s.stream = u.stream AND s.snapshot_id = u.snapshot_id
WHERE n.connection IS NOT NULL OR s.connection IS NOT NULL`)
}

// keptFiles lists, by raw view with lists that are not whole, the files with the last whole ones.
func (r *runner) keptFiles(ctx context.Context) (map[string][]string, error) {
	files := map[string][]string{}
	err := r.each(ctx, `
SELECT DISTINCT replace(u.connector || '__' || u.stream, '-', '_'), f.path
FROM raw.unread AS u
LEFT JOIN _state.files AS f ON f.connection = u.connection AND f.stream = u.stream AND f.snapshot_id = u.kept_snapshot_id AND u.kept_snapshot_id <> ''
ORDER BY ALL`, func(scan func(...any) error) error {
		var view string
		var path *string
		if err := scan(&view, &path); err != nil {
			return err
		}
		if files[view] == nil {
			files[view] = []string{} // there may be no whole list to keep
		}
		if path != nil {
			files[view] = append(files[view], filepath.Join(r.rawPath, filepath.FromSlash(*path)))
		}
		return nil
	})
	return files, err
}

// withoutUnread leaves out what was read of lists that are not whole.
func withoutUnread(query, stream string) string {
	return fmt.Sprintf(`SELECT * FROM (
%s
) AS o
WHERE NOT EXISTS (SELECT 1 FROM raw.unread AS u WHERE u.connection = o.connection AND u.snapshot_id = o.snapshot_id
    AND u.parent_id = o.parent_id AND replace(u.stream, '-', '_') = %s)`, query, duck.Literal(stream))
}

// keptQuery adds the last whole lists in their place, as of the snapshot in which they are missing, of those snapshots that
// the view shows: of the dates that are read anew, the newest of a state, or both.
func keptQuery(stream string, files []string, guarded, shapes map[string]bool) string {
	shown := "u.is_touched"
	switch {
	case shapes[allReadings]:
		shown = "(u.is_touched OR u.is_newest)"
	case shapes["state"]:
		shown = "u.is_newest"
	}
	var query strings.Builder
	for _, part := range behindGuard(files, guarded, func(files []string, payload, usable string) string {
		return fmt.Sprintf(`
UNION ALL
SELECT r.connection, r.seq, r.record_id, r.parent_id, r.event_at, u.snapshot_id, u.snapshot_date, u.read_at, r.extracted_at, r.source, %s AS payload
FROM read_parquet([%s]) AS r
JOIN raw.unread AS u ON u.connection = r.connection AND u.kept_snapshot_id = r.snapshot_id AND u.parent_id = r.parent_id
    AND replace(u.stream, '-', '_') = %s
WHERE r.issue IS NULL AND %s AND %s`, payload, strings.Join(files, ", "), duck.Literal(stream), shown, usable)
	}) {
		query.WriteString(part)
	}
	return query.String()
}
