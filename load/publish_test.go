package load

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/rightseat/rightseat/internal/duck"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// onlyRow asks the published warehouse for one value, as a reader with a client of his own would.
func onlyRow(t testing.TB, path, query string) string {
	t.Helper()
	db, err := duck.Open(t.Context(), path, duck.Options{ReadOnly: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var v string
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&v), query)
	return v
}

func TestPublishedFilesAreAsRecorded(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	result, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	for _, name := range []string{
		"app_portfolio.csv", "connection_health.csv", "contract_usage.csv", "engagement.csv",
		"feature_usage.csv", "unmapped_spend.csv", "report.html",
	} {
		got, err := os.ReadFile(filepath.Join(result.Exports, name))
		require.NoError(t, err)
		golden := filepath.Join("testdata", "golden", name)
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
			require.NoError(t, os.WriteFile(golden, got, 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), "%s: run the test with -update if this is meant", name)
	}
}

func TestPublishedWarehouse(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	result, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	for name, tc := range map[string]struct{ query, want string }{
		"only public schemas": {"SELECT string_agg(schema_name, ',' ORDER BY schema_name) FROM duckdb_schemas() WHERE database_name = current_database() AND NOT internal AND schema_name <> 'main'", "core,reports"},
		"table comments":      {"SELECT comment FROM duckdb_tables() WHERE table_name = 'people'", "One row per person with today's attributes."},
		"column comments":     {"SELECT comment FROM duckdb_columns() WHERE table_name = 'app_portfolio' AND column_name = 'app_name'", "Name from the catalogue, or as the source spelt it."},
		"rows":                {"SELECT count(*)::VARCHAR FROM core.people", "412"},
	} {
		assert.Equal(t, tc.want, onlyRow(t, result.Warehouse, tc.query), name)
	}
	assert.NoFileExists(t, result.Warehouse+".wal")
	assert.Len(t, result.Reports, 19)
	assert.Equal(t, ReportResult{Name: "app_portfolio", Rows: 16}, result.Reports[0])
}

func TestParquetHasTheContractsTypesAndRows(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	result, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	file := duck.Literal(filepath.Join(result.Exports, "app_portfolio.parquet"))
	assert.Equal(t, "DATE VARCHAR VARCHAR VARCHAR VARCHAR VARCHAR BOOLEAN VARCHAR BIGINT VARCHAR BIGINT BIGINT BIGINT BIGINT DECIMAL(18,2) DECIMAL(18,2) DATE DECIMAL(18,2) DECIMAL(18,2) DECIMAL(18,2)",
		onlyRow(t, result.Warehouse, "SELECT string_agg(column_type, ' ') FROM (DESCRIBE SELECT * FROM "+file+")"))
	for _, r := range result.Reports {
		file := duck.Literal(filepath.Join(result.Exports, r.Name+".parquet"))
		assert.Equal(t, "0", onlyRow(t, result.Warehouse,
			"SELECT count(*)::VARCHAR FROM ((SELECT * FROM "+file+" EXCEPT ALL FROM reports."+r.Name+") UNION ALL (FROM reports."+r.Name+" EXCEPT ALL SELECT * FROM "+file+"))"), r.Name)
	}
}

func TestCSVAndParquetAreOrderedByKey(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	result, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	file := duck.Literal(filepath.Join(result.Exports, "provisioned_users_daily.parquet"))
	assert.Equal(t, "true", onlyRow(t, result.Warehouse,
		"SELECT bool_and(k > before)::VARCHAR FROM (SELECT date || app_id || instance_id AS k, lag(date || app_id || instance_id) OVER (ORDER BY file_row_number) AS before FROM read_parquet("+file+", file_row_number = true)) WHERE before IS NOT NULL"))
}

func TestSameRowsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	shuffle := `CREATE TABLE t AS FROM reports.provisioned_users_daily ORDER BY hash(date || instance_id);
		DELETE FROM reports.provisioned_users_daily; INSERT INTO reports.provisioned_users_daily FROM t; DROP TABLE t;`
	var want map[string]string
	for _, more := range []string{"SELECT 1", shuffle} {
		w := t.TempDir()
		result, err := Publish(t.Context(), options(w, makeBuild(t, w, more), "run-1"))
		require.NoError(t, err)
		got := hashes(t, result.Exports)
		if want == nil {
			want = got
		}
		assert.Equal(t, want, got)
	}
}

func hashes(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		sum := sha256.Sum256(data)
		out[e.Name()] = base64.StdEncoding.EncodeToString(sum[:])
	}
	return out
}

