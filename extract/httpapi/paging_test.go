package httpapi

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
)

// collect reads a list and gives its records and the URLs (or bodies) it was asked with.
func collect(t *testing.T, a *api, r manifest.Response, p manifest.Paging, target Target) (records, asked []string, err error) {
	t.Helper()
	c, _ := a.client(t, clock.NewSimulated(now), manifest.Auth{Type: "none"}, nil)
	shape, err := NewShape(r, p)
	require.NoError(t, err)
	pager, err := NewPager(p)
	require.NoError(t, err)
	if target.URL, err = c.base.Parse("/list"); err != nil {
		t.Fatal(err)
	}
	err = c.Pages(t.Context(), target, shape, pager, Position{}, func(page *Page, _ Position, _ bool) error {
		return page.Chunks(func(rs []Record) error {
			for _, rec := range rs {
				records = append(records, string(rec.Raw))
			}
			return nil
		})
	})
	for _, req := range a.requests {
		asked = append(asked, req.URL.RawQuery)
	}
	return records, asked, err
}

// numbers serves a list of n numbers, at most size a page, from where its parameter says.
func numbers(n, size, base int, param, format string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		from, _ := strconv.Atoi(r.URL.Query().Get(param))
		if param == "page" {
			from = (from - base) * size
		} else {
			from -= base
		}
		var items []string
		for i := from; i < min(from+size, n); i++ {
			items = append(items, strconv.Itoa(i))
		}
		fmt.Fprintf(w, format, strings.Join(items, ","), n, from+size < n)
	}
}

func TestCountedPaging(t *testing.T) {
	t.Parallel()
	zero := 0
	all := "0 1 2 3 4 5 6"
	for name, tc := range map[string]struct {
		paging manifest.Paging
		serve  func(http.ResponseWriter, *http.Request)
		asked  string
	}{
		"offset, total":                   {manifest.Paging{Type: "offset", Param: "offset", SizeParam: "limit", Size: 3, Total: "total"}, numbers(7, 3, 0, "offset", `{"v":[%s],"total":%d,"more":%v}`), "limit=3&offset=0 limit=3&offset=3 limit=3&offset=6"},
		"offset, has_more":                {manifest.Paging{Type: "offset", Param: "offset", HasMore: "more"}, numbers(7, 3, 0, "offset", `{"v":[%s],"total":%d,"more":%v}`), "offset=0 offset=3 offset=6"},
		"offset, shorter than asked":      {manifest.Paging{Type: "offset", Param: "offset", Size: 100}, numbers(7, 3, 0, "offset", `{"v":[%s],"x":%d,"y":%v}`), "offset=0 offset=3 offset=6"},
		"page":                            {manifest.Paging{Type: "page", Param: "page"}, numbers(7, 3, 1, "page", `{"v":[%s],"x":%d,"y":%v}`), "page=1 page=2 page=3"},
		"page from 0":                     {manifest.Paging{Type: "page", Param: "page", First: &zero}, numbers(7, 3, 0, "page", `{"v":[%s],"x":%d,"y":%v}`), "page=0 page=1 page=2"},
		"start index":                     {manifest.Paging{Type: "start_index", Param: "startIndex", Total: "totalResults"}, numbers(7, 3, 1, "startIndex", `{"v":[%s],"totalResults":%d,"y":%v}`), "startIndex=1 startIndex=4 startIndex=7"},
		"full last page, empty one after": {manifest.Paging{Type: "offset", Param: "offset"}, numbers(7, 7, 0, "offset", `{"v":[%s],"x":%d,"y":%v}`), "offset=0 offset=7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.answer = tc.serve
			records, asked, err := collect(t, a, manifest.Response{Records: "v"}, tc.paging, Target{})
			require.NoError(t, err)
			assert.Equal(t, all, strings.Join(records, " "))
			assert.Equal(t, tc.asked, strings.Join(asked, " "))
		})
	}
}

func TestCursors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cursor string // as the vendor writes it
		want   string
	}{"text": {`"a b"`, "after=a%20b"}, "number": {`90071992547409931`, "after=90071992547409931"}, "pair": {`["153","x"]`, "after=153%2Cx"}} {
		for _, end := range []string{`null`, `""`, `"null"`, `false`} {
			t.Run(name+" "+end, func(t *testing.T) {
				t.Parallel()
				a := newAPI(t)
				a.answer = func(w http.ResponseWriter, r *http.Request) {
					next := tc.cursor
					if r.URL.Query().Has("after") {
						next = end
					}
					fmt.Fprintf(w, `{"v":[%q],"next":%s}`, r.URL.RawQuery, next)
				}
				_, asked, err := collect(t, a, manifest.Response{Records: "v"}, manifest.Paging{Type: "cursor", Next: "next", Param: "after"}, Target{})
				require.NoError(t, err)
				assert.Equal(t, []string{"", tc.want}, asked)
			})
		}
	}
}

