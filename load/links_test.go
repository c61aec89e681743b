package load

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestExportsBehindALink: the link stays, what it leads to is replaced, and what others keep beside it is left alone.
func TestExportsBehindALink(t *testing.T) {
	t.Parallel()
	w, shared := t.TempDir(), t.TempDir()
	target := filepath.Join(shared, "reports")
	others := filepath.Join(shared, exportsPart+"other-new-run-1.tmp")
	require.NoError(t, os.Mkdir(target, 0o750))
	require.NoError(t, os.Mkdir(others, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(target, "mine.txt"), nil, 0o600))
	link := filepath.Join(w, ExportsDir)
	require.NoError(t, os.Symlink(target, link))
	for _, run := range []string{"run-1", "run-2"} {
		_, err := Publish(t.Context(), options(w, makeBuild(t, w), run))
		require.NoError(t, err)
		to, err := os.Readlink(link)
		require.NoError(t, err)
		assert.Equal(t, target, to)
		page, err := os.Stat(filepath.Join(target, PageFile))
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o640), page.Mode().Perm(), "who may read the folder may read its files")
		assert.FileExists(t, filepath.Join(target, "mine.txt"))
		entries, err := os.ReadDir(shared)
		require.NoError(t, err)
		assert.Len(t, entries, 2)
	}
	require.NoError(t, os.RemoveAll(target))
	_, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-3"))
	require.ErrorContains(t, err, "is a link to "+target)
	to, err := os.Readlink(link)
	require.NoError(t, err)
	assert.Equal(t, target, to)
}
