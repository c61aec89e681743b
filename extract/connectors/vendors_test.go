package connectors_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// vendorShapes are the vendors of the built-in connectors, each in its own shape.
var vendorShapes = map[string]vendorShape{
	"okta": oktaShape, "entra_id": entraShape, "bamboohr": bambooShape, "zoom": zoomShape, "ironclad": ironcladShape, "ramp": rampShape,
	"netskope": netskopeShape,
}

// pageOf reads the number of a page out of a token that this file made.
func pageOf(token string) (n int) {
	if _, err := fmt.Sscanf(token, "p%d", &n); err != nil {
		return 0
	}
	return n
}

// later is the same address with another query parameter.
func (h *house) later(r *http.Request, param string, page int) string {
	q := r.URL.Query()
	q.Set(param, fmt.Sprint("p", page))
	return h.URL + r.URL.Path + "?" + q.Encode()
}

// between gives the text around which prefix and suffix stand.
func between(text, prefix, suffix string) (string, bool) {
	text, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return "", false
	}
	text, ok = strings.CutSuffix(text, suffix)
	return text, ok && text != "" && !strings.Contains(text, "/")
}

var oktaShape = vendorShape{
	find: func(_ *house, r *http.Request) call {
		c := call{page: pageOf(r.URL.Query().Get("after"))}
		path := strings.TrimPrefix(r.URL.Path, "/api/v1/")
		for stream, around := range map[string][2]string{"app_users": {"apps/", "/users"}, "app_groups": {"apps/", "/groups"}, "group_users": {"groups/", "/users"}} {
			if parent, ok := between(path, around[0], around[1]); ok {
				c.stream, c.parent = stream, parent
			}
		}
		switch path {
		case "users", "groups", "apps":
			c.stream = path
		case "logs":
			c.stream = "system_log"
		}
		if strings.Contains(r.URL.Query().Get("filter"), "DEPROVISIONED") {
			c.pass = func(int) bool { return false }
		}
		return c
	},
	page: func(h *house, hd http.Header, r *http.Request, c call, p leaf) any {
		hd.Add("Link", fmt.Sprintf(`<%s%s>; rel="self"`, h.URL, r.URL.RequestURI()))
		if p.more || c.stream == "system_log" {
			hd.Add("Link", fmt.Sprintf(`<%s>; rel="next"`, h.later(r, "after", p.next)))
		}
		return p.records
	},
	endless: func(_ string, records []object) any { return records },
	forbidden: func(http.Header, string) (int, any) {
		return 403, object{"errorCode": "E0000006", "errorSummary": "You do not have permission to perform the requested action", "errorCauses": []any{}}
	},
	gone: func(http.Header, string) (int, any) {
		return 404, object{"errorCode": "E0000007", "errorSummary": "Not found: Resource not found: 1 (AppInstance)", "errorCauses": []any{}}
	},
	failed: func(string, []object) map[string]any {
		return map[string]any{"alone": object{"errorCode": "E0000009", "errorSummary": "Internal Server Error", "errorLink": "E0000009", "errorId": "x", "errorCauses": []any{}}}
	},
	record: map[string]func(string, time.Time) object{
		"users": func(id string, _ time.Time) object {
			return object{"id": id, "status": "ACTIVE", "profile": object{"login": id + "@acme.example", "email": id + "@acme.example"}}
		},
		"groups": func(id string, _ time.Time) object {
			return object{"id": id, "type": "OKTA_GROUP", "profile": object{"name": "Group " + id}}
		},
		"apps": func(id string, _ time.Time) object {
			return object{"id": id, "label": "App " + id, "status": "ACTIVE"}
		},
		"app_users": func(id string, _ time.Time) object {
			return object{"id": id, "scope": "USER", "status": "ACTIVE", "credentials": object{"userName": id}, "profile": object{"email": id + "@acme.example"}}
		},
		"app_groups":  func(id string, _ time.Time) object { return object{"id": id, "priority": 0} },
		"group_users": func(id string, _ time.Time) object { return object{"id": id, "status": "ACTIVE"} },
		"system_log": func(id string, at time.Time) object {
			return object{"uuid": id, "published": at.Format(time.RFC3339), "eventType": "user.authentication.sso"}
		},
	},
	not: map[string]string{
		"hidden groups":      "a group has a name and a type, or is set aside",
		"hidden apps":        "an app has a label and a status, or is set aside",
		"hidden app_groups":  "only the ids of groups are used",
		"hidden group_users": "only the ids of people are used",
		"hidden system_log":  "an entry's actor and target are not hidden from who may read the log",
	},
}

