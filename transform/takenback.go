package transform

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/lake"
)

// errTakenBack tells that new commits take readings back that the build file has: what was made of them is to be made anew.
var errTakenBack = errors.New("a reading was taken back")

// createTakenBack fills raw.taken_back, the records of which a reading was taken back, each with the newest of its rows that
// does not count, and lists the streams that have some. Only a build that reads a stream from its first commit has them, see [errTakenBack]:
// later commits bring newer versions.
func (r *runner) createTakenBack(ctx context.Context) (streams []string, err error) {
	if err := r.execAll(ctx,
		"CREATE TABLE raw.taken_back (connection VARCHAR, stream VARCHAR, record_id VARCHAR, seq BIGINT)",
		"CREATE TABLE raw.taken_back_rows (connection VARCHAR, view VARCHAR, records BIGINT)"); err != nil {
		return nil, err
	}
	// By stream, each file with the reading that it holds of what was taken back.
	readings := map[string][]string{}
	err = r.each(ctx, `
SELECT f.stream, f.path, t.source, CAST(t.since AS VARCHAR)
FROM _state.files AS f
JOIN _state.taken_back AS t ON t.connection = f.connection AND t.stream = f.stream AND t.seq = f.seq
JOIN raw.gained AS g ON g.connection = f.connection AND g.stream = f.stream AND g.after_seq = 0
ORDER BY ALL`, func(scan func(...any) error) error {
		var stream, path, source string
		var since *string
		if err := scan(&stream, &path, &source, &since); err != nil {
			return err
		}
		from := "NULL"
		if since != nil {
			from = duck.Literal(*since)
		}
		readings[stream] = append(readings[stream], fmt.Sprintf("SELECT connection, record_id, seq FROM read_parquet(%s) WHERE issue IS NULL AND regexp_replace(source, ':[^:]*$', '') = %s AND (%[3]s IS NULL OR event_at >= CAST(%[3]s AS TIMESTAMP))",
			duck.Literal(filepath.Join(r.rawPath, filepath.FromSlash(path))), duck.Literal(source), from))
		return nil
	})
	if err != nil {
		return nil, err
	}
	for stream, queries := range readings {
		if err := r.exec(ctx, fmt.Sprintf("INSERT INTO raw.taken_back SELECT r.connection, %s, r.record_id, max(r.seq) FROM (%s) AS r GROUP BY r.connection, r.record_id",
			duck.Literal(stream), strings.Join(queries, " UNION ALL "))); err != nil {
			return nil, err
		}
		streams = append(streams, stream)
	}
	slices.Sort(streams)
	return streams, nil
}

// takenBackSnapshots are the lists of a stream that readings which count no more brought.
func takenBackSnapshots(commits []*lake.Commit) map[string]bool {
	type reading struct {
		source string
		seq    int64
	}
	back := map[reading]bool{}
	brought := map[string]int64{} // by list, the commit that has its rows
	for _, c := range commits {
		for _, t := range c.TakenBack {
			back[reading{t.Source, t.Seq}] = true
		}
		for _, f := range c.Files {
			brought[f.SnapshotID] = c.Seq
		}
	}
	gone := map[string]bool{}
	for _, c := range commits {
		for _, s := range c.Snapshots {
			gone[s.ID] = back[reading{s.Source, brought[s.ID]}]
		}
	}
	return gone
}

// withoutTakenBack leaves the records that were taken back out of the query of a raw view, and counts them for the books.
func (r *runner) withoutTakenBack(ctx context.Context, view, stream, query string) (string, error) {
	of := fmt.Sprintf(`EXISTS (SELECT 1 FROM raw.taken_back AS b
WHERE b.stream = %s AND b.connection = v.connection AND b.record_id = v.record_id AND v.seq <= b.seq)`, duck.Literal(stream))
	if err := r.exec(ctx, fmt.Sprintf("INSERT INTO raw.taken_back_rows SELECT v.connection, %s, count(*) FROM (\n%s\n) AS v WHERE %s GROUP BY v.connection",
		duck.Literal(view), query, of)); err != nil {
		return "", err
	}
	return fmt.Sprintf("SELECT v.* FROM (\n%s\n) AS v WHERE NOT %s", query, of), nil
}

// countTakenBack counts the records of a stream that were taken back, as read and as superseded.
func countTakenBack(feed, connector, stream string) string {
	return fmt.Sprintf(`INSERT INTO _state.books SELECT %s, t.connection, %s, CAST(NULL AS DATE), o.outcome, t.records, NULL
FROM raw.taken_back_rows AS t CROSS JOIN (VALUES ('read'), ('superseded')) AS o (outcome) WHERE t.view = %s`,
		duck.Literal(feed), duck.Literal(stream), duck.Literal(connector+"__"+stream))
}
