package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/lock"
	"github.com/rightseat/rightseat/pipelines"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type result struct {
	code        int
	out, errors string
}

// cliAt runs a command with a clock that stands at the time.
func cliAt(ctx context.Context, now time.Time, stdin string, env map[string]string, args ...string) result {
	var out, errs bytes.Buffer
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	sys := system{clock: clock.NewSimulated(now), wire: wire, terminal: func(any) bool { return false }}
	code := run(ctx, args, strings.NewReader(stdin), &out, &errs, lookup, sys)
	return result{code, out.String(), errs.String()}
}

var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func cli(args ...string) result { return cliAt(context.Background(), monday, "", nil, args...) }

const rosterConfig = `organisation: {name: Acme, domains: [acme.example], timezone: UTC}
connections:
  - name: figma
    connector: file
    app: figma
    settings: {kind: roster, path: "uploads/roster-*.csv"}
pipelines:
  daily: {schedule: "0 3 * * *"}
`

// workspace is a folder with a configuration and a roster of three accounts.
func workspace(t *testing.T, text string) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	file = filepath.Join(dir, "rightseat.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "uploads"), 0o755))
	roster := "email,status,tier\nann@acme.example,active,Full\nbob@acme.example,active,Full\x1b[2J\ncleo@acme.example,deactivated,Full\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", "roster-2026-11-22.csv"), []byte(roster), 0o600))
	return dir, file
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	_, file := workspace(t, rosterConfig)
	_, broken := workspace(t, strings.Replace(rosterConfig, "connector: file", "connecter: file", 1))
	_, unknown := workspace(t, strings.Replace(rosterConfig, "connector: file", "connector: oktta", 1))
	_, vendors := workspace(t, `organisation: {name: Acme, domains: [acme.example]}
connections:
  - {name: okta, connector: okta, settings: {base_url: "https://acme.okta.com"}, auth: {token: t0ken-of-the-test}}
  - {name: clicks, connector: file, settings: {kind: engagement, path: "uploads/*.csv"}}
  - {name: gate, connector: netskope, settings: {tenant: acme}, auth: {token: t0ken-of-the-test}}
`)
	share := func(value string) string {
		_, f := workspace(t, fmt.Sprintf(`organisation: {name: Acme, domains: [acme.example]}
connections:
  - {name: okta, connector: okta, settings: {base_url: "https://acme.okta.com", rate_share: %s}, auth: {token: t0ken-of-the-test}}
`, value))
		return f
	}
	cases := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"unknown command", []string{"runn"}, 2, `unknown command "runn" for "rightseat"`},
		{"its suggestion", []string{"runn"}, 2, "  run"},
		{"unknown flag", []string{"run", "--conection", "x"}, 2, "did you mean --connection?"},
		{"unknown subcommand", []string{"connector", "lst"}, 2, "did you mean list?"},
		{"too many arguments", []string{"run", "a", "b"}, 2, "2 arguments were given; usage: rightseat run [PIPELINE]"},
		{"too few arguments", []string{"explain"}, 2, "say what to explain: an app, a report or --person"},
		{"log level", []string{"--log-level", "loud", "version"}, 2, "use debug, info, warn or error"},
		{"log format", []string{"--log-format", "xml", "version"}, 2, "use text or json"},
		{"no configuration", []string{"--config", "absent.yaml", "run"}, 2, "absent.yaml: there is no such file"},
		{"misspelt key", []string{"--config", broken, "status"}, 2, "rightseat.yaml:4:5: connections[0].connecter: unknown key; did you mean connector?"},
		{"unknown connector", []string{"--config", unknown, "run"}, 2, "did you mean okta?"},
		{"unknown pipeline", []string{"--config", file, "run", "dayly"}, 2, "did you mean daily?"},
		{"unknown connection", []string{"--config", file, "extract", "--connection", "figmo"}, 2, "did you mean figma?"},
		{"bad date", []string{"--config", file, "run", "--as-of", "tomorrow"}, 2, "YYYY-MM-DD"},
		{"future date", []string{"--config", file, "run", "--as-of", "2026-11-24"}, 2, "in the future"},
		{"a date before software was rented", []string{"--config", file, "run", "--as-of", "1800-01-01"}, 2, "nothing is known of days before 2000-01-01"},
		{"format", []string{"--config", file, "status", "--format", "xml"}, 2, "use table, json or csv"},
		{"backfill without flags", []string{"--config", file, "backfill"}, 2, "needs --connection, --from and --to"},
		{"backfill backwards", []string{"--config", file, "backfill", "--connection", "figma", "--from", "2026-02-01", "--to", "2026-01-01"}, 2, "is after"},
		{"backfill of snapshots", []string{"--config", file, "backfill", "--connection", "figma", "--from", "2026-01-01", "--to", "2026-01-02"}, 2, "figma has only snapshots (roster)"},
		{"backfill of an unknown stream", []string{"--config", file, "backfill", "--connection", "figma", "--stream", "rooster", "--from", "2026-01-01", "--to", "2026-01-02"}, 2, "did you mean roster?"},
		{"backfill of an unknown connection", []string{"--config", file, "backfill", "--connection", "figmo", "--from", "2026-01-01", "--to", "2026-01-02"}, 2, "did you mean figma?"},
		{"backfill of a vendor's snapshots", []string{"--config", vendors, "backfill", "--connection", "okta", "--stream", "users", "--from", "2026-01-01", "--to", "2026-01-02"}, 2, "stream users of okta is a snapshot"},
		{"and what there is instead", []string{"--config", vendors, "backfill", "--connection", "okta", "--stream", "users", "--from", "2026-01-01", "--to", "2026-01-02"}, 2, "streams of events are system_log"},
		{"backfill of a file of events that is not there", []string{"--config", vendors, "backfill", "--connection", "clicks", "--stream", "roster", "--from", "2026-01-01", "--to", "2026-01-02"}, 2, "connection clicks has no stream \"roster\""},
		{"backfill of an iterator that keeps its own place", []string{"--config", vendors, "backfill", "--connection", "gate", "--from", "2026-01-01", "--to", "2026-01-02"}, 2, "stream application_events of gate can't be asked again for a range: the vendor keeps the place in it itself"},
		{"rate share of nothing", []string{"--config", share("0"), "check"}, 2, "connections[0].settings.rate_share: expected a number from 1 to 100"},
		{"rate share of more than all", []string{"--config", share("150"), "run"}, 2, "connections[0].settings.rate_share: expected a number from 1 to 100"},
		{"rate share in words", []string{"--config", share("half"), "run"}, 2, "the percentage of the vendor's request budget to use, e.g. 50"},
		{"rate share as a list", []string{"--config", share("[50]"), "check"}, 2, "connections[0].settings.rate_share: expected a plain value"},
		{"forget unknown", []string{"--config", file, "forget", "figmo"}, 2, "did you mean figma?"},
		{"forget without an answer", []string{"--config", file, "forget", "figma"}, 2, "say --yes"},
		{"query nothing published", []string{"--config", file, "query", "SELECT 1"}, 1, "nothing is published yet"},
		{"query nothing", []string{"--config", file, "query", " "}, 2, "there is no SQL"},
		{"explain nothing published", []string{"--config", file, "explain", "figma"}, 1, "nothing is published yet"},
		{"load nothing", []string{"--config", file, "load"}, 1, "nothing to load yet"},
		{"show unknown", []string{"connector", "show", "zom"}, 2, "did you mean zoom?"},
		{"lint absent", []string{"connector", "lint", "absent.yaml"}, 2, "no such file"},
		{"new bad name", []string{"connector", "new", "A b"}, 2, "lower-case letters"},
		{"new name that no view can have", []string{"connector", "new", "acme-_crm"}, 2, "two of - and _ in a row"},
		{"new name that starts with a digit", []string{"connector", "new", "1password"}, 2, "start it with a letter"},
		{"demo too small", []string{"demo", "--people", "3"}, 2, "at least 50 people"},
		{"demo in an own folder", []string{"demo", "--dir", filepath.Dir(file)}, 2, "organisation's own folder"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := cli(c.args...)
			assert.Equal(t, c.code, r.code, r.errors)
			assert.Contains(t, r.errors, c.want)
			assert.Empty(t, r.out)
		})
	}
}

