package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const wordsHead = "# Words that are known\n\nThe list is that of `rightseat connector show file`; this page is made from it by `go test ./internal/cli -run TestKnownWords -update`.\n\n```\n"

// TestKnownWordsAreShownAndDocumented: every word of the lists is shown by the command and in the docs, under what it means.
func TestKnownWordsAreShownAndDocumented(t *testing.T) {
	t.Parallel()
	r := cli("connector", "show", "file")
	require.Zero(t, r.code, r.errors)
	_, words, found := strings.Cut(r.out, "\nWhat words mean")
	require.True(t, found)
	page := wordsHead + "What words mean" + words + "```\n"
	doc := filepath.Join("..", "..", "docs", "connectors", "words.md")
	if *update {
		require.NoError(t, os.WriteFile(doc, []byte(page), 0o644))
	}
	there, err := os.ReadFile(doc)
	require.NoError(t, err)
	assert.Equal(t, page, string(there), "docs/connectors/words.md is not what the list says")

	list, err := os.ReadFile(filepath.Join("..", "..", "sql", "seeds", "status_words.csv"))
	require.NoError(t, err)
	flat := strings.Join(strings.Fields(words), " ")
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n")[1:] {
		cells := strings.Split(line, ",")
		require.Len(t, cells, 3)
		assert.Contains(t, flat, cells[1])
	}
	for _, line := range strings.Split(words, "\n") {
		assert.LessOrEqual(t, len([]rune(line)), 130)
	}
}

// TestStatusSaysHowFilesWereRead: what was understood without having been told stands below the table, and in the document.
func TestStatusSaysHowFilesWereRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "rightseat.yaml")
	require.NoError(t, os.WriteFile(file, []byte("organisation: {name: A, timezone: UTC, currency: EUR}\nconnections:\n  - {name: rates, connector: file, settings: {kind: fx_rates, path: rates.csv}}\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "rates.csv"), []byte("Rates of the bank\ndate;currency;rate\n2026-11-01;USD;1,158\n2026-11-02;USD;0,86\n2026-11-13;GBP;1,1\n"), 0o600))
	r := cli("--config", file, "extract")
	require.Zero(t, r.code, r.errors)
	r = cli("--config", file, "status")
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.out, "How it was read, to be looked at once:\n")
	assert.Contains(t, r.out, "rates/fx_rates: rates.csv: the headers are in line 2")
	assert.Contains(t, r.out, "decimal")
	r = cli("--config", file, "status", "--format", "json")
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.out, "the headers are in line 2")
}