func TestReadersKeepTheVersionTheyOpened(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	_, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	old, err := duck.Open(t.Context(), WarehousePath(w), duck.Options{ReadOnly: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, old.Close()) }()
	oldCSV, err := os.Open(filepath.Join(w, ExportsDir, "discovered_apps.csv"))
	require.NoError(t, err)
	defer func() { require.NoError(t, oldCSV.Close()) }()

	_, err = Publish(t.Context(), options(w, makeBuild(t, w, "DELETE FROM reports.discovered_apps; DELETE FROM core.people"), "run-2"))
	require.NoError(t, err)
	var n int
	require.NoError(t, old.QueryRowContext(t.Context(), "SELECT count(*) FROM core.people").Scan(&n))
	assert.Equal(t, 412, n, "the old reader")
	info, err := oldCSV.Stat()
	require.NoError(t, err)
	assert.Greater(t, info.Size(), int64(300))
	assert.Equal(t, "0", onlyRow(t, WarehousePath(w), "SELECT count(*)::VARCHAR FROM core.people"), "a new reader")
}

// A publish is stopped after each of its steps, as a crash would. The published version is then
// wholly the old one or wholly the new one, and nothing is left over.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	crash := errors.New("crash")
	const small = `CREATE TABLE keep AS FROM reports.app_portfolio; DROP SCHEMA reports CASCADE; CREATE SCHEMA reports;
		CREATE TABLE reports.app_portfolio AS FROM keep; DROP TABLE keep; DELETE FROM _state.reports WHERE report <> 'app_portfolio'`
	for i, step := range Steps {
		t.Run(strings.ReplaceAll(step, " ", "-"), func(t *testing.T) {
			t.Parallel()
			w := t.TempDir()
			_, err := Publish(t.Context(), options(w, makeBuild(t, w, small), "run-1"))
			require.NoError(t, err)
			before := hashes(t, filepath.Join(w, ExportsDir))
			o := options(w, makeBuild(t, w, small, "DELETE FROM core.people WHERE person_id > 'p0100'"), "run-2")
			o.Failpoint = func(s string) error {
				if s == step {
					return crash
				}
				return nil
			}
			_, err = Publish(t.Context(), o)
			require.ErrorIs(t, err, crash)
			require.FileExists(t, WarehousePath(w))
			require.FileExists(t, filepath.Join(w, ExportsDir, PageFile))
			require.NoError(t, Recover(w))
			require.NoError(t, Recover(w), "a second time")

			after := hashes(t, filepath.Join(w, ExportsDir))
			people := onlyRow(t, WarehousePath(w), "SELECT count(*)::VARCHAR FROM core.people")
			if i < 6 {
				assert.Equal(t, before, after)
				assert.Equal(t, "412", people)
			} else {
				assert.NotEqual(t, before[PageFile], after[PageFile])
				assert.Equal(t, "101", people)
			}
			assert.Len(t, after, len(before))
			assertNothingLeft(t, w)
			_, err = Publish(t.Context(), options(w, o.BuildPath, "run-3"))
			require.NoError(t, err)
			assertNothingLeft(t, w)
		})
	}
}

func assertNothingLeft(t testing.TB, workspace string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(workspace, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			assert.NotContains(t, path, ".tmp", "left over")
			assert.NotEqual(t, intentFile, d.Name())
		}
		return err
	}))
}

func TestOtherPeoplesFilesStay(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	_, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(w, ExportsDir, "notes.txt"), []byte("mine"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(w, ExportsDir, "archive"), 0o755))
	_, err = Publish(t.Context(), options(w, makeBuild(t, w, "DROP TABLE reports.rightsizing"), "run-2"))
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(w, ExportsDir, "notes.txt"))
	assert.DirExists(t, filepath.Join(w, ExportsDir, "archive"))
	assert.NoFileExists(t, filepath.Join(w, ExportsDir, "rightsizing.csv"), "a report that is gone")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ sql, want string }{
		"sum of counts":   {"CREATE TABLE reports.zz AS SELECT sum(1) AS total, 1::BIGINT AS n", "report zz, column total: type HUGEINT"},
		"nested":          {"CREATE TABLE reports.zz AS SELECT [1] AS l", "report zz, column l: type INTEGER[]"},
		"key not there":   {"INSERT INTO _state.reports VALUES ('rightsizing', 'as_of,nope', '')", "report rightsizing: its key names column nope"},
		"name of a path":  {`CREATE TABLE reports."../x" AS SELECT 1::BIGINT AS n`, `report "../x"`},
		"no reports":      {"DROP SCHEMA reports CASCADE", "no table in schema reports"},
		"view on private": {"CREATE VIEW core.v AS SELECT * FROM metrics.spans", "view \"core\".\"v\" reads what is not published"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := t.TempDir()
			_, err := Publish(t.Context(), options(w, makeBuild(t, w, tc.sql), "run-1"))
			require.ErrorContains(t, err, tc.want)
			assertNothingLeft(t, w)
			assert.NoDirExists(t, filepath.Join(w, ExportsDir))
		})
	}
	w := t.TempDir()
	_, err := Publish(t.Context(), options(w, filepath.Join(w, "none.duckdb"), "run-1"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "run the transform stage first")
	_, err = Publish(t.Context(), options(w, "x", "../../etc"))
	require.ErrorContains(t, err, "run id")
}

