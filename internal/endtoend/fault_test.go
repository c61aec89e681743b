package endtoend_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/simulator"
)

// calmOnce is the undisturbed extract that the fault tests compare with.
var calmOnce struct {
	sync.Once
	records map[string]map[string]string
}

func calmRecords(t *testing.T) map[string]map[string]string {
	t.Helper()
	calmOnce.Do(func() {
		w := newWorld(t)
		w.requireRun(t, "extract")
		calmOnce.records = w.records(t)
	})
	require.NotEmpty(t, calmOnce.records)
	return calmOnce.records
}

// faultCase is one way in which a vendor can go wrong. It goes wrong at the case's stream only.
type faultCase struct {
	name   string
	fault  func(v vendorCase) *simulator.Fault
	skip   func(v vendorCase) string // why the vendor cannot go wrong in this way
	wants  func(v vendorCase) []string
	before func(t *testing.T, w *world) // prepares the world, if need be
}

func words(w ...string) func(vendorCase) []string { return func(vendorCase) []string { return w } }

func refusalWords(r refusal) []string {
	return []string{r.message, r.permission, r.fix, "[redacted]"}
}

var faultCases = []faultCase{
	{
		name:  "401",
		fault: func(v vendorCase) *simulator.Fault { return v.refuse(v.refused) },
		wants: func(v vendorCase) []string { return append(refusalWords(v.refused), "401") },
	},
	{
		name:  "403",
		fault: func(v vendorCase) *simulator.Fault { return v.refuse(v.forbidden) },
		wants: func(v vendorCase) []string { return append(refusalWords(v.forbidden), "403") },
	},
	{
		name:  "storm of 429",
		fault: func(vendorCase) *simulator.Fault { return simulator.FaultStatus(429) },
		wants: words("429 Too Many Requests"),
	},
	{
		name: "429 until tomorrow",
		fault: func(vendorCase) *simulator.Fault {
			f := simulator.FaultStatus(429)
			f.Header.Set("Retry-After", "86400")
			return f
		},
		wants: words("429 Too Many Requests", "24h"),
	},
	{
		name:  "storm of 503",
		fault: func(vendorCase) *simulator.Fault { return simulator.FaultStatus(503) },
		wants: words("503 Service Unavailable"),
	},
	{
		name:  "storm of 500",
		fault: func(vendorCase) *simulator.Fault { return simulator.FaultStatus(500) },
		wants: words("500 Internal Server Error"),
	},
	{
		name:  "connection cut in the body",
		fault: func(vendorCase) *simulator.Fault { return simulator.FaultCut() },
		wants: words("unexpected EOF"),
	},
	{
		name:  "body cut short",
		fault: func(vendorCase) *simulator.Fault { return simulator.FaultCutCleanly() },
		wants: words("not the expected page"),
	},
	{
		name:  "connection dropped",
		fault: func(vendorCase) *simulator.Fault { return &simulator.Fault{Drop: true} },
		wants: words("EOF"),
	},
	{
		name:  "HTML instead of JSON",
		fault: func(vendorCase) *simulator.Fault { return simulator.FaultHTML() },
		wants: words("not the expected page", "text/html", "<!DOCTYPE html>"),
	},
	{
		name:  "HTML with 502",
		fault: func(vendorCase) *simulator.Fault { f := simulator.FaultHTML(); f.Status = 502; return f },
		wants: words("502 Bad Gateway", "HTML page instead"),
	},
	{
		name: "next page leads in a circle",
		skip: func(v vendorCase) string {
			if !v.loops {
				return "the pages are counted by the client"
			}
			return ""
		},
		fault: func(vendorCase) *simulator.Fault { return simulator.FaultNextLoop() },
		wants: words("goes in circles"),
	},
	{
		name: "no answer",
		fault: func(vendorCase) *simulator.Fault {
			return simulator.FaultSlow(10 * time.Second)
		},
		before: func(t *testing.T, w *world) {
			tr := w.servers.Transport()
			tr.ResponseHeaderTimeout = 300 * time.Millisecond
			t.Cleanup(tr.CloseIdleConnections)
			w.transport = tr
		},
		wants: words("timeout awaiting response headers"),
	},
}

// TestFaults tries each fault on each vendor: the other streams go on; the error has the place,
// the vendor's words and what to do, and no secret; nothing of the stream is said to be whole;
// the exit code is 3; and the next run without the fault has what an undisturbed one has.
func TestFaults(t *testing.T) {
	t.Parallel()
	for i, f := range faultCases {
		for j, v := range vendorCases {
			if raceDetector && !exhaustive && (i+j)%len(vendorCases) != 0 {
				continue // each fault on one vendor or two will show a race
			}
			t.Run(f.name+"/"+v.vendor, func(t *testing.T) {
				t.Parallel()
				if f.skip != nil {
					if why := f.skip(v); why != "" {
						t.Skip(why)
					}
				}
				w := newWorld(t)
				if f.before != nil {
					f.before(t, w)
				}
				w.spoil(v, func() *simulator.Fault { return f.fault(v) })
				w.requireFault(t, v, f.wants(v)...)
				w.requireRecovery(t)
			})
		}
	}
}

