package connectors_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/secret"
)

// TestZoomWithoutRosterScope reads an account whose token may not list users, which Zoom says with
// status 400: the roster is not connected, and engagement arrives all the same.
func TestZoomWithoutRosterScope(t *testing.T) {
	t.Parallel()
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		reply := `{"next_page_token": "", "meetings": []}`
		switch r.URL.EscapedPath() {
		case "/users":
			w.WriteHeader(http.StatusBadRequest)
			reply = `{"code": 4711, "message": "Invalid access token, does not contain scopes:[user:read:list_users:admin]."}`
		case "/metrics/meetings":
			if r.URL.Query().Get("to") == "2026-11-20" {
				reply = `{"next_page_token": "", "meetings": [{"uuid": "/aj//h3Q==", "start_time": "2026-11-19T08:00:00Z", "email": "ann@acme.example"}]}`
			}
		case "/metrics/meetings/%252Faj%252F%252Fh3Q==/participants":
			reply = `{"next_page_token": "", "participants": [{"user_id": "1", "join_time": "2026-11-19T08:00:10Z", "email": "ann@acme.example"}]}`
		default:
			t.Errorf("unexpected request %s", r.URL.EscapedPath())
		}
		_, err := fmt.Fprint(w, reply)
		assert.NoError(t, err)
	}))
	t.Cleanup(vendor.Close)

	x := &extract.Extractor{
		Config: &config.Config{
			Organisation: config.Organisation{Timezone: time.UTC},
			Connections: []config.Connection{{
				Name: "zoom", Connector: "zoom", Settings: map[string]any{"base_url": vendor.URL},
				Auth: map[string]secret.Value{"token": secret.New("a-zoom-token")},
			}},
		},
		Lake:   lake.Open(t.TempDir()),
		Clock:  clock.NewSimulated(time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)),
		Lookup: connectors.Get,
	}
	report, err := x.Run(t.Context(), extract.Request{RunID: "r1"})
	require.NoError(t, err)
	require.Len(t, report.Streams, 3)
	users, meetings, participants := report.Streams[0], report.Streams[1], report.Streams[2]
	assert.Equal(t, extract.StreamNotConnected, users.State)
	assert.Contains(t, users.Error, "does not contain scopes")
	assert.Contains(t, users.Error, "the stream needs user:read:list_users:admin")
	assert.Equal(t, extract.StreamComplete, meetings.State, meetings.Error)
	assert.EqualValues(t, 1, meetings.Rows)
	assert.Equal(t, extract.StreamComplete, participants.State, participants.Error)
	assert.EqualValues(t, 1, participants.Rows)
}
