package transform_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/statements"
)

// TestSpendQuality holds the matching cascade, without any rules of a user's, to its promise on the
// labelled set: precision of at least 0.99 at a recall of at least 0.95, in both halves.
func TestSpendQuality(t *testing.T) {
	t.Parallel()
	lines, err := statements.Lines()
	require.NoError(t, err)
	w := newWorld(t)
	w.only("core.spend")
	w.connect("cards", "spend")
	rows := make([]record, len(lines))
	for i, l := range lines {
		rows[i] = record{"transaction_id": fmt.Sprint(i), "date": "2026-03-01", "amount": "1", "currency": "USD", "vendor": l.Text}
	}
	w.events("cards", "spend", "date", rows...)
	w.run("2026-03-31")

	answers := map[string]statements.Meaning{}
	for _, r := range w.rows(`SELECT vendor_text, coalesce(app_id, ''), coalesce(vendor, ''), match_method FROM core.spend`) {
		answers[r[0]] = statements.Meaning{App: r[1], Vendor: r[2]}
	}
	require.Len(t, answers, len(lines))
	vendors := map[string]string{}
	for _, r := range w.rows(`SELECT app_id, vendor FROM seeds.apps`) {
		vendors[r[0]] = r[1]
	}
	for _, half := range []string{statements.Development, statements.HeldOut} {
		score := statements.Measure(statements.Half(lines, half), answers, func(app string) string { return vendors[app] })
		t.Logf("%s: %d lines, precision %.4f, recall %.4f", half, score.Lines, score.Precision(), score.Recall())
		assert.GreaterOrEqual(t, score.Precision(), 0.99, half)
		assert.GreaterOrEqual(t, score.Recall(), 0.95, half)
		// The held-out half is for measuring: its lines are not to be looked at.
		if half == statements.Development && os.Getenv("SPEND_LINES") != "" {
			for _, a := range score.Wrong {
				t.Logf("wrong  %-45s %v, got %v", a.Text, a.Meaning, a.Got)
			}
			for _, a := range score.Missed {
				t.Logf("missed %-45s %v, got %v", a.Text, a.Meaning, a.Got)
			}
		}
	}
}
