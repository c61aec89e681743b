package transform

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/duck"
)

// TestSQLOfOthersReadsTheLakeAndNothingElse: a connector's staging SQL runs in the build database.
func TestSQLOfOthersReadsTheLakeAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	raw, core := filepath.Join(dir, "lake", "raw"), filepath.Join(dir, "lake", "core")
	for _, d := range []string{raw, core, filepath.Join(dir, "lake", "rawer")} {
		require.NoError(t, os.MkdirAll(d, 0o700))
	}
	secret := filepath.Join(dir, "secret.csv")
	for _, f := range []string{secret, filepath.Join(dir, "lake", "rawer", "x.csv"), filepath.Join(raw, "mine.csv")} {
		require.NoError(t, os.WriteFile(f, []byte("a\n1\n"), 0o600))
	}
	other := filepath.Join(dir, "other.duckdb")
	db, err := duck.Open(t.Context(), other, duck.Options{})
	require.NoError(t, err)
	_, err = db.Exec("CREATE TABLE t AS SELECT 1 AS a; COPY t TO " + duck.Literal(filepath.Join(dir, "secret.parquet")))
	require.NoError(t, err)
	require.NoError(t, db.Close())

	build := filepath.Join(dir, "build.duckdb")
	resources := config.Resources{Memory: "200MB", Threads: 1, TempDir: filepath.Join(dir, "tmp")}
	err = withDatabase(t.Context(), build, resources, []string{raw, core}, func(db *sql.Conn) error {
		for _, sql := range []string{
			"CREATE TABLE here AS SELECT * FROM read_csv(" + duck.Literal(filepath.Join(raw, "mine.csv")) + ")",
			"COPY here TO " + duck.Literal(filepath.Join(core, "x.parquet")) + " (FORMAT parquet)",
			"SELECT * FROM read_parquet(" + duck.Literal(filepath.Join(core, "x.parquet")) + ")",
			"CHECKPOINT",
		} {
			if _, err := db.ExecContext(t.Context(), sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		literal := func(elements ...string) string { return duck.Literal(filepath.Join(elements...)) }
		for _, sql := range []string{
			"SELECT * FROM read_text('/etc/passwd')",
			"SELECT * FROM read_blob('/etc/passwd')",
			"SELECT * FROM read_csv('/etc/passwd')",
			"SELECT * FROM sniff_csv('/etc/passwd')",
			"SELECT * FROM read_json('/etc/passwd')",
			"SELECT * FROM read_ndjson_objects('/proc/self/environ')",
			"SELECT * FROM '/etc/passwd'",
			"SELECT * FROM " + literal(dir, "secret.csv"),
			"SELECT * FROM read_parquet(" + literal(dir, "secret.parquet") + ")",
			"SELECT * FROM parquet_metadata(" + literal(dir, "secret.parquet") + ")",
			"SELECT * FROM parquet_schema(" + literal(dir, "secret.parquet") + ")",
			"SELECT * FROM read_csv(" + duck.Literal(raw+"/../../secret.csv") + ")",
			"SELECT * FROM read_csv(" + duck.Literal(raw+"/./x/../../../secret.csv") + ")",
			"SELECT * FROM read_csv(" + duck.Literal(raw+"er/x.csv") + ")",
			"SELECT * FROM read_csv(" + duck.Literal("file://"+secret) + ")",
			"SELECT * FROM read_text(" + duck.Literal(raw+"/../../*") + ")",
			"SELECT * FROM read_text(" + duck.Literal(dir+"/*") + ")",
			"SELECT * FROM glob('/etc/*')",
			"SELECT * FROM glob(" + duck.Literal(raw+"/../../*") + ")",
			"SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
			"SELECT * FROM read_text('http://127.0.0.1:1/x')",
			"SELECT * FROM read_text('s3://bucket/x')",
			"SELECT getenv('HOME')",
			"COPY here FROM '/etc/passwd'",
			"COPY here TO " + literal(dir, "out.csv"),
			"COPY here TO " + duck.Literal(raw+"/../../out.csv"),
			"COPY here TO '/dev/stdout'",
			"EXPORT DATABASE " + literal(dir, "out"),
			"IMPORT DATABASE " + literal(dir, "out"),
			"ATTACH " + literal(dir, "other.duckdb") + " AS other",
			"ATTACH " + literal(dir, "other.duckdb") + " AS other (READ_ONLY)",
			"ATTACH " + literal(dir, "new.duckdb") + " AS other",
			"SELECT * FROM read_duckdb(" + literal(dir, "other.duckdb") + ")",
			"LOAD httpfs", "INSTALL httpfs", "INSTALL httpfs FROM community", "FORCE INSTALL httpfs",
			"LOAD " + literal(dir, "secret.csv"),
			"CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
			"CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'b')",
			"SET enable_external_access = true",
			"SET allowed_directories = ['/']",
			"SET allowed_paths = ['/etc/passwd']",
			"SET lock_configuration = false",
			"RESET lock_configuration",
			"SET GLOBAL temp_directory = '/etc'",
			"SET autoinstall_known_extensions = true",
			"SET enable_profiling = 'json'",
			"SET profiling_output = " + literal(dir, "out.json"),
			"PRAGMA profile_output = " + literal(dir, "out.json"),
			"SET log_query_path = " + literal(dir, "out.log"),
			"SET secret_directory = '/etc'",
			"SET home_directory = '/etc'",
			"SET file_search_path = '/etc'",
			"CALL start_ui()",
		} {
			_, err := db.ExecContext(t.Context(), sql)
			assert.Error(t, err, sql)
		}
		// It may say yes, but it writes nothing.
		_, _ = db.ExecContext(t.Context(), "CALL enable_logging(storage = 'file', storage_path = "+literal(dir, "out")+")")
		return nil
	})
	require.NoError(t, err)
	for _, name := range []string{"out", "out.csv", "out.json", "out.log", "new.duckdb"} {
		assert.NoFileExists(t, filepath.Join(dir, name))
		assert.NoDirExists(t, filepath.Join(dir, name))
	}
}

// TestAModelIsOneSelect: what is no query is refused before anything runs.
func TestAModelIsOneSelect(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"SELECT 1 AS event_id; COPY (SELECT 1) TO '/tmp/x'",
		"SELECT 1 AS event_id; SELECT 2",
		"COPY (SELECT 1) TO '/tmp/x'",
		"ATTACH 'x' AS y",
		"CREATE TABLE x AS SELECT 1",
		"PRAGMA database_list",
		"SET threads = 1",
		"INSTALL httpfs",
	} {
		own := fstest.MapFS{"acme/logins.sql": {Data: []byte("-- feed: sso_logins\n" + text + "\n")}}
		built := fstest.MapFS{"feeds/sso_logins.sql": {Data: []byte("-- feed: sso_logins\n-- shape: events\n-- description: x\n-- columns: connection VARCHAR, event_id VARCHAR\nSELECT * FROM staging.sso_logins__rows\n")}}
		_, err := LoadProject(t.Context(), built, []StagingDir{{Connector: "acme", FS: own, Dir: "acme"}})
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), "logins.sql", text)
	}
}
