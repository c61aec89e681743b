package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// oktaAPI is Okta's management API: users, groups, apps and their assignments. The System Log
// is in oktalog.go.
type oktaAPI struct{ base }

func (a *oktaAPI) prefix() string          { return "" }
func (a *oktaAPI) open(*http.Request) bool { return false }
func (a *oktaAPI) routes(rt router) {
	rt.handle("GET", "/api/v1/users", a.users)
	rt.handle("GET", "/api/v1/users/{id}", a.user)
	rt.handle("GET", "/api/v1/groups", a.groupList)
	rt.handle("GET", "/api/v1/groups/{id}/users", a.groupUsers)
	rt.handle("GET", "/api/v1/apps", a.appList)
	rt.handle("GET", "/api/v1/apps/{id}/users", a.appUsers)
	rt.handle("GET", "/api/v1/apps/{id}/groups", a.appGroups)
	rt.handle("GET", "/api/v1/logs", a.log)
}

func (a *oktaAPI) authorised(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Authorization") == "SSWS "+a.Secret(Okta, "api_token") {
		a.limits(w, r)
		return true
	}
	a.fault(w, http.StatusUnauthorized, "E0000011", "Invalid token provided")
	return false
}

// limits sends the rate-limit headers; what is left never gets near nothing.
func (a *oktaAPI) limits(w http.ResponseWriter, r *http.Request) {
	limit := 1200
	if strings.HasPrefix(r.URL.Path, "/api/v1/logs") {
		limit = 600
	}
	h := w.Header()
	h["X-Rate-Limit-Limit"] = []string{fmt.Sprint(limit)}
	h["X-Rate-Limit-Remaining"] = []string{fmt.Sprint(limit - 1 - len(r.URL.RawQuery)%100)}
	h["X-Rate-Limit-Reset"] = []string{fmt.Sprint(a.now().Truncate(time.Minute).Unix() + 60)}
}

func (a *oktaAPI) fail(w http.ResponseWriter, r *http.Request, status int) {
	switch status {
	case http.StatusTooManyRequests:
		a.limits(w, r)
		w.Header()["X-Rate-Limit-Remaining"] = []string{"0"}
		w.Header()["X-Rate-Limit-Reset"] = []string{fmt.Sprint(a.now().Unix() + 1)}
		a.fault(w, status, "E0000047", "API call exceeded rate limit due to too many requests.")
	case http.StatusMethodNotAllowed:
		a.fault(w, status, "E0000022", "The endpoint does not support the provided HTTP method")
	default:
		a.fault(w, status, "E0000007", "Not found: Resource not found: "+r.URL.Path)
	}
}

func (a *oktaAPI) fault(w http.ResponseWriter, status int, code, summary string) {
	a.send(w, status, map[string]any{"errorCode": code, "errorSummary": summary, "errorLink": code,
		"errorId": "oae" + a.oktaID("", uint64(len(summary)))[:17], "errorCauses": []any{}})
}

// page sends one page of a list in Okta's way: a bare array, a Link header for itself and
// another for the next page.
func (a *oktaAPI) page(w http.ResponseWriter, r *http.Request, n, fallback, most int, element func(i int) any) {
	size := intParam(r.URL.Query(), "limit", fallback, 1, most)
	offset := 0
	if after := r.URL.Query().Get("after"); after != "" {
		pos, ok := decodeCursor(after, 1)
		if !ok {
			a.fault(w, http.StatusBadRequest, "E0000031", "Invalid search criteria: after")
			return
		}
		offset = int(pos[0])
	}
	from, to := window(offset, size, n)
	elements := make([][]byte, 0, to-from)
	for i := from; i < to; i++ {
		elements = append(elements, render(element(i)))
	}
	w.Header().Add("Link", fmt.Sprintf(`<%s>; rel="self"`, link(r)))
	if to < n {
		w.Header().Add("Link", fmt.Sprintf(`<%s>; rel="next"`, link(r, "after", encodeCursor(int64(to)), "limit", fmt.Sprint(size))))
	}
	a.sendArray(w, elements)
}

func render(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil { // nothing here fails to marshal
		panic(err)
	}
	return data
}

// filtered reads filter or search; ok false when it has answered with an error.
func (a *oktaAPI) filtered(w http.ResponseWriter, r *http.Request) (p predicate, ok bool) {
	text := orElse(r.URL.Query().Get("filter"), r.URL.Query().Get("search"))
	if text == "" {
		return nil, true
	}
	p, err := parseFilter(text)
	if err != nil {
		a.fault(w, http.StatusBadRequest, "E0000031", "Invalid search criteria: "+err.Error())
		return nil, false
	}
	return p, true
}

