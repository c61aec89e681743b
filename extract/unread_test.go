package extract_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/lake"
)

// newest is the last whole snapshot of a stream.
func (w *world) newest(t *testing.T, stream string) lake.Snapshot {
	t.Helper()
	st, err := lake.Open(w.dir).Stream("fake", stream)
	require.NoError(t, err)
	commits, err := st.After(0)
	require.NoError(t, err)
	for i := len(commits) - 1; i >= 0; i-- {
		if s := commits[i].Snapshots; len(s) > 0 {
			return s[0]
		}
	}
	return lake.Snapshot{}
}

func (w *world) nextDay() { w.clock.Set(w.clock.Now().Add(24 * time.Hour)) }

// refuse answers requests whose address holds a text.
func (w *world) refuse(part string, answer func(http.ResponseWriter)) {
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		if !strings.Contains(r.URL.RequestURI(), part) {
			return false
		}
		answer(rw)
		return true
	})
}

func askedFor(asked []string, part string) int {
	n := 0
	for _, a := range asked {
		if strings.Contains(a, part) {
			n++
		}
	}
	return n
}

// TestOneAppThatCannotBeReadKeepsItsLastList has one app refused, in the ways vendors, gateways and proxies do.
func TestOneAppThatCannotBeReadKeepsItsLastList(t *testing.T) {
	t.Parallel()
	own := `{"errorCode":"E06","errorSummary":"Not permitted"}`
	html := map[string]string{"Content-Type": "text/html"}
	for name, tc := range map[string]struct {
		at     string
		answer func(http.ResponseWriter)
	}{
		"403":                          {"/apps/a1/users", status(403, nil, own)},
		"a gateway's 404":              {"/apps/a1/users", status(404, html, "<html>no healthy upstream")},
		"a gateway's 404 in JSON":      {"/apps/a1/users", status(404, nil, `{"message":"no Route matched with those values"}`)},
		"404 on page 2":                {"/apps/a1/users?p=2", status(404, nil, `{"errorCode":"E07","errorSummary":"Not found"}`)},
		"410 on page 2":                {"/apps/a1/users?p=2", status(410, html, "<html>Gone")},
		"400 on page 2":                {"/apps/a1/users?p=2", status(400, nil, own)},
		"500 on page 2":                {"/apps/a1/users?p=2", status(500, nil, "boom")},
		"a sign-in page on page 2":     {"/apps/a1/users?p=2", status(200, html, "<html>Sign in")},
		"a page of another shape":      {"/apps/a1/users", status(200, nil, `{"error":{"code":"UnknownError"}}`)},
		"another code of the vendor's": {"/apps/a1/users", status(404, nil, `{"errorCode":"E08","errorSummary":"Feature not found"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			requireComplete(t, w.run(t.Context(), t))
			whole := w.newest(t, "app_users")
			w.nextDay()
			w.refuse(tc.at, tc.answer)
			report := w.run(t.Context(), t)
			r := w.result(report, "app_users")
			assert.Equal(t, extract.StreamIncomplete, r.State)
			assert.Contains(t, r.Error, "App 1 (a1)")
			require.NotEmpty(t, r.Findings)
			assert.Contains(t, r.Findings[0].Sample, "leave_out.app_users")
			s := w.newest(t, "app_users")
			require.Len(t, s.Unread, 1)
			assert.Equal(t, "a1", s.Unread[0].Parent)
			assert.Equal(t, whole.ID, s.Unread[0].Kept)
			assert.Equal(t, "2026-11-04", s.Date, "the others count")

			// It stays the same list, however long it takes; then all is well.
			w.nextDay()
			w.run(t.Context(), t)
			require.Len(t, w.newest(t, "app_users").Unread, 1)
			assert.Equal(t, whole.ID, w.newest(t, "app_users").Unread[0].Kept)
			w.vendor.hook = nil
			w.clock.Set(now.Add(20 * 24 * time.Hour))
			requireComplete(t, w.run(t.Context(), t))
			assert.Empty(t, w.newest(t, "app_users").Unread)
		})
	}
}

func TestAnAppThatIsGoneHasNoList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	requireComplete(t, w.run(t.Context(), t)) // a2 is gone
	assert.Empty(t, w.newest(t, "app_users").Unread)

	// Of most at once it is not believed.
	w.nextDay()
	w.refuse("/users", status(404, nil, `{"errorCode":"E07","errorSummary":"Not found"}`))
	r := w.result(w.run(t.Context(), t), "app_users")
	assert.Equal(t, extract.StreamFailed, r.State)
	assert.Contains(t, r.Error, "not believed")
	assert.Equal(t, "2026-11-03", w.newest(t, "app_users").Date)
}

func TestAnOutageLeavesAllListsAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter){
		"a gateway's 404": status(404, nil, "<html>"), "503": status(503, nil, ""), "403": status(403, nil, `{"errorCode":"E06"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			requireComplete(t, w.run(t.Context(), t))
			w.nextDay()
			w.refuse("/users", answer)
			r := w.result(w.run(t.Context(), t), "app_users")
			assert.NotEqual(t, extract.StreamComplete, r.State)
			assert.Equal(t, "2026-11-03", w.newest(t, "app_users").Date)
			w.vendor.hook = nil
			requireComplete(t, w.run(t.Context(), t))
			assert.Empty(t, w.newest(t, "app_users").Unread)
		})
	}
}

// TestPoisonedParentsAreAskedLessAndLess: and never in the way of others.
func TestPoisonedParentsAreAskedLessAndLess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bytes = 1 << 20
	w.refuse("/apps/a1/users", status(500, nil, "boom"))
	var days []int
	for d := range 32 {
		w.vendor.mu.Lock()
		w.vendor.requests = nil
		w.vendor.mu.Unlock()
		w.run(t.Context(), t)
		asked := w.asked()
		assert.Positive(t, askedFor(asked, "/apps/a3/users"), "day %d", d)
		if askedFor(asked, "/apps/a1/users") > 0 {
			days = append(days, d)
		}
		w.nextDay()
	}
	assert.Equal(t, []int{0, 1, 2, 4, 8, 16, 24}, days)
}

func TestManyPoisonedParentsDoNotUseUpTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bytes = 1 << 20
	w.vendor.apps = 80
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		parts := strings.Split(r.URL.Path, "/")
		var n int
		if len(parts) != 5 || parts[4] != "users" {
			return false
		}
		_, err := fmt.Sscanf(parts[3], "a%d", &n)
		assert.NoError(t, err)
		if n < 40 {
			rw.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	for range 2 {
		w.run(t.Context(), t)
	}
	s := w.newest(t, "app_users")
	assert.NotEmpty(t, s.ID, "within two runs, all that answer were read")
	for _, u := range s.Unread {
		assert.Less(t, len(u.Parent), 4)
	}
}

func TestAParentLeftOutByName(t *testing.T) {
	t.Parallel()
	for _, given := range []any{"a1", []any{"app 1"}} {
		w := newWorld(t)
		w.settings = map[string]any{"leave_out": map[string]any{"app_users": given}}
		w.refuse("/apps/a1/users", status(403, nil, ""))
		report := w.run(t.Context(), t)
		requireComplete(t, report)
		assert.Zero(t, askedFor(w.asked(), "/apps/a1/users"))
		s := w.newest(t, "app_users")
		require.Len(t, s.Unread, 1)
		assert.True(t, s.Unread[0].LeftOut)
		assert.Equal(t, "info", w.result(report, "app_users").Findings[0].Severity)
	}
}

// TestARefusedMeetingIsAskedAgainLater, and new ones are asked in each run.
func TestARefusedMeetingIsAskedAgainLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const sick = "/meetings/m%2F2026-11-01-1/people"
	w.refuse(sick, status(400, nil, `{"errorCode":"3001","errorSummary":"Meeting does not exist"}`))
	r := w.result(w.run(t.Context(), t), "people")
	assert.Equal(t, extract.StreamIncomplete, r.State)
	assert.Contains(t, r.Error, "m/2026-11-01-1")
	assert.Equal(t, now, *r.Watermark, "one meeting holds nothing back")
	w.nextDay()
	w.vendor.requests = nil
	w.run(t.Context(), t)
	assert.Positive(t, askedFor(w.asked(), "/meetings/m%2F2026-11-04-1/people"), "the new one")
	assert.Equal(t, 1, askedFor(w.asked(), sick))
	w.vendor.hook = nil
	w.nextDay()
	w.nextDay()
	requireComplete(t, w.run(t.Context(), t))
	assert.Contains(t, w.contents(t)["people"], "m/2026-11-01-1|p1")
}

