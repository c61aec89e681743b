package transform

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNullRule(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"The app.":                              "never NULL",
		"The app; NULL when unknown.":           "NULL when unknown",
		"Sum over all. NULL when either is.":    "NULL when either is",
		"A; NULL here; more. NULL there, too.":  "NULL here; NULL there, too",
		"DECIMAL, 0 to 1.5. NULL without one.":  "NULL without one",
		"":                                      "never NULL",
		"Nothing of it; null is not the word.":  "never NULL",
		"Both. NULL likewise. And a last word.": "NULL likewise",
	} {
		assert.Equal(t, want, nullRule(doc), doc)
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	m, err := ParseModel("reports/x.sql", `-- description: X.
-- materialize: table
-- unit speed: km an hour
-- column price: DECIMAL per licence, in currency.
SELECT 1`)
	require.NoError(t, err)
	for _, c := range []struct{ column, kind, want string }{
		{"as_of", "DATE", "day"},
		{"read_at", "TIMESTAMP", "instant, UTC"},
		{"price", "DECIMAL(18,4)", "the row's currency"},
		{"amount", "DECIMAL(18,2)", "the organisation's currency"},
		{"engaged_pct", "DOUBLE", "percent"},
		{"match_score", "DOUBLE", "share, 0 to 1"},
		{"window_days", "BIGINT", "days"},
		{"days_left", "BIGINT", "days"},
		{"term_months", "BIGINT", "months"},
		{"users", "BIGINT", "count"},
		{"seq", "BIGINT", ""},
		{"speed", "BIGINT", "km an hour"},
		{"app_id", "VARCHAR", ""},
		{"is_stale", "BOOLEAN", ""},
	} {
		assert.Equal(t, c.want, m.unit(c.column, c.kind), c.column)
	}
	assert.Equal(t, "DECIMAL per licence, in currency. Unit: the row's currency.", m.columnComment("price", "DECIMAL(18,4)"))
	_, err = ParseModel("reports/x.sql", "-- description: X.\n-- materialize: table\n-- units speed: km\nSELECT 1")
	require.ErrorContains(t, err, `unknown header key "units speed"`)
}
