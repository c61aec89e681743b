package sql_test

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

var (
	headerKey = regexp.MustCompile(`^--\s?([a-z_]+(?: [a-z0-9_]+)?):\s*(.*)$`)
	modelName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z]+)?\.sql$`)
)

// header reads the comment lines at the top of a model: key to value.
func header(text string) map[string]string {
	keys := map[string]string{}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "--") {
			break
		}
		if m := headerKey.FindStringSubmatch(strings.TrimRight(line, " \r\n")); m != nil {
			keys[m[1]] = m[2]
		}
	}
	return keys
}

// TestModelHeaders: a model says what it is before it says how.
func TestModelHeaders(t *testing.T) {
	t.Parallel()
	for _, folder := range portableFolders {
		eachModel(t, folder, func(t *testing.T, file, text string) {
			t.Helper()
			assert.Regexp(t, modelName, path.Base(file))
			keys := header(text)
			for _, key := range []string{"description", "grain", "materialize"} {
				assert.NotEmpty(t, keys[key], "sql/%s has no header line %q", file, "-- "+key+": …")
			}
			assert.Regexp(t, `[.!?]$`, keys["description"], "sql/%s: the description is a sentence", file)
			assert.False(t, strings.Contains(text, "\t"), "sql/%s: indent with blanks", file)
			assert.True(t, strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\n\n"), "sql/%s ends in one line feed", file)
		})
	}
}

func TestFeedHeaders(t *testing.T) {
	t.Parallel()
	eachModel(t, "feeds", func(t *testing.T, file, text string) {
		t.Helper()
		keys := header(text)
		assert.Equal(t, strings.TrimSuffix(path.Base(file), ".sql"), keys["feed"], "sql/%s: the feed is named like the file", file)
		assert.NotEmpty(t, keys["description"], "sql/%s", file)
		assert.NotEmpty(t, keys["columns"], "sql/%s", file)
	})
}

func TestHeader(t *testing.T) {
	t.Parallel()
	got := header("-- description: One row: each.\n-- column a_b: Text.\n--  more\nSELECT 1 -- grain: no\n-- materialize: no\n")
	assert.Equal(t, map[string]string{"description": "One row: each.", "column a_b": "Text."}, got)
}
