package connectors_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/connectors"
	rightsql "github.com/rightseat/rightseat/sql"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// fixtureRow is one line of testdata/<connector>/<stream>.ndjson: a raw record and the few
// things the engine notes beside it.
type fixtureRow struct {
	Record   string          `json:"record"`
	Parent   string          `json:"parent"`
	At       string          `json:"at"`       // RFC 3339; events
	Snapshot string          `json:"snapshot"` // YYYY-MM-DD, optionally with an hour: 2026-11-01T15
	Payload  json.RawMessage `json:"payload"`
}

// TestStagingGolden runs every staging model of the built-in connectors over hand-made payloads,
// hostile ones included, and compares its rows with the golden file.
func TestStagingGolden(t *testing.T) {
	t.Parallel()
	for _, connector := range connectors.Names() {
		t.Run(connector, func(t *testing.T) {
			t.Parallel()
			db := openDuckDB(t)
			for _, stream := range streamNames(t, connector) {
				rows := readFixture(t, filepath.Join("testdata", connector, stream+".ndjson"))
				createRaw(t, db, connector, stream, rows)
			}
			models := stagingModels(t, connector)
			require.NotEmpty(t, models, "a connector without staging brings nothing")
			for name, model := range models {
				checkGolden(t, filepath.Join("testdata", connector, name+".golden"), queryJSON(t, db, model))
			}
		})
	}
}

// TestStagingOnNothing makes sure that a connection that has brought no rows yet gives no rows and no error.
func TestStagingOnNothing(t *testing.T) {
	t.Parallel()
	for _, connector := range connectors.Names() {
		db := openDuckDB(t)
		for _, stream := range streamNames(t, connector) {
			createRaw(t, db, connector, stream, nil)
		}
		for name, model := range stagingModels(t, connector) {
			assert.Empty(t, queryJSON(t, db, model), "%s/%s", connector, name)
		}
	}
}

// TestStagingOnHostilePayloads feeds values of the wrong kind to every stream: models may make
// little of them, but a model that fails would take the whole run with it.
func TestStagingOnHostilePayloads(t *testing.T) {
	t.Parallel()
	hostile := []string{
		`{}`, `[]`, `null`, `"null"`, `42`, `18446744073709551616`,
		`{"target": "null", "actor": [], "outcome": 7, "eventType": "user.authentication.sso"}`,
		`{"target": [null, 3, {"type": "AppInstance", "id": {"x": 1}}], "eventType": "user.authentication.sso"}`,
		`{"id": {"a": 1}, "profile": "none", "status": ["ACTIVE"], "line_items": {"quantity": 1}, "properties": []}`,
		`{"properties": {"seats": {"value": "many"}, "effectiveDate": {"value": "soon"}, "contractValue": {"value": {"amount": "lots"}}}}`,
		`{"line_items": [null, "x", [], {"quantity": "NaN", "unit_price": {"amount": {}}}], "total_value": "1e400", "start_date": "0000-00-00"}`,
		`{"amount": "ten", "state": "CLEARED", "numbytes": "1e99", "count": -1, "terminationDate": "0000-00-00", "status": "Inactive"}`,
		`{"amount": 1e40, "state": "CLEARED", "numbytes": 99999999999999999999999999, "has_video": "yes", "camera": {}, "email": "a@b.example"}`,
	}
	for _, connector := range connectors.Names() {
		db := openDuckDB(t)
		for _, stream := range streamNames(t, connector) {
			var rows []fixtureRow
			for i, payload := range hostile {
				rows = append(rows, fixtureRow{
					Record: fmt.Sprint("r", i), Parent: fmt.Sprint("r", i), At: "2026-11-01T10:00:00Z", Snapshot: "2026-11-01",
					Payload: json.RawMessage(payload),
				})
			}
			createRaw(t, db, connector, stream, rows)
		}
		for name, model := range stagingModels(t, connector) {
			t.Run(connector+"/"+name, func(t *testing.T) { queryJSON(t, db, model) })
		}
	}
}

