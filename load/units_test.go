package load

import (
	"archive/zip"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/rightseat/rightseat/internal/table"
)

func dayOf(n int) time.Time { return time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC) }

func TestLineChart(t *testing.T) {
	t.Parallel()
	points := []point{
		{date: dayOf(0), value: 10, known: true, basis: "sso_login_120d"},
		{date: dayOf(1), value: 12, known: true, basis: "sso_login_120d"},
		{date: dayOf(2), basis: "none"},
		{date: dayOf(3), value: 20, known: true, basis: "connector_exact"},
	}
	svg := string(lineChart(`Ann "<b>"`, points))
	assert.Equal(t, 2, strings.Count(svg, "<polyline"), "a gap splits the line")
	assert.Equal(t, 1, strings.Count(svg, `class="est"`))
	assert.Equal(t, 1, strings.Count(svg, `class="exact"`))
	assert.Equal(t, 2, strings.Count(svg, `class="change"`))
	assert.NotContains(t, svg, "<b>")
	assert.NotContains(t, svg, "NaN")
	assert.Empty(t, lineChart("none", nil))
	assert.NotContains(t, string(lineChart("all unknown", []point{{date: dayOf(0), basis: "none"}})), "polyline")
	weekly := []point{
		{date: dayOf(0), value: 10, known: true, basis: "sso_assigned"},
		{date: dayOf(1), value: 10, known: true, basis: "sso_assigned_estimated"},
		{date: dayOf(2), value: 11, known: true, basis: "sso_assigned"},
		{date: dayOf(3), value: 11, known: true, basis: "connector_exact"},
	}
	svg = string(lineChart("weekly snapshots", weekly))
	assert.Equal(t, 1, strings.Count(svg, `class="change"`), "an older snapshot is no other source")
	assert.Equal(t, 1, strings.Count(svg, `class="est"`))
	assert.Equal(t, []stretch{{dayOf(0), dayOf(2), "sso_assigned"}, {dayOf(3), dayOf(3), "connector_exact"}}, stretches(weekly))
	assert.Equal(t, []stretch{
		{dayOf(0), dayOf(1), "sso_login_120d"}, {dayOf(2), dayOf(2), "none"}, {dayOf(3), dayOf(3), "connector_exact"},
	}, stretches(points))
}

func TestStackedChart(t *testing.T) {
	t.Parallel()
	svg := string(stackedChart("Spend", []string{"<i>", "B"}, []column{{"Jan", []float64{10, -4}}, {"Feb", []float64{0, 5}}}))
	assert.Equal(t, 2, strings.Count(svg, "<rect"), "refunds and nothing are not drawn")
	assert.NotContains(t, svg, "<i>")
	assert.Empty(t, stackedChart("Spend", nil, nil))
}

func TestNumbersForPeople(t *testing.T) {
	t.Parallel()
	dec := func(n int64) table.Decimal { return table.Decimal{Unscaled: big.NewInt(n), Scale: 2} }
	for name, tc := range map[string]struct{ got, want string }{
		"grouped":           {grouped(1234567), "1,234,567"},
		"small":             {grouped(12), "12"},
		"negative":          {grouped(-1234), "−1,234"},
		"half rounds up":    {whole(dec(150)), "2"},
		"half rounds away":  {whole(dec(-150)), "−2"},
		"unknown":           {whole(table.Decimal{}), "–"},
		"cents":             {groupedDecimal(dec(123456)), "1,234.56"},
		"negative cents":    {groupedDecimal(dec(-50)), "-0.50"},
		"thousands on axis": {short(20000), "20k"},
		"millions on axis":  {short(1.5e6), "1.5M"},
		"halves on axis":    {short(7.5), "7.5"},
		"one of":            {plural(1, "app", "apps"), "1 app"},
		"cut list":          {shownOf(50, 1200, "x"), "Shown are 50 of 1,200; all are in x.csv."},
	} {
		assert.Equal(t, tc.want, tc.got, name)
	}
	for v, want := range map[float64]float64{1: 2, 9: 10, 11: 15, 101: 150, 410: 500, 1000: 1000} {
		assert.InDelta(t, want, niceCeiling(v), 1e-9)
	}
}

