package pipelines

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lake"
)

// erasable is a workspace whose lake names ann in rows, cursors and words, of okta events and zoom snapshots.
func erasable(t *testing.T) *stages {
	t.Helper()
	s := newStages(t)
	s.extract = nil
	commit := func(connection, stream string, c lake.Commit, rows ...lake.Row) {
		st, err := s.r.Lake.Stream(connection, stream)
		require.NoError(t, err)
		b, err := st.Begin()
		require.NoError(t, err)
		for i := range rows {
			rows[i].ExtractedAt = testNow
		}
		require.NoError(t, b.Append(rows...))
		for _, r := range rows {
			if r.Issue != "" {
				b.AddIssue("bad_date", r.Issue)
			}
		}
		c.RunID, c.Connector, c.CommittedAt = "test", connection, testNow
		_, err = b.Commit(c)
		require.NoError(t, err)
	}
	row := func(id, snapshot, payload string) lake.Row {
		return lake.Row{RecordID: id, SnapshotID: snapshot, SnapshotDate: map[bool]string{true: "2026-11-20"}[snapshot != ""], Payload: []byte(payload)}
	}
	for i := range 3 {
		id := fmt.Sprint("e", i)
		issue := row(id+"x", "", `{"who":"ANN@acme.example"}`)
		issue.Issue = "ann@acme.example: not a date"
		commit("okta", "log", lake.Commit{State: lake.Complete, Cursor: json.RawMessage(`{"version":1,"round":{"at":"/users/ann%40acme.example"},"aside":{"ann@acme.example":{"reason":"404"},"bob@acme.example":{"reason":"404"}}}`)},
			row(id+"a", "", `{"who":"ann@acme.example"}`), row(id+"b", "", `{"who":"bob@acme.example"}`), issue)
	}
	commit("zoom", "users", lake.Commit{State: lake.Partial}, row("1", "s1", `{"email":"ann@acme.example"}`), row("2", "s1", `{"email":"bob@acme.example"}`))
	commit("zoom", "users", lake.Commit{State: lake.Complete, Snapshots: []lake.Snapshot{{ID: "s1", Date: "2026-11-20", ReadAt: testNow, Rows: 3, Lists: map[string]int64{"ann@acme.example": 1, "": 3}}}},
		row("3", "s1", `{"email":"cleo@acme.example","manager":{"email":"ann@acme.example"}}`))
	for name, text := range map[string]string{
		"state/runs/20260101T000000Z-01.json.damaged": "{ann@acme.example", "state/other.json": `{"last":"Ann@acme.example","n":1}`,
		"rebuilt/june/exports/a.csv": "ann@acme.example", "lake/core/people/data.parquet": "ann@acme.example", "warehouse/build.duckdb": "ann@acme.example",
		"warehouse/build.duckdb.wal": "ann@acme.example", "state/tmp/spill": "ann@acme.example",
	} {
		path := filepath.Join(s.r.Config.Workspace, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	run := &Run{Command: "run", StartedAt: testNow.Add(-time.Hour), AsOf: "2026-11-22"}
	require.NoError(t, s.r.Ledger.Start(run))
	run.Status, run.Error, run.Checks = RunSucceeded, "GET /users/ann%40acme.example: 404", []Check{{Name: "x", Sample: "ann@acme.example"}}
	require.NoError(t, s.r.Ledger.Save(run))
	return s
}

// requireErased searches the whole workspace and holds the lake to what is left.
func requireErased(t *testing.T, s *stages) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(s.r.Config.Workspace, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		assert.NotContains(t, strings.ReplaceAll(strings.ToLower(string(data)), "%40", "@"), "ann@acme.example", path)
		return err
	}))
	var payloads []string
	for _, name := range []string{"okta/log", "zoom/users"} {
		c, stream, _ := strings.Cut(name, "/")
		st, err := s.r.Lake.Stream(c, stream)
		require.NoError(t, err)
		commits, err := st.After(0)
		require.NoError(t, err)
		var rows int64
		named := 0
		for _, c := range commits {
			named += len(c.Files)
			for _, f := range c.Files {
				require.NoError(t, st.Verify(f))
				require.NoError(t, st.Read(f, func(r lake.Row) error {
					rows++
					payloads = append(payloads, string(r.Payload))
					assert.NotContains(t, strings.ToLower(string(r.Payload)+r.Issue+r.Source), "ann@acme")
					return nil
				}))
			}
			assert.Equal(t, rows, c.RowsTotal)
			assert.Empty(t, c.Issues)
		}
		files, err := filepath.Glob(filepath.Join(s.r.Lake.Root(), name, "*.parquet"))
		require.NoError(t, err)
		assert.Len(t, files, named, "no file but those that commits name")
		if name == "okta/log" {
			assert.Len(t, commits, 3)
			assert.EqualValues(t, 6, commits[2].ErasedTotal)
			assert.JSONEq(t, `{"version":1,"aside":{"bob@acme.example":{"reason":"404"}}}`, string(commits[2].Cursor))
			b, err := st.Begin()
			require.NoError(t, err)
			require.NoError(t, b.Append(lake.Row{RecordID: "new", Payload: []byte("1")}))
			last, err := b.Commit(lake.Commit{CommittedAt: testNow})
			require.NoError(t, err)
			assert.EqualValues(t, 4, last.RowsTotal)
			continue
		}
		snapshot := commits[1].Snapshots[0]
		assert.EqualValues(t, 2, snapshot.Rows)
		assert.EqualValues(t, 1, snapshot.Erased)
		assert.Equal(t, map[string]int64{"": 3}, snapshot.Lists)
	}
	assert.Equal(t, []string{`{"who":"bob@acme.example"}`, `{"who":"bob@acme.example"}`, `{"who":"bob@acme.example"}`,
		`{"email":"bob@acme.example"}`, `{"email":"cleo@acme.example","manager":null}`}, payloads)
	runs, err := s.r.Ledger.Tail(10)
	require.NoError(t, err)
	assert.NotEmpty(t, runs)
	assert.Equal(t, "erased", runs[len(runs)-1].Checks[0].Sample, "the record is kept")
}

