package extract_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/lake"
)

// only keeps one stream of the fake vendor.
func (w *world) only(stream string) *manifest.Stream {
	for _, s := range w.manifest.Streams {
		if s.Name == stream {
			w.manifest.Streams = []manifest.Stream{s}
			return &w.manifest.Streams[0]
		}
	}
	return nil
}

// noSecrets looks for the token in everything that was written.
func (w *world) noSecrets(t *testing.T, report *extract.Report) {
	t.Helper()
	assert.NotContains(t, w.log.String(), token)
	for _, r := range report.Streams {
		assert.NotContains(t, r.Error, token)
	}
	require.NoError(t, filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		assert.NotContains(t, string(data), token, path)
		return err
	}))
}

// fault answers requests in the vendor's place; n counts them from 1.
type fault func(w http.ResponseWriter, r *http.Request, n int) (answered bool)

func (w *world) inject(f fault) *int {
	n := 0
	w.vendor.hook = func(rw http.ResponseWriter, r *http.Request) bool {
		n++
		return f(rw, r, n)
	}
	return &n
}

func status(code int, header map[string]string, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

func TestFaultsThatPass(t *testing.T) {
	t.Parallel()
	date := now.Format(http.TimeFormat)
	passing := map[string]func(http.ResponseWriter){
		"429 without a word":         status(429, nil, ""),
		"429, seconds":               status(429, map[string]string{"Retry-After": "7"}, `{"errorSummary":"slow down"}`),
		"429, date":                  status(429, map[string]string{"Retry-After": now.Add(time.Minute).Format(http.TimeFormat), "Date": date}, ""),
		"429, timestamp":             status(429, map[string]string{"Retry-After": now.Add(time.Minute).Format(time.RFC3339), "Date": date}, ""),
		"429, epoch reset":           status(429, map[string]string{"X-Rate-Limit-Limit": "60", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": strconv.FormatInt(now.Add(time.Minute).Unix(), 10), "Date": date}, ""),
		"429, seconds to go":         status(429, map[string]string{"RateLimit-Remaining": "0", "ratelimit-reset": "3"}, ""),
		"429, concurrency (limit 0)": status(429, map[string]string{"X-Rate-Limit-Limit": "0", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1"}, ""),
		"503 with retry-after":       status(503, map[string]string{"Retry-After": "1"}, "busy"),
		"500":                        status(500, nil, "boom"),
		"502 with html":              status(502, nil, "<html>Bad gateway</html>"),
		"an HTML page":               status(200, map[string]string{"Content-Type": "text/html"}, "<html>Sign in</html>"),
		"a cut body": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "500")
			fmt.Fprint(w, `{"apps":[{"id":"a`)
		},
		"JSON that ends early":          status(200, nil, `{"apps":[{"id":"a0"},{"id"`),
		"JSON of another shape":         status(200, nil, `{"something":"else"}`),
		"an object instead of an array": status(200, nil, `{"apps":{"id":"a0"}}`),
		"a lost connection": func(w http.ResponseWriter) {
			panic(http.ErrAbortHandler)
		},
	}
	for name, answer := range passing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("apps")
			n := w.inject(func(rw http.ResponseWriter, _ *http.Request, n int) bool {
				if n%2 == 1 { // every other request
					answer(rw)
					return true
				}
				return false
			})
			report := w.run(t.Context(), t)
			requireComplete(t, report)
			assert.Len(t, w.contents(t)["apps"], 5)
			assert.GreaterOrEqual(t, *n, 4)
			w.noSecrets(t, report)
		})
	}
}

