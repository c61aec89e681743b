package pipelines

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

func TestStaleness(t *testing.T) {
	t.Parallel()
	const asOf = "2026-11-23"
	cases := []struct {
		name, connector, stream, watermark, zone string
		stale, counts                            bool
		never                                    bool // complete
	}{
		{"up to date", "okta", "system_log", "2026-11-23T02:00:00Z", "UTC", false, true, false},
		{"two days behind is fine", "okta", "system_log", "2026-11-21T00:00:00Z", "UTC", false, true, false},
		{"three days behind is stale", "okta", "system_log", "2026-11-20T23:59:59Z", "UTC", true, true, false},
		{"the date is the organisation's", "okta", "system_log", "2026-11-20T23:59:59Z", "Asia/Tokyo", false, true, false},
		{"and west of Greenwich", "okta", "system_log", "2026-11-21T03:00:00Z", "America/New_York", true, true, false},
		{"never complete", "okta", "users", "", "UTC", true, true, false},
		{"after the as-of date", "okta", "users", "2026-12-24T00:00:00Z", "UTC", false, true, false},
		{"an API's contracts", "ironclad", "contracts", "2026-01-01T00:00:00Z", "UTC", true, true, false},
		{"a roster file", "file", "roster", "2026-01-01T00:00:00Z", "UTC", true, true, false},
		{"a roster file of two days ago, complete up to the midnight after it", "file", "roster", "2026-11-22T00:00:00Z", "UTC", false, true, false},
		{"a roster file of three days ago", "file", "roster", "2026-11-21T00:00:00Z", "UTC", true, true, false},
		{"midnight is the organisation's", "file", "sso_assignments", "2026-11-20T23:00:00Z", "Europe/Berlin", true, true, false},
		{"an assignments file", "file", "sso_assignments", "2026-01-01T00:00:00Z", "UTC", true, true, false},
		{"an org chart file", "file", "org_chart", "2026-01-01T00:00:00Z", "UTC", true, false, false},
		{"a file of logins", "file", "sso_logins", "2026-01-01T00:00:00Z", "UTC", true, false, false},
		{"a file of usage", "file", "engagement", "2026-01-01T00:00:00Z", "UTC", true, false, false},
		{"a file of traffic", "file", "network", "", "UTC", true, false, false},
		{"a file of spend", "file", "spend", "2026-01-01T00:00:00Z", "UTC", false, false, false},
		{"a file of contracts", "file", "contracts", "2026-01-01T00:00:00Z", "UTC", false, false, false},
		{"a file of rates", "file", "fx_rates", "", "UTC", false, false, false},
		{"a file of exempt people", "file", "exempt", "", "UTC", false, false, false},
		{"a file of benchmarks", "file", "benchmarks", "", "UTC", false, false, false},
		{"a file of allocations", "file", "allocations", "", "UTC", false, false, false},
		{"a file of contracts that was never read to its end", "file", "contracts", "", "UTC", true, true, true},
		{"a file of spend that was never read to its end", "file", "spend", "", "UTC", true, true, true},
		{"a file of fx_rates that was never read to its end", "file", "fx_rates", "", "UTC", true, true, true},
		{"a file of exempt that was never read to its end", "file", "exempt", "", "UTC", true, true, true},
		{"a file of benchmarks that was never read to its end", "file", "benchmarks", "", "UTC", true, true, true},
		{"a file of allocations that was never read to its end", "file", "allocations", "", "UTC", true, true, true},
	}
	date, err := time.Parse(time.DateOnly, asOf)
	require.NoError(t, err)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var watermark *time.Time
			if c.watermark != "" {
				at := utc(t, c.watermark)
				watermark = &at
			}
			stale, counts := staleness(c.connector, c.stream, watermark, !c.never, date, zone(t, c.zone))
			assert.Equal(t, c.stale, stale, "stale")
			assert.Equal(t, c.counts, counts, "counts for the exit code")
		})
	}
}

