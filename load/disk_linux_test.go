package load

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFullDisk(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs to mount a small file system")
	}
	w := t.TempDir()
	if err := syscall.Mount("tmpfs", w, "tmpfs", 0, "size=20m"); err != nil {
		t.Skipf("can't mount a small file system: %v", err)
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(w, 0)) })
	build := makeBuild(t, w)
	o := options(w, build, "run-1")
	_, err := Publish(t.Context(), o)
	require.NoError(t, err)
	before := hashes(t, filepath.Join(w, ExportsDir))
	ballast := filepath.Join(w, "ballast")
	fill(t, ballast, 300<<10)
	_, err = Publish(t.Context(), options(w, build, "run-2"))
	require.ErrorContains(t, err, "the disk is full")
	require.ErrorContains(t, err, "untouched")
	assert.Equal(t, before, hashes(t, filepath.Join(w, ExportsDir)))
	assertNothingLeft(t, w)
	require.NoError(t, os.Remove(ballast))
	_, err = Publish(t.Context(), options(w, build, "run-3"))
	require.NoError(t, err)
}

// fill writes a file that leaves only some bytes on the file system.
func fill(t testing.TB, path string, leave int64) {
	t.Helper()
	var s syscall.Statfs_t
	require.NoError(t, syscall.Statfs(filepath.Dir(path), &s))
	require.NoError(t, os.WriteFile(path, make([]byte, int64(s.Bavail)*s.Bsize-leave), 0o644))
}

func TestReadOnlyWorkspace(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs to mount a read-only file system")
	}
	w := t.TempDir()
	if err := syscall.Mount("tmpfs", w, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("can't mount a small file system: %v", err)
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(w, 0)) })
	build := makeBuild(t, w)
	require.NoError(t, syscall.Mount("tmpfs", w, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=16m"))
	_, err := Publish(t.Context(), options(w, build, "run-1"))
	require.ErrorContains(t, err, "the workspace can't be written")
}