func TestFaultsThatStay(t *testing.T) {
	t.Parallel()
	echo := `{"errorCode":"E06","errorSummary":"Not permitted for ` + token + `"}`
	for name, tc := range map[string]struct {
		answer func(http.ResponseWriter)
		want   []string
		tries  int
	}{
		"401":                 {status(401, nil, `{"errorCode":"E11","errorSummary":"Invalid token provided"}`), []string{"/api/apps", "401 Unauthorized", "Invalid token provided", "E11", "fake.all", "Make a new token."}, 1},
		"403 with the secret": {status(403, nil, echo), []string{"403 Forbidden", "Not permitted for [redacted]", "E06", "the stream needs fake.all"}, 1},
		"400, no JSON":        {status(400, nil, "plain words\x00"), []string{"400 Bad Request", "plain words"}, 1},
		"429 for ever":        {status(429, nil, `{"errorSummary":"too many"}`), []string{"429", "too many"}, 12},
		"429 until tomorrow":  {status(429, map[string]string{"Retry-After": "86400"}, `{"errorSummary":"daily limit"}`), []string{"daily limit", "wait 24h0m0s", "15m0s"}, 1},
		"5xx storm":           {status(503, nil, ""), []string{"503 Service Unavailable"}, 6},
		"HTML for ever":       {status(200, map[string]string{"Content-Type": "text/html"}, "<html><title>Sign in</title>"), []string{"HTML", "text/html", "<title>Sign in"}, 3},
		"another shape":       {status(200, map[string]string{"Content-Type": "application/json"}, `{"a":1}`), []string{`nothing at "apps"`, "application/json", `{\"a\":1}`}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("apps")
			n := w.inject(func(rw http.ResponseWriter, _ *http.Request, _ int) bool { tc.answer(rw); return true })
			report := w.run(t.Context(), t)
			r := w.result(report, "apps")
			assert.Equal(t, extract.StreamFailed, r.State)
			for _, want := range tc.want {
				assert.Contains(t, r.Error, want)
			}
			assert.Equal(t, tc.tries, *n)
			assert.NotContains(t, r.Error, "limit=2", "queries stay out of messages")
			w.noSecrets(t, report)
		})
	}
}

// TestIncompleteResumes: what was read before the fault is kept, and reading goes on there.
func TestIncompleteResumes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("log")
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		if r.URL.Query().Get("after") == "4" {
			rw.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	r := w.result(w.run(t.Context(), t), "log")
	assert.Equal(t, extract.StreamIncomplete, r.State)
	assert.EqualValues(t, 4, r.Rows)
	assert.Nil(t, r.Watermark)
	w.vendor.hook, w.vendor.requests = nil, nil
	requireComplete(t, w.run(t.Context(), t))
	assert.Equal(t, []string{"/api/log?after=4", "/api/log?after=6", "/api/log?after=7"}, w.vendor.requests)
}

func TestPagingThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		stream string
		answer string
		want   string
	}{
		"a next link to itself":     {"app_users", `{"value":[{"id":"u1"}],"next":"%s/api/apps/a0/users"}`, "goes in circles"},
		"a link back and forth":     {"app_users", `{"value":[{"id":"u%d"}],"next":"%s/api/apps/a0/users?p=1"}`, "goes in circles"},
		"a cursor that stands":      {"meetings", `{"meetings":[{"id":"m%d","start":"2026-11-01T00:00:00Z"}],"next_page_token":"same"}`, "goes in circles"},
		"the same page by offset":   {"apps", `{"apps":[{"id":"a0","label":"x"}],"total":9}`, "same records"},
		"a next link to a stranger": {"app_users", `{"value":[{"id":"u1"}],"next":"https://evil.example/steal"}`, "another host, evil.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if tc.stream == "app_users" {
				w.vendor.apps = 1
			} else {
				w.only(tc.stream)
			}
			w.inject(func(rw http.ResponseWriter, r *http.Request, n int) bool {
				if tc.stream == "app_users" && !strings.Contains(r.URL.Path, "/users") {
					return false
				}
				body := tc.answer
				if strings.Contains(body, "%d") {
					body = strings.Replace(body, "%d", strconv.Itoa(n), 1)
				}
				fmt.Fprint(rw, strings.Replace(body, "%s", w.vendor.URL, 1))
				return true
			})
			r := w.result(w.run(t.Context(), t), tc.stream)
			assert.Contains(t, r.Error, tc.want)
			assert.NotEqual(t, extract.StreamComplete, r.State)
		})
	}
}

// TestEmptyPagesGoOn: a page without records but with a next link is not the end.
func TestEmptyPagesGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("meetings")
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		if r.URL.Query().Get("next_page_token") == "" {
			fmt.Fprint(rw, `{"meetings":[],"next_page_token":"t1"}`)
			return true
		}
		return false
	})
	requireComplete(t, w.run(t.Context(), t))
	assert.Len(t, w.contents(t)["meetings"], 3)
}

