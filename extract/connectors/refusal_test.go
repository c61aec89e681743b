package connectors_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rightseat/rightseat/extract"
)

// gatewayPage is what somebody between the vendor and us says.
const gatewayPage = "<html><body><h1>404 Not Found</h1><hr>gateway</body></html>"

// refusing is a vendor's way of saying no, for TestWhatAVendorRefusesIsNeverTakenForNothing.
type refusing struct {
	connector string
	well      func(path, query string) any // its reply when all is well; nil where the test asks for nothing
	stream    string                       // the one refused
	path      string                       // where it is asked for
	optional  bool
	forbidden func(h http.Header) (int, any)
	gone      func(h http.Header) (int, any) // "there is no such thing"
	// Of a stream that is asked for each of parents: how often, and one parent's own path.
	parents int
	one     string
	// believed tells that the vendor has a word for a parent that was deleted meanwhile, and is not doubted in it.
	believed bool
}

var refusals = []refusing{
	{
		connector: "zoom", stream: "users", path: "/users", optional: true, well: zoomWell,
		forbidden: func(http.Header) (int, any) {
			return 400, object{"code": 4711, "message": "Invalid access token, does not contain scopes:[user:read:list_users:admin]."}
		},
		gone: func(http.Header) (int, any) { return 404, object{"code": 1001, "message": "User does not exist."} },
	},
	{
		connector: "zoom", stream: "meeting_participants", path: "/participants", well: zoomWell, parents: 3, one: "/metrics/meetings/m1/participants",
		forbidden: func(http.Header) (int, any) {
			return 400, object{"code": 4711, "message": "Invalid access token, does not contain scopes:[dashboard:read:list_meeting_participants:admin]."}
		},
		gone: func(http.Header) (int, any) {
			return 404, object{"code": 3001, "message": "Meeting does not exist: m1."}
		},
	},
	{
		connector: "ironclad", stream: "records", path: "/records", well: func(string, string) any {
			return object{"page": 0, "pageSize": 100, "count": 1, "list": []object{{"id": "r1", "properties": object{}}}}
		},
		forbidden: func(http.Header) (int, any) {
			return 403, object{"code": "FORBIDDEN", "message": "User may not view records"}
		},
		gone: func(http.Header) (int, any) { return 404, object{"code": "NOT_FOUND", "message": "Not found"} },
	},
	{
		connector: "entra_id", stream: "users", path: "/users", well: func(path, _ string) any {
			if path == "/users" {
				return object{"value": []object{{"id": "u1", "userPrincipalName": "ann@acme.example"}}}
			}
			return object{"value": []object{}}
		},
		forbidden: func(http.Header) (int, any) {
			return 403, object{"error": object{"code": "Authorization_RequestDenied", "message": "Insufficient privileges to complete the operation."}}
		},
		gone: func(http.Header) (int, any) {
			return 404, object{"error": object{"code": "Request_ResourceNotFound", "message": "Resource 'users' does not exist."}}
		},
	},
	{
		connector: "bamboohr", stream: "employees", path: "/api/v1/employees", well: bambooWell,
		forbidden: func(h http.Header) (int, any) {
			h.Set("X-BambooHR-Error-Message", "You may not view employees")
			return 403, object{}
		},
		gone: func(h http.Header) (int, any) {
			h.Set("X-BambooHR-Error-Message", "No such company")
			return 404, object{}
		},
	},
	{
		connector: "bamboohr", stream: "leavers", path: "/api/v1/employees/", optional: true, well: bambooWell, parents: 3, one: "/api/v1/employees/1",
		forbidden: func(h http.Header) (int, any) {
			h.Set("X-BambooHR-Error-Message", "Not enough permissions to view this employee")
			return 403, object{}
		},
		gone: func(h http.Header) (int, any) {
			h.Set("X-BambooHR-Error-Message", "Employee not found")
			return 404, object{}
		},
	},
	{
		connector: "ramp", stream: "users", path: "/users", optional: true, well: rampWell,
		forbidden: func(http.Header) (int, any) {
			return 403, object{"error_v2": object{"error_code": "DEVELOPER_7100", "message": "The token lacks the scope users:read"}}
		},
		gone: func(http.Header) (int, any) {
			return 404, object{"error_v2": object{"error_code": "DEVELOPER_7021", "message": "Not found"}}
		},
	},
	{
		connector: "ramp", stream: "transactions", path: "/transactions", well: rampWell,
		forbidden: func(http.Header) (int, any) {
			return 403, object{"error_v2": object{"error_code": "DEVELOPER_7100", "message": "The token lacks the scope transactions:read"}}
		},
		gone: func(http.Header) (int, any) {
			return 404, object{"error_v2": object{"error_code": "DEVELOPER_7021", "message": "Not found"}}
		},
	},
	{
		connector: "ramp", stream: "agreement_details", path: "/vendors/agreements/", optional: true, well: rampWell, parents: 3, one: "/vendors/agreements/1",
		forbidden: func(http.Header) (int, any) {
			return 403, object{"error_v2": object{"error_code": "DEVELOPER_7100", "message": "The token lacks the scope vendors:read"}}
		},
		gone: func(http.Header) (int, any) {
			return 404, object{"error_v2": object{"error_code": "DEVELOPER_7021", "message": "Agreement not found"}}
		},
	},
	{
		connector: "okta", stream: "app_users", path: "/users", parents: 3, one: "/api/v1/apps/1/users", believed: true, well: func(path, query string) any {
			switch {
			case path == "/api/v1/apps":
				return []object{{"id": "1", "label": "A", "status": "ACTIVE"}, {"id": "2", "label": "B", "status": "ACTIVE"}, {"id": "3", "label": "C", "status": "ACTIVE"}}
			case strings.HasPrefix(path, "/api/v1/apps/") && strings.HasSuffix(path, "/users"):
				return []object{{"id": "u1", "profile": object{"email": "ann@acme.example"}}}
			case path == "/api/v1/users" && !strings.Contains(query, "filter"):
				return []object{{"id": "u1", "status": "ACTIVE", "profile": object{"login": "ann@acme.example"}}}
			}
			return []object{}
		},
		forbidden: func(http.Header) (int, any) {
			return 403, object{"errorCode": "E0000006", "errorSummary": "You do not have permission to perform the requested action"}
		},
		gone: func(http.Header) (int, any) {
			return 404, object{"errorCode": "E0000007", "errorSummary": "Not found: Resource not found: 1 (AppInstance)"}
		},
	},
}