func TestHelpTexts(t *testing.T) {
	t.Parallel()
	var all bytes.Buffer
	root := (&app{}).root()
	var visit func(c *cobra.Command, path []string)
	visit = func(c *cobra.Command, path []string) {
		r := cli(append(append([]string{}, path...), "--help")...)
		assert.Zero(t, r.code)
		fmt.Fprintf(&all, "## rightseat %s\n%s\n", strings.Join(path, " "), r.out)
		for _, sub := range c.Commands() {
			visit(sub, append(append([]string{}, path...), sub.Name()))
		}
	}
	visit(root, nil)
	golden := filepath.Join("testdata", "help.golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, all.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), all.String(), "run the test with -update when the change is meant")
}

func TestInit(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "acme")
	r := cli("init", dir, "--name", "Acme: & Sons")
	require.Zero(t, r.code, r.errors)
	file := filepath.Join(dir, "rightseat.yaml")
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(before), "Acme: & Sons")
	assert.Zero(t, cli("--config", file, "status").code, "what init writes is good")
	r = cli("init", dir)
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.errors, "stays as it is")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	r = cli("--config", file, "run")
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.errors, "has no connections")
}

func TestConnectorCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := cli("connector", "list", "--format", "csv", "--config", filepath.Join(dir, "absent.yaml"))
	require.Zero(t, r.code, r.errors)
	for _, name := range []string{"file", "okta", "zoom", "bamboohr"} {
		assert.Contains(t, r.out, "\n"+name+",")
		show := cli("connector", "show", name)
		assert.Zero(t, show.code, show.errors)
		assert.Contains(t, show.out, "("+name+")")
	}
	assert.Contains(t, cli("connector", "show", "zoom", "--raw").out, "name: zoom")
}

