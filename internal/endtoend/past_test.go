package endtoend_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dataOf are exported reports by file name: CSV and Parquet to the byte, without those that name the run
// (data_quality, run, and what is made for people to look at).
func dataOf(t *testing.T, exports string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(exports)
	require.NoError(t, err)
	out := map[string]string{}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, "report.") || strings.HasPrefix(name, "data_quality.") || strings.HasPrefix(name, "run.") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(exports, name))
		require.NoError(t, err)
		out[name] = string(data)
	}
	require.Greater(t, len(out), 30)
	return out
}

func requireSameData(t *testing.T, want, got map[string]string) {
	t.Helper()
	for name, data := range want {
		if data == got[name] {
			continue
		}
		if !strings.HasSuffix(name, ".csv") {
			t.Errorf("%s differs", name)
			continue
		}
		missing, extra := lineDifferences(data, got[name])
		t.Errorf("%s differs:\n  wanted %q\n  got    %q", name, missing, extra)
	}
	assert.Len(t, got, len(want))
}

// withContract adds a contract that began long ago.
func withContract(t *testing.T, file []byte) []byte {
	t.Helper()
	header, _, ok := strings.Cut(string(file), "\n")
	require.True(t, ok)
	known := map[string]string{"contract_id": "OVERLOOKED", "vendor": "Overlooked Ltd", "start_date": "2020-01-01", "end_date": "2029-12-31", "licences": "7", "unit_price": "11"}
	var row []string
	for _, column := range strings.Split(strings.TrimSpace(header), ",") {
		row = append(row, known[column])
	}
	return append(append([]byte{}, file...), strings.Join(row, ",")+"\n"...)
}

// TestPastReports: what was published on a day comes back from the lake alone, to the byte, after
// days of later and corrected data; what is known now of that day is something else.
func TestPastReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	published := map[string]map[string]string{}
	codes := map[string]int{}
	instants := []time.Time{today().AddDate(0, 0, -3), today().AddDate(0, 0, -2), today()}
	for _, at := range instants {
		w.clock.Set(at)
		for path, data := range org().Files(at) {
			if path == "uploads/contracts.csv" && at.Equal(today()) {
				data = withContract(t, data)
			}
			w.upload(t, path, data)
		}
		r := w.cli(t.Context(), "run")
		require.Contains(t, []int{0, 3}, r.code, r.errors)
		day := at.Format(time.DateOnly)
		codes[day], published[day] = r.code, dataOf(t, filepath.Join(w.dir, "exports"))
	}
	w.clock.Set(today().Add(time.Hour))
	// All that is derived may be gone: the lake is enough.
	require.NoError(t, os.Remove(filepath.Join(w.dir, "warehouse", "build.duckdb")))
	warehouse, err := os.ReadFile(filepath.Join(w.dir, "warehouse", "rightseat.duckdb"))
	require.NoError(t, err)
	runs := w.files(t, "state/runs")

	first, second := instants[0].Format(time.DateOnly), instants[1].Format(time.DateOnly)
	folder := filepath.Join(w.dir, "past")
	r := w.cli(t.Context(), "transform", "--as-of", first, "--known-at", instants[0].Format(time.RFC3339), "--output", folder)
	require.Equal(t, codes[first], r.code, r.errors)
	assert.Contains(t, r.out, filepath.Join(folder, "exports"))
	requireSameData(t, published[first], dataOf(t, filepath.Join(folder, "exports")))
	assert.NoFileExists(t, filepath.Join(folder, "warehouse", "build.duckdb"))

	// By default the date is that of the knowledge, and the folder one below the workspace.
	r = w.cli(t.Context(), "run", "--known-at", second)
	require.Equal(t, codes[second], r.code, r.errors)
	folders, err := filepath.Glob(filepath.Join(w.dir, "rebuilt", "known-at-*"))
	require.NoError(t, err)
	require.Len(t, folders, 1)
	requireSameData(t, published[second], dataOf(t, filepath.Join(folders[0], "exports")))

	// With today's knowledge the same date looks different: a contract had been overlooked.
	r = w.cli(t.Context(), "transform", "--as-of", first, "--output", folder)
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	now := dataOf(t, filepath.Join(folder, "exports"))
	assert.NotContains(t, published[first]["renewals.csv"], "OVERLOOKED")
	assert.Contains(t, now["renewals.csv"], first+",OVERLOOKED,")

	// None of the rebuilds touched what was published, nor the ledger.
	untouched, err := os.ReadFile(filepath.Join(w.dir, "warehouse", "rightseat.duckdb"))
	require.NoError(t, err)
	assert.True(t, bytes.Equal(warehouse, untouched))
	assert.Equal(t, runs, w.files(t, "state/runs"))
	requireSameData(t, published[today().Format(time.DateOnly)], dataOf(t, filepath.Join(w.dir, "exports")))

	// A workspace reads its past date the same way.
	r = w.cli(t.Context(), "transform", "--as-of", first)
	require.Zero(t, r.code, r.errors)
	w.requireRun(t, "load")
	requireSameData(t, dataOf(t, filepath.Join(w.dir, "exports")), now)
}
