package pipelines

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNextRunID(t *testing.T) {
	t.Parallel()
	now := utc(t, "2026-11-23T03:00:00Z")
	cases := []struct {
		name, newest, want string
	}{
		{"first", "", "20261123T030000Z-01"},
		{"after an older one", "20261122T030000Z-07", "20261123T030000Z-01"},
		{"in the same second", "20261123T030000Z-01", "20261123T030000Z-02"},
		{"tenth in the same second", "20261123T030000Z-09", "20261123T030000Z-10"},
		{"the clock went back", "20261124T000000Z-01", "20261124T000000Z-02"},
		{"a full second", "20261123T030000Z-99", "20261123T030001Z-01"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var ids []string
			if c.newest != "" {
				ids = []string{"20200101T000000Z-01", c.newest}
			}
			assert.Equal(t, c.want, nextRunID(ids, now))
		})
	}
}

func TestLedgerKeepsRuns(t *testing.T) {
	t.Parallel()
	l := OpenLedger(t.TempDir(), nil)
	runs, err := l.Tail(5)
	require.NoError(t, err)
	assert.Empty(t, runs)
	now := utc(t, "2026-11-23T03:00:00Z")
	for range 3 {
		r := &Run{Command: "run", StartedAt: now}
		require.NoError(t, l.Start(r))
		r.Status = RunSucceeded
		require.NoError(t, l.Save(r))
	}
	runs, err = l.Tail(2)
	require.NoError(t, err)
	require.Len(t, runs, 2)
	assert.Equal(t, "20261123T030000Z-03", runs[0].ID)
	assert.Equal(t, "20261123T030000Z-02", runs[1].ID)
	runs, err = l.Tail(0)
	require.NoError(t, err)
	assert.Empty(t, runs)
}

func TestLedgerReadsOnlyWhatIsNeeded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := OpenLedger(dir, nil)
	require.NoError(t, os.MkdirAll(l.dir, 0o755))
	require.NoError(t, os.WriteFile(l.path("20200101T000000Z-01"), []byte("damaged"), 0o600))
	require.NoError(t, l.Start(&Run{Command: "run", StartedAt: utc(t, "2026-11-23T03:00:00Z")}))
	runs, err := l.Tail(1)
	require.NoError(t, err, "an old damaged record is not in the way")
	require.Len(t, runs, 1)
	require.NoError(t, os.WriteFile(l.path("20190101T000000Z-01"), []byte(`{"format": 2}`), 0o600))
	_, err = l.Tail(3)
	assert.ErrorContains(t, err, "format 2; this build reads format 1", "a newer build's record is not damaged")
}

func TestDamagedRecordsAreInNobodysWay(t *testing.T) {
	t.Parallel()
	now := utc(t, "2026-11-23T03:00:00Z")
	cases := map[string]string{
		"torn":              `{"format": 1, "run_id": "2026`,
		"empty":             "",
		"zeroes":            "\x00\x00\x00\x00",
		"an object":         "{}",
		"another run's":     `{"format": 1, "run_id": "20260101T000000Z-01"}`,
		"of the wrong type": `{"format": 1, "run_id": 7}`,
	}
	for name, content := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var said bytes.Buffer
			dir := t.TempDir()
			l := OpenLedger(dir, slog.New(slog.NewTextHandler(&said, nil)))
			older := &Run{Command: "run", StartedAt: now.Add(-time.Hour)}
			require.NoError(t, l.Start(older))
			newest := &Run{Command: "run", StartedAt: now}
			require.NoError(t, l.Start(newest))
			require.NoError(t, os.WriteFile(l.path(newest.ID), []byte(content), 0o600))

			for range 2 {
				runs, err := l.Tail(2)
				require.NoError(t, err)
				require.Len(t, runs, 1, "the older one is read")
				assert.Equal(t, older.ID, runs[0].ID)
			}
			assert.Equal(t, 1, strings.Count(said.String(), "damaged record"), "said once")
			assert.Contains(t, said.String(), l.path(newest.ID))

			ids, err := l.Recover(now)
			require.NoError(t, err)
			assert.Equal(t, []string{older.ID}, ids, "it was still marked as running")
			aside, err := os.ReadFile(l.path(newest.ID) + damagedSuffix)
			require.NoError(t, err)
			assert.Equal(t, content, string(aside), "kept for whoever wants to look")
			assert.NoFileExists(t, l.path(newest.ID))
			assert.FileExists(t, l.path(older.ID))
			assert.Contains(t, said.String(), l.path(newest.ID)+damagedSuffix)

			next := &Run{Command: "run", StartedAt: now}
			require.NoError(t, l.Start(next))
			assert.Greater(t, next.ID, newest.ID, "an id is not given twice")
		})
	}
}

