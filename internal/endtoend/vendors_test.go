package endtoend_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/rightseat/rightseat/internal/simulator"
)

// vendorCase is what the fault matrix has to know of one vendor.
type vendorCase struct {
	vendor, connection string
	// stream is the one whose records are spoiled; path is where it is asked for.
	stream, path string
	field        string // a required field of its records
	wrong        any    // a value of another type for it
	hasLinks     bool   // the next page is a link rather than a number or token
	// loops tells that the vendor's paging can go in circles: it is not counted by the client.
	loops bool
	// refused and forbidden are its answers to a bad token and to a missing permission.
	refused, forbidden refusal
}

// refusal is an error in a vendor's own shape.
type refusal struct {
	status        int
	code, message string
	permission    string // what the error must name; empty when the status says nothing about it
	fix           string // what the error must advise
}

var vendorCases = []vendorCase{
	{
		vendor: simulator.Okta, connection: "okta", stream: "system_log", path: "/api/v1/logs", field: "published", wrong: false, hasLinks: true, loops: true,
		refused:   refusal{401, "E0000011", "Invalid token provided", "okta.logs.read", "Make a new one under Security > API > Tokens"},
		forbidden: refusal{403, "E0000006", "You do not have permission to perform the requested action", "okta.logs.read", "Read-only Administrator role"},
	},
	{
		vendor: simulator.Entra, connection: "entra", stream: "sign_ins", path: "/v1.0/auditLogs/signIns", field: "createdDateTime", wrong: true, hasLinks: true, loops: true,
		refused:   refusal{401, "InvalidAuthenticationToken", "Access token is empty.", "AuditLog.Read.All", "use a client id and secret"},
		forbidden: refusal{403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", "AuditLog.Read.All", "administrator has not consented"},
	},
	{
		vendor: simulator.Zoom, connection: "zoom", stream: "meetings", path: "/v2/metrics/meetings", field: "start_time", wrong: "yesterday", loops: true,
		refused:   refusal{401, "124", "Invalid access token.", "dashboard:read:list_meetings:admin", "that the app is activated"},
		forbidden: refusal{400, "4711", "Invalid access token, does not contain scopes:[dashboard:read:list_meetings:admin].", "dashboard:read:list_meetings:admin", "activate the app again"},
	},
	{
		vendor: simulator.BambooHR, connection: "bamboohr", stream: "employees", path: "/api/v1/employees", field: "status", wrong: 7, loops: true,
		refused:   refusal{401, "Unauthorized", "Invalid API key", "Employee fields", "Make a new one in BambooHR"},
		forbidden: refusal{403, "Forbidden", "You are not allowed to view employees", "Employee fields", "Give its access level the employee fields"},
	},
	{
		vendor: simulator.Netskope, connection: "netskope", stream: "application_events", path: "/api/v2/events/dataexport/events/application", field: "_id", wrong: 7,
		refused:   refusal{401, "Unauthorized", "The token is not valid.", "dataexport/events/application (Read)", "Make a new one under Settings"},
		forbidden: refusal{403, "Forbidden", "The API token expired on 2026-05-01.", "dataexport/events/application (Read)", "Renew it or add the endpoint"},
	},
	{
		vendor: simulator.Ramp, connection: "ramp", stream: "transactions", path: "/developer/v1/transactions", field: "amount", wrong: "n/a", hasLinks: true, loops: true,
		refused:   refusal{401, "DEVELOPER_7002", "The token is not recognised", "transactions:read", "a static token lives ten days"},
		forbidden: refusal{403, "DEVELOPER_7100", "The token lacks the scope transactions:read", "transactions:read", "Add it under Company > Developer API"},
	},
	{
		vendor: simulator.Ironclad, connection: "ironclad", stream: "records", path: "/public/api/v1/records", field: "properties", wrong: "none",
		refused:   refusal{401, "UNAUTHORIZED", "Invalid bearer token", "public.records.readRecords", "Check client id and secret"},
		forbidden: refusal{403, "FORBIDDEN", "User may not view records", "public.records.readRecords", "Give it view access to the repository"},
	},
}

// body is the refusal as the vendor writes it.
func (v vendorCase) body(r refusal, said string) []byte {
	var m any
	switch v.vendor {
	case simulator.Okta:
		m = map[string]any{"errorCode": r.code, "errorSummary": said}
	case simulator.Entra:
		m = map[string]any{"error": map[string]any{"code": r.code, "message": said}}
	case simulator.Zoom:
		m = map[string]any{"code": json.Number(r.code), "message": said}
	case simulator.BambooHR:
		m = map[string]any{"error": map[string]any{"code": r.code, "message": said}}
	case simulator.Netskope:
		m = map[string]any{"ok": 0, "status": r.status, "error_code": r.code, "message": said}
	case simulator.Ramp:
		m = map[string]any{"error_v2": map[string]any{"error_code": r.code, "message": said}}
	default:
		m = map[string]any{"code": r.code, "message": said}
	}
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // made of texts
	}
	return data
}

// refuse answers as the vendor does, and repeats the credentials it was given, as some do.
func (v vendorCase) refuse(r refusal) *simulator.Fault {
	return &simulator.Fault{
		Status: r.status, Header: http.Header{"Content-Type": {"application/json"}},
		Rewrite: func(req *http.Request, a *simulator.Answer) {
			a.Body = v.body(r, fmt.Sprintf("%s You sent: %s", r.message, credentials(req)))
		},
	}
}

func credentials(r *http.Request) string {
	return strings.TrimSpace(r.Header.Get("Authorization") + " " + r.Header.Get("Netskope-Api-Token"))
}

// isSignIn tells requests for tokens.
func isSignIn(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.URL.Path, "token")
}

// records changes each record in a vendor's answer by fn, which may return nil to drop it.
func eachRecord(a *simulator.Answer, fn func(i int, rec map[string]any)) {
	d := json.NewDecoder(strings.NewReader(string(a.Body)))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return
	}
	lists := []any{v}
	if m, ok := v.(map[string]any); ok {
		lists = lists[:0]
		for _, x := range m {
			lists = append(lists, x)
		}
	}
	for _, l := range lists {
		list, _ := l.([]any)
		for i, e := range list {
			if rec, ok := e.(map[string]any); ok {
				fn(i, rec)
			}
		}
	}
	if data, err := json.Marshal(v); err == nil { // it was decoded from JSON
		a.Body = data
	}
}
