package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAccept has a roster shrink: it counts once a person says that it is right.
func TestAccept(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, rosterConfig)
	put := func(date string, n int) {
		var b strings.Builder
		b.WriteString("email\n")
		for i := range n {
			fmt.Fprintf(&b, "p%d@acme.example\n", i)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", "roster-"+date+".csv"), []byte(b.String()), 0o600))
	}
	users := func() string {
		r := cli("--config", file, "query", "SELECT provisioned_users AS n FROM reports.provisioned_users_daily WHERE date = DATE '2026-11-23' AND app_id = 'figma'", "--format", "csv")
		return strings.TrimPrefix(strings.TrimSpace(r.out), "n\n")
	}
	put("2026-11-22", 40)
	require.Zero(t, cli("--config", file, "run").code)
	for _, what := range []string{"figma", "figma/roster"} {
		r := cli("--config", file, "accept", what)
		assert.Equal(t, 1, r.code)
		assert.Contains(t, r.errors, "nothing to accept; nothing was changed")
	}
	put("2026-11-23", 12)
	r := cli("--config", file, "run")
	assert.Equal(t, 3, r.code)
	assert.Contains(t, r.errors, "rightseat accept figma/roster")
	assert.Equal(t, "40", users())
	assert.Contains(t, cli("--config", file, "status", "--format", "json").out, "rightseat accept figma/roster")

	r = cli("--config", file, "accept", "figma/roster")
	require.Zero(t, r.code, r.errors)
	assert.Equal(t, "accepted figma/roster: uploads/roster-2026-11-23.csv: 12 records, 40 before, as of 2026-11-23\n", r.out)
	assert.Equal(t, "12", users())
	assert.NotContains(t, cli("--config", file, "status", "--format", "json").out, "rightseat accept")
	assert.Contains(t, cli("--config", file, "runs").out, "accept")
	require.Zero(t, cli("--config", file, "run").code)
	assert.Equal(t, "12", users())
	require.Zero(t, cli("--config", file, "run", "--full-refresh").code)
	assert.Equal(t, "12", users())
}

// TestAcceptWhereNothingIsHeld says so and changes nothing.
func TestAcceptWhereNothingIsHeld(t *testing.T) {
	t.Parallel()
	_, file := workspace(t, rosterConfig)
	require.Zero(t, cli("--config", file, "run").code)
	for _, what := range []string{"figma", "figma/roster"} {
		r := cli("--config", file, "accept", what)
		assert.Equal(t, 1, r.code)
		assert.Contains(t, r.errors, "nothing to accept; nothing was changed")
	}
}

// TestAcceptAFolderThatIsGone: nothing counts as gone before a person says that it is.
func TestAcceptAFolderThatIsGone(t *testing.T) {
	t.Parallel()
	for lose, accept := range map[string]string{"figma": "figma/roster", "figma/roster": "figma"} {
		t.Run(lose+" "+accept, func(t *testing.T) {
			t.Parallel()
			dir, file := workspace(t, strings.Replace(rosterConfig, "pipelines:", `  - {name: slack, connector: file, app: slack, settings: {kind: roster, path: "uploads/roster-*.csv"}}
pipelines:`, 1))
			require.Zero(t, cli("--config", file, "run").code)
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "lake", "raw", filepath.FromSlash(lose))))
			require.NoError(t, os.Remove(filepath.Join(dir, "uploads", "roster-2026-11-22.csv")))
			r := cli("--config", file, "run")
			assert.Equal(t, 1, r.code)
			assert.Contains(t, r.errors, "rightseat accept figma/roster")
			assert.Equal(t, 1, cli("--config", file, "accept", "slack").code, "that is another one")
			r = cli("--config", file, "accept", accept)
			assert.Contains(t, []int{0, 3}, r.code, r.errors)
			assert.Equal(t, "accepted figma/roster: gone from the lake; what it brought counts no more\n", r.out)
			r = cli("--config", file, "query", "SELECT app_id, count(*) AS n FROM core.accounts GROUP BY 1 ORDER BY 1", "--format", "csv")
			assert.NotContains(t, r.out, "figma")
			assert.Contains(t, r.out, "slack")
			assert.Contains(t, cli("--config", file, "status", "--format", "json").out, "which was accepted")
			assert.Equal(t, 1, cli("--config", file, "accept", accept).code, "once is enough")
		})
	}
}

func TestAcceptRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	_, file := workspace(t, rosterConfig)
	for what, want := range map[string]string{
		"figmo": "did you mean figma?", "figma/rooster": "did you mean roster?", "figmo/roster": "did you mean figma?", "figma/": "has no stream",
	} {
		r := cli("--config", file, "accept", what)
		assert.Equal(t, 2, r.code, what)
		assert.Contains(t, r.errors, want)
	}
}
