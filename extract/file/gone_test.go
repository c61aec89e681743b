package file_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/lake"
)

func (w *world) remove(name string) {
	w.t.Helper()
	require.NoError(w.t, os.Remove(filepath.Join(w.dir, filepath.FromSlash(name))))
}

func TestFilesThatAreGone(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		kind, content, severity, advice string
	}{
		"lists of what is":       {"exempt", "email\na@x\n", "warning", "u/1.csv is gone from path u/*.csv, but its rows still count: put it back"},
		"snapshots of a date":    {"roster", "email,snapshot_date\na@x,2026-11-02\n", "info", "u/1.csv is gone from path u/*.csv; what it brought stays"},
		"events, read only once": {"sso_logins", "occurred_at,email,app\n2026-11-01T08:00:00Z,a@x,zoom\n", "info", "u/1.csv is gone from path u/*.csv; what it brought stays"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]any{"kind": c.kind, "path": "u/*.csv"})
			for _, file := range []string{"u/1.csv", "u/2.csv", "u/3.csv"} {
				w.put(file, c.content)
			}
			assert.Empty(t, missed(w.read()))
			before, rows := w.snapshots(), len(w.rows())

			w.remove("u/1.csv")
			w.remove("u/2.csv")
			for range 2 { // it is told each time, until somebody does something
				res := w.read()
				require.NoError(t, res.Err)
				assert.Equal(t, extract.StreamComplete, res.State)
				require.Len(t, missed(res), 1)
				f := missed(res)[0]
				assert.Equal(t, extract.Finding{Check: "file_gone", Severity: c.severity, Count: 2, Sample: f.Sample}, f)
				assert.Contains(t, f.Sample, c.advice)
			}
			assert.Equal(t, before, w.snapshots(), "nothing happens to what it brought")
			assert.Len(t, w.rows(), rows)

			w.put("u/1.csv", c.content)
			require.Len(t, missed(w.read()), 1)
			assert.EqualValues(t, 1, missed(w.read())[0].Count)
			assert.Len(t, w.rows(), rows, "the same file is not read twice")
		})
	}
}

// missed are the findings on files that are gone.
func missed(res extract.StreamResult) []extract.Finding {
	return slices.DeleteFunc(slices.Clone(res.Findings), func(f extract.Finding) bool { return f.Check != "file_gone" })
}

func TestAFileWithoutRowsIsNotMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "u/*.csv"})
	w.put("u/1.csv", "email\na@x\n")
	w.put("u/2.csv", "email\nb@x\n")
	require.NoError(t, w.read().Err)
	w.put("u/1.csv", "email\n") // as the warning advises
	require.NoError(t, w.read().Err)
	all := w.snapshots()
	assert.Equal(t, "0 u/1.csv", all[len(all)-1][len("2026-11-22 "):], "nobody is on that list any more")
	w.remove("u/1.csv")
	assert.Empty(t, w.read().Findings)
}

func TestFilesOfAnotherPathAreGoneToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "u/*.csv"})
	w.put("u/1.csv", "email\na@x\n")
	w.put("v/1.csv", "email\na@x\n")
	require.NoError(t, w.read().Err)
	w.conn.Settings["path"] = "v/*.csv"
	res := w.read()
	require.Len(t, res.Findings, 1)
	assert.Contains(t, res.Findings[0].Sample, "u/1.csv is gone from path v/*.csv")
}

// TestFilesThatAreGoneAreNotReadWithNewSettings tells of them: what they brought counts as it did.
func TestFilesThatAreGoneAreNotReadWithNewSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "*.csv", "currency": "EUR"})
	w.put("b.csv", "date,amount,vendor,Art\n2026-11-09,8.00,Zoom,Kauf\n")
	require.NoError(t, w.read().Err)
	w.put("a.csv", "date,amount,vendor,Art\n2026-11-01,5.00,Zoom,Storno\n")
	require.NoError(t, w.read().Err)
	w.remove("a.csv")
	assert.Empty(t, checksOf(w.read())["read_with_other_settings"])
	w.conn.Settings["leave_out"] = map[string]any{"Art": []any{"Storno"}}
	assert.Contains(t, checksOf(w.read())["read_with_other_settings"], "a.csv was read with other settings")

	// Under another name it is the same file.
	w.put("archive-a.csv", "date,amount,vendor,Art\n2026-11-01,5.00,Zoom,Storno\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []lake.TakenBack{{Source: "a.csv", Seq: 2}}, w.commits()[3].TakenBack)
}