func TestRedirectsCarryNoCredentials(t *testing.T) {
	t.Parallel()
	var got []http.Header
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header)
		fmt.Fprint(w, "\xef\xbb\xbfid,label\na1,\"one, two\"\na2\na3,three\n")
	}))
	t.Cleanup(files.Close)
	w := newWorld(t)
	s := w.only("apps")
	s.Response, s.Paging = manifest.Response{Format: "csv"}, manifest.Paging{}
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		http.Redirect(rw, r, files.URL+"/report.csv?sig=abc", http.StatusFound)
		return true
	})
	r := w.result(w.run(t.Context(), t), "apps")
	assert.Contains(t, r.Error, "another host")
	assert.Empty(t, got)

	s.Response.RedirectHosts = []string{"127.0.0.1"}
	report := w.run(t.Context(), t)
	requireComplete(t, report)
	require.Len(t, got, 1)
	assert.Empty(t, got[0].Get("Authorization"))
	rows := w.contents(t)["apps"]
	assert.JSONEq(t, `{"id":"a1","label":"one, two"}`, rows["a1"])
	assert.JSONEq(t, `{"id":"a3","label":"three"}`, rows["a3"])
	assert.Len(t, rows, 3)
	assert.EqualValues(t, 1, w.result(report, "apps").Issues, "the row that is too short is kept and set aside")
}

func TestBadRecordsAreSetAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.only("log")
	s.Fields["n"], s.Fields["mail"] = "integer", "email"
	w.inject(func(rw http.ResponseWriter, r *http.Request, n int) bool {
		rw.Header().Set("Link", fmt.Sprintf(`<%s/api/log?after=9>; rel="next"`, w.vendor.URL))
		if n > 1 {
			fmt.Fprint(rw, "[]")
			return true
		}
		fmt.Fprint(rw, `[{"uuid":"good","published":"2026-11-01T00:00:00.123Z","n":12345678901234567890,"mail":"a@b"},
			{"uuid":"good","published":"2026-11-01T00:00:00.123Z","n":12345678901234567890,"mail":"a@b"},
			{"published":"2026-11-01T00:00:00Z"},
			{"uuid":9007199254740993,"published":"2026-11-01T00:00:00Z"},
			{"uuid":"t","published":"yesterday"},
			{"uuid":"n","published":"2026-11-01T00:00:00Z","n":"12","mail":"nobody"},
			{"uuid":"u`+"\xff"+`","published":"2026-11-01T00:00:00Z"}]`)
		return true
	})
	report := w.run(t.Context(), t)
	requireComplete(t, report)
	assert.EqualValues(t, 7, w.result(report, "log").Rows, "what was sent twice is kept twice")
	assert.EqualValues(t, 4, w.result(report, "log").Issues)
	assert.Contains(t, w.contents(t)["log"], "9007199254740993")
	st, err := lake.Open(w.dir).Stream("fake", "log")
	require.NoError(t, err)
	first, err := st.Commit(1)
	require.NoError(t, err)
	var checks []string
	for _, is := range first.Issues {
		checks = append(checks, fmt.Sprintf("%s:%d", is.Check, is.Rows))
	}
	assert.Equal(t, []string{"bad_time:1", "missing_id:1", "repaired_text:1", "wrong_type:2"}, checks, "each record once")
}

func TestDiskFaults(t *testing.T) {
	t.Parallel()
	t.Run("full", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.only("apps")
		w.failpoint = func(step string) error {
			if step == "data.rename" {
				return &fs.PathError{Op: "write", Path: "x.parquet", Err: syscall.ENOSPC}
			}
			return nil
		}
		r := w.result(w.run(t.Context(), t), "apps")
		assert.ErrorIs(t, r.Err, syscall.ENOSPC)
		assert.Equal(t, extract.StreamFailed, r.State)
		assert.Empty(t, w.contents(t)["apps"])
		left, err := filepath.Glob(filepath.Join(w.dir, "lake/raw/fake/apps/*"))
		require.NoError(t, err)
		assert.Equal(t, []string{filepath.Join(w.dir, "lake/raw/fake/apps/commits")}, left, "no rubbish stays behind")
	})
	t.Run("the lake cannot be written", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.only("apps")
		require.NoError(t, os.WriteFile(filepath.Join(w.dir, "lake"), nil, 0o600)) // also root cannot write below a file
		r := w.result(w.run(t.Context(), t), "apps")
		assert.Equal(t, extract.StreamFailed, r.State)
		assert.Contains(t, r.Error, "lake")
	})
}

func TestOptionalStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("apps").Optional = true
	w.inject(func(rw http.ResponseWriter, _ *http.Request, _ int) bool {
		status(http.StatusForbidden, nil, `{"errorCode":"E06","errorSummary":"Not permitted"}`)(rw) // in the vendor's own words
		return true
	})
	assert.Equal(t, extract.StreamNotConnected, w.result(w.run(t.Context(), t), "apps").State)
}

