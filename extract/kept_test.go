package extract_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/lake"
)

// queries are those of the requests since the last call.
func (w *world) queries(t *testing.T) []url.Values {
	t.Helper()
	w.vendor.mu.Lock()
	defer w.vendor.mu.Unlock()
	var out []url.Values
	for _, r := range w.vendor.requests {
		u, err := url.Parse(r)
		require.NoError(t, err)
		out = append(out, u.Query())
	}
	w.vendor.requests = nil
	return out
}

func hasFinding(r extract.StreamResult, check, text string) bool {
	for _, f := range r.Findings {
		if f.Check == check && strings.Contains(f.Sample, text) {
			return true
		}
	}
	return false
}

// TestAChangedSettingTakesEffect wherever it stands in the request: what was read before is not what would be read
// now, so the stream begins anew, and says so.
func TestAChangedSettingTakesEffect(t *testing.T) {
	t.Parallel()
	places := map[string]func(s *manifest.Stream){
		"in the query": func(s *manifest.Stream) { s.Request.Query["filter"] = "{settings.kind}" },
		"in a header":  func(s *manifest.Stream) { s.Request.Headers = map[string]string{"X-Kind": "{settings.kind}"} },
		"in a variant": func(s *manifest.Stream) { s.Variants = []map[string]string{{"kind": "{settings.kind}"}} },
		"by a default": func(s *manifest.Stream) { s.Request.Query["filter"] = "{settings.filter}" },
	}
	for _, stream := range []string{"log", "meetings", "traffic"} {
		for place, put := range places {
			t.Run(stream+" "+place, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.manifest.Settings["kind"] = manifest.Setting{}
				w.manifest.Settings["filter"] = manifest.Setting{Default: "kind eq {settings.kind}"}
				s := w.only(stream)
				if s.Request.Query == nil {
					s.Request.Query = map[string]string{}
				}
				if stream == "traffic" {
					s.Window = &manifest.Window{Start: "90d", Format: "epoch"}
					s.Paging.Start = "{start}"
				}
				put(s)
				w.settings = map[string]any{"kind": "a"}
				requireComplete(t, w.run(t.Context(), t))
				first := w.queries(t)[0]
				w.clock.Set(now.Add(time.Hour))
				report := w.run(t.Context(), t)
				requireComplete(t, report)
				assert.Empty(t, report.Streams[0].Findings)
				if stream != "meetings" {
					assert.NotEqual(t, first, w.queries(t)[0], "goes on where it was")
				}
				w.queries(t)

				w.settings["kind"] = "b"
				report = w.run(t.Context(), t)
				requireComplete(t, report)
				name := "settings.kind"
				if strings.Contains(place, "default") {
					name = "settings.filter"
				}
				assert.True(t, hasFinding(report.Streams[0], "setting_changed", name+" changed"), report.Streams[0].Findings)
				again := w.queries(t)[0]
				for _, key := range []string{"since", "from"} {
					if first.Has(key) {
						began, err := time.Parse(time.DateOnly, first.Get(key)[:10])
						require.NoError(t, err)
						assert.Contains(t, again.Get(key), began.Format(time.DateOnly), "from its beginning")
					}
				}
				if stream == "traffic" {
					assert.NotContains(t, []string{"resend", "next"}, again.Get("operation"))
				}
			})
		}
	}
}

// TestAnotherBookmarkGoesOn by time from where the old one stood.
func TestAnotherBookmarkGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manifest.Settings["index"] = manifest.Setting{Default: "ours", Bookmark: true}
	s := w.only("traffic")
	s.Window = &manifest.Window{Start: "90d", Overlap: "1d", Format: "epoch"}
	s.Paging.Start = "{start}"
	s.Request.Query = map[string]string{"index": "{settings.index}"}
	s.Request.Check = map[string]string{"index": "{settings.index}-check"}
	requireComplete(t, w.run(t.Context(), t))
	assert.Equal(t, fmt.Sprint(now.Add(-90*24*time.Hour).Unix()), w.queries(t)[0].Get("operation"))

	_, err := w.extractor().Check(t.Context())
	require.NoError(t, err)
	for _, q := range w.queries(t) {
		assert.Equal(t, "ours-check", q.Get("index"), "a check moves nobody's place")
	}

	w.settings = map[string]any{"index": "other"}
	report := w.run(t.Context(), t)
	requireComplete(t, report)
	assert.Empty(t, report.Streams[0].Findings)
	q := w.queries(t)[0]
	assert.Equal(t, "other", q.Get("index"))
	assert.Equal(t, fmt.Sprint(now.Add(-24*time.Hour).Unix()), q.Get("operation"))
}