// The shapes of Okta's objects.
type oktaUser struct {
	ID              string         `json:"id"`
	Status          string         `json:"status"`
	Created         string         `json:"created"`
	Activated       *string        `json:"activated"`
	StatusChanged   *string        `json:"statusChanged"`
	LastLogin       *string        `json:"lastLogin"`
	LastUpdated     string         `json:"lastUpdated"`
	PasswordChanged *string        `json:"passwordChanged"`
	Type            map[string]any `json:"type"`
	Profile         oktaProfile    `json:"profile"`
	Credentials     map[string]any `json:"credentials"`
	Links           map[string]any `json:"_links"`
}

type oktaProfile struct {
	Login          string  `json:"login"`
	Email          string  `json:"email"`
	SecondEmail    *string `json:"secondEmail"`
	FirstName      string  `json:"firstName"`
	LastName       string  `json:"lastName"`
	DisplayName    string  `json:"displayName"`
	Title          string  `json:"title,omitempty"`
	Department     string  `json:"department,omitempty"`
	Division       string  `json:"division,omitempty"`
	CostCenter     string  `json:"costCenter,omitempty"`
	EmployeeNumber string  `json:"employeeNumber,omitempty"`
	UserType       string  `json:"userType,omitempty"`
	ManagerID      string  `json:"managerId,omitempty"`
	MobilePhone    *string `json:"mobilePhone"`
}

func ptr[T any](v T) *T { return &v }

func (a *oktaAPI) shapeUser(p *person, now time.Time) oktaUser {
	d := dayOf(now)
	name, pos := p.name(d), p.pos(d)
	status, _ := a.oktaStatus(p, now)
	created := a.workAt(p.hire, p, 1)
	changed := created
	if status == "DEPROVISIONED" {
		changed = a.workAt(p.oktaEnd, p, 2)
	}
	updated := changed
	for _, x := range p.names[1:] {
		if x.from <= d && x.from.at(0).After(updated) {
			updated = x.from.at(0)
		}
	}
	for _, x := range p.positions[1:] {
		if x.from <= d && x.from.at(0).After(updated) {
			updated = x.from.at(0)
		}
	}
	u := oktaUser{
		ID: p.oktaID, Status: status, Created: isoMillis(created), Activated: ptr(isoMillis(created)), StatusChanged: ptr(isoMillis(changed)),
		LastUpdated: isoMillis(updated), PasswordChanged: ptr(isoMillis(created)), Type: map[string]any{"id": a.oktaID("oty", 99)},
		Profile:     oktaProfile{Login: name.email, Email: name.email, FirstName: name.first, LastName: name.last, DisplayName: p.display(d)},
		Credentials: map[string]any{"provider": map[string]string{"type": "OKTA", "name": "OKTA"}},
		Links:       map[string]any{"self": map[string]string{"href": "/api/v1/users/" + p.oktaID}},
	}
	if p.human() {
		dept := departments[pos.dept]
		u.Profile.Title, u.Profile.Department, u.Profile.Division, u.Profile.CostCenter = pos.title, dept.name, dept.teams[pos.team], dept.costCentre
		u.Profile.UserType = []string{"Employee", "Contractor"}[p.kind]
		if p.kind == employee {
			u.Profile.EmployeeNumber = fmt.Sprint(p.bambooID)
		}
		if pos.manager != nil {
			u.Profile.ManagerID = pos.manager.email(d)
		}
	} else {
		u.Profile.UserType = "Service"
	}
	return u
}

func (a *oktaAPI) users(w http.ResponseWriter, r *http.Request) {
	match, ok := a.filtered(w, r)
	if !ok {
		return
	}
	now := a.now()
	var list []oktaUser
	for _, p := range a.people {
		status, exists := a.oktaStatus(p, now)
		if !exists || match == nil && status == "DEPROVISIONED" {
			continue
		}
		u := a.shapeUser(p, now)
		if match == nil || match(u.field) {
			list = append(list, u)
		}
	}
	a.page(w, r, len(list), 200, 200, func(i int) any { return list[i] })
}

