package connectors_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOktaSystemLogSample maps real System Log entries: of all kinds, only app launches come out.
func TestOktaSystemLogSample(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(sharedFile(t, "samples/okta_systemlog.ndjson"))
	require.NoError(t, err)
	var rows []fixtureRow
	launches := 0
	for line := range bytes.Lines(data) {
		var head struct {
			UUID      string `json:"uuid"`
			EventType string `json:"eventType"`
		}
		require.NoError(t, json.Unmarshal(line, &head))
		if head.EventType == "user.authentication.sso" {
			launches++
		}
		rows = append(rows, fixtureRow{Record: head.UUID, At: "2026-11-01T10:00:00Z", Payload: bytes.TrimSpace(line)})
	}
	require.Positive(t, launches)

	got := stageSample(t, "okta", "sso_logins", map[string][]fixtureRow{"system_log": rows})
	assert.Len(t, got, launches)
	byID := map[string]map[string]any{}
	for _, row := range got {
		byID[fmt.Sprint(row["event_id"])] = row
	}
	withActor := byID["6270d421-5be3-11ef-9376-abec352bd6d0"]
	assert.Equal(t, "dude.lightbulb@example.co", withActor["email"])
	assert.Equal(t, "EXAMPLE_ACTOR_ID", withActor["source_user_id"])
	assert.Equal(t, "SUCCESS", withActor["outcome"])
	assert.Nil(t, withActor["app"], "the entry has no target")
	onlyAppUser := byID["35cae732-21bd-11ef-a011-dd05aa53a11a"]
	assert.Nil(t, onlyAppUser["app"], "an AppUser target is the person's account, not the app")
	assert.Nil(t, onlyAppUser["email"])
}

// TestZoomSamples maps real endpoint replies of Zoom, records taken out as the manifest says.
func TestZoomSamples(t *testing.T) {
	t.Parallel()
	const uuid = "gm8s9L+PTEC+FG3sFbd1Cw=="
	streams := map[string][]fixtureRow{
		"users":                zoomRecords(t, "users", "users_GET.json"),
		"meetings":             zoomRecords(t, "meetings", "metrics-meetings_GET.json"),
		"meeting_participants": zoomRecords(t, "meeting_participants", "metrics-meetings-meetingId-participants_GET.json"),
	}
	for i := range streams["meetings"] {
		require.Contains(t, string(streams["meetings"][i].Payload), `uuid`)
		streams["meetings"][i].Record = uuid
	}
	for i := range streams["meeting_participants"] {
		streams["meeting_participants"][i].Parent = uuid
	}

	roster := stageSample(t, "zoom", "roster", streams)
	require.Len(t, roster, 1)
	assert.Equal(t, "KDcuGIm1QgePTO8WbOqwIQ", roster[0]["account_id"])
	assert.Equal(t, "jchill@example.com", roster[0]["email"])
	assert.Equal(t, "Jill Chill", roster[0]["username"])
	assert.Equal(t, "Basic", roster[0]["tier"])
	assert.Equal(t, "active", roster[0]["status"])
	assert.Equal(t, "2019-06-01 07:58:03", roster[0]["created_at"])

	hosted := stageSample(t, "zoom", "hosted_meetings", streams)
	require.Len(t, hosted, 1)
	assert.Equal(t, "hosted_meeting", hosted[0]["event"])
	assert.Equal(t, "jchill@example.com", hosted[0]["email"])

	var events []string
	for _, row := range stageSample(t, "zoom", "meeting_activity", streams) {
		assert.Equal(t, "jchill@example.com", row["email"])
		assert.Equal(t, "DYHrdpjrS3uaOf7dPkkg8w", row["source_user_id"])
		events = append(events, fmt.Sprint(row["event"]))
	}
	assert.ElementsMatch(t, []string{"attended_meeting", "shared_screen", "shared_video", "whiteboard"}, events)
}

// zoomRecords takes a stream's records out of a reply and checks that each has the fields that
// the manifest demands.
func zoomRecords(t *testing.T, stream, file string) []fixtureRow {
	t.Helper()
	data, err := os.ReadFile(sharedFile(t, "samples/zoom/"+file))
	require.NoError(t, err)
	var reply map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &reply))
	for _, s := range loadManifest(t, "zoom").Streams {
		if s.Name != stream {
			continue
		}
		var records []map[string]json.RawMessage
		var payloads []json.RawMessage
		require.NoError(t, json.Unmarshal(reply[s.Response.Records], &records))
		require.NoError(t, json.Unmarshal(reply[s.Response.Records], &payloads))
		assert.Contains(t, reply, s.Paging.Next)
		var rows []fixtureRow
		for i, r := range records {
			for path, typ := range s.Fields {
				if strings.HasSuffix(typ, "!") {
					assert.Contains(t, r, path)
				}
			}
			rows = append(rows, fixtureRow{Record: fmt.Sprint(i), At: "2022-03-01T10:15:14Z", Snapshot: "2026-11-01", Payload: payloads[i]})
		}
		return rows
	}
	t.Fatalf("zoom has no stream %s", stream)
	return nil
}

// stageSample runs one model over the streams given; the connector's other streams are empty.
func stageSample(t *testing.T, connector, model string, streams map[string][]fixtureRow) []map[string]any {
	t.Helper()
	db := openDuckDB(t)
	for _, stream := range streamNames(t, connector) {
		createRaw(t, db, connector, stream, streams[stream])
	}
	sql := stagingModels(t, connector)[model]
	require.NotEmpty(t, sql)
	var rows []map[string]any
	for line := range strings.Lines(queryJSON(t, db, sql)) {
		var row map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &row))
		rows = append(rows, row)
	}
	return rows
}
