package cli

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/pipelines"
)

const erasureConfig = `organisation: {name: Acme, domains: [acme.example], timezone: UTC}
connections:
  - {name: hr, connector: file, settings: {kind: org_chart, path: "uploads/hr-*.csv"}}
  - {name: figma, connector: file, app: figma, settings: {kind: roster, path: "uploads/roster-*.csv"}}
  - {name: clicks, connector: file, app: figma, settings: {kind: engagement, path: "uploads/clicks-*.csv"}}
  - {name: cards, connector: file, settings: {kind: spend, path: "uploads/cards-*.csv"}}
`

// erasureFiles are uploads of two days; without leaves out what names Ann.
func erasureFiles(without bool) map[int]map[string]string {
	ann := func(line string) string {
		if without {
			return ""
		}
		return line + "\n"
	}
	boss := "Ann@ACME.example"
	if without {
		boss = ""
	}
	hr := "email,last_name,first_name,team,manager_email,additional_emails,employee\n" +
		ann("ann@acme.example,Lee,Ann,Design,,a.lee@acme.example,E-1") +
		"bob@acme.example,Roy,Bob,Design," + boss + ",,E-2\njoann@acme.example,Poe,Jo,Sales,bob@acme.example,,E-3\n"
	roster := "email,status,tier,id\n" + ann("ann@acme.example,active,Full,u1abcdefgh2") + "bob@acme.example,active,Full,u2abcdefgh2\njoann@acme.example,active,Full,u3abcdefgh2\n"
	clicks := "occurred_at,email,event,event_id\n"
	for d := 1; d <= 22; d++ {
		clicks += ann(fmt.Sprintf("2026-11-%02dT09:00:00Z,A.Lee@acme.example,edit,a%d", d, d)) + fmt.Sprintf("2026-11-%02dT10:00:00Z,bob@acme.example,edit,b%d\n", d, d)
	}
	return map[int]map[string]string{
		0: {
			"hr-2026-11-20.csv": hr, "roster-2026-11-20.csv": roster, "clicks-1.csv": clicks,
			"cards-1.csv": "transaction_id,date,amount,currency,vendor,payer_email,memo\nt1,2026-11-02,10.50,EUR,Figma,bob@acme.example,seats\n" +
				ann("t2,2026-11-03,20.00,EUR,Figma,ann@acme.example,more") + ann("t3,2026-11-04,5.00,EUR,Zoom,bob@acme.example,for a.lee@acme.example") +
				ann("t4,oops,5.00,EUR,Zoom,ann@acme.example,bad date"),
		},
		1: {"roster-2026-11-23.csv": roster, "hr-2026-11-23.csv": hr},
	}
}

// erasureWorkspace has run twice and holds a past report.
func erasureWorkspace(t *testing.T, without bool) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	file = filepath.Join(dir, "rightseat.yaml")
	require.NoError(t, os.WriteFile(file, []byte(erasureConfig), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "uploads"), 0o755))
	for day := range 2 {
		for name, text := range erasureFiles(without)[day] {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", name), []byte(text), 0o600))
		}
		r := cliAt(context.Background(), monday.AddDate(0, 0, day), "", nil, "--config", file, "run")
		require.Contains(t, []int{0, 3}, r.code, r.errors)
	}
	return dir, file
}

// annIs are the forms in which Ann must not be found, in lower case; joann's address holds one of them.
var annIs = []string{"ann@acme.example", "a.lee@acme.example", "u1abcdefgh2"}

// tracesOf names the files of a workspace, and places in them, that hold Ann. What the workspace's owner put there is
// not looked at. Parquet is decoded value by value, workbooks and compressed files are unpacked.
func tracesOf(t *testing.T, dir string) (found []string) {
	t.Helper()
	has := func(where string, data []byte) {
		text := strings.ReplaceAll(strings.ToLower(string(data)), "joann@", "jo@")
		for _, id := range annIs {
			if strings.Contains(text, id) {
				found = append(found, where+" holds "+id)
			}
		}
	}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		rel, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		if d.IsDir() && rel == "uploads" {
			return fs.SkipDir
		}
		has("the name of "+rel, []byte(rel))
		if d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		has(rel, data)
		switch filepath.Ext(path) {
		case ".parquet":
			file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err, rel)
			for _, group := range file.RowGroups() {
				rows := group.Rows()
				buffer := make([]parquet.Row, 64)
				for {
					n, err := rows.ReadRows(buffer)
					for _, row := range buffer[:n] {
						for _, v := range row {
							has(rel, []byte(v.String()))
						}
					}
					if errors.Is(err, io.EOF) {
						break
					}
					require.NoError(t, err)
				}
				require.NoError(t, rows.Close())
			}
		case ".xlsx":
			z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err)
			for _, f := range z.File {
				r, err := f.Open()
				require.NoError(t, err)
				text, err := io.ReadAll(r)
				require.NoError(t, err)
				has(rel+":"+f.Name, text)
			}
		case ".gz":
			r, err := gzip.NewReader(bytes.NewReader(data))
			require.NoError(t, err)
			text, err := io.ReadAll(r)
			require.NoError(t, err)
			has(rel, text)
		}
		return nil
	}))
	return found
}

// reportsOf are the exports as CSV, but for what tells of runs and files.
func reportsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(dir, "exports", "*.csv"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		name := filepath.Base(path)
		if name == "data_quality.csv" || name == "connection_health.csv" || name == "run.csv" || name == "reconciliation.csv" {
			continue
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		out[name] = string(data)
	}
	return out
}

var tuesday = monday.AddDate(0, 0, 1)

