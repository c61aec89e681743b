package endtoend_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/simulator"
)

// filesOnly is a workspace that asks no vendor.
func filesOnly(t *testing.T, config string) *world {
	t.Helper()
	w := &world{dir: fastDir(t), clock: clock.NewSimulated(today()), transport: http.DefaultTransport}
	w.config = filepath.Join(w.dir, "rightseat.yaml")
	require.NoError(t, os.WriteFile(w.config, []byte(config), 0o600))
	return w
}

func inUTF16(text string) []byte {
	var b bytes.Buffer
	b.Write([]byte{0xff, 0xfe})
	for _, u := range utf16.Encode([]rune(text)) {
		_ = binary.Write(&b, binary.LittleEndian, u) // to a buffer
	}
	return b.Bytes()
}

// inWindows1252 encodes the letters of Western Europe, for which it is one byte per rune.
func inWindows1252(text string) []byte {
	var out []byte
	for _, r := range text {
		out = append(out, byte(r))
	}
	return out
}

// TestFilesAsPeopleHaveThem: each way of writing a CSV, and a broken row, through a whole run.
func TestFilesAsPeopleHaveThem(t *testing.T) {
	t.Parallel()
	w := filesOnly(t, `organisation: {name: Acme, domains: [acme.example], timezone: UTC, currency: EUR}
connections:
  - {name: people, connector: file, settings: {kind: org_chart, path: "uploads/people-*.csv"}}
  - {name: figma, connector: file, app: figma, settings: {kind: roster, path: "uploads/figma-*.csv"}}
  - {name: spend, connector: file, settings: {kind: spend, path: "uploads/spend.csv"}}
`)
	date := today().Format(time.DateOnly)
	w.upload(t, "uploads/people-"+date+".csv", inUTF16("email,last_name,first_name,team\r\njürgen@acme.example,Größe,Jürgen,Köln\r\nann@acme.example,O’Neil,Ann,Łódź\r\n"))
	w.upload(t, "uploads/figma-"+date+".csv", inWindows1252("snapshot_date;email;status;tier\n"+date+";jürgen@acme.example;active;Für alle\n"+date+";ann@acme.example;active;Full\n"))
	w.upload(t, "uploads/spend.csv", []byte("\ufefftransaction_id,date,amount,currency,vendor,type\nt1,"+date+",12.50,EUR,Figma,invoice\nt2,"+date+",twelve,EUR,Figma,invoice\nt3,"+date+",1,EUR,\"Fig\"ma,invoice\nt4,"+date+",7.25,EUR,Figma,invoice\n"))
	w.requireRun(t, "run")
	out := w.requireRun(t, "query", "--format", "csv", "SELECT email, first_name, last_name, team FROM core.org_chart ORDER BY email").out
	assert.Equal(t, "email,first_name,last_name,team\nann@acme.example,Ann,O’Neil,Łódź\njürgen@acme.example,Jürgen,Größe,Köln\n", out)
	out = w.requireRun(t, "query", "--format", "csv", "SELECT tier FROM core.accounts ORDER BY tier").out
	assert.Equal(t, "tier\nFull\nFür alle\n", out)
	out = w.requireRun(t, "query", "--format", "csv", "SELECT transaction_id FROM core.spend ORDER BY 1").out
	assert.Equal(t, "transaction_id\nt1\nt4\n", out)
	quality := w.reports(t)["data_quality.csv"]
	for _, want := range []string{"spend.csv", "line 3", "amount", "twelve"} {
		assert.Contains(t, quality, want)
	}
	assert.Contains(t, quality, "line 4", "the broken row")
}

// published is a workspace with everything in it.
func published(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.requireRun(t, "run")
	return w
}

