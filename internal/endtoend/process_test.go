package endtoend_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/simulator"
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
	var said bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), &said, &said
	require.NoError(t, cmd.Start())
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may have ended by itself
	defer timer.Stop()
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
	// where it is done, it leaves everything as it is, and is quick.
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

		began = time.Now()
		code, again := process(t, path, nil, append(flags, calm)...)
		require.Zero(t, code, again)
		assert.Less(t, time.Since(began), took, "nothing is left to do")
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

	// A run against vendors that live on, with the machine's own clock. Netskope is left out: it
	// asks those who have caught up to wait for half a minute.
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		random := moments(t)
		now := time.Now().UTC()
		if now.Add(15*time.Minute).Day() != now.Day() {
			t.Skip("it is nearly midnight UTC, and the runs are to be of one day")
		}
		if !exhaustive {
			t.Skip("takes minutes, as vendors' limits are kept in real time; set RIGHTSEAT_EXHAUSTIVE=1")
		}
		calm, killed := newLiveWorld(t, now), newLiveWorld(t, now)
		began := time.Now()
		code, said := process(t, path, calm.environ(), "--config", calm.config, "run")
		took := time.Since(began)
		require.Contains(t, []int{0, 3}, code, said)
		t.Logf("undisturbed, it takes %s", took)
		for range kills() {
			if !killAfter(t, time.Duration(random.Float64()*float64(took)), path, killed.environ(), "--config", killed.config, "run") {
				break
			}
		}
		codeAfter, said := process(t, path, killed.environ(), "--config", killed.config, "run")
		require.Equal(t, code, codeAfter, said)
		requireSameRecords(t, calm.records(t), killed.records(t))
		requireSameReports(t, calm.timelessReports(t), killed.timelessReports(t))
		killed.requireTidy(t)
		killed.requireNoSecrets(t, result{out: said})
	})
}

// newLiveWorld is a world whose organisation is at its day 23 today.
func newLiveWorld(t *testing.T, now time.Time) *world {
	t.Helper()
	w := &world{dir: fastDir(t), clock: clock.NewSimulated(now)}
	o := simulator.NewOrg(simulator.Options{People: 80, Apps: 12, Days: 80, Seed: 3, End: now.AddDate(0, 0, 57)})
	var err error
	w.servers, err = simulator.Start(o, w.clock, simulator.ServerOptions{ThrottleEvery: -1})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.servers.Close()) })
	text, env := simulator.Config(w.servers, "")
	recent := fmt.Sprintf("\n      start_date: %q", now.AddDate(0, 0, -3).Format(time.DateOnly))
	text = regexp.MustCompile(`(?s)  - name: netskope\n.*?(  - name: ramp\n)`).ReplaceAll(text, []byte("$1"))
	require.NotContains(t, string(text), "netskope")
	zoom := "base_url: " + w.servers.URL(simulator.Zoom)
	text = bytes.Replace(text, []byte(zoom), []byte(zoom+recent), 1)
	w.env, w.config = env, filepath.Join(w.dir, "rightseat.yaml")
	require.NoError(t, os.WriteFile(w.config, text, 0o600))
	for path, data := range o.Files(now) {
		w.upload(t, path, data)
	}
	return w
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
