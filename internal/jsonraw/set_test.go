package jsonraw

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var setPaths = []string{
	"id", "actor.alternateId", "actor", "actor.detail.x.1.y", "actor.detail.x", "missing", "id.x", "dup", "users.*.n", "users.u2.n", "items.1.n",
	"items.*", "key", `"a.b".c`, "$", "nil", "last", "0", "nested.0.0", "tricky.b", "actor.alternateId", "none.*", "*.n", "a", "a.b", "a.c",
}

func newSet(t testing.TB, texts ...string) (*Set, []Path) {
	t.Helper()
	paths := make([]Path, len(texts))
	for i, text := range texts {
		paths[i] = mustPath(t, text)
	}
	return NewSet(paths...), paths
}

func TestSetFindsWhatEachPathFinds(t *testing.T) {
	t.Parallel()
	set, paths := newSet(t, setPaths...)
	for _, text := range []string{
		document, `{"a":1,"a":{"b":2}}`, `{"a":{"c":1},"a":{"b":2}}`, `{"a":{"b":1,"c":2}}`, "[]", "[{\"n\":1}]", "5", "null", `"x"`, "{}", `{"x":{"n":1},"y":{"n":2}}`,
	} {
		got := set.Lookup([]byte(text), nil)
		require.Len(t, got, len(paths))
		for i, p := range paths {
			want, _ := p.Lookup([]byte(text))
			assert.Equal(t, string(want), string(got[i]), "%s in %s", p.String(), text)
		}
	}
}

func TestSetReusesItsResult(t *testing.T) { // not parallel: it counts allocations
	set, _ := newSet(t, "a", "b")
	out := set.Lookup([]byte(`{"a":1,"b":2}`), nil)
	again := set.Lookup([]byte(`{"b":3}`), out)
	assert.Equal(t, [][]byte{nil, []byte("3")}, again)
	assert.Empty(t, NewSet().Lookup([]byte("{}"), nil))
	data := oktaLike()
	two, _ := newSet(t, "uuid", "published")
	assert.Zero(t, testing.AllocsPerRun(10, func() { out = two.Lookup(data, out) }))
}

func TestSetOnDamagedJSON(t *testing.T) {
	t.Parallel()
	set, _ := newSet(t, setPaths...)
	for i := range len(document) {
		assert.NotPanics(t, func() { set.Lookup([]byte(document[:i]), nil) })
	}
}

func BenchmarkSet(b *testing.B) {
	set, _ := newSet(b, "uuid", "published", "eventType", "actor.alternateId", "target.3.id")
	data := oktaLike()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var out [][]byte
	for b.Loop() {
		out = set.Lookup(data, out)
	}
}

func FuzzSet(f *testing.F) {
	f.Add([]byte(document))
	f.Add([]byte(`{"a":1,"a":{"b":2}}`))
	f.Add([]byte(`[{"n":[}`))
	set, paths := newSet(f, setPaths...)
	f.Fuzz(func(t *testing.T, data []byte) {
		got := set.Lookup(data, nil)
		if !json.Valid(data) {
			return
		}
		for i, p := range paths {
			want, _ := p.Lookup(data)
			require.Equal(t, string(want), string(got[i]), "%s in %s", p.String(), data)
		}
	})
}