func TestChildOfFailedParentIsSkipped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		if r.URL.Path == "/api/apps" {
			rw.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	report := w.run(t.Context(), t)
	assert.Equal(t, extract.StreamFailed, w.result(report, "apps").State)
	assert.Equal(t, extract.StreamSkipped, w.result(report, "app_users").State)
	assert.Contains(t, w.result(report, "app_users").Error, "apps did not complete")
	assert.Equal(t, extract.StreamComplete, w.result(report, "people").State)
}

// TestSnapshotStartsAnewNextDay: half of yesterday and half of today make no whole snapshot.
func TestSnapshotStartsAnewNextDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("apps")
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		if r.URL.Query().Get("offset") == "2" {
			rw.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	assert.Equal(t, extract.StreamIncomplete, w.result(w.run(t.Context(), t), "apps").State)
	w.vendor.hook, w.vendor.requests = nil, nil
	w.clock.Set(now.Add(24 * time.Hour))
	requireComplete(t, w.run(t.Context(), t))
	assert.Equal(t, "/api/apps?limit=2&offset=0", w.vendor.requests[0])
	assert.Len(t, w.contents(t)["apps"], 5)
}

// TestStalePosition: a position that the vendor no longer knows costs the pages before it, not the stream.
func TestStalePosition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("log")
	requireComplete(t, w.run(t.Context(), t))
	w.inject(func(rw http.ResponseWriter, r *http.Request, n int) bool {
		if n == 1 {
			assert.Equal(t, "7", r.URL.Query().Get("after"))
			rw.WriteHeader(http.StatusGone)
			return true
		}
		return false
	})
	requireComplete(t, w.run(t.Context(), t))
	assert.Contains(t, w.vendor.requests, "/api/log?since=2026-11-03T12%3A00%3A00Z")
}

func TestBackfill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	requireComplete(t, w.run(t.Context(), t))
	before := w.contents(t)
	st, err := lake.Open(w.dir).Stream("fake", "meetings")
	require.NoError(t, err)
	last, err := st.Last()
	require.NoError(t, err)
	w.vendor.requests = nil
	from := time.Date(2026, 6, 1, 2, 0, 0, 0, time.UTC)
	req := extract.Request{RunID: "b", From: from, To: from.Add(30 * time.Hour)}

	// Interrupted once, it goes on where it was.
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		if r.URL.Query().Get("from") == "2026-06-02" {
			rw.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	report, err := w.extractor().Run(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, extract.StreamIncomplete, w.result(report, "meetings").State)
	w.vendor.hook, w.vendor.requests = nil, nil
	report, err = w.extractor().Run(t.Context(), req)
	require.NoError(t, err)
	assert.NotContains(t, w.vendor.requests, "/api/meetings?from=2026-06-01&to=2026-06-01")
	assert.Equal(t, extract.StreamComplete, w.result(report, "meetings").State)
	assert.Equal(t, extract.StreamSkipped, w.result(report, "traffic").State, "the vendor keeps its place")
	assert.Empty(t, w.result(report, "apps").Stream, "snapshots cannot be asked for the past")

	after := w.contents(t)
	var added []string
	for id := range after["meetings"] {
		if _, ok := before["meetings"][id]; !ok {
			added = append(added, id)
		}
	}
	assert.ElementsMatch(t, []string{"m/2026-06-01-2", "m/2026-06-01-3", "m/2026-06-02-1", "m/2026-06-02-2", "m/2026-06-02-3"}, added)
	assert.Len(t, after["people"], len(before["people"])+len(added))
	now, err := st.Last()
	require.NoError(t, err)
	assert.Equal(t, last.Watermark, now.Watermark)
	assert.JSONEq(t, string(last.Cursor), string(now.Cursor))
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, req := range []extract.Request{{From: now}, {From: now, To: now}, {Connections: []string{"nobody"}}} {
		_, err := w.extractor().Run(t.Context(), req)
		assert.Error(t, err)
	}
	w.settings = map[string]any{"base_url": "http://api.example.com"}
	r := w.run(t.Context(), t)
	assert.Len(t, r.Streams, 6)
	assert.Contains(t, r.Streams[0].Error, "clear text")
}

// TestNoGoroutinesStay is not parallel: it counts.
func TestNoGoroutinesStay(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.inject(func(_ http.ResponseWriter, _ *http.Request, n int) bool {
		if n == 20 {
			cancel()
		}
		return false
	})
	transport := &http.Transport{}
	w.transport = transport
	before := runtime.NumGoroutine()
	w.run(ctx, t)
	transport.CloseIdleConnections()
	w.vendor.CloseClientConnections()
	assert.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+2 }, 5*time.Second, 20*time.Millisecond)
}
