package cli

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/simulator"
)

// TestOwnOkta is the README's first connection: an Okta of one's own, reached over HTTP, with
// the token in the environment.
func TestOwnOkta(t *testing.T) {
	t.Parallel()
	org := simulator.NewOrg(simulator.Options{People: 50, Days: 30, Seed: 3})
	now := org.End().Add(20 * time.Hour)
	servers, err := simulator.Start(org, clock.NewSimulated(now), simulator.ServerOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, servers.Close()) })
	_, file := workspace(t, fmt.Sprintf(`organisation: {name: Acme, domains: [%s]}
connections:
  - name: okta
    connector: okta
    settings: {base_url: %q}
    auth: {token: "${OKTA_TOKEN}"}
    owner: it-ops@acme.example
`, simulator.Domain, servers.URL(simulator.Okta)))
	okta := func(token string, args ...string) result {
		env := map[string]string{}
		if token != "" {
			env["OKTA_TOKEN"] = token
		}
		return cliAt(context.Background(), now, "", env, append([]string{"--config", file}, args...)...)
	}
	token := org.Secret(simulator.Okta, "api_token")

	r := okta("", "check")
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.errors, "the environment variable OKTA_TOKEN is not set")

	r = okta("not-the-token", "check")
	assert.Equal(t, 1, r.code, r.errors)
	assert.Contains(t, r.out, "401 Unauthorized: Invalid token provided")
	assert.NotContains(t, r.out+r.errors, "not-the-token")

	r = okta("not-the-token", "run")
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.errors, "nothing to publish")

	r = okta(token, "check")
	require.Zero(t, r.code, r.out+r.errors)
	r = okta(token, "run")
	require.Zero(t, r.code, r.errors)
	assert.NotContains(t, r.out+r.errors, token)
	r = okta("", "query", "--format", "csv", "SELECT DISTINCT basis FROM reports.provisioned_users_daily WHERE date = current_date OR basis = 'sso_assigned'")
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.out, "sso_assigned")
	assert.Contains(t, okta("", "status").out, "system_log")
}