func (u oktaUser) field(path string) (string, bool) {
	switch path {
	case "id":
		return u.ID, true
	case "status":
		return u.Status, true
	case "created":
		return u.Created, true
	case "lastUpdated":
		return u.LastUpdated, true
	case "profile.login":
		return u.Profile.Login, true
	case "profile.email":
		return u.Profile.Email, true
	case "profile.firstName":
		return u.Profile.FirstName, true
	case "profile.lastName":
		return u.Profile.LastName, true
	case "profile.department":
		return u.Profile.Department, u.Profile.Department != ""
	default:
		return "", false
	}
}

func (a *oktaAPI) user(w http.ResponseWriter, r *http.Request) {
	now, id := a.now(), r.PathValue("id")
	p := a.byOktaID[id]
	if p == nil {
		if q := a.byAddress[strings.ToLower(id)]; q != nil && q.email(dayOf(now)) == strings.ToLower(id) {
			p = q
		}
	}
	if p != nil {
		if _, exists := a.oktaStatus(p, now); exists {
			a.send(w, http.StatusOK, a.shapeUser(p, now))
			return
		}
	}
	a.missing(w, id, "User")
}

func (a *oktaAPI) missing(w http.ResponseWriter, id, kind string) {
	a.fault(w, http.StatusNotFound, "E0000007", fmt.Sprintf("Not found: Resource not found: %s (%s)", id, kind))
}

type oktaGroup struct {
	ID                    string            `json:"id"`
	Created               string            `json:"created"`
	LastUpdated           string            `json:"lastUpdated"`
	LastMembershipUpdated string            `json:"lastMembershipUpdated"`
	ObjectClass           []string          `json:"objectClass"`
	Type                  string            `json:"type"`
	Profile               map[string]string `json:"profile"`
	Links                 map[string]any    `json:"_links"`
}

func shapeGroup(g *group, now time.Time) oktaGroup {
	changed := g.created.at(0)
	for _, m := range g.members {
		for _, t := range []time.Time{m.from, m.to} {
			if t.After(changed) && !t.After(now) {
				changed = t
			}
		}
	}
	return oktaGroup{ID: g.id, Created: isoMillis(g.created.at(0)), LastUpdated: isoMillis(g.created.at(0)), LastMembershipUpdated: isoMillis(changed),
		ObjectClass: []string{"okta:user_group"}, Type: g.kind, Profile: map[string]string{"name": g.name, "description": "Members of " + g.name},
		Links: map[string]any{"users": map[string]string{"href": "/api/v1/groups/" + g.id + "/users"}}}
}

func (g oktaGroup) field(path string) (string, bool) {
	switch path {
	case "id":
		return g.ID, true
	case "type":
		return g.Type, true
	case "lastUpdated":
		return g.LastUpdated, true
	case "lastMembershipUpdated":
		return g.LastMembershipUpdated, true
	case "profile.name":
		return g.Profile["name"], true
	default:
		return "", false
	}
}

func (a *oktaAPI) groupList(w http.ResponseWriter, r *http.Request) {
	match, ok := a.filtered(w, r)
	if !ok {
		return
	}
	var list []oktaGroup
	for _, g := range a.groups {
		if s := shapeGroup(g, a.now()); match == nil || match(s.field) {
			list = append(list, s)
		}
	}
	a.page(w, r, len(list), 200, 10000, func(i int) any { return list[i] })
}

func (a *oktaAPI) groupUsers(w http.ResponseWriter, r *http.Request) {
	now, id := a.now(), r.PathValue("id")
	for _, g := range a.groups {
		if g.id != id {
			continue
		}
		var list []*person
		for _, m := range g.members {
			if !now.Before(m.from) && now.Before(m.to) {
				list = append(list, m.p)
			}
		}
		a.page(w, r, len(list), 1000, 1000, func(i int) any { return a.shapeUser(list[i], now) })
		return
	}
	a.missing(w, id, "UserGroup")
}

type oktaApp struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	Label         string         `json:"label"`
	Status        string         `json:"status"`
	Created       string         `json:"created"`
	LastUpdated   string         `json:"lastUpdated"`
	SignOnMode    string         `json:"signOnMode"`
	Features      []string       `json:"features"`
	Accessibility map[string]any `json:"accessibility"`
	Visibility    map[string]any `json:"visibility"`
	Licensing     map[string]any `json:"licensing,omitempty"`
	Settings      map[string]any `json:"settings"`
	Links         map[string]any `json:"_links"`
}

func (s oktaApp) field(path string) (string, bool) {
	switch path {
	case "id":
		return s.ID, true
	case "name":
		return s.Name, true
	case "status":
		return s.Status, true
	default:
		return "", false
	}
}

