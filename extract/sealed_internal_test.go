package extract

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/secret"
)

// TestANextLinkThatRepeatsTheTokenIsNotKept: the run that has it goes on with it, a later one begins the round anew. Links
// without a secret, and those with a client's name, are kept.
func TestANextLinkThatRepeatsTheTokenIsNotKept(t *testing.T) {
	t.Parallel()
	okta, err := manifest.Load("connectors/okta.yaml")
	require.NoError(t, err)
	client, err := httpapi.New(httpapi.Config{
		Manifest: okta, BaseURL: "https://acme.example", Clock: clock.System{},
		Auth: map[string]secret.Value{"token": secret.New("t0p/secret/token"), "client_id": secret.New("client-4711")},
	})
	require.NoError(t, err)
	c := &connection{client: client}
	for link, isKept := range map[string]bool{
		"https://acme.example/logs?after=7":                         true,
		"https://acme.example/logs?after=7&client=client-4711":      true,
		"https://acme.example/logs?after=7&as=t0p/secret/token":     false,
		"https://acme.example/logs?after=7&as=t0p%2Fsecret%2Ftoken": false,
	} {
		at := httpapi.Position{URL: link, Pages: 3}
		for where, cur := range map[string]cursor{
			"poll": {Poll: &at}, "round": {Round: &round{Open: map[int]progress{0: {At: at}}}},
			"caught up": {Round: &round{Poll: &at}}, "backfill": {Backfill: &round{Started: time.Now(), Open: map[int]progress{2: {At: at}}}},
		} {
			text, err := json.Marshal(c.seal(cur))
			require.NoError(t, err)
			var kept cursor
			require.NoError(t, json.Unmarshal(text, &kept))
			assert.Equal(t, !isKept, kept.isSealed(), "%s %s", where, link)
			assert.NotContains(t, string(text), "t0p")
			assert.False(t, cur.isSealed(), "the run under way has the link itself")
		}
	}
}
