package pipelines

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

// TestHealthAt: streams stood then as the lake and the runs that had ended say; what was forgotten since
// has no past.
func TestHealthAt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, ledger := lake.Open(dir), OpenLedger(dir, nil)
	cfg := &config.Config{Workspace: dir, Organisation: config.Organisation{Timezone: time.UTC}, Connections: []config.Connection{
		{Name: "okta", Connector: "okta"}, {Name: "zoom", Connector: "zoom"},
	}}
	night := func(day int) time.Time { return utc(t, "2026-11-01T03:00:00Z").AddDate(0, 0, day) }
	ran := func(at time.Time, command string, connections []string, streams ...extract.StreamResult) {
		run := &Run{Command: command, StartedAt: at.Add(-time.Minute), Streams: streams, Connections: connections}
		require.NoError(t, ledger.Start(run))
		run.Status, run.EndedAt = RunSucceeded, &at
		require.NoError(t, ledger.Save(run))
	}
	failed := extract.StreamResult{Connection: "okta", Stream: "users", State: extract.StreamFailed, Error: "401: expired"}
	land(t, store, "okta", "users", 3, lake.Complete, night(0), night(0))
	ran(night(0), "run", nil)
	ran(night(1), "run", nil, failed, extract.StreamResult{Connection: "zoom", Stream: "users", State: extract.StreamFailed, Error: "500"})
	land(t, store, "okta", "users", 4, lake.Complete, night(5), night(5))
	ran(night(5), "run", nil, extract.StreamResult{Connection: "okta", Stream: "users", State: extract.StreamComplete})
	ran(night(6), "forget", []string{"zoom"})

	for _, c := range []struct {
		name  string
		at    time.Time
		state string
		rows  int64
		stale bool
		err   string
	}{
		{"before anything", night(0).Add(-time.Second), NotConnected, 0, false, "never read"},
		{"at the end of the first run", night(0), Connected, 3, false, ""},
		{"while the second ran", night(1).Add(-time.Second), Connected, 3, false, ""},
		{"after it failed", night(1), ErrorState, 3, false, "401: expired"},
		{"days later", night(4), ErrorState, 3, true, "401: expired"},
		{"when it was well again", night(5), Connected, 7, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			health, err := HealthAt(cfg, store, ledger, c.at.Format(time.DateOnly), c.at)
			require.NoError(t, err)
			require.Len(t, health, 2)
			okta, zoom := health[0], health[1]
			assert.Equal(t, c.state, okta.State)
			assert.Equal(t, c.rows, okta.RowsTotal)
			assert.Equal(t, c.stale, okta.IsStale)
			assert.Equal(t, c.err, okta.Error)
			assert.Equal(t, "never read", zoom.Error, "it was forgotten")
		})
	}
	_, err := HealthAt(cfg, store, ledger, "monday", night(5))
	require.ErrorContains(t, err, "as-of date")
}
