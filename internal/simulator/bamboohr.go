package simulator

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"
)

// bambooAPI is BambooHR's API. Contractors and service accounts are not in HR.
type bambooAPI struct{ base }

func (a *bambooAPI) prefix() string          { return "" }
func (a *bambooAPI) open(*http.Request) bool { return false }

func (a *bambooAPI) routes(rt router) {
	rt.handle("GET", "/api/v1/employees", a.list)
	rt.handle("GET", "/api/v1/employees/changed", a.changed)
	rt.handle("GET", "/api/v1/employees/{id}", a.one)
}

func (a *bambooAPI) authorised(w http.ResponseWriter, r *http.Request) bool {
	key, _, _ := r.BasicAuth()
	if key == a.Secret(BambooHR, "api_key") || bearer(r) == a.Secret(BambooHR, "api_key") {
		return true
	}
	a.fault(w, http.StatusUnauthorized, "Unauthorized", "Invalid API key")
	return false
}

func (a *bambooAPI) fail(w http.ResponseWriter, r *http.Request, status int) {
	switch status {
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "2")
		a.fault(w, status, "TooManyRequests", "Limit exceeded")
	case http.StatusMethodNotAllowed:
		a.fault(w, status, "MethodNotAllowed", "Method not allowed")
	default:
		a.fault(w, http.StatusNotFound, "NotFound", "Not found: "+r.URL.Path)
	}
}

func (a *bambooAPI) fault(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-BambooHR-Error-Message", message)
	a.send(w, status, map[string]any{"error": map[string]string{"code": code, "message": message}})
}

func (a *bambooAPI) inHR(p *person, d day) bool { return p.kind == employee && p.hire <= d }

// values are all fields known of a person on a day.
func (a *bambooAPI) values(p *person, d day) map[string]any {
	n, pos := p.name(d), p.pos(d)
	dept := departments[pos.dept]
	v := map[string]any{"employeeId": fmt.Sprint(p.bambooID), "id": fmt.Sprint(p.bambooID), "firstName": n.first, "lastName": n.last, "preferredName": nil, "photoUrl": nil,
		"jobTitleName": pos.title, "jobTitle": pos.title, "status": "Active", "workEmail": n.email, "homeEmail": nil, "bestEmail": n.email,
		"hireDate": p.hire.String(), "terminationDate": "0000-00-00", "divisionName": dept.teams[pos.team], "division": dept.teams[pos.team],
		"departmentName": dept.name, "department": dept.name, "departmentId": fmt.Sprint(18000 + pos.dept), "divisionId": fmt.Sprint(18100 + pos.dept*3 + pos.team),
		"locationName": p.place.name, "location": p.place.name, "costCenter": dept.costCentre, "employmentStatusName": "Full-Time", "employmentStatusId": "17",
		"reportsToId": nil, "reportsToName": nil, "supervisorEId": nil, "supervisor": nil, "supervisorEmail": nil, "jobTitleId": "19", "locationId": "20"}
	if others := p.otherAddresses(d); len(others) > 0 {
		v["homeEmail"] = others[len(others)-1]
	}
	if d >= p.leave {
		v["status"], v["terminationDate"], v["employmentStatusName"] = "Inactive", (p.leave - 1).String(), "Terminated"
	}
	if m := pos.manager; m != nil {
		v["reportsToId"], v["reportsToName"] = fmt.Sprint(m.bambooID), m.display(d)
		v["supervisorEId"], v["supervisor"], v["supervisorEmail"] = fmt.Sprint(m.bambooID), m.display(d), m.email(d)
	}
	return v
}

var (
	bambooAlways   = []string{"employeeId", "firstName", "lastName", "preferredName", "photoUrl", "jobTitleName", "status"}
	bambooOptional = map[string]bool{"workEmail": true, "homeEmail": true, "bestEmail": true, "hireDate": true, "divisionName": true, "divisionId": true,
		"departmentName": true, "departmentId": true, "locationName": true, "locationId": true, "jobTitleId": true, "employmentStatusName": true,
		"employmentStatusId": true, "reportsToName": true, "reportsToId": true}
)

