package file_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/lake"
)

const spendHead = "transaction_id,date,amount,currency,vendor\n"

// TestManySmallFiles: commits hold what they bring, not what came before them; a bad file leaves nothing behind and keeps none
// from being read; each file is read once, whatever run was killed.
func TestManySmallFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "s/*.csv"})
	const files = 450
	for i := range files {
		w.put(fmt.Sprintf("s/%04d.csv", i), spendHead+fmt.Sprintf("t%d,2026-11-02,1,EUR,Zoom\n", i))
	}
	w.put("s/0100-bad.csv", "nothing\n")
	var large strings.Builder
	large.WriteString(spendHead)
	for i := range 40_000 { // more than is held back: it has a commit of its own
		fmt.Fprintf(&large, "l%d,2026-11-02,1,EUR,%s\n", i, strings.Repeat("x", 100))
	}
	w.put("s/0200-large.csv", large.String())

	commits := 0
	w.lake.Failpoint = func(step string) error {
		if step == "commit.create" {
			if commits++; commits == 3 {
				return lake.ErrKilled
			}
		}
		return nil
	}
	first := w.read()
	require.ErrorIs(t, first.Err, lake.ErrKilled)
	w.lake.Failpoint = nil
	_, err := w.lake.Sweep()
	require.NoError(t, err)

	second := w.read()
	assert.Equal(t, extract.StreamIncomplete, second.State)
	assert.ErrorContains(t, second.Err, "0100-bad.csv")
	assert.Nil(t, second.Watermark)
	ids := map[string]int{}
	for _, r := range w.rows() {
		ids[r.RecordID]++
	}
	assert.Len(t, ids, files+40_000)
	for id, n := range ids {
		require.Equal(t, 1, n, id)
	}
	w.put("s/0100-bad.csv", spendHead)
	third := w.read()
	require.NoError(t, third.Err)
	assert.Equal(t, extract.StreamComplete, third.State)
	assert.NotNil(t, third.Watermark)
	assert.Zero(t, third.Rows)
	all := w.commits()
	assert.Less(t, len(all), 8)
	last, err := json.Marshal(all[len(all)-1])
	require.NoError(t, err)
	assert.Less(t, len(last), 2000, "a commit of one file says nothing of the others")
	assert.Zero(t, w.read().Pages)
	assert.Len(t, w.commits(), len(all))
}

// TestLakesOfEarlierVersions hold all files in each commit; what they say was read is not read again.
func TestLakesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "s*.csv"})
	w.put("s1.csv", spendHead+"t1,2026-11-02,1,EUR,Zoom\n")
	w.put("s2.csv", spendHead+"t2,2026-11-02,1,EUR,Zoom\n")
	require.NoError(t, w.read().Err)
	var now struct {
		Changed map[string]json.RawMessage `json:"changed"`
	}
	require.NoError(t, json.Unmarshal(w.commits()[0].Cursor, &now))
	require.Len(t, now.Changed, 2)

	old := newWorld(t, w.conn.Settings)
	old.dir = w.dir
	old.lake = lake.Open(t.TempDir())
	st, err := old.lake.Stream("uploads", "spend")
	require.NoError(t, err)
	for _, known := range []map[string]json.RawMessage{{"s1.csv": now.Changed["s1.csv"]}, now.Changed} {
		batch, err := st.Begin()
		require.NoError(t, err)
		cursor, err := json.Marshal(map[string]any{"files": known})
		require.NoError(t, err)
		_, err = batch.Commit(lake.Commit{RunID: "old", Connector: "file", CommittedAt: start, State: lake.Complete, Cursor: cursor})
		require.NoError(t, err)
	}
	assert.Zero(t, old.read().Pages, "both are known")
	old.put("s3.csv", spendHead+"t3,2026-11-03,1,EUR,Zoom\n")
	assert.Equal(t, int64(1), old.read().Pages)
	assert.Zero(t, old.read().Pages)
}
