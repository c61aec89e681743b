package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lateWorld is what each vendor has stored; what is late is shown from the second run on. Each answers what it is asked for, no more.
type lateWorld struct {
	second atomic.Bool
	server *httptest.Server
}

type lateRecord struct {
	at   string // its own time
	late bool   // not shown to the first run
	body object
}

// shown are the records that the vendor shows between two times of its own.
func (l *lateWorld) shown(records []lateRecord, from, to string) []any {
	list := []any{}
	for _, r := range records {
		if (!r.late || l.second.Load()) && r.at >= from && (to == "" || r.at < to) {
			list = append(list, r.body)
		}
	}
	return list
}

var entraRange = regexp.MustCompile(`createdDateTime ge (\S+) and createdDateTime lt (\S+)`)

func newLateWorld(t *testing.T) *lateWorld {
	t.Helper()
	l := &lateWorld{}
	signIn := func(id, at string, late bool) lateRecord {
		return lateRecord{at, late, object{
			"id": id, "createdDateTime": at, "userId": id, "userPrincipalName": id + "@acme.example", "appId": "a", "appDisplayName": "Reed", "status": object{"errorCode": 0},
		}}
	}
	signIns := []lateRecord{signIn("e1", "2026-11-23T11:50:00Z", false), signIn("e2", "2026-11-23T08:50:00Z", true), signIn("e3", "2026-11-22T12:30:00Z", true)}
	meeting := func(id, at string, late bool) lateRecord {
		return lateRecord{at, late, object{"uuid": id, "id": 1, "start_time": at, "email": "host@acme.example", "topic": "T"}}
	}
	meetings := []lateRecord{meeting("m1", "2026-11-23T10:00:00Z", false), meeting("m2", "2026-11-22T06:00:00Z", true), meeting("m3", "2026-11-21T23:00:00Z", true)}
	charge := func(id, at string, late bool) lateRecord {
		return lateRecord{at, late, object{"id": id, "user_transaction_time": at, "amount": 10, "currency_code": "USD", "merchant_name": "Zoom", "state": "CLEARED"}}
	}
	charges := []lateRecord{charge("t1", "2026-11-23T10:00:00Z", false), charge("t2", "2026-11-22T10:00:00Z", true), charge("t3", "2026-10-12T10:00:00Z", true)}
	day := func(text string) string { return text + "T00:00:00Z" }
	rest := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/entra/auditLogs/signIns":
			asked := entraRange.FindStringSubmatch(q.Get("$filter"))
			if !assert.Len(t, asked, 3, q.Get("$filter")) {
				return nil
			}
			return object{"value": l.shown(signIns, asked[1], asked[2])}
		case path == "/zoom/metrics/meetings":
			to, err := time.Parse(time.DateOnly, q.Get("to"))
			assert.NoError(t, err)
			return object{"next_page_token": "", "meetings": l.shown(meetings, day(q.Get("from")), day(to.AddDate(0, 0, 1).Format(time.DateOnly)))}
		case strings.HasPrefix(path, "/zoom/metrics/meetings/"):
			id := strings.Split(path, "/")[4]
			at := map[string]string{"m1": "2026-11-23", "m2": "2026-11-22", "m3": "2026-11-21"}[id]
			return object{"next_page_token": "", "participants": []any{object{"user_id": "1", "id": id, "email": id + "@acme.example", "join_time": at + "T23:30:00Z"}}}
		case path == "/ramp/transactions":
			return object{"page": object{"next": nil}, "data": l.shown(charges, q.Get("from_date"), q.Get("to_date"))}
		}
		return nil
	})
	// Okta shows its log in the order in which it stored it, from where a link says.
	login := func(id, at string) object {
		return object{
			"uuid": id, "published": at, "eventType": "user.authentication.sso", "outcome": object{"result": "SUCCESS"}, "actor": object{"id": id, "alternateId": id + "@acme.example"},
			"target": []any{object{"id": "a1", "type": "AppInstance", "alternateId": "Quill", "displayName": "quill"}},
		}
	}
	stored := []object{login("o1", "2026-11-23T11:50:00Z"), login("o2", "2026-11-23T08:50:00Z"), login("o3", "2026-11-22T13:00:00Z")}
	l.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/okta/api/v1/logs" {
			rest.Config.Handler.ServeHTTP(w, r)
			return
		}
		q, all, from := r.URL.Query(), stored, 0
		if !l.second.Load() {
			all = stored[:1]
		}
		list := []object{}
		switch after := q.Get("after"); {
		case after == "":
			for _, o := range all {
				if o["published"].(string) >= q.Get("since") {
					list = append(list, o)
				}
			}
		default:
			n, err := strconv.Atoi(after)
			assert.NoError(t, err)
			from = n
			list = append(list, all[min(from, len(all)):]...)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Link", fmt.Sprintf(`<%s/okta/api/v1/logs?after=%d>; rel="next"`, l.server.URL, len(all)))
		assert.NoError(t, json.NewEncoder(w).Encode(list))
	}))
	t.Cleanup(l.server.Close)
	return l
}

// TestWhatAVendorShowsLateIsRead holds each connector's own manifest to the lateness of its vendor: sign-ins of Entra ID that appear hours
// later, meetings of Zoom that end a day later, charges of Ramp that stay pending for weeks, and what Okta stores out of order. None of them counts twice.
func TestWhatAVendorShowsLateIsRead(t *testing.T) {
	t.Parallel()
	l := newLateWorld(t)
	file := vendorWorkspace(t, l.server, nil, "entra", "zoom", "ramp", "okta")
	counted := func(at time.Time) map[string][]string {
		r := cliAt(context.Background(), at, "", nil, "--quiet", "--config", file, "run")
		require.Contains(t, []int{0, 3}, r.code, r.errors)
		return map[string][]string{
			"sign-ins": ask(t, file, "SELECT event_id FROM core.sso_logins ORDER BY 1"),
			"meetings": ask(t, file, "SELECT email FROM core.engagement_events WHERE email LIKE 'm%' GROUP BY email HAVING count(*) > 0 ORDER BY 1"),
			"charges":  ask(t, file, "SELECT transaction_id FROM core.spend_lines ORDER BY 1"),
		}
	}
	assert.Equal(t, map[string][]string{"sign-ins": {"e1", "o1"}, "meetings": {"m1@acme.example"}, "charges": {"t1"}}, counted(monday))
	l.second.Store(true)
	want := map[string][]string{
		"sign-ins": {"e1", "e2", "e3", "o1", "o2", "o3"}, "meetings": {"m1@acme.example", "m2@acme.example", "m3@acme.example"}, "charges": {"t1", "t2", "t3"},
	}
	assert.Equal(t, want, counted(monday.Add(time.Hour)))
	assert.Equal(t, want, counted(monday.Add(2*time.Hour)), "and once")
}