var signInRange = regexp.MustCompile(`createdDateTime ge (\S+) and createdDateTime lt (\S+)`)

var entraShape = vendorShape{
	find: func(h *house, r *http.Request) call {
		c := call{page: pageOf(r.URL.Query().Get("$skiptoken"))}
		c.stream = map[string]string{"/users": "users", "/servicePrincipals": "service_principals", "/auditLogs/signIns": "sign_ins"}[r.URL.Path]
		if c.stream == "sign_ins" {
			if bounds := signInRange.FindStringSubmatch(r.URL.Query().Get("$filter")); bounds != nil {
				c.from, c.to = h.instant(bounds[1]), h.instant(bounds[2])
			}
		}
		return c
	},
	page: func(h *house, _ http.Header, r *http.Request, c call, p leaf) any {
		body := object{"@odata.context": "https://graph.example/v1.0/$metadata#" + c.stream, "value": p.records}
		if p.more {
			body["@odata.nextLink"] = h.later(r, "$skiptoken", p.next)
		}
		return body
	},
	forbidden: func(http.Header, string) (int, any) {
		return 403, object{"error": object{"code": "Authorization_RequestDenied", "message": "Insufficient privileges to complete the operation."}}
	},
	gone: func(http.Header, string) (int, any) {
		return 404, object{"error": object{"code": "Request_ResourceNotFound", "message": "Resource does not exist."}}
	},
	failed: func(_ string, records []object) map[string]any {
		failed := object{"code": "UnknownError", "message": "", "innerError": object{"request-id": "x"}}
		return map[string]any{
			"alone": object{"error": failed}, "beside no rows": object{"value": []object{}, "error": failed}, "beside rows": object{"value": records, "error": failed},
		}
	},
	record: map[string]func(string, time.Time) object{
		"users": func(id string, _ time.Time) object {
			return object{"id": id, "userPrincipalName": id + "@acme.example", "mail": id + "@acme.example", "accountEnabled": true}
		},
		"service_principals": func(id string, _ time.Time) object {
			return object{"id": id, "appId": "app-" + id, "displayName": "App " + id}
		},
		"sign_ins": func(id string, at time.Time) object {
			return object{
				"id": id, "createdDateTime": at.Format(time.RFC3339), "userId": "u1", "userPrincipalName": "ann@acme.example", "appId": "a1",
				"appDisplayName": "App", "status": object{"errorCode": 0},
			}
		},
	},
	not: map[string]string{
		"end sign users":              "that there is no next link is this vendor's end sign",
		"end sign service_principals": "that there is no next link is this vendor's end sign",
		"end sign sign_ins":           "that there is no next link is this vendor's end sign",
		"hidden service_principals":   "who may list applications sees their ids and names",
	},
}

