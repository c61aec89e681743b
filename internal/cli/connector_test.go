package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConnectorNew(t *testing.T) {
	t.Parallel()
	for name, view := range map[string]string{"crm": "raw.crm__users", "acme-crm": "raw.acme_crm__users", "acme_crm-2": "raw.acme_crm_2__users"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			config := filepath.Join(dir, "rightseat.yaml")
			r := cli("--config", config, "connector", "new", name)
			require.Zero(t, r.code, r.errors)
			manifest := filepath.Join(dir, "connectors", name+".yaml")
			r = cli("connector", "lint", manifest)
			assert.Zero(t, r.code, r.errors)
			assert.Contains(t, r.out, "ok: connector "+name)
			staging, err := os.ReadFile(filepath.Join(dir, "connectors", name, "roster.sql"))
			require.NoError(t, err)
			assert.Contains(t, string(staging), view)
			assert.Equal(t, 2, cli("--config", config, "connector", "new", name).code, "never overwrites")
			requireReadsOwnConnector(t, dir, "connectors/"+name+".yaml")
		})
	}
}

// requireReadsOwnConnector has a new connector, unchanged, read accounts from a vendor of its shape
// and finds them on the roster.
func requireReadsOwnConnector(t *testing.T, dir, connector string) {
	t.Helper()
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body := `{"data": [{"id": "u1", "email": "ann@acme.example", "plan": "Full"}, {"id": "u2", "email": "bob@acme.example", "plan": "Full"}]}`
		if !strings.Contains(r.URL.Path, "users") || r.URL.Query().Get("cursor") != "" {
			body = `{"data": []}`
		}
		_, err := fmt.Fprint(w, body)
		assert.NoError(t, err)
	}))
	t.Cleanup(vendor.Close)
	file := filepath.Join(dir, "rightseat.yaml")
	text := fmt.Sprintf(`organisation: {name: Acme, domains: [acme.example], timezone: UTC}
connections:
  - {name: own, connector: %s, app: own-crm, settings: {base_url: %q, workspace: acme}, auth: {token: t0ken-of-the-test}}
`, connector, vendor.URL)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	r = cli("--config", file, "query", "--format", "csv", "SELECT provisioned_users FROM reports.provisioned_users_daily WHERE app_id = 'own-crm'")
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.out, "\n2\n")

	r = cli("--config", file, "connector", "list", "--format", "csv")
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.out, "\n"+connector+",", "a connector of one's own stands beside the built-in ones")
	r = cli("--config", file, "connector", "show", filepath.Join(dir, filepath.FromSlash(connector)))
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.out, "users.read")
}

// TestConnectorShowListsTheSettingsThatAllHave finds the settings that a manifest need not list where people look for settings.
func TestConnectorShowListsTheSettingsThatAllHave(t *testing.T) {
	t.Parallel()
	has := map[string][]string{
		"okta": {"rate_share", "words", "leave_out", "start_date"}, "zoom": {"rate_share", "words", "leave_out", "start_date"},
		"entra_id": {"rate_share", "words", "start_date"}, "bamboohr": {"rate_share", "words", "leave_out"},
		"netskope": {"rate_share", "words", "start_date"}, "ramp": {"rate_share", "words", "leave_out", "start_date"}, "ironclad": {"rate_share", "words"},
	}
	for name, settings := range has {
		r := cli("connector", "show", name)
		require.Zero(t, r.code, r.errors)
		for _, s := range []string{"rate_share", "words", "leave_out", "start_date"} {
			assert.Equal(t, slices.Contains(settings, s), strings.Contains(r.out, "\n  "+s+" "), "%s: %s", name, s)
		}
	}
}
