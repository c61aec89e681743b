package extract_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/lake"
)

// TestABusyLogIsReadToThePresent: the vendor always has a newer entry. The backlog is read whole, the reading ends, and
// the next one goes on where it stopped.
func TestABusyLogIsReadToThePresent(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		stream string
		late   time.Duration // how old the newest entries are when they show
	}{
		"a polled log":                        {"log", 0},
		"a polled log that shows things late": {"log", 40 * time.Minute},
		"an iterator":                         {"traffic", 0},
		"an iterator that shows things late":  {"traffic", 40 * time.Minute},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only(c.stream)
			w.bytes = 0
			const backlog = 30
			page := 0
			var asked []string
			w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
				q := r.URL.Query()
				if q.Get("operation") != "resend" {
					page++
				}
				asked = append(asked, q.Get("after")+q.Get("operation"))
				w.clock.Set(w.clock.Now().Add(time.Second))
				at := w.clock.Now().Add(-c.late)
				id := fmt.Sprintf("new%d", page)
				if page <= backlog {
					at, id = now.Add(-72*time.Hour).Add(time.Duration(page)*time.Minute), fmt.Sprintf("old%d", page)
				}
				rw.Header().Add("Link", fmt.Sprintf(`<%s/api/log?after=c%d>; rel="next"`, w.vendor.URL, page))
				record := map[string]any{"uuid": id, "_id": id, "published": at.Format(time.RFC3339), "timestamp": at.Unix()}
				if c.stream == "log" {
					reply(rw, []any{record})
				} else {
					reply(rw, map[string]any{"ok": 1, "result": []any{record}, "wait_time": 0})
				}
				return true
			})
			report := w.run(t.Context(), t)
			requireComplete(t, report)
			assert.Less(t, page, backlog+100)
			old := 0
			for id := range w.contents(t)[c.stream] {
				if strings.HasPrefix(id, "old") {
					old++
				}
			}
			assert.Equal(t, backlog, old, "the backlog is read whole")
			mark := report.Streams[0].Watermark
			require.NotNil(t, mark)
			assert.False(t, mark.After(w.clock.Now().Add(-c.late)), "nobody has read what comes later")
			assert.False(t, mark.Before(now.Add(-c.late)))

			before := len(asked)
			requireComplete(t, w.run(t.Context(), t))
			want := fmt.Sprintf("c%d", before)
			if c.stream == "traffic" {
				want = "resend"
			}
			assert.Equal(t, want, asked[before], "the next run goes on")
		})
	}
}

// shelf is a list of records by offset, page number or start index, some of which somebody changes between two pages.
type shelf struct {
	ids   []string
	total func(n int) any // nil for none
	// between is called before each page with how many pages were given.
	between func(s *shelf, pages int)
	pages   int
}

func (s *shelf) serve(paging manifest.Paging) fault {
	return func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		if s.between != nil {
			s.between(s, s.pages)
		}
		s.pages++
		n, _ := strconv.Atoi(r.URL.Query().Get(paging.Param))
		switch paging.Type {
		case "page":
			n = (n - 1) * 10
		case "start_index":
			n--
		}
		page := []any{}
		for _, id := range s.ids[min(n, len(s.ids)):min(n+10, len(s.ids))] {
			page = append(page, map[string]any{"id": id, "label": "L"})
		}
		out := map[string]any{"apps": page}
		if s.total != nil {
			out["total"] = s.total(len(s.ids))
		}
		reply(rw, out)
		return true
	}
}

func (s *shelf) move(from, to int) {
	id := s.ids[from]
	rest := append(append([]string{}, s.ids[:from]...), s.ids[from+1:]...)
	s.ids = append(append(append([]string{}, rest[:to]...), id), rest[to:]...)
}

