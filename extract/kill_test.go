package extract_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/secret"
)

// world is a workspace, a vendor and a clock.
type world struct {
	vendor    *vendor
	dir       string
	clock     *clock.Simulated
	manifest  *manifest.Manifest
	transport http.RoundTripper
	failpoint func(string) error
	log       strings.Builder
	bytes     int64
	settings  map[string]any
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{vendor: newVendor(t), dir: fastDir(t), clock: clock.NewSimulated(now), manifest: fakeManifest(), bytes: 1}
}

// fastDir is a temporary folder, in memory where the machine has such: the kill tests sync some
// ten thousand files.
func fastDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "extract-test-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// extractor is a fresh one each time, as after a restart.
func (w *world) extractor() *extract.Extractor {
	store := lake.Open(w.dir)
	store.Failpoint = w.failpoint
	settings := map[string]any{"base_url": w.vendor.URL + "/api"}
	maps.Copy(settings, w.settings)
	return &extract.Extractor{
		Config: &config.Config{Secrets: &secret.Redactor{}, Connections: []config.Connection{{
			Name: "fake", Connector: "fake", Settings: settings, Auth: map[string]secret.Value{"token": secret.New(token)},
		}}},
		Lake: store, Clock: w.clock, Transport: w.transport, CommitBytes: w.bytes,
		Log:    slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Lookup: func(string) (*manifest.Manifest, error) { return w.manifest, nil },
	}
}

func (w *world) run(ctx context.Context, t *testing.T) *extract.Report {
	t.Helper()
	report, err := w.extractor().Run(ctx, extract.Request{RunID: "r"})
	require.NoError(t, err)
	return report
}

func (w *world) result(report *extract.Report, stream string) extract.StreamResult {
	i := slices.IndexFunc(report.Streams, func(r extract.StreamResult) bool { return r.Stream == stream })
	if i < 0 {
		return extract.StreamResult{}
	}
	return report.Streams[i]
}

// contents is what the lake holds: stream → record id → payload, snapshots only when whole.
// Every whole snapshot of a stream must hold the same.
func (w *world) contents(t *testing.T) map[string]map[string]string {
	t.Helper()
	store := lake.Open(w.dir)
	out := map[string]map[string]string{}
	names, err := store.Streams("fake")
	require.NoError(t, err)
	for _, name := range names {
		st, err := store.Stream("fake", name)
		require.NoError(t, err)
		commits, err := st.After(0)
		require.NoError(t, err)
		whole := map[string]map[string]string{"": {}}
		for _, c := range commits {
			for _, s := range c.Snapshots {
				whole[s.ID] = map[string]string{}
			}
		}
		for _, c := range commits {
			for _, f := range c.Files {
				require.NoError(t, st.Read(f, func(r lake.Row) error {
					if rows, ok := whole[r.SnapshotID]; ok {
						if before, ok := rows[r.RecordID]; ok {
							assert.Equal(t, before, string(r.Payload), "two versions of %s", r.RecordID)
						}
						rows[r.RecordID] = string(r.Payload)
					}
					return nil
				}))
			}
		}
		if len(whole) == 1 {
			out[name] = whole[""]
			continue
		}
		delete(whole, "")
		for _, id := range slices.Sorted(maps.Keys(whole)) {
			if out[name] != nil {
				assert.Equal(t, out[name], whole[id], "snapshot %s of %s", id, name)
			}
			out[name] = whole[id]
		}
	}
	return out
}

func requireComplete(t *testing.T, report *extract.Report) {
	t.Helper()
	for _, r := range report.Streams {
		require.NoError(t, r.Err, r.Stream)
		require.Equal(t, extract.StreamComplete, r.State, r.Stream)
	}
}

func TestRunReadsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	report := w.run(t.Context(), t)
	requireComplete(t, report)
	got := w.contents(t)
	counts := map[string]int{}
	for name, rows := range got {
		counts[name] = len(rows)
	}
	assert.Equal(t, map[string]int{"apps": 5, "app_users": 9, "log": 7, "meetings": 9, "people": 9, "traffic": 8}, counts)
	assert.Contains(t, got["log"]["e0"], `"big":9007199254740993`)
	var order []string
	for _, r := range report.Streams {
		order = append(order, r.Stream)
		require.NotNil(t, r.Watermark, r.Stream)
		assert.Equal(t, now, *r.Watermark, r.Stream)
	}
	assert.Equal(t, []string{"app_users", "apps", "log", "meetings", "people", "traffic"}, order)

	// The next day brings what is new, and only that.
	w.clock.Set(now.Add(24 * time.Hour))
	w.vendor.requests = nil
	w.vendor.events = 9
	report = w.run(t.Context(), t)
	requireComplete(t, report)
	assert.EqualValues(t, 2, w.result(report, "log").Rows)
	assert.Contains(t, w.vendor.requests, "/api/log?after=7")
	assert.Contains(t, w.vendor.requests, "/api/meetings?from=2026-11-02&to=2026-11-02")
	assert.NotContains(t, w.vendor.requests, "/api/meetings?from=2026-11-01&to=2026-11-01")
	assert.Contains(t, w.vendor.requests, "/api/traffic?operation=resend")
}

