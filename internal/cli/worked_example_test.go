package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWorkedExample runs testdata/worked-example, whose README reasons each number by hand,
// through the whole pipeline and compares every expected row of every report. The daily series
// and the reports with a window are held to the dates and windows that stand in the expected file.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	source := filepath.Join("..", "..", "testdata", "worked-example")
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(source)))
	morning := time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC)
	r := cliAt(context.Background(), morning, "", nil, "--quiet", "--config", filepath.Join(dir, "rightseat.yaml"), "run", "--as-of", "2026-03-31")
	require.Contains(t, []int{0, 3}, r.code, r.errors)

	files, err := filepath.Glob(filepath.Join(source, "expected", "*.csv"))
	require.NoError(t, err)
	require.Len(t, files, 11)
	for _, file := range files {
		want := readCSV(t, file)
		got := readCSV(t, filepath.Join(dir, "exports", filepath.Base(file)))
		rows := append([][]string{}, got[0])
		for _, row := range got[1:] {
			if among(want, row, 0) && (want[0][1] != "window_days" || among(want, row, 1)) {
				rows = append(rows, row)
			}
		}
		if *update {
			var b bytes.Buffer
			w := csv.NewWriter(&b)
			require.NoError(t, w.WriteAll(rows))
			require.NoError(t, os.WriteFile(file, b.Bytes(), 0o600))
			continue
		}
		for i := range min(len(want), len(rows)) {
			assert.Equal(t, want[i], rows[i], "%s, line %d", file, i+1)
		}
		assert.Len(t, rows, len(want), file)
	}
}

// among tells whether any expected row has the same value in a column. Only dates and windows
// choose rows; other first columns are no choice.
func among(want [][]string, row []string, column int) bool {
	switch want[0][column] {
	case "as_of", "date", "window_days":
	default:
		return true
	}
	for _, w := range want[1:] {
		if w[column] == row[column] {
			return true
		}
	}
	return false
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