// spoil makes a vendor's stream go wrong, always.
func (w *world) spoil(v vendorCase, fault func() *simulator.Fault) {
	w.faults = func(vendor string, _ int, r *http.Request) *simulator.Fault {
		if vendor != v.vendor || r.URL.Path != v.path || isSignIn(r) {
			return nil
		}
		return fault()
	}
}

// streamStatus is a row of `status --format json`.
type streamStatus struct {
	Connection string `json:"connection"`
	Stream     string `json:"stream"`
	State      string `json:"state"`
	Watermark  string `json:"watermark"`
	Error      string `json:"error"`
}

func (w *world) status(t *testing.T) map[string]streamStatus {
	t.Helper()
	r := w.requireRun(t, "status", "--format", "json")
	var status struct {
		Streams []streamStatus `json:"streams"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.out), &status), r.out)
	out := map[string]streamStatus{}
	for _, s := range status.Streams {
		out[s.Connection+"/"+s.Stream] = s
	}
	return out
}

// requireFault is what every fault of a stream has to lead to.
func (w *world) requireFault(t *testing.T, v vendorCase, wants ...string) {
	t.Helper()
	calm := calmRecords(t)
	r := w.cli(t.Context(), "extract")
	require.Equal(t, 3, r.code, r.errors)
	stream := v.connection + "/" + v.stream
	var said string
	for _, line := range strings.Split(r.errors, "\n") {
		if strings.HasPrefix(line, "rightseat: "+stream) {
			said = line
		}
	}
	require.NotEmpty(t, said, "%s is not named:\n%s", stream, r.errors)
	status := w.status(t)
	assert.Equal(t, "error", status[stream].State)
	assert.Empty(t, status[stream].Watermark, "nothing is complete")
	for _, text := range []string{said, status[stream].Error} {
		assert.Contains(t, text, v.path, "the place")
		for _, want := range wants {
			assert.Contains(t, text, want)
		}
	}
	w.requireNoSecrets(t, r)

	for name, rows := range w.records(t) {
		if strings.HasPrefix(name, v.connection+"/") {
			for id := range rows {
				assert.Contains(t, calm[name], id, "%s", name)
			}
			continue
		}
		assert.Empty(t, differences(calm[name], rows), "%s is another connection's", name)
		assert.Equal(t, "connected", status[name].State, name)
	}
	last := w.last(t, v)
	assert.True(t, last == nil || last.State == lake.Partial, "the stream is not said to be complete")
}

func (w *world) last(t *testing.T, v vendorCase) *lake.Commit {
	t.Helper()
	st, err := lake.Open(w.dir).Stream(v.connection, v.stream)
	require.NoError(t, err)
	last, err := st.Last()
	require.NoError(t, err)
	return last
}

// requireRecovery runs without faults and finds what an undisturbed run has.
func (w *world) requireRecovery(t *testing.T) {
	t.Helper()
	w.calm()
	w.requireRun(t, "extract")
	requireSameRecords(t, calmRecords(t), w.records(t))
	for name, s := range w.status(t) {
		assert.Equal(t, "connected", s.State, name)
		assert.Empty(t, s.Error, name)
	}
}

// TestNextLinkToAnotherHost: the other host is not even asked, so it gets no credentials.
func TestNextLinkToAnotherHost(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		if !v.hasLinks {
			continue
		}
		t.Run(v.vendor, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var asked []http.Header
			thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, r.Header)
				w.WriteHeader(http.StatusTeapot)
			}))
			defer thief.Close()
			w := newWorld(t)
			w.spoil(v, func() *simulator.Fault { return simulator.FaultNextElsewhere(thief.URL) })
			w.requireFault(t, v, "another host", strings.TrimPrefix(thief.URL, "http://"))
			w.requireRecovery(t)
			mu.Lock()
			defer mu.Unlock()
			assert.Empty(t, asked)
		})
	}
}

// TestSignInRefused: what stops a whole connection is told by each of its streams.
func TestSignInRefused(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		switch v.vendor {
		case simulator.Okta, simulator.BambooHR, simulator.Netskope:
			continue // no sign-in: the token is the credential
		}
		t.Run(v.vendor, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.faults = func(vendor string, _ int, r *http.Request) *simulator.Fault {
				if vendor != v.vendor || !isSignIn(r) {
					return nil
				}
				return &simulator.Fault{Status: 401, Rewrite: func(req *http.Request, a *simulator.Answer) {
					a.Body, _ = json.Marshal(map[string]string{"error": "invalid_client", "error_description": "Bad client: " + credentials(req) + req.PostFormValue("client_secret")})
				}}
			}
			r := w.cli(t.Context(), "extract")
			assert.Equal(t, 3, r.code)
			for name, s := range w.status(t) {
				if strings.HasPrefix(name, v.connection+"/") {
					assert.NotEqual(t, "connected", s.State, name)
				} else {
					assert.Equal(t, "connected", s.State, name)
				}
			}
			assert.Contains(t, r.errors, "Bad client")
			w.requireNoSecrets(t, r)
			w.requireRecovery(t)
		})
	}
}

// TestSpoiledRecords: the first record of each page has a required field of a wrong type, or
// lacks it. It is kept and set aside, listed in data_quality, and the rest goes on; the lists are small, so that
// one of a page is more than the share with which a list counts by default.
func TestSpoiledRecords(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(v vendorCase, rec map[string]any){
		"wrong type": func(v vendorCase, rec map[string]any) { rec[v.field] = v.wrong },
		"missing":    func(v vendorCase, rec map[string]any) { delete(rec, v.field) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			config, err := os.ReadFile(w.config)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(w.config, append(config, "\nset_aside_percent: 30\n"...), 0o600))
			w.faults = func(vendor string, _ int, r *http.Request) *simulator.Fault {
				for _, v := range vendorCases {
					if v.vendor == vendor && r.URL.Path == v.path {
						return &simulator.Fault{Rewrite: func(_ *http.Request, a *simulator.Answer) {
							if a.Status == http.StatusOK {
								eachRecord(a, func(i int, rec map[string]any) {
									if i == 0 {
										change(v, rec)
									}
								})
							}
						}}
					}
				}
				return nil
			}
			r := w.cli(t.Context(), "run")
			require.Equal(t, 3, r.code, "published, with records that were set aside: %s", r.errors)
			quality := w.reports(t)["data_quality.csv"]
			calm, got := calmRecords(t), w.records(t)
			for _, v := range vendorCases {
				stream := v.connection + "/" + v.stream
				assert.Contains(t, quality, v.connection+"."+v.stream+".", "listed")
				assert.Contains(t, quality, v.field, "with the field")
				assert.GreaterOrEqual(t, len(got[stream]), len(calm[stream]), "%s: all rows are kept", stream)
				bad := 0
				for id, payload := range got[stream] {
					if _, ok := calm[stream][id]; !ok || !strings.HasPrefix(payload, "{") {
						bad++
					}
				}
				assert.Positive(t, bad, "%s: rows were set aside", stream)
				assert.Less(t, bad, len(got[stream])/2, "%s: the rest goes on", stream)
			}
			for name, rows := range calm {
				if !isSpoiled(name) {
					assert.Empty(t, differences(rows, got[name]), name)
				}
			}
			w.requireNoSecrets(t, r)
		})
	}
}

func isSpoiled(stream string) bool {
	for _, v := range vendorCases {
		// Children follow their parents: who is no longer listed is not asked for.
		if strings.HasPrefix(stream, v.connection+"/"+v.stream) || stream == "bamboohr/leavers" || stream == "zoom/meeting_participants" {
			return true
		}
	}
	return false
}

// TestLargeNumbers: an id beyond 2^53 stays exact, digit by digit.
func TestLargeNumbers(t *testing.T) {
	t.Parallel()
	const large = "9007199254740993"
	w := newWorld(t)
	w.faults = func(string, int, *http.Request) *simulator.Fault {
		return &simulator.Fault{Rewrite: func(_ *http.Request, a *simulator.Answer) {
			eachRecord(a, func(_ int, rec map[string]any) { rec["large"] = json.Number(large) })
		}}
	}
	w.requireRun(t, "extract")
	calm, got := calmRecords(t), w.records(t)
	for _, v := range vendorCases {
		stream := v.connection + "/" + v.stream
		require.Len(t, got[stream], len(calm[stream]), stream)
		for id, payload := range got[stream] {
			require.Contains(t, payload, `"large":`+large, "%s %s", stream, id)
		}
	}
}

// TestPublishWithAFault: the reports of a run with a broken vendor say so, and the next run's are
// those of an undisturbed one.
func TestPublishWithAFault(t *testing.T) {
	t.Parallel()
	calm := newWorld(t)
	calm.requireRun(t, "run")
	w := newWorld(t)
	broken := map[string]*simulator.Fault{
		simulator.Okta: simulator.FaultHTML(), simulator.Zoom: simulator.FaultStatus(503),
		simulator.Ramp: simulator.FaultCut(), simulator.Ironclad: simulator.FaultStatus(403),
	}
	w.faults = func(vendor string, _ int, r *http.Request) *simulator.Fault {
		if isSignIn(r) {
			return nil
		}
		return broken[vendor]
	}
	r := w.cli(t.Context(), "run")
	require.Equal(t, 3, r.code, r.errors)
	assert.Contains(t, r.errors, "published, with")
	health := w.reports(t)["connection_health.csv"]
	for _, v := range vendorCases {
		if broken[v.vendor] != nil {
			assert.Contains(t, health, v.connection+","+v.stream+",error,")
			assert.Contains(t, r.errors, "rightseat: "+v.connection+"/"+v.stream)
		} else {
			assert.Contains(t, health, v.connection+","+v.stream+",connected,")
		}
	}
	w.requireNoSecrets(t, r)
	w.calm()
	w.requireRun(t, "run")
	requireSameRecords(t, calm.records(t), w.records(t))
	requireSameReports(t, calm.reports(t), w.reports(t))
}
