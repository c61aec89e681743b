package cli

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
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

// TestAnAddressWithATagIsThePersonsOwn: ann+zoom@ is Ann, and somebody whom HR lists under such an address is whom HR says. White space around
// an address makes no difference.
func TestAnAddressWithATagIsThePersonsOwn(t *testing.T) {
	t.Parallel()
	server := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/bamboo/api/v1/employees" && q.Get("filter[status]") == "active":
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": []any{bambooPerson("1", "Active", nil), bambooPerson("2", "Active", nil), bambooPerson("3", "Active", object{"workEmail": "p2+own@acme.example"})}}
		case path == "/zoom/users" && q.Get("status") == "active":
			list := []any{}
			for id, address := range map[string]string{"z1": "P1+Zoom@acme.example", "z2": "p2@acme.example ", "z3": "p2+own@acme.example", "z4": "p9+x@acme.example"} {
				list = append(list, object{"id": id, "email": address, "type": 2, "status": "active"})
			}
			return object{"next_page_token": "", "users": list}
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "bamboo", "zoom")
	r := cli("--config", file, "run")
	require.Zero(t, r.code, r.errors)
	assert.Equal(t, []string{"z1,p1@acme.example", "z2,p2@acme.example", "z3,p2+own@acme.example", "z4,p9+x@acme.example"}, ask(t, file, "SELECT account_id, person_id FROM core.accounts ORDER BY 1"))
	assert.Equal(t, []string{"p9+x@acme.example"}, ask(t, file, "SELECT email FROM reports.disagreements WHERE kind = 'provisioned_not_in_hr'"))
}

// TestWhoStandsInTwoHRSystemsIsNamed: after a merger both list the same name at their own domains. Nothing proves that they are one, so they
// count as two, and that is told; who only shares a name, or an address' first half, is not.
func TestWhoStandsInTwoHRSystemsIsNamed(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, `organisation: {name: Acme, domains: [acme.example, oldco.example], timezone: UTC}
connections:
  - {name: hr, connector: file, settings: {kind: org_chart, path: uploads/hr-2026-11-22.csv}}
  - {name: hr-old, connector: file, settings: {kind: org_chart, path: uploads/old-2026-11-22.csv}}
`)
	head := "last_name,first_name,email,team\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", "hr-2026-11-22.csv"), []byte(head+"Lee,Ann,ann.lee@acme.example,IT\nRay,Bob,bob@acme.example,IT\nPo,Cy,cy@acme.example,IT\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", "old-2026-11-22.csv"), []byte(head+"Lee,Ann,Ann.Lee@oldco.example,Sales\nFox,Bob,bob@oldco.example,Sales\nPo,Cy,po@oldco.example,Sales\n"), 0o600))
	r := cli("--config", file, "run")
	require.Zero(t, r.code, r.errors)
	assert.Len(t, ask(t, file, "SELECT person_id FROM core.people WHERE is_employed"), 6)
	told := ask(t, file, "SELECT failing_rows, sample FROM reports.data_quality WHERE check_name = 'org_chart.listed_by_two_sources'")
	require.Len(t, told, 1)
	assert.Regexp(t, `^1,ann.lee@acme.example of hr and ann.lee@oldco.example of hr-old`, strings.ReplaceAll(told[0], `"`, ""))
}