// TestListsThatMoveWhileTheyAreRead: whatever somebody does to a list by page number, no record that was there all the
// time is missing; and where it never rests, it does not count as whole.
func TestListsThatMoveWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	once := func(do func(*shelf)) func(*shelf, int) {
		return func(s *shelf, pages int) {
			if pages == 1 {
				do(s)
			}
		}
	}
	changes := map[string]func(*shelf, int){
		"nothing":                     func(*shelf, int) {},
		"a record moves to the end":   once(func(s *shelf) { s.move(3, len(s.ids)-1) }),
		"a record moves to the front": once(func(s *shelf) { s.move(24, 0) }),
		"one goes":                    once(func(s *shelf) { s.ids = append(append([]string{}, s.ids[:2]...), s.ids[3:]...) }),
		"one goes, another comes": once(func(s *shelf) {
			s.ids = append(append(append([]string{}, s.ids[:2]...), s.ids[3:]...), "late")
		}),
	}
	for change, between := range changes {
		for _, kind := range []manifest.Paging{
			{Type: "offset", Param: "offset", Size: 10}, {Type: "page", Param: "page", Size: 10}, {Type: "page", Param: "page"},
			{Type: "start_index", Param: "start", Size: 10}, {Type: "offset", Param: "offset", Size: 10, Total: "total"},
		} {
			t.Run(fmt.Sprintf("%s, %s %s %d", change, kind.Type, kind.Total, kind.Size), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.bytes = 0
				w.only("apps").Paging = kind
				s := &shelf{between: between}
				if kind.Total != "" {
					s.total = func(n int) any { return n }
				}
				for i := range 25 {
					s.ids = append(s.ids, fmt.Sprintf("a%02d", i))
				}
				stayed := append([]string{}, s.ids...)
				if strings.HasPrefix(change, "one goes") {
					stayed = append(stayed[:2], stayed[3:]...)
				}
				w.inject(s.serve(kind))
				requireComplete(t, w.run(t.Context(), t))
				have := w.contents(t)["apps"]
				for _, id := range stayed {
					assert.Contains(t, have, id)
				}
			})
		}
	}
	t.Run("it never rests", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		kind := manifest.Paging{Type: "page", Param: "page", Size: 10}
		w.only("apps").Paging = kind
		n := 0
		s := &shelf{between: func(s *shelf, pages int) {
			n++
			s.ids = append(s.ids[1:], fmt.Sprintf("new%d", n))
		}}
		for i := range 25 {
			s.ids = append(s.ids, fmt.Sprintf("a%02d", i))
		}
		w.inject(s.serve(kind))
		r := w.run(t.Context(), t).Streams[0]
		require.ErrorAs(t, r.Err, new(*httpapi.UnwholeError))
		assert.Contains(t, r.Error, "it was read 5 times")
		assert.Zero(t, w.wholeSnapshots(t))
	})
}

// TestAVendorsCount: fewer records than the vendor counts are not the whole; a count that is capped hides nothing.
func TestAVendorsCount(t *testing.T) {
	t.Parallel()
	cursor := manifest.Paging{Type: "cursor", Next: "next", Param: "after", Total: "total"}
	for name, tc := range map[string]struct {
		paging manifest.Paging
		total  func(n int) any
		want   string
		asked  int
	}{
		"right, by offset":       {manifest.Paging{Type: "offset", Param: "offset", Size: 10, Total: "total"}, func(n int) any { return n }, "", 6},
		"capped, by offset":      {manifest.Paging{Type: "offset", Param: "offset", Size: 10, Total: "total"}, func(n int) any { return min(n, 20) }, "", 6},
		"of the page, by offset": {manifest.Paging{Type: "offset", Param: "offset", Size: 10, Total: "total"}, func(int) any { return 10 }, "", 6},
		"too large, by offset":   {manifest.Paging{Type: "offset", Param: "offset", Size: 10, Total: "total"}, func(n int) any { return n + 5 }, "the vendor counts 30 records, and gave 25", 6},
		"as text":                {manifest.Paging{Type: "offset", Param: "offset", Size: 10, Total: "total"}, func(n int) any { return fmt.Sprint(n) }, "", 6},
		"none":                   {manifest.Paging{Type: "offset", Param: "offset", Size: 10, Total: "total"}, func(int) any { return nil }, "", 6},
		"right, by cursor":       {cursor, func(n int) any { return n }, "", 3},
		"capped, by cursor":      {cursor, func(int) any { return 20 }, "", 6},
		"too large, by cursor":   {cursor, func(n int) any { return n + 5 }, "the vendor counts 30 records, and gave 25", 6},
		"too large at first":     {cursor, nil, "", 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.bytes = 0
			w.only("apps").Paging = tc.paging
			asked := 0
			w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
				asked++
				n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("after")+r.URL.Query().Get("offset"), "c"))
				page := []any{}
				for i := n; i < min(n+10, 25); i++ {
					page = append(page, app(i))
				}
				out := map[string]any{"apps": page}
				if n+10 < 25 {
					out["next"] = fmt.Sprintf("c%d", n+10)
				}
				if tc.total != nil {
					out["total"] = tc.total(25)
				} else if out["total"] = 25; asked <= 3 {
					out["total"] = 26
				}
				reply(rw, out)
				return true
			})
			r := w.run(t.Context(), t).Streams[0]
			assert.Equal(t, tc.asked, asked)
			if tc.want != "" {
				assert.NotEqual(t, extract.StreamComplete, r.State)
				assert.Contains(t, r.Error, "the list is not whole: "+tc.want)
				assert.Zero(t, w.wholeSnapshots(t))
				return
			}
			require.NoError(t, r.Err)
			assert.Len(t, w.contents(t)["apps"], 25)
			st, err := lake.Open(w.dir).Stream("fake", "apps")
			require.NoError(t, err)
			last, err := st.Last()
			require.NoError(t, err)
			assert.EqualValues(t, 25, last.RowsTotal, "what a second reading brings again is not kept twice")
		})
	}
}

