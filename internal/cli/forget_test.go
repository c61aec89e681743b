package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
)

// TestForgetThatCannotPublish has the disk refuse the build: what was deleted stays so, and the
// person is told what the reports still show and how to go on.
func TestForgetThatCannotPublish(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, rosterConfig)
	require.Zero(t, cli("--config", file, "run").code)
	build := filepath.Join(dir, "warehouse", "build.duckdb")
	require.NoError(t, os.Remove(build))
	require.NoError(t, os.Mkdir(build, 0o755)) // in the way

	r := cli("--config", file, "forget", "figma", "--yes")
	assert.Equal(t, 1, r.code)
	assert.NoDirExists(t, filepath.Join(dir, "lake", "raw", "figma"))
	for _, want := range []string{"3 rows of figma deleted (roster), for good", "still hold it", "transform: ", "Mend that, then run `rightseat run`", "no need to forget figma again"} {
		assert.Contains(t, r.errors, want)
	}

	require.NoError(t, os.Remove(build))
	require.Zero(t, cli("--config", file, "transform").code)
	require.Zero(t, cli("--config", file, "load").code)
	r = cli("--config", file, "query", "SELECT count(*) AS n FROM reports.provisioned_users_daily WHERE app_id = 'figma'", "--format", "csv")
	assert.Equal(t, "n\n0\n", r.out)
}

func TestForgetAsksOnATerminal(t *testing.T) {
	t.Parallel()
	_, file := workspace(t, rosterConfig)
	ask := func(answer string) result {
		var out, errs bytes.Buffer
		sys := system{clock: clock.NewSimulated(monday), wire: wire, terminal: func(s any) bool { _, ok := s.(*strings.Reader); return ok }}
		code := run(context.Background(), []string{"--config", file, "forget", "figma"}, strings.NewReader(answer), &out, &errs, func(string) (string, bool) { return "", false }, sys)
		return result{code, out.String(), errs.String()}
	}
	for _, answer := range []string{"", "no\n", "Figma\n"} {
		r := ask(answer)
		assert.Equal(t, 1, r.code)
		assert.Contains(t, r.errors, "nothing was deleted")
	}
}

// TestAFileThatIsGone takes a list of contracts away. It keeps counting, everybody is told, and a file
// with only a header row ends it.
func TestAFileThatIsGone(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, `organisation: {name: Acme, domains: [acme.example], timezone: UTC}
connections:
  - {name: paper, connector: file, settings: {kind: contracts, path: "uploads/contracts-*.csv"}}
`)
	const header = "contract_id,vendor,start_date,end_date,licences\n"
	put := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", name), []byte(header+text), 0o600))
	}
	contracts := func() string {
		require.Zero(t, cli("--config", file, "run").code)
		r := cli("--config", file, "query", "SELECT string_agg(contract_id, ' ' ORDER BY contract_id) AS ids FROM core.contracts", "--format", "csv")
		return strings.TrimPrefix(strings.TrimSpace(r.out), "ids\n")
	}
	gone := func() string {
		return cli("--config", file, "query", "SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE '%gone'", "--format", "csv").out
	}
	put("contracts-a.csv", "C1,Zoom,2026-01-01,2026-12-31,10\n")
	put("contracts-b.csv", "C2,Slack,2026-01-01,2026-12-31,10\n")
	require.Equal(t, "C1 C2", contracts())
	assert.Equal(t, "check_name,severity,failing_rows\n", gone())

	require.NoError(t, os.Remove(filepath.Join(dir, "uploads", "contracts-a.csv")))
	require.Equal(t, "C1 C2", contracts())
	assert.Equal(t, "check_name,severity,failing_rows\npaper.contracts.file_gone,warning,1\n", gone())
	assert.Contains(t, cli("--config", file, "run").errors, "uploads/contracts-a.csv is gone from path uploads/contracts-*.csv, but its rows still count")
	assert.Contains(t, cli("--config", file, "status").out, "uploads/contracts-a.csv is gone")
	var status struct{ Streams []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(cli("--config", file, "status", "--format", "json").out), &status))
	assert.Equal(t, "connected", status.Streams[0]["state"])
	assert.Nil(t, status.Streams[0]["error"])
	assert.Contains(t, status.Streams[0]["warning"], "put it back, or")

	put("contracts-a.csv", "")
	require.Equal(t, "C2", contracts())
	assert.Equal(t, "check_name,severity,failing_rows\n", gone())
}