// feedColumns are the columns and types that docs/architecture.md promises of each feed.
var feedColumns = map[string]string{
	"org_chart": "seq BIGINT, source_person_id VARCHAR, email VARCHAR, additional_emails VARCHAR, first_name VARCHAR, last_name VARCHAR, " +
		"display_name VARCHAR, title VARCHAR, team VARCHAR, department VARCHAR, location VARCHAR, cost_centre VARCHAR, " +
		"manager_email VARCHAR, manager_source_id VARCHAR, start_date DATE, termination_date DATE, has_left BOOLEAN, status VARCHAR",
	"idp_users":       "source_user_id VARCHAR, email VARCHAR, login VARCHAR, display_name VARCHAR, status VARCHAR",
	"idp_apps":        "source_app_id VARCHAR, app VARCHAR, status VARCHAR",
	"sso_assignments": "source_app_id VARCHAR, app VARCHAR, instance VARCHAR, source_user_id VARCHAR, email VARCHAR, assigned_via VARCHAR, groups VARCHAR, status VARCHAR",
	"sso_unread":      "source_app_id VARCHAR, kept_date DATE, left_out BOOLEAN",
	"sso_logins": "event_id VARCHAR, occurred_at TIMESTAMP, source_app_id VARCHAR, app VARCHAR, instance VARCHAR, source_user_id VARCHAR, " +
		"email VARCHAR, outcome VARCHAR, kind VARCHAR",
	"roster":     "seq BIGINT, app VARCHAR, instance VARCHAR, account_id VARCHAR, email VARCHAR, username VARCHAR, tier VARCHAR, status VARCHAR, created_at TIMESTAMP",
	"engagement": "event_id VARCHAR, occurred_at TIMESTAMP, app VARCHAR, instance VARCHAR, source_user_id VARCHAR, email VARCHAR, event VARCHAR, event_count BIGINT",
	"network":    "event_id VARCHAR, occurred_at TIMESTAMP, app VARCHAR, domain VARCHAR, email VARCHAR, device VARCHAR, bytes BIGINT, requests BIGINT",
	"spend": "transaction_id VARCHAR, transaction_date DATE, amount DECIMAL(24,10), currency VARCHAR, vendor_text VARCHAR, spend_type VARCHAR, " +
		"payer_email VARCHAR, payer_source_id VARCHAR, department VARCHAR, category VARCHAR, memo VARCHAR, is_pending BOOLEAN, occurred_at TIMESTAMP",
	"contracts": "contract_id VARCHAR, line_id VARCHAR, vendor VARCHAR, app VARCHAR, instance VARCHAR, tier VARCHAR, start_date DATE, end_date DATE, " +
		"licences BIGINT, unit_price DECIMAL(24,10), billing_period VARCHAR, currency VARCHAR, auto_renew VARCHAR, notice_days BIGINT, " +
		"is_user_licence VARCHAR, owner_email VARCHAR, status VARCHAR, unread VARCHAR, amends VARCHAR",
}

// eventFeeds carry seq; the others snapshot_id, snapshot_date and read_at.
var eventFeeds = map[string]bool{"sso_logins": true, "engagement": true, "network": true, "spend": true}

// TestStagingColumns holds every model to its feed: header, columns, types.
func TestStagingColumns(t *testing.T) {
	t.Parallel()
	for _, connector := range connectors.Names() {
		db := openDuckDB(t)
		for _, stream := range streamNames(t, connector) {
			createRaw(t, db, connector, stream, nil)
		}
		for name, model := range stagingModels(t, connector) {
			t.Run(connector+"/"+name, func(t *testing.T) {
				feed := headerValue(model, "feed")
				require.Contains(t, feedColumns, feed, "the header's feed")
				assert.NotEmpty(t, headerValue(model, "description"))
				common := "connection VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP"
				if eventFeeds[feed] {
					common = "connection VARCHAR, seq BIGINT"
				}
				promised := strings.Split(common+", "+feedColumns[feed], ", ")
				var promisedNames []string
				for _, column := range promised {
					name, _, _ := strings.Cut(column, " ")
					promisedNames = append(promisedNames, name)
				}
				got := describe(t, db, model)
				assert.Subset(t, got, strings.Split(common, ", "))
				for _, column := range got {
					column = strings.Replace(column, "INTEGER", "BIGINT", 1)   // widens without loss
					if name, ok := strings.CutSuffix(column, " VARCHAR"); ok { // the feed types texts
						assert.Contains(t, promisedNames, name)
						continue
					}
					assert.Contains(t, promised, column)
				}
			})
		}
	}
}

// TestStagingReads makes sure that a model's tables can be found in its parsed form, which is where
// the order of models comes from, and that it reads nothing but its own connector's streams.
func TestStagingReads(t *testing.T) {
	t.Parallel()
	db := openDuckDB(t)
	for _, connector := range connectors.Names() {
		for name, model := range stagingModels(t, connector) {
			t.Run(connector+"/"+name, func(t *testing.T) {
				var text string
				require.NoError(t, db.QueryRowContext(t.Context(), "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)", model).Scan(&text))
				var tree map[string]any
				require.NoError(t, json.Unmarshal([]byte(text), &tree))
				require.Equal(t, false, tree["error"], "%v", tree["error_message"])
				reads := map[string]bool{}
				walkTables(tree, reads)
				require.NotEmpty(t, reads)
				for table := range reads {
					if table == "raw.unread" { // which lists are missing, by connector and stream
						assert.Contains(t, model, "WHERE connector = '"+connector+"' AND stream = '"+headerValue(model, "stream")+"'")
						continue
					}
					stream, ok := strings.CutPrefix(table, "raw."+connector+"__")
					assert.True(t, ok, "reads %s", table)
					assert.Contains(t, streamNames(t, connector), stream)
				}
				if len(reads) == 1 {
					return
				}
				// Of events only the new ones are there, so whatever a model of events would look up
				// elsewhere is there in one run and not in another.
				assert.False(t, eventFeeds[headerValue(model, "feed")], "events are mapped one by one, without looking at other streams")
				assert.Contains(t, reads, "raw."+connector+"__"+headerValue(model, "stream"), "the header says whose snapshots count")
			})
		}
	}
}