// TestAnAppThatTheIdentityProviderRenamesIsTold: the contract knows the app by its former name, and lost its users. With the remedy that is
// told they are together again.
func TestAnAppThatTheIdentityProviderRenamesIsTold(t *testing.T) {
	t.Parallel()
	label := "Quill"
	server := vendorServer(t, func(path string, _ url.Values) any {
		switch path {
		case "/okta/api/v1/apps":
			return []any{object{"id": "a1", "label": label, "name": "quill", "status": "ACTIVE"}, object{"id": "a2", "label": "Reed", "name": "reed", "status": "ACTIVE"}}
		case "/okta/api/v1/apps/a1/users":
			return []any{object{"id": "u1", "scope": "USER", "status": "ACTIVE", "credentials": object{"userName": "ann@acme.example"}}}
		}
		return nil
	})
	text := "organisation: {name: Acme, domains: [acme.example], timezone: UTC, currency: USD}\nconnections:\n" +
		"  - {name: okta, connector: okta, settings: {base_url: '" + server.URL + "/okta'}, auth: {token: t0ken-of-the-test}}\n" +
		"  - {name: contracts, connector: file, settings: {kind: contracts, path: uploads/contracts.csv}}\n"
	dir, file := workspace(t, text)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", "contracts.csv"),
		[]byte("contract_id,vendor,app,start_date,end_date,licences,unit_price,billing_period,currency\nC1,Quill,Quill,2026-01-01,2027-12-31,10,120,year,USD\n"), 0o600))
	const portfolio, note = "SELECT provisioned_users, licences FROM reports.app_portfolio WHERE as_of = (SELECT as_of FROM reports.run) AND licences > 0",
		"SELECT sample FROM reports.data_quality WHERE check_name = 'okta.apps.renamed'"
	run := func(day int) {
		t.Helper()
		r := cliAt(context.Background(), monday.Add(time.Duration(day)*24*time.Hour), "", nil, "--quiet", "--config", file, "run")
		require.Zero(t, r.code, r.errors)
	}
	run(0)
	assert.Equal(t, []string{"1,10"}, ask(t, file, portfolio))
	assert.Empty(t, ask(t, file, note))
	label = "Quill Pro (new)"
	run(1)
	assert.Equal(t, []string{",10"}, ask(t, file, portfolio))
	told := ask(t, file, note)
	require.Len(t, told, 1)
	remedy := `{id: quill, aliases: ["Quill Pro (new)"]}`
	require.Contains(t, strings.ReplaceAll(told[0], `""`, `"`), "contracts of Quill; if it is the same app, write "+remedy)
	require.NoError(t, os.WriteFile(file, []byte(text+"apps: ["+remedy+"]\n"), 0o600))
	run(2)
	assert.Equal(t, []string{"1,10"}, ask(t, file, portfolio))
	assert.Empty(t, ask(t, file, note))
}

// TestEventsOfAFormerAddressAreTold until somebody says that it was the same organisation: lists of the new address take the place of the old
// one's, sign-ins do not.
func TestEventsOfAFormerAddressAreTold(t *testing.T) {
	t.Parallel()
	server := vendorServer(t, func(path string, _ url.Values) any {
		if !strings.HasSuffix(path, "/api/v1/logs") {
			return []any{}
		}
		org := strings.Split(path, "/")[1]
		return []any{object{
			"uuid": "e-" + org, "published": "2026-11-20T10:00:00Z", "eventType": "user.authentication.sso", "outcome": object{"result": "SUCCESS"},
			"actor": object{"id": "u-" + org, "alternateId": org + "@acme.example"}, "target": []any{object{"id": "a1", "type": "AppInstance", "alternateId": "Quill"}},
		}}
	})
	file := vendorWorkspace(t, server, nil, "okta")
	const note = "SELECT severity, sample FROM reports.data_quality WHERE check_name = 'okta.system_log.address_changed'"
	run := func(day int, args ...string) result {
		t.Helper()
		r := cliAt(context.Background(), monday.Add(time.Duration(day)*24*time.Hour), "", nil, append([]string{"--quiet", "--config", file}, args...)...)
		require.Zero(t, r.code, r.errors)
		return r
	}
	run(0, "run")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), "/okta'", "/production'", 1)), 0o600))
	for day := 1; day < 3; day++ {
		run(day, "run")
		assert.Equal(t, []string{"2"}, ask(t, file, "SELECT count(*) FROM core.sso_logins"))
		told := ask(t, file, note)
		require.Len(t, told, 1, "day %d", day)
		assert.Contains(t, told[0], "type: rightseat forget okta")
		assert.Contains(t, told[0], "rightseat accept okta/system_log")
		assert.Contains(t, run(day, "status").out, "settings.base_url changed on 2026-11-24")
	}
	assert.Contains(t, run(2, "accept", "okta/system_log").out, "the events that the former address brought count")
	run(3, "run")
	assert.Empty(t, ask(t, file, note))
}
