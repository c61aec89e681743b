package endtoend_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/duck"
)

// payloadDay is when the payload tests run.
var payloadDay = time.Date(2026, time.November, 5, 12, 0, 0, 0, time.UTC)

// payloadWorld is a workspace with some connections, and some people beside.
func payloadWorld(t *testing.T, connections string) *world {
	t.Helper()
	w := &world{dir: fastDir(t), clock: clock.NewSimulated(payloadDay), transport: &http.Transport{}}
	w.config = filepath.Join(w.dir, "rightseat.yaml")
	require.NoError(t, os.WriteFile(w.config, []byte(`organisation: {name: Acme, domains: [acme.example]}
set_aside_percent: 100
connections:
  - name: staff
    connector: file
    settings: {kind: org_chart, path: uploads/staff.csv}
`+connections), 0o600))
	w.upload(t, "uploads/staff.csv", []byte("email,last_name,first_name,team,snapshot_date\nann@acme.example,Lee,Ann,Ops,2026-11-01\nbob@acme.example,Ny,Bob,Ops,2026-11-01\n"))
	return w
}

// TestHostilePayloads: whatever stands in a record costs that record alone. Each stream of each built-in connector
// brings sound records and, in each place of a record, everything that is hostile.
func TestHostilePayloads(t *testing.T) {
	t.Parallel()
	if raceDetector && !exhaustive {
		t.Skip("nothing in it is concurrent that other tests don't try")
	}
	for _, name := range connectors.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calm := payloadWorld(t, newPayloadVendor(t, name, false).config())
			calm.requirePublished(t, "run")
			vendor := newPayloadVendor(t, name, true)
			w := payloadWorld(t, vendor.config())
			w.requirePublished(t, "run")
			w.requireBooks(t)
			w.requireKept(t, calm)
			for stream, records := range vendor.records {
				rows := w.query(t, "SELECT coalesce(min(read), 0) FROM reports.reconciliation WHERE stream = '"+stream+"' AND feed NOT IN ('contracts', 'none')")
				if rows[0][0] != "0" {
					assert.Equal(t, fmt.Sprint(len(records)), rows[0][0], "records read of %s", stream)
				}
			}
		})
	}
}

// requirePublished runs a command that ends with 0 or 3.
func (w *world) requirePublished(t *testing.T, args ...string) {
	t.Helper()
	r := w.cli(t.Context(), args...)
	require.Contains(t, []int{0, 3}, r.code, "%.5000s", r.errors)
	assert.NotContains(t, r.errors, "goroutine")
	for line := range strings.Lines(r.errors) {
		assert.LessOrEqual(t, len(line), 8000, "a line of the log: %.200s…", line)
	}
}

// query asks the published warehouse.
func (w *world) query(t *testing.T, sql string) [][]string {
	t.Helper()
	r := w.requireRun(t, "query", "--format", "csv", sql)
	rows, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
	require.NoError(t, err)
	return rows[1:]
}

// requireBooks: every record that was read is in core, or counted with its reason, in words fit to be read.
func (w *world) requireBooks(t *testing.T) {
	t.Helper()
	quality := w.query(t, "SELECT check_name, severity, failing_rows, sample FROM reports.data_quality")
	told := func(prefix string) (n int64) {
		for _, q := range quality {
			last := q[0][strings.LastIndex(q[0], ".")+1:]
			if !strings.HasPrefix(q[0], prefix) || strings.Contains(q[3], "; the row counts") || slices.Contains([]string{"listed_twice", "repaired_text", "empty_fields", "clock_ahead", "read_ahead_of_time", "broken_text", "no_billing_period", "assumed_currency", "counted_once", "guessed_encoding", "dated_by_reading", "repeated_lines", "list_unread"}, last) || strings.HasPrefix(last, "unreadable_") {
				continue
			}
			rows, err := strconv.ParseInt(q[2], 10, 64)
			require.NoError(t, err)
			n += rows
		}
		return n
	}
	for _, q := range quality {
		assert.NotContains(t, q[0], "unaccounted", "%v", q)
		assert.LessOrEqual(t, len(q[0]), 200, "a name of a check: %.300s", q[0])
		assert.LessOrEqual(t, len([]rune(q[3])), 1001, "a sample of %s", q[0])
		for _, r := range q[0] + q[3] {
			require.True(t, unicode.IsPrint(r), "%q in %q: %q", r, q[0], q[3])
		}
	}
	books := w.query(t, "SELECT connection, stream, feed, read, duplicates, superseded, set_aside, in_core FROM reports.reconciliation")
	require.NotEmpty(t, books)
	for _, b := range books {
		var n [5]int64
		for i := range n {
			var err error
			n[i], err = strconv.ParseInt(b[3+i], 10, 64)
			require.NoError(t, err)
			assert.GreaterOrEqual(t, n[i], int64(0), "%v", b)
		}
		assert.Equal(t, n[0], n[1]+n[2]+n[3]+n[4], "read of %v", b)
		if b[0] != "staff" {
			assert.Equal(t, n[3], told(b[0]+"."+b[1]+"."), "set aside of %v, and why: %v", b, slices.DeleteFunc(slices.Clone(quality), func(q []string) bool { return !strings.HasPrefix(q[0], b[0]+".") }))
		}
		t.Log(b)
	}
}

// requireKept: what a world without hostile records has in core, this one has too.
func (w *world) requireKept(t *testing.T, calm *world) {
	t.Helper()
	db, err := duck.Open(t.Context(), "", duck.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for name, from := range map[string]*world{"calm": calm, "hostile": w} {
		_, err := db.ExecContext(t.Context(), "ATTACH "+duck.Literal(filepath.Join(from.dir, "warehouse", "rightseat.duckdb"))+" AS "+name+" (READ_ONLY)")
		require.NoError(t, err)
	}
	for _, table := range []string{
		"accounts", "org_chart", "sso_assignments", "sso_logins", "engagement_events", "network_activity", "spend_lines", "contracts", "contract_lines", "people", "person_identifiers", "sso_apps",
	} {
		var lost string
		require.NoError(t, db.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT coalesce(string_agg(CAST(x AS VARCHAR), '; '), '') FROM (
SELECT COLUMNS(c -> c NOT IN ('seq', 'first_seen', 'ended_on')) FROM calm.core.%[1]s EXCEPT SELECT COLUMNS(c -> c NOT IN ('seq', 'first_seen', 'ended_on')) FROM hostile.core.%[1]s) AS x`, table)).Scan(&lost))
		assert.Empty(t, lost, "of core.%s", table)
	}
}