// list pages by employee id: the cursor is the id of the last one sent.
func (a *bambooAPI) list(w http.ResponseWriter, r *http.Request) {
	q, d := r.URL.Query(), dayOf(a.now())
	size := intParam(q, "page[limit]", 250, 1, 2500)
	after := int64(0)
	if cursor := q.Get("page[after]"); cursor != "" {
		pos, ok := decodeCursor(cursor, 1)
		if !ok {
			a.fault(w, http.StatusBadRequest, "BadPage", "The page cursor is malformed.")
			return
		}
		after = pos[0]
	}
	status := strings.ToLower(q.Get("filter[status]"))
	if status != "" && status != "active" && status != "inactive" {
		a.fault(w, http.StatusBadRequest, "BadRequest", "filter.status: must be active or inactive")
		return
	}
	ids := map[string]bool{}
	for _, list := range q["filter[ids][]"] {
		for id := range strings.SplitSeq(list, ",") {
			ids[id] = true
		}
	}
	var all []*person
	for _, p := range a.people {
		inactive := d >= p.leave
		if !a.inHR(p, d) || status == "active" && inactive || status == "inactive" && !inactive || len(ids) > 0 && !ids[strconv.Itoa(p.bambooID)] {
			continue
		}
		all = append(all, p)
	}
	from := sort.Search(len(all), func(i int) bool { return int64(all[i].bambooID) > after })
	page := all[from:min(from+size, len(all))]
	data := make([]map[string]any, 0, len(page))
	for _, p := range page {
		v := a.values(p, d)
		row := map[string]any{"_restrictedFields": []string{}}
		for _, name := range bambooAlways {
			row[name] = v[name]
		}
		for name := range strings.SplitSeq(q.Get("fields"), ",") {
			if bambooOptional[name] {
				row[name] = v[name]
			}
		}
		data = append(data, row)
	}
	links := map[string]any{"self": map[string]string{"href": link(r)}}
	paging := map[string]any{"limit": size, "nextCursor": nil, "prevCursor": nil}
	if from+size < len(all) {
		cursor := encodeCursor(int64(page[len(page)-1].bambooID))
		paging["nextCursor"] = cursor
		links["next"] = map[string]string{"href": link(r, "page[after]", cursor)}
	}
	a.send(w, http.StatusOK, map[string]any{"data": data, "meta": map[string]any{"total": len(all), "page": paging}, "_links": links})
}

// one sends the fields asked for; dates that are not known are 0000-00-00.
func (a *bambooAPI) one(w http.ResponseWriter, r *http.Request) {
	d := dayOf(a.now())
	id, _ := strconv.Atoi(r.PathValue("id")) // no number: nobody
	i := id - 1000
	if i < 0 || i >= len(a.people) || !a.inHR(a.people[i], d) {
		a.fault(w, http.StatusNotFound, "NotFound", "Employee not found")
		return
	}
	fields := strings.Split(r.URL.Query().Get("fields"), ",")
	if len(fields) > 400 {
		a.fault(w, http.StatusBadRequest, "BadRequest", "Too many fields requested")
		return
	}
	v := a.values(a.people[i], d)
	row := map[string]any{"id": v["id"]}
	for _, f := range fields {
		if x, ok := v[f]; ok {
			row[f] = x
		}
	}
	a.send(w, http.StatusOK, row)
}

// lastChange is when the person was last touched in HR before the instant, and how.
func (a *bambooAPI) lastChange(p *person, now time.Time) (t time.Time, action string) {
	t, action = p.hire.at(6*3600), "Inserted"
	consider := func(d day) {
		if x := d.at(6 * 3600); x.After(t) && !x.After(now) {
			t, action = x, "Updated"
		}
	}
	for _, n := range p.names[1:] {
		consider(n.from)
	}
	for _, x := range p.positions[1:] {
		consider(x.from)
	}
	if p.leave < never {
		consider(p.leave)
	}
	return t, action
}

func (a *bambooAPI) changed(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), a.now()
	since, err := time.Parse(time.RFC3339, q.Get("since"))
	if err != nil {
		a.fault(w, http.StatusBadRequest, "BadRequest", "since is missing or not an ISO 8601 date with a time zone")
		return
	}
	kind := orElse(strings.ToLower(q.Get("type")), "all")
	if kind != "all" && kind != "inserted" && kind != "updated" && kind != "deleted" {
		a.fault(w, http.StatusBadRequest, "BadRequest", "type must be inserted, updated, deleted or all")
		return
	}
	employees, latest := map[string]any{}, since
	for _, p := range a.people {
		if !a.inHR(p, dayOf(now)) {
			continue
		}
		t, action := a.lastChange(p, now)
		if t.Before(since) || t.After(now) || kind != "all" && kind != strings.ToLower(action) {
			continue
		}
		latest = maxTime(latest, t)
		id := fmt.Sprint(p.bambooID)
		employees[id] = map[string]string{"id": id, "action": action, "lastChanged": t.Format("2006-01-02T15:04:05+00:00")}
	}
	a.send(w, http.StatusOK, map[string]any{"latest": latest.UTC().Format("2006-01-02T15:04:05+00:00"), "employees": employees})
}
