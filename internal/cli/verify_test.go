package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/lock"
)

func coreFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	core := filepath.Join(dir, "lake", "core")
	require.NoError(t, filepath.WalkDir(core, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Base(path) != "data.parquet" {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	}))
	require.NotEmpty(t, files)
	return files
}

// TestARunHealsWhatIsDerived: nothing else has changed, and no flag is given. Verify names each damage before, and none after.
func TestARunHealsWhatIsDerived(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, rosterConfig)
	require.Zero(t, cli("--config", file, "run").code)
	require.Zero(t, cli("--config", file, "verify").code)
	before := coreFiles(t, dir)
	entitlements := ""
	for path := range before {
		if filepath.Base(filepath.Dir(path)) == "apps" {
			entitlements = path
		}
	}
	require.NotEmpty(t, entitlements)

	flip := func(t *testing.T, path string) {
		t.Helper()
		info, err := os.Stat(path)
		require.NoError(t, err)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		data[len(data)/2] ^= 1
		require.NoError(t, os.WriteFile(path, data, 0o600))
		require.NoError(t, os.Chtimes(path, info.ModTime(), info.ModTime()), "as a disk does it, without a trace")
	}
	remove := func(t *testing.T, path string) { t.Helper(); require.NoError(t, os.RemoveAll(path)) }
	exports, warehouse := filepath.Join(dir, "exports"), filepath.Join(dir, "warehouse", "rightseat.duckdb")
	type damage struct {
		path, want string
		spoil      func(t *testing.T, path string)
	}
	for _, round := range [][]damage{{
		{entitlements, "is damaged: its content", flip},
		{filepath.Join(exports, "app_portfolio.csv"), "is missing", remove},
		{filepath.Join(exports, "app_portfolio.parquet"), "is damaged: its content", flip},
		{filepath.Join(exports, "report.html"), "is damaged: its content", flip},
		{warehouse, "is damaged: it has 5000 bytes", func(t *testing.T, path string) { t.Helper(); require.NoError(t, os.Truncate(path, 5000)) }},
	}, {
		{entitlements, "is missing", remove},
		{warehouse, "is missing", remove},
	}} {
		for _, d := range round {
			d.spoil(t, d.path)
		}
		r := cli("--config", file, "verify")
		assert.Equal(t, 1, r.code)
		for _, d := range round {
			assert.Contains(t, r.errors, d.path+" "+d.want)
		}
		assert.Contains(t, r.errors, "`rightseat run` writes anew what is damaged or missing")
		r = cli("--config", file, "run")
		require.Zero(t, r.code, r.errors)
		r = cli("--config", file, "verify")
		require.Zero(t, r.code, r.errors)
		assert.Equal(t, before, coreFiles(t, dir))
	}
}

// TestVerifyNamesForeignCoreFiles: a reader of the folder would read them with ours. It waits for no run, but tells of one.
func TestVerifyNamesForeignCoreFiles(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, rosterConfig)
	require.Zero(t, cli("--config", file, "run").code)
	foreign := filepath.Join(dir, "lake", "core", "apps", "copy.parquet")
	require.NoError(t, os.WriteFile(foreign, []byte("PAR1"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "exports", "notes.txt"), nil, 0o600))
	r := cli("--config", file, "verify")
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.errors, foreign+" is foreign")
	assert.NotContains(t, r.errors, "notes.txt", "exports may hold what people put there")
	require.NoError(t, os.Remove(foreign))

	held, err := lock.Acquire(dir, "rightseat run", clock.System{}.Now())
	require.NoError(t, err)
	r = cli("--config", file, "verify")
	require.NoError(t, held.Release())
	assert.Zero(t, r.code, r.errors)
	assert.Contains(t, r.errors, `"rightseat run" is at work`)
}
