package transform_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asWrittenBefore turns the newest data file of a stream into what a version before the validator at the lake's door
// would have written: text as sent, and nothing said about it in the commit.
func (w *world) asWrittenBefore(connection, stream string, sent *strings.Replacer) {
	w.t.Helper()
	dir := filepath.Join(w.lake.Root(), connection, stream)
	files, err := filepath.Glob(filepath.Join(dir, "*.parquet"))
	require.NoError(w.t, err)
	commits, err := filepath.Glob(filepath.Join(dir, "commits", "*.json"))
	require.NoError(w.t, err)
	file, commit := files[len(files)-1], commits[len(commits)-1]
	st, err := w.lake.Stream(connection, stream)
	require.NoError(w.t, err)
	last, err := st.Last()
	require.NoError(w.t, err)
	require.True(w.t, last.Files[0].Checked)
	db, err := sql.Open("duckdb", "")
	require.NoError(w.t, err)
	ctx := context.Background()
	for _, q := range []string{"CREATE TABLE rows AS SELECT * EXCLUDE (sent) FROM '" + file + "'", "CREATE TABLE texts AS SELECT seq, payload FROM rows"} {
		_, err = db.ExecContext(ctx, q)
		require.NoError(w.t, err)
	}
	rows, err := db.QueryContext(ctx, "SELECT seq, payload FROM texts")
	require.NoError(w.t, err)
	for rows.Next() {
		var seq int64
		var text string
		require.NoError(w.t, rows.Scan(&seq, &text))
		_, err = db.ExecContext(ctx, "UPDATE rows SET payload = ? WHERE seq = ?", sent.Replace(text), seq)
		require.NoError(w.t, err)
	}
	require.NoError(w.t, rows.Close())
	_, err = db.ExecContext(ctx, "COPY (SELECT * FROM rows ORDER BY seq) TO '"+file+"' (FORMAT parquet)")
	require.NoError(w.t, err)
	require.NoError(w.t, db.Close())
	text, err := os.ReadFile(commit)
	require.NoError(w.t, err)
	written, err := os.Stat(file)
	require.NoError(w.t, err)
	text = regexp.MustCompile(`"bytes": \d+`).ReplaceAll(text, fmt.Appendf(nil, `"bytes": %d`, written.Size()))
	for _, later := range []string{`"checked": true`, `"sha256": "[0-9a-f]+",\s*`, `,\s*"checksum": "[^"]+"`} { // none of these stood there
		text = regexp.MustCompile(later).ReplaceAll(text, map[bool][]byte{true: []byte(`"checked": false`)}[later == `"checked": true`])
	}
	require.NoError(w.t, os.WriteFile(commit, text, 0o600))
}

func TestHalfAnEmojiThatAnEarlierVersionLanded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("people", "org_chart")
	person := func(email, name string) record {
		return record{"email": email, "last_name": name, "first_name": "X", "team": "T"}
	}
	half := strings.NewReplacer("HALF", `\ud83d`, "WHOLE", `\ud83d\ude00`, "SLASH", `\\ud83d`, `"BROKEN"`, `BROKEN`)
	w.snapshot("people", "org_chart", date(1), person("ann@acme.example", "Ash HALF WHOLE SLASH"), person("bo@acme.example", "Bo WHOLE"), person("cy@acme.example", "BROKEN"))
	w.asWrittenBefore("people", "org_chart", half)
	const names = "SELECT identifier, last_name FROM core.org_chart ORDER BY ALL"
	want := [][]string{{"ann@acme.example", `Ash 😀 \ud83d`}, {"bo@acme.example", "Bo 😀"}}
	w.run(date(1))
	require.Equal(t, want, w.rows(names), "the record that nobody can parse costs itself alone")
	const issues = "SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE 'people%' ORDER BY ALL"
	told := [][]string{{"people.org_chart.bad_json", "warning", "1"}, {"people.org_chart.repaired_text", "info", "1"}}
	require.Equal(t, told, w.rows(issues))
	w.refresh(date(1))
	require.Equal(t, want, w.rows(names))

	// The vendor mends it; a list of an older version may lie beside one of this.
	w.snapshot("people", "org_chart", date(2), person("ann@acme.example", `Ash`), person("bo@acme.example", "Bo"), person("cy@acme.example", "Cy"))
	require.False(t, w.run(date(2)).FullRefresh)
	require.Equal(t, append(want, []string{"ann@acme.example", "Ash"}, []string{"bo@acme.example", "Bo"}, []string{"cy@acme.example", "Cy"}),
		w.rows("SELECT identifier, last_name FROM core.org_chart ORDER BY snapshot_date, identifier"))
	w.requireRebuildSame(date(2))
}
