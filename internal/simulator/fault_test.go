package simulator

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// only makes a fault hit one vendor's API requests (not its token endpoint).
func only(vendor string, f *Fault) func(string, int, *http.Request) *Fault {
	return func(v string, _ int, r *http.Request) *Fault {
		if v == vendor && r.Method == http.MethodGet {
			return f
		}
		return nil
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{Faults: only(Okta, FaultStatus(503))})
	r := v.get(Okta, "/api/v1/users")
	assert.Equal(t, 503, r.status)
	assert.Equal(t, "Service Unavailable", string(r.body))
	assert.Equal(t, 200, v.get(BambooHR, "/api/v1/employees").status, "others are well")
	assert.Equal(t, 1, v.s.Responses(Okta, 503))

	v = serve(t, endNow(), ServerOptions{Faults: only(Zoom, FaultHTML())})
	r = v.get(Zoom, "/users")
	assert.Equal(t, 200, r.status)
	assert.Contains(t, r.header.Get("Content-Type"), "text/html")

	v = serve(t, endNow(), ServerOptions{Faults: only(Okta, FaultCutCleanly())})
	var list []any
	assert.Error(t, json.Unmarshal(v.get(Okta, "/api/v1/users").body, &list))

	v = serve(t, endNow(), ServerOptions{Faults: only(Okta, FaultWrongTypes())})
	first := v.get(Okta, "/api/v1/users").array(v)[0].(map[string]any)
	assert.Equal(t, json.Number("7"), first["status"])

	v = serve(t, endNow(), ServerOptions{Faults: only(Ramp, FaultMissingField("id"))})
	data := v.get(Ramp, "/transactions").object(v)["data"].([]any)
	assert.NotContains(t, data[0], "id")
}

func TestFaultsThatEndTheConnection(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]*Fault{"cut": FaultCut(), "drop": {Drop: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := serve(t, endNow(), ServerOptions{Faults: only(Okta, f)})
			req, err := http.NewRequestWithContext(t.Context(), "GET", v.s.URL(Okta)+"/api/v1/users", nil)
			require.NoError(t, err)
			v.sign(Okta, req)
			resp, err := http.DefaultClient.Do(req)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				assert.NoError(t, resp.Body.Close())
			}
			assert.Error(t, err)
		})
	}
}

func TestFaultSlowEndsWithTheClient(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{Faults: only(Okta, FaultSlow(time.Hour))})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", v.s.URL(Okta)+"/api/v1/users", nil)
	require.NoError(t, err)
	_, err = http.DefaultClient.Do(req) //nolint:bodyclose // there is no response
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestFaultyNextLinks(t *testing.T) {
	t.Parallel()
	const evil = "http://elsewhere.example"
	at := func(f *Fault, vendor string) *vendorTest {
		return serve(t, endNow(), ServerOptions{Faults: only(vendor, f)})
	}
	v := at(FaultNextLoop(), Okta)
	assert.Equal(t, v.s.URL(Okta)+"/api/v1/apps?limit=5", v.get(Okta, "/api/v1/apps?limit=5").next())
	assert.NotEmpty(t, v.get(Okta, "/api/v1/apps?limit=200").next(), "on the last page, too")
	v = at(FaultNextElsewhere(evil), Okta)
	assert.Equal(t, evil+"/api/v1/apps?limit=5", v.get(Okta, "/api/v1/apps?limit=5").next())
	for vendor, path := range map[string]string{Entra: "/users", Ramp: "/transactions"} {
		v = at(FaultNextElsewhere(evil), vendor)
		assert.Contains(t, string(v.get(vendor, path).body), evil)
		v = at(FaultNextLoop(), vendor)
		assert.Contains(t, string(v.get(vendor, path).body), v.s.URL(vendor)+path+`"`)
	}
	v = at(FaultNextLoop(), Zoom)
	token := text(v.get(Zoom, "/users?page_size=5").object(v), "next_page_token")
	assert.Equal(t, encodeCursor(0), token)
	assert.Equal(t, token, text(v.get(Zoom, "/users?page_size=5&next_page_token="+token).object(v), "next_page_token"))
	v = at(FaultNextLoop(), BambooHR)
	assert.Equal(t, encodeCursor(0), text(v.get(BambooHR, "/api/v1/employees").object(v), "meta.page.nextCursor"))
}

func TestNamedHostsStayTheSame(t *testing.T) {
	t.Parallel()
	v := serve(t, endNow(), ServerOptions{NamedHosts: true})
	assert.Equal(t, "http://entra-id-simulated/v1.0", v.s.URL(Entra))
	client := &http.Client{Transport: v.s.Transport()}
	req, err := http.NewRequestWithContext(t.Context(), "GET", v.s.URL(Okta)+"/api/v1/apps?limit=2", nil)
	require.NoError(t, err)
	v.sign(Okta, req)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { assert.NoError(t, resp.Body.Close()) }()
	assert.Equal(t, 200, resp.StatusCode)
	assert.Contains(t, resp.Header.Values("Link")[1], "<http://okta-simulated/api/v1/apps?")
	assert.NotNil(t, v.s.Handler(Okta))
}