func TestFromFilesToAnswers(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, rosterConfig)
	r := cli("--config", file, "check")
	require.Zero(t, r.code, r.errors)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "check writes nothing")

	r = cli("--config", file, "run")
	require.Zero(t, r.code, r.errors)
	assert.Empty(t, r.out, "progress and logs go to standard error")
	assert.NotContains(t, r.errors, "\x1b")

	r = cli("--config", file, "query", "--format", "json", "SELECT provisioned_users, basis FROM reports.provisioned_users_daily WHERE date = DATE '2026-11-23'")
	require.Zero(t, r.code, r.errors)
	assert.JSONEq(t, `[{"provisioned_users": 2, "basis": "connector_exact"}]`, r.out)

	r = cli("--config", file, "explain", "Figma")
	require.Zero(t, r.code, r.errors)
	for _, want := range []string{"2 provisioned users", "connector_exact", "ann@acme.example", "Counted: 2", "as of 2026-11-22", "sql/reports/provisioned_users_daily.sql"} {
		assert.Contains(t, r.out, want)
	}
	assert.Contains(t, cli("--config", file, "explain", "figma", "--format", "csv").out, "bob@acme.example")
	assert.Equal(t, 2, cli("--config", file, "explain", "figmo").code)
	assert.Equal(t, 2, cli("--config", file, "explain", "figma", "--instance", "none").code)
	assert.Equal(t, 1, cli("--config", file, "explain", "figma", "--date", "1999-01-01").code)

	r = cli("--config", file, "query", "SELECT tier FROM core.accounts ORDER BY length(tier) DESC LIMIT 1")
	assert.Contains(t, r.out, `Full\x1b[2J`, "hostile text is written out")
	for _, sql := range []string{"SELECT 1; SELECT 2", "CREATE TABLE x(i INT)", "SELECT * FROM read_csv('/etc/passwd')", "SELECT"} {
		assert.Equal(t, 2, cli("--config", file, "query", sql).code, sql)
	}
	stdin := cliAt(context.Background(), monday, "SELECT 1 AS one -- ; two", nil, "--config", file, "query", "-", "--format", "csv")
	assert.Equal(t, "one\n1\n", stdin.out)

	r = cli("--config", file, "status", "--format", "json")
	require.Zero(t, r.code)
	var status struct {
		Streams                []map[string]any
		LastRun, LastPublished map[string]any
		Due                    []map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(strings.NewReplacer("last_run", "LastRun", "last_published", "LastPublished").Replace(r.out)), &status))
	require.Len(t, status.Streams, 1)
	assert.Equal(t, "connected", status.Streams[0]["state"])
	assert.EqualValues(t, 3, status.Streams[0]["rows_total"])
	assert.Equal(t, "succeeded", status.LastRun["status"])
	assert.EqualValues(t, 0, status.LastRun["exit_code"])
	assert.Equal(t, status.LastRun["run_id"], status.LastPublished["run_id"])
	require.Len(t, status.Due, 1)
	assert.Equal(t, false, status.Due[0]["is_overdue"])
	assert.Zero(t, cli("--config", file, "status", "--exit-code").code)

	r = cli("--config", file, "runs", "--format", "csv")
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.out, "run_id,command,pipeline,as_of,started_at,seconds,status,exit_code,rows,published,stages,error\n"+status.LastRun["run_id"].(string)+",run,")
	var runs []map[string]any
	require.NoError(t, json.Unmarshal([]byte(cli("--config", file, "runs", "--limit", "1", "--format", "json").out), &runs))
	require.Len(t, runs, 1)
	assert.NotEmpty(t, runs[0]["stages"])

	r = cli("--config", file, "status")
	assert.Contains(t, r.out, "Pipeline daily is due at 2026-11-24 03:00 UTC, in 15h 0m.")
	missed := cliAt(context.Background(), monday.AddDate(0, 0, 2), "", nil, "--config", file, "status")
	assert.Contains(t, missed.out, "Pipeline daily has been due since 2026-11-25 03:00 UTC; `rightseat schedule` runs it.")

	later := cliAt(context.Background(), monday.AddDate(0, 0, 10), "", nil, "--config", file, "run")
	assert.Equal(t, 3, later.code)
	assert.Contains(t, later.errors, "figma/roster is stale")
	assert.Contains(t, later.errors, "1 stream incomplete or stale (exit code 3)")

	for _, stage := range []string{"extract", "transform", "load"} {
		assert.Zero(t, cli("--config", file, stage).code, stage)
	}
	r = cli("--config", file, "forget", "figma", "--yes")
	assert.NotEqual(t, 2, r.code, r.errors)
	assert.NoDirExists(t, filepath.Join(dir, "lake", "raw", "figma"))
}

