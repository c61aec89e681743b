// Package atomicfile makes files appear on disk whole or not at all.
//
// The order is always the same: write under a temporary name in the target's own
// folder, fsync the file, move it to its name, fsync the folder. A crash between any
// two of those steps leaves either the old state or the new one, plus at most a
// leftover whose name ends in [TempSuffix], which [Sweep] removes.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// TempSuffix ends the name of every file that is still being written.
const TempSuffix = ".tmp"

// ErrExists is returned (wrapped) by [CreateExclusive] when the target is already there.
var ErrExists = fs.ErrExist

// File is a file under construction. Write to it, then call Commit, or Abort to drop it.
// It is not safe for concurrent use.
type File struct {
	*os.File
	target string
	done   bool
}

// Create starts a file that will replace target when committed. The folder must exist. The file is its owner's alone.
func Create(target string) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*"+TempSuffix)
	if err != nil {
		return nil, fmt.Errorf("create a temporary file for %s: %w", target, err)
	}
	return &File{File: f, target: target}, nil
}

// Commit makes the content durable and moves it to its target, replacing what was there.
func (f *File) Commit() error { return f.finish(os.Rename) }

// CommitExclusive is Commit, but fails with [ErrExists] when the target is already there.
func (f *File) CommitExclusive() error {
	return f.finish(func(from, to string) error {
		if err := os.Link(from, to); err != nil {
			return err
		}
		return os.Remove(from)
	})
}

func (f *File) finish(move func(from, to string) error) (err error) {
	f.done = true
	name := f.Name()
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", f.target, err), ignoreMissing(os.Remove(name)))
		}
	}()
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := move(name, f.target); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(f.target))
}

// Abort drops the file. After a Commit it does nothing, so it can be deferred.
func (f *File) Abort() error {
	if f.done {
		return nil
	}
	f.done = true
	return errors.Join(f.Close(), ignoreMissing(os.Remove(f.Name())))
}

// WriteFile replaces target with data, whole or not at all.
func WriteFile(target string, data []byte) error {
	return write(target, data, (*File).Commit)
}

// CreateExclusive writes target only if it is not there yet; otherwise the error wraps [ErrExists].
func CreateExclusive(target string, data []byte) error {
	return write(target, data, (*File).CommitExclusive)
}

func write(target string, data []byte, commit func(*File) error) error {
	f, err := Create(target)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", target, err), f.Abort())
	}
	return commit(f)
}

// Move is a file that was written under one name and belongs under another, on the same disk.
type Move struct{ From, To string }

// Replace is Commit for files that somebody else has written and closed, a database engine say:
// it makes their content durable, moves each to its name, replacing what was there, and makes the
// names durable, also that of a target's folder where that is new. Several files go side by side,
// so that the disk writes its journal once for many. After an error some may be at their
// targets, whole, and the others still where they were.
func Replace(moves ...Move) error {
	from := make([]string, len(moves))
	var dirs []string
	for i, m := range moves {
		from[i] = m.From
		dir := filepath.Dir(m.To)
		dirs = append(dirs, dir, filepath.Dir(dir))
	}
	if err := SyncFiles(from...); err != nil {
		return err
	}
	for _, m := range moves {
		if err := os.Rename(m.From, m.To); err != nil {
			return fmt.Errorf("replace %s: %w", m.To, err)
		}
	}
	slices.Sort(dirs)
	return sideBySide(slices.Compact(dirs), SyncDir)
}

// SyncFiles makes the content of closed files durable, many at a time. Their names are not: see
// [SyncDir].
func SyncFiles(names ...string) error {
	return sideBySide(names, func(name string) error {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			return fmt.Errorf("make %s durable: %w", name, err)
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return fmt.Errorf("make %s durable: %w", name, err)
		}
		return nil
	})
}

func sideBySide(names []string, do func(string) error) error {
	var group errgroup.Group
	group.SetLimit(16)
	for _, name := range names {
		group.Go(func() error { return do(name) })
	}
	return group.Wait()
}

// MkdirAll makes a folder and those above it that are missing, and makes their names durable:
// without that, a file synced inside may be gone with its folder after a power cut.
func MkdirAll(dir string) error {
	if isDir(dir) {
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !isDir(dir) {
		return fmt.Errorf("make folder %s: %w", dir, err)
	}
	return SyncDir(filepath.Dir(dir))
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

// Sweep removes the leftovers of interrupted writes directly inside dir and says which.
// Only call it while nothing else writes there. A missing folder is not an error.
func Sweep(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sweep %s: %w", dir, err)
	}
	var removed []string
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), TempSuffix) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if err := os.Remove(path); err != nil {
			return removed, fmt.Errorf("sweep %s: %w", dir, err)
		}
		removed = append(removed, path)
	}
	return removed, nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
