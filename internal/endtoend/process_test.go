package endtoend_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/simulator"
	"github.com/rightseat/rightseat/pipelines"
)

// program builds the program.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rightseat")
	out, err := exec.Command("go", "build", "-o", path, "../../cmd/rightseat").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// process runs the program to its end and gives its exit code and what it said.
func process(t *testing.T, path string, env []string, args ...string) (int, string) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), &said, &said
	err := cmd.Run()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), said.String()
}

// killAfter runs the program and kills it, as `kill -9` does, unless it ends before.
func killAfter(t *testing.T, after time.Duration, path string, env []string, args ...string) (killed bool) {
	t.Helper()
	return killWhen(t, func(kill func()) (release func()) {
		timer := time.AfterFunc(after, kill)
		return func() { timer.Stop() }
	}, path, env, args...)
}

// killWhen runs the program and lets arm decide when it is killed.
func killWhen(t *testing.T, arm func(kill func()) (release func()), path string, env []string, args ...string) (killed bool) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), &said, &said
	require.NoError(t, cmd.Start())
	release := arm(func() { _ = cmd.Process.Kill() }) // it may have ended by itself
	defer release()
	_ = cmd.Wait() // the state tells
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	killed = ok && status.Signaled()
	require.True(t, killed || cmd.ProcessState.ExitCode() == 0 || cmd.ProcessState.ExitCode() == 3, "%s", said.String())
	return killed
}

// kills is how often each process test kills.
func kills() int {
	if exhaustive {
		return 20
	}
	return 6
}

// moments are the times at which processes are killed, drawn anew for each test run; the seed is
// in its log.
func moments(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// tree is the content of every file below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		out[strings.TrimPrefix(path, dir)] = string(data)
		return err
	}))
	return out
}

func requireSameBytes(t *testing.T, want, got map[string]string) {
	t.Helper()
	require.NotEmpty(t, want)
	for name, data := range want {
		if got[name] != data {
			onlyWant, onlyGot := lineDifferences(data, got[name])
			if !strings.HasSuffix(name, ".csv") {
				onlyWant, onlyGot = nil, nil
			}
			t.Errorf("%s differs: %q, %q", name, onlyWant, onlyGot)
		}
	}
	assert.Len(t, got, len(want))
}

// TestKillProcess kills the real program with SIGKILL at random moments.
func TestKillProcess(t *testing.T) {
	t.Parallel()
	path := program(t)

	// The demo brings vendors, clock and all: killed often and then let finish, every file that
	// it exports is byte for byte that of a demo nobody disturbed, made in another folder. Run again
	// where it is done, it leaves everything as it is.
	t.Run("demo", func(t *testing.T) {
		t.Parallel()
		random := moments(t)
		calm, killed := filepath.Join(fastDir(t), "demo"), filepath.Join(fastDir(t), "demo")
		flags := []string{"demo", "--people", "80", "--days", "30", "--dir"}
		began := time.Now()
		code, said := process(t, path, nil, append(flags, calm)...)
		took := time.Since(began)
		require.Zero(t, code, said)
		want := tree(t, filepath.Join(calm, "exports"))

		code, again := process(t, path, nil, append(flags, calm)...)
		require.Zero(t, code, again)
		requireSameBytes(t, want, tree(t, filepath.Join(calm, "exports")))

		n := 0
		for range kills() {
			if killAfter(t, time.Duration(random.Float64()*float64(took)*0.6), path, nil, append(flags, killed)...) {
				n++
			}
		}
		t.Logf("killed %d times", n)
		code, said = process(t, path, nil, append(flags, killed)...)
		require.Zero(t, code, said)
		requireSameBytes(t, want, tree(t, filepath.Join(killed, "exports")))
	})

	// Runs against vendors that live on, with the machine's own clock: killed at requests, the
	// vendor's answer under way, and at moments of the later stages.
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		random := moments(t)
		now := time.Now().UTC()
		if now.Add(15*time.Minute).Day() != now.Day() {
			t.Skip("it is nearly midnight UTC, and the runs are to be of one day")
		}
		calm, killed := newLiveWorld(t, now), newLiveWorld(t, now)
		began := time.Now()
		code, said := process(t, path, calm.environ(), "--config", calm.config, "run")
		took := time.Since(began)
		require.Contains(t, []int{0, 3}, code, said)
		requests := int(calm.requests.Load())
		extracted := calm.tookTo(t, "extract")
		t.Logf("undisturbed, it makes %d requests in %s and takes %s", requests, extracted, took)

		atRequests, later := random.Perm(requests)[:3], 3
		if exhaustive {
			atRequests, later = random.Perm(requests), 20
		}
		n := 0
		for _, at := range atRequests {
			if killWhen(t, killed.atRequest(at+1), path, killed.environ(), "--config", killed.config, "run") {
				n++
			}
			killed.requireSubset(t, calm)
		}
		for range later {
			after := extracted + time.Duration(random.Float64()*float64(took-extracted))
			if killAfter(t, after, path, killed.environ(), "--config", killed.config, "run") {
				n++
			}
		}
		t.Logf("killed %d times in %d runs", n, len(atRequests)+later)
		assert.Positive(t, n)
		codeAfter, said := process(t, path, killed.environ(), "--config", killed.config, "run")
		require.Equal(t, code, codeAfter, said)
		requireSameRecords(t, calm.ofNoPort(t), killed.ofNoPort(t))
		requireSameReports(t, calm.timelessReports(t), killed.timelessReports(t))
		killed.requireTidy(t)
		killed.requireNoSecrets(t, result{out: said})
	})
}

