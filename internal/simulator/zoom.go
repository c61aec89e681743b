package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// zoomAPI is Zoom's API with the token endpoint beside it. Until the story's day its token
// lacks the scope that lists users.
type zoomAPI struct {
	base
	tokens *tokens
}

const (
	zoomScopes      = "dashboard:read:list_meetings:admin dashboard:read:list_meeting_participants:admin report:read:list_users:admin report:read:user:admin report:read:list_meeting_participants:admin report:read:list_history_meetings:admin"
	zoomRosterScope = "user:read:list_users:admin"
)

func (a *zoomAPI) prefix() string            { return "/v2" }
func (a *zoomAPI) open(r *http.Request) bool { return r.URL.Path == "/oauth/token" }

func (a *zoomAPI) routes(rt router) {
	rt.handle("POST", "/oauth/token", a.token)
	rt.handle("GET", "/v2/users", a.users)
	rt.handle("GET", "/v2/users/{id}", a.user)
	rt.handle("GET", "/v2/report/users", a.reportUsers)
	rt.handle("GET", "/v2/report/users/{id}/meetings", a.reportUserMeetings)
	rt.handle("GET", "/v2/report/meetings/{id}/participants", a.reportParticipants)
	rt.handle("GET", "/v2/report/history_meetings", a.historyMeetings)
	rt.handle("GET", "/v2/metrics/meetings", a.metricsMeetings)
	rt.handle("GET", "/v2/metrics/meetings/{id}/participants", a.metricsParticipants)
}

func (a *zoomAPI) authorised(w http.ResponseWriter, r *http.Request) bool {
	if !a.tokens.good(r, a.now()) {
		message := "Access token is expired."
		if bearer(r) == "" {
			message = "Invalid access token."
		}
		a.fault(w, http.StatusUnauthorized, 124, message)
		return false
	}
	h := w.Header()
	h.Set("X-RateLimit-Category", a.category(r))
	h.Set("X-RateLimit-Type", "QPS")
	h.Set("X-RateLimit-Limit", "80")
	h.Set("X-RateLimit-Remaining", "79")
	return true
}

func (a *zoomAPI) category(r *http.Request) string {
	switch {
	case r.URL.Path == "/v2/metrics/meetings":
		return "Resource-intensive"
	case strings.HasPrefix(r.URL.Path, "/v2/report"), strings.HasPrefix(r.URL.Path, "/v2/metrics"):
		return "Heavy"
	default:
		return "Light"
	}
}

func (a *zoomAPI) fail(w http.ResponseWriter, r *http.Request, status int) {
	switch status {
	case http.StatusTooManyRequests:
		w.Header().Set("X-RateLimit-Category", a.category(r))
		if a.category(r) == "Light" {
			w.Header().Set("X-RateLimit-Type", "QPS")
			a.fault(w, status, 429, "You have reached the maximum per-second rate limit for this API. Try again later.")
			return
		}
		w.Header().Set("X-RateLimit-Type", "Daily-limit")
		w.Header().Set("Retry-After", isoSeconds(a.now().Add(2*time.Second)))
		a.fault(w, status, 429, "You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request.")
	case http.StatusMethodNotAllowed:
		a.fault(w, status, 300, "Request method '"+r.Method+"' is not supported.")
	default:
		a.fault(w, status, 2300, "This API endpoint is not recognized.")
	}
}

func (a *zoomAPI) fault(w http.ResponseWriter, status, code int, message string) {
	a.send(w, status, map[string]any{"code": code, "message": message})
}

func (a *zoomAPI) mayListUsers() bool { return dayOf(a.now()) >= a.zoomRosterFrom() }

func (a *zoomAPI) token(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, reason, code string) {
		a.send(w, status, map[string]any{"reason": reason, "error": code})
	}
	switch {
	case r.FormValue("grant_type") != "account_credentials":
		fail(http.StatusBadRequest, "unsupported grant type", "unsupported_grant_type")
	case !a.client(r):
		fail(http.StatusUnauthorized, "Invalid client_id or client_secret", "invalid_client")
	case r.FormValue("account_id") != a.Secret(Zoom, "account_id"):
		fail(http.StatusBadRequest, "Bad Request", "invalid_request")
	default:
		scope := zoomScopes
		if a.mayListUsers() {
			scope += " " + zoomRosterScope
		}
		a.send(w, http.StatusOK, map[string]any{"access_token": a.tokens.issue(a.now(), time.Hour), "token_type": "bearer", "expires_in": 3600,
			"scope": scope, "api_url": "http://" + r.Host})
	}
}

// page sends one page under the given key with Zoom's paging fields and whatever else belongs there.
func (a *zoomAPI) page(w http.ResponseWriter, r *http.Request, key string, n int, extra map[string]any, element func(i int) any) {
	q := r.URL.Query()
	size := intParam(q, "page_size", 30, 1, 300)
	offset := 0
	if token := q.Get("next_page_token"); token != "" {
		pos, ok := decodeCursor(token, 1)
		if !ok {
			a.fault(w, http.StatusBadRequest, 300, "The next page token is invalid or expired.")
			return
		}
		offset = int(pos[0])
	}
	from, to := window(offset, size, n)
	list := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		list = append(list, element(i))
	}
	body := map[string]any{"page_size": size, "page_count": (n + size - 1) / size, "total_records": n, "next_page_token": "", key: list}
	for k, v := range extra {
		body[k] = v
	}
	if to < n {
		body["next_page_token"] = encodeCursor(int64(to))
	}
	a.send(w, http.StatusOK, body)
}

