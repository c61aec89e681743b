package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type object = map[string]any

// vendorServer answers in the vendors' shapes: what answer gives for a path, else an empty list of each vendor's.
func vendorServer(t *testing.T, answer func(path string, q url.Values) any) *httptest.Server {
	t.Helper()
	empty := object{
		"/okta": []any{}, "/entra": object{"value": []any{}}, "/zoom": object{"users": []any{}, "meetings": []any{}, "next_page_token": ""},
		"/bamboo": object{"data": []any{}, "meta": object{"page": object{"nextCursor": nil}}}, "/ramp": object{"data": []any{}, "page": object{"next": nil}},
		"/ironclad": object{"page": 0, "pageSize": 100, "count": 0, "list": []any{}},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body := answer(r.URL.Path, r.URL.Query())
		if body == nil {
			vendor, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
			body = empty["/"+vendor]
		}
		assert.NoError(t, json.NewEncoder(w).Encode(body))
	}))
	t.Cleanup(server.Close)
	return server
}

// vendorWorkspace connects each vendor named to the server; settings are added to those of a vendor.
func vendorWorkspace(t *testing.T, server *httptest.Server, settings map[string]string, vendors ...string) (file string) {
	t.Helper()
	connection := map[string]string{
		"okta":     "{name: okta, connector: okta, settings: {base_url: '%s/okta'%s}, auth: {token: t0ken-of-the-test}}",
		"entra":    "{name: entra, connector: entra_id, settings: {base_url: '%s/entra', start_date: 2026-11-21%s}, auth: {token: t0ken-of-the-test}}",
		"zoom":     "{name: zoom, connector: zoom, app: zoom, settings: {base_url: '%s/zoom', start_date: 2026-11-21%s}, auth: {token: t0ken-of-the-test}}",
		"bamboo":   "{name: bamboo, connector: bamboohr, settings: {base_url: '%s/bamboo'%s}, auth: {api_key: t0ken-of-the-test}}",
		"ramp":     "{name: ramp, connector: ramp, settings: {base_url: '%s/ramp'%s}, auth: {token: t0ken-of-the-test}}",
		"ironclad": "{name: ironclad, connector: ironclad, settings: {base_url: '%s/ironclad', as_user_email: reader@acme.example%s}, auth: {token: t0ken-of-the-test}}",
	}
	text := "organisation: {name: Acme, domains: [acme.example], timezone: UTC, currency: USD}\nconnections:\n"
	for _, v := range vendors {
		text += "  - " + fmt.Sprintf(connection[v], server.URL, settings[v]) + "\n"
	}
	_, file = workspace(t, text)
	return file
}

// ask gives the rows of a query as CSV without its header.
func ask(t *testing.T, file, query string) []string {
	t.Helper()
	r := cli("--config", file, "query", "--format", "csv", query)
	require.Zero(t, r.code, r.errors)
	lines := strings.Split(strings.TrimRight(r.out, "\n"), "\n")
	return lines[1:]
}

func bambooPerson(id, status string, more object) object {
	p := object{
		"employeeId": id, "firstName": "F" + id, "lastName": "L" + id, "status": status, "workEmail": "p" + id + "@acme.example",
		"hireDate": "2020-01-01", "departmentName": "IT", "locationName": "Oslo", "reportsToId": "1",
	}
	for k, v := range more {
		p[k] = v
	}
	return p
}

func ironcladRecord(id string, properties object) object {
	all := object{
		"counterpartyName": "Vendor " + id, "effectiveDate": "2026-01-01", "expirationDate": "2026-12-31",
		"seats": 10, "unitPrice": object{"amount": 5, "currency": "USD"},
	}
	for k, v := range properties {
		all[k] = v
	}
	typed := object{}
	for k, v := range all {
		if v != nil {
			typed[k] = object{"type": "string", "value": v}
		}
	}
	return object{"id": id, "type": "order", "name": "Order " + id, "properties": typed}
}

