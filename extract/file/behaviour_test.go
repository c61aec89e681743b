package file_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

const people = "email,last_name,first_name,team\n"

// snapshots are the whole snapshots of all commits as "date rows source".
func (w *world) snapshots() []string {
	var all []string
	for _, c := range w.commits() {
		for _, s := range c.Snapshots {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %d %s", s.Date, s.Rows, s.Source)))
		}
	}
	return all
}

func (w *world) snapshotIDs() map[string]bool {
	ids := map[string]bool{}
	for _, c := range w.commits() {
		for _, s := range c.Snapshots {
			ids[s.ID] = true
		}
	}
	return ids
}

func TestSnapshotDates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "roster", "path": "r/**/*.csv"})
	w.zone = time.FixedZone("", 10*3600)
	w.clock.Set(time.Date(2026, time.November, 20, 20, 0, 0, 0, time.UTC)) // the 21st there
	w.put("r/a/column-2026-01-01.csv", "email,snapshot_date\na@x,2026-11-02\nb@x,2026-11-03\nc@x,2026-11-02\nd@x,\ne@x,never\n")
	w.put("r/name-20261105.csv", "email\na@x\n")
	w.put("r/plain.csv", "email\na@x\n")
	w.put("r/empty-2026-11-07.csv", "email\n")
	w.put("r/.hidden-2026-11-08.csv", "email\na@x\n")
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []string{
		"2026-01-01 1 r/a/column-2026-01-01.csv", "2026-11-02 2 r/a/column-2026-01-01.csv", "2026-11-03 1 r/a/column-2026-01-01.csv",
		"2026-11-05 1 r/name-20261105.csv", "2026-11-07 0 r/empty-2026-11-07.csv", "2026-11-21 1 r/plain.csv",
	}, w.snapshots())
	assert.Len(t, w.commits(), 1, "small files share a commit")
	assert.Equal(t, int64(1), res.Issues)
	assert.Equal(t, w.clock.Now(), *res.Watermark, "the 21st has not ended: complete up to now")

	// The content was first read on the 21st; that other settings read it again does not move its date.
	w.clock.Set(w.clock.Now().AddDate(0, 0, 3))
	w.conn.Settings["columns"] = map[string]any{"Nothing": "tier"}
	require.NoError(t, w.read().Err)
	all := w.snapshots()
	assert.Equal(t, "2026-11-21 1 r/plain.csv", all[len(all)-1])
	assert.Equal(t, 12, len(w.snapshotIDs()), "each reading is a snapshot of its own")
}

func TestAFileOfBadRowsOnlyIsNoSnapshot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "roster", "path": "r.csv"})
	w.put("r.csv", "email,snapshot_date\na@x,2026-11-02\nbad,2026-11-03\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []string{"2026-11-02 1 r.csv"}, w.snapshots(), "nobody left on the 3rd")
}

func TestStatesAreKnownByTheirFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "e/*.csv"})
	w.put("e/a.csv", "email\na@x\n")
	w.put("e/b.csv", "email\nb@x\n")
	require.NoError(t, w.read().Err)
	w.put("e/a.csv", "email\na@x\nc@x\n")
	require.NoError(t, w.read().Err)
	w.put("e/a.csv", "email\na@x\n") // back to what it was
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []string{"2026-11-20 1 e/a.csv", "2026-11-20 1 e/b.csv", "2026-11-20 2 e/a.csv", "2026-11-20 1 e/a.csv"}, w.snapshots())
	assert.Len(t, w.snapshotIDs(), 4)
	assert.Nil(t, res.Watermark, "a state is true until it is replaced")
	var last time.Time
	for _, c := range w.commits() {
		assert.True(t, c.Snapshots[0].ReadAt.After(last), "later reads are later, though the clock stands still")
		last = c.Snapshots[0].ReadAt
	}
}

func TestAGrowingFileBringsOnlyItsNewRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "engagement", "path": "events*.csv"})
	head := "occurred_at,email,event,event_id\n"
	one := "2026-11-01T10:00:00Z,a@x,open,\n"
	w.put("events.csv", head+one+one+"2026-11-01T11:00:00Z,a@x,open,own-1\n")
	require.NoError(t, w.read().Err)
	ids := func() map[string]bool {
		set := map[string]bool{}
		for _, r := range w.rows() {
			set[r.RecordID] = true
		}
		return set
	}
	require.Len(t, ids(), 3, "equal rows are rows of their own")
	assert.True(t, ids()["own-1"])
	w.put("events.csv", head+one+one+"2026-11-01T11:00:00Z,a@x,open,own-1\n"+one)
	require.NoError(t, w.read().Err)
	assert.Len(t, ids(), 4)
	// The same rows with the columns in another order, other settings, and another file.
	w.put("events2.csv", "Email;Occurred At;event\na@x;2026-11-01T10:00:00Z;open\n")
	w.conn.Settings["date_format"] = "DD/MM/YYYY"
	res := w.read()
	require.NoError(t, res.Err)
	assert.Len(t, ids(), 4)
	assert.Equal(t, time.Date(2026, time.November, 1, 11, 0, 0, 0, time.UTC), *res.Watermark)
	assert.Equal(t, time.Date(2026, time.November, 1, 10, 0, 0, 0, time.UTC).UnixMicro(), *w.rows()[0].EventAt)
	assert.Equal(t, "events.csv:2", w.rows()[0].Source)
}

func TestABadFileHoldsTheWatermarkBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "s*.csv"})
	head := "transaction_id,date,amount,currency,vendor\n"
	w.put("s1.csv", "nothing\n")
	w.put("s2.csv", head+"t2,2026-11-02,1,EUR,Zoom\n")
	res := w.read()
	assert.Equal(t, extract.StreamIncomplete, res.State)
	assert.ErrorContains(t, res.Err, "file s1.csv")
	assert.Equal(t, int64(1), res.Rows, "the other file loads")
	assert.Nil(t, res.Watermark)
	assert.Equal(t, lake.Partial, w.commits()[0].State)

	res = w.read()
	assert.Equal(t, extract.StreamFailed, res.State)
	assert.Len(t, w.commits(), 1)

	require.NoError(t, os.Remove(filepath.Join(w.dir, "s1.csv")))
	res = w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, extract.StreamComplete, res.State)
	assert.Equal(t, time.Date(2026, time.November, 3, 0, 0, 0, 0, time.UTC), *res.Watermark, "the 2nd is over")
	assert.Len(t, w.commits(), 2, "an empty commit ends the round")
}

func TestRangesAreReadAgainWithoutMovingTheCursor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "s.csv"})
	w.put("s.csv", "transaction_id,date,amount,currency,vendor\nt1,2026-11-01,1,EUR,A\nt2,2026-11-02,1,EUR,A\nt3,2026-11-03,x,EUR,A\n")
	require.NoError(t, w.read().Err)
	before := w.commits()[0]
	from := time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)
	res := w.request(extract.Request{RunID: "again", From: from, To: from.AddDate(0, 0, 1)})
	require.NoError(t, res.Err)
	assert.Equal(t, int64(1), res.Rows)
	after := w.commits()[1]
	assert.Equal(t, before.Watermark, after.Watermark)
	assert.Equal(t, lake.Complete, after.State)
	assert.Zero(t, w.read().Rows, "nothing is new")
	assert.Len(t, w.commits(), 2)

	w.conn.Settings = map[string]any{"kind": "exempt", "path": "s.csv"}
	results, err := w.reader().Read(t.Context(), extract.Request{From: from, To: from.AddDate(0, 0, 1)})
	require.NoError(t, err)
	assert.Empty(t, results, "only events have ranges")
}

func TestOnlyWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "e.csv"})
	for _, req := range []extract.Request{{Streams: []string{"roster"}}, {Connections: []string{"other"}}} {
		results, err := w.reader().Read(t.Context(), req)
		require.NoError(t, err)
		assert.Empty(t, results)
	}
}

func TestACancelledReadLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "e.csv"})
	w.put("e.csv", "email\na@x\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	results, err := w.reader().Read(ctx, extract.Request{})
	require.NoError(t, err)
	assert.Equal(t, extract.StreamFailed, results[0].State)
	assert.ErrorIs(t, results[0].Err, context.Canceled)
	assert.Empty(t, w.commits())
}

// meddler changes a file while it is being read, a number of times.
type meddler struct {
	path  string
	times atomic.Int64
}

func (m *meddler) Stream(_, _ string, rows, _ int64, _ bool) {
	if rows > 0 && m.times.Add(-1) >= 0 {
		f, err := os.OpenFile(m.path, os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteString("late@x\n")
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			panic(err)
		}
	}
}

func TestAFileThatChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		times int64
		state extract.StreamState
		rows  int64
	}{"once": {1, extract.StreamComplete, 20_001}, "for ever": {100, extract.StreamFailed, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]any{"kind": "exempt", "path": "e.csv"})
			w.put("e.csv", "email\n"+strings.Repeat("a@x\n", 20_000))
			m := &meddler{path: filepath.Join(w.dir, "e.csv")}
			m.times.Store(tc.times)
			r, err := file.New(file.Options{
				Connection: w.conn, Lake: w.lake, Clock: w.clock, Progress: m,
				Config: &config.Config{File: filepath.Join(w.dir, "rightseat.yaml")},
			})
			require.NoError(t, err)
			results, err := r.Read(t.Context(), extract.Request{})
			require.NoError(t, err)
			assert.Equal(t, tc.state, results[0].State)
			assert.Equal(t, tc.rows, results[0].Rows)
			if tc.state == extract.StreamFailed {
				assert.ErrorContains(t, results[0].Err, "changed while it was being read")
				assert.Empty(t, w.commits())
			}
		})
	}
}