// TestErasureKilledAtEachStep: whichever run comes next finishes what a crash cut short, wherever that was.
func TestErasureKilledAtEachStep(t *testing.T) {
	t.Parallel()
	forget := func() Request {
		return Request{Command: "forget", Erase: &Erasure{Identifiers: []string{"ann@acme.example"}}, Transform: true, Load: true, FullRefresh: true}
	}
	s := erasable(t)
	var steps []string
	s.r.Lake.Failpoint = func(step string) error { steps = append(steps, step); return nil }
	_, err := s.r.Run(context.Background(), forget())
	require.NoError(t, err)
	s.r.Lake.Failpoint = nil
	requireErased(t, s)
	for _, want := range []string{"erase.intent", "erase.rebuilt", "erase.data", "erase.written", "erase.commit", "erase.committed", "erase.remove", "erase.build", "erase.core", "erase.state", "erase.done"} {
		require.Contains(t, steps, want)
	}
	for at, step := range steps {
		t.Run(fmt.Sprintf("%d %s", at, step), func(t *testing.T) {
			t.Parallel()
			s := erasable(t)
			seen := 0
			s.r.Lake.Failpoint = func(string) error {
				if seen++; seen == at+1 {
					return lake.ErrKilled
				}
				return nil
			}
			_, err := s.r.Run(context.Background(), forget())
			require.ErrorIs(t, err, lake.ErrKilled)
			s.r.Lake.Failpoint = nil
			next := Request{Command: "run", Transform: true, Load: true}
			if step == "erase.intent" {
				next = forget()
			} else {
				_, err = s.r.Rebuild(context.Background(), RebuildRequest{Output: t.TempDir(), KnownAt: testNow.Add(time.Hour)})
				require.ErrorContains(t, err, "being forgotten")
			}
			_, err = s.r.Run(context.Background(), next)
			require.NoError(t, err)
			assert.True(t, s.last.FullRefresh)
			assert.NoFileExists(t, ErasurePath(s.r.Config.Workspace))
			requireErased(t, s)
		})
	}
}

// TestErasureThatCannotPublish stays due until it could.
func TestErasureThatCannotPublish(t *testing.T) {
	t.Parallel()
	s := erasable(t)
	s.publish = fs.ErrPermission
	_, err := s.r.Run(context.Background(), Request{Command: "forget", Erase: &Erasure{Identifiers: []string{"ann@acme.example"}}, Transform: true, Load: true})
	var unfinished *NotErasedError
	require.ErrorAs(t, err, &unfinished)
	assert.True(t, unfinished.Erased)
	assert.ErrorContains(t, err, "what was published before still holds it")
	assert.FileExists(t, ErasurePath(s.r.Config.Workspace))
	s.publish = nil
	_, err = s.r.Run(context.Background(), Request{Command: "load", Load: true})
	require.NoError(t, err)
	assert.Equal(t, "load", s.calls[len(s.calls)-1])
	assert.NoFileExists(t, ErasurePath(s.r.Config.Workspace))
	requireErased(t, s)
}
