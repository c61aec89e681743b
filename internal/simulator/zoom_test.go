package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestZoomRosterIsGrantedLater(t *testing.T) {
	t.Parallel()
	v := serve(t, demoOrg().ZoomRosterFrom().Add(-time.Hour), ServerOptions{})
	r := v.get(Zoom, "/users")
	assert.Equal(t, 400, r.status)
	assert.Equal(t, "4711", text(r.object(v), "code"))
	assert.Contains(t, text(r.object(v), "message"), "user:read:list_users:admin")
	span := "from=" + v.org.before(70).String() + "&to=" + v.org.before(62).String()
	assert.Equal(t, 200, v.get(Zoom, "/metrics/meetings?type=past&"+span).status, "engagement needs no roster")

	v.clock.Set(endNow())
	v.token = map[string]string{}
	var got []ZoomAccount
	for _, status := range []string{"active", "inactive", "pending"} {
		list, _ := v.zoomAll("/users?page_size=100&status="+status, "users")
		for _, u := range list {
			assert.Equal(t, status, u["status"])
			email := text(u, "email")
			got = append(got, ZoomAccount{Email: email, Person: v.org.Truth(endNow()).Person(email), Status: status, Licensed: text(u, "type") == "2"})
		}
	}
	sort.Slice(got, func(i, j int) bool { return got[i].Email < got[j].Email })
	assert.Equal(t, v.org.Truth(endNow()).ZoomRoster(), got)
}

func TestZoomMeetingsAndParticipants(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	from, to := v.org.before(7), v.org.before(1)
	span := "from=" + from.String() + "&to=" + to.String()
	want := map[string]*meeting{}
	alone, slashed := 0, 0
	for _, m := range v.org.meetingsBetween(from, to, endNow()) {
		if m.participants == 1 {
			alone++
			continue
		}
		want[m.uuid] = m
		if strings.HasPrefix(m.uuid, "/") {
			slashed++
		}
	}
	assert.Positive(t, slashed)
	metrics, pages := v.zoomAll("/metrics/meetings?type=past&page_size=30&"+span, "meetings")
	require.Greater(t, pages, 2)
	assert.Len(t, metrics, len(want))
	lonely, _ := v.zoomAll("/metrics/meetings?type=pastOne&"+span, "meetings")
	assert.Len(t, lonely, alone)
	history, _ := v.zoomAll("/report/history_meetings?page_size=300&"+span, "history_meetings")
	assert.Len(t, history, len(want)+alone)
	hosted := 0
	users, _ := v.zoomAll("/report/users?type=active&page_size=300&"+span, "users")
	for _, u := range users {
		meetings, _ := v.zoomAll("/report/users/"+text(u, "id")+"/meetings?type=past&page_size=300&"+span, "meetings")
		hosted += len(meetings)
		for _, m := range meetings {
			assert.Equal(t, text(u, "email"), text(m, "user_email"))
		}
	}
	assert.Equal(t, len(want), hosted)

	engaged := map[string]bool{}
	for _, m := range metrics {
		uuid := text(m, "uuid")
		id := url.PathEscape(url.PathEscape(uuid))
		list, _ := v.zoomAll("/metrics/meetings/"+id+"/participants?type=past&page_size=300", "participants")
		require.Len(t, list, len(want[uuid].attendees))
		report, _ := v.zoomAll("/report/meetings/"+text(m, "id")+"/participants?page_size=2", "participants")
		assert.Equal(t, texts(list, "user_id"), texts(report, "user_id"))
		for _, p := range list {
			if email := text(p, "email"); email != "" {
				engaged[v.org.Truth(endNow()).Person(email)] = true
			}
		}
	}
	var names []string
	for n := range engaged {
		names = append(names, n)
	}
	sort.Strings(names)
	assert.Equal(t, v.org.Truth(to.at(86399)).ZoomEngaged(7), names)
	for uuid := range want {
		if strings.HasPrefix(uuid, "/") {
			r := v.get(Zoom, "/metrics/meetings/"+url.PathEscape(uuid)+"/participants?type=past")
			assert.Equal(t, 404, r.status, "a slash must be escaped twice")
			assert.Equal(t, "3001", text(r.object(v), "code"))
		}
	}
}

func TestZoomShowsOnlyWhatHasEnded(t *testing.T) {
	t.Parallel()
	o := demoOrg()
	d := o.before(4)
	for d.weekend() {
		d--
	}
	m := o.meetingDay(d).list[0]
	v := serve(t, m.end.Add(-time.Second), ServerOptions{})
	path := "/report/meetings/" + json.Number(digitsOf(m.id)).String() + "/participants?page_size=30"
	assert.Equal(t, 404, v.get(Zoom, path).status)
	v.clock.Set(m.end)
	assert.Equal(t, 200, v.get(Zoom, path).status)
}