func TestPageIsSafeAndSelfContained(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	result, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	data, err := os.ReadFile(result.Page)
	require.NoError(t, err)
	text := string(data)
	for _, bad := range []string{"<script>alert", "<img src=x", "<b>E0000006", "src=\"http", "href=\"http", "Acme <Ltd>", "ZgotmplZ"} {
		assert.NotContains(t, text, bad)
	}
	scripts := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindAllStringSubmatch(text, -1)
	require.Len(t, scripts, 1)
	sum := sha256.Sum256([]byte(scripts[0][1]))
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)
	require.NotNil(t, policy)
	allowed := strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(policy[1])
	assert.Contains(t, allowed, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	assert.Contains(t, allowed, "default-src 'none'")
}

func TestPageOfAlmostNothing(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"one odd table": "DROP SCHEMA reports CASCADE; DROP SCHEMA core CASCADE; DROP TABLE _state.reports; CREATE SCHEMA reports; CREATE TABLE reports.app_portfolio AS SELECT 1::BIGINT AS n",
		"empty tables": `DELETE FROM reports.provisioned_users_daily; DELETE FROM reports.engagement; DELETE FROM reports.app_portfolio; DELETE FROM reports.contract_usage;
			DELETE FROM reports.team_engagement; DELETE FROM reports.feature_usage; DELETE FROM reports.spend_by_department; DELETE FROM reports.unmapped_spend;
			DELETE FROM reports.discovered_apps; DELETE FROM reports.disagreements; DELETE FROM reports.connection_health; DELETE FROM reports.data_quality; DELETE FROM core.people`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := t.TempDir()
			result, err := Publish(t.Context(), options(w, makeBuild(t, w, sql), "run-1"))
			require.NoError(t, err)
			data, err := os.ReadFile(result.Page)
			require.NoError(t, err)
			assert.Contains(t, string(data), "Definitions")
			assert.NotContains(t, string(data), "NaN")
		})
	}
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	result, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	book, err := excelize.OpenFile(result.Workbook)
	require.NoError(t, err)
	defer func() { require.NoError(t, book.Close()) }()
	assert.Equal(t, overviewSheet, book.GetSheetList()[0])
	assert.Len(t, book.GetSheetList(), 20)
	for cell, want := range map[string]excelize.CellType{"C2": excelize.CellTypeInlineString, "D3": excelize.CellTypeUnset} {
		got, err := book.GetCellType("unmapped_spend", cell)
		require.NoError(t, err)
		assert.Equal(t, want, got, cell)
	}
	text, err := book.GetCellValue("unmapped_spend", "C2")
	require.NoError(t, err)
	assert.Equal(t, `=cmd|' /C calc'!A0`, text, "text, whole")
	formula, err := book.GetCellFormula("unmapped_spend", "C2")
	require.NoError(t, err)
	assert.Empty(t, formula)
	money, err := book.GetCellValue("unmapped_spend", "D3")
	require.NoError(t, err)
	assert.Equal(t, "-12.50", money)
	date, err := book.GetCellValue("unmapped_spend", "B2")
	require.NoError(t, err)
	assert.Equal(t, "2026-11-01", date)

	z, err := zip.OpenReader(result.Workbook)
	require.NoError(t, err)
	defer func() { require.NoError(t, z.Close()) }()
	for _, f := range z.File {
		assert.Equal(t, 1979, f.Modified.Year(), f.Name) // no time at all
	}
	requireStatedSizes(t, z.File)
}

// requireStatedSizes holds that each sheet of a workbook says how far its cells reach: readers that go by
// it see nothing beyond.
func requireStatedSizes(t *testing.T, parts []*zip.File) {
	t.Helper()
	stated := regexp.MustCompile(`<dimension ref="A1:([A-Z]+\d+)"`)
	cells := regexp.MustCompile(`<c r="([A-Z]+\d+)"`)
	sheets := 0
	for _, f := range parts {
		if !strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
			continue
		}
		sheets++
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		columns, rows := 1, 1
		for _, c := range cells.FindAllSubmatch(text, -1) {
			column, row, err := excelize.CellNameToCoordinates(string(c[1]))
			require.NoError(t, err)
			columns, rows = max(columns, column), max(rows, row)
		}
		last, err := excelize.CoordinatesToCellName(columns, rows)
		require.NoError(t, err)
		m := stated.FindSubmatch(text)
		require.NotNil(t, m, f.Name)
		assert.Equal(t, last, string(m[1]), f.Name)
	}
	assert.NotZero(t, sheets)
}
