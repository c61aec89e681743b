package simulator

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	record := map[string]string{"status": "ACTIVE", "profile.login": "ann@x.example", "lastUpdated": "2026-03-01T00:00:00.000Z", "tags": "one\ntwo"}
	get := func(path string) (string, bool) { v, ok := record[path]; return v, ok }
	for filter, want := range map[string]bool{
		`status eq "ACTIVE"`:             true,
		`status eq "active"`:             true,
		`status ne "ACTIVE"`:             false,
		`missing ne "x"`:                 true,
		`missing eq "x"`:                 false,
		`status pr and not (missing pr)`: true,
		`profile.login sw "ANN"`:         true,
		`profile.login ew ".example" and profile.login co "@x"`:          true,
		`lastUpdated gt "2026-02-28T23:59:59Z"`:                          true,
		`lastUpdated ge 2026-03-01T01:00:00+01:00`:                       true,
		`lastUpdated lt "2026-03-01T00:00:00.000Z"`:                      false,
		`lastUpdated le "2026-03-01T00:00:00.000Z"`:                      true,
		`status eq "X" or (status eq "ACTIVE" and profile.login sw "a")`: true,
		`status eq "X" or status eq "Y" and status eq "ACTIVE"`:          false,
		`tags/any(t:t eq 'two')`:                                         true,
		`tags/any(t:t eq 'three')`:                                       false,
		`startswith(status,'ACT')`:                                       true,
	} {
		p, err := parseFilter(filter)
		require.NoError(t, err, filter)
		assert.Equal(t, want, p(get), filter)
	}
	for _, broken := range []string{"", "status", "status eq", "status zz 1", "(status pr", "status pr)", "status pr and", "f(x)", "startswith(a b)", `tags/any(t:t zz 1)`, `not`, `startswith(a,'b'`} {
		_, err := parseFilter(broken)
		assert.Error(t, err, broken)
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{`status eq "A" and (a pr or not b sw 'x')`, `tags/any(t:t eq 'x')`, `startswith(a,'b')`, `(((`, `"`, `a eq`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 2000 {
			t.Skip()
		}
		p, err := parseFilter(s)
		if (p == nil) == (err == nil) {
			t.Fatalf("%q: neither a filter nor an error", s)
		}
		if p != nil {
			p(func(path string) (string, bool) { return path, len(path)%2 == 0 })
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("zz", int64(3), int64(4))
	f.Add(encodeCursor(1, 2), int64(0), int64(9))
	f.Fuzz(func(t *testing.T, s string, a, b int64) {
		if pos, ok := decodeCursor(s, 2); ok && (pos[0] < 0 || pos[1] < 0) {
			t.Fatal("a negative position")
		}
		if a < 0 || b < 0 {
			return
		}
		pos, ok := decodeCursor(encodeCursor(a, b), 2)
		if !ok || pos[0] != a || pos[1] != b {
			t.Fatalf("%d, %d came back as %v", a, b, pos)
		}
	})
}

func TestPagingHelpers(t *testing.T) {
	t.Parallel()
	from, to := window(7, 5, 10)
	assert.Equal(t, []int{7, 10}, []int{from, to})
	from, to = window(70, 5, 10)
	assert.Equal(t, []int{10, 10}, []int{from, to})
	r := httptest.NewRequest("GET", "http://h.example/a%2Fb?x=1&y=2", nil)
	assert.Equal(t, "http://h.example/a%2Fb?x=3", link(r, "x", "3", "y", ""))
	for text, ok := range map[string]bool{"2026-01-02": true, "2026-01-02T03:04:05": true, "2026-01-02T03:04:05.5+02:00": true, "soon": false, "": false} {
		_, got := parseTime(text)
		assert.Equal(t, ok, got, text)
	}
}
