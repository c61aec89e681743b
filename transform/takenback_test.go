package transform_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lake"
)

// TestAReadingThatWasTakenBackCountsNoMore: neither its lines nor the versions of them that came before, in a build that has them already and
// in one that begins anew; lines that are older than the day from which it was taken back stay.
func TestAReadingThatWasTakenBackCountsNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("bank", "spend")
	w.only("core.spend", "reports.reconciliation")
	land := func(back []lake.TakenBack, ids map[string]string) {
		t.Helper()
		b := w.begin("bank", "spend")
		for id, day := range ids {
			require.NoError(t, b.Append(lake.Row{RecordID: id, EventAt: parseTime(t, day), ExtractedAt: w.now, Source: "bank.csv:1", Payload: payload(t, record{
				"transaction_id": id, "date": day, "amount": "5", "currency": "USD", "vendor": "Zoom"})}))
		}
		w.last = w.last.Add(time.Minute)
		_, err := b.Commit(lake.Commit{RunID: "test", Connector: "file", CommittedAt: w.last, State: lake.Complete, TakenBack: back})
		require.NoError(t, err)
	}
	counted := func() []string {
		var ids []string
		for _, r := range w.rows("SELECT transaction_id FROM core.spend ORDER BY ALL") {
			ids = append(ids, r[0])
		}
		assert.Empty(t, w.rows("SELECT connection FROM reports.reconciliation WHERE read <> duplicates + superseded + set_aside + in_core OR duplicates < 0"))
		return ids
	}
	w.last = parseTime(t, date(8))
	land(nil, map[string]string{"a": date(1), "b": date(2)})
	land(nil, map[string]string{"b": date(2), "c": date(3)})
	w.run(date(9))
	assert.Equal(t, []string{"a", "b", "c"}, counted())

	land([]lake.TakenBack{{Source: "bank.csv", Seq: 2}}, map[string]string{"B": date(2), "C": date(3)})
	res := w.run(date(9))
	assert.Equal(t, "a file of bank/spend was read again with other settings", res.Reason)
	assert.Equal(t, []string{"B", "C", "a"}, counted())

	since := parseTime(t, date(3))
	land([]lake.TakenBack{{Source: "bank.csv", Seq: 3, Since: &since}, {Source: "bank", Seq: 1}}, map[string]string{"c3": date(3)})
	w.run(date(9))
	assert.Equal(t, []string{"B", "a", "c3"}, counted(), "bank is another file than bank.csv")
	land(nil, map[string]string{"d": date(4), "a": date(1)})
	w.run(date(9))
	assert.Equal(t, []string{"B", "a", "c3", "d"}, counted())
	w.refresh(date(9))
	assert.Equal(t, []string{"B", "a", "c3", "d"}, counted())
}