func TestAPermissionThatIsWithdrawn(t *testing.T) {
	t.Parallel()
	own := `{"errorCode":"E06","errorSummary":"Not permitted"}`
	for name, tc := range map[string]struct {
		before bool
		answer func(http.ResponseWriter)
		want   extract.StreamState
	}{
		"never granted":                 {false, status(403, nil, own), extract.StreamNotConnected},
		"no such thing here":            {false, status(404, nil, own), extract.StreamNotConnected},
		"withdrawn":                     {true, status(403, nil, own), extract.StreamFailed},
		"a proxy's page":                {false, status(403, map[string]string{"Content-Type": "text/html"}, "<html>Blocked"), extract.StreamFailed},
		"somebody else's JSON":          {false, status(403, nil, `{"message":"Forbidden"}`), extract.StreamFailed},
		"nothing but a status":          {false, status(404, nil, ""), extract.StreamFailed},
		"withdrawn, and a proxy's page": {true, status(403, nil, "<html>"), extract.StreamFailed},
	} {
		for _, stream := range []string{"apps", "app_users"} {
			t.Run(name+", "+stream, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				for i := range w.manifest.Streams {
					w.manifest.Streams[i].Optional = w.manifest.Streams[i].Name == stream
				}
				if tc.before {
					requireComplete(t, w.run(t.Context(), t))
					w.nextDay()
				}
				part := map[string]string{"apps": "/apps?", "app_users": "/users"}[stream]
				w.refuse(part, tc.answer)
				assert.Equal(t, tc.want, w.result(w.run(t.Context(), t), stream).State)
			})
		}
	}
}

// listOf makes the vendor's users of each app, and the apps themselves, n records.
func (w *world) listOf(n *int, bad *int) {
	w.inject(func(rw http.ResponseWriter, r *http.Request, _ int) bool {
		if r.URL.Path != "/api/apps/a1/users" {
			return false
		}
		rows := []map[string]any{}
		for i := range *n {
			row := map[string]any{"id": fmt.Sprint("u", i)}
			if i < *bad {
				delete(row, "id")
			}
			rows = append(rows, row)
		}
		reply(rw, map[string]any{"value": rows})
		return true
	})
}

func TestAListThatShrinksSharplyIsHeld(t *testing.T) {
	t.Parallel()
	n, bad := 40, 0
	w := newWorld(t)
	w.bytes = 1 << 20
	w.listOf(&n, &bad)
	requireComplete(t, w.run(t.Context(), t))
	whole := w.newest(t, "app_users")
	assert.EqualValues(t, map[string]int64{"a1": 40}, whole.Lists)
	w.nextDay()
	n = 20
	r := w.result(w.run(t.Context(), t), "app_users")
	assert.Equal(t, extract.StreamIncomplete, r.State)
	assert.Contains(t, r.Error, "shrank from 40 records to 20")
	assert.Contains(t, r.Error, "rightseat accept fake/app_users")
	held := w.newest(t, "app_users")
	require.Len(t, held.Unread, 1)
	assert.Equal(t, whole.ID, held.Unread[0].Kept)
	assert.True(t, held.Unread[0].Held)

	t.Run("not confirmed on the same day", func(t *testing.T) {
		r := w.result(w.run(t.Context(), t), "app_users")
		assert.Equal(t, extract.StreamIncomplete, r.State)
	})
	t.Run("confirmed on another", func(t *testing.T) {
		w.nextDay()
		requireComplete(t, w.run(t.Context(), t))
		assert.Empty(t, w.newest(t, "app_users").Unread)
	})
}

func TestAWholeStreamThatShrinksSharplyIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("apps")
	w.bytes = 1 << 20
	w.vendor.apps = 30
	requireComplete(t, w.run(t.Context(), t))
	w.nextDay()
	w.vendor.apps = 3
	r := w.result(w.run(t.Context(), t), "apps")
	assert.Contains(t, r.Error, "shrank from 30 records to 3")
	assert.Contains(t, r.Error, "rightseat accept fake/apps")
	assert.Equal(t, "2026-11-03", w.newest(t, "apps").Date)
	assert.Equal(t, now, *r.Watermark)

	// Back to what it was: it was a bad day, and a later bad day is a first one again.
	w.nextDay()
	w.vendor.apps = 29
	requireComplete(t, w.run(t.Context(), t))
	w.nextDay()
	w.vendor.apps = 3
	assert.NotEmpty(t, w.result(w.run(t.Context(), t), "apps").Error)
	w.nextDay()
	requireComplete(t, w.run(t.Context(), t))
	assert.EqualValues(t, 3, w.newest(t, "apps").Rows)
}

func TestHalfOfAListSetAside(t *testing.T) {
	t.Parallel()
	n, bad := 50, 25
	w := newWorld(t)
	w.bytes = 1 << 20
	w.listOf(&n, &bad)
	r := w.result(w.run(t.Context(), t), "app_users")
	assert.Contains(t, r.Error, "25 of its 50 records could not be used")
	require.Len(t, w.newest(t, "app_users").Unread, 1)
	assert.Empty(t, w.newest(t, "app_users").Unread[0].Kept, "it was never whole")
	w.nextDay()
	bad = 1 // one bad record sets itself aside, not its list
	w.run(t.Context(), t)
	assert.Empty(t, w.newest(t, "app_users").Unread)
}
