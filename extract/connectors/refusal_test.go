package connectors_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/lake"
)

// gatewayPage is what somebody between the vendor and us says.
const gatewayPage = "<html><body><h1>404 Not Found</h1><hr>gateway</body></html>"

// refusal is a way of saying no.
type refusal struct {
	what   string
	own    bool // the vendor says so, not somebody on the way to it
	isGone bool // "there is no such thing"
	answer func(hd http.Header) (int, any)
}

func (h *house) refusals() []refusal {
	stream := h.stream.Name
	return []refusal{
		{"forbidden", true, false, func(hd http.Header) (int, any) { return h.shape.forbidden(hd, stream) }},
		{"not found", true, true, func(hd http.Header) (int, any) { return h.shape.gone(hd, stream) }},
		{"a gateway's 403", false, false, func(http.Header) (int, any) { return http.StatusForbidden, gatewayPage }},
		{"a gateway's 404", false, false, func(http.Header) (int, any) { return http.StatusNotFound, gatewayPage }},
	}
}

// refuse has the stream under test refused; with a parent, that one's list only.
func (h *house) refuse(no refusal, parent string) {
	h.answer = func(hd http.Header, _ *http.Request, c call) (int, any) {
		if parent != "" && c.parent != parent {
			return 0, nil
		}
		return no.answer(hd)
	}
}

// TestWhatAVendorRefusesIsNeverTakenForNothing holds, in each vendor's own words and in a gateway's, what becomes of each stream that was
// never to be read, and of one that was and is refused from some day on.
func TestWhatAVendorRefusesIsNeverTakenForNothing(t *testing.T) {
	t.Parallel()
	each(t, "refusals", func(t *testing.T, connector string, s manifest.Stream) {
		for i, no := range newHouse(t, connector, s).refusals() {
			t.Run(no.what+" from the beginning", func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, connector, s)
				h.refuse(h.refusals()[i], "")
				r := h.read()
				assert.Zero(t, r.Rows)
				assert.NotEmpty(t, r.Error)
				// That nearly all parents are gone, just after they were listed, is nobody's word for "not permitted".
				if s.Optional && no.own && !(no.isGone && s.ForEach != nil && len(s.ForEach.Gone) > 0) {
					assert.Equal(t, extract.StreamNotConnected, r.State, r.Error)
					assert.Nil(t, r.Watermark)
					return
				}
				h.assertUnread(r, extract.StreamResult{}, lake.Snapshot{})
			})
			t.Run(no.what+" from some day on", func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, connector, s)
				before, was := h.whole(), h.newest()
				h.tomorrow(1)
				h.refuse(h.refusals()[i], "")
				h.assertUnread(h.read(), before, was)
				h.answer = nil
				h.tomorrow(20)
				r := h.read()
				assert.Equal(t, extract.StreamComplete, r.State, "once it is permitted again: %s", r.Error)
			})
		}
	})
}

// TestOneListThatIsRefusedIsNamedAndCostsNoOther holds what becomes of one app, group, meeting, employee or agreement that can't be read,
// while the others can. Only Okta has a word for one that was deleted meanwhile.
func TestOneListThatIsRefusedIsNamedAndCostsNoOther(t *testing.T) {
	t.Parallel()
	each(t, "refusals", func(t *testing.T, connector string, s manifest.Stream) {
		if s.ForEach == nil {
			t.Skip("one list")
		}
		for i, no := range newHouse(t, connector, s).refusals() {
			t.Run(no.what, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, connector, s)
				h.refuse(h.refusals()[i], named(s.ForEach.Stream, 0))
				r := h.read()
				assert.EqualValues(t, usualRecords-1, r.Rows, "the others count: %s", r.Error)
				if no.isGone && len(s.ForEach.Gone) > 0 {
					assert.Equal(t, extract.StreamComplete, r.State, r.Error)
					return
				}
				assert.Equal(t, extract.StreamIncomplete, r.State, "the one is named")
				assert.Contains(t, r.Error, "1 list of "+s.Name)
				assert.Contains(t, r.Error, named(s.ForEach.Stream, 0))
				_, told := finding(r, "list_unread")
				assert.True(t, told)
			})
		}
	})
}

// TestAnOptionalStreamIsOptionalUntilItWasRead holds that a stream that was never permitted, and what hangs on it, is fine; once it was
// read, its refusal is an error, also for what hangs on it.
func TestAnOptionalStreamIsOptionalUntilItWasRead(t *testing.T) {
	t.Parallel()
	each(t, "optional", func(t *testing.T, connector string, s manifest.Stream) {
		children := func(h *house) (names []string) {
			for _, child := range h.m.Streams {
				if child.ForEach != nil && child.ForEach.Stream == s.Name {
					names = append(names, child.Name)
				}
			}
			return names
		}
		t.Run("never permitted", func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, connector, s)
			h.refuse(h.refusals()[0], "")
			for day := range 2 {
				h.tomorrow(day)
				results := h.readAll()
				for _, name := range append(children(h), s.Name) {
					assert.Equal(t, extract.StreamNotConnected, results[name].State, results[name].Error)
					assert.False(t, isTold(results[name]), "no error, today or later")
				}
			}
		})
		t.Run("permitted and then not", func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, connector, s)
			h.whole()
			h.refuse(h.refusals()[0], "")
			for day := range 2 {
				h.tomorrow(day + 1)
				results := h.readAll()
				for _, name := range append(children(h), s.Name) {
					require.Contains(t, results, name)
					assert.True(t, isTold(results[name]), "%s is %s: %s", name, results[name].State, results[name].Error)
				}
			}
		})
	})
}
