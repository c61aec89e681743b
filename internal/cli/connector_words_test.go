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
