package lake_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lake"
)

// threeCommits is a lake with a stream of three commits; the third brought no rows.
func threeCommits(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	st := stream(t, lake.Open(dir))
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 3 {
		var rows []lake.Row
		if i < 2 {
			rows = append(rows, lake.Row{RecordID: fmt.Sprint(i), EventAt: at, ExtractedAt: at, Payload: []byte(`{}`)})
		}
		land(t, st, lake.Commit{RunID: "r", CommittedAt: at, State: lake.Complete}, rows...)
	}
	return dir
}

func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	}))
	return out
}

// TestWhatIsMissingStopsTheRun: nothing is deleted, nothing counts as forgotten, and the error says what is missing.
func TestWhatIsMissingStopsTheRun(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lose string // below lake/raw
		want string
	}{
		"the first commit":            {"*/*/commits/00000001.json", "commit 1 of"},
		"a commit in the middle":      {"*/*/commits/00000002.json", "commit 2 of"},
		"the last commit":             {"*/*/commits/00000003.json", "commit 3 of"},
		"the folder of commits":       {"*/*/commits", "commits 1 to 2 of"},
		"the commits in their folder": {"*/*/commits/*", "are gone"},
		"the stream":                  {"*/*", "is gone"},
		"the connection":              {"*", "is gone"},
		"the whole lake":              {".", "is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := threeCommits(t)
			s := lake.Open(dir)
			heads, err := s.Heads()
			require.NoError(t, err)
			require.NoError(t, s.Check(heads))
			lost, err := filepath.Glob(filepath.Join(s.Root(), tc.lose))
			require.NoError(t, err)
			require.NotEmpty(t, lost)
			for _, path := range lost {
				require.NoError(t, os.RemoveAll(path))
			}
			left := filesBelow(t, dir)
			err = s.Check(heads)
			var missing *lake.MissingError
			require.ErrorAs(t, err, &missing)
			assert.ErrorContains(t, err, tc.want)
			assert.ErrorContains(t, err, "rightseat forget")
			assert.Equal(t, left, filesBelow(t, dir))
		})
	}
}

// TestSweepTakesOnlyWhatACrashCanLeave, also where nothing is known of the stream from elsewhere.
func TestSweepTakesOnlyWhatACrashCanLeave(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]string{
		"commits 1 and 2": "*/*/commits/0000000[12].json", "all commits": "*/*/commits/*", "their folder": "*/*/commits",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := threeCommits(t)
			lost, err := filepath.Glob(filepath.Join(dir, "lake", "raw", lose))
			require.NoError(t, err)
			for _, path := range lost {
				require.NoError(t, os.RemoveAll(path))
			}
			left := filesBelow(t, dir)
			_, err = lake.Open(dir).Sweep()
			var missing *lake.MissingError
			require.ErrorAs(t, err, &missing)
			assert.Equal(t, left, filesBelow(t, dir), "nothing is deleted")
		})
	}
}

// TestLinksInTheLake: folders on another disk are read like others; where a link leads nowhere, the disk is missing.
func TestLinksInTheLake(t *testing.T) {
	t.Parallel()
	for name, level := range map[string]string{"the lake": "lake", "raw": "lake/raw", "a connection": "lake/raw/*", "a stream": "lake/raw/*/*"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := threeCommits(t)
			found, err := filepath.Glob(filepath.Join(dir, level))
			require.NoError(t, err)
			require.Len(t, found, 1)
			disk := filepath.Join(t.TempDir(), "disk")
			require.NoError(t, os.Rename(found[0], disk))
			require.NoError(t, os.Symlink(disk, found[0]))
			s := lake.Open(dir)
			heads, err := s.Heads()
			require.NoError(t, err)
			require.Len(t, heads, 1)
			_, err = s.Sweep()
			require.NoError(t, err)
			assert.Len(t, rowsOf(t, stream(t, s)), 2)

			require.NoError(t, os.Rename(disk, disk+"-away"))
			_, err = s.Heads()
			var missing *lake.MissingError
			require.ErrorAs(t, err, &missing)
			assert.ErrorContains(t, err, "is a link to "+disk)
			require.NoError(t, os.Rename(disk+"-away", disk))

			connections, err := s.Connections()
			require.NoError(t, err)
			require.NoError(t, s.Forget(connections[0]))
			assert.Empty(t, filesBelow(t, disk), "what a link leads to is forgotten, too")
			heads, err = s.Heads()
			require.NoError(t, err)
			assert.Empty(t, heads)
		})
	}
}

// TestDamagedBytesAreNamed: each byte of data and commits is held to a checksum; what an earlier version wrote has none.
func TestDamagedBytesAreNamed(t *testing.T) {
	t.Parallel()
	dir := threeCommits(t)
	st := stream(t, lake.Open(dir))
	commits, err := st.After(0)
	require.NoError(t, err)
	require.Len(t, commits[0].Files[0].SHA256, 64)
	require.NoError(t, st.Verify(commits[0].Files[0]))
	path := st.Path(commits[0].Files[0])
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for at := 0; at < len(whole); at += 11 {
		spoilt := append([]byte{}, whole...)
		spoilt[at] ^= 1
		require.NoError(t, os.WriteFile(path, spoilt, 0o600))
		require.ErrorContains(t, st.Verify(commits[0].Files[0]), path)
	}
	require.NoError(t, os.Remove(path))
	require.ErrorContains(t, st.Verify(commits[0].Files[0]), path+" is missing")

	path = filepath.Join(filepath.Dir(path), "commits", "00000002.json")
	whole, err = os.ReadFile(path)
	require.NoError(t, err)
	for at := 0; at < len(whole)-1; at += 3 {
		spoilt := append([]byte{}, whole...)
		spoilt[at] ^= 1
		require.NoError(t, os.WriteFile(path, spoilt, 0o600))
		_, err := st.Commit(2)
		require.ErrorContains(t, err, path, "byte %d", at)
	}
	old, _, found := strings.Cut(string(whole), ",\n  \"checksum\"")
	require.True(t, found)
	require.NoError(t, os.WriteFile(path, []byte(old+"\n}\n"), 0o600))
	_, err = st.Commit(2)
	require.NoError(t, err, "a commit of an earlier version")
}

// TestVerifyNamesEachDamagedFile and goes on behind it.
func TestVerifyNamesEachDamagedFile(t *testing.T) {
	t.Parallel()
	dir := threeCommits(t)
	s := lake.Open(dir)
	files, err := s.Verify(t.Context(), func(err error) { t.Error(err) })
	require.NoError(t, err)
	require.Equal(t, 5, files)
	folder := filepath.Join(s.Root(), "*", "*")
	spoilt, err := filepath.Glob(filepath.Join(folder, "*-0.parquet"))
	require.NoError(t, err)
	require.Len(t, spoilt, 2)
	require.NoError(t, os.WriteFile(spoilt[0], nil, 0o600))
	require.NoError(t, os.Remove(spoilt[1]))
	var damaged []string
	_, err = s.Verify(t.Context(), func(err error) { damaged = append(damaged, err.Error()) })
	require.NoError(t, err)
	require.Len(t, damaged, 2)
	assert.Contains(t, damaged[0], spoilt[0])
	assert.Contains(t, damaged[1], spoilt[1]+" is missing")
}