// TestNothingIsReadWhereTheReplySaysItFailed: an iterator's reply with ok: 0 is no empty batch.
func TestNothingIsReadWhereTheReplySaysItFailed(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"ok: 0":              `{"ok":0,"error_code":"Internal","result":[]}`,
		"an error":           `{"result":[],"error":{"message":"busy"}}`,
		"a status of errors": `{"status":"error","result":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("traffic")
			var bad atomic.Bool
			bad.Store(true)
			w.inject(func(rw http.ResponseWriter, _ *http.Request, _ int) bool {
				if bad.Load() {
					_, _ = rw.Write([]byte(body))
				}
				return bad.Load()
			})
			r := w.run(t.Context(), t).Streams[0]
			require.Error(t, r.Err)
			assert.Nil(t, r.Watermark)
			bad.Store(false)
			requireComplete(t, w.run(t.Context(), t))
			assert.Len(t, w.contents(t)["traffic"], 2*trafficPages)
		})
	}
}

// TestHiddenFields: a list none of whose records has what all are expected to have does not count as whole; events
// are kept, and people are told.
func TestHiddenFields(t *testing.T) {
	t.Parallel()
	hidden := false
	people := func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		page := []any{}
		for i := range 5 {
			one := map[string]any{"id": fmt.Sprint(i), "label": "x", "uuid": fmt.Sprint(i), "published": at(i), "mail": fmt.Sprintf("p%d@tarn.example", i)}
			if hidden {
				one["mail"] = []any{nil, "", []any{}, map[string]any{}, nil}[i]
			}
			page = append(page, one)
		}
		if r.URL.Path == "/api/log" {
			if r.URL.Query().Get("after") != "" {
				page = []any{}
			}
			rw.Header().Add("Link", fmt.Sprintf(`<%s/api/log?after=%d>; rel="next"`, "http://"+r.Host, len(page)))
			reply(rw, page)
			return true
		}
		reply(rw, map[string]any{"apps": page, "total": 5})
		return true
	}
	w := newWorld(t)
	s := w.only("apps")
	s.Paging, s.Expected = manifest.Paging{}, []manifest.PathList{{"mail", "other"}}
	w.inject(people)
	requireComplete(t, w.run(t.Context(), t))
	require.Equal(t, 1, w.wholeSnapshots(t))
	hidden = true
	r := w.run(t.Context(), t).Streams[0]
	assert.Contains(t, r.Error, "0 of 5 records have mail or other: the account may not see it; the stream needs fake.all")
	assert.Equal(t, 1, w.wholeSnapshots(t), "the one from before counts on")
	checked, err := w.extractor().Check(t.Context())
	require.NoError(t, err)
	assert.Equal(t, extract.StreamFailed, checked.Streams[0].State)
	assert.Contains(t, checked.Streams[0].Error, "0 of 5 records have mail")
	hidden = false
	requireComplete(t, w.run(t.Context(), t))
	assert.Equal(t, 2, w.wholeSnapshots(t))

	w = newWorld(t)
	w.only("log").Expected = []manifest.PathList{{"mail"}}
	hidden = true
	w.inject(people)
	report := w.run(t.Context(), t)
	requireComplete(t, report)
	require.Len(t, report.Streams[0].Findings, 1)
	assert.Equal(t, "hidden_fields", report.Streams[0].Findings[0].Check)
	assert.Equal(t, "warning", report.Streams[0].Findings[0].Severity)
}

// TestTimesThatCannotBe are set aside, and do not end a reading early.
func TestTimesThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]string{
		"1970": "1970-01-01T00:00:00Z", "year 1": "0001-01-01T00:00:00Z", "1999": "1999-12-31T23:59:59Z", "9999": "9999-12-31T00:00:00Z",
		"in two days": now.Add(48 * time.Hour).Format(time.RFC3339),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("log")
			w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
				after, _ := strconv.Atoi(r.URL.Query().Get("after"))
				page := []any{}
				if after < 3 {
					page = append(page, map[string]any{"uuid": fmt.Sprintf("e%d", after), "published": when}, map[string]any{"uuid": fmt.Sprintf("g%d", after), "published": at(after)})
				}
				rw.Header().Add("Link", fmt.Sprintf(`<%s/api/log?after=%d>; rel="next"`, w.vendor.URL, after+1))
				reply(rw, page)
				return true
			})
			report := w.run(t.Context(), t)
			requireComplete(t, report)
			assert.EqualValues(t, 6, report.Streams[0].Rows)
			assert.EqualValues(t, 3, report.Streams[0].Issues)
		})
	}
}

// TestCheckTellsOfRecordsItCouldNotUse beside those that it could.
func TestCheckTellsOfRecordsItCouldNotUse(t *testing.T) {
	t.Parallel()
	for bad, want := range map[int]extract.StreamState{1: extract.StreamComplete, 4: extract.StreamFailed} {
		w := newWorld(t)
		w.only("apps").Paging = manifest.Paging{}
		w.inject(func(rw http.ResponseWriter, _ *http.Request, _ int) bool {
			page := []any{}
			for i := range 4 {
				one := map[string]any{"id": fmt.Sprint(i), "label": "x"}
				if i < bad {
					delete(one, "label")
				}
				page = append(page, one)
			}
			reply(rw, map[string]any{"apps": page})
			return true
		})
		report, err := w.extractor().Check(t.Context())
		require.NoError(t, err)
		r := report.Streams[0]
		assert.Equal(t, want, r.State)
		assert.Contains(t, r.Lacks, fmt.Sprintf("%d of 4 records on the page can't be used and would be set aside; the first: record 0: missing_field: field label is missing", bad))
	}
}

// TestFieldsThatAreEmptyThroughout are told of where a list without them is no wonder.
func TestFieldsThatAreEmptyThroughout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("apps").Usual = []manifest.PathList{{"label"}, {"team", "division"}}
	report := w.run(t.Context(), t)
	requireComplete(t, report)
	require.Len(t, report.Streams[0].Findings, 1)
	f := report.Streams[0].Findings[0]
	assert.Equal(t, "empty_fields", f.Check)
	assert.Equal(t, "info", f.Severity)
	assert.Contains(t, f.Sample, "0 of 5 records have team or division")
	assert.NotContains(t, f.Sample, "label")
}

// TestAListThatEndsAtARoundNumber is told of: vendors cut lists off there.
func TestAListThatEndsAtARoundNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{10: true, 9: false} {
		w := newWorld(t)
		w.bytes = 0
		w.cursors(n-1, func(page int) []any {
			var out []any
			for i := range 100 {
				out = append(out, app(100*page+i))
			}
			return out
		})
		report := w.run(t.Context(), t)
		requireComplete(t, report)
		assert.Equal(t, want, hasFinding(report.Streams[0], "round_length", fmt.Sprintf("exactly %d records", 100*n)))
	}
}

// TestCheckLooksForAPageWithRecords where a stream is asked in several passes.
func TestCheckLooksForAPageWithRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.only("apps")
	s.Paging, s.Variants = manifest.Paging{}, []map[string]string{{"status": "invited"}, {"status": "active"}, {"status": "gone"}}
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		page := []any{}
		if r.URL.Query().Get("status") == "active" {
			page = append(page, map[string]any{"id": "1"}) // without its label
		}
		reply(rw, map[string]any{"apps": page})
		return true
	})
	report, err := w.extractor().Check(t.Context())
	require.NoError(t, err)
	assert.Contains(t, report.Streams[0].Error, "no record on the page (1) can be used")
	assert.Len(t, w.asked(), 2)
}

// TestAListThatLacksRecordsSaysSo in each run that reads it, and no more once it is whole.
func TestAListThatLacksRecordsSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("apps").Paging = manifest.Paging{}
	bad := true
	w.inject(func(rw http.ResponseWriter, _ *http.Request, _ int) bool {
		page := []any{map[string]any{"id": "1", "label": "x"}, map[string]any{"id": "2", "label": "y"}}
		if bad {
			page = append(page, map[string]any{"id": "3"})
		}
		reply(rw, map[string]any{"apps": page})
		return true
	})
	for range 2 {
		r := w.run(t.Context(), t).Streams[0]
		require.NoError(t, r.Err)
		assert.Equal(t, "1 of the 3 records of its list could not be used and were set aside", r.Lacks)
	}
	bad = false
	assert.Empty(t, w.run(t.Context(), t).Streams[0].Lacks)
}
