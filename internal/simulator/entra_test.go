package simulator

import (
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEntraListsPageToTheEnd(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	users, pages := v.linked(Entra, "/users?$top=99&$select=id,mail,userPrincipalName,accountEnabled")
	assert.Greater(t, pages, 4)
	assert.Len(t, users, len(v.org.people)-3-notHired(v), "service accounts are not in Entra")
	withoutMail := 0
	for _, u := range users {
		assert.NotEmpty(t, u["userPrincipalName"])
		assert.NotContains(t, u, "displayName", "$select is honoured")
		if u["mail"] == nil {
			withoutMail++
		}
	}
	assert.Positive(t, withoutMail)

	filter := url.QueryEscape("tags/any(t:t eq 'WindowsAzureActiveDirectoryIntegratedApp')")
	apps, _ := v.linked(Entra, "/servicePrincipals?$top=3&$filter="+filter)
	assert.Equal(t, v.org.Truth(endNow()).EntraApps(), texts(apps, "displayName"))
	all, _ := v.linked(Entra, "/servicePrincipals")
	assert.Len(t, all, len(apps)+2, "without the filter, Microsoft's own")
}

func notHired(v *vendorTest) (n int) {
	for _, p := range v.org.people {
		if p.hire > dayOf(v.clock.Now()) {
			n++
		}
	}
	return n
}

func signInPath(from, to time.Time) string {
	return "/auditLogs/signIns?$top=40&$filter=" + url.QueryEscape("createdDateTime ge "+isoSeconds(from)+" and createdDateTime lt "+isoSeconds(to))
}

func TestEntraSignIns(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	from, to := v.org.End().AddDate(0, 0, -9), v.org.End()
	list, pages := v.linked(Entra, signInPath(from, to))
	require.Greater(t, pages, 2)
	var want []string
	for d := dayOf(from); d < dayOf(to); d++ {
		for _, s := range v.org.makeSignInDay(d) {
			want = append(want, s.id)
		}
	}
	assert.ElementsMatch(t, want, texts(list, "id"))
	created := texts(list, "createdDateTime")
	assert.True(t, sort.SliceIsSorted(created, func(i, j int) bool { return created[i] > created[j] }), "newest first")

	old, _ := v.linked(Entra, signInPath(endNow().AddDate(0, 0, -60), endNow().AddDate(0, 0, -31)))
	assert.Empty(t, old, "kept for 30 days")
}

func TestEntraSignInsAppearLate(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{})
	from := v.org.End().AddDate(0, 0, -20)
	late, most := 0, time.Duration(0)
	for d := dayOf(from); d < dayOf(v.org.End()); d++ {
		for _, s := range v.org.signInDay(d) {
			lag := s.visible.Sub(s.created)
			most = max(most, lag)
			if lag > 10*time.Minute && late == 0 {
				late++
				span := signInPath(s.created, s.created.Add(time.Second))
				v.clock.Set(s.visible.Add(-time.Second))
				before, _ := v.linked(Entra, span)
				assert.NotContains(t, texts(before, "id"), s.id)
				v.clock.Set(s.visible)
				v.token = map[string]string{}
				after, _ := v.linked(Entra, span)
				assert.Contains(t, texts(after, "id"), s.id)
			}
		}
	}
	assert.Equal(t, 1, late)
	assert.Less(t, most, 90*time.Minute)
}

func TestEntraRefusals(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{ThrottleEvery: 1000})
	for name, c := range map[string]struct {
		method, path string
		status       int
	}{
		"unknown path":      {"GET", "/nothing", 404},
		"wrong method":      {"DELETE", "/users", 405},
		"broken filter":     {"GET", "/users?$filter=mail+zz+1", 400},
		"broken skip token": {"GET", "/users?$skiptoken=zz", 400},
	} {
		t.Run(name, func(t *testing.T) {
			r := v.ask(Entra, c.method, c.path, "")
			assert.Equal(t, c.status, r.status)
			assert.NotEmpty(t, text(r.object(v), "error.code"))
			assert.NotEmpty(t, text(r.object(v), "error.message"))
		})
	}
	v.clock.Set(endNow().Add(2 * time.Hour))
	r := v.get(Entra, "/users")
	assert.Equal(t, 401, r.status, "tokens live an hour")
	assert.Equal(t, "InvalidAuthenticationToken", text(r.object(v), "error.code"))

	token := func(tenant string, form url.Values) reply {
		req, err := http.NewRequestWithContext(t.Context(), "POST", v.origin(Entra)+"/"+tenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return v.do(req)
	}
	good := url.Values{"grant_type": {"client_credentials"}, "scope": {"https://graph.microsoft.com/.default"},
		"client_id": {v.org.Secret(Entra, "client_id")}, "client_secret": {v.org.Secret(Entra, "client_secret")}}
	with := func(key, value string) url.Values {
		out := url.Values{}
		for k, x := range good {
			out[k] = x
		}
		out.Set(key, value)
		return out
	}
	assert.Equal(t, 200, token(TenantID, good).status, "credentials in the form")
	assert.Equal(t, "invalid_client", token(TenantID, with("client_secret", "wrong")).object(v)["error"])
	assert.Equal(t, "invalid_request", token("other", good).object(v)["error"])
	assert.Equal(t, "invalid_scope", token(TenantID, with("scope", "x")).object(v)["error"])
	assert.Equal(t, "unsupported_grant_type", token(TenantID, with("grant_type", "password")).object(v)["error"])
}