var bambooShape = vendorShape{
	find: func(_ *house, r *http.Request) call {
		if id, ok := between(r.URL.Path, "/api/v1/employees/", ""); ok {
			return call{stream: "leavers", parent: id}
		}
		if r.URL.Path != "/api/v1/employees" {
			return call{}
		}
		c := call{stream: "employees", page: pageOf(r.URL.Query().Get("page[after]"))}
		inactive := r.URL.Query().Get("filter[status]") == "inactive"
		c.pass = func(n int) bool { return (n < usualRecords) == inactive }
		return c
	},
	page: func(h *house, _ http.Header, _ *http.Request, c call, p leaf) any {
		if c.stream == "leavers" {
			return h.one(c, p)
		}
		page := object{"limit": 500, "nextCursor": nil, "prevCursor": nil}
		if p.more {
			page["nextCursor"] = fmt.Sprint("p", p.next)
		}
		return object{"data": p.records, "meta": object{"total": p.total, "page": page}}
	},
	endless: func(_ string, records []object) any { return object{"data": records} },
	forbidden: func(hd http.Header, _ string) (int, any) {
		hd.Set("X-BambooHR-Error-Message", "Not enough permissions to view this")
		return 403, object{}
	},
	gone: func(hd http.Header, _ string) (int, any) {
		hd.Set("X-BambooHR-Error-Message", "Not found")
		return 404, object{}
	},
	failed: func(stream string, records []object) map[string]any {
		failed := object{"code": "InternalError", "message": "Something went wrong"}
		inHeader := func(body any) headed { return headed{"X-BambooHR-Error-Message", "Something went wrong", body} }
		out := map[string]any{"alone": object{"error": failed}, "in a header": inHeader(object{})}
		if stream == "employees" {
			page := func(records []object) object {
				return object{"data": records, "meta": object{"total": len(records), "page": object{"nextCursor": nil}}}
			}
			beside := page([]object{})
			beside["error"] = failed
			out["beside no rows"], out["in a header, beside no rows"], out["in a header, beside rows"] = beside, inHeader(page([]object{})), inHeader(page(records))
		}
		return out
	},
	record: map[string]func(string, time.Time) object{
		"employees": func(id string, _ time.Time) object {
			status := "Active"
			if slices.Contains([]string{named("employees", 0), named("employees", 1), named("employees", 2)}, id) {
				status = "Inactive"
			}
			return object{
				"employeeId": id, "status": status, "firstName": "F", "lastName": "L", "preferredName": nil, "workEmail": id + "@acme.example",
				"departmentName": "D", "locationName": "X", "hireDate": "2020-01-01", "reportsToId": "1", "_restrictedFields": []any{},
			}
		},
		"leavers": func(id string, _ time.Time) object {
			return object{"id": id, "terminationDate": "2026-10-31", "hireDate": "2020-01-01", "status": "Inactive"}
		},
	},
	not: map[string]string{
		"shrinks leavers": "a list of one record",
	},
}

var zoomShape = vendorShape{
	find: func(h *house, r *http.Request) call {
		q := r.URL.Query()
		c := call{page: pageOf(q.Get("next_page_token"))}
		switch r.URL.Path {
		case "/users":
			c.stream = "users"
			if q.Get("status") != "active" {
				c.pass = func(int) bool { return false }
			}
		case "/metrics/meetings":
			c.stream = "meetings"
			c.from, c.to = h.instant(q.Get("from")+"T00:00:00Z"), h.instant(q.Get("to")+"T00:00:00Z").AddDate(0, 0, 1)
		default:
			if id, ok := between(r.URL.Path, "/metrics/meetings/", "/participants"); ok {
				c.stream, c.parent = "meeting_participants", id
			}
		}
		return c
	},
	page: func(_ *house, _ http.Header, _ *http.Request, c call, p leaf) any {
		token := ""
		if p.more {
			token = fmt.Sprint("p", p.next)
		}
		return object{"page_count": 1, "page_size": 300, "total_records": p.total, "next_page_token": token, zoomList(c.stream): p.records}
	},
	endless: func(stream string, records []object) any { return object{"page_size": 300, zoomList(stream): records} },
	forbidden: func(_ http.Header, stream string) (int, any) {
		return 400, object{"code": 4711, "message": "Invalid access token, does not contain scopes:[" + stream + "]."}
	},
	gone: func(_ http.Header, stream string) (int, any) {
		if stream == "users" {
			return 404, object{"code": 1001, "message": "User does not exist."}
		}
		return 404, object{"code": 3001, "message": "Meeting does not exist."}
	},
	failed: func(stream string, records []object) map[string]any {
		with := func(records []object) object {
			return object{"code": 500, "message": "Internal error", "total_records": len(records), "next_page_token": "", zoomList(stream): records}
		}
		return map[string]any{"alone": object{"code": 124, "message": "Invalid access token."}, "beside no rows": with([]object{}), "beside rows": with(records)}
	},
	record: map[string]func(string, time.Time) object{
		"users": func(id string, _ time.Time) object {
			return object{"id": id, "email": id + "@acme.example", "type": 2, "status": "active"}
		},
		"meetings": func(id string, at time.Time) object {
			return object{"uuid": id, "start_time": at.Format(time.RFC3339), "email": "ann@acme.example", "topic": "T"}
		},
		"meeting_participants": func(id string, at time.Time) object {
			return object{"user_id": id, "join_time": at.Format(time.RFC3339), "email": "ann@acme.example", "id": "z1", "participant_user_id": "z1"}
		},
	},
}

