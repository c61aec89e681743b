package simulator

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const bambooFields = "workEmail,homeEmail,bestEmail,hireDate,divisionName,departmentName,locationName,employmentStatusName,reportsToId,reportsToName,shoeSize"

func (t *vendorTest) bambooAll(query string) (all []map[string]any, pages int) {
	t.Helper()
	for cursor := ""; ; {
		q := query
		if cursor != "" {
			q += "&page%5Bafter%5D=" + url.QueryEscape(cursor)
		}
		r := t.ok(BambooHR, "/api/v1/employees?"+q).object(t)
		for _, e := range r["data"].([]any) {
			all = append(all, e.(map[string]any))
		}
		pages++
		if cursor = text(r, "meta.page.nextCursor"); cursor == "" {
			assert.NotContains(t, r["_links"], "next")
			return all, pages
		}
	}
}

func TestBambooHREmployees(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	truth := v.org.Truth(endNow())
	all, pages := v.bambooAll("page%5Blimit%5D=90&fields=" + bambooFields)
	assert.Greater(t, pages, 4)
	active, _ := v.bambooAll("filter%5Bstatus%5D=active&fields=" + bambooFields)
	inactive, _ := v.bambooAll("filter%5Bstatus%5D=inactive&fields=" + bambooFields)
	assert.ElementsMatch(t, truth.Employed(), texts(active, "workEmail"))
	assert.ElementsMatch(t, truth.Left(), texts(inactive, "workEmail"))
	assert.Len(t, all, len(active)+len(inactive))
	byID, byEmail := map[string]map[string]any{}, map[string]map[string]any{}
	for _, e := range all {
		byID[text(e, "employeeId")], byEmail[text(e, "workEmail")] = e, e
		assert.NotContains(t, e, "shoeSize", "unknown fields are ignored")
	}
	tops, deepest := 0, 0
	for _, e := range all {
		depth := 1
		for id := text(e, "reportsToId"); id != ""; id = text(byID[id], "reportsToId") {
			require.Contains(t, byID, id)
			depth++
		}
		deepest = max(deepest, depth)
		if depth == 1 {
			tops++
		} else {
			assert.Equal(t, truth.Manager(text(e, "workEmail")), text(byID[text(e, "reportsToId")], "workEmail"))
		}
	}
	assert.Equal(t, 1, tops)
	assert.Equal(t, 5, deepest)
	assert.Equal(t, StoryAliasOld, byEmail[StoryAlias]["homeEmail"])
	assert.Equal(t, StoryRenamedOld, byEmail[StoryRenamed]["homeEmail"])

	gone := v.ok(BambooHR, "/api/v1/employees/"+text(byEmail[StoryLeaverInOkta], "employeeId")+"?fields=terminationDate,status,costCenter,supervisorEmail,nonsense").object(v)
	assert.Equal(t, v.org.before(76).String(), gone["terminationDate"], "the last day")
	assert.Equal(t, "Inactive", gone["status"])
	assert.Equal(t, "CC-200", gone["costCenter"])
	assert.NotContains(t, gone, "nonsense")
	assert.Equal(t, "0000-00-00", v.ok(BambooHR, "/api/v1/employees/1000?fields=terminationDate").object(v)["terminationDate"])
}

func TestBambooHRChanged(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	since := url.QueryEscape(v.org.before(76).at(0).Format(time.RFC3339))
	r := v.ok(BambooHR, "/api/v1/employees/changed?since="+since).object(v)
	employees := r["employees"].(map[string]any)
	id := text(map[string]any{"id": jsonInt(v.org.story.leaverInOkta.bambooID)}, "id")
	require.Contains(t, employees, id)
	assert.Equal(t, "Updated", employees[id].(map[string]any)["action"])
	assert.NotContains(t, employees, "1000")
	again := v.ok(BambooHR, "/api/v1/employees/changed?since="+url.QueryEscape(endNow().Format(time.RFC3339))).object(v)
	assert.Empty(t, again["employees"])
	inserted := v.ok(BambooHR, "/api/v1/employees/changed?type=inserted&since="+since).object(v)["employees"].(map[string]any)
	assert.NotEmpty(t, inserted)
	assert.NotContains(t, inserted, id)
}

func TestBambooHRRefusals(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	for name, c := range map[string]struct {
		method, path string
		status       int
		code         string
	}{
		"broken cursor":     {"GET", "/api/v1/employees?page%5Bafter%5D=zz", 400, "BadPage"},
		"unknown status":    {"GET", "/api/v1/employees?filter%5Bstatus%5D=maybe", 400, "BadRequest"},
		"nobody":            {"GET", "/api/v1/employees/7", 404, "NotFound"},
		"contractor":        {"GET", "/api/v1/employees/1501", 404, "NotFound"},
		"since missing":     {"GET", "/api/v1/employees/changed", 400, "BadRequest"},
		"since has no zone": {"GET", "/api/v1/employees/changed?since=2026-01-01T00:00:00", 400, "BadRequest"},
		"unknown type":      {"GET", "/api/v1/employees/changed?since=2026-01-01T00:00:00Z&type=x", 400, "BadRequest"},
		"wrong method":      {"DELETE", "/api/v1/employees/1000", 405, "MethodNotAllowed"},
		"unknown path":      {"GET", "/api/v2/employees", 404, "NotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			r := v.ask(BambooHR, c.method, c.path, "")
			assert.Equal(t, c.status, r.status)
			assert.Equal(t, c.code, text(r.object(v), "error.code"))
			assert.NotEmpty(t, r.header.Get("X-BambooHR-Error-Message"))
		})
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", v.s.URL(BambooHR)+"/api/v1/employees", nil)
	require.NoError(t, err)
	assert.Equal(t, 401, v.do(req).status)
}

func TestBambooHRShapesMatchTheSpec(t *testing.T) {
	t.Parallel()
	var spec struct {
		Paths      map[string]any
		Components struct {
			Schemas map[string]struct {
				Properties map[string]any
				Enum       []string
				Required   []string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(sharedFile(t, "specs/bamboohr-public.yaml"), &spec))
	for _, path := range []string{"/api/v1/employees", "/api/v1/employees/changed", "/api/v1/employees/{id}"} {
		assert.Contains(t, spec.Paths, path)
	}
	schemas := spec.Components.Schemas
	assert.Len(t, bambooOptional, len(schemas["EmployeeOptionalField"].Enum)-12, "the fields left out are phones, links and dates of birth")
	for name := range bambooOptional {
		assert.Contains(t, schemas["EmployeeOptionalField"].Enum, name)
	}
	v := serve(t, endNow(), ServerOptions{})
	r := v.ok(BambooHR, "/api/v1/employees?page%5Blimit%5D=5&fields="+bambooFields).object(v)
	assertKnown(t, schemas["GetEmployeesResponseObject"].Properties, r, "GetEmployeesResponseObject")
	for _, e := range r["data"].([]any) {
		for _, name := range schemas["GetEmployeesEmployeeBaseResponse"].Required {
			assert.Contains(t, e, name)
		}
	}
}