func digitsOf(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}

func TestZoomRefusals(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	day := v.org.End().Format(time.DateOnly)
	for name, c := range map[string]struct {
		method, path string
		status       int
		code         string
	}{
		"unknown path":    {"GET", "/nothing", 404, "2300"},
		"wrong method":    {"PUT", "/users", 405, "300"},
		"unknown user":    {"GET", "/report/users/nobody/meetings?from=" + day + "&to=" + day, 404, "1001"},
		"no range":        {"GET", "/report/users", 400, "300"},
		"range reversed":  {"GET", "/report/users?from=2026-06-20&to=2026-06-10", 400, "300"},
		"range too long":  {"GET", "/metrics/meetings?type=past&from=2026-04-01&to=2026-06-10", 400, "300"},
		"range too old":   {"GET", "/metrics/meetings?type=past&from=2025-11-01&to=2025-11-10", 400, "300"},
		"unknown status":  {"GET", "/users?status=gone", 400, "300"},
		"broken token":    {"GET", "/users?next_page_token=zz", 400, "300"},
		"unknown meeting": {"GET", "/metrics/meetings/abc/participants", 404, "3001"},
	} {
		t.Run(name, func(t *testing.T) {
			r := v.ask(Zoom, c.method, c.path, "")
			assert.Equal(t, c.status, r.status)
			assert.Equal(t, c.code, text(r.object(v), "code"))
		})
	}
	v.clock.Set(endNow().Add(61 * time.Minute))
	r := v.get(Zoom, "/users")
	assert.Equal(t, 401, r.status)
	assert.Equal(t, "124", text(r.object(v), "code"))
	req, err := http.NewRequestWithContext(t.Context(), "POST", v.origin(Zoom)+"/oauth/token?grant_type=account_credentials&account_id=x", nil)
	require.NoError(t, err)
	req.SetBasicAuth("a", "b")
	assert.Equal(t, "invalid_client", v.do(req).object(v)["error"])
}

func TestZoomThrottlesInItsOwnWay(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{ThrottleEvery: 1})
	light := v.get(Zoom, "/users")
	assert.Equal(t, 429, light.status)
	assert.Equal(t, "QPS", light.header.Get("X-RateLimit-Type"))
	assert.Empty(t, light.header.Get("Retry-After"))
	heavy := v.get(Zoom, "/report/users")
	assert.Equal(t, "Heavy", heavy.header.Get("X-RateLimit-Category"))
	assert.Equal(t, isoSeconds(endNow().Add(2*time.Second)), heavy.header.Get("Retry-After"), "an instant, not seconds")
}

func TestZoomShapesMatchTheSamples(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	span := "from=" + v.org.before(7).String() + "&to=" + v.org.before(1).String()
	p := v.org.story.alias
	m := v.org.meetingsBetween(v.org.before(7), v.org.before(1), endNow())[0]
	id := url.PathEscape(url.PathEscape(m.uuid))
	for _, c := range []struct{ sample, path, list string }{
		{"users_GET", "/users?", "users"},
		{"report-users_GET", "/report/users?" + span, "users"},
		{"report-users-userId-meetings_GET", "/report/users/" + p.zoom.id + "/meetings?" + span, "meetings"},
		{"report-meetings-meetingId-participants_GET", "/report/meetings/" + id + "/participants?", "participants"},
		{"report-history_meetings_GET", "/report/history_meetings?" + span, "history_meetings"},
		{"metrics-meetings_GET", "/metrics/meetings?type=past&" + span, "meetings"},
		{"metrics-meetings-meetingId-participants_GET", "/metrics/meetings/" + id + "/participants?type=past", "participants"},
	} {
		var sample map[string]any
		require.NoError(t, decode(sharedFile(t, "samples/zoom/"+c.sample+".json"), &sample))
		got := v.ok(Zoom, c.path).object(v)
		record := sample[c.list].([]any)[0].(map[string]any)
		for key := range got {
			known := key == "page_count" || key == "total_records" || sample[key] != nil
			assert.True(t, known, "%s in %s", key, c.sample)
		}
		for _, e := range got[c.list].([]any) {
			for key := range e.(map[string]any) {
				assert.Contains(t, record, key, c.sample)
			}
		}
	}
}

func TestZoomPathsAreTheVendors(t *testing.T) {
	t.Parallel()
	var spec struct{ Paths map[string]any }
	require.NoError(t, decode(sharedFile(t, "specs/zoom-2018.json"), &spec))
	for _, path := range []string{"/users", "/report/users", "/report/users/{userId}/meetings", "/report/meetings/{meetingId}/participants",
		"/metrics/meetings", "/metrics/meetings/{meetingId}/participants"} {
		assert.Contains(t, spec.Paths, path)
	}
}
