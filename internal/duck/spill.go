package duck

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

const (
	spillPrefix = "spill-"
	spillLock   = ".lock"
)

// newSpill makes a folder of its own below dir for what one database spills, and a lock beside it that ends with
// the process, however that ends: [SweepSpills] knows by it what somebody still uses. release removes both.
func newSpill(dir string) (folder string, release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make the folder for spill files: %w", err)
	}
	for {
		f, err := os.CreateTemp(dir, spillPrefix+"*"+spillLock)
		if err != nil {
			return "", nil, fmt.Errorf("make the folder for spill files: %w", err)
		}
		name := f.Name()
		if err := f.Close(); err != nil {
			return "", nil, err
		}
		held, err := hold(name)
		if err != nil {
			return "", nil, fmt.Errorf("make the folder for spill files: %w", err)
		}
		if held == nil {
			continue // a sweep was quicker
		}
		folder = strings.TrimSuffix(name, spillLock)
		release = func() error { return errors.Join(os.RemoveAll(folder), os.Remove(name), held.Close()) }
		if err := os.Mkdir(folder, 0o700); err != nil {
			return "", nil, errors.Join(fmt.Errorf("make the folder for spill files: %w", err), release())
		}
		return folder, release, nil
	}
}

// IsSpill tells whether a name in a folder for temporary files is of this package's making.
func IsSpill(name string) bool { return strings.HasPrefix(name, spillPrefix) }

// SweepSpills removes from dir what databases spilled whose process ended without clearing up. What a process
// still uses stays, and so does what is not of this package. A folder that does not exist is swept.
func SweepSpills(dir string) error {
	if dir == "" {
		return nil
	}
	locks, err := filepath.Glob(filepath.Join(escapeGlob(dir), spillPrefix+"*"+spillLock))
	if err != nil {
		return fmt.Errorf("look for spill files: %w", err)
	}
	for _, name := range locks {
		held, err := hold(name)
		if errors.Is(err, fs.ErrPermission) {
			continue // another user's: theirs to sweep
		}
		if err != nil {
			return fmt.Errorf("remove spill files: %w", err)
		}
		if held == nil {
			continue
		}
		// The lock goes last, so that a crash between leaves something to find the folder by.
		if err := errors.Join(os.RemoveAll(strings.TrimSuffix(name, spillLock)), os.Remove(name), held.Close()); err != nil {
			return fmt.Errorf("remove spill files: %w", err)
		}
	}
	return nil
}

// hold takes the lock of a file that exists; nil when somebody has it, or when it is gone by now.
func hold(name string) (*flock.Flock, error) {
	l := flock.New(name, flock.SetFlag(os.O_RDWR))
	got, err := l.TryLock()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !got {
		return nil, l.Close()
	}
	there, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, l.Close()
	}
	mine, statErr := l.Stat()
	if err := errors.Join(err, statErr); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if !os.SameFile(there, mine) {
		return nil, l.Close()
	}
	return l, nil
}

func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// spillOf makes the folder in which a database may spill. A reader that can't write where it should, as an analyst
// in somebody else's workspace, or on a full disk, spills to the system's folder for temporary files, and where nothing can be
// written at all, names a folder beside the file that it makes only when it needs it.
func spillOf(path string, o Options) (folder string, release func() error, err error) {
	nothing := func() error { return nil }
	if path == "" && o.TempDir == "" {
		return "", nothing, nil
	}
	folder, release, err = newSpill(cmp.Or(o.TempDir, os.TempDir()))
	if err != nil && o.ReadOnly {
		folder, release, err = newSpill(os.TempDir())
	}
	if err != nil && o.ReadOnly {
		return path + ".spill", nothing, nil
	}
	return folder, release, err
}