func TestLockedWorkspace(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, rosterConfig)
	l, err := lock.Acquire(dir, "rightseat schedule", monday)
	require.NoError(t, err)
	r := cli("--config", file, "run")
	assert.Equal(t, 4, r.code, "a code of its own: nothing is wrong, and nothing was done")
	assert.Contains(t, r.errors, `"rightseat schedule", process `)
	assert.Zero(t, cli("--config", file, "status").code, "reading needs no lock")
	require.NoError(t, l.Release())
}

// TestStatusAfterAKill leaves the record of a run whose process was killed.
func TestStatusAfterAKill(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, rosterConfig)
	ledger := pipelines.OpenLedger(dir, nil)
	require.NoError(t, ledger.Start(&pipelines.Run{Command: "run", AsOf: "2026-11-23", StartedAt: monday}))
	for _, command := range []string{"status", "runs"} {
		r := cli("--config", file, command)
		require.Zero(t, r.code, r.errors)
		assert.NotContains(t, r.out, "running", command)
		assert.Contains(t, r.out, "interrupted", command)
	}
	assert.Equal(t, 1, cli("--config", file, "status", "--exit-code").code)

	l, err := lock.Acquire(dir, "rightseat run", monday)
	require.NoError(t, err)
	assert.Contains(t, cli("--config", file, "status").out, "running", "somebody holds the lock")
	require.NoError(t, l.Release())
}

