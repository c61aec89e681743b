//go:build unix

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asProgram in the environment makes the test's own binary be rightseat.
const asProgram = "RIGHTSEAT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// TestFilesArePrivateWhateverTheUmask: under the umask of a group (0002), the everyday one (0022) and none at all nobody else can read what
// rightseat writes, in the first run and in later ones; exports that somebody opened stay open.
func TestFilesArePrivateWhateverTheUmask(t *testing.T) {
	t.Parallel()
	for _, mask := range []string{"0002", "0022", "0000"} {
		t.Run(mask, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "acme")
			rightseat := func(args ...string) {
				t.Helper()
				cmd := exec.Command("/bin/sh", append([]string{"-c", `umask ` + mask + `; exec "$0" "$@"`, os.Args[0]}, args...)...)
				cmd.Env = append(os.Environ(), asProgram+"=1")
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, "%s", out)
			}
			rightseat("init", dir)
			file := filepath.Join(dir, "rightseat.yaml")
			require.NoError(t, os.WriteFile(file, []byte("organisation: {name: Acme, domains: [acme.example], timezone: UTC}\nconnections:\n"+
				"  - {name: figma, connector: file, app: figma, settings: {kind: roster, path: figma.csv}}\n"), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "figma.csv"), []byte("email\nann@acme.example\nbob@acme.example\n"), 0o600))
			for range 2 {
				rightseat("--config", file, "--quiet", "run")
				seen := map[string]int{}
				require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
					if err != nil {
						return err
					}
					info, err := d.Info()
					if err != nil {
						return err
					}
					inside, err := filepath.Rel(dir, path)
					if err != nil {
						return err
					}
					top, _, _ := strings.Cut(inside, string(filepath.Separator))
					seen[top]++
					want := fs.FileMode(0o600)
					if d.IsDir() {
						want = 0o700
					}
					assert.Equal(t, want, info.Mode().Perm(), inside)
					return nil
				}))
				for _, top := range []string{"lake", "warehouse", "exports", "state"} {
					assert.Greater(t, seen[top], 1, top)
				}
			}
			require.NoError(t, os.Chmod(filepath.Join(dir, "exports"), 0o750))
			rightseat("--config", file, "--quiet", "run", "--full-refresh")
			for name, want := range map[string]fs.FileMode{"exports": 0o750, "exports/app_portfolio.csv": 0o640, "exports/report.html": 0o640, "warehouse/rightseat.duckdb": 0o600} {
				info, err := os.Stat(filepath.Join(dir, name))
				require.NoError(t, err)
				assert.Equal(t, want, info.Mode().Perm(), name)
			}
		})
	}
}
