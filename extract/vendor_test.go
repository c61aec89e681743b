package extract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
)

// now is the instant at which the fake vendor's world is looked at.
var now = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// vendor is a small made-up API with one stream of each sort.
type vendor struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string
	iterator int // the page that the vendor's iterator gave last, -1 before the first
	apps     int
	events   int
	hook     func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
}

const token = "s3cr3t-token-of-the-fake-vendor"

func newVendor(t *testing.T) *vendor {
	t.Helper()
	v := &vendor{iterator: -1, apps: 5, events: 7}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/log", v.log)
	mux.HandleFunc("GET /api/apps", v.listApps)
	mux.HandleFunc("GET /api/apps/{id}/users", v.appUsers)
	mux.HandleFunc("GET /api/meetings", v.meetings)
	mux.HandleFunc("GET /api/meetings/{id}/people", v.people)
	mux.HandleFunc("GET /api/traffic", v.traffic)
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.requests = append(v.requests, r.URL.RequestURI())
		if v.hook != nil && v.hook(w, r) {
			return
		}
		if r.Header.Get("Authorization") != "SSWS "+token {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"errorCode":"E11","errorSummary":"Invalid token provided"}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(v.Close)
	return v
}

func reply(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func at(hours int) string {
	return now.Add(-72 * time.Hour).Add(time.Duration(hours) * time.Hour).Format(time.RFC3339)
}

// log is a polling stream: there is always a next link, an empty page means caught up.
func (v *vendor) log(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	end := min(after+2, v.events)
	page := []map[string]any{}
	for i := after; i < end; i++ {
		page = append(page, map[string]any{"uuid": fmt.Sprintf("e%d", i), "published": at(i), "big": json.Number("9007199254740993")})
	}
	w.Header().Add("Link", fmt.Sprintf(`<%s/api/log?after=%d>; rel="next"`, v.URL, end))
	w.Header().Add("Link", fmt.Sprintf(`<%s/api/log>; rel="self"`, v.URL))
	reply(w, page)
}

// listApps is a snapshot by offset.
func (v *vendor) listApps(w http.ResponseWriter, r *http.Request) {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	page := []map[string]any{}
	for i := offset; i < min(offset+2, v.apps); i++ {
		page = append(page, map[string]any{"id": fmt.Sprintf("a%d", i), "label": fmt.Sprintf("App %d", i), "status": []string{"ACTIVE", "GONE"}[i/4%2]})
	}
	reply(w, map[string]any{"apps": page, "total": v.apps})
}

// appUsers is its child, with a next URL in the body; one app has gone meanwhile.
func (v *vendor) appUsers(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if id == "a2" {
		w.WriteHeader(http.StatusNotFound)
		reply(w, map[string]any{"errorCode": "E07", "errorSummary": "Not found: a2"})
		return
	}
	page := map[string]any{"value": []map[string]any{{"id": "u1", "app": id}, {"id": "u2", "app": id}}, "next": fmt.Sprintf("%s/api/apps/%s/users?p=2", v.URL, id)}
	if r.URL.Query().Get("p") == "2" {
		page = map[string]any{"value": []map[string]any{{"id": "u3", "app": id}}, "next": nil}
	}
	reply(w, page)
}

// meetings is read day by day, with a cursor in the body.
func (v *vendor) meetings(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	day, err := time.Parse(time.DateOnly, q.Get("from"))
	if err != nil || q.Get("to") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	id := func(n int) map[string]any {
		return map[string]any{"id": fmt.Sprintf("m/%s-%d", q.Get("from"), n), "start": day.Add(time.Duration(n) * time.Hour).Format(time.RFC3339)}
	}
	if q.Get("next_page_token") == "" {
		reply(w, map[string]any{"meetings": []any{id(1), id(2)}, "next_page_token": "t1"})
		return
	}
	reply(w, map[string]any{"meetings": []any{id(3)}, "next_page_token": ""})
}

// people is a child of the meetings.
func (v *vendor) people(w http.ResponseWriter, r *http.Request) {
	reply(w, map[string]any{"people": []any{map[string]any{"user": "p1", "meeting": r.PathValue("id")}}})
}

const trafficPages = 4

// traffic keeps its place itself: "next" moves on, "resend" gives the last page again.
func (v *vendor) traffic(w http.ResponseWriter, r *http.Request) {
	switch op := r.URL.Query().Get("operation"); op {
	case "resend":
	case "next":
		v.iterator = min(v.iterator+1, trafficPages)
	default:
		v.iterator = 0
	}
	rows := []map[string]any{}
	if v.iterator >= 0 && v.iterator < trafficPages {
		for i := range 2 {
			rows = append(rows, map[string]any{"_id": fmt.Sprintf("t%d-%d", v.iterator, i), "timestamp": now.Add(-time.Hour).Unix()})
		}
	}
	reply(w, map[string]any{"ok": 1, "result": rows, "wait_time": 1})
}

func text(s string) *string { return &s }

// fakeManifest describes the vendor.
func fakeManifest() *manifest.Manifest {
	return &manifest.Manifest{
		Version: 1, Name: "fake",
		Settings:    map[string]manifest.Setting{"base_url": {Required: true}},
		Auth:        []manifest.Auth{{Type: "token", Scheme: text("SSWS")}},
		Permissions: []manifest.Permission{{Name: "fake.logs.read", Streams: []string{"log"}}, {Name: "fake.all"}},
		Errors:      manifest.Errors{Message: []string{"errorSummary"}, Code: []string{"errorCode"}, Hints: map[string]string{"E11": "Make a new token."}},
		Streams: []manifest.Stream{
			{Name: "app_users", Kind: "snapshot", ID: manifest.PathList{"parent.id", "id"},
				ForEach:  &manifest.ForEach{Stream: "apps", Where: map[string][]string{"status": {"ACTIVE"}}, Name: "label", Gone: []string{"E07"}},
				Request:  manifest.Request{Path: "apps/{parent.id}/users"},
				Response: manifest.Response{Records: "value"}, Paging: manifest.Paging{Type: "next_url", Next: "next"}},
			{Name: "apps", Kind: "snapshot", ID: manifest.PathList{"id"}, Fields: map[string]string{"id": "string!", "label": "string!"},
				Request: manifest.Request{Path: "/apps"}, Response: manifest.Response{Records: "apps"},
				Paging: manifest.Paging{Type: "offset", Param: "offset", SizeParam: "limit", Size: 2, Total: "total"}},
			{Name: "log", Kind: "events", ID: manifest.PathList{"uuid"}, Time: "published", Fields: map[string]string{"uuid": "string!"},
				Request: manifest.Request{Path: "/log", Query: map[string]string{"since": "{start}", "until": "{end}"}},
				Window:  &manifest.Window{Start: "90d"},
				Paging:  manifest.Paging{Type: "link_header", Polling: true}},
			{Name: "meetings", Kind: "events", ID: manifest.PathList{"id"}, Time: "start",
				Request:  manifest.Request{Path: "/meetings", Query: map[string]string{"from": "{start}", "to": "{end}"}},
				Response: manifest.Response{Records: "meetings"},
				Window:   &manifest.Window{Start: "2d", Step: "1d", Overlap: "1d", Format: "date", EndInclusive: true},
				Paging:   manifest.Paging{Type: "cursor", Next: "next_page_token", Param: "next_page_token"}},
			{Name: "people", Kind: "events", ForEach: &manifest.ForEach{Stream: "meetings"}, ID: manifest.PathList{"parent.id", "user"},
				Request: manifest.Request{Path: "/meetings/{parent.id}/people"}, Response: manifest.Response{Records: "people"}},
			{Name: "traffic", Kind: "events", ID: manifest.PathList{"_id"}, Time: "timestamp", TimeFormat: "epoch",
				Request: manifest.Request{Path: "/traffic"}, Response: manifest.Response{Records: "result"},
				Paging: manifest.Paging{Type: "iterator", Param: "operation", Start: "1700000000", Resend: "resend", More: "next", Wait: "wait_time"}},
		},
	}
}
