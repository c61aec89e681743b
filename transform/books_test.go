package transform_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lake"
)

// TestAStreamOfWhichNothingCouldBeUsed has its row in the books like any other.
func TestAStreamOfWhichNothingCouldBeUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bad := func(connection, stream string, rows int) {
		st, err := w.lake.Stream(connection, stream)
		require.NoError(t, err)
		b, err := st.Begin()
		require.NoError(t, err)
		for range rows {
			require.NoError(t, b.Append(lake.Row{RecordID: "r", EventAt: parseTime(t, date(1)), ExtractedAt: parseTime(t, date(1)), Issue: "no date", Payload: []byte(`{"a": 1}`)}))
			b.AddIssue("bad_date", "no date")
		}
		_, err = b.Commit(lake.Commit{RunID: "test", Connector: "file", CommittedAt: parseTime(t, date(1)), State: lake.Partial})
		require.NoError(t, err)
	}
	w.connect("card", "spend")
	w.connect("seats", "roster", func(c *connection) { c.App = "miro" })
	bad("card", "spend", 3)
	w.snapshot("seats", "roster", date(1), record{"email": "a@tarn.example"})
	w.run(date(1))
	const books = "SELECT connection, stream, feed, read, duplicates, superseded, set_aside, in_core FROM reports.reconciliation ORDER BY ALL"
	want := [][]string{{"card", "spend", "spend", "3", "0", "0", "3", "0"}, {"seats", "roster", "roster", "1", "0", "0", "0", "1"}}
	got := w.rows(books)
	assert.Equal(t, want[0], got[0])
	assert.Contains(t, got, want[1])

	// The first record that can be used joins them.
	w.now = parseTime(t, date(2)).Add(time.Hour)
	w.events("card", "spend", "date", record{"transaction_id": "t", "date": date(2), "amount": "1", "currency": "USD", "vendor": "Zoom"})
	w.run(date(2))
	assert.Equal(t, []string{"card", "spend", "spend", "4", "0", "0", "3", "1"}, w.rows(books)[0])
	w.requireRebuildSame(date(2))
}