func TestUndeliveredAlertsAreSaid(t *testing.T) {
	t.Parallel()
	_, file := workspace(t, rosterConfig+"alerts: {webhooks: [{url: \"https://hooks.example/T1\"}]}\n")
	for _, command := range []string{"check", "run"} {
		assert.Contains(t, cli("--config", file, command).errors, "does not deliver any", command)
	}
}

func TestWantOfMemoryHasACodeOfItsOwn(t *testing.T) {
	t.Parallel()
	_, file := workspace(t, rosterConfig+"resources: {memory: 1MB}\n")
	r := cli("--config", file, "run")
	assert.Equal(t, 5, r.code, r.errors)
	assert.Contains(t, r.errors, "resources.memory")
}

func TestScheduleCommand(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, rosterConfig)
	r := cli("--config", file, "schedule", "--once")
	require.Zero(t, r.code, r.errors)
	runs, err := pipelines.OpenLedger(dir, nil).Tail(2)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	assert.Equal(t, "2026-11-23T03:00:00Z", runs[0].DueAt.Format(time.RFC3339))
	assert.True(t, runs[0].Published)
}

// TestStopsMidPage interrupts while a vendor holds back a page.
func TestStopsMidPage(t *testing.T) {
	t.Parallel()
	for command, code := range map[string]int{"run": 1, "schedule": 0} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			vendor := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				cancel()
				<-r.Context().Done()
			}))
			defer vendor.Close()
			dir, file := workspace(t, fmt.Sprintf(`organisation: {name: Acme, domains: [acme.example]}
connections:
  - {name: okta, connector: okta, settings: {base_url: "%s"}, auth: {token: "${TOKEN}"}}
pipelines: {daily: {schedule: "0 3 * * *"}}
`, vendor.URL))
			const canary = "canary-0123456789"
			r := cliAt(ctx, monday, "", map[string]string{"TOKEN": canary}, "--config", file, command)
			assert.Equal(t, code, r.code, r.errors)
			assert.NotContains(t, r.out+r.errors, canary)
			runs, err := pipelines.OpenLedger(dir, nil).Tail(1)
			require.NoError(t, err)
			require.Len(t, runs, 1)
			assert.Equal(t, pipelines.RunInterrupted, runs[0].Status)
		})
	}
}

func TestErrorsAreRedacted(t *testing.T) {
	t.Parallel()
	const canary = "canary-0123456789"
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"errorSummary": "Invalid token: %s \u001b[31m"}`, r.Header.Get("Authorization"))
	}))
	defer vendor.Close()
	dir, file := workspace(t, fmt.Sprintf(`organisation: {name: Acme, domains: [acme.example]}
connections:
  - {name: okta, connector: okta, settings: {base_url: "%s"}, auth: {token: "${TOKEN}"}}
`, vendor.URL))
	env := map[string]string{"TOKEN": canary}
	check := cliAt(context.Background(), monday, "", env, "--config", file, "check")
	assert.Equal(t, 1, check.code)
	assert.Contains(t, check.out, "Invalid token")
	run := cliAt(context.Background(), monday, "", env, "--config", file, "run")
	assert.Equal(t, 1, run.code)
	assert.Contains(t, run.errors, "nothing to publish")
	status := cliAt(context.Background(), monday, "", env, "--config", file, "status", "--format", "json")
	everything := check.out + check.errors + run.out + run.errors + status.out + status.errors
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var data []byte
			data, err = os.ReadFile(path)
			everything += string(data)
		}
		return err
	}))
	assert.NotContains(t, everything, canary)
	assert.NotContains(t, check.out+run.errors, "\x1b")
}