// TestParentsOnceAVersion: where windows overlap, a parent is asked for again only when it changed.
func TestParentsOnceAVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manifest.Streams = slices.DeleteFunc(w.manifest.Streams, func(s manifest.Stream) bool { return s.Name != "meetings" && s.Name != "people" })
	asked := func() (paths []string) {
		for _, r := range w.vendor.requests {
			if strings.HasSuffix(r, "/people") {
				paths = append(paths, r)
			}
		}
		slices.Sort(paths)
		w.vendor.requests = nil
		return paths
	}
	requireComplete(t, w.run(t.Context(), t))
	assert.Len(t, asked(), 9)

	w.clock.Set(now.Add(time.Hour))
	report := w.run(t.Context(), t)
	requireComplete(t, report)
	assert.EqualValues(t, 6, w.result(report, "meetings").Rows, "the overlap is read again")
	assert.Empty(t, asked())

	w.vendor.hook = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/meetings" || r.URL.Query().Get("from") != "2026-11-03" {
			return false
		}
		reply(rw, map[string]any{"meetings": []any{
			map[string]any{"id": "m/2026-11-03-1", "start": "2026-11-03T01:00:00Z"}, // as before
			map[string]any{"id": "m/2026-11-03-2", "start": "2026-11-03T02:00:00Z", "minutes": 30},
			map[string]any{"id": "m/2026-11-03-9", "start": "2026-11-03T01:00:00Z"},
		}, "next_page_token": ""})
		return true
	}
	requireComplete(t, w.run(t.Context(), t))
	assert.Equal(t, []string{"/api/meetings/m%2F2026-11-03-2/people", "/api/meetings/m%2F2026-11-03-9/people"}, asked())
}

// TestCommitWhileWaiting: what has been read is committed in time although the next page keeps us waiting.
func TestCommitWhileWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bytes = 1 << 20
	w.only("apps")
	st, err := lake.Open(w.dir).Stream("fake", "apps")
	require.NoError(t, err)
	waited := false
	w.vendor.hook = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("offset") != "2" || waited {
			return false
		}
		waited = true // the list is read a second time, to see whether it moved
		last, err := st.Last()
		assert.NoError(t, err)
		assert.Nil(t, last)
		w.clock.Set(now.Add(time.Minute))
		assert.Eventually(t, func() bool {
			last, err := st.Last()
			return err == nil && last != nil && last.Rows == 2 && last.State == lake.Partial
		}, 10*time.Second, 10*time.Millisecond)
		return false
	}
	requireComplete(t, w.run(t.Context(), t))
	assert.Len(t, w.contents(t)["apps"], 5)
}

// killer stops a run at its nth step, and everything after it.
type killer struct {
	mu    sync.Mutex
	n, at int
	kill  func() // called at the step; nil when errors are enough
}

func (k *killer) step() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.n++; k.at == 0 || k.n < k.at {
		return nil
	}
	if k.kill != nil {
		k.kill()
	}
	return lake.ErrKilled
}

// lossy loses the reply of the nth request, although the vendor has answered it.
type lossy struct{ killer *killer }

func (l lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := l.killer.step(); err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	return resp, nil
}

// TestKill stops a run at every change of the disk and at every reply, goes on with a fresh
// extractor, and finds the lake as if nothing had happened.
func TestKill(t *testing.T) {
	t.Parallel()
	for _, bytes := range []int64{1, 1 << 20} {
		undisturbed := newWorld(t)
		undisturbed.bytes = bytes
		disk, replies := &killer{}, &killer{}
		undisturbed.failpoint = func(string) error { return disk.step() }
		undisturbed.transport = lossy{replies}
		requireComplete(t, undisturbed.run(t.Context(), t))
		want := undisturbed.contents(t)
		require.Greater(t, disk.n, 15)
		require.Greater(t, replies.n, 30)
		t.Logf("commit every %d bytes: %d changes of the disk, %d replies", bytes, disk.n, replies.n)
		for n := 1; n <= disk.n; n++ {
			t.Run(fmt.Sprintf("commit every %d bytes, disk step %d", bytes, n), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.bytes = bytes
				k := &killer{at: n}
				w.failpoint = func(string) error { return k.step() }
				w.survives(t.Context(), t, want)
			})
		}
		for n := 1; n <= replies.n; n++ {
			t.Run(fmt.Sprintf("commit every %d bytes, reply %d lost", bytes, n), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.bytes = bytes
				w.transport = lossy{&killer{at: n}}
				w.survives(t.Context(), t, want)
			})
			t.Run(fmt.Sprintf("commit every %d bytes, stopped at reply %d", bytes, n), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.bytes = bytes
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				w.transport = lossy{&killer{at: n, kill: cancel}}
				w.survives(ctx, t, want)
			})
		}
	}
}