// TestDownstreamComesBack: what is derived can be deleted or spoiled; the next run has the same.
func TestDownstreamComesBack(t *testing.T) {
	t.Parallel()
	w := published(t)
	reports, core := w.reports(t), w.files(t, "lake/core")
	require.NotEmpty(t, core)
	for _, step := range []struct {
		name  string
		spoil func() error
	}{
		{"everything derived is deleted", func() error {
			for _, dir := range []string{"warehouse", "exports", "lake/core"} {
				if err := os.RemoveAll(filepath.Join(w.dir, dir)); err != nil {
					return err
				}
			}
			return nil
		}},
		{"lake/core alone is deleted", func() error { return os.RemoveAll(filepath.Join(w.dir, "lake/core")) }},
		{"exports alone are deleted", func() error { return os.RemoveAll(filepath.Join(w.dir, "exports")) }},
		{"build.duckdb is damaged", func() error {
			return os.WriteFile(filepath.Join(w.dir, "warehouse/build.duckdb"), bytes.Repeat([]byte("rubbish "), 4096), 0o600)
		}},
		{"build.duckdb is cut short", func() error { return os.Truncate(filepath.Join(w.dir, "warehouse/build.duckdb"), 20000) }},
		{"blocks of build.duckdb are overwritten", func() error {
			f, err := os.OpenFile(filepath.Join(w.dir, "warehouse/build.duckdb"), os.O_RDWR, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt(bytes.Repeat([]byte("rubbish "), 1<<17), 1<<16)
			return errors.Join(err, f.Close())
		}},
		{"the published warehouse is damaged", func() error {
			return os.WriteFile(filepath.Join(w.dir, "warehouse/rightseat.duckdb"), []byte("rubbish"), 0o600)
		}},
	} {
		require.NoError(t, step.spoil(), step.name)
		r := w.cli(t.Context(), "run")
		require.Zero(t, r.code, "%s: %s", step.name, r.errors)
		requireSameReports(t, reports, w.reports(t))
		assert.Equal(t, core, w.files(t, "lake/core"), step.name)
		assert.NotEmpty(t, w.requireRun(t, "query", "SELECT 1").out, step.name)
	}
}

// files lists the files below a folder of the workspace.
func (w *world) files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	require.NoError(t, filepath.WalkDir(filepath.Join(w.dir, dir), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, strings.TrimPrefix(path, w.dir))
		}
		return err
	}))
	return out
}

// exported is every exported file as it is.
func (w *world) exported(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range w.files(t, "exports") {
		data, err := os.ReadFile(filepath.Join(w.dir, f))
		require.NoError(t, err)
		out[f] = string(data)
	}
	return out
}

// TestDamagedRawFile: the truth itself is damaged. Nothing is published, the file is named, and
// what was published stays; with the file back, all is well.
func TestDamagedRawFile(t *testing.T) {
	t.Parallel()
	w := published(t)
	before, reports := w.exported(t), w.reports(t)
	path := filepath.Join(w.dir, "lake/raw/okta/users/00000001-0.parquet")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	spoilt := map[string][]byte{
		"cut short":          whole[:len(whole)/2],
		"empty":              {},
		"rubbish":            bytes.Repeat([]byte("rubbish "), 1000),
		"a page overwritten": append(append(append([]byte{}, whole[:len(whole)/4]...), bytes.Repeat([]byte{0xff}, len(whole)/4)...), whole[len(whole)/2:]...),
	}
	for name, data := range spoilt {
		require.NoError(t, os.WriteFile(path, data, 0o600))
		r := w.cli(t.Context(), "transform", "--full-refresh")
		require.Equal(t, 1, r.code, "%s: %s", name, r.errors)
		assert.Contains(t, r.errors, "lake/raw/okta/users/00000001-0.parquet", name)
		r = w.cli(t.Context(), "run", "--full-refresh")
		require.Equal(t, 1, r.code, "%s: %s", name, r.errors)
		assert.Equal(t, before, w.exported(t), name)
		assert.NotEmpty(t, w.requireRun(t, "query", "SELECT 1").out, name)
	}
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	w.requireRun(t, "run", "--full-refresh")
	requireSameReports(t, reports, w.reports(t))
}

// TestTwoRunsAtOnce: the second says who is at work, and does nothing.
func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked, release := make(chan struct{}, 1000), make(chan struct{})
	w.faults = func(string, int, *http.Request) *simulator.Fault {
		asked <- struct{}{}
		<-release
		return nil
	}
	first := make(chan result)
	go func() { first <- w.cli(t.Context(), "extract") }()
	<-asked
	second := w.cli(t.Context(), "run")
	assert.Equal(t, 4, second.code)
	assert.Contains(t, second.errors, `"rightseat extract", process `)
	close(release)
	r := <-first
	assert.Zero(t, r.code, r.errors)
	requireSameRecords(t, calmRecords(t), w.records(t))
}