// liveWorld is a world whose vendors can end the process that asks them.
type liveWorld struct {
	*world
	requests atomic.Int64
	hook     atomic.Pointer[func(n int64)] // called with each request's number
}

// newLiveWorld is a world whose organisation is at its day 23 today.
func newLiveWorld(t *testing.T, now time.Time) *liveWorld {
	t.Helper()
	w := &liveWorld{world: &world{dir: fastDir(t), clock: clock.NewSimulated(now)}}
	o := simulator.NewOrg(simulator.Options{People: 80, Apps: 12, Days: 80, Seed: 3, End: now.AddDate(0, 0, 57)})
	var err error
	w.servers, err = simulator.Start(o, w.clock, simulator.ServerOptions{ThrottleEvery: -1, Faults: w.asked})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.servers.Close()) })
	text, env := simulator.Config(w.servers, "")
	// A request per day at most, under limits that are kept in real time: few days, then.
	recent := fmt.Sprintf("\n      start_date: %q", now.AddDate(0, 0, -3).Format(time.DateOnly))
	for _, vendor := range []string{simulator.Zoom, simulator.Entra} {
		base := "base_url: " + w.servers.URL(vendor)
		require.Contains(t, string(text), base)
		text = bytes.Replace(text, []byte(base), []byte(base+recent), 1)
	}
	w.env, w.config = env, filepath.Join(w.dir, "rightseat.yaml")
	require.NoError(t, os.WriteFile(w.config, text, 0o600))
	for path, data := range o.Files(now) {
		w.upload(t, path, data)
	}
	return w
}

// asked counts a request. Netskope, which asks those who have caught up to wait for half a minute,
// is made to ask for nothing.
func (w *liveWorld) asked(vendor string, _ int, _ *http.Request) *simulator.Fault {
	n := w.requests.Add(1)
	if hook := w.hook.Load(); hook != nil {
		(*hook)(n)
	}
	if vendor != simulator.Netskope {
		return nil
	}
	return &simulator.Fault{Rewrite: func(_ *http.Request, a *simulator.Answer) {
		a.Body = bytes.Replace(a.Body, []byte(`"wait_time":30`), []byte(`"wait_time":0`), 1)
	}}
}

// atRequest kills at the n-th request from now on, before it is answered.
func (w *liveWorld) atRequest(n int) func(kill func()) (release func()) {
	return func(kill func()) (release func()) {
		at := w.requests.Load() + int64(n)
		hook := func(n int64) {
			if n == at {
				kill()
			}
		}
		w.hook.Store(&hook)
		return func() { w.hook.Store(nil) }
	}
}

// tookTo is how long the newest run took up to the end of a stage.
func (w *liveWorld) tookTo(t *testing.T, stage string) time.Duration {
	t.Helper()
	runs, err := pipelines.OpenLedger(w.dir, nil).Tail(1)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	for _, s := range runs[0].Stages {
		if s.Name == stage {
			return s.EndedAt.Sub(runs[0].StartedAt)
		}
	}
	require.Fail(t, "there is no stage "+stage)
	return 0
}

// ofNoPort are the records of the lake without the ports at which the vendors happened to listen.
func (w *liveWorld) ofNoPort(t *testing.T) map[string]map[string]string {
	t.Helper()
	out := w.records(t)
	for _, rows := range out {
		for id, payload := range rows {
			rows[id] = loopbackPort.ReplaceAllString(payload, "VENDOR")
		}
	}
	return out
}

var loopbackPort = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// requireSubset finds nothing in the lake but what the undisturbed one has.
func (w *liveWorld) requireSubset(t *testing.T, calm *liveWorld) {
	t.Helper()
	want := calm.records(t)
	for stream, rows := range w.records(t) {
		for id := range rows {
			assert.Contains(t, want[stream], id, "%s after the kill", stream)
		}
	}
}

func (w *world) environ() []string {
	var out []string
	for k, v := range w.env {
		out = append(out, k+"="+v)
	}
	return out
}

// timelessReports are the reports without the instants at which the streams were read.
func (w *world) timelessReports(t *testing.T) map[string]string {
	t.Helper()
	out := w.reports(t)
	for _, column := range []string{"last_success_at", "watermark"} {
		out["connection_health.csv"] = withoutColumn(t, out["connection_health.csv"], column)
	}
	return out
}
