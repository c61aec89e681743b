package connectors_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
)

// containsID tells whether a record's id in the lake is, or ends in or has between others, the vendor's.
func containsID(id, want string) bool {
	for part := range strings.SplitSeq(id, "|") {
		if part == want || strings.TrimSuffix(part, "@acme.example") == want {
			return true
		}
	}
	return false
}

// withoutID takes a record's id away, unless it is the parent's.
func withoutID(s manifest.Stream, record object) {
	for _, path := range s.ID {
		if !strings.HasPrefix(path, "parent.") {
			delete(record, path)
			return
		}
	}
}

// TestAListHalfOfWhichHasNoIDDoesNotCount: the last whole list does. Of events, those without an id cost themselves alone.
func TestAListHalfOfWhichHasNoIDDoesNotCount(t *testing.T) {
	t.Parallel()
	each(t, "set aside", func(t *testing.T, connector string, s manifest.Stream) {
		h := newHouse(t, connector, s)
		if s.Paging.Type != "" {
			h.size, h.pages = 40, 2
		}
		if s.Kind == manifest.KindEvents {
			h.alter = func(n int, record object) {
				if n%2 == 1 {
					withoutID(s, record)
				}
			}
			r := h.read()
			assert.Equal(t, extract.StreamComplete, r.State, r.Error)
			assert.EqualValues(t, 20, r.Issues, "the others count, these are listed")
			return
		}
		h.whole()
		was := h.newest()
		h.tomorrow(1)
		h.alter = func(n int, record object) {
			if n%2 == 1 || h.size == childRecords {
				withoutID(s, record)
			}
		}
		r := h.read()
		assert.True(t, isTold(r), "%s: %s", r.State, r.Error)
		assert.Contains(t, r.Error, "could not be used")
		if s.ForEach == nil {
			assert.Equal(t, was, h.newest(), "the last whole list counts")
			return
		}
		now := h.newest()
		if now.ID == was.ID { // none of the lists counts
			return
		}
		require.NotEmpty(t, now.Unread)
		assert.Equal(t, named(s.ForEach.Stream, 0), now.Unread[0].Parent)
		assert.Equal(t, was.ID, now.Unread[0].Kept, "its last whole list counts")
	})
}

// TestAListThatLacksOneOfTwoHundredCounts, and says so; so does one that lacks two of four hundred.
func TestAListThatLacksOneOfTwoHundredCounts(t *testing.T) {
	t.Parallel()
	each(t, "set aside", func(t *testing.T, connector string, s manifest.Stream) {
		if s.Paging.Type == "" {
			t.Skip("a list of one record")
		}
		for name, size := range map[string]int{"one of two hundred": 200, "two of four hundred": 400} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, connector, s)
				h.size, h.pages = size, 4
				h.alter = func(n int, record object) {
					if n%200 == 150 {
						withoutID(s, record)
					}
				}
				r := h.read()
				assert.Equal(t, extract.StreamComplete, r.State, r.Error)
				assert.EqualValues(t, size/200, r.Issues)
				if s.Kind == manifest.KindEvents {
					return
				}
				assert.True(t, isTold(r))
				assert.Contains(t, r.Lacks, "could not be used")
				assert.EqualValues(t, size/200, h.newest().Bad)
				assert.Empty(t, h.newest().Unread)
			})
		}
	})
}

// TestAListThatFallsFromThirtyToTenIsHeld until another day confirms it.
func TestAListThatFallsFromThirtyToTenIsHeld(t *testing.T) {
	t.Parallel()
	each(t, "shrinks", func(t *testing.T, connector string, s manifest.Stream) {
		h := newHouse(t, connector, s)
		h.size = 30
		before, was := h.whole(), h.newest()
		h.tomorrow(1)
		h.size = 10
		held := func() {
			t.Helper()
			r := h.read()
			assert.Equal(t, extract.StreamIncomplete, r.State, r.Error)
			assert.True(t, isTold(r))
			assert.Contains(t, r.Error, "shrank from 30 records to 10")
			assert.Contains(t, r.Error, "rightseat accept it/"+s.Name)
			now := h.newest()
			if s.ForEach == nil {
				assert.Equal(t, was, now, "the last one counts")
				assert.Equal(t, before.Watermark, r.Watermark)
				return
			}
			require.Len(t, now.Unread, 1)
			assert.True(t, now.Unread[0].Held)
			assert.Equal(t, was.ID, now.Unread[0].Kept, "the last one counts")
		}
		held()
		held() // the same day confirms nothing
		h.tomorrow(2)
		r := h.read()
		assert.Equal(t, extract.StreamComplete, r.State, "confirmed on another day: %s", r.Error)
		assert.NotEqual(t, was.ID, h.newest().ID)
		assert.Empty(t, h.newest().Unread)
	})
}
