package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
)

// Requests that list things, with the way to their ids.
var lists = []struct {
	vendor, path string
	ids          func(v *vendorTest, path string) []string
}{
	{Okta, "/api/v1/users?limit=200", func(v *vendorTest, p string) []string { l, _ := v.oktaAll(p); return texts(l, "id") }},
	{Okta, "/api/v1/apps?limit=200", func(v *vendorTest, p string) []string { l, _ := v.oktaAll(p); return texts(l, "id") }},
	{Entra, "/users", func(v *vendorTest, p string) []string { l, _ := v.linked(Entra, p); return texts(l, "id") }},
	{Entra, "/auditLogs/signIns", func(v *vendorTest, p string) []string { l, _ := v.linked(Entra, p); return texts(l, "id") }},
	{BambooHR, "page%5Blimit%5D=2500", func(v *vendorTest, p string) []string { l, _ := v.bambooAll(p); return texts(l, "employeeId") }},
	{Ramp, "/transactions?state=ALL", func(v *vendorTest, p string) []string { l, _ := v.linked(Ramp, p); return texts(l, "id") }},
	{Ramp, "/users", func(v *vendorTest, p string) []string { l, _ := v.linked(Ramp, p); return texts(l, "id") }},
	{Ironclad, "sortField=name", func(v *vendorTest, p string) []string { l, _ := v.ironcladAll(p, 100); return texts(l, "id") }},
}

// TestVendorsShowOnlyWhatExistsByNow: what was listed stays listed later (but for people Okta hides
// once they are deprovisioned, and sign-ins past their retention), and there is less earlier.
func TestVendorsShowOnlyWhatExistsByNow(t *testing.T) {
	t.Parallel()
	for _, l := range lists {
		t.Run(l.vendor+" "+l.path, func(t *testing.T) {
			t.Parallel()
			v := serve(t, demoOrg().Start().Add(20*time.Hour), ServerOptions{})
			v.T = t
			early := l.ids(v, l.path)
			v.clock.Set(demoOrg().Start().AddDate(0, 0, 20))
			v.token = map[string]string{}
			late := map[string]bool{}
			for _, id := range l.ids(v, l.path) {
				assert.False(t, late[id], "%s twice", id)
				late[id] = true
			}
			missing := 0
			for _, id := range early {
				if !late[id] {
					missing++
				}
			}
			assert.LessOrEqual(t, missing, 5)
			assert.GreaterOrEqual(t, len(late), len(early)-5)
		})
	}
}

// TestConcurrentRequestsGetTheSameAnswers asks for the same things from many sides at once, on
// an organisation none of whose days has been worked out.
func TestConcurrentRequestsGetTheSameAnswers(t *testing.T) {
	t.Parallel()
	o := NewOrg(Options{People: 100, Days: 40, Seed: 5})
	clk := clock.NewSimulated(o.End().Add(20 * time.Hour))
	s, err := Start(o, clk, ServerOptions{ThrottleEvery: -1})
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()
	ask := func() string {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/api/v1/logs?limit=1000&since="+isoMillis(o.Start()), nil)
		r.Header.Set("Authorization", "SSWS "+o.Secret(Okta, "api_token"))
		s.Handler(Okta).ServeHTTP(w, r)
		return w.Body.String()
	}
	answers := make([]string, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = ask() })
	}
	wg.Wait()
	for _, a := range answers {
		assert.Equal(t, answers[0], a)
	}
	assert.Equal(t, 8, s.Requests(Okta))
}

// Paths that the fuzzer asks with queries of its own.
var fuzzed = []struct{ vendor, path string }{
	{Okta, "/api/v1/users"}, {Okta, "/api/v1/groups"}, {Okta, "/api/v1/apps"}, {Okta, "/api/v1/logs"},
	{Entra, "/v1.0/users"}, {Entra, "/v1.0/servicePrincipals"}, {Entra, "/v1.0/auditLogs/signIns"},
	{Zoom, "/v2/users"}, {Zoom, "/v2/report/users"}, {Zoom, "/v2/report/history_meetings"}, {Zoom, "/v2/metrics/meetings"},
	{BambooHR, "/api/v1/employees"}, {BambooHR, "/api/v1/employees/changed"},
	{Netskope, "/api/v2/events/dataexport/events/application"}, {Netskope, "/api/v2/events/data/application"},
	{Ramp, "/developer/v1/transactions"}, {Ramp, "/developer/v1/users"}, {Ironclad, "/public/api/v1/records"},
}

