package duck_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
)

const spillerEnv = "RIGHTSEAT_TEST_SPILLS_TO"

// spillUntilKilled makes a table that its memory doesn't hold, says so, and waits.
func spillUntilKilled(dir string) int {
	db, err := duck.Open(context.Background(), "", duck.Options{Memory: "48MB", Threads: 1, TempDir: dir})
	if err == nil {
		_, err = db.Exec("CREATE TABLE wide AS SELECT hash(i) AS a, md5(i::VARCHAR) AS b FROM range(4000000) AS r(i)")
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("spilt")
	select {}
}

// spiller starts a process that has spilled to dir and is still at work.
func spiller(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), spillerEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	said := make([]byte, 6)
	n, err := out.Read(said)
	require.NoError(t, err)
	require.Equal(t, "spilt\n", string(said[:n]))
	return cmd
}

func spills(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Dir(path) != dir {
			found = append(found, path)
		}
		return err
	}))
	return found
}

func TestSpillFilesOfAKilledProcessAreSweptAndALivingOnesStay(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a [b]")
	require.NoError(t, duck.SweepSpills(dir), "there is no such folder yet")
	killed, living := spiller(t, dir), spiller(t, dir)
	both := len(spills(t, dir))
	require.GreaterOrEqual(t, both, 2)
	require.NoError(t, killed.Process.Kill())
	require.Error(t, killed.Wait())
	strange := filepath.Join(dir, "spill-or-not.txt")
	require.NoError(t, os.WriteFile(strange, nil, 0o600))

	require.NoError(t, duck.SweepSpills(dir))
	assert.Less(t, len(spills(t, dir)), both)
	assert.NotEmpty(t, spills(t, dir))
	assert.FileExists(t, strange)

	require.NoError(t, living.Process.Kill())
	require.Error(t, living.Wait())
	require.NoError(t, duck.SweepSpills(dir))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

func TestOpeningWhileOthersSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	done := make(chan struct{})
	var sweepers sync.WaitGroup
	for range 3 {
		sweepers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					assert.NoError(t, duck.SweepSpills(dir))
				}
			}
		})
	}
	for range 30 {
		db, err := duck.Open(t.Context(), "", duck.Options{Threads: 1, Memory: "64MB", TempDir: dir})
		require.NoError(t, err)
		folders, err := filepath.Glob(filepath.Join(dir, "spill-*[0-9]"))
		require.NoError(t, err)
		assert.Len(t, folders, 1)
		require.NoError(t, db.Close())
	}
	close(done)
	sweepers.Wait()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestAReaderThatMayNotSpillWhereItShould(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.duckdb")
	create(t, path, "CREATE TABLE t AS SELECT 1 AS a")
	nowhere := filepath.Join(t.TempDir(), "a file")
	require.NoError(t, os.WriteFile(nowhere, nil, 0o600))
	_, err := duck.Open(t.Context(), path, duck.Options{TempDir: nowhere})
	require.ErrorContains(t, err, "folder for spill files")
	db, err := duck.Open(t.Context(), path, duck.Options{TempDir: nowhere, ReadOnly: true})
	require.NoError(t, err)
	require.NoError(t, db.Close())
}
