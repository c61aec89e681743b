package extract_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
)

// TestARangeThatAlwaysHasMoreEnds holds that a list of events that the vendor bounds by time, and that grows faster than it is read, is read
// until only what came meanwhile is left. Where pages are counted, nobody knows what moved: there the list is not whole.
func TestARangeThatAlwaysHasMoreEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		paging manifest.Paging
		want   extract.StreamState
	}{
		"by cursor":      {manifest.Paging{Type: "cursor", Next: "next_page_token", Param: "next_page_token"}, extract.StreamComplete},
		"by page number": {manifest.Paging{Type: "page", Param: "next_page_token"}, extract.StreamIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("meetings").Paging = c.paging
			w.bytes = 1 << 20
			const backlog = 70 // more pages than it takes to tell that only new records are left
			asked := 0
			simulated := clock.NewSimulated(now)
			w.clock = simulated
			w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
				asked++
				simulated.Set(simulated.Now().Add(time.Second))
				n, _ := strconv.Atoi(r.URL.Query().Get("next_page_token"))
				at := now.Add(-10*time.Hour + time.Duration(n)*time.Minute)
				if n > backlog {
					at = simulated.Now()
				}
				reply(rw, map[string]any{"next_page_token": fmt.Sprint(n + 1), "meetings": []any{map[string]any{"id": fmt.Sprint("m", n, "-", max(0, n-backlog)*asked), "start": at.Format(time.RFC3339)}}})
				return true
			})
			r := w.run(t.Context(), t).Streams[0]
			assert.Equal(t, c.want, r.State, r.Error)
			assert.Less(t, asked, 2000)
			if c.want == extract.StreamComplete {
				for n := range backlog {
					assert.Contains(t, w.contents(t)["meetings"], fmt.Sprintf("m%d-0", n))
				}
			}
		})
	}
}
