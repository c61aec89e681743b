package endtoend_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/cli"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/progress"
	"github.com/rightseat/rightseat/internal/simulator"
)

// org is a small organisation. Worlds share it: it is safe for concurrent use and works its
// days out once. Its history is long enough for the vendors to be well on [today]: Zoom may
// list its users since day 20, and Netskope's token dies on day 59. [today] is a Tuesday, the
// second of a month: the weekly and the monthly roster files are fresh.
var org = sync.OnceValue(func() *simulator.Org {
	return simulator.NewOrg(simulator.Options{People: 80, Apps: 12, Days: 80, Seed: 3, End: time.Date(2026, time.July, 29, 0, 0, 0, 0, time.UTC)})
})

// today is the instant of the run that tests disturb.
func today() time.Time {
	return org().Start().AddDate(0, 0, 22).Add(22 * time.Hour)
}

// world is a workspace with vendors of its own, and a clock that stands still.
type world struct {
	dir     string
	config  string
	env     map[string]string
	clock   *clock.Simulated
	servers *simulator.Servers
	faults  func(vendor string, n int, r *http.Request) *simulator.Fault

	ahead         time.Duration     // of the vendors' clock is the workspace's
	transport     http.RoundTripper // nil: the servers' own
	lake, publish func(step string) error
	progress      progress.Reporter
}

// newWorld makes a workspace whose uploads are those of today.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: fastDir(t), clock: clock.NewSimulated(today())}
	var err error
	w.servers, err = simulator.Start(org(), w.clock, simulator.ServerOptions{
		NamedHosts: true, ThrottleEvery: 61,
		Faults: func(vendor string, n int, r *http.Request) *simulator.Fault {
			if w.faults == nil {
				return nil
			}
			return w.faults(vendor, n, r)
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.servers.Close()) })
	text, env := simulator.Config(w.servers, "")
	// Fewer days of meetings: each is a request of its own.
	recent := fmt.Sprintf("\n      start_date: %q", today().AddDate(0, 0, -3).Format(time.DateOnly))
	zoom := "base_url: " + w.servers.URL(simulator.Zoom)
	text = bytes.Replace(text, []byte(zoom), []byte(zoom+recent), 1)
	text = append(text, "resources: {threads: 1}\n"...) // worlds live side by side
	w.env, w.config = env, filepath.Join(w.dir, "rightseat.yaml")
	require.NoError(t, os.WriteFile(w.config, text, 0o600))
	for path, data := range org().Files(today()) {
		w.upload(t, path, data)
	}
	return w
}

// fastDir is a temporary folder, in memory where the machine has such: the kill tests sync
// many thousands of files.
func fastDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "rightseat-endtoend-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func (w *world) upload(t *testing.T, path string, data []byte) {
	t.Helper()
	path = filepath.Join(w.dir, filepath.FromSlash(path))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, data, 0o600))
}

// edit changes the configuration's text. What is to be changed must be there.
func (w *world) edit(t *testing.T, old, replacement string) {
	t.Helper()
	text, err := os.ReadFile(w.config)
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	require.NoError(t, os.WriteFile(w.config, bytes.Replace(text, []byte(old), []byte(replacement), 1), 0o600))
}

// result is what a command said.
type result struct {
	code        int
	out, errors string
}

// cli runs a command in the process, with everything that is real.
func (w *world) cli(ctx context.Context, args ...string) result {
	var out, errs bytes.Buffer
	transport := w.transport
	if transport == nil {
		t := w.servers.Transport()
		defer t.CloseIdleConnections()
		transport = t
	}
	code := cli.Run(ctx, append([]string{"--config", w.config, "--no-progress"}, args...), strings.NewReader(""), &out, &errs,
		func(name string) (string, bool) { v, ok := w.env[name]; return v, ok },
		cli.World{Clock: w.now(), Transport: transport, LakeFailpoint: w.lake, LoadFailpoint: w.publish, Progress: w.progress})
	return result{code, out.String(), errs.String()}
}

// now is the workspace's clock.
func (w *world) now() *clock.Simulated {
	if w.ahead == 0 {
		return w.clock
	}
	return clock.NewSimulated(w.clock.Now().Add(w.ahead))
}

// calm takes every disturbance away.
func (w *world) calm() {
	w.faults, w.transport, w.lake, w.publish, w.progress = nil, nil, nil, nil, nil
}

// requireRun runs a command that must do well.
func (w *world) requireRun(t *testing.T, args ...string) result {
	t.Helper()
	r := w.cli(t.Context(), args...)
	require.Zero(t, r.code, r.errors)
	return r
}

