package lake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lake"
)

// TestARepairedRecordCanBeReadAsItWasSent: what the transform could not parse is mended where it lands, and the bytes that the vendor sent
// stand beside it, read back as they were; a sound record is kept once.
func TestARepairedRecordCanBeReadAsItWasSent(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	for name, tc := range map[string]struct {
		sent, payload string // payload: "" where it is as sent
		issue         bool
	}{
		"sound":                     {sent: `{"name": "Zo\u00eb \ud83d\ude00"}`},
		"half an emoji":             {sent: `{"name": "Ann \ud83d"}`, payload: `{"name": "Ann \ufffd"}`},
		"the other half":            {sent: `{"name": "\ude00 Bo"}`, payload: `{"name": "\ufffd Bo"}`},
		"in a key":                  {sent: `{"na\ud83dme": 1}`, payload: `{"na\ufffdme": 1}`},
		"a byte of no encoding":     {sent: "{\"name\": \"M\xfcller\"}", payload: "{\"name\": \"M\ufffdller\"}"},
		"deeper than can be parsed": {sent: `{"a": ` + deep + `}`, issue: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			land(t, stream(t, lake.Open(dir)), lake.Commit{RunID: "r", CommittedAt: now, State: lake.Complete},
				lake.Row{RecordID: "1", EventAt: now, ExtractedAt: now, Source: "page 1", Payload: []byte(tc.sent)})
			rows := rowsOf(t, stream(t, lake.Open(dir)))
			require.Len(t, rows, 1)
			switch {
			case tc.issue:
				assert.Contains(t, rows[0].Issue, "too_deep")
				assert.Equal(t, tc.sent, string(rows[0].Sent))
			case tc.payload == "":
				assert.Empty(t, rows[0].Sent)
				assert.Equal(t, tc.sent, string(rows[0].Payload))
			default:
				assert.Empty(t, rows[0].Issue)
				assert.Equal(t, tc.sent, string(rows[0].Sent))
				assert.Equal(t, tc.payload, string(rows[0].Payload))
			}
		})
	}
}