// FuzzQueries: whatever is asked, the answer is JSON and no failure of the server's own.
func FuzzQueries(f *testing.F) {
	o := NewOrg(Options{People: 80, Days: 30})
	clk := clock.NewSimulated(o.End().AddDate(0, 0, -25))
	s, err := Start(o, clk, ServerOptions{ThrottleEvery: -1})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	v := &vendorTest{org: o, clock: clk, s: s, token: map[string]string{}}
	for _, vendor := range []string{Entra, Zoom, Ramp, Ironclad} {
		for _, known := range []*tokens{tokensOf(s, vendor)} {
			v.token[vendor] = known.issue(clk.Now(), time.Hour)
		}
	}
	for i, q := range []string{
		"limit=2&after=zz", "$top=-1&$filter=createdDateTime ge 2026-06-01T00:00:00Z&$skiptoken=" + encodeCursor(9, 9), "page_size=0&next_page_token=" + encodeCursor(1<<40),
		"page[after]=" + encodeCursor(7) + "&fields=workEmail,,x", "index=a&operation=99999999999999", "index=a&operation=-5", "starttime=0&endtime=9e9&offset=-1",
		"from=0001-01-01&to=9999-12-31", "since=9999-12-31T23:59:59Z&until=0001-01-01", "page=1048576&pageSize=100&lastUpdated=x", "since=2026-06-01T00:00:00Z&filter=((",
		"from_date=0000-01-01&to_date=2026-06-30&start=", "after=" + encodeCursor(1<<60, 5),
	} {
		f.Add(uint8(i), q)
	}
	f.Fuzz(func(t *testing.T, which uint8, query string) {
		x := fuzzed[int(which)%len(fuzzed)]
		v.T = t
		r := httptest.NewRequest(http.MethodGet, x.path, nil)
		r.URL = &url.URL{Scheme: "http", Host: "h.example", Path: x.path, RawQuery: query}
		v.sign(x.vendor, r)
		w := httptest.NewRecorder()
		s.Handler(x.vendor).ServeHTTP(w, r)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s?%s: %d %.200s", x.path, query, w.Code, w.Body.String())
		}
	})
}

func tokensOf(s *Servers, vendor string) *tokens {
	switch a := s.vendors[vendor].api.(type) {
	case *entraAPI:
		return a.tokens
	case *zoomAPI:
		return a.tokens
	case *rampAPI:
		return a.tokens
	case *ironcladAPI:
		return a.tokens
	default:
		return nil
	}
}

// ExampleStart serves an organisation and asks Okta for its first two apps.
func ExampleStart() {
	org := NewOrg(Options{People: 100, Days: 60})
	servers, err := Start(org, clock.NewSimulated(org.End()), ServerOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = servers.Close() }()

	req, err := http.NewRequest(http.MethodGet, servers.URL(Okta)+"/api/v1/apps?limit=2", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Authorization", "SSWS "+org.Secret(Okta, "api_token"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	var apps []struct{ Label, SignOnMode string }
	if err := json.NewDecoder(resp.Body).Decode(&apps); err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range apps {
		fmt.Println(a.Label, a.SignOnMode)
	}
	fmt.Println(strings.Count(strings.Join(resp.Header.Values("Link"), ","), "rel="), "links")
	// Output:
	// Zoom SAML_2_0
	// Zoom Sandbox SAML_2_0
	// 2 links
}

// ExampleOrg_Truth asks what a test needs to know to judge a report.
func ExampleOrg_Truth() {
	org := NewOrg(Options{})
	truth := org.Truth(org.End())
	fmt.Println(truth.Person(StoryAliasOld))
	fmt.Println(truth.Manager(StoryLeaverInOkta) != "")
	fmt.Println(len(truth.EntraApps()), "apps behind Entra ID")
	// Output:
	// bjorn.lindqvist@merrowpike.example
	// true
	// 8 apps behind Entra ID
}