// records is what the lake holds of each connection/stream: the newest payload by date of
// snapshot and record id. Rows of snapshots that are not whole do not count.
func (w *world) records(t *testing.T) map[string]map[string]string {
	t.Helper()
	store := lake.Open(w.dir)
	out := map[string]map[string]string{}
	connections, err := store.Connections()
	require.NoError(t, err)
	for _, c := range connections {
		streams, err := store.Streams(c)
		require.NoError(t, err)
		for _, s := range streams {
			st, err := store.Stream(c, s)
			require.NoError(t, err)
			out[c+"/"+s] = streamRecords(t, st)
		}
	}
	return out
}

func streamRecords(t *testing.T, st *lake.Stream) map[string]string {
	t.Helper()
	commits, err := st.After(0)
	require.NoError(t, err)
	whole := map[string]string{"": ""} // snapshot id → key prefix
	newest := map[string]string{}      // date and source → snapshot id
	for _, c := range commits {
		for _, s := range c.Snapshots {
			delete(whole, newest[s.Date+s.Source])
			newest[s.Date+s.Source] = s.ID
			whole[s.ID] = s.Date + " " + s.Source + " "
			whole[""] = ""
		}
	}
	rows := map[string]string{}
	for _, c := range commits {
		for _, f := range c.Files {
			require.NoError(t, st.Read(f, func(r lake.Row) error {
				if prefix, ok := whole[r.SnapshotID]; ok {
					rows[prefix+r.RecordID] = r.Issue + string(r.Payload)
				}
				return nil
			}))
		}
	}
	return rows
}

// requireSameRecords compares two lakes, naming what differs rather than printing them.
func requireSameRecords(t *testing.T, want, got map[string]map[string]string) {
	t.Helper()
	assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)), "streams")
	for stream, rows := range want {
		for _, difference := range differences(rows, got[stream]) {
			t.Errorf("%s: %s", stream, difference)
		}
	}
}

func differences(want, got map[string]string) []string {
	var out []string
	for id, payload := range want {
		switch have, ok := got[id]; {
		case !ok:
			out = append(out, "lost "+id)
		case have != payload:
			out = append(out, fmt.Sprintf("%s: want %.200s, got %.200s", id, payload, have))
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			out = append(out, "too much: "+id)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), 5)]
}

// runID names a run, and so differs between a run and the one that resumes it.
var runID = regexp.MustCompile(`\d{8}T\d{6}Z-\d{2}`)

// reports are the exported CSV files by name, with the same name for every run.
func (w *world) reports(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "exports", "*.csv"))
	require.NoError(t, err)
	out := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		text := runID.ReplaceAllString(string(data), "RUN")
		switch filepath.Base(f) {
		case "connection_health.csv":
			text = withoutColumn(t, text, "rows_total")
		case "reconciliation.csv":
			// So do what was read and what of it was read before; what is in core, and what was set aside, does not.
			for _, column := range []string{"read", "duplicates", "superseded"} {
				text = withoutColumn(t, text, column)
			}
		case "run.csv":
			text = withoutColumn(t, text, "published_at")
		}
		out[filepath.Base(f)] = text
	}
	return out
}

// withoutColumn empties a column. rows_total counts what was landed: it is larger where a
// snapshot, or the overlap of a window, was read once more.
func withoutColumn(t *testing.T, text, column string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	i := slices.Index(rows[0], column)
	require.GreaterOrEqual(t, i, 0)
	var out strings.Builder
	w := csv.NewWriter(&out)
	for n := range rows {
		if n > 0 {
			rows[n][i] = ""
		}
	}
	require.NoError(t, w.WriteAll(rows))
	return out.String()
}

func requireSameReports(t *testing.T, want, got map[string]string) {
	t.Helper()
	require.NotEmpty(t, want)
	assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)), "reports")
	for name, text := range want {
		if text == got[name] {
			continue
		}
		missing, extra := lineDifferences(text, got[name])
		t.Errorf("%s differs:\n  wanted %q\n  got    %q", name, missing, extra)
	}
}

// lineDifferences gives some lines that stand in only one of the texts.
func lineDifferences(a, b string) (onlyA, onlyB []string) {
	inA, inB := strings.Split(a, "\n"), strings.Split(b, "\n")
	only := func(these, those []string) []string {
		known := map[string]bool{}
		for _, l := range those {
			known[l] = true
		}
		return slices.DeleteFunc(slices.Clone(these), func(l string) bool { return known[l] })
	}
	onlyA, onlyB = only(inA, inB), only(inB, inA)
	return onlyA[:min(len(onlyA), 4)], onlyB[:min(len(onlyB), 4)]
}

// copyTo makes another workspace of the same content. Its vendors are new ones.
func (w *world) copyTo(t *testing.T, into *world) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(w.dir, path)
		if err != nil {
			return err
		}
		target := filepath.Join(into.dir, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		return copyFile(path, target)
	}))
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
