package connectors_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/secret"
)

type object = map[string]any

// dialect is a vendor with replies of a test's own, read by its built-in connector.
type dialect struct {
	*httptest.Server
	x     *extract.Extractor
	clock *clock.Simulated
	mu    sync.Mutex
	// answer gives status and body, JSON but for texts, which are HTML; headers may be set in h.
	answer func(h http.Header, r *http.Request) (status int, body any)
	asked  []string
}

var dialectNow = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

func newDialect(t *testing.T, connector string, answer func(h http.Header, r *http.Request) (int, any)) *dialect {
	t.Helper()
	d := &dialect{clock: clock.NewSimulated(dialectNow), answer: answer}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.asked = append(d.asked, r.URL.RequestURI())
		status, body := d.answer(w.Header(), r)
		text, isPage := body.(string)
		if !isPage {
			text = encoded(t, body)
		}
		w.Header().Set("Content-Type", "application/json")
		if isPage {
			w.Header().Set("Content-Type", "text/html")
		}
		w.WriteHeader(status)
		_, err := fmt.Fprint(w, text)
		assert.NoError(t, err)
	}))
	t.Cleanup(d.Close)
	settings, auth := map[string]any{"base_url": d.URL}, "token"
	switch connector {
	case "ironclad":
		settings["as_user_email"] = "reader@acme.example"
	case "zoom", "entra_id", "ramp":
		settings["start_date"] = "2026-11-18"
	case "bamboohr":
		auth = "api_key"
	}
	d.x = &extract.Extractor{
		Config: &config.Config{
			Organisation: config.Organisation{Timezone: time.UTC},
			Connections: []config.Connection{{
				Name: "it", Connector: connector, Settings: settings, Auth: map[string]secret.Value{auth: secret.New("a-secret-of-the-test")},
			}},
		},
		Lake: lake.Open(t.TempDir()), Clock: d.clock, Lookup: connectors.Get, Log: slog.New(slog.DiscardHandler),
	}
	return d
}

// cut is the first half of a reply's JSON.
type cut struct{ of any }

func encoded(t *testing.T, body any) string {
	half, isCut := body.(cut)
	if isCut {
		body = half.of
	}
	data, err := json.Marshal(body)
	assert.NoError(t, err)
	if isCut {
		data = data[:len(data)/2]
	}
	return string(data)
}

// run reads everything and gives the streams' results by name.
func (d *dialect) run(t *testing.T, req extract.Request) map[string]extract.StreamResult {
	t.Helper()
	req.RunID = "r" + fmt.Sprint(d.clock.Now().Unix())
	report, err := d.x.Run(t.Context(), req)
	require.NoError(t, err)
	out := map[string]extract.StreamResult{}
	for _, s := range report.Streams {
		out[s.Stream] = s
	}
	return out
}

// link is a Link header as Okta writes it.
func (d *dialect) link(h http.Header, rel, path string) {
	h.Add("Link", fmt.Sprintf(`<%s%s>; rel="%s"`, d.URL, path, rel))
}

// TestAProxyThatTakesOffTheLinkHeaderLosesNobody holds that a full page of Okta's without any link is not the whole list: Okta links every
// page at least to itself, and what is behind it can't be seen through a proxy, or a client, that drops the header.
func TestAProxyThatTakesOffTheLinkHeaderLosesNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		users int
		self  bool
		want  extract.StreamState
	}{
		"a full page with nothing to say what follows": {200, false, extract.StreamFailed},
		"a full page that links to itself alone":       {200, true, extract.StreamComplete},
		"a page that is not full":                      {199, false, extract.StreamComplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d *dialect
			d = newDialect(t, "okta", func(h http.Header, r *http.Request) (int, any) {
				list := []object{}
				if r.URL.Path == "/api/v1/users" && r.URL.Query().Get("filter") == "" {
					assert.Equal(t, "200", r.URL.Query().Get("limit"))
					for i := range c.users {
						list = append(list, object{"id": fmt.Sprintf("u%03d", i), "status": "ACTIVE", "profile": object{"login": fmt.Sprintf("p%d@acme.example", i)}})
					}
				}
				if c.self {
					d.link(h, "self", r.URL.RequestURI())
				}
				return http.StatusOK, list
			})
			users := d.run(t, extract.Request{})["users"]
			assert.Equal(t, c.want, users.State, users.Error)
			if c.want != extract.StreamComplete {
				assert.Contains(t, users.Error, "without the Link header")
				assert.Nil(t, users.Watermark)
			}
		})
	}
}

