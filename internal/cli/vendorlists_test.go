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

// TestAnAccountInTwoPassesIsOneOfItsRecords: who is changed while a vendor's list is read stands in it twice. One of the two records counts as
// it was sent, and that there were two is told.
func TestAnAccountInTwoPassesIsOneOfItsRecords(t *testing.T) {
	t.Parallel()
	server := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/zoom/users" && q.Get("status") == "active":
			return object{"next_page_token": "", "users": []any{
				object{"id": "z1", "email": "Ann@acme.example", "type": 2, "status": "active"}, object{"id": "z2", "email": "bob@acme.example", "type": 2, "status": "active"},
			}}
		case path == "/zoom/users" && q.Get("status") == "inactive":
			return object{"next_page_token": "", "users": []any{object{"id": "z1", "email": "ann@acme.example", "type": 1, "status": "inactive"}}}
		case path == "/bamboo/api/v1/employees" && q.Get("filter[status]") == "active":
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": []any{
				bambooPerson("1", "Active", object{"departmentName": "Sales", "locationName": nil}), bambooPerson("2", "Active", nil),
				bambooPerson("1", "Active", object{"departmentName": "Legal", "locationName": "Bern"}),
			}}
		case path == "/okta/api/v1/apps":
			return []any{object{"id": "a1", "label": "Quill", "name": "quill", "status": "ACTIVE"}, object{"id": "a1", "label": "Quill Pens", "name": "quill", "status": "INACTIVE"}}
		case path == "/okta/api/v1/apps/a1/users":
			return []any{
				object{"id": "u1", "scope": "GROUP", "status": "ACTIVE", "credentials": object{"userName": "ann@acme.example"}},
				object{"id": "u1", "scope": "GROUP", "status": "ACTIVE", "credentials": object{"userName": "ann@acme.example"}},
			}
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "zoom", "bamboo", "okta")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	accounts := ask(t, file, "SELECT account_id, email, tier, status FROM core.accounts WHERE account_id = 'z1'")
	require.Len(t, accounts, 1)
	assert.Contains(t, []string{"z1,Ann@acme.example,Licensed,active", "z1,ann@acme.example,Basic,deactivated"}, accounts[0])
	people := ask(t, file, "SELECT source_person_id, department, location FROM core.org_chart WHERE source_person_id = '1'")
	require.Len(t, people, 1)
	assert.Contains(t, []string{"1,Sales,", "1,Legal,Bern"}, people[0])
	apps := ask(t, file, "SELECT source_app_id, label, status FROM core.sso_apps")
	require.Len(t, apps, 1)
	assert.Contains(t, []string{"a1,Quill,active", "a1,Quill Pens,inactive"}, apps[0])
	assert.Len(t, ask(t, file, "SELECT person_id FROM core.sso_assignments"), 1)
	notes := strings.Join(ask(t, file, "SELECT check_name, sample FROM reports.data_quality ORDER BY 1"), "\n")
	for _, who := range []string{"zoom", "bamboo", "okta"} {
		assert.Regexp(t, `(?m)^`+who+`\..*(twice|more than once)`, notes)
	}
}

// TestALeaverWithoutALastDayLeftOnTheDayFirstSeen, and has left on that same day in every later run, with a word or by not being listed any more.
func TestALeaverWithoutALastDayLeftOnTheDayFirstSeen(t *testing.T) {
	t.Parallel()
	day := 0
	server := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/bamboo/api/v1/employees" && q.Get("filter[status]") == "active":
			list := []any{bambooPerson("1", "Active", nil), bambooPerson("2", "Active", nil)}
			if day == 0 {
				list = append(list, bambooPerson("8", "Active", nil), bambooPerson("9", "Active", nil))
			}
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": list}
		case path == "/bamboo/api/v1/employees":
			list := []any{bambooPerson("7", "Inactive", nil)} // gone before anybody looked
			if day > 0 {
				list = append(list, bambooPerson("9", "Inactive", nil))
			}
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": list}
		case strings.HasPrefix(path, "/bamboo/api/v1/employees/"):
			return object{"id": path[len(path)-1:], "terminationDate": "0000-00-00", "status": "Inactive"}
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "bamboo")
	for ; day < 4; day++ {
		r := cliAt(context.Background(), monday.Add(time.Duration(day)*24*time.Hour), "", nil, "--quiet", "--config", file, "run")
		require.Contains(t, []int{0, 3}, r.code, r.errors)
		want := []string{"p1@acme.example,true,", "p2@acme.example,true,", "p7@acme.example,false,2026-11-23", "p8@acme.example,true,", "p9@acme.example,true,"}
		if day > 0 {
			want[3], want[4] = "p8@acme.example,false,2026-11-24", "p9@acme.example,false,2026-11-24"
		}
		assert.Equal(t, want, ask(t, file, "SELECT primary_email, is_employed, termination_date FROM core.people ORDER BY 1"), "day %d", day)
	}
}

// TestAVendorsListOfNobodyIsNoneNotUnknown: no accounts in the app, and nobody assigned.
func TestAVendorsListOfNobodyIsNoneNotUnknown(t *testing.T) {
	t.Parallel()
	server := vendorServer(t, func(path string, _ url.Values) any {
		if path == "/okta/api/v1/apps" {
			return []any{object{"id": "a1", "label": "Quill", "name": "quill", "status": "ACTIVE"}, object{"id": "a2", "label": "Reed", "name": "reed", "status": "INACTIVE"}}
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "zoom", "okta")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, []string{"quill,0,sso_assigned", "zoom,0,connector_exact"},
		ask(t, file, "SELECT app_id, provisioned_users, basis FROM reports.provisioned_users_daily WHERE date = (SELECT as_of FROM reports.run) ORDER BY 1"))
}