// TestAWordThatAVendorInventsIsAskedFor has each vendor say a word that nobody has heard of where its connector expects one of a few: none is
// taken for a known one without a line that names it, and what somebody says it means counts.
func TestAWordThatAVendorInventsIsAskedFor(t *testing.T) {
	t.Parallel()
	assigned := func(id, scope, status string) object {
		return object{"id": id, "scope": scope, "status": status, "profile": object{"email": id + "@acme.example"}}
	}
	login := func(id string, outcome any) object {
		return object{
			"uuid": id, "published": "2026-11-22T10:00:00Z", "eventType": "user.authentication.sso", "outcome": outcome,
			"actor": object{"id": "u1", "alternateId": "u1@acme.example"}, "target": []any{object{"id": "a1", "type": "AppInstance", "alternateId": "Quill", "displayName": "quill"}},
		}
	}
	signIn := func(id string, status any) object {
		return object{
			"id": id, "createdDateTime": "2026-11-22T10:00:00Z", "userId": "u1", "userPrincipalName": "u1@acme.example",
			"appId": "a2", "appDisplayName": "Reed", "status": status,
		}
	}
	server := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/okta/api/v1/apps":
			return []any{object{"id": "a1", "label": "Quill", "name": "quill", "status": "ACTIVE"}}
		case path == "/okta/api/v1/apps/a1/users":
			return []any{assigned("u1", "USER", "ACTIVE"), assigned("u2", "PERCH", "ACTIVE"), assigned("u3", "USER", "MOULTING")}
		case path == "/okta/api/v1/logs":
			return []any{login("e1", object{"result": "SUCCESS"}), login("e2", object{"result": "FLEDGED"}), login("e3", nil), login("e4", object{"result": "ALLOW"})}
		case path == "/entra/auditLogs/signIns" && strings.Contains(q.Get("$filter"), "ge 2026-11-22"):
			return object{"value": []any{signIn("s1", object{"errorCode": 0}), signIn("s2", object{"errorCode": 50126}), signIn("s3", nil), signIn("s4", object{"errorCode": "fledged"})}}
		case path == "/zoom/users" && q.Get("status") == "active":
			return object{"next_page_token": "", "users": []any{
				object{"id": "z1", "email": "u1@acme.example", "type": 2, "status": "active"}, object{"id": "z2", "email": "u2@acme.example", "type": 7, "status": "active"},
				object{"id": "z3", "email": "u3@acme.example", "type": 2, "status": "moulting"},
			}}
		case path == "/bamboo/api/v1/employees" && q.Get("filter[status]") == "active":
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": []any{
				bambooPerson("1", "Active", nil), bambooPerson("2", "On Leave", nil), bambooPerson("3", "Moulting", nil), bambooPerson("4", "Moulted", nil), bambooPerson("5", "Terminated", nil),
			}}
		case path == "/ramp/vendors/agreements":
			return object{"page": object{"next": nil}, "data": []any{object{
				"id": "r1", "name": "Reed", "payee_name": "Reed", "start_date": "2026-01-01", "end_date": "2026-12-31", "currency": "USD", "auto_renewal": "perhaps",
			}}}
		case path == "/ramp/vendors/agreements/r1":
			return object{"id": "r1", "line_items": []any{object{"id": "l1", "quantity": 10, "unit_price": object{"amount": 1000}, "billing_frequency": "BIANNUAL"}}}
		case path == "/ironclad/records" && q.Get("page") == "0":
			return object{"page": 0, "pageSize": 100, "count": 2, "list": []any{
				ironcladRecord("i1", object{"billingFrequency": "Each moult", "renewalType": "Renews when fledged"}),
				ironcladRecord("i2", object{"billingFrequency": "monthly", "renewalType": "Optional Extension"}),
			}}
		}
		return nil
	})
	words := map[string]string{"bamboo": ", words: {status: {Moulted: left}}"}
	file := vendorWorkspace(t, server, words, "okta", "entra", "zoom", "bamboo", "ramp", "ironclad")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)

	notes := strings.Join(ask(t, file, "SELECT check_name, sample FROM reports.data_quality ORDER BY 1"), "\n")
	for check, word := range map[string]string{
		"okta.unknown_word.assigned_via": `PERCH`, "okta.app_users.sso_assignments.unknown_status": `u3@acme.example in Quill is ""MOULTING""`,
		"okta.unknown_word.outcome": `FLEDGED`, "entra.unknown_word.outcome": `FLEDGED`, "zoom.unknown_word.status": `moulting`,
		"bamboo.unknown_word.status": `""Moulting"" 1 time: people count as employed`, "ramp.unknown_word.auto_renew": `perhaps`, "ramp.unknown_word.billing_period": `BIANNUAL`,
		"ironclad.unknown_word.billing_period": `each moult`, "ironclad.unknown_word.auto_renew": `Renews when fledged`,
	} {
		assert.Regexp(t, `(?m)^`+strings.ReplaceAll(check, ".", `\.`)+`,.*`+word, notes)
	}
	assert.NotContains(t, notes, "On Leave", "a word that the lists know")
	assert.Equal(t, []string{"e1,SUCCESS", "e2,FLEDGED", "e3,NO OUTCOME", "e4,SUCCESS", "s1,SUCCESS", "s2,FAILURE", "s3,NO ERROR CODE", "s4,FLEDGED"},
		ask(t, file, "SELECT event_id, outcome FROM core.sso_logins ORDER BY 1"))
	assert.Equal(t, []string{"u1@acme.example,direct", "u2@acme.example,PERCH"}, ask(t, file, "SELECT identifier, assigned_via FROM core.sso_assignments ORDER BY 1"))
	assert.Equal(t, []string{"z1,Licensed", "z2,type 7", "z3,Licensed"}, ask(t, file, "SELECT account_id, tier FROM core.accounts ORDER BY 1"), "a licence type that is new is a tier of its own, not none")
	assert.Equal(t, []string{"1,true", "2,true", "3,true", "4,false", "5,false"}, ask(t, file, "SELECT source_person_id, is_employed FROM core.org_chart ORDER BY 1"))
	assert.Equal(t, []string{"i1,", "i2,600.00", "r1,"}, ask(t, file, "SELECT contract_id, annual_amount FROM core.contract_lines ORDER BY 1"), "no amount rests on a guess")
}