func zoomList(stream string) string {
	return strings.TrimPrefix(stream, "meeting_")
}

var ironcladShape = vendorShape{
	find: func(_ *house, r *http.Request) call {
		var page int
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page) // the first without
		return call{stream: strings.TrimPrefix(r.URL.Path, "/"), page: page}
	},
	page: func(_ *house, _ http.Header, _ *http.Request, c call, p leaf) any {
		return object{"page": c.page, "pageSize": 100, "count": p.total, "list": p.records}
	},
	forbidden: func(http.Header, string) (int, any) {
		return 403, object{"code": "FORBIDDEN", "message": "User may not view records"}
	},
	gone: func(http.Header, string) (int, any) { return 404, object{"code": "NOT_FOUND", "message": "Not found"} },
	failed: func(_ string, records []object) map[string]any {
		with := func(records []object) object {
			return object{"code": "INTERNAL_ERROR", "message": "An error occurred", "page": 0, "pageSize": 100, "count": len(records), "list": records}
		}
		return map[string]any{
			"alone": object{"code": "INTERNAL_ERROR", "message": "An error occurred"}, "beside no rows": with([]object{}), "beside rows": with(records),
		}
	},
	record: map[string]func(string, time.Time) object{
		"records": func(id string, _ time.Time) object {
			return object{"id": id, "type": "softwareAgreement", "name": "Contract " + id, "properties": object{"counterpartyName": object{"type": "string", "value": "Zoom"}}}
		},
	},
}