func TestCursorInHeaderAndBody(t *testing.T) {
	t.Parallel()
	var bodies []string
	mux := http.NewServeMux()
	mux.HandleFunc("POST /list", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		if len(bodies) == 1 {
			w.Header().Set("After-Cursor", "c2")
		}
		fmt.Fprintf(w, `[%d]`, len(bodies))
	})
	a := newAPI(t)
	a.Config.Handler = mux
	records, _, err := collect(t, a, manifest.Response{}, manifest.Paging{Type: "cursor", NextHeader: "After-Cursor", Param: "start", In: "body", SizeParam: "page_size", Size: 5},
		Target{Method: "POST", Body: []byte(`{"big":9007199254740993}`)})
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "2"}, records)
	assert.Equal(t, []string{`{"big":9007199254740993,"page_size":5}`, `{"big":9007199254740993,"page_size":5,"start":"c2"}`}, bodies)

	bodies = nil
	_, _, err = collect(t, a, manifest.Response{}, manifest.Paging{Type: "cursor", NextHeader: "After-Cursor", Param: "start", In: "body"},
		Target{Method: "POST", Form: url.Values{"q": {"x"}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"q=x", "q=x&start=c2"}, bodies)
}

func TestShapes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		response manifest.Response
		body     string
		want     []string
		err      string
	}{
		"exact numbers":      {manifest.Response{Records: "v"}, `{"v":[{"id":9007199254740993,"x":1.10}]}`, []string{`{"id":9007199254740993,"x":1.10}`}, ""},
		"one object":         {manifest.Response{}, ` {"id":1} `, []string{`{"id":1}`}, ""},
		"key_as":             {manifest.Response{Records: "v", KeyAs: "key"}, `{"v":{"a":{"n":1},"b\"":{},"c":3}}`, []string{`{"key":"a","n":1}`, `{"key":"b\""}`, `{"key":"c","value":3}`}, ""},
		"explode":            {manifest.Response{Records: "v", Explode: "in.list"}, `{"v":[{"a":1,"in":{"list":[10,20]},"z":1},{"in":{"list":[]}},{"a":2}]}`, []string{`{"a":1,"in":{"list":10},"z":1}`, `{"a":1,"in":{"list":20},"z":1}`, `{"a":2}`}, ""},
		"all values":         {manifest.Response{Records: "v.*.list"}, `{"v":[{"list":[1]},{"list":[2,3]}]}`, []string{"1", "2", "3"}, ""},
		"missing, allowed":   {manifest.Response{Records: "v", AllowMissing: true}, `{"kind":"x"}`, nil, ""},
		"missing":            {manifest.Response{Records: "v"}, `{"kind":"x"}`, nil, "nothing at"},
		"null":               {manifest.Response{Records: "v"}, `{"v":null}`, nil, "nothing at"},
		"text":               {manifest.Response{Records: "v"}, `{"v":"x"}`, nil, "not an array"},
		"cut behind the end": {manifest.Response{Records: "v"}, `{"v":[1],"next":"htt`, nil, "middle of a value"},
		"empty":              {manifest.Response{}, ``, nil, "middle of a value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.answer = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, tc.body) }
			got, _, err := collect(t, a, tc.response, manifest.Paging{}, Target{})
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"v":{"a":[{"x":[1,2]}]}}`), "v.a", "x", "")
	f.Add([]byte(`{"v":{"a":{"x":1}}}`), "v", "", "k")
	f.Add([]byte(`[{"x":[[]]}]`), "$", "x.0", "")
	f.Fuzz(func(t *testing.T, body []byte, records, explode, keyAs string) {
		shape, err := NewShape(manifest.Response{Records: records, Explode: explode, KeyAs: keyAs}, manifest.Paging{})
		if err != nil {
			return
		}
		page := &Page{Body: body}
		if shape.decode(page) != nil {
			return
		}
		for _, r := range page.records {
			if len(r.Raw) == 0 {
				t.Fatalf("an empty record of %q", body)
			}
		}
	})
}
