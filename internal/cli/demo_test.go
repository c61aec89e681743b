package cli

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/pipelines"
)

// exportsOf is a digest per exported file.
func exportsOf(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	files := map[string][32]byte{}
	entries, err := os.ReadDir(filepath.Join(dir, "exports"))
	require.NoError(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, "exports", e.Name()))
		require.NoError(t, err)
		files[e.Name()] = sha256.Sum256(data)
	}
	return files
}

func TestDemo(t *testing.T) {
	t.Parallel()
	flags := []string{"demo", "--people", "50", "--days", "30", "--seed", "7", "--dir"}
	dir := filepath.Join(t.TempDir(), "demo")
	first := cli(append(flags, dir)...)
	require.Zero(t, first.code, first.errors)
	for _, want := range []string{"Merrow & Pike", "connection netskope is broken (on purpose", "report.html", "explain figma", " licences for "} {
		assert.Contains(t, first.out, want)
	}
	assert.NotContains(t, first.out, "¤")
	assert.NotContains(t, first.out, "%!", "every sentence gets its words")
	named := cli("--config", filepath.Join(dir, "rightseat.yaml"), "query", "--format", "csv", "SELECT DISTINCT app_name FROM reports.app_portfolio WHERE app_id = 'fieldbook'")
	assert.Equal(t, "app_name\nFieldbook\n", named.out, named.errors)
	brief := cli("--config", filepath.Join(dir, "rightseat.yaml"), "status")
	require.Zero(t, brief.code, brief.errors)
	assert.Contains(t, brief.out, "Whole messages:")
	for _, l := range strings.Split(brief.out, "\n") {
		assert.LessOrEqual(t, utf8.RuneCountInString(l), 220, l)
	}
	whole := cli("--config", filepath.Join(dir, "rightseat.yaml"), "status", "--format", "json")
	assert.Contains(t, whole.out, "Renew it or add the endpoint", "the whole message")
	files := exportsOf(t, dir)
	assert.Greater(t, len(files), 20)

	again := cli(append(flags, dir)...)
	require.Zero(t, again.code, again.errors)
	assert.Equal(t, first.out, again.out)
	assert.Equal(t, files, exportsOf(t, dir))

	requireOneNumberPerFact(t, filepath.Join(dir, "rightseat.yaml"), filepath.Join(dir, "exports"), first.out)
	explainsEveryNumber(t, filepath.Join(dir, "rightseat.yaml"))
	contributesNobody(t, dir)
	explainsRows(t, filepath.Join(dir, "rightseat.yaml"))
	booksBalance(t, filepath.Join(dir, "rightseat.yaml"))

	other := cli("demo", "--people", "51", "--days", "30", "--seed", "7", "--dir", dir)
	assert.Equal(t, 2, other.code)
	assert.Contains(t, other.errors, "--people 50 --days 30 --seed 7")

	// Stopped on the way and started again, it ends with the same bytes.
	second := filepath.Join(t.TempDir(), "demo")
	ctx, cancel := context.WithCancel(context.Background())
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for ctx.Err() == nil {
			if runs, err := filepath.Glob(filepath.Join(second, "state", "runs", "*-01.json")); err == nil && len(runs) >= 5 {
				cancel()
			}
		}
	}()
	stopped := cliAt(ctx, monday, "", nil, append(flags, second)...)
	cancel()
	<-stop
	assert.Equal(t, 1, stopped.code)
	assert.Contains(t, stopped.errors, "run the same command again")
	resumed := cli(append(flags, second)...)
	require.Zero(t, resumed.code, resumed.errors)
	assert.Equal(t, files, exportsOf(t, second))
}

// explainsEveryNumber holds the people that explain names to the published numbers.
func explainsEveryNumber(t *testing.T, file string) {
	t.Helper()
	r := cli("--config", file, "query", "--format", "json", "SELECT DISTINCT app_id FROM reports.provisioned_users_daily ORDER BY app_id")
	require.Zero(t, r.code, r.errors)
	var apps []struct {
		ID string `json:"app_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.out), &apps))
	require.Greater(t, len(apps), 30)
	bases := map[string]bool{}
	for _, app := range apps {
		r := cli("--config", file, "explain", app.ID, "--format", "json")
		require.Zero(t, r.code, r.errors)
		var es []pipelines.Explanation
		require.NoError(t, json.Unmarshal([]byte(r.out), &es))
		for _, e := range es {
			bases[e.Basis] = true
			if e.ProvisionedUsers == nil {
				assert.Equal(t, "none", e.Basis)
				assert.Empty(t, e.People)
				continue
			}
			assert.EqualValues(t, *e.ProvisionedUsers, len(e.People), "%s/%s by %s", e.AppID, e.InstanceID, e.Basis)
		}
	}
	assert.GreaterOrEqual(t, len(bases), 4)
}

// booksBalance holds that of every stream of the organisation each record that was read is in core, or is counted where it went.
func booksBalance(t *testing.T, file string) {
	t.Helper()
	rows := ask(t, file, "SELECT connection, stream, feed, read, read - duplicates - superseded - set_aside - in_core AS lost, duplicates < 0 OR superseded < 0 OR set_aside < 0 AS is_odd FROM reports.reconciliation ORDER BY ALL")
	connections := map[string]bool{}
	for _, row := range rows {
		cells := strings.Split(row, ",")
		require.Len(t, cells, 6, row)
		connections[cells[0]] = true
		assert.Equal(t, []string{"0", "false"}, cells[4:], row)
		if cells[0] != "netskope" { // which is broken, on purpose
			assert.NotEqual(t, "0", cells[3], row)
		}
	}
	assert.Greater(t, len(connections), 8)
	assert.Equal(t, []string{"true"}, ask(t, file, "SELECT sum(in_core) = (SELECT count(*) FROM core.spend_lines) FROM reports.reconciliation WHERE feed = 'spend'"))
	assert.Equal(t, []string{"true"}, ask(t, file, "SELECT sum(in_core) = (SELECT count(*) FROM core.accounts) FROM reports.reconciliation WHERE feed = 'roster'"))
	assert.Empty(t, strings.Join(ask(t, file, "SELECT check_name FROM reports.data_quality WHERE check_name LIKE '%unaccounted'"), ""))
}