// land commits rows to a stream of the lake, as the extract stage does.
func land(t testing.TB, store *lake.Store, connection, stream string, rows int, state lake.State, watermark, committed time.Time) {
	t.Helper()
	st, err := store.Stream(connection, stream)
	require.NoError(t, err)
	b, err := st.Begin()
	require.NoError(t, err)
	for i := range rows {
		require.NoError(t, b.Append(lake.Row{RecordID: string(rune('a' + i)), ExtractedAt: committed, Payload: json.RawMessage(`{}`)}))
	}
	c := lake.Commit{RunID: "test", Connector: "test", CommittedAt: committed, State: state}
	if !watermark.IsZero() {
		c.Watermark = &watermark
	}
	_, err = b.Commit(c)
	require.NoError(t, err)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, ledger := lake.Open(dir), OpenLedger(dir, nil)
	now := utc(t, "2026-11-23T03:00:00Z")
	cfg := &config.Config{Workspace: dir, Organisation: config.Organisation{Timezone: time.UTC}, Connections: []config.Connection{
		{Name: "okta", Connector: "okta"}, {Name: "zoom", Connector: "zoom"}, {Name: "gone", Connector: "zoom", DisconnectedOn: "2026-06-30"},
		{Name: "new", Connector: "ramp"},
	}}
	land(t, store, "okta", "users", 3, lake.Complete, now.Add(-time.Hour), now.Add(-time.Hour))
	land(t, store, "okta", "system_log", 5, lake.Partial, time.Time{}, now.Add(-time.Hour))
	land(t, store, "zoom", "meetings", 2, lake.Complete, now.AddDate(0, 0, -30), now.AddDate(0, 0, -30))
	land(t, store, "gone", "users", 1, lake.Complete, utc(t, "2026-06-30T00:00:00Z"), utc(t, "2026-06-30T00:00:00Z"))

	run := &Run{Command: "run", StartedAt: now, Streams: []extract.StreamResult{
		{Connection: "okta", Stream: "users", State: extract.StreamComplete},
		{Connection: "okta", Stream: "system_log", State: extract.StreamIncomplete, Error: "429: slow down"},
		{Connection: "zoom", Stream: "meetings", State: extract.StreamFailed, Error: "401: Invalid access token"},
		{Connection: "zoom", Stream: "users", State: extract.StreamNotConnected, Error: "403: missing scope user:read"},
	}}
	require.NoError(t, ledger.Start(run))
	run.Status = RunIncomplete
	require.NoError(t, ledger.Save(run))

	health, err := Health(cfg, store, ledger, "2026-11-23", nil)
	require.NoError(t, err)
	type brief struct {
		name, state string
		rows        int64
		stale       bool
		err         string
	}
	var got []brief
	for _, h := range health {
		got = append(got, brief{h.Connection + "/" + h.Stream, h.State, h.RowsTotal, h.IsStale, h.Error})
	}
	assert.Equal(t, []brief{
		{"okta/system_log", ErrorState, 5, true, "429: slow down"},
		{"okta/users", Connected, 3, false, ""},
		{"zoom/meetings", ErrorState, 2, true, "401: Invalid access token"},
		{"zoom/users", NotConnected, 0, false, "403: missing scope user:read"},
		{"gone/users", NotConnected, 1, false, "disconnected on 2026-06-30"},
		{"new/", NotConnected, 0, false, "never read"},
	}, got)
	assert.Equal(t, now.AddDate(0, 0, -30), *health[2].LastSuccessAt, "the failed attempt is no success")
	assert.Equal(t, now, *health[2].LastAttemptAt)
	assert.Equal(t, 30*24*time.Hour, *health[2].Lag(now))

	ps := problems(run.Streams, health)
	require.Len(t, ps, 2, "what failed is not named again as stale")
	assert.Equal(t, "okta/system_log is incomplete: 429: slow down. The next run goes on where it stopped", ps[0].String())
	assert.Equal(t, "zoom/meetings failed: 401: Invalid access token. Its numbers stay as of its last success", ps[1].String())
	stale := problems(nil, health)
	require.Len(t, stale, 2)
	assert.Contains(t, stale[1].String(), "zoom/meetings is stale: complete only up to 2026-10-24T03:00:00Z (401: Invalid access token)")

	t.Run("being interrupted is not the source's fault", func(t *testing.T) {
		stopped := &Run{Command: "run", StartedAt: now.Add(time.Hour), Streams: []extract.StreamResult{
			{Connection: "okta", Stream: "users", State: extract.StreamIncomplete, Error: "context canceled"},
		}}
		require.NoError(t, ledger.Start(stopped))
		stopped.Status = RunInterrupted
		require.NoError(t, ledger.Save(stopped))
		health, err := Health(cfg, store, ledger, "2026-11-23", nil)
		require.NoError(t, err)
		assert.Equal(t, Connected, health[1].State)
		assert.Empty(t, health[1].Error)
	})
	t.Run("a connection that stopped before any stream was known", func(t *testing.T) {
		current := &Run{StartedAt: now.Add(2 * time.Hour), Streams: []extract.StreamResult{{Connection: "new", State: extract.StreamFailed, Error: "no such host"}}}
		health, err := Health(cfg, store, ledger, "2026-11-23", current)
		require.NoError(t, err)
		last := health[len(health)-1]
		assert.Equal(t, "new", last.Connection)
		assert.Equal(t, ErrorState, last.State)
		assert.Equal(t, "no such host", last.Error)
		assert.True(t, last.IsStale)
	})
	t.Run("findings are those of the newest attempt", func(t *testing.T) {
		found := []extract.Finding{{Check: "old", Severity: "info", Count: 9, Sample: "cleared away"}, {Check: "file_gone", Severity: "warning", Count: 1, Sample: "a.csv is gone"}}
		current := &Run{StartedAt: now.Add(3 * time.Hour), Streams: []extract.StreamResult{
			{Connection: "okta", Stream: "users", State: extract.StreamComplete, Findings: found},
			{Connection: "gone", Stream: "users", State: extract.StreamComplete, Findings: found},
		}}
		health, err := Health(cfg, store, ledger, "2026-11-23", current)
		require.NoError(t, err)
		assert.Equal(t, found, health[1].Findings)
		assert.Equal(t, "a.csv is gone", health[1].Warning())
		assert.Empty(t, health[0].Warning())
		assert.Equal(t, NotConnected, health[4].State)
		assert.Empty(t, health[4].Findings, "disconnected")
		current.Streams[0].Findings = nil
		health, err = Health(cfg, store, ledger, "2026-11-23", current)
		require.NoError(t, err)
		assert.Empty(t, health[1].Findings)
	})
	t.Run("forgotten attempts do not count", func(t *testing.T) {
		require.NoError(t, store.Forget("zoom"))
		require.NoError(t, ledger.Start(&Run{Command: "forget", Connections: []string{"zoom"}, StartedAt: now}))
		health, err := Health(cfg, store, ledger, "2026-11-23", nil)
		require.NoError(t, err)
		require.Len(t, health, 5)
		assert.Equal(t, "zoom", health[2].Connection)
		assert.Equal(t, "never read", health[2].Error)
	})
	t.Run("bad date", func(t *testing.T) {
		_, err := Health(cfg, store, ledger, "yesterday", nil)
		assert.ErrorContains(t, err, "as-of date")
	})
}