// walkTables collects the tables with a schema; those without are the model's own CTEs.
func walkTables(node any, found map[string]bool) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			walkTables(child, found)
		}
	case map[string]any:
		if n["type"] == "BASE_TABLE" && n["schema_name"] != "" {
			found[fmt.Sprint(n["schema_name"], ".", n["table_name"])] = true
		}
		for _, child := range n {
			walkTables(child, found)
		}
	}
}

func headerValue(model, key string) string {
	for line := range strings.Lines(model) {
		if value, ok := strings.CutPrefix(line, "-- "+key+": "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func describe(t *testing.T, db *sql.DB, model string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT column_name, column_type FROM (DESCRIBE "+model+")")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var columns []string
	for rows.Next() {
		var name, typ string
		require.NoError(t, rows.Scan(&name, &typ))
		columns = append(columns, name+" "+typ)
	}
	require.NoError(t, rows.Err())
	return columns
}

func openDuckDB(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "?autoinstall_known_extensions=false&autoload_known_extensions=false&threads=2")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	// Far from UTC, so that a timestamp read in the session's zone would show.
	_, err = db.ExecContext(t.Context(), `SET TimeZone = 'Asia/Kolkata'; CREATE SCHEMA raw;
CREATE TABLE raw.unread (connection VARCHAR, connector VARCHAR, stream VARCHAR, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP,
    parent_id VARCHAR, kept_date DATE, left_out BOOLEAN)`)
	require.NoError(t, err)
	macros, err := fs.Glob(rightsql.Files, "macros/*.sql")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "CREATE SCHEMA names")
	require.NoError(t, err)
	for _, f := range macros {
		text, err := rightsql.Files.ReadFile(f)
		require.NoError(t, err)
		_, err = db.ExecContext(t.Context(), string(text))
		require.NoError(t, err, f)
	}
	return db
}

// createRaw makes raw.<connector>__<stream> as the transform does, over a table of the rows given.
func createRaw(t *testing.T, db *sql.DB, connector, stream string, rows []fixtureRow) {
	t.Helper()
	ctx := t.Context()
	view := connector + "__" + stream
	_, err := db.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE %[1]s_rows (connection VARCHAR, seq BIGINT, record_id VARCHAR, parent_id VARCHAR,
		event_at TIMESTAMP, snapshot_id VARCHAR, snapshot_date DATE, read_at TIMESTAMP, extracted_at TIMESTAMP, source VARCHAR, payload VARCHAR);
		CREATE VIEW raw.%[1]s AS SELECT * FROM %[1]s_rows`, view))
	require.NoError(t, err)
	for i, r := range rows {
		require.NoError(t, insertRaw(ctx, db, view, connector, int64(i+1), r), "%s line %d", view, i+1)
	}
}

func insertRaw(ctx context.Context, db *sql.DB, view, connection string, seq int64, r fixtureRow) error {
	var eventAt, snapshotID, snapshotDate, readAt, parent any
	extracted := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	if r.At != "" {
		at, err := time.Parse(time.RFC3339, r.At)
		if err != nil {
			return err
		}
		eventAt = at.UTC()
	}
	if r.Snapshot != "" {
		date, hour, ok := strings.Cut(r.Snapshot, "T")
		if !ok {
			hour = "03"
		}
		at, err := time.Parse("2006-01-02T15", date+"T"+hour)
		if err != nil {
			return err
		}
		snapshotID, snapshotDate, readAt = r.Snapshot, date, at
	}
	if r.Parent != "" {
		parent = r.Parent
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'test', ?)", view),
		connection, seq, r.Record, parent, eventAt, snapshotID, snapshotDate, readAt, extracted, string(r.Payload))
	return err
}

func readFixture(t *testing.T, name string) []fixtureRow {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err, "each stream has a fixture")
	var rows []fixtureRow
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var r fixtureRow
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r), "%s line %d", name, n)
		rows = append(rows, r)
	}
	require.NoError(t, lines.Err())
	return rows
}

// stagingModels gives a connector's models by name.
func stagingModels(t *testing.T, connector string) map[string]string {
	t.Helper()
	files, err := fs.Glob(rightsql.Files, path.Join("staging", connector, "*.sql"))
	require.NoError(t, err)
	models := map[string]string{}
	for _, f := range files {
		data, err := rightsql.Files.ReadFile(f)
		require.NoError(t, err)
		models[strings.TrimSuffix(path.Base(f), ".sql")] = string(data)
	}
	return models
}

// queryJSON gives the model's rows, one JSON object a line, in a fixed order.
func queryJSON(t *testing.T, db *sql.DB, model string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT CAST(to_json(m) AS VARCHAR) FROM ("+model+") AS m ORDER BY 1")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var out strings.Builder
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		out.WriteString(line + "\n")
	}
	require.NoError(t, rows.Err())
	return out.String()
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no golden file %s; run the test with -update and review it", name)
	}
	require.NoError(t, err)
	assert.Equal(t, string(want), got, name)
}
