package extract_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/lake"
)

// cursors makes the vendor's apps a list by cursor, whose n-th page (from 0) is given by page; each
// names a next one that never came before, until last is reached.
func (w *world) cursors(last int, page func(n int) []any) {
	w.vendor.mu.Lock()
	w.vendor.requests = nil // counted anew
	w.vendor.mu.Unlock()
	w.only("apps").Paging = manifest.Paging{Type: "cursor", Next: "next", Param: "after"}
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("after"), "c"))
		next := fmt.Sprintf("c%d", n+1)
		if last >= 0 && n >= last {
			next = ""
		}
		reply(rw, map[string]any{"apps": page(n), "next": next})
		return true
	})
}

func app(n int) any { return map[string]any{"id": fmt.Sprintf("a%d", n), "label": "App"} }

// wholeSnapshots is how many snapshots of the apps count.
func (w *world) wholeSnapshots(t *testing.T) int {
	t.Helper()
	st, err := lake.Open(w.dir).Stream("fake", "apps")
	require.NoError(t, err)
	commits, err := st.After(0)
	require.NoError(t, err)
	n := 0
	for _, c := range commits {
		n += len(c.Snapshots)
	}
	return n
}

func TestListsWithoutEnd(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		page     func(n int) []any
		requests int
		want     string
	}{
		"two pages in turn":        {func(n int) []any { return []any{app(n % 2)} }, 22, "the last 20 pages hold only records that earlier pages held already"},
		"nothing but links":        {func(int) []any { return []any{} }, 1000, "the last 1000 pages brought no new record"},
		"records that only change": {func(n int) []any { return []any{map[string]any{"id": "a1", "label": fmt.Sprint(n)}} }, 1001, "the last 1000 pages brought no new record"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.bytes = 0 // one commit for many pages
			w.cursors(2, func(n int) []any { return []any{app(n)} })
			requireComplete(t, w.run(t.Context(), t))
			require.Len(t, w.asked(), 3)
			before := w.contents(t)

			w.cursors(-1, c.page)
			r := w.run(t.Context(), t).Streams[0]
			assert.NotEqual(t, extract.StreamComplete, r.State)
			assert.ErrorAs(t, r.Err, new(*httpapi.LoopError))
			assert.Contains(t, r.Error, "GET /api/apps: the vendor's paging goes in circles: "+c.want)
			assert.Len(t, w.asked(), c.requests)
			assert.Equal(t, 1, w.wholeSnapshots(t), "the one from before")
			assert.Equal(t, before, w.contents(t))

			w.cursors(2, func(n int) []any { return []any{app(n)} })
			requireComplete(t, w.run(t.Context(), t))
			assert.Equal(t, 2, w.wholeSnapshots(t), "once the vendor is well again")
			assert.Len(t, w.asked(), 3, "read from its beginning")
		})
	}
}

func TestLongListsThatEnd(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		page func(n int) []any
		want int
	}{
		"many pages":                       {func(n int) []any { return []any{app(n)} }, 1501},
		"hundreds of empty pages at times": {func(n int) []any { return []any{app(n)}[:1-min(n%700, 1)] }, 3},
		"pages that overlap by a record":   {func(n int) []any { return []any{app(n), app(n + 1)} }, 1502},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.bytes = 0
			w.cursors(1500, c.page)
			requireComplete(t, w.run(t.Context(), t))
			assert.Len(t, w.contents(t)["apps"], c.want)
		})
	}
}

// TestOneEndlessParentKeepsNoOtherFromBeingRead has one app whose users never end.
func TestOneEndlessParentKeepsNoOtherFromBeingRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bytes = 0
	w.inject(func(rw http.ResponseWriter, r *http.Request, n int) bool {
		if r.URL.Path != "/api/apps/a1/users" {
			return false
		}
		reply(rw, map[string]any{"value": []any{map[string]any{"id": fmt.Sprintf("u%d", n%2)}}, "next": fmt.Sprintf("%s/api/apps/a1/users?p=n%d", w.vendor.URL, n)})
		return true
	})
	report := w.run(t.Context(), t)
	r := w.result(report, "app_users")
	assert.NotEqual(t, extract.StreamComplete, r.State)
	assert.Contains(t, r.Error, "/api/apps/a1/users: the vendor's paging goes in circles")
	assert.Equal(t, extract.StreamComplete, w.result(report, "log").State)
	assert.Contains(t, w.asked(), "/api/apps/a3/users?p=2", "the parent after it")
}

// asked are the addresses that the vendor was asked for.
func (w *world) asked() []string {
	w.vendor.mu.Lock()
	defer w.vendor.mu.Unlock()
	return append([]string{}, w.vendor.requests...)
}