func zoomWell(path, query string) any {
	switch {
	case path == "/users" && strings.Contains(query, "status=active"):
		return object{"users": []object{{"id": "z1", "email": "ann@acme.example", "type": 2, "status": "active"}}, "next_page_token": ""}
	case path == "/users":
		return object{"users": []object{}, "next_page_token": ""}
	case path == "/metrics/meetings":
		var meetings []object
		for i := range 3 {
			meetings = append(meetings, object{"uuid": fmt.Sprintf("m%d", i+1), "start_time": "2026-11-19T08:00:00Z", "email": "ann@acme.example"})
		}
		if strings.Contains(query, "to=2026-11-21") {
			meetings = append(meetings, object{"uuid": "m4", "start_time": "2026-11-20T08:00:00Z", "email": "ann@acme.example"})
		}
		return object{"meetings": meetings, "next_page_token": ""}
	}
	return object{"participants": []object{{"user_id": "7", "join_time": "2026-11-19T08:00:10Z", "email": "ann@acme.example"}}, "next_page_token": ""}
}

func bambooWell(path, query string) any {
	if id, ok := strings.CutPrefix(path, "/api/v1/employees/"); ok {
		return object{"id": id, "terminationDate": "2026-10-31", "status": "Inactive"}
	}
	data := []object{{"employeeId": "9", "status": "Active", "firstName": "F", "workEmail": "p9@acme.example"}}
	if strings.Contains(query, "inactive") {
		data = nil
		for i := range 3 {
			data = append(data, object{"employeeId": fmt.Sprint(i + 1), "status": "Inactive", "firstName": "F", "workEmail": fmt.Sprintf("p%d@acme.example", i+1)})
		}
	}
	return object{"data": data, "meta": object{"page": object{"nextCursor": nil}}}
}

func rampWell(path, _ string) any {
	page := object{"next": nil}
	switch path {
	case "/transactions":
		return object{"page": page, "data": []object{{"id": "t1", "user_transaction_time": "2026-11-19T08:00:00Z", "amount": 5, "currency_code": "USD", "state": "CLEARED"}}}
	case "/users":
		return object{"page": page, "data": []object{{"id": "u1", "email": "ann@acme.example"}}}
	case "/vendors/agreements":
		return object{"page": page, "data": []object{{"id": "1"}, {"id": "2"}, {"id": "3"}}}
	}
	return object{"id": strings.TrimPrefix(path, "/vendors/agreements/"), "line_items": []object{}}
}

