package statements_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/statements"
)

func TestTheSetIsLargeVariedAndInTwoHalves(t *testing.T) {
	t.Parallel()
	lines, err := statements.Lines()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(lines), 1_500)
	texts, kinds, halves := map[string]bool{}, map[string]int{}, map[statements.Meaning]string{}
	for _, l := range lines {
		assert.False(t, texts[l.Text], "%s is there twice", l.Text)
		texts[l.Text] = true
		kinds[l.Kind]++
		assert.Contains(t, []string{statements.Development, statements.HeldOut}, l.Half)
		assert.False(t, l.App != "" && l.Vendor != "", "%s means an app or a vendor, not both", l.Text)
		if (l.Meaning != statements.Meaning{}) {
			if half, ok := halves[l.Meaning]; ok {
				assert.Equal(t, half, l.Half, "%v stands in one half only", l.Meaning)
			}
			halves[l.Meaning] = l.Half
		} else {
			assert.Contains(t, []string{"lookalike", "other"}, l.Kind, l.Text)
		}
	}
	assert.Greater(t, kinds["lookalike"], 300)
	for _, half := range []string{statements.Development, statements.HeldOut} {
		assert.InDelta(t, len(lines)/2, len(statements.Half(lines, half)), 100, half)
	}
}

func ExampleMeasure() {
	lines := []statements.Line{
		{Text: "ZOOM.US", Meaning: statements.Meaning{App: "zoom"}},
		{Text: "JIRA", Meaning: statements.Meaning{App: "jira"}},
		{Text: "ADOBE", Meaning: statements.Meaning{Vendor: "Adobe Inc."}},
		{Text: "NOTION CAFE"},
		{Text: "TACOS"},
	}
	score := statements.Measure(lines, map[string]statements.Meaning{
		"ZOOM.US":     {App: "zoom", Vendor: "Zoom"}, // right
		"JIRA":        {Vendor: "Atlassian"},         // missed, but not wrong
		"ADOBE":       {App: "adobe-stock"},          // wrong and missed
		"NOTION CAFE": {App: "notion"},               // wrong
	}, func(app string) string { return map[string]string{"jira": "Atlassian"}[app] })
	fmt.Printf("precision %.2f, recall %.2f, %d wrong, %d missed\n", score.Precision(), score.Recall(), len(score.Wrong), len(score.Missed))
	fmt.Printf("nothing claimed: precision %.0f\n", statements.Measure(nil, nil, nil).Precision())
	// Output:
	// precision 0.33, recall 0.33, 2 wrong, 2 missed
	// nothing claimed: precision 1
}
