package lake_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lake"
)

func begin(t *testing.T, st *lake.Stream, id string) *lake.Batch {
	t.Helper()
	b, err := st.Begin()
	require.NoError(t, err)
	require.NoError(t, b.Append(lake.Row{RecordID: id, ExtractedAt: now, Payload: []byte("1")}))
	return b
}

func ids(t *testing.T, st *lake.Stream) (out []string) {
	t.Helper()
	for _, r := range rowsOf(t, st) {
		out = append(out, r.RecordID)
	}
	return out
}

// TestSecondWriterHarmsNothing: of two writers that took the same number, the later one fails and
// the first one's rows stay, although both would have used the same file names.
func TestSecondWriterHarmsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := stream(t, lake.Open(dir))
	a, b := begin(t, st, "a"), begin(t, st, "b")
	_, err := a.Commit(lake.Commit{})
	require.NoError(t, err)
	_, err = b.Commit(lake.Commit{})
	require.ErrorIs(t, err, lake.ErrConflict)
	require.NoError(t, b.Abort())
	require.NoError(t, a.Abort(), "too late to have an effect")
	assert.Equal(t, []string{"a"}, ids(t, st))
	assert.Len(t, files(t, dir), 1)

	// Nor does a writer that brings no rows of its own lose the other's.
	c := begin(t, st, "c")
	empty, err := st.Begin()
	require.NoError(t, err)
	_, err = empty.Commit(lake.Commit{})
	require.NoError(t, err)
	_, err = c.Commit(lake.Commit{})
	require.ErrorIs(t, err, lake.ErrConflict)
	require.NoError(t, c.Abort())
	assert.Equal(t, []string{"a"}, ids(t, st))
	assert.Len(t, files(t, dir), 1, "what was moved to its name before the conflict is gone")
}

// files are the data files of the stream, with the folder of commits and leftovers left out.
func files(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "lake/raw/okta/users/*.parquet"))
	require.NoError(t, err)
	return found
}

// TestCommitAgainAfterFailure: a commit that failed for want of a folder leaves nothing in the way
// of the next one.
func TestCommitAgainAfterFailure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := stream(t, lake.Open(dir))
	b := begin(t, st, "a")
	commits := filepath.Join(dir, "lake/raw/okta/users/commits")
	require.NoError(t, os.Remove(commits))
	require.NoError(t, os.WriteFile(commits, nil, 0o600))
	_, err := b.Commit(lake.Commit{})
	require.Error(t, err)
	require.NoError(t, os.Remove(commits))
	require.NoError(t, b.Abort())
	assert.Empty(t, files(t, dir))
	_, err = begin(t, st, "b").Commit(lake.Commit{})
	require.NoError(t, err)
	assert.Equal(t, []string{"b"}, ids(t, st))
}

func TestForgetWithTrashInTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := lake.Open(dir)
	interrupt := func(at string) {
		store.Failpoint = func(step string) error {
			if step == at {
				return errors.New("killed")
			}
			return nil
		}
	}
	land(t, stream(t, store), lake.Commit{}, lake.Row{RecordID: "1", Payload: []byte("1")})
	interrupt("forget.remove")
	require.Error(t, store.Forget("okta"))
	store.Failpoint = nil
	land(t, stream(t, store), lake.Commit{}, lake.Row{RecordID: "2", Payload: []byte("1")})
	require.NoError(t, store.Forget("okta"))
	assert.NoDirExists(t, filepath.Join(dir, "lake/raw/okta"))
	left, err := os.ReadDir(store.Root())
	require.NoError(t, err)
	assert.Empty(t, left)

	land(t, stream(t, store), lake.Commit{}, lake.Row{RecordID: "3", Payload: []byte("1")})
	interrupt("forget.remove")
	require.Error(t, store.Forget("okta"))
	store.Failpoint = nil
	require.NoError(t, store.Forget("okta"), "the connection is gone already, its trash not yet")
	left, err = os.ReadDir(store.Root())
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestMissingCommit: a stream that lost a commit must not look whole.
func TestMissingCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := stream(t, lake.Open(dir))
	for range 3 {
		land(t, st, lake.Commit{})
	}
	commits := filepath.Join(dir, "lake/raw/okta/users/commits")
	require.NoError(t, os.WriteFile(filepath.Join(commits, "notes.json"), []byte("{}"), 0o600))
	require.NoError(t, os.Rename(filepath.Join(commits, "00000002.json"), filepath.Join(dir, "2")))
	_, err := st.Last()
	require.ErrorContains(t, err, "commit 2 of okta/users is missing")
	_, err = st.After(0)
	require.ErrorContains(t, err, "commit 2 of okta/users is missing")

	data, err := os.ReadFile(filepath.Join(commits, "00000003.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(commits, "00000002.json"), data, 0o600))
	_, err = st.After(0)
	require.ErrorContains(t, err, "says to be commit 3")
}