// isAsked tells whether a request is for the stream refused.
func (c refusing) isAsked(path string) bool {
	switch {
	case c.connector == "okta":
		return strings.HasPrefix(path, "/api/v1/apps/") && strings.HasSuffix(path, c.path)
	case strings.HasPrefix(c.path, "/participants"):
		return strings.HasSuffix(path, c.path)
	case c.parents > 0:
		return strings.HasPrefix(path, c.path)
	}
	return path == c.path
}

// start makes the vendor; refuse, while it is not nil, answers for the stream.
func (c refusing) start(t *testing.T, refuse *func(http.Header) (int, any), only string) *dialect {
	return newDialect(t, c.connector, func(h http.Header, r *http.Request) (int, any) {
		if *refuse != nil && c.isAsked(r.URL.Path) && (only == "" || r.URL.Path == only) {
			return (*refuse)(h)
		}
		return http.StatusOK, c.well(r.URL.Path, r.URL.RawQuery)
	})
}

// TestWhatAVendorRefusesIsNeverTakenForNothing holds, in each vendor's own words, what becomes of a stream that was never granted, of one
// whose permission is withdrawn, of a list or a parent that the vendor no longer knows, and of a gateway that says so in its place.
func TestWhatAVendorRefusesIsNeverTakenForNothing(t *testing.T) {
	t.Parallel()
	gateway := func(http.Header) (int, any) { return http.StatusNotFound, gatewayPage }
	for _, c := range refusals {
		name := c.connector + " " + c.stream
		t.Run(name+" never granted", func(t *testing.T) {
			t.Parallel()
			refuse := c.forbidden
			s := c.start(t, &refuse, "").run(t, extract.Request{})[c.stream]
			if c.optional {
				assert.Equal(t, extract.StreamNotConnected, s.State, s.Error)
			} else {
				assert.Contains(t, []extract.StreamState{extract.StreamFailed, extract.StreamIncomplete}, s.State, s.Error)
			}
			assert.Zero(t, s.Rows)
			assert.NotEmpty(t, s.Error)
			assert.Nil(t, s.Watermark)
		})
		for what, no := range map[string]func(http.Header) (int, any){"withdrawn": c.forbidden, "not found all at once": c.gone, "hidden by a gateway": gateway} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				var refuse func(http.Header) (int, any)
				d := c.start(t, &refuse, "")
				s := d.run(t, extract.Request{})[c.stream]
				assert.Equal(t, extract.StreamComplete, s.State, s.Error)
				was := s.Watermark
				refuse = no
				d.clock.Set(dialectNow.AddDate(0, 0, 1))
				s = d.run(t, extract.Request{})[c.stream]
				assert.Contains(t, []extract.StreamState{extract.StreamFailed, extract.StreamIncomplete}, s.State, "a list that was there and is refused is an error: %s", s.Error)
				assert.NotEmpty(t, s.Error)
				assert.Equal(t, was, s.Watermark, "and no newer")
			})
		}
		if c.parents == 0 {
			continue
		}
		t.Run(name+" one of them gone", func(t *testing.T) {
			t.Parallel()
			refuse := c.gone
			s := c.start(t, &refuse, c.one).run(t, extract.Request{})[c.stream]
			assert.EqualValues(t, c.parents-1, s.Rows, "the others count: %s", s.Error)
			if c.believed {
				assert.Equal(t, extract.StreamComplete, s.State, s.Error)
				return
			}
			assert.Equal(t, extract.StreamIncomplete, s.State, "the one is named")
			assert.Contains(t, s.Error, "1 list of "+c.stream)
			assert.NotEmpty(t, s.Findings)
		})
		t.Run(name+" one of them hidden by a gateway", func(t *testing.T) {
			t.Parallel()
			refuse := gateway
			s := c.start(t, &refuse, c.one).run(t, extract.Request{})[c.stream]
			assert.EqualValues(t, c.parents-1, s.Rows, "the others count: %s", s.Error)
			assert.Equal(t, extract.StreamIncomplete, s.State, "and the one is named, whatever the vendor's own word would mean")
			assert.Contains(t, s.Error, "1 list of "+c.stream)
		})
	}
}
