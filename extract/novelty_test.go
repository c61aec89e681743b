package extract

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rightseat/rightseat/internal/lake"
)

// pageOf has a row for each id; version goes into the payload.
func pageOf(version int, ids ...int) []lake.Row {
	rows := make([]lake.Row, len(ids))
	for i, id := range ids {
		rows[i] = lake.Row{RecordID: fmt.Sprint(id), Payload: fmt.Appendf(nil, `{"id":%d,"v":%d}`, id, version)}
	}
	return rows
}

func TestNovelty(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		page func(n int) []lake.Row // the n-th page, from 0
		stop int                    // the page at which the list is given up; -1 for never
	}{
		"always new":                    {func(n int) []lake.Row { return pageOf(0, 2*n, 2*n+1) }, -1},
		"one new record on each page":   {func(n int) []lake.Row { return pageOf(0, 1, 2, 3, 10+n) }, -1},
		"the same page":                 {func(int) []lake.Row { return pageOf(0, 1, 2) }, maxRepeatedPages},
		"two pages in turn":             {func(n int) []lake.Row { return pageOf(0, n%2, 10+n%2) }, maxRepeatedPages + 1},
		"the same records, shuffled":    {func(n int) []lake.Row { return pageOf(0, n%3, (n+1)%3, (n+2)%3) }, maxRepeatedPages},
		"a long circle":                 {func(n int) []lake.Row { return pageOf(0, n%5000) }, 5000 + maxRepeatedPages - 1},
		"new versions of known records": {func(n int) []lake.Row { return pageOf(n, 1, 2) }, maxFruitlessPages},
		"nothing":                       {func(int) []lake.Row { return nil }, maxFruitlessPages - 1},
		"nothing, at last something": {func(n int) []lake.Row {
			if n%(maxFruitlessPages-1) == 0 {
				return pageOf(0, n)
			}
			return nil
		}, -1},
		"a page sent again now and then": {func(n int) []lake.Row { return pageOf(0, n-n%(maxRepeatedPages-1)) }, -1},
		"repeated and empty pages mixed": {func(n int) []lake.Row {
			if n%2 == 0 {
				return nil
			}
			return pageOf(0, 1)
		}, maxFruitlessPages + 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n novelty
			stopped := -1
			for page := range 3*maxFruitlessPages + 6000 {
				rows := c.page(page)
				half := len(rows) / 2
				n.add(rows[:half]) // pages may come in parts
				n.add(rows[half:])
				if n.endPage() != "" {
					stopped = page
					break
				}
			}
			assert.Equal(t, c.stop, stopped)
		})
	}
}

func TestNoveltyIsBounded(t *testing.T) {
	t.Parallel()
	var n novelty
	for page := range 40 {
		ids := make([]int, 5000)
		for i := range ids {
			ids[i] = page*len(ids) + i
		}
		n.add(pageOf(0, ids...))
		assert.Empty(t, n.endPage())
		for _, m := range []memory{n.ids, n.contents} {
			assert.LessOrEqual(t, len(m.young), remembered)
			assert.LessOrEqual(t, len(m.old), remembered)
		}
	}
}

func FuzzMemory(f *testing.F) {
	f.Add([]byte{1, 2, 1, 3})
	f.Fuzz(func(t *testing.T, values []byte) {
		var m memory
		known := map[byte]bool{}
		for _, v := range values {
			assert.Equal(t, !known[v], m.add(uint64(v)) == 1)
			known[v] = true
		}
	})
}
