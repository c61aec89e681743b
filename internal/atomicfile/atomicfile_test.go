package atomicfile_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/atomicfile"
)

// names lists what a folder holds, hidden files too.
func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func TestWriteFileReplaces(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "a.json")
	require.NoError(t, atomicfile.WriteFile(target, []byte("old")))
	require.NoError(t, atomicfile.WriteFile(target, []byte("new")))
	assert.Equal(t, "new", read(t, target))
	assert.Equal(t, []string{"a.json"}, names(t, filepath.Dir(target)))
	info, err := os.Stat(target)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.Error(t, atomicfile.WriteFile(filepath.Join(target, "below a file"), nil))
}

func TestCreateExclusiveKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "a.json")
	require.NoError(t, atomicfile.CreateExclusive(target, []byte("first")))
	require.ErrorIs(t, atomicfile.CreateExclusive(target, []byte("second")), atomicfile.ErrExists)
	assert.Equal(t, "first", read(t, target))
	assert.Equal(t, []string{"a.json"}, names(t, filepath.Dir(target)))
}

func TestNothingIsThereBeforeCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := atomicfile.Create(filepath.Join(dir, "a"))
	require.NoError(t, err)
	_, err = f.WriteString("half")
	require.NoError(t, err)
	assert.NoFileExists(t, filepath.Join(dir, "a"))
	require.NoError(t, f.Abort())
	require.NoError(t, f.Abort(), "once more does nothing")
	assert.Empty(t, names(t, dir))

	f, err = atomicfile.Create(filepath.Join(dir, "a"))
	require.NoError(t, err)
	require.NoError(t, f.Commit())
	require.NoError(t, f.Abort(), "after a commit it does nothing")
	assert.Equal(t, []string{"a"}, names(t, dir))
}

func TestSweepRemovesLeftoversOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := atomicfile.Create(filepath.Join(dir, "a"))
	require.NoError(t, err)
	require.NoError(t, f.Close()) // as a crash would leave it
	require.NoError(t, atomicfile.WriteFile(filepath.Join(dir, "b"), nil))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"+atomicfile.TempSuffix), 0o755))
	removed, err := atomicfile.Sweep(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{f.Name()}, removed)
	assert.Equal(t, []string{"b", "folder.tmp"}, names(t, dir))
	removed, err = atomicfile.Sweep(filepath.Join(dir, "missing"))
	require.NoError(t, err)
	assert.Empty(t, removed)
}

func TestMkdirAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b", "c")
	require.NoError(t, atomicfile.MkdirAll(deep))
	require.NoError(t, atomicfile.MkdirAll(deep))
	assert.DirExists(t, deep)
	require.NoError(t, atomicfile.WriteFile(filepath.Join(dir, "file"), nil))
	require.ErrorContains(t, atomicfile.MkdirAll(filepath.Join(dir, "file", "x")), "file")
}

func TestReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var moves []atomicfile.Move
	for i := range 40 {
		folder := filepath.Join(dir, fmt.Sprintf("day=%02d", i))
		require.NoError(t, os.Mkdir(folder, 0o755))
		m := atomicfile.Move{From: filepath.Join(folder, "data.tmp"), To: filepath.Join(folder, "data")}
		require.NoError(t, os.WriteFile(m.From, []byte(folder), 0o600))
		if i%2 == 0 {
			require.NoError(t, os.WriteFile(m.To, []byte("old"), 0o600))
		}
		moves = append(moves, m)
	}
	require.NoError(t, atomicfile.Replace(moves...))
	for _, m := range moves {
		assert.Equal(t, filepath.Dir(m.To), read(t, m.To))
		assert.NoFileExists(t, m.From)
	}
	require.NoError(t, atomicfile.Replace())
}

func TestReplaceLeavesTheOldOnesWhenAFileIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(at("new"), []byte("new"), 0o600))
	require.NoError(t, os.WriteFile(at("kept"), []byte("old"), 0o600))
	err := atomicfile.Replace(atomicfile.Move{From: at("new"), To: at("kept")}, atomicfile.Move{From: at("missing"), To: at("other")})
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, at("missing"))
	assert.Equal(t, "old", read(t, at("kept")), "nothing moves before everything is durable")
	require.ErrorContains(t, atomicfile.Replace(atomicfile.Move{From: at("new"), To: filepath.Join(at("kept"), "below a file")}), "replace ")
}

func ExampleReplace() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	written, target := filepath.Join(dir, "table.parquet.tmp"), filepath.Join(dir, "table.parquet")
	if err := os.WriteFile(written, []byte("rows"), 0o600); err != nil { // as an engine would
		fmt.Println(err)
		return
	}
	fmt.Println(atomicfile.Replace(atomicfile.Move{From: written, To: target}))
	content, err := os.ReadFile(target)
	fmt.Println(string(content), err)
	// Output:
	// <nil>
	// rows <nil>
}

// TestFilesArePrivate: they hold names and card lines.
func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	require.NoError(t, atomicfile.MkdirAll(dir))
	require.NoError(t, atomicfile.WriteFile(filepath.Join(dir, "f"), []byte("x")))
	for path, want := range map[string]os.FileMode{filepath.Dir(dir): 0o700, dir: 0o700, filepath.Join(dir, "f"): 0o600} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().Perm(), path)
	}
}
