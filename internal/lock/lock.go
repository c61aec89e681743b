// Package lock sees to it that one process at a time changes a workspace, and that whoever
// has to wait is told for whom.
//
// The lock is the operating system's own (flock), so it ends with the process that holds it,
// however that process ends. The file's content only says who holds it; it decides nothing.
package lock

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// Holder says who holds a lock.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"` // UTC
}

// HeldError is returned by [Acquire] while another process holds the lock.
type HeldError struct {
	Path string
	// Holder is the zero value when the holder could not write down who it is.
	Holder Holder
}

// Error names the holder and what to do.
func (e *HeldError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("another rightseat process is working in this workspace (%s): wait for it to end", e.Path)
	}
	return fmt.Sprintf("another rightseat process is working in this workspace: %q, process %d on %s, since %s: wait for it to end",
		e.Holder.Command, e.Holder.PID, e.Holder.Host, e.Holder.Since.UTC().Format(time.RFC3339))
}

// ReadOnlyError is returned by [Acquire] when nothing may be written in the workspace.
type ReadOnlyError struct {
	Path string
	Err  error
}

// Error names the folder and what to do.
func (e *ReadOnlyError) Error() string {
	return fmt.Sprintf("the workspace cannot be written to (%s): %v: give this user write access, or set another workspace in the configuration", e.Path, e.Err)
}

// Unwrap gives the operating system's error.
func (e *ReadOnlyError) Unwrap() error { return e.Err }

// Lock is a held lock. Release it when done; the end of the process releases it as well.
type Lock struct{ flock *flock.Flock }

// Path is the lock file of a workspace.
func Path(workspace string) string { return filepath.Join(workspace, "state", "lock") }

// Acquire takes the workspace's lock for a command, without waiting. It returns a
// [*HeldError] when another process has it and a [*ReadOnlyError] when the workspace
// cannot be written to. since is the time to tell others; UTC.
func Acquire(workspace, command string, since time.Time) (*Lock, error) {
	path := Path(workspace)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, classify(path, err)
	}
	f := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	got, err := f.TryLock()
	// [Held] has the lock, shared, for the moment that it looks.
	for try := 0; !got && err == nil && try < 3; try++ {
		time.Sleep(5 * time.Millisecond)
		got, err = f.TryLock()
	}
	if err != nil {
		return nil, classify(path, err)
	}
	if !got {
		return nil, &HeldError{Path: path, Holder: waitForHolder(path)}
	}
	l := &Lock{flock: f}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	if err := l.describe(path, Holder{PID: os.Getpid(), Host: host, Command: command, Since: since.UTC()}); err != nil {
		return nil, errors.Join(classify(path, err), f.Unlock())
	}
	return l, nil
}

// Held tells whether a process has the workspace's lock, and which. It asks the operating system: a
// process that was killed holds nothing, whatever it had written down.
func Held(workspace string) (Holder, bool, error) {
	path := Path(workspace)
	f := flock.New(path, flock.SetFlag(os.O_RDONLY))
	got, err := f.TryRLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Holder{}, false, nil
	case err != nil:
		return Holder{}, false, fmt.Errorf("look at the workspace lock: %w", err)
	case got:
		return Holder{}, false, f.Unlock()
	}
	h, _ := readHolder(path)
	return h, true, nil
}

// describe writes in place: a rename would leave the lock on a file without a name.
func (l *Lock) describe(path string, h Holder) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o600)
}

// Release gives the lock back.
func (l *Lock) Release() error {
	if err := errors.Join(os.Truncate(l.flock.Path(), 0), l.flock.Unlock()); err != nil {
		return fmt.Errorf("release the workspace lock: %w", err)
	}
	return nil
}

// waitForHolder reads who holds the lock. A holder that has just started may not have
// written it down yet, so it is given a moment.
func waitForHolder(path string) Holder {
	for range 5 {
		if h, ok := readHolder(path); ok {
			return h
		}
		time.Sleep(20 * time.Millisecond)
	}
	return Holder{}
}

func readHolder(path string) (Holder, bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Holder{}, false
	}
	var h Holder
	if err := json.Unmarshal(data, &h); err != nil || h.PID == 0 {
		return Holder{}, false
	}
	return h, true
}

func classify(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return &ReadOnlyError{Path: filepath.Dir(filepath.Dir(path)), Err: err}
	}
	return fmt.Errorf("take the workspace lock: %w", err)
}
