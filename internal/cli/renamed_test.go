package cli

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// signInsOf gives those sign-ins of Entra ID that the request's filter asks for.
func signInsOf(filter string, all ...object) object {
	from, to, _ := strings.Cut(strings.TrimPrefix(filter, "createdDateTime ge "), " and createdDateTime lt ")
	chosen := []any{}
	for _, s := range all {
		if at, ok := s["createdDateTime"].(string); ok && from <= at && at < to {
			chosen = append(chosen, s)
		}
	}
	return object{"value": chosen}
}

func signIn(id, app, user, name, at string) object {
	return object{"id": id, "createdDateTime": at, "appId": app, "appDisplayName": "Quill", "userId": user, "userPrincipalName": name, "status": object{"errorCode": 0}}
}

// TestWhoIsRenamedBeforeHRHearsOfItIsOnePerson: the identity provider has the married name, HR and the app have the one before. It is one
// person with one seat, in HR, whoever is the first to change the name.
func TestWhoIsRenamedBeforeHRHearsOfItIsOnePerson(t *testing.T) {
	t.Parallel()
	day := 0
	server := vendorServer(t, func(path string, q url.Values) any {
		address := []string{"ann.maiden@acme.example", "ann.married@acme.example", "ann.married@acme.example"}[day]
		switch {
		case path == "/bamboo/api/v1/employees" && q.Get("filter[status]") == "active":
			known := "ann.maiden@acme.example"
			if day == 2 {
				known = "ann.married@acme.example"
			}
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": []any{bambooPerson("1", "Active", nil), bambooPerson("2", "Active", object{"workEmail": known})}}
		case path == "/entra/users":
			return object{"value": []any{object{"id": "u-1", "userPrincipalName": "p1@acme.example"}, object{"id": "u-2", "userPrincipalName": address, "mail": address}}}
		case path == "/entra/auditLogs/signIns":
			s := []object{signIn("s1", "q-1", "u-2", "ann.maiden@acme.example", "2026-11-22T10:00:00Z"), signIn("s2", "q-1", "u-1", "p1@acme.example", "2026-11-22T10:00:00Z")}
			if day > 0 {
				s = append(s, signIn("s3", "q-1", "u-2", address, "2026-11-24T08:00:00Z"))
			}
			return signInsOf(q.Get("$filter"), s...)
		case path == "/zoom/users" && q.Get("status") == "active":
			return object{"next_page_token": "", "users": []any{object{"id": "z1", "email": "ann.maiden@acme.example", "type": 2, "status": "active"}}}
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "bamboo", "entra", "zoom")
	for ; day < 3; day++ {
		r := cliAt(context.Background(), monday.Add(time.Duration(day)*24*time.Hour), "", nil, "--quiet", "--config", file, "run")
		require.Contains(t, []int{0, 3}, r.code, r.errors)
		assert.Equal(t, []string{"quill,2"}, ask(t, file, "SELECT app_id, provisioned_users FROM reports.provisioned_users_daily WHERE date = (SELECT as_of FROM reports.run) AND app_id = 'quill'"), "day %d", day)
		assert.Empty(t, ask(t, file, "SELECT kind, email FROM reports.disagreements WHERE as_of = (SELECT as_of FROM reports.run)"), "day %d", day)
		assert.Len(t, ask(t, file, "SELECT DISTINCT person_id FROM core.accounts UNION SELECT person_id FROM core.people"), 2, "day %d", day)
	}
}

// TestAnAppMayKeepTheNameThatAPersonHadBefore: HR and the identity provider have the new address, the app's list the old one.
func TestAnAppMayKeepTheNameThatAPersonHadBefore(t *testing.T) {
	t.Parallel()
	server := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/bamboo/api/v1/employees" && q.Get("filter[status]") == "active":
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": []any{bambooPerson("2", "Active", object{"workEmail": "ann.new@acme.example"})}}
		case path == "/okta/api/v1/users" && q.Get("filter") == "":
			return []any{object{"id": "u1", "status": "ACTIVE", "profile": object{"login": "ann.new@acme.example", "email": "ann.new@acme.example"}}}
		case path == "/okta/api/v1/logs":
			return []any{object{
				"uuid": "e1", "published": "2026-11-10T10:00:00Z", "eventType": "user.authentication.sso", "outcome": object{"result": "SUCCESS"},
				"actor": object{"id": "u1", "alternateId": "ann.old@acme.example"}, "target": []any{object{"id": "a1", "type": "AppInstance", "alternateId": "Quill"}},
			}}
		case path == "/zoom/users" && q.Get("status") == "active":
			return object{"next_page_token": "", "users": []any{object{"id": "z1", "email": "Ann.Old@acme.example", "type": 2, "status": "active"}}}
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "bamboo", "okta", "zoom")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, []string{"z1,ann.new@acme.example"}, ask(t, file, "SELECT account_id, person_id FROM core.accounts"))
	assert.Empty(t, ask(t, file, "SELECT kind, email FROM reports.disagreements WHERE kind = 'provisioned_not_in_hr'"))
}

// TestAGuestOfTheDirectoryIsOnePerson: known by mail address in HR, by a sign-in name with #EXT# in the directory, by either in the log; and
// the ids of people and apps are spelled in capitals here and small letters there.
func TestAGuestOfTheDirectoryIsOnePerson(t *testing.T) {
	t.Parallel()
	const guest = "dave_van_dam_partner.example#EXT#@acme.onmicrosoft.com"
	server := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/bamboo/api/v1/employees" && q.Get("filter[status]") == "active":
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": []any{bambooPerson("1", "Active", nil), bambooPerson("2", "Active", object{"workEmail": "dave_van_dam@partner.example"})}}
		case path == "/entra/users":
			return object{"value": []any{
				object{"id": "AAAA-1", "userPrincipalName": "p1@acme.example"}, object{"id": "BBBB-2", "userPrincipalName": guest, "mail": nil, "userType": "Guest"},
			}}
		case path == "/entra/servicePrincipals":
			return object{"value": []any{object{"id": "o1", "appId": "1B3C-X", "displayName": "Quill"}}}
		case path == "/entra/auditLogs/signIns":
			return signInsOf(q.Get("$filter"), signIn("s1", "1B3C-X", "bbbb-2", guest, "2026-11-22T10:00:00Z"), signIn("s2", "1b3c-x", "BBBB-2", "dave_van_dam@partner.example", "2026-11-22T11:00:00Z"),
				object{"id": "s3", "createdDateTime": "2026-11-22T12:00:00Z", "appId": "1b3c-x", "userId": "aaaa-1", "status": object{"errorCode": 0}})
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "bamboo", "entra")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, []string{"s1,quill,dave_van_dam@partner.example", "s2,quill,dave_van_dam@partner.example", "s3,quill,p1@acme.example"},
		ask(t, file, "SELECT event_id, app_id, person_id FROM core.sso_logins ORDER BY 1"))
	assert.Equal(t, []string{"quill,2"}, ask(t, file, "SELECT app_id, provisioned_users FROM reports.provisioned_users_daily WHERE date = (SELECT as_of FROM reports.run)"))
	assert.Empty(t, ask(t, file, "SELECT kind, email FROM reports.disagreements"))
}
