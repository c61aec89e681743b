package sql_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestPeopleQueries: the queries behind the reports' rows say what they list, are portable, and read
// nothing that is not published.
func TestPeopleQueries(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"people", "people/shared"} {
		eachModel(t, folder, func(t *testing.T, file, text string) {
			t.Helper()
			assert.Regexp(t, `[.!?]$`, header(text)["description"], "sql/%s", file)
			for _, problem := range notPortable(text) {
				t.Errorf("sql/%s:%s", file, problem)
			}
			for _, private := range []string{"metrics.", "staging.", "params.", "seeds.", "raw."} {
				assert.NotContains(t, text, " "+private, "sql/%s", file)
			}
			assert.True(t, strings.HasSuffix(text, "\n"), "sql/%s ends in a line feed", file)
		})
	}
}