// survives runs once disturbed and then, on the same day, undisturbed.
func (w *world) survives(ctx context.Context, t *testing.T, want map[string]map[string]string) {
	t.Helper()
	report := w.run(ctx, t)
	for _, r := range report.Streams {
		assert.NotContains(t, r.Error, token)
	}
	for name, rows := range w.contents(t) {
		for id := range rows {
			assert.Contains(t, want[name], id)
		}
		st, err := lake.Open(w.dir).Stream("fake", name)
		require.NoError(t, err)
		last, err := st.Last()
		require.NoError(t, err)
		if last != nil && last.State == lake.Complete && w.manifestKind(name) == "snapshot" {
			assert.Equal(t, want[name], rows, "a snapshot that is said to be whole")
		}
	}
	w.failpoint, w.transport = nil, nil
	_, err := lake.Open(w.dir).Sweep()
	require.NoError(t, err)
	later := now.Add(time.Minute)
	w.clock.Set(later)
	report = w.run(t.Context(), t)
	requireComplete(t, report)
	assert.Equal(t, want, w.contents(t))
	for _, r := range report.Streams {
		require.NotNil(t, r.Watermark, r.Stream)
		if w.manifestKind(r.Stream) == "snapshot" {
			assert.False(t, r.Watermark.Before(now), "%s is of %s", r.Stream, r.Watermark)
			continue
		}
		assert.Equal(t, later, *r.Watermark, r.Stream)
	}
}

// TestCutShortBehindTheLastPage: a stream that had read all there was, and did not get to say so, goes on from there, and what
// it says of itself is of the day it was read on.
func TestCutShortBehindTheLastPage(t *testing.T) {
	t.Parallel()
	for stream, want := range map[string]struct {
		rows int64
		asks string
	}{"log": {2, "/api/log?after=7"}, "traffic": {0, "/api/traffic?operation=resend"}} {
		t.Run(stream, func(t *testing.T) {
			t.Parallel()
			// The last page keeps us waiting, so that a commit is due behind it.
			begin := func(steps *killer) *world {
				w := newWorld(t)
				w.bytes = 1 << 20
				w.only(stream)
				w.failpoint = func(string) error { return steps.step() }
				w.vendor.hook = func(_ http.ResponseWriter, r *http.Request) bool {
					if r.URL.RequestURI() == "/api/log?after=7" {
						w.clock.Set(now.Add(time.Minute))
					}
					return false
				}
				return w
			}
			steps := &killer{}
			undisturbed := begin(steps)
			requireComplete(t, undisturbed.run(t.Context(), t))
			all := len(undisturbed.contents(t)[stream])
			found := 0
			for n := 1; n <= steps.n; n++ {
				w := begin(&killer{at: n})
				w.run(t.Context(), t)
				if len(w.contents(t)[stream]) < all || !w.isOver(t, stream) {
					continue
				}
				found++
				w.failpoint, w.vendor.hook = nil, nil
				next := now.Add(24 * time.Hour)
				w.clock.Set(next)
				w.vendor.requests, w.vendor.events = nil, 9
				report := w.run(t.Context(), t)
				requireComplete(t, report)
				require.NotEmpty(t, w.vendor.requests)
				assert.Equal(t, want.asks, w.vendor.requests[0])
				assert.Equal(t, want.rows, w.result(report, stream).Rows)
				assert.Equal(t, next, *w.result(report, stream).Watermark)
			}
			assert.Positive(t, found, "a step between the last page and the end")
		})
	}
}

// isOver tells of a stream whose last commit holds its last page, in a round that has not ended.
func (w *world) isOver(t *testing.T, stream string) bool {
	t.Helper()
	st, err := lake.Open(w.dir).Stream("fake", stream)
	require.NoError(t, err)
	last, err := st.Last()
	require.NoError(t, err)
	if last == nil || last.State == lake.Complete {
		return false
	}
	var cursor struct{ Round struct{ Through int } }
	require.NoError(t, json.Unmarshal(last.Cursor, &cursor))
	return cursor.Round.Through == 1
}

func (w *world) manifestKind(stream string) string {
	for _, s := range w.manifest.Streams {
		if s.Name == stream {
			return s.Kind
		}
	}
	return ""
}