// eraseFrom runs the command with points at which it dies.
func eraseFrom(file string, lakeFail, loadFail func(string) error, args ...string) result {
	var out, errs bytes.Buffer
	sys := system{clock: clock.NewSimulated(tuesday), wire: wire, terminal: func(any) bool { return false }, lakeFailpoint: lakeFail, loadFailpoint: loadFail}
	code := run(context.Background(), append([]string{"--config", file}, args...), strings.NewReader(""), &out, &errs, func(string) (string, bool) { return "", false }, sys)
	return result{code, out.String(), errs.String()}
}

// TestForgetAPerson: no byte of the workspace names them, and everything is as if no source ever had.
func TestForgetAPerson(t *testing.T) {
	t.Parallel()
	dir, file := erasureWorkspace(t, false)
	never, _ := erasureWorkspace(t, true)
	r := cliAt(t.Context(), tuesday, "", nil, "--config", file, "run", "--as-of", "2026-11-22", "--known-at", "2026-11-23")
	require.Zero(t, r.code, r.errors)
	past := filepath.Join(dir, "state", "runs", "20260101T000000Z-01.json.damaged")
	require.NoError(t, os.WriteFile(past, []byte(`{"error":"ann\u0040acme.example`), 0o600))
	require.NotEmpty(t, tracesOf(t, filepath.Join(dir, "rebuilt")))
	require.Greater(t, len(tracesOf(t, dir)), 20)

	r = eraseFrom(file, nil, nil, "forget", "--person", "A.LEE@acme.example")
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.errors, "say --yes")
	r = eraseFrom(file, nil, nil, "forget", "--person", "ann@acme.example", "--yes")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	for _, want := range annIs[:2] {
		assert.Contains(t, r.errors, want, "shown to whoever asks")
	}
	assert.Contains(t, r.errors, "uploads/roster-2026-11-20.csv")
	assert.Empty(t, tracesOf(t, dir))
	assert.NoFileExists(t, pipelines.ErasurePath(dir))
	assert.NoFileExists(t, past)
	assert.Equal(t, reportsOf(t, never), reportsOf(t, dir))

	bad := cli("--config", file, "query", "SELECT count(*) AS n FROM reports.data_quality WHERE check_name LIKE '%bad_date'", "--format", "csv")
	assert.Equal(t, "n\n0\n", bad.out, "the row that was set aside is no finding any more")
	ok := cliAt(t.Context(), tuesday, "", nil, "--config", file, "verify")
	assert.Zero(t, ok.code, ok.errors)
	r = eraseFrom(file, nil, nil, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Empty(t, tracesOf(t, dir), "files that did not change are not read again")
	assert.Equal(t, reportsOf(t, never), reportsOf(t, dir))
}

// TestForgetAPersonKilledAtTheEnd: what was not published is published by the next run, or the same command. Package
// pipelines tries all steps before.
func TestForgetAPersonKilledAtTheEnd(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds several workspaces")
	}
	whole, _ := erasureWorkspace(t, false)
	never, _ := erasureWorkspace(t, true)
	for step, again := range map[string][]string{"stripped": {"run"}, "decided": {"forget", "--person", "ann@acme.example", "--yes"}, "erase.done": {"forget", "--person", "ann@acme.example", "--yes"}} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, os.DirFS(whole)))
			file := filepath.Join(dir, "rightseat.yaml")
			kill := func(s string) error {
				if s == step {
					return lake.ErrKilled
				}
				return nil
			}
			r := eraseFrom(file, kill, kill, "forget", "--person", "ann@acme.example", "--yes")
			require.Equal(t, 1, r.code, r.errors)
			assert.Contains(t, r.errors, "what was published before still holds it")
			r = eraseFrom(file, nil, nil, again...)
			require.Contains(t, []int{0, 3}, r.code, r.errors)
			assert.Empty(t, tracesOf(t, dir))
			assert.NoFileExists(t, pipelines.ErasurePath(dir))
			assert.Equal(t, reportsOf(t, never), reportsOf(t, dir))
		})
	}
}

// TestForgetWhatIsOld: events before the date go, and snapshots but for the one that the date leans on.
func TestForgetWhatIsOld(t *testing.T) {
	t.Parallel()
	dir, file := erasureWorkspace(t, false)
	before := cli("--config", file, "query", "--format", "csv", "SELECT provisioned_users FROM reports.provisioned_users_daily WHERE app_id='figma' AND date >= '2026-11-22' ORDER BY date")
	r := eraseFrom(file, nil, nil, "forget", "--before", "2026-11-25", "--yes")
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.errors, "in the future")
	ask := func(query string) string { return cli("--config", file, "query", "--format", "csv", query).out }
	r = eraseFrom(file, nil, nil, "forget", "--before", "2026-11-22", "--yes")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, "day,n\n2026-11-22,2\n", ask("SELECT CAST(event_date AS VARCHAR) AS day, count(*) AS n FROM core.engagement_events GROUP BY 1"))
	assert.Equal(t, "day\n2026-11-20\n2026-11-23\n", ask("SELECT DISTINCT CAST(snapshot_date AS VARCHAR) AS day FROM core.accounts ORDER BY 1"), "22 November leans on the one of the 20th")
	assert.Equal(t, before.out, ask("SELECT provisioned_users FROM reports.provisioned_users_daily WHERE app_id='figma' AND date >= '2026-11-22' ORDER BY date"))
	assert.Equal(t, "n\n0\n", ask("SELECT count(*) AS n FROM core.spend_lines"))

	r = eraseFrom(file, nil, nil, "forget", "--before", "2026-11-24", "--yes")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, "n\n0\n", ask("SELECT count(*) AS n FROM core.engagement_events"))
	assert.NoFileExists(t, pipelines.ErasurePath(dir))
	r = eraseFrom(file, nil, nil, "verify")
	assert.Zero(t, r.code, r.errors)
}