// visibleApps are those that exist now.
func (a *oktaAPI) visibleApps() []*app {
	var out []*app
	for _, x := range a.apps {
		if !a.now().Before(x.created.at(6 * 3600)) {
			out = append(out, x)
		}
	}
	return out
}

func (a *oktaAPI) appList(w http.ResponseWriter, r *http.Request) {
	match, ok := a.filtered(w, r)
	if !ok {
		return
	}
	q := strings.ToLower(r.URL.Query().Get("q"))
	var list []oktaApp
	for _, x := range a.visibleApps() {
		s := oktaApp{ID: x.id, Name: x.name, Label: x.label, Status: "ACTIVE", Created: isoMillis(x.created.at(6 * 3600)), LastUpdated: isoMillis(x.created.at(6 * 3600)),
			SignOnMode: x.mode, Features: []string{}, Accessibility: map[string]any{"selfService": false, "errorRedirectUrl": nil, "loginRedirectUrl": nil},
			Visibility: map[string]any{"autoLaunch": false, "autoSubmitToolbar": false, "hide": map[string]bool{"iOS": false, "web": false}},
			Settings:   map[string]any{"app": map[string]any{"baseUrl": "https://" + x.domain}},
			Links:      map[string]any{"users": map[string]string{"href": "/api/v1/apps/" + x.id + "/users"}}}
		if x.index%3 == 0 {
			s.Features = []string{"PUSH_NEW_USERS", "PUSH_USER_DEACTIVATION"}
		}
		prefix := q == "" || strings.HasPrefix(strings.ToLower(x.name), q) || strings.HasPrefix(strings.ToLower(x.label), q)
		if prefix && (match == nil || match(s.field)) {
			list = append(list, s)
		}
	}
	a.page(w, r, len(list), 20, 200, func(i int) any { return list[i] })
}

type oktaAppUser struct {
	ID              string         `json:"id"`
	ExternalID      *string        `json:"externalId"`
	Created         string         `json:"created"`
	LastUpdated     string         `json:"lastUpdated"`
	Scope           string         `json:"scope"`
	Status          string         `json:"status"`
	StatusChanged   string         `json:"statusChanged"`
	PasswordChanged *string        `json:"passwordChanged"`
	SyncState       string         `json:"syncState"`
	Credentials     map[string]any `json:"credentials"`
	Profile         map[string]any `json:"profile"`
	Links           map[string]any `json:"_links"`
	Embedded        map[string]any `json:"_embedded,omitempty"`
}

func (a *oktaAPI) appOf(w http.ResponseWriter, r *http.Request) *app {
	for _, x := range a.visibleApps() {
		if x.id == r.PathValue("id") {
			return x
		}
	}
	a.missing(w, r.PathValue("id"), "AppInstance")
	return nil
}

func (a *oktaAPI) appUsers(w http.ResponseWriter, r *http.Request) {
	x := a.appOf(w, r)
	if x == nil {
		return
	}
	now := a.now()
	list := x.assigned(now)
	expand := r.URL.Query().Get("expand") == "user"
	a.page(w, r, len(list), 50, 500, func(i int) any {
		s := list[i]
		email := s.p.email(dayOf(now))
		u := oktaAppUser{ID: s.p.oktaID, Created: isoMillis(s.from), LastUpdated: isoMillis(s.from), Scope: "USER", Status: "ACTIVE",
			StatusChanged: isoMillis(s.from), SyncState: "DISABLED", Credentials: map[string]any{"userName": email}, Profile: map[string]any{"email": email},
			Links: map[string]any{"user": map[string]string{"href": "/api/v1/users/" + s.p.oktaID}}}
		if s.group != nil {
			u.Scope = "GROUP"
			u.Links["group"] = map[string]string{"href": "/api/v1/groups/" + s.group.id, "name": s.group.name}
		}
		if expand {
			u.Embedded = map[string]any{"user": a.shapeUser(s.p, now)}
		}
		return u
	})
}

func (a *oktaAPI) appGroups(w http.ResponseWriter, r *http.Request) {
	x := a.appOf(w, r)
	if x == nil {
		return
	}
	a.page(w, r, len(x.groups), 20, 200, func(i int) any {
		g := x.groups[i]
		return map[string]any{"id": g.id, "lastUpdated": isoMillis(x.created.at(6 * 3600)), "priority": i, "profile": map[string]any{},
			"_links": map[string]any{"group": map[string]string{"href": "/api/v1/groups/" + g.id}}}
	})
}