// TestKilledAnywhere stops the reader at each step that changes the disk, goes on as a
// new process would, and compares with a run that was never stopped.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	setUp := func(t *testing.T) *world {
		w := newWorld(t, map[string]any{"kind": "roster", "path": "r*.csv"})
		w.put("r1.csv", "email,snapshot_date\na@x,2026-11-02\nb@x,2026-11-03\nbad,2026-11-03\n")
		w.put("r2-2026-11-05.csv", "email\na@x\n")
		return w
	}
	contents := func(w *world) (all []string) {
		whole := w.snapshotIDs()
		for _, r := range w.rows() {
			all = append(all, fmt.Sprint(r.Seq, r.RecordID, *r.SnapshotDate, whole[*r.SnapshotID], r.Source, r.Issue != nil, r.Payload))
		}
		return append(all, w.snapshots()...)
	}
	undisturbed := setUp(t)
	require.NoError(t, undisturbed.read().Err)
	want := contents(undisturbed)

	for kill := 1; ; kill++ {
		w := setUp(t)
		steps := 0
		w.lake.Failpoint = func(string) error {
			if steps++; steps == kill {
				return lake.ErrKilled
			}
			return nil
		}
		res := w.read()
		if steps < kill {
			require.NoError(t, res.Err)
			assert.Greater(t, kill, 5, "there are steps to be killed at")
			return
		}
		require.ErrorIs(t, res.Err, lake.ErrKilled)
		w.lake.Failpoint = nil
		_, err := w.lake.Sweep()
		require.NoError(t, err)
		res = w.read()
		require.NoError(t, res.Err)
		assert.Equal(t, extract.StreamComplete, res.State)
		assert.NotNil(t, res.Watermark)
		assert.Equal(t, want, contents(w), "killed at step %d", kill)
		assert.Equal(t, lake.Complete, w.commits()[len(w.commits())-1].State)
	}
}

// heap watches the live heap while a file is read.
type heap struct{ most uint64 }

func (h *heap) Stream(_, _ string, rows, _ int64, _ bool) {
	if rows%50_000 != 0 {
		return
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	h.most = max(h.most, m.HeapAlloc)
}

// TestBigFilesAreStreamed is not parallel: it measures the process.
func TestBigFilesAreStreamed(t *testing.T) {
	for _, tc := range []struct {
		name, kind, header string
		row                func(i int) string
	}{
		{"events", "engagement", "occurred_at,email,event,memo\n", func(i int) string {
			return fmt.Sprintf("2026-11-01T10:00:00Z,p%d@acme.example,opened,%s %d\n", i%500, strings.Repeat("text ", 40), i)
		}},
		{"many snapshots in one file", "roster", "snapshot_date,email,tier,memo\n", func(i int) string {
			return fmt.Sprintf("%s,p%d@acme.example,Pro,%s %d\n", start.AddDate(0, 0, -(i%150)).Format(time.DateOnly), i/150, strings.Repeat("text ", 40), i)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("takes several seconds")
			}
			const rows = 200_000
			w := newWorld(t, map[string]any{"kind": tc.kind, "path": "big.csv"})
			out, err := os.Create(filepath.Join(w.dir, "big.csv"))
			require.NoError(t, err)
			text := bufio.NewWriter(out)
			_, err = text.WriteString(tc.header)
			require.NoError(t, err)
			for i := range rows {
				if _, err = text.WriteString(tc.row(i)); err != nil {
					break
				}
			}
			require.NoError(t, err)
			require.NoError(t, text.Flush())
			require.NoError(t, out.Close())
			var h heap
			r, err := file.New(file.Options{
				Connection: w.conn, Lake: w.lake, Clock: w.clock, Progress: &h,
				Config: &config.Config{File: filepath.Join(w.dir, "rightseat.yaml")},
			})
			require.NoError(t, err)
			results, err := r.Read(t.Context(), extract.Request{})
			require.NoError(t, err)
			require.NoError(t, results[0].Err)
			assert.Equal(t, int64(rows), results[0].Rows)
			t.Logf("%d rows with at most %d MB of heap", rows, h.most>>20)
			assert.Less(t, h.most>>20, uint64(100))
		})
	}
}
