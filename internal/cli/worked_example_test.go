package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// workedExtract says, for the report tables of which the worked example writes out an extract only,
// which values of which column it covers. Of every other table it has each and every row. The
// README of the example names the same values.
var workedExtract = map[string]map[string][]string{
	"provisioned_users_daily": {"date": {"2025-12-31", "2026-01-31", "2026-02-28", "2026-03-01", "2026-03-30", "2026-03-31"}},
	"engagement":              {"as_of": {"2026-03-31"}},
	"feature_usage":           {"as_of": {"2026-03-31"}},
	"team_engagement":         {"as_of": {"2026-03-31"}, "window_days": {"30"}},
	"team_cost":               {"as_of": {"2026-03-31"}},
	"app_portfolio":           {"as_of": {"2026-03-31"}},
	"contract_usage":          {"as_of": {"2026-03-31"}},
	"discovered_apps":         {"as_of": {"2026-03-31"}},
	"renewals":                {"as_of": {"2026-03-31"}},
	"renewal_lines":           {"as_of": {"2026-03-31"}},
}

// workedWithout are the report tables that the worked example leaves out, each with the reason.
// A table with numbers or people in it does not belong here.
var workedWithout = map[string]string{
	"data_dictionary": "texts of the models' headers; docs/dictionary.md is their golden file",
	"run":             "its id is another each time",
	"lineage":         "which model reads which, not what the organisation is",
}

// TestWorkedExample runs testdata/worked-example, whose README reasons each row by hand, through
// the whole pipeline, and compares every report table with the rows that stand in expected/. A
// report table without expected rows fails it.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	source := filepath.Join("..", "..", "testdata", "worked-example")
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(source)))
	config := filepath.Join(dir, "rightseat.yaml")
	morning := time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC)
	r := cliAt(context.Background(), morning, "", nil, "--quiet", "--config", config, "run", "--as-of", "2026-03-31")
	require.Equal(t, 3, r.code, "Loom's roster never came: %s", r.errors)

	requireOneNumberPerFact(t, config, filepath.Join(dir, "exports"), "")
	tables := reportTables(t, config)
	for name, reason := range workedWithout {
		assert.Contains(t, tables, name, "left out although it is not there")
		assert.NotEmpty(t, reason, name)
	}
	for name := range workedExtract {
		assert.Contains(t, tables, name, "an extract of a table that is not there")
	}
	expected, err := filepath.Glob(filepath.Join(source, "expected", "*.csv"))
	require.NoError(t, err)
	for _, file := range expected {
		assert.Contains(t, tables, strings.TrimSuffix(filepath.Base(file), ".csv"), "expected rows of a table that is not there")
	}
	for _, table := range tables {
		if _, without := workedWithout[table]; without {
			continue
		}
		t.Run(table, func(t *testing.T) {
			file := filepath.Join(source, "expected", table+".csv")
			rows := coveredRows(t, readCSV(t, filepath.Join(dir, "exports", table+".csv")), workedExtract[table])
			for _, row := range rows {
				for i := range row {
					row[i] = strings.ReplaceAll(row[i], dir, "WORKSPACE")
				}
			}
			if *update {
				var b bytes.Buffer
				require.NoError(t, csv.NewWriter(&b).WriteAll(rows))
				require.NoError(t, os.WriteFile(file, b.Bytes(), 0o600))
				return
			}
			require.FileExists(t, file, "each report table needs its expected rows, reasoned in the README beside them")
			want := readCSV(t, file)
			for i := range min(len(want), len(rows)) {
				assert.Equal(t, want[i], rows[i], "%s, line %d", file, i+1)
			}
			assert.Len(t, rows, len(want), file)
		})
	}
}

// reportTables asks the published warehouse for its report tables, in order of their names.
func reportTables(t *testing.T, config string) []string {
	t.Helper()
	r := cli("--config", config, "query", "--format", "csv",
		"SELECT table_name FROM information_schema.tables WHERE table_schema = 'reports' ORDER BY table_name")
	require.Equal(t, 0, r.code, r.errors)
	tables := strings.Fields(r.out)
	require.Greater(t, len(tables), 20)
	return tables[1:]
}

// coveredRows keeps the header and the rows that have one of the given values in each given column.
func coveredRows(t *testing.T, rows [][]string, values map[string][]string) [][]string {
	t.Helper()
	kept := [][]string{rows[0]}
	for _, row := range rows[1:] {
		covered := true
		for column, among := range values {
			i := slices.Index(rows[0], column)
			require.GreaterOrEqual(t, i, 0, column)
			covered = covered && slices.Contains(among, row[i])
		}
		if covered {
			kept = append(kept, row)
		}
	}
	return kept
}

func readCSV(t *testing.T, file string) [][]string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	require.NoError(t, err)
	require.NotEmpty(t, rows, file)
	return rows
}
