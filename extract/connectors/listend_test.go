package connectors_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/lake"
)

const (
	pagedRecords = 9 // of a list in three pages
	listPages    = 3
)

// paged gives the stream under test a list in several pages, BambooHR's two passes aside.
func (h *house) paged() {
	h.size, h.pages = pagedRecords, listPages
}

// lostPages are the ways in which the second page of a list gets lost. A way is left out where applies says so.
var lostPages = map[string]struct {
	applies func(p manifest.Paging) bool
	spoil   func(h *house)
}{
	"its second page is cut off in the middle": {func(manifest.Paging) bool { return true }, func(h *house) {
		h.second(func(_ http.Header, r *http.Request, c call) (int, any) {
			return http.StatusOK, cut{h.shape.page(h, http.Header{}, r, c, h.leaf(c))}
		})
	}},
	"its next link leads nowhere": {func(manifest.Paging) bool { return true }, func(h *house) {
		h.second(func(hd http.Header, _ *http.Request, _ call) (int, any) { return h.shape.gone(hd, h.stream.Name) })
	}},
	"its second page is a gateway's": {func(manifest.Paging) bool { return true }, func(h *house) {
		h.second(func(http.Header, *http.Request, call) (int, any) { return http.StatusNotFound, gatewayPage })
	}},
	"its second page is a sign-in page": {func(manifest.Paging) bool { return true }, func(h *house) {
		h.second(func(http.Header, *http.Request, call) (int, any) { return http.StatusOK, gatewayPage })
	}},
	"its second page is empty and the vendor counts more": {func(p manifest.Paging) bool { return p.Total != "" }, func(h *house) {
		h.fill = func(c call, p leaf) leaf {
			if c.page > 0 {
				p.records, p.more = []object{}, false
			}
			return p
		}
	}},
	"its second page points to itself": {func(p manifest.Paging) bool { return isLinked(p) && !p.Polling }, func(h *house) {
		h.fill = func(c call, p leaf) leaf {
			if c.page == 1 {
				p.records, p.more, p.next = []object{}, true, 1
			}
			return p
		}
	}},
	"its second page is the first once more": {func(manifest.Paging) bool { return true }, func(h *house) {
		h.fill = func(c call, p leaf) leaf {
			if c.page == 1 {
				c.page = 0
				p.records = h.records(c)[:len(p.records)]
			}
			return p
		}
	}},
}

// isLinked tells whether a page says where the next one is.
func isLinked(p manifest.Paging) bool {
	return p.Type == "link_header" || p.Type == "next_url" || p.Type == "cursor"
}

// second answers in place of the second page.
func (h *house) second(answer func(hd http.Header, r *http.Request, c call) (int, any)) {
	h.answer = func(hd http.Header, r *http.Request, c call) (int, any) {
		if c.page != 1 {
			return 0, nil
		}
		return answer(hd, r, c)
	}
}

// TestAListWhoseSecondPageIsLostIsNotTakenForTheWhole holds that a list ends by its vendor's own end sign alone.
func TestAListWhoseSecondPageIsLostIsNotTakenForTheWhole(t *testing.T) {
	t.Parallel()
	each(t, "end", func(t *testing.T, connector string, s manifest.Stream) {
		for _, way := range sortedKeys(lostPages) {
			lost := lostPages[way]
			if !lost.applies(s.Paging) {
				continue
			}
			t.Run(way, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, connector, s)
				h.paged()
				var before extract.StreamResult
				var was lake.Snapshot
				if s.Kind == manifest.KindSnapshot {
					before, was = h.whole(), h.newest()
					h.tomorrow(1)
				}
				lost.spoil(h)
				r := h.read()
				if s.ForEach == nil {
					h.assertUnread(r, before, was)
				} else {
					assert.Equal(t, extract.StreamIncomplete, r.State, "the one is named")
					assert.Contains(t, r.Error, named(s.ForEach.Stream, 0))
				}
				if s.ForEach != nil && s.Kind == manifest.KindSnapshot {
					require.Len(t, h.newest().Unread, 1)
					assert.Equal(t, was.ID, h.newest().Unread[0].Kept, "its last whole list counts")
				}
				h.answer, h.fill = nil, nil
				h.tomorrow(3)
				r = h.read()
				assert.Equal(t, extract.StreamComplete, r.State, "once all is well: %s", r.Error)
				h.assertAllThere()
			})
		}
	})
}