func TestLedgerRecover(t *testing.T) {
	t.Parallel()
	now := utc(t, "2026-11-23T03:00:00Z")
	t.Run("a dead process's run", func(t *testing.T) {
		t.Parallel()
		l := OpenLedger(t.TempDir(), nil)
		r := &Run{Command: "run", StartedAt: now}
		require.NoError(t, l.Start(r))
		r.Stages = []Stage{{Name: "recover", Outcome: StageOK}, {Name: "extract", Outcome: StageRunning}}
		require.NoError(t, l.Save(r))
		leftover := filepath.Join(l.dir, ".20261123T030000Z-01.json.123.tmp")
		require.NoError(t, os.WriteFile(leftover, []byte("{"), 0o600))

		ids, err := l.Recover(now.Add(time.Hour))
		require.NoError(t, err)
		assert.Equal(t, []string{r.ID}, ids)
		assert.NoFileExists(t, leftover)
		runs, err := l.Tail(1)
		require.NoError(t, err)
		assert.Equal(t, RunInterrupted, runs[0].Status)
		assert.Equal(t, StageOK, runs[0].Stages[0].Outcome)
		assert.Equal(t, StageInterrupted, runs[0].Stages[1].Outcome)
		assert.Equal(t, now.Add(time.Hour), *runs[0].EndedAt)

		ids, err = l.Recover(now)
		require.NoError(t, err)
		assert.Empty(t, ids, "only once")
	})
	t.Run("prunes the oldest", func(t *testing.T) {
		t.Parallel()
		l := OpenLedger(t.TempDir(), nil)
		for i := range keepRuns + 3 {
			r := &Run{StartedAt: now.Add(time.Duration(i) * time.Hour), Status: RunSucceeded, Format: ledgerVersion}
			r.ID = nextRunID(nil, r.StartedAt)
			require.NoError(t, os.MkdirAll(l.dir, 0o755))
			data, err := marshalRun(r)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(l.path(r.ID), data, 0o600))
		}
		_, err := l.Recover(now)
		require.NoError(t, err)
		ids, err := l.ids()
		require.NoError(t, err)
		assert.Len(t, ids, keepRuns)
		assert.Equal(t, "20261123T060000Z-01", ids[0])
	})
	t.Run("nothing there", func(t *testing.T) {
		t.Parallel()
		ids, err := OpenLedger(filepath.Join(t.TempDir(), "absent"), nil).Recover(now)
		require.NoError(t, err)
		assert.Empty(t, ids)
	})
}

func FuzzLedgerRecord(f *testing.F) {
	f.Add([]byte(`{"format":1,"run_id":"20261123T030000Z-01","status":"running"}`))
	f.Add([]byte(`{"format":2}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := OpenLedger(t.TempDir(), nil)
		require.NoError(t, os.MkdirAll(l.dir, 0o755))
		require.NoError(t, os.WriteFile(l.path("20261123T030000Z-01"), data, 0o600))
		runs, err := l.Tail(1)
		if err != nil { // a format that is not ours
			assert.Empty(t, runs)
			return
		}
		_, err = l.Recover(testNow)
		require.NoError(t, err)
		after, err := l.Tail(1)
		require.NoError(t, err)
		assert.Len(t, after, len(runs))
		require.NoError(t, l.Start(&Run{StartedAt: testNow}))
	})
}
