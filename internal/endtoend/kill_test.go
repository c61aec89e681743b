package endtoend_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/progress"
	"github.com/rightseat/rightseat/load"
)

// exhaustive tells that no point is to be left out, however long that takes.
var exhaustive = os.Getenv("RIGHTSEAT_EXHAUSTIVE") != ""

// every gives 1, 1+k, 1+2k, … up to n; all of them when the test is to be exhaustive, and fewer
// under the race detector.
func every(k, n int) []int {
	switch {
	case exhaustive:
		k = 1
	case raceDetector:
		k *= 9
	}
	var out []int
	for i := 1; i <= n; i += k {
		out = append(out, i)
	}
	return out
}

var errKilled = errors.New("killed by the test")

// crash ends a run at a point, as a crash does: from then on nothing more can be written, and
// no vendor is heard. With stop set, the run is asked to stop instead, as by Ctrl-C.
type crash struct {
	mu    sync.Mutex
	at    int // which of the counted points; 0: none
	count int
	dead  bool
	stop  context.CancelFunc
}

// point counts a point that matters.
func (c *crash) point() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count++; c.count == c.at {
		if c.stop != nil {
			c.stop()
			return nil
		}
		c.dead = true
	}
	return c.err()
}

// other is a point that does not count but cannot be passed after the crash either.
func (c *crash) other() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err()
}

func (c *crash) err() error {
	if c.dead {
		return errKilled
	}
	return nil
}

// hearing loses replies: the vendor has answered, the program never hears of it.
type hearing struct {
	to    http.RoundTripper
	reply func() error
}

func (h hearing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := h.to.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := h.reply(); err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	return resp, nil
}

func (w *world) listen(t *testing.T, reply func() error) {
	tr := w.servers.Transport()
	t.Cleanup(tr.CloseIdleConnections)
	w.transport = hearing{tr, reply}
}

// building calls a function with each model that is about to be built.
type building struct {
	progress.Silent
	model func()
}

func (b building) Model(int, int, string) { b.model() }

// calmRun is the undisturbed run that all others must come to.
type calmRun struct {
	world               *world
	records             map[string]map[string]string
	reports             map[string]string
	lakeSteps, replies  int
	models, publication int
}

// undisturbed extracts, then transforms and loads.
func undisturbed(t *testing.T) *calmRun {
	t.Helper()
	c := &calmRun{world: newWorld(t)}
	disk, replies, models, steps := &crash{}, &crash{}, &crash{}, &crash{}
	c.world.lake = func(string) error { return disk.point() }
	c.world.publish = func(string) error { return steps.point() }
	c.world.progress = building{model: func() { _ = models.point() }}
	c.world.listen(t, replies.point)
	c.world.requireRun(t, "run")
	c.lakeSteps, c.replies, c.models, c.publication = disk.count, replies.count, models.count, steps.count
	c.records, c.reports = c.world.records(t), c.world.reports(t)
	c.world.calm()
	require.Greater(t, c.lakeSteps, 80)
	require.Greater(t, c.replies, 80)
	require.Greater(t, c.models, 40)
	require.Equal(t, len(load.Steps), c.publication)
	return c
}

// TestKill stops a whole run at its points, lets a fresh one go on, and finds the lake and the
// reports as if nothing had happened.
//
// Of the extract stage every change of the lake, every vendor's reply lost and every fifth reply at
// which the run is asked to stop is tried, with the lake compared by record; of the publish
// every step and of the transform every 14th model, with the reports compared by byte. The
// reports of every 50th point of the extract are compared as well. RIGHTSEAT_EXHAUSTIVE=1 leaves
// out none; the race detector, which looks for something else, gets every ninth of them.
func TestKill(t *testing.T) {
	t.Parallel()
	calm := undisturbed(t)
	t.Logf("%d changes of the lake, %d replies, %d models, %d steps of the publish", calm.lakeSteps, calm.replies, calm.models, calm.publication)
	for _, n := range every(1, calm.lakeSteps) {
		t.Run(fmt.Sprintf("change %d of the lake", n), func(t *testing.T) {
			t.Parallel()
			w, c := newWorld(t), &crash{at: n}
			w.lake = func(string) error { return c.point() }
			w.listen(t, c.other)
			w.survives(t.Context(), t, calm, n)
		})
	}
	for _, n := range every(1, calm.replies) {
		t.Run(fmt.Sprintf("reply %d lost", n), func(t *testing.T) {
			t.Parallel()
			w, c := newWorld(t), &crash{at: n}
			w.lake = func(string) error { return c.other() }
			w.listen(t, c.point)
			w.survives(t.Context(), t, calm, n)
		})
	}
	for _, n := range every(5, calm.replies) {
		t.Run(fmt.Sprintf("stopped at reply %d", n), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, c := newWorld(t), &crash{at: n, stop: cancel}
			w.listen(t, c.point)
			w.survives(ctx, t, calm, n)
		})
	}
	for _, n := range every(14, calm.models) {
		t.Run(fmt.Sprintf("stopped at model %d", n), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, c := newWorld(t), &crash{at: n, stop: cancel}
			w.progress = building{model: func() { _ = c.point() }}
			r := w.cli(ctx, "run")
			assert.Equal(t, 1, r.code, r.errors)
			w.requireNothingPublished(t)
			w.calm()
			w.requireRun(t, "run")
			requireSameRecords(t, calm.records, w.records(t))
			requireSameReports(t, calm.reports, w.reports(t))
			w.requireTidy(t)
		})
	}
	for i, step := range load.Steps {
		t.Run("publish: "+step, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			calm.world.copyTo(t, w)
			require.NoError(t, os.RemoveAll(filepath.Join(w.dir, "exports")))
			w.publish = (&crash{at: i + 1}).pointOf()
			r := w.cli(t.Context(), "load")
			assert.Equal(t, 1, r.code, r.errors)
			assert.Contains(t, r.errors, errKilled.Error())
			w.calm()
			w.requireRun(t, "load")
			requireSameReports(t, calm.reports, w.reports(t))
			w.requireTidy(t)
		})
	}
}

func (c *crash) pointOf() func(string) error { return func(string) error { return c.point() } }

// survives extracts disturbed, then undisturbed, and for some points also publishes.
func (w *world) survives(ctx context.Context, t *testing.T, calm *calmRun, n int) {
	t.Helper()
	w.cli(ctx, "extract") // what it says depends on the point
	for stream, rows := range w.records(t) {
		for id := range rows {
			assert.Contains(t, calm.records[stream], id, "%s after the crash", stream)
		}
	}
	w.calm()
	w.requireRun(t, "extract")
	requireSameRecords(t, calm.records, w.records(t))
	if exhaustive || n%50 == 0 {
		w.requireRun(t, "run")
		requireSameReports(t, calm.reports, w.reports(t))
	}
	w.requireTidy(t)
}

// requireTidy finds nothing of an interrupted run.
func (w *world) requireTidy(t *testing.T) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasSuffix(d.Name(), ".tmp") || strings.HasSuffix(d.Name(), ".wal") {
			t.Errorf("left behind: %s", path)
		}
		return nil
	}))
}

func (w *world) requireNothingPublished(t *testing.T) {
	t.Helper()
	for _, path := range []string{"exports", "warehouse/rightseat.duckdb"} {
		_, err := os.Stat(filepath.Join(w.dir, path))
		assert.ErrorIs(t, err, fs.ErrNotExist, path)
	}
}
