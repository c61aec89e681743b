package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOktaListsPageToTheEnd(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	truth := v.org.Truth(endNow())

	users, pages := v.oktaAll("/api/v1/users?limit=100")
	assert.Greater(t, pages, 4)
	gone, _ := v.oktaAll("/api/v1/users?filter=" + url.QueryEscape(`status eq "DEPROVISIONED"`))
	assert.NotEmpty(t, gone)
	for _, u := range users {
		assert.NotEqual(t, "DEPROVISIONED", u["status"], "left out unless asked for")
	}
	ids := map[string]bool{}
	for _, u := range append(users, gone...) {
		assert.False(t, ids[text(u, "id")], "%s twice", text(u, "id"))
		ids[text(u, "id")] = true
	}
	assert.Len(t, ids, len(v.org.people)-notYet(v))

	apps, _ := v.oktaAll("/api/v1/apps?limit=7")
	assert.Equal(t, truth.OktaApps(), texts(apps, "label"))
	groups, _ := v.oktaAll("/api/v1/groups?limit=3")
	members := map[string][]string{}
	for _, g := range groups {
		list, _ := v.oktaAll("/api/v1/groups/" + text(g, "id") + "/users?limit=90")
		members[text(g, "id")] = texts(list, "id")
	}
	for _, a := range apps {
		assigned, _ := v.oktaAll("/api/v1/apps/" + text(a, "id") + "/users?limit=50")
		emails := texts(assigned, "credentials.userName")
		sort.Strings(emails)
		assert.ElementsMatch(t, truth.Assigned(text(a, "label")), emails, "%s", text(a, "label"))
		granting, _ := v.oktaAll("/api/v1/apps/" + text(a, "id") + "/groups?limit=20")
		for _, u := range assigned {
			if text(u, "scope") != "GROUP" {
				continue
			}
			found := false
			for _, g := range granting {
				for _, m := range members[text(g, "id")] {
					found = found || m == text(u, "id")
				}
			}
			assert.True(t, found, "%s has %s by a group that grants it", text(u, "id"), text(a, "label"))
		}
	}
	one := v.ok(Okta, "/api/v1/users/"+StoryLeaverInOkta).object(v)
	assert.Equal(t, "ACTIVE", one["status"])
}

// notYet counts accounts that Okta does not have by the test's now.
func notYet(v *vendorTest) (n int) {
	for _, p := range v.org.people {
		if v.clock.Now().Before(v.org.workAt(p.hire, p, 1)) {
			n++
		}
	}
	return n
}

func TestOktaAssignmentsShowDirectAndGroup(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	scopes := map[string]int{}
	a := v.org.appNamed(StoryRosterApp)
	list, _ := v.oktaAll("/api/v1/apps/" + a.id + "/users?limit=500&expand=user")
	for _, u := range list {
		scopes[text(u, "scope")]++
		assert.Equal(t, text(u, "credentials.userName"), text(u, "_embedded.user.profile.login"))
	}
	assert.Positive(t, scopes["USER"])
	assert.Positive(t, scopes["GROUP"])
}

func TestOktaLogPollingMissesNothing(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	start := o.End().AddDate(0, 0, -6)
	v := serve(t, start.Add(9*time.Hour), ServerOptions{})
	link := "/api/v1/logs?limit=200&sortOrder=ASCENDING&since=" + isoMillis(start)
	var got []map[string]any
	for now := v.clock.Now(); now.Before(endNow()); now = now.Add(7 * time.Hour) {
		v.clock.Set(now)
		for {
			r := v.ok(Okta, link)
			list := r.array(v)
			require.NotEmpty(t, r.next(), "there is always a next link")
			link = r.next()
			if len(list) == 0 {
				break
			}
			for _, e := range list {
				got = append(got, e.(map[string]any))
			}
		}
	}
	var want []string
	for d := dayOf(start); d <= dayOf(v.clock.Now()); d++ {
		for _, e := range o.makeLogDay(d) {
			if !e.persisted.After(v.clock.Now()) {
				want = append(want, e.uuid)
			}
		}
	}
	assert.Equal(t, want, texts(got, "uuid"))
	disordered := 0
	for i := 1; i < len(got); i++ {
		if text(got[i], "published") < text(got[i-1], "published") {
			disordered++
		}
	}
	assert.Positive(t, disordered, "late events come out of order by published")
}