// TestAnEmptyPageOfTheOktaLogIsNotItsEnd holds that a page on which nothing passes the filter ends the log neither in the regular reading,
// nor in a backfill, while its link points further.
func TestAnEmptyPageOfTheOktaLogIsNotItsEnd(t *testing.T) {
	t.Parallel()
	event := func(id string) object {
		return object{"uuid": id, "published": "2026-11-10T10:00:00Z", "eventType": "user.authentication.sso"}
	}
	pages := [][]object{{event("a1"), event("a2")}, {}, {}, {event("b1")}, {}}
	var d *dialect
	ends := false // whether the last page has no link, as that of a range
	d = newDialect(t, "okta", func(h http.Header, r *http.Request) (int, any) {
		if r.URL.Path != "/api/v1/logs" {
			return http.StatusOK, []object{}
		}
		var n int
		_, _ = fmt.Sscanf(r.URL.Query().Get("after"), "c%d", &n)
		if next := min(n+1, len(pages)-1); next != n || !ends {
			d.link(h, "next", fmt.Sprintf("/api/v1/logs?after=c%d&limit=1000", next))
		}
		return http.StatusOK, pages[n]
	})
	log := d.run(t, extract.Request{Streams: []string{"system_log"}})["system_log"]
	assert.Equal(t, extract.StreamComplete, log.State, log.Error)
	assert.EqualValues(t, 3, log.Rows, "what stands behind the empty pages too")

	d.clock.Set(dialectNow.AddDate(0, 0, 1))
	d.asked = nil
	log = d.run(t, extract.Request{Streams: []string{"system_log"}})["system_log"]
	assert.Equal(t, extract.StreamComplete, log.State, log.Error)
	assert.Len(t, d.asked, 1, "an empty page that points to itself is the end")

	ends = true
	log = d.run(t, extract.Request{Streams: []string{"system_log"}, From: dialectNow.AddDate(0, 0, -20), To: dialectNow})["system_log"]
	require.NoError(t, log.Err)
	assert.EqualValues(t, 3, log.Rows, "a backfill as well")
}

// TestBambooHRCountsMoreThanItGives holds that a list of employees shorter than BambooHR's own count is not whole.
func TestBambooHRCountsMoreThanItGives(t *testing.T) {
	t.Parallel()
	total := 2
	d := newDialect(t, "bamboohr", func(_ http.Header, r *http.Request) (int, any) {
		meta := object{"total": 0, "page": object{"nextCursor": nil}}
		if r.URL.Query().Get("filter[status]") != "active" {
			return http.StatusOK, object{"data": []object{}, "meta": meta}
		}
		var people []object
		for i := range 2 {
			people = append(people, object{"employeeId": fmt.Sprint(i), "status": "Active", "firstName": "F", "workEmail": fmt.Sprintf("p%d@acme.example", i)})
		}
		meta["total"] = total
		return http.StatusOK, object{"data": people, "meta": meta}
	})
	employees := d.run(t, extract.Request{})["employees"]
	assert.Equal(t, extract.StreamComplete, employees.State, employees.Error)
	total = 5
	d.clock.Set(dialectNow.AddDate(0, 0, 1))
	employees = d.run(t, extract.Request{})["employees"]
	assert.Equal(t, extract.StreamIncomplete, employees.State)
	assert.Contains(t, employees.Error, "5")
}