type zoomUser struct {
	ID           string           `json:"id"`
	FirstName    string           `json:"first_name"`
	LastName     string           `json:"last_name"`
	DisplayName  string           `json:"display_name"`
	Email        string           `json:"email"`
	Type         int              `json:"type"`
	PMI          int64            `json:"pmi"`
	Timezone     string           `json:"timezone"`
	Verified     int              `json:"verified"`
	Dept         string           `json:"dept"`
	CreatedAt    string           `json:"created_at"`
	UserCreated  string           `json:"user_created_at"`
	LastLogin    string           `json:"last_login_time,omitempty"`
	LastClient   string           `json:"last_client_version,omitempty"`
	GroupIDs     []string         `json:"group_ids"`
	RoleID       string           `json:"role_id"`
	Status       string           `json:"status"`
	EmployeeID   string           `json:"employee_unique_id,omitempty"`
	PlanType     string           `json:"plan_united_type,omitempty"`
	LicenseInfos []map[string]any `json:"license_info_list,omitempty"`
}

func (a *zoomAPI) shapeUser(p *person, now time.Time) zoomUser {
	d := dayOf(now)
	n := p.name(d)
	u := zoomUser{ID: p.zoom.id, FirstName: n.first, LastName: n.last, DisplayName: p.display(d), Email: p.zoomEmail(d), Type: 1,
		PMI: int64(1000000000 + a.hash(drawZoomAccount, p.index, 3)%8999999999), Timezone: p.place.timezone, Verified: 1,
		Dept: departments[p.pos(d).dept].name, CreatedAt: isoSeconds(p.zoom.created.at(8 * 3600)), UserCreated: isoSeconds(p.zoom.created.at(8 * 3600)),
		GroupIDs: []string{}, RoleID: "2", Status: a.zoomStatus(p, now)}
	if p.zoom.licensed {
		u.Type, u.PlanType = 2, "1"
		u.LicenseInfos = []map[string]any{{"license_type": "ZOOM_WORKPLACE_BUNDLE", "license_option": 16, "subscription_id": "SUBREF-" + a.hexID(86)}}
	}
	if u.Status != "pending" {
		u.LastLogin, u.LastClient = isoSeconds((d - day(p.index%9)).at(9*3600)), "6.4.6.64360(mac)"
	}
	return u
}

func (a *zoomAPI) listable(w http.ResponseWriter) bool {
	if !a.mayListUsers() {
		a.fault(w, http.StatusBadRequest, 4711, "Invalid access token, does not contain scopes:[user:read:list_users:admin, user:read:admin].")
		return false
	}
	return true
}

func (a *zoomAPI) users(w http.ResponseWriter, r *http.Request) {
	if !a.listable(w) {
		return
	}
	now, status := a.now(), orElse(r.URL.Query().Get("status"), "active")
	if status != "active" && status != "inactive" && status != "pending" {
		a.fault(w, http.StatusBadRequest, 300, "Invalid status.")
		return
	}
	var list []*person
	for _, p := range a.people {
		if a.zoomStatus(p, now) == status {
			list = append(list, p)
		}
	}
	a.page(w, r, "users", len(list), map[string]any{"page_number": 1}, func(i int) any { return a.shapeUser(list[i], now) })
}

// userOf finds a user by id or e-mail; it answers itself when there is none.
func (a *zoomAPI) userOf(w http.ResponseWriter, r *http.Request) *person {
	id, now := r.PathValue("id"), a.now()
	p := a.byZoomID[id]
	if q := a.byAddress[strings.ToLower(id)]; p == nil && q != nil && q.zoomEmail(dayOf(now)) == strings.ToLower(id) {
		p = q
	}
	if p == nil || p.zoom.id == "" || a.zoomStatus(p, now) == "" {
		a.fault(w, http.StatusNotFound, 1001, "User does not exist: "+id+".")
		return nil
	}
	return p
}

func (a *zoomAPI) user(w http.ResponseWriter, r *http.Request) {
	if !a.listable(w) {
		return
	}
	if p := a.userOf(w, r); p != nil {
		a.send(w, http.StatusOK, a.shapeUser(p, a.now()))
	}
}

// span reads from and to: at most a month, within the last six months.
func (a *zoomAPI) span(w http.ResponseWriter, r *http.Request) (from, to day, ok bool) {
	q, now := r.URL.Query(), a.now()
	f, okFrom := parseTime(q.Get("from"))
	t, okTo := parseTime(q.Get("to"))
	switch {
	case !okFrom || !okTo:
		a.fault(w, http.StatusBadRequest, 300, "Missing or malformed from or to.")
	case t.Before(f):
		a.fault(w, http.StatusBadRequest, 300, "The to date must not be before the from date.")
	case t.Sub(f) > 31*24*time.Hour:
		a.fault(w, http.StatusBadRequest, 300, "The range must not exceed one month.")
	case f.Before(now.AddDate(0, -6, -1)):
		a.fault(w, http.StatusBadRequest, 300, "The from date must be within the last six months.")
	default:
		return dayOf(f), dayOf(t), true
	}
	return 0, 0, false
}

// meetingOf finds the meeting that the path names by UUID or number. A UUID that starts with
// a slash or holds two in a row must be escaped twice, as Zoom wants it.
func (a *zoomAPI) meetingOf(w http.ResponseWriter, r *http.Request) *meeting {
	id := r.PathValue("id")
	if strings.HasPrefix(id, "/") || strings.Contains(id, "//") {
		id = "" // escaped only once
	} else if s, err := url.PathUnescape(id); err == nil {
		id = s
	}
	now := a.now()
	for d := dayOf(now); d >= a.start && id != ""; d-- {
		md := a.meetingDay(d)
		m := md.byUUID[id]
		if m == nil {
			m = md.byID[atoi64(id)]
		}
		if m != nil && !m.end.After(now) {
			return m
		}
	}
	a.fault(w, http.StatusNotFound, 3001, "Meeting does not exist: "+r.PathValue("id")+".")
	return nil
}