func TestOktaLogBoundedIsOrderedAndFinite(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	from, to := v.org.End().AddDate(0, 0, -7), v.org.End().AddDate(0, 0, -4)
	span := "since=" + isoMillis(from) + "&until=" + isoMillis(to)
	list, pages := v.oktaAll("/api/v1/logs?limit=50&" + span)
	require.Greater(t, pages, 2)
	published := texts(list, "published")
	assert.True(t, sort.StringsAreSorted(published))
	assert.GreaterOrEqual(t, published[0], isoMillis(from))
	assert.Less(t, published[len(published)-1], isoMillis(to))
	descending, _ := v.oktaAll("/api/v1/logs?limit=1000&sortOrder=DESCENDING&" + span)
	assert.Len(t, descending, len(list))
	assert.Equal(t, published[0], text(descending[len(list)-1], "published"))

	filtered, _ := v.oktaAll("/api/v1/logs?limit=1000&" + span + "&filter=" + url.QueryEscape(`eventType eq "user.authentication.sso" and (outcome.result eq "FAILURE" or outcome.result eq "SUCCESS")`))
	n := 0
	for _, e := range list {
		if e["eventType"] == "user.authentication.sso" {
			n++
		}
	}
	assert.Len(t, filtered, n)
}

func TestOktaForgetsAfterNinetyDays(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	r := v.ok(Okta, "/api/v1/logs?limit=1&since="+isoMillis(endNow().AddDate(0, 0, -150)))
	first := r.array(v)[0].(map[string]any)
	assert.GreaterOrEqual(t, text(first, "published"), isoMillis(endNow().AddDate(0, 0, -90)))
	assert.Less(t, text(first, "published"), isoMillis(endNow().AddDate(0, 0, -88)))

	old := v.get(Okta, "/api/v1/logs?since="+isoMillis(endNow().AddDate(0, 0, -200)))
	assert.Equal(t, 400, old.status)
	assert.Equal(t, "E0000053", old.object(v)["errorCode"])
}

func TestOktaRefusals(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	cases := map[string]struct {
		method, path string
		status       int
		code         string
	}{
		"unknown path":      {"GET", "/api/v1/nothing", 404, "E0000007"},
		"unknown app":       {"GET", "/api/v1/apps/0oaNope/users", 404, "E0000007"},
		"unknown group":     {"GET", "/api/v1/groups/00gNope/users", 404, "E0000007"},
		"unknown user":      {"GET", "/api/v1/users/nobody@x.example", 404, "E0000007"},
		"wrong method":      {"PUT", "/api/v1/users", 405, "E0000022"},
		"broken filter":     {"GET", "/api/v1/users?filter=status+eq", 400, "E0000031"},
		"broken cursor":     {"GET", "/api/v1/apps?after=zzz", 400, "E0000031"},
		"broken log cursor": {"GET", "/api/v1/logs?after=zzz", 400, "E0000031"},
		"since and after":   {"GET", "/api/v1/logs?since=2026-06-01T00:00:00Z&after=" + encodeCursor(1, 2), 400, "E0000001"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := v.ask(Okta, c.method, c.path, "")
			assert.Equal(t, c.status, r.status)
			assert.Equal(t, c.code, r.object(v)["errorCode"])
		})
	}
	for _, bad := range []string{"", "SSWS wrong", "Bearer " + v.org.Secret(Okta, "api_token")} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", v.s.URL(Okta)+"/api/v1/users", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", bad)
		r := v.do(req)
		assert.Equal(t, 401, r.status)
		assert.Equal(t, "E0000011", r.object(v)["errorCode"])
	}
}

