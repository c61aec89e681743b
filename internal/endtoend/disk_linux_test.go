package endtoend_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// disk is a small file system of its own, in memory.
type disk struct{ dir string }

// newDisk needs the right to mount.
func newDisk(t *testing.T, size string) *disk {
	t.Helper()
	d := &disk{dir: t.TempDir()}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", 0, "size="+size); err != nil {
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
			t.Skip("needs the right to mount a small file system")
		}
		require.NoError(t, err)
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(d.dir, syscall.MNT_DETACH)) })
	return d
}

func (d *disk) remount(t *testing.T, flags uintptr, size string) {
	t.Helper()
	require.NoError(t, syscall.Mount("tmpfs", d.dir, "tmpfs", syscall.MS_REMOUNT|flags, "size="+size))
}

// worldOn is a new world on a file system of its own.
func worldOn(t *testing.T, d *disk) *world {
	t.Helper()
	w := newWorld(t)
	old := w.dir
	require.NoError(t, os.CopyFS(d.dir, os.DirFS(old)))
	w.dir, w.config = d.dir, filepath.Join(d.dir, "rightseat.yaml")
	return w
}

// TestDiskFull runs on disks that are full sooner or later; with room on the disk, the next run has
// what an undisturbed one has.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	calm := published(t)
	records, reports := calm.records(t), calm.reports(t)
	for _, size := range []string{"400k", "1m", "3m", "9m", "16m", "24m"} {
		t.Run(size, func(t *testing.T) {
			t.Parallel()
			d := newDisk(t, size)
			w := worldOn(t, d)
			r := w.cli(t.Context(), "run")
			t.Logf("exit code %d", r.code)
			if r.code != 0 {
				assert.Contains(t, strings.ToLower(r.errors), "space", "it says why")
			}
			if r.code == 1 {
				w.requireNothingPublished(t)
			}
			d.remount(t, 0, "300m")
			w.requireRun(t, "run")
			requireSameRecords(t, records, w.records(t))
			requireSameReports(t, reports, w.reports(t))
			w.requireTidy(t)
		})
	}
}

// TestReadOnlyWorkspace: nothing can be written; what was published can still be read.
func TestReadOnlyWorkspace(t *testing.T) {
	t.Parallel()
	d := newDisk(t, "300m")
	w := worldOn(t, d)
	w.requireRun(t, "run")
	before := w.exported(t)
	d.remount(t, syscall.MS_RDONLY, "300m")
	for _, command := range []string{"run", "extract", "transform", "load"} {
		r := w.cli(t.Context(), command)
		assert.Equal(t, 1, r.code, command)
		assert.Contains(t, r.errors, "read-only file system", command)
		assert.Contains(t, r.errors, w.dir, fmt.Sprintf("%s names the place", command))
	}
	assert.Equal(t, before, w.exported(t))
	w.requireRun(t, "query", "SELECT 1")
	w.requireRun(t, "status")
	w.requireRun(t, "check")
	d.remount(t, 0, "300m")
	w.requireRun(t, "run")
}
