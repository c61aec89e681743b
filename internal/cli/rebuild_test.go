package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseKnownAt(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	now := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC) // the 24th in Berlin
	for _, c := range []struct{ name, text, want, wrong string }{
		{"nothing: now", "", "2026-11-23T23:30:00Z", ""},
		{"a date: its end there", "2026-06-30", "2026-06-30T21:59:59.999999999Z", ""},
		{"a day of 25 hours", "2026-10-25", "2026-10-25T22:59:59.999999999Z", ""},
		{"today: now", "2026-11-24", "2026-11-23T23:30:00Z", ""},
		{"an instant", "2026-06-30T18:00:00Z", "2026-06-30T18:00:00Z", ""},
		{"an instant of another zone", "2026-06-30T18:00:00.5+02:00", "2026-06-30T16:00:00.5Z", ""},
		{"tomorrow", "2026-11-25", "", "is in the future"},
		{"in a minute", "2026-11-23T23:31:00Z", "", "is in the future"},
		{"no time", "yesterday", "", "write it as 2026-06-30 or"},
		{"no such day", "2026-02-30", "", "write it as 2026-06-30 or"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseKnownAt(c.text, now, berlin)
			if c.wrong != "" {
				require.ErrorContains(t, err, c.wrong)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got.Format(time.RFC3339Nano))
		})
	}
}

// TestRebuild: past reports lie beside the workspace's, which stay; what was forgotten is gone from the past.
func TestRebuild(t *testing.T) {
	t.Parallel()
	dir, file := workspace(t, rosterConfig)
	at := func(day int, args ...string) result {
		return cliAt(t.Context(), monday.AddDate(0, 0, day), "", nil, append([]string{"--config", file}, args...)...)
	}
	ran := at(0, "run")
	require.Zero(t, ran.code, ran.errors)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", "roster-2026-11-23.csv"), []byte("email\nann@acme.example\n"), 0o600))
	ran = at(1, "run")
	require.Zero(t, ran.code, ran.errors)

	past := filepath.Join(t.TempDir(), "past")
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"into the workspace", []string{"transform", "--known-at", "2026-11-23", "--output", dir}, 2, "is the workspace itself"},
		{"into another workspace", []string{"run", "--known-at", "2026-11-23", "--output", filepath.Dir(otherWorkspace(t))}, 2, "is a workspace (it holds rightseat.yaml)"},
		{"later than what is known", []string{"run", "--as-of", "2026-11-24", "--known-at", "2026-11-23"}, 2, "--as-of 2026-11-24 is later than what is known"},
		{"no date", []string{"run", "--as-of", "monday", "--output", past}, 2, "YYYY-MM-DD"},
		{"no time", []string{"run", "--known-at", "monday"}, 2, "is no time"},
		{"in the future", []string{"run", "--known-at", "2026-11-26"}, 2, "is in the future"},
		{"of one connection", []string{"run", "--known-at", "2026-11-23", "--connection", "figma"}, 2, "neither a pipeline nor --connection"},
		{"of a pipeline", []string{"run", "daily", "--output", past}, 2, "neither a pipeline nor --connection"},
		{"before anything was read", []string{"run", "--known-at", "2026-11-22"}, 1, "nothing had been read by then"},
	} {
		r := at(2, c.args...)
		assert.Equal(t, c.code, r.code, c.name)
		assert.Contains(t, r.errors, c.want, c.name)
		assert.Empty(t, r.out, c.name)
	}
	assert.NoDirExists(t, past)
	assert.NoDirExists(t, filepath.Join(dir, "rebuilt"))

	users := func(exports string) string {
		data, err := os.ReadFile(filepath.Join(exports, "provisioned_users_daily.csv"))
		require.NoError(t, err)
		rows := strings.Split(strings.TrimSpace(string(data)), "\n")
		return rows[len(rows)-1]
	}
	r := at(2, "transform", "--as-of", "2026-11-23", "--known-at", "2026-11-23", "--output", past)
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.out, "Reports as of 2026-11-23, as known at 2026-11-23T23:59:59Z")
	assert.Contains(t, users(filepath.Join(past, "exports")), "2026-11-23,figma,figma,2,connector_exact,figma,2026-11-22")
	r = at(2, "transform", "--as-of", "2026-11-23", "--output", past)
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, users(filepath.Join(past, "exports")), "2026-11-23,figma,figma,1,connector_exact,figma,2026-11-23", "the list of that day came a day later")
	assert.Contains(t, users(filepath.Join(dir, "exports")), "2026-11-24,figma,figma,1,")

	// A past warehouse is asked like the workspace's own.
	const ask = "SELECT max(date), arg_max(provisioned_users, date) FROM reports.provisioned_users_daily"
	r = at(2, "query", "--format", "csv", "--warehouse", filepath.Join(past, "warehouse", "rightseat.duckdb"), ask)
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.out, "2026-11-23,1")
	r = at(2, "query", "--warehouse", filepath.Join(past, "absent"), ask)
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.errors, "there is no such file")

	r = at(3, "forget", "figma", "--yes")
	require.Contains(t, []int{0, 1}, r.code, r.errors)
	r = at(3, "run", "--known-at", "2026-11-23", "--output", past)
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.errors, "nothing had been read by then", "what was forgotten is gone from the past, too")
}

func otherWorkspace(t *testing.T) string {
	t.Helper()
	_, file := workspace(t, rosterConfig)
	return file
}