var rampShape = vendorShape{
	find: func(h *house, r *http.Request) call {
		q := r.URL.Query()
		c := call{page: pageOf(q.Get("start"))}
		switch r.URL.Path {
		case "/users", "/transactions":
			c.stream = strings.TrimPrefix(r.URL.Path, "/")
			if c.stream == "transactions" {
				c.from, c.to = h.instant(q.Get("from_date")), h.instant(q.Get("to_date"))
			}
		case "/vendors/agreements":
			c.stream = "agreements"
		default:
			if id, ok := between(r.URL.Path, "/vendors/agreements/", ""); ok {
				c.stream, c.parent = "agreement_details", id
			}
		}
		return c
	},
	page: func(h *house, _ http.Header, r *http.Request, c call, p leaf) any {
		if c.stream == "agreement_details" {
			return h.one(c, p)
		}
		page := object{"next": nil}
		if p.more {
			page["next"] = h.later(r, "start", p.next)
		}
		return object{"data": p.records, "page": page}
	},
	endless: func(_ string, records []object) any { return object{"data": records} },
	forbidden: func(http.Header, string) (int, any) {
		return 403, object{"error_v2": object{"error_code": "DEVELOPER_7100", "message": "The token lacks the scope"}}
	},
	gone: func(http.Header, string) (int, any) {
		return 404, object{"error_v2": object{"error_code": "DEVELOPER_7021", "message": "Not found"}}
	},
	failed: func(stream string, records []object) map[string]any {
		failed := object{"error_code": "DEVELOPER_7000", "message": "Internal error", "notes": nil}
		out := map[string]any{"alone": object{"error_v2": failed}}
		if stream != "agreement_details" {
			out["beside no rows"] = object{"error_v2": failed, "data": []object{}, "page": object{"next": nil}}
			out["beside rows"] = object{"error_v2": failed, "data": records, "page": object{"next": nil}}
		}
		return out
	},
	record: map[string]func(string, time.Time) object{
		"transactions": func(id string, at time.Time) object {
			return object{
				"id": id, "user_transaction_time": at.Format(time.RFC3339), "amount": 5, "currency_code": "USD", "state": "CLEARED", "merchant_name": "Zoom",
				"card_holder": object{"user_id": "u1"},
			}
		},
		"users":      func(id string, _ time.Time) object { return object{"id": id, "email": id + "@acme.example"} },
		"agreements": func(id string, _ time.Time) object { return object{"id": id, "name": "Agreement " + id} },
		"agreement_details": func(id string, _ time.Time) object {
			return object{"id": id, "line_items": []object{}}
		},
	},
	not: map[string]string{
		"shrinks agreement_details": "a list of one record",
		"hidden agreements":         "only their ids and names are used; what they say stands in agreement_details",
		"hidden agreement_details":  "an agreement may well have no line items, dates or price; what a contract lacks is told of in its rows",
	},
}

var netskopeShape = vendorShape{
	find: func(h *house, r *http.Request) call {
		if r.URL.Path != "/events/dataexport/events/application" {
			return call{}
		}
		switch r.URL.Query().Get("operation") {
		case "resend":
		case "next":
			h.at++
		default:
			h.at = 0
		}
		return call{stream: "application_events", page: max(h.at, 0)}
	},
	page: func(_ *house, _ http.Header, _ *http.Request, _ call, p leaf) any {
		return object{"ok": 1, "result": p.records, "wait_time": 0, "timestamp_hwm": 0}
	},
	forbidden: func(http.Header, string) (int, any) {
		return 403, object{"ok": 0, "status": 403, "error_code": "Forbidden", "message": "The token lacks this endpoint"}
	},
	gone: func(http.Header, string) (int, any) {
		return 404, object{"ok": 0, "status": 404, "error_code": "NotFound", "message": "No such endpoint"}
	},
	failed: func(_ string, records []object) map[string]any {
		return map[string]any{
			"alone":          object{"ok": 0, "error_code": "InternalError", "message": "Export failed"},
			"beside no rows": object{"ok": 0, "result": []object{}, "wait_time": 0}, "beside rows": object{"ok": 0, "result": records, "wait_time": 0},
			"as a status": object{"status": "error", "result": []object{}}, "as a code": object{"ok": 1, "error_code": "X", "result": []object{}},
		}
	},
	record: map[string]func(string, time.Time) object{
		"application_events": func(id string, at time.Time) object {
			return object{"_id": id, "timestamp": at.Unix(), "app": "Zoom", "site": "Zoom", "domain": "zoom.us", "user": "ann@acme.example"}
		},
	},
}

// one is the reply for a stream that is asked for one record at a time: that of the one it is asked of.
func (h *house) one(c call, p leaf) object {
	if p.records[0]["id"] != nil {
		p.records[0]["id"] = c.parent
	}
	return p.records[0]
}

// instant reads a time that a connector wrote into its request.
func (h *house) instant(text string) time.Time {
	if unescaped, err := url.QueryUnescape(text); err == nil && !strings.Contains(text, "+") {
		text = unescaped
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		h.t.Errorf("%q is no time: %v", text, err)
	}
	return at
}
