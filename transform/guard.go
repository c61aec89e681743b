package transform

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
)

// Files of versions that landed what the engine can't parse are looked through once, when their commit is new to the
// build file. Those that hold such a record are read behind a guard: half a character is taken out of its payload,
// and what still can't be parsed is left out and counted. All other files are read as they are.

// guardedPayload is the payload of a guarded file, halves of characters taken out. The first group of the pattern
// keeps what only looks like one: an escaped backslash, and both halves of a whole character.
const guardedPayload = `CASE WHEN json_valid(r.payload) THEN r.payload
    ELSE regexp_replace(r.payload, '(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}', '\1', 'g') END`

// guardFiles looks through files, by their paths in the lake, of which nobody has seen to it that they can be parsed.
func (r *runner) guardFiles(ctx context.Context, files []string) error {
	if len(files) == 0 {
		return nil
	}
	quoted, paths := make([]string, len(files)), make([]string, len(files))
	for i, f := range files {
		paths[i] = filepath.Join(r.rawPath, filepath.FromSlash(f))
		quoted[i] = fmt.Sprintf("(%s, %s)", duck.Literal(paths[i]), duck.Literal(f))
	}
	literals := make([]string, len(paths))
	for i, p := range paths {
		literals[i] = duck.Literal(p)
	}
	scan := fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE guarded AS
SELECT n.path, count(r.issue) AS set_aside,
    count(*) FILTER (WHERE r.issue IS NULL AND NOT json_valid(r.payload)) AS broken,
    count(*) FILTER (WHERE r.issue IS NULL AND NOT json_valid(%[1]s)) AS lost,
    min(r.record_id) FILTER (WHERE r.issue IS NULL AND NOT json_valid(r.payload)) AS broken_id,
    min(r.record_id) FILTER (WHERE r.issue IS NULL AND NOT json_valid(%[1]s)) AS lost_id
FROM read_parquet([%[2]s], filename = true) AS r
JOIN (VALUES %[3]s) AS n (file, path) ON n.file = r.filename
GROUP BY n.path`, guardedPayload, strings.Join(literals, ", "), strings.Join(quoted, ", "))
	if err := r.exec(ctx, scan); err != nil {
		return r.explainCorrupt(ctx, paths, err)
	}
	return r.execAll(ctx,
		"UPDATE _state.files AS f SET set_aside = g.set_aside + g.lost, is_guarded = g.broken > 0 FROM temp.guarded AS g WHERE g.path = f.path",
		`INSERT INTO _state.issues
SELECT f.connection, f.stream, f.seq, 'repaired_text', g.broken - g.lost,
    f.path || ' record ' || g.broken_id || ': half a character was taken out of it; the record counts', true
FROM temp.guarded AS g JOIN _state.files AS f ON f.path = g.path WHERE g.broken > g.lost
UNION ALL
SELECT f.connection, f.stream, f.seq, 'bad_json', g.lost, f.path || ' record ' || g.lost_id || ': can''t be parsed as JSON', false
FROM temp.guarded AS g JOIN _state.files AS f ON f.path = g.path WHERE g.lost > 0`)
}

// guardedFiles are the full paths of the files that are read behind a guard.
func (r *runner) guardedFiles(ctx context.Context) (map[string]bool, error) {
	files := map[string]bool{}
	err := r.each(ctx, "SELECT path FROM _state.files WHERE is_guarded", func(scan func(...any) error) error {
		var path string
		err := scan(&path)
		files[filepath.Join(r.rawPath, filepath.FromSlash(path))] = true
		return err
	})
	return files, err
}

// behindGuard makes the queries that read files: those that need it behind the guard, the others as they are.
func behindGuard(files []string, guarded map[string]bool, rows func(files []string, payload, usable string) string) []string {
	var sound, mended []string
	for _, f := range files {
		if guarded[f] {
			mended = append(mended, duck.Literal(f))
		} else {
			sound = append(sound, duck.Literal(f))
		}
	}
	var parts []string
	if len(sound) > 0 {
		parts = append(parts, rows(sound, "r.payload", "true"))
	}
	if len(mended) > 0 {
		parts = append(parts, rows(mended, guardedPayload, "json_valid("+guardedPayload+")"))
	}
	return parts
}