func TestOktaHeaders(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{ThrottleEvery: 2})
	r := v.ok(Okta, "/api/v1/users?limit=5")
	assert.Len(t, r.header.Values("Link"), 2, "self and next come as headers of their own")
	assert.NotEmpty(t, r.header.Get("X-Rate-Limit-Remaining"))
	r = v.get(Okta, "/api/v1/users?limit=5")
	assert.Equal(t, 429, r.status)
	assert.Equal(t, "E0000047", r.object(v)["errorCode"])
	assert.Equal(t, "0", r.header.Get("X-Rate-Limit-Remaining"))
	assert.Equal(t, fmt.Sprint(endNow().Unix()+1), r.header.Get("X-Rate-Limit-Reset"))
	assert.Equal(t, endNow().Format(http.TimeFormat), r.header.Get("Date"))
	assert.Equal(t, 200, v.get(Okta, "/api/v1/users?limit=5").status)
	assert.Equal(t, 1, v.s.Responses(Okta, 429))
	assert.Equal(t, 3, v.s.Requests(Okta))
}

func TestOktaShapesMatchTheSpec(t *testing.T) {
	t.Parallel()
	var spec struct {
		Paths      map[string]any
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	require.NoError(t, decode(sharedFile(t, "specs/okta-management.json"), &spec))
	v := serve(t, endNow(), ServerOptions{})
	fields := func(schema string) map[string]any { return spec.Components.Schemas[schema].Properties }
	app := v.org.apps[0]
	for path, schema := range map[string]string{
		"/api/v1/users": "User", "/api/v1/groups": "Group", "/api/v1/groups/" + v.org.groups[1].id + "/users": "User",
		"/api/v1/apps/" + app.id + "/users": "AppUser", "/api/v1/apps/" + app.id + "/groups": "ApplicationGroupAssignment",
	} {
		generic := strings.NewReplacer(app.id, "{appId}", v.org.groups[1].id, "{groupId}").Replace(path)
		assert.Contains(t, spec.Paths, generic)
		for _, e := range v.ok(Okta, path+"?limit=20").array(v) {
			assertKnown(t, fields(schema), e, schema)
			if schema == "User" {
				assertKnown(t, fields("UserProfile"), e.(map[string]any)["profile"], "UserProfile")
			}
		}
	}
	for _, e := range v.ok(Okta, "/api/v1/apps?limit=200").array(v) {
		delete(e.(map[string]any), "name") // of the sign-on modes' own schemas
		delete(e.(map[string]any), "settings")
		assertKnown(t, fields("Application"), e, "Application")
	}
	assert.Contains(t, spec.Paths, "/api/v1/logs")
	parts := map[string]string{"actor": "LogActor", "client": "LogClient", "outcome": "LogOutcome", "authenticationContext": "LogAuthenticationContext",
		"transaction": "LogTransaction", "request": "LogRequest", "securityContext": "LogSecurityContext", "debugContext": "LogDebugContext"}
	for _, e := range v.ok(Okta, "/api/v1/logs?limit=300").array(v) {
		m := e.(map[string]any)
		assertKnown(t, fields("LogEvent"), m, "LogEvent")
		for part, schema := range parts {
			delete(m[part].(map[string]any), "authenticationProvider")
			assertKnown(t, fields(schema), m[part], schema)
		}
		if targets, ok := m["target"].([]any); ok {
			for _, x := range targets {
				assertKnown(t, fields("LogTarget"), x, "LogTarget")
			}
		}
	}
}

// assertKnown checks that every field of an object stands in a schema's properties.
func assertKnown(t *testing.T, properties map[string]any, object any, what string) {
	t.Helper()
	require.NotEmpty(t, properties, what)
	for k := range object.(map[string]any) {
		assert.Contains(t, properties, k, "%s in %s", k, what)
	}
}

func TestOktaEventTypesAreTheVendors(t *testing.T) {
	t.Parallel()
	catalogue := string(sharedFile(t, "specs/okta-event-types.csv"))
	for eventType := range displayMessages {
		assert.Contains(t, catalogue, eventType)
	}
	samples := string(sharedFile(t, "samples/okta_systemlog.ndjson"))
	v := serve(t, endNow(), ServerOptions{})
	e := v.ok(Okta, "/api/v1/logs?limit=1").array(v)[0].(map[string]any)
	for field := range e {
		if field == "legacyEventType" || strings.Contains(samples, `"`+field+`"`) {
			continue
		}
		t.Errorf("%s is in no real record", field)
	}
}