// TestFewSetAside: a list counts without a few of its records, and the exit code is 3. Events and cells, that cost only themselves, are
// told of in status and data_quality.
func TestFewSetAside(t *testing.T) {
	t.Parallel()
	ps := problems([]extract.StreamResult{
		{Connection: "okta", Stream: "users", Kind: "snapshot", State: extract.StreamComplete, Rows: 500, Issues: 2, Lacks: extract.Lacking(2, 500)},
		{Connection: "okta", Stream: "log", Kind: "events", State: extract.StreamComplete, Rows: 500, Issues: 2},
		{Connection: "card", Stream: "spend", Kind: "events", State: extract.StreamComplete, Rows: 500, Issues: 2, Lacks: "2 of 500 rows"},
		{Connection: "okta", Stream: "apps", Kind: "snapshot", State: extract.StreamComplete, Rows: 500},
	}, nil)
	require.Len(t, ps, 1)
	h := StreamHealth{State: Connected}
	h.apply(attempt{result: extract.StreamResult{State: extract.StreamComplete, Lacks: "2 rows"}})
	assert.Equal(t, []string{Connected, "2 rows"}, []string{h.State, h.Error}, "status says so, too")
	h.apply(attempt{result: extract.StreamResult{State: extract.StreamFailed, Error: "gone", Lacks: "2 rows"}})
	assert.Equal(t, "gone; 2 rows", h.Error)
	assert.Equal(t, "okta/users is incomplete: 2 of the 500 records of its list could not be used and were set aside. "+
		"The others count; reports.data_quality lists what is wrong with these", ps[0].String())
}
