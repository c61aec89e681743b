package extract_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/lake"
)

func (w *world) accept(t *testing.T, stream string) ([]extract.Accepted, *extract.StreamResult) {
	t.Helper()
	accepted, result, err := extract.Accept(lake.Open(w.dir), "fake", stream, "r", w.clock.Now())
	require.NoError(t, err)
	return accepted, result
}

// TestAcceptAListThatShrank has a person say so at once: it counts as of the day on which it was read.
func TestAcceptAListThatShrank(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("apps")
	w.bytes = 1 << 20
	accepted, result := w.accept(t, "apps")
	assert.Empty(t, accepted, "never read")
	assert.Nil(t, result)
	w.vendor.apps = 30
	requireComplete(t, w.run(t.Context(), t))
	accepted, result = w.accept(t, "apps")
	assert.Empty(t, accepted, "nothing is held")
	assert.Nil(t, result)
	w.nextDay()
	w.vendor.apps = 3
	require.Error(t, w.run(t.Context(), t).Streams[0].Err)
	readAt := w.clock.Now()
	w.nextDay()
	accepted, result = w.accept(t, "apps")
	assert.Equal(t, []extract.Accepted{{Date: "2026-11-04", Before: 30, After: 3}}, accepted)
	assert.Equal(t, extract.StreamComplete, result.State)
	assert.Equal(t, readAt, *result.Watermark)
	newest := w.newest(t, "apps")
	assert.Equal(t, "2026-11-04", newest.Date)
	assert.EqualValues(t, 3, newest.Rows)
	accepted, _ = w.accept(t, "apps")
	assert.Empty(t, accepted, "once is enough")
	requireComplete(t, w.run(t.Context(), t))
	assert.Equal(t, "2026-11-05", w.newest(t, "apps").Date)
}

// TestAcceptAParentsListThatShrank names the snapshot again, in which it counts from then on; the others are as they were.
func TestAcceptAParentsListThatShrank(t *testing.T) {
	t.Parallel()
	n, bad := 40, 0
	w := newWorld(t)
	w.bytes = 1 << 20
	w.listOf(&n, &bad)
	requireComplete(t, w.run(t.Context(), t))
	w.nextDay()
	n = 20
	require.Error(t, w.result(w.run(t.Context(), t), "app_users").Err)
	held := w.newest(t, "app_users")
	require.Len(t, held.Unread, 1)
	accepted, result := w.accept(t, "app_users")
	assert.Equal(t, []extract.Accepted{{List: "a1", Date: held.Date, Before: 40, After: 20}}, accepted)
	assert.Equal(t, "a1: 20 records, 40 before, as of "+held.Date, accepted[0].String())
	assert.Equal(t, extract.StreamComplete, result.State)
	again := w.newest(t, "app_users")
	held.Unread, held.Lists = nil, map[string]int64{"a1": 20}
	assert.Equal(t, held, again)
	accepted, _ = w.accept(t, "app_users")
	assert.Empty(t, accepted)

	// The next one is held to what was accepted.
	w.nextDay()
	requireComplete(t, w.run(t.Context(), t))
	w.nextDay()
	n = 10
	assert.Contains(t, w.result(w.run(t.Context(), t), "app_users").Error, "shrank from 20 records to 10")
}

// TestAcceptBeforeAListWasReadAgain: on the very day, the next reading counts though no other day has confirmed it.
func TestAcceptBeforeAListWasReadAgain(t *testing.T) {
	t.Parallel()
	n, bad := 40, 0
	w := newWorld(t)
	w.bytes = 1 << 20
	w.listOf(&n, &bad)
	requireComplete(t, w.run(t.Context(), t))
	w.nextDay()
	n = 20
	require.Error(t, w.result(w.run(t.Context(), t), "app_users").Err)
	bad = 10 // so the newest snapshot says of the list that it could not be used
	require.Error(t, w.result(w.run(t.Context(), t), "app_users").Err)
	bad = 0
	accepted, result := w.accept(t, "app_users")
	assert.Equal(t, []extract.Accepted{{List: "a1", Before: 40, After: 20}}, accepted)
	assert.Equal(t, extract.StreamIncomplete, result.State)
	requireComplete(t, w.run(t.Context(), t))
	assert.Empty(t, w.newest(t, "app_users").Unread)
}

// TestChildrenOfAStreamWhoseLossWasAccepted ask for all of its records again.
func TestChildrenOfAStreamWhoseLossWasAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bytes = 1 << 20
	requireComplete(t, w.run(t.Context(), t))
	before := w.contents(t)
	store := lake.Open(w.dir)
	for _, stream := range []string{"apps", "meetings"} {
		require.NotEmpty(t, before[stream])
		require.NoError(t, os.RemoveAll(filepath.Join(store.Root(), "fake", stream)))
	}
	require.NoError(t, extract.AcceptLoss(store, "fake", "r", w.clock.Now()))
	w.nextDay()
	requireComplete(t, w.run(t.Context(), t))
	after := w.contents(t)
	require.NotEmpty(t, after["meetings"])
	for id := range after["meetings"] {
		assert.Contains(t, after["people"], id+"|p1")
	}
	for id := range before["people"] {
		assert.Contains(t, after["people"], id, "what they brought before stays")
	}
}
