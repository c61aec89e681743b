package lake_test

import (
	"encoding/json"
	"errors"
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

var now = time.Date(2026, 11, 3, 12, 0, 0, 123456000, time.UTC)

func stream(t *testing.T, s *lake.Store) *lake.Stream {
	t.Helper()
	st, err := s.Stream("okta", "users")
	require.NoError(t, err)
	return st
}

func land(t *testing.T, st *lake.Stream, c lake.Commit, rows ...lake.Row) *lake.Commit {
	t.Helper()
	b, err := st.Begin()
	require.NoError(t, err)
	require.NoError(t, b.Append(rows...))
	written, err := b.Commit(c)
	require.NoError(t, err)
	return written
}

func rowsOf(t *testing.T, st *lake.Stream) []lake.Row {
	t.Helper()
	commits, err := st.After(0)
	require.NoError(t, err)
	var rows []lake.Row
	for _, c := range commits {
		for _, f := range c.Files {
			require.NoError(t, st.Read(f, func(r lake.Row) error {
				r.Payload = append([]byte(nil), r.Payload...)
				rows = append(rows, r)
				return nil
			}))
		}
	}
	return rows
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	st := stream(t, lake.Open(t.TempDir()))
	last, err := st.Last()
	require.NoError(t, err)
	assert.Nil(t, last)
	event := lake.Row{RecordID: "1", EventAt: now, ExtractedAt: now, Source: "/x", Payload: []byte(`{"id":9007199254740993}`)}
	bad := lake.Row{RecordID: "2", ParentID: "p", SnapshotID: "s", SnapshotDate: "2026-11-03", ExtractedAt: now, Source: "/x", Issue: "bad", Payload: []byte(`"é"`)}
	c := land(t, st, lake.Commit{Connector: "okta", State: lake.Complete, Cursor: json.RawMessage(`{"a":1}`)}, event, bad)
	assert.Len(t, c.Files, 2, "a file never mixes snapshots")
	assert.EqualValues(t, 2, c.Rows)
	assert.Equal(t, now, *c.Files[0].MinEventAt)
	assert.Equal(t, []lake.Row{event, bad}, rowsOf(t, st))

	mark := now
	land(t, st, lake.Commit{Watermark: &mark})
	earlier := now.Add(-time.Hour)
	c = land(t, st, lake.Commit{Watermark: &earlier}, event)
	assert.Equal(t, now, *c.Watermark, "a watermark never goes back")
	assert.Equal(t, "okta", c.Connector)
	assert.EqualValues(t, 3, c.Seq)
	assert.EqualValues(t, 3, c.RowsTotal)
	after, err := st.After(2)
	require.NoError(t, err)
	require.Len(t, after, 1)
	assert.Equal(t, c, after[0])
}

func TestIssues(t *testing.T) {
	t.Parallel()
	b, err := stream(t, lake.Open(t.TempDir())).Begin()
	require.NoError(t, err)
	for i := range 250 {
		b.AddIssue(fmt.Sprintf("check_%03d", i%200), fmt.Sprint(i))
	}
	c, err := b.Commit(lake.Commit{})
	require.NoError(t, err)
	require.Len(t, c.Issues, 101)
	var total int64
	for _, is := range c.Issues {
		total += is.Rows
	}
	assert.EqualValues(t, 250, total)
	assert.Equal(t, lake.Issue{Check: "check_000", Rows: 2, Sample: "0"}, c.Issues[0])
}

// TestFailpoints: whatever step fails, readers see the commit whole or not at all, and a sweep
// leaves nothing but what commits name.
func TestFailpoints(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		dir := t.TempDir()
		land(t, stream(t, lake.Open(dir)), lake.Commit{}, lake.Row{RecordID: "before", ExtractedAt: now, Payload: []byte("1")})
		store := lake.Open(dir)
		n := 0
		var steps []string
		store.Failpoint = func(step string) error {
			steps = append(steps, step)
			if n++; n == at {
				return lake.ErrKilled
			}
			return nil
		}
		b, err := stream(t, store).Begin()
		require.NoError(t, err)
		require.NoError(t, b.Append(lake.Row{RecordID: "after", ExtractedAt: now, Payload: []byte("2")}))
		_, err = b.Commit(lake.Commit{})
		if at > n {
			require.NoError(t, err)
			assert.Equal(t, []string{"data.rename", "commit.create", "commit.created"}, steps)
			return
		}
		require.ErrorIs(t, err, lake.ErrKilled)

		fresh := lake.Open(dir)
		_, err = fresh.Sweep()
		require.NoError(t, err)
		rows := rowsOf(t, stream(t, fresh))
		want := 1
		if steps[len(steps)-1] == "commit.created" {
			want = 2
		}
		assert.Len(t, rows, want, steps)
		files, err := filepath.Glob(filepath.Join(dir, "lake/raw/okta/users/*.parquet"))
		require.NoError(t, err)
		assert.Len(t, files, want)
		left, err := filepath.Glob(filepath.Join(dir, "lake/raw/okta/users/.*.tmp"))
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

func TestConflict(t *testing.T) {
	t.Parallel()
	st := stream(t, lake.Open(t.TempDir()))
	a, err := st.Begin()
	require.NoError(t, err)
	b, err := st.Begin()
	require.NoError(t, err)
	_, err = a.Commit(lake.Commit{})
	require.NoError(t, err)
	_, err = b.Commit(lake.Commit{})
	require.ErrorIs(t, err, lake.ErrConflict)
	require.NoError(t, b.Abort())
}

func TestAbortLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := stream(t, lake.Open(dir))
	b, err := st.Begin()
	require.NoError(t, err)
	require.NoError(t, b.Append(lake.Row{RecordID: "1", Payload: []byte("1")}))
	require.NoError(t, b.Abort())
	files, err := filepath.Glob(filepath.Join(dir, "lake/raw/okta/users/*.parquet"))
	require.NoError(t, err)
	assert.Empty(t, files)
	removed, err := lake.Open(dir).Sweep()
	require.NoError(t, err)
	assert.Empty(t, removed)
}

func TestForget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := lake.Open(dir)
	land(t, stream(t, store), lake.Commit{}, lake.Row{RecordID: "1", Payload: []byte("1")})
	names, err := store.Connections()
	require.NoError(t, err)
	assert.Equal(t, []string{"okta"}, names)
	store.Failpoint = func(step string) error {
		if step == "forget.remove" {
			return errors.New("killed")
		}
		return nil
	}
	require.Error(t, store.Forget("okta"))
	names, err = store.Connections()
	require.NoError(t, err)
	assert.Empty(t, names, "gone for readers in one step")
	removed, err := lake.Open(dir).Sweep()
	require.NoError(t, err)
	assert.Len(t, removed, 1)
	require.NoError(t, store.Forget("okta"), "nothing to forget")
}

func TestDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := stream(t, lake.Open(dir))
	c := land(t, st, lake.Commit{}, lake.Row{RecordID: "1", ExtractedAt: now, Payload: []byte(`{"a":"` + strings.Repeat("x", 5000) + `"}`)})
	path := st.Path(c.Files[0])
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o600))
	err = st.Read(c.Files[0], func(lake.Row) error { return nil })
	require.ErrorContains(t, err, "is damaged")
	require.ErrorContains(t, err, filepath.Base(path))

	commit := filepath.Join(dir, "lake/raw/okta/users/commits/00000001.json")
	for text, want := range map[string]string{`{"version":`: "damaged", `{"version":99}`: "version 99"} {
		require.NoError(t, os.WriteFile(commit, []byte(text), 0o600))
		_, err = st.Last()
		assert.ErrorContains(t, err, want)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "..", "a/b", "A", ".x", "-x", strings.Repeat("a", 101)} {
		assert.Error(t, lake.CheckName(bad), bad)
		_, err := lake.Open("x").Stream(bad, "users")
		assert.Error(t, err, bad)
	}
	assert.NoError(t, lake.CheckName("okta-2_eu"))
}

func TestManyRowsAndRowGroups(t *testing.T) {
	t.Parallel()
	st := stream(t, lake.Open(t.TempDir()))
	b, err := st.Begin()
	require.NoError(t, err)
	payload := []byte(`{"text":"` + strings.Repeat("some words ", 1000) + `"}`)
	const n = 2000 // more than two row groups of payload
	for i := range n {
		require.NoError(t, b.Append(lake.Row{RecordID: fmt.Sprint(i), ExtractedAt: now, Payload: payload}))
	}
	assert.EqualValues(t, n*len(payload), b.Bytes())
	_, err = b.Commit(lake.Commit{})
	require.NoError(t, err)
	rows := rowsOf(t, st)
	require.Len(t, rows, n)
	assert.Equal(t, "1999", rows[n-1].RecordID)
	assert.Equal(t, payload, rows[n-1].Payload)
}
