package extract_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/config"
)

// TestRequestsAsManifestsSay reads one stream each and compares what the vendor was asked: method,
// address, what is said of headers, and body.
func TestRequestsAsManifestsSay(t *testing.T) {
	t.Parallel()
	users := func(r manifest.Request) manifest.Stream {
		return manifest.Stream{Name: "users", Kind: "snapshot", ID: manifest.PathList{"id"}, Request: r, Response: manifest.Response{Records: "list"}}
	}
	events := func(r manifest.Request, w manifest.Window) manifest.Stream {
		s := users(r)
		s.Name, s.Kind, s.Time, s.Window = "events", "events", "at", &w
		return s
	}
	child := users(manifest.Request{Path: "groups/{parent.id}/members/{parent.owner.name}"})
	child.ForEach, child.ID = &manifest.ForEach{Stream: "groups"}, manifest.PathList{"parent.id", "id"}
	groups := users(manifest.Request{Path: "/groups"})
	groups.Name = "groups"
	variants := users(manifest.Request{Path: "/users", Query: map[string]string{"v": "2"}})
	variants.Variants = []map[string]string{{"status": "active"}, {"status": "{settings.other}"}}

	cases := map[string]struct {
		streams []manifest.Stream
		want    []string
	}{
		"settings in the path":       {[]manifest.Stream{users(manifest.Request{Path: "/w/{settings.workspace}/users"})}, []string{"GET /api/w/a%2Fb%20c/users"}},
		"the organisation's":         {[]manifest.Stream{users(manifest.Request{Path: "/users", Query: map[string]string{"tz": "{org.timezone}", "name": "{org.name}"}})}, []string{"GET /api/users?name=Acme%20%26%20Sons&tz=Europe%2FBerlin"}},
		"nothing for what is empty":  {[]manifest.Stream{users(manifest.Request{Path: "/users", Query: map[string]string{"none": "{settings.empty}", "a": "1"}})}, []string{"GET /api/users?a=1"}},
		"headers":                    {[]manifest.Stream{users(manifest.Request{Path: "/users", Headers: map[string]string{"X-Said": "w={settings.workspace}"}})}, []string{"GET /api/users [w=a/b c]"}},
		"a form":                     {[]manifest.Stream{users(manifest.Request{Method: "POST", Path: "/users", Form: map[string]string{"w": "{settings.workspace}", "n": "{settings.empty}"}})}, []string{"POST /api/users w=a%2Fb+c"}},
		"a body of JSON":             {[]manifest.Stream{users(manifest.Request{Method: "POST", Path: "/users", Body: `{"q":"{settings.quoted}"}`})}, []string{`POST /api/users {"q":"say \"hi\""}`}},
		"variants, one after other":  {[]manifest.Stream{variants}, []string{"GET /api/users?status=active&v=2", "GET /api/users?status=%2A&v=2"}},
		"a parent's fields":          {[]manifest.Stream{groups, child}, []string{"GET /api/groups", "GET /api/groups/%2E%2E/members/x%3Fy", "GET /api/groups/g%2F1/members/ann%20b"}},
		"from a date, step by step":  {[]manifest.Stream{events(manifest.Request{Path: "/log", Query: map[string]string{"from": "{start}", "to": "{end}"}}, manifest.Window{Start: "60d", Step: "1d"})}, []string{"GET /api/log?from=2026-11-01T00%3A00%3A00Z&to=2026-11-02T00%3A00%3A00Z", "GET /api/log?from=2026-11-02T00%3A00%3A00Z&to=2026-11-03T00%3A00%3A00Z", "GET /api/log?from=2026-11-03T00%3A00%3A00Z&to=2026-11-03T12%3A00%3A00Z"}},
		"in seconds since the epoch": {[]manifest.Stream{events(manifest.Request{Path: "/log", Query: map[string]string{"since": "{start}"}}, manifest.Window{Start: "60d", Format: "epoch"})}, []string{"GET /api/log?since=1793491200"}},
		"day by day":                 {[]manifest.Stream{events(manifest.Request{Path: "/days/{date}"}, manifest.Window{Start: "60d", Step: "1d"})}, []string{"GET /api/days/2026-11-01", "GET /api/days/2026-11-02", "GET /api/days/2026-11-03"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.manifest.Streams = c.streams
			w.manifest.Settings = map[string]manifest.Setting{"base_url": {}, "workspace": {}, "empty": {}, "quoted": {}, "other": {Default: "*"}}
			w.settings = map[string]any{"workspace": "a/b c", "quoted": `say "hi"`, "start_date": "2026-11-01"}
			var asked []string
			w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				line := r.Method + " " + r.URL.RequestURI()
				if said := r.Header.Get("X-Said"); said != "" {
					line += " [" + said + "]"
				}
				asked = append(asked, strings.TrimSpace(line+" "+string(body)))
				list := []any{map[string]any{"id": "u1", "at": "2026-11-02T10:00:00Z"}}
				if r.URL.Path == "/api/groups" {
					list = []any{map[string]any{"id": "g/1", "owner": map[string]any{"name": "ann b"}}, map[string]any{"id": "..", "owner": map[string]any{"name": "x?y"}}}
				}
				reply(rw, map[string]any{"list": list})
				return true
			})
			x := w.extractor()
			berlin, err := time.LoadLocation("Europe/Berlin")
			require.NoError(t, err)
			x.Config.Organisation = config.Organisation{Name: "Acme & Sons", Timezone: berlin}
			report, err := x.Run(t.Context(), extract.Request{RunID: "r"})
			require.NoError(t, err)
			requireComplete(t, report)
			if len(c.streams) > 1 { // children are asked for side by side
				slices.Sort(asked)
			}
			assert.Equal(t, c.want, asked)
		})
	}
}

// TestConnectionsThatCannotBeRead fails each stream with the place and the fix, and asks nobody.
func TestConnectionsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		settings map[string]any
		change   func(m *manifest.Manifest)
		want     string
	}{
		"a date that is none":        {map[string]any{"start_date": "yesterday"}, nil, "settings.start_date: expected a date such as 2026-01-31"},
		"clear text":                 {map[string]any{"base_url": "http://api.example.com"}, nil, "use https"},
		"no address":                 {map[string]any{"base_url": "acme"}, nil, "is not a URL such as https://api.example.com"},
		"a setting is missing":       {nil, func(m *manifest.Manifest) { m.Settings["workspace"] = manifest.Setting{Required: true} }, "connector fake needs settings.workspace"},
		"parents in a circle":        {nil, func(m *manifest.Manifest) { m.Streams[1].ForEach = &manifest.ForEach{Stream: "app_users"} }, "its parents go in a circle"},
		"a parent that is no stream": {nil, func(m *manifest.Manifest) { m.Streams[0].ForEach = &manifest.ForEach{Stream: "absent"} }, `for_each names "absent", which is no stream`},
		"a kind that is none":        {nil, func(m *manifest.Manifest) { m.Streams[0].Kind = "state" }, `kind "state" is neither events nor snapshot`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.settings = maps.Clone(c.settings)
			if c.change != nil {
				c.change(w.manifest)
			}
			report := w.run(t.Context(), t)
			require.NotEmpty(t, report.Streams)
			failed := 0
			for _, r := range report.Streams {
				if strings.Contains(r.Error, c.want) {
					failed++
					assert.Equal(t, extract.StreamFailed, r.State)
				}
			}
			assert.Positive(t, failed, fmt.Sprint(report.Streams))
			if name != "a date that is none" { // which concerns streams of events alone
				assert.Len(t, report.Streams, failed)
				assert.Empty(t, w.asked())
			}
		})
	}
}