// TestAnEarlierStartDateIsReadBackTo although the stream has long gone on.
func TestAnEarlierStartDateIsReadBackTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("log")
	w.settings = map[string]any{"start_date": "2026-10-01"}
	requireComplete(t, w.run(t.Context(), t))
	w.queries(t)
	for date, want := range map[string]string{"2026-10-20": "", "2026-10-01": "", "2026-09-01": "2026-09-01T00:00:00Z"} {
		w := w // one after the other
		w.settings["start_date"] = date
		w.queries(t)
		report := w.run(t.Context(), t)
		requireComplete(t, report)
		if want != "" {
			assert.Equal(t, want, w.queries(t)[0].Get("since"))
			assert.True(t, hasFinding(report.Streams[0], "setting_changed", "start_date"))
			return
		}
		if w.queries(t)[0].Get("since") != "" {
			require.Equal(t, "2026-09-01", "read back already", date)
		}
	}
}

// TestAClockThatWasAhead read nothing of the days to come: they are read once they are there, and people are told.
func TestAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{true, false} {
		t.Run(fmt.Sprintf("read rightly before: %v", before), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("meetings")
			if before {
				requireComplete(t, w.run(t.Context(), t))
			}
			w.clock.Set(now.Add(5 * 24 * time.Hour))
			requireComplete(t, w.run(t.Context(), t))

			w.clock.Set(now.Add(time.Hour))
			w.queries(t)
			report := w.run(t.Context(), t)
			requireComplete(t, report)
			assert.True(t, hasFinding(report.Streams[0], "clock_ahead", "ahead of this machine's clock"), report.Streams[0].Findings)
			assert.Equal(t, "warning", report.Streams[0].Findings[0].Severity)
			want := "2026-11-01"
			if before {
				want = "2026-11-02" // with the overlap of a day
			}
			assert.Equal(t, want, w.queries(t)[0].Get("from"))
			require.NotNil(t, report.Streams[0].Watermark)
			assert.Equal(t, now.Add(time.Hour), *report.Streams[0].Watermark)

			w.clock.Set(now.Add(48 * time.Hour))
			report = w.run(t.Context(), t)
			requireComplete(t, report)
			assert.Empty(t, report.Streams[0].Findings)
			assert.Equal(t, now.Add(48*time.Hour), *report.Streams[0].Watermark)
			assert.Contains(t, w.contents(t)["meetings"], "m/2026-11-04-1")
		})
	}
}

// TestAClockThatWasAheadOfASnapshot and of a polled log leaves no watermark of the future.
func TestAClockThatWasAheadOfASnapshot(t *testing.T) {
	t.Parallel()
	for _, stream := range []string{"apps", "log", "traffic"} {
		t.Run(stream, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only(stream)
			w.clock.Set(now.Add(5 * 24 * time.Hour))
			requireComplete(t, w.run(t.Context(), t))
			w.clock.Set(now)
			report := w.run(t.Context(), t)
			requireComplete(t, report)
			assert.True(t, hasFinding(report.Streams[0], "clock_ahead", ""))
			require.NotNil(t, report.Streams[0].Watermark)
			assert.False(t, report.Streams[0].Watermark.After(now.Add(time.Minute)), report.Streams[0].Watermark)
			assert.Empty(t, w.run(t.Context(), t).Streams[0].Findings)
		})
	}
}

// TestAClockThatIsAheadWhileKilled: wherever a run under a wrong clock was stopped, the ones after it read everything.
func TestAClockThatIsAheadWhileKilled(t *testing.T) {
	t.Parallel()
	for stop := 1; stop <= 6; stop++ {
		w := newWorld(t)
		w.only("meetings")
		w.clock.Set(now.Add(5 * 24 * time.Hour))
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		w.inject(func(http.ResponseWriter, *http.Request, int) bool {
			if n++; n == stop {
				cancel()
			}
			return false
		})
		_, err := w.extractor().Run(ctx, extract.Request{RunID: "r"})
		require.NoError(t, err)
		cancel()
		w.clock.Set(now)
		requireComplete(t, w.run(t.Context(), t))
		w.clock.Set(now.Add(3 * 24 * time.Hour))
		requireComplete(t, w.run(t.Context(), t))
		have := w.contents(t)["meetings"]
		for _, day := range []string{"2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"} {
			assert.Contains(t, have, "m/"+day+"-3", "stopped at request %d", stop)
		}
		st, err := lake.Open(w.dir).Stream("fake", "meetings")
		require.NoError(t, err)
		last, err := st.Last()
		require.NoError(t, err)
		assert.Equal(t, now.Add(3*24*time.Hour), *last.Watermark)
	}
}
