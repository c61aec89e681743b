package lock

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const holdEnv = "RIGHTSEAT_TEST_HOLD_LOCK"

// TestMain lets the test binary be the second process: with holdEnv set it takes the lock,
// says so and waits for its standard input to close.
func TestMain(m *testing.M) {
	dir := os.Getenv(holdEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	if _, err := Acquire(dir, "rightseat run daily", time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("held")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	os.Exit(0)
}

func TestAcquireAgainstAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdEnv+"="+dir)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "held\n", line)

	_, err = Acquire(dir, "rightseat load", time.Now())
	var held *HeldError
	require.ErrorAs(t, err, &held)
	assert.Equal(t, cmd.Process.Pid, held.Holder.PID)
	assert.ErrorContains(t, err, `"rightseat run daily", process `)
	assert.ErrorContains(t, err, "since 2026-11-23T03:00:00Z")

	holder, isHeld, err := Held(dir)
	require.NoError(t, err)
	assert.True(t, isHeld)
	assert.Equal(t, cmd.Process.Pid, holder.PID)

	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // reports the kill
	_ = stdin.Close()
	_, isHeld, err = Held(dir)
	require.NoError(t, err)
	assert.False(t, isHeld, "whatever the dead process had written down")
	l, err := Acquire(dir, "rightseat load", time.Now())
	require.NoError(t, err, "a killed process must not leave the workspace locked")
	require.NoError(t, l.Release())
}

func TestAcquireTwiceInOneProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := Acquire(dir, "rightseat run", time.Now())
	require.NoError(t, err)
	_, err = Acquire(dir, "rightseat load", time.Now())
	var held *HeldError
	require.ErrorAs(t, err, &held)
	assert.Equal(t, os.Getpid(), held.Holder.PID)
	require.NoError(t, first.Release())
	again, err := Acquire(dir, "rightseat load", time.Now())
	require.NoError(t, err)
	require.NoError(t, again.Release())
}

func TestHolderThatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"empty": "", "damaged": "{", "foreign": "12345"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "lock")
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
			assert.Zero(t, waitForHolder(path))
		})
	}
	assert.Contains(t, (&HeldError{Path: "state/lock"}).Error(), "state/lock")
}

func TestClassify(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		err      error
		readOnly bool
	}{
		{"no permission", &fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, true},
		{"read-only file system", &fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, true},
		{"disk full", &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOSPC}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := classify("/w/state/lock", c.err)
			var ro *ReadOnlyError
			assert.Equal(t, c.readOnly, errors.As(err, &ro))
			assert.ErrorIs(t, err, c.err)
			if ro != nil {
				assert.Equal(t, "/w", ro.Path)
				assert.Contains(t, err.Error(), "write access")
			}
		})
	}
}

func TestAcquireInUnwritableWorkspace(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("the superuser may write everywhere")
	}
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o500))
	_, err := Acquire(dir, "rightseat run", time.Now())
	var ro *ReadOnlyError
	require.ErrorAs(t, err, &ro)
}