// Not parallel: it changes how many rows a sheet holds.
func TestLongReportIsCutInTheWorkbookOnly(t *testing.T) {
	before := sheetRows
	sheetRows = 5
	defer func() { sheetRows = before }()
	w := t.TempDir()
	result, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
	require.NoError(t, err)
	book, err := excelize.OpenFile(result.Workbook)
	require.NoError(t, err)
	defer func() { require.NoError(t, book.Close()) }()
	rows, err := book.GetRows("app_portfolio")
	require.NoError(t, err)
	require.Len(t, rows, 8)
	assert.Equal(t, "The first 5 rows. All 16 rows: app_portfolio.parquet and app_portfolio.csv", rows[7][0])
	z, err := zip.OpenReader(result.Workbook)
	require.NoError(t, err)
	defer func() { require.NoError(t, z.Close()) }()
	requireStatedSizes(t, z.File)
	csv, err := os.ReadFile(filepath.Join(result.Exports, "app_portfolio.csv"))
	require.NoError(t, err)
	assert.Equal(t, 17, strings.Count(string(csv), "\n"))
}

func TestRecoverSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	require.NoError(t, Recover(w), "a new workspace")
	dir := filepath.Join(w, WarehouseDir)
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, text := range map[string]string{"not JSON": "{", "a path for a run": `{"run_id":"../../x"}`} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, intentFile), []byte(text), 0o644))
		assert.ErrorContains(t, Recover(w), intentFile, name)
	}
}

// When the exports can't be replaced, the decision is taken back and the old version stays whole.
func TestExportsThatCannotBeReplaced(t *testing.T) {
	t.Parallel()
	w := t.TempDir()
	build := makeBuild(t, w)
	o := options(w, build, "run-1")
	o.Failpoint = func(step string) error {
		if step == "decided" {
			return os.RemoveAll(filepath.Join(w, ".exports-run-1.tmp"))
		}
		return nil
	}
	_, err := Publish(t.Context(), o)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.NoFileExists(t, WarehousePath(w))
	assertNothingLeft(t, w)
	assert.True(t, errors.Is(plainer(syscall.EBUSY, false), syscall.EBUSY))
	assert.ErrorContains(t, plainer(syscall.EBUSY, false), "mount the whole workspace")
}

// Where the system can't swap two folders in one step, two renames do it; a crash between them is
// repaired, and so is one after both.
func TestSwapByTwoRenames(t *testing.T) {
	t.Parallel()
	for _, between := range []bool{false, true} {
		w := t.TempDir()
		_, err := Publish(t.Context(), options(w, makeBuild(t, w), "run-1"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(w, ExportsDir, "notes.txt"), []byte("mine"), 0o644))
		o := options(w, makeBuild(t, w, "DELETE FROM core.people"), "run-2")
		o.Failpoint = func(step string) error {
			if step == "decided" {
				return errors.New("crash")
			}
			return nil
		}
		_, err = Publish(t.Context(), o)
		require.Error(t, err)
		p := newPublication(w, "run-2")
		r, err := readRecord(p.intent)
		require.NoError(t, err)
		p.record, p.decided = *r, true
		p.exchange = func(_, _ string) (bool, error) { return false, nil }
		if between {
			require.NoError(t, os.Rename(p.exports, p.oldExports))
		}
		require.NoError(t, p.finish(func(string) error { return nil }))
		assert.Equal(t, "0", onlyRow(t, WarehousePath(w), "SELECT count(*)::VARCHAR FROM core.people"))
		assert.FileExists(t, filepath.Join(w, ExportsDir, PageFile))
		assert.FileExists(t, filepath.Join(w, ExportsDir, "notes.txt"))
		assertNothingLeft(t, w)
	}
}