// assertAllThere holds that each record of the list under test is in the lake.
func (h *house) assertAllThere() {
	h.t.Helper()
	ids := slices.Collect(maps.Keys(h.ids()))
	for i := range h.size {
		want := named(h.stream.Name, i)
		assert.True(h.t, slices.ContainsFunc(ids, func(id string) bool { return containsID(id, want) }), "%s is not among %v", want, ids)
	}
}

// TestAnEmptyPageThatPointsFurtherDoesNotEndAList holds that what stands behind an empty page is read, where pages say where the next is.
func TestAnEmptyPageThatPointsFurtherDoesNotEndAList(t *testing.T) {
	t.Parallel()
	each(t, "end", func(t *testing.T, connector string, s manifest.Stream) {
		if !isLinked(s.Paging) {
			t.Skip("pages do not say where the next one is: an empty one is the end sign")
		}
		h := newHouse(t, connector, s)
		h.paged()
		hasEmpty := func(c call, p leaf) leaf {
			all := h.records(c)
			p.total, p.records = len(all), all
			switch c.page {
			case 0:
				p.records = all[:len(all)/2]
			case 1:
				p.records = []object{}
			case 2:
				p.records = all[len(all)/2:]
			default:
				p.records = []object{}
			}
			return p
		}
		h.fill = hasEmpty
		r := h.read()
		assert.Equal(t, extract.StreamComplete, r.State, r.Error)
		h.assertAllThere()
	})
}

// TestAFullPageWithoutAnEndSignIsNotTheEnd holds that a page as full as was asked for, which does not say whether there is more though its
// vendor says so with each page, is not taken for the last.
func TestAFullPageWithoutAnEndSignIsNotTheEnd(t *testing.T) {
	t.Parallel()
	each(t, "end sign", func(t *testing.T, connector string, s manifest.Stream) {
		for name, c := range map[string]struct {
			less int
			want bool
		}{"a full page": {0, false}, "a page that is not full": {1, true}} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, connector, s)
				require.Positive(t, s.Paging.Size, "how full is a page?")
				h.size = s.Paging.Size - c.less
				if connector == "bamboohr" {
					h.size += usualRecords // of the other pass
				}
				h.answer = func(_ http.Header, _ *http.Request, c call) (int, any) {
					if !h.isTested(c) {
						return 0, nil
					}
					return http.StatusOK, h.shape.endless(s.Name, h.records(c))
				}
				r := h.read()
				if c.want {
					assert.Equal(t, extract.StreamComplete, r.State, r.Error)
					return
				}
				assert.Contains(t, r.Error, "whether there is more can't be told")
				if s.ForEach == nil {
					h.assertUnread(r, extract.StreamResult{}, lake.Snapshot{})
				} else {
					assert.Equal(t, extract.StreamIncomplete, r.State, "the one is named")
				}
			})
		}
	})
}

// TestANextLinkToAnotherHostIsNotFollowed holds that a list whose next page is said to be elsewhere is not whole, and that nobody else gets
// the credentials.
func TestANextLinkToAnotherHostIsNotFollowed(t *testing.T) {
	t.Parallel()
	each(t, "end", func(t *testing.T, connector string, s manifest.Stream) {
		if s.Paging.Type != "link_header" && s.Paging.Type != "next_url" {
			t.Skip("pages have no links to the next")
		}
		h := newHouse(t, connector, s)
		h.paged()
		own := h.URL
		h.answer = func(hd http.Header, r *http.Request, c call) (int, any) {
			if !h.isTested(c) {
				return 0, nil
			}
			h.URL = "http://elsewhere.example"
			defer func() { h.URL = own }()
			return http.StatusOK, h.shape.page(h, hd, r, c, h.leaf(c))
		}
		r := h.read()
		if s.ForEach == nil {
			h.assertUnread(r, extract.StreamResult{}, lake.Snapshot{})
		} else {
			assert.Equal(t, extract.StreamIncomplete, r.State, r.Error)
		}
		assert.Contains(t, r.Error, "elsewhere.example")
	})
}
