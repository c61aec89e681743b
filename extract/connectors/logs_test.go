package connectors_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
)

// TestALogThatAlwaysHasMoreIsReadToThePresent holds that the reading of a log, an iterator or a range ends by itself although the vendor has a
// newer record on each page, with all that was there when it began, and that the next reading goes on from there.
func TestALogThatAlwaysHasMoreIsReadToThePresent(t *testing.T) {
	t.Parallel()
	each(t, "goes on", func(t *testing.T, connector string, s manifest.Stream) {
		h := newHouse(t, connector, s)
		const backlog = 12
		asked, came := 0, 0
		h.size, h.pages = backlog, backlog
		// Each page brings one record: of the backlog, then one that came just now.
		h.fill = func(c call, p leaf) leaf {
			asked++
			h.clock.Set(h.clock.Now().Add(time.Second))
			if c.page >= backlog {
				came++
				p.records = []object{h.shape.record[s.Name](fmt.Sprint("new-", c.page, "-", came), h.clock.Now())}
			}
			p.more, p.next = true, c.page+1
			return p
		}
		read := func() extract.StreamResult {
			t.Helper()
			begun := h.clock.Now()
			asked = 0
			r := h.read()
			assert.Equal(t, extract.StreamComplete, r.State, r.Error)
			assert.Less(t, asked, 300)
			require.NotNil(t, r.Watermark)
			assert.False(t, r.Watermark.After(begun.Add(time.Minute)), "nobody has read what comes later: %s", r.Watermark)
			assert.False(t, r.Watermark.Before(begun.Add(-time.Minute)), "up to the beginning of the reading it is whole: %s", r.Watermark)
			return r
		}
		read()
		h.assertAllThere()
		was, first := len(h.ids()), h.clock.Now()
		h.clock.Set(first.Add(time.Hour))
		r := read()
		assert.Greater(t, len(h.ids()), was, "the next one goes on")
		_, isAhead := finding(r, "clock_ahead")
		assert.False(t, isAhead)
	})
}

// TestAClockThatWasAheadIsPulledBack holds, of each stream, that a reading under a clock that was days ahead is told of once the clock is right,
// that its watermark is not believed, and that what happened meanwhile is read.
func TestAClockThatWasAheadIsPulledBack(t *testing.T) {
	t.Parallel()
	each(t, "clock", func(t *testing.T, connector string, s manifest.Stream) {
		h := newHouse(t, connector, s)
		before := h.whole()
		real := h.clock.Now()
		ahead := dialectNow.AddDate(0, 0, 9)
		h.clock.Set(ahead)
		r := h.read()
		require.Equal(t, extract.StreamComplete, r.State, r.Error)

		h.clock.Set(real.Add(2 * time.Hour))
		r = h.read()
		f, told := finding(r, "clock_ahead")
		require.True(t, told, "%v %s", r.Findings, r.Error)
		assert.Equal(t, "warning", f.Severity)
		assert.Contains(t, f.Sample, "check the clock")
		require.NotNil(t, r.Watermark)
		assert.False(t, r.Watermark.After(h.clock.Now()), "%s", r.Watermark)
		assert.False(t, r.Watermark.Before(*before.Watermark))

		if s.Kind == manifest.KindEvents && s.ForEach == nil {
			late, sent := named(s.Name, 77), false
			h.answer = func(hd http.Header, r *http.Request, c call) (int, any) {
				p := h.leaf(c)
				at := real.Add(3 * time.Hour)
				if c.to.IsZero() && !sent || !c.to.IsZero() && at.Before(c.to) && !at.Before(c.from) {
					sent, p.next = true, c.page+1
					p.records = append(p.records, h.shape.record[s.Name](late, at))
				}
				return http.StatusOK, h.shape.page(h, hd, r, c, p)
			}
			h.clock.Set(real.Add(20 * time.Hour))
			r = h.read()
			assert.Equal(t, extract.StreamComplete, r.State, r.Error)
			assert.True(t, strings.Contains(fmt.Sprint(h.ids()), late), "what happened before the wrong instant is read")
		}
	})
}
