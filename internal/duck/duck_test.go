package duck_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/table"
)

const holdEnv = "RIGHTSEAT_TEST_HOLD"

// TestMain also is the other process of TestLocked: it holds a database until its input ends; and one that spills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(spillerEnv); dir != "" {
		os.Exit(spillUntilKilled(dir))
	}
	if path := os.Getenv(holdEnv); path != "" {
		db, err := duck.Open(context.Background(), path, duck.Options{})
		fmt.Println("held", err)
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		if db != nil {
			_ = db.Close()
		}
		return
	}
	os.Exit(m.Run())
}

func create(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := duck.Open(t.Context(), path, duck.Options{Memory: "200MB", Threads: 1, TempDir: filepath.Join(t.TempDir(), "a", "b")})
	require.NoError(t, err)
	for _, s := range statements {
		_, err := db.ExecContext(t.Context(), s)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
}

func TestOpenOddPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain.duckdb", "it's 100% ?x=1 #y.duckdb", "memory.duckdb", ".hidden.duckdb", "größe.db"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			create(t, path, "CREATE TABLE t AS SELECT 42 AS n")
			db, err := duck.Open(t.Context(), path, duck.Options{ReadOnly: true})
			require.NoError(t, err)
			defer func() { require.NoError(t, db.Close()) }()
			var n int
			require.NoError(t, db.QueryRowContext(t.Context(), "SELECT n FROM t").Scan(&n))
			assert.Equal(t, 42, n)
			_, err = db.ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
			assert.ErrorContains(t, err, "read-only")
		})
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := duck.Open(t.Context(), filepath.Join(dir, "none.duckdb"), duck.Options{ReadOnly: true})
	require.ErrorIs(t, err, fs.ErrNotExist)

	junk := filepath.Join(dir, "junk.duckdb")
	require.NoError(t, os.WriteFile(junk, make([]byte, 20000), 0o644))
	_, err = duck.Open(t.Context(), junk, duck.Options{ReadOnly: true})
	require.ErrorIs(t, err, duck.ErrCorrupt)
	require.ErrorContains(t, err, junk)

	cut := filepath.Join(dir, "cut.duckdb")
	create(t, cut, "CREATE TABLE t AS SELECT range AS n FROM range(100000)")
	require.NoError(t, os.Truncate(cut, 9000))
	_, err = duck.Open(t.Context(), cut, duck.Options{ReadOnly: true})
	require.Error(t, err)
	require.ErrorContains(t, err, cut)

	_, err = duck.Open(t.Context(), "", duck.Options{Memory: "lots"})
	require.ErrorContains(t, err, "lots")
}

func TestLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "held.duckdb")
	self, err := os.Executable()
	require.NoError(t, err)
	other := exec.CommandContext(t.Context(), self)
	other.Env = append(os.Environ(), holdEnv+"="+path)
	in, err := other.StdinPipe()
	require.NoError(t, err)
	out, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	word, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "held <nil>\n", word)

	_, err = duck.Open(t.Context(), path, duck.Options{})
	require.ErrorIs(t, err, duck.ErrLocked)
	assert.ErrorContains(t, err, strconv.Itoa(other.Process.Pid), "says who")

	require.NoError(t, in.Close())
	require.NoError(t, other.Wait())
	db, err := duck.Open(t.Context(), path, duck.Options{})
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func TestSandbox(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "w.duckdb")
	secret := filepath.Join(dir, "secret.csv")
	require.NoError(t, os.WriteFile(secret, []byte("a\n1\n"), 0o644))
	create(t, path, "CREATE TABLE t AS SELECT range AS n FROM range(10)", "ATTACH "+duck.Literal(filepath.Join(dir, "other.duckdb"))+" AS o")
	db, err := duck.Open(t.Context(), path, duck.Options{ReadOnly: true, Sandboxed: true, Memory: "200MB", TempDir: filepath.Join(dir, "tmp")})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, query := range []string{
		"SELECT * FROM " + duck.Literal(secret),
		"SELECT * FROM read_csv(" + duck.Literal(secret) + ")",
		"SELECT * FROM read_text(" + duck.Literal(secret) + ")",
		"SELECT * FROM glob('/*')",
		"COPY t TO " + duck.Literal(filepath.Join(dir, "out.csv")),
		"COPY t TO " + duck.Literal(path),
		"EXPORT DATABASE " + duck.Literal(filepath.Join(dir, "out")),
		"ATTACH " + duck.Literal(filepath.Join(dir, "other.duckdb")) + " AS o",
		"SET enable_external_access = true",
		"SET memory_limit = '100GB'",
		"INSTALL httpfs", "LOAD httpfs",
		"DROP TABLE t", "UPDATE t SET n = 0", "CREATE TABLE u AS SELECT 1",
	} {
		_, err := db.ExecContext(t.Context(), query)
		assert.Error(t, err, query)
	}
	// Several connections of the pool at once, all of them inside the sandbox.
	for range 4 {
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close()) }()
		var n int
		require.NoError(t, conn.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n))
		assert.Equal(t, 10, n)
		_, err = conn.ExecContext(t.Context(), "SELECT * FROM read_text("+duck.Literal(secret)+")")
		assert.Error(t, err)
	}
	assert.NoFileExists(t, filepath.Join(dir, "out.csv"))
}

func TestQuery(t *testing.T) {
	t.Parallel()
	db, err := duck.Open(t.Context(), "", duck.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for query, want := range map[string]string{
		"9007199254740993::BIGINT":                         "9007199254740993",
		"170141183460469231731687303715884105727::HUGEINT": "170141183460469231731687303715884105727",
		"18446744073709551615::UBIGINT":                    "18446744073709551615",
		"7::TINYINT":                                       "7",
		"-12.50::DECIMAL(18,2)":                            "-12.50",
		"0::DECIMAL(18,2)":                                 "0.00",
		"0.1::DOUBLE":                                      "0.1",
		"1.5::FLOAT":                                       "1.5",
		"true":                                             "true",
		"DATE '2026-02-28'":                                "2026-02-28",
		"TIMESTAMP '2026-02-28 01:02:03.5'":                "2026-02-28T01:02:03.5Z",
		"TIME '01:02:03'":                                  "01:02:03",
		"'5e0d0f6e-6a55-4c4f-9c3b-0123456789ab'::UUID":     "5e0d0f6e-6a55-4c4f-9c3b-0123456789ab",
		"[1, 2, NULL]":                                     "[1,2,null]",
		"{'a': 1.50, 'b': 'x'}":                            `{"a":1.50,"b":"x"}`,
		"MAP {'k': [1]}":                                   `{"k":[1]}`,
		"'\\x01'::BLOB":                                    "01",
		"INTERVAL 3 DAY":                                   "0 months 3 days 0s",
		"NULL":                                             "",
		"'größe'":                                          "größe",
	} {
		columns, rows, err := duck.Query(t.Context(), db, "SELECT "+query+" AS v")
		require.NoError(t, err, query)
		for row, err := range rows {
			require.NoError(t, err, query)
			assert.Equal(t, want, table.Format(columns[0], row[0]), query)
		}
	}
	_, _, err = duck.Query(t.Context(), db, "SELEC 1")
	require.Error(t, err)
	_, rows, err := duck.Query(t.Context(), db, "SELECT CASE WHEN range < 3000 THEN '1' ELSE 'x' END::BIGINT FROM range(5000)")
	if err == nil { // DuckDB may find out at once, or on the way
		for _, e := range rows {
			err = e
		}
	}
	require.Error(t, err)
}

func ExampleIdent() {
	fmt.Println(duck.Ident(`odd "name"`), duck.Qualified("reports", "engagement"), duck.Literal("it's"))
	fmt.Println(duck.Idents([]string{"a", "b"}))
	// Output:
	// "odd ""name""" "reports"."engagement" 'it''s'
	// "a", "b"
}

// TestPathsThatLookLikeAddresses: a path is a path, whatever characters it holds.
func TestPathsThatLookLikeAddresses(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"a?b #1%20", "what?access_mode=read_only", "[x]*", "it's; \"q\" & é"} {
		dir := filepath.Join(t.TempDir(), folder)
		require.NoError(t, os.Mkdir(dir, 0o700))
		path := filepath.Join(dir, "w.duckdb")
		create(t, path, "CREATE TABLE t AS SELECT 1 AS n")
		create(t, path, "INSERT INTO t VALUES (2)", "CHECKPOINT")
		plain, release, err := duck.PlainFolder(dir)
		require.NoError(t, err)
		db, err := duck.Open(t.Context(), path, duck.Options{ReadOnly: true, Sandboxed: true, Folders: []string{plain}})
		require.NoError(t, err, folder)
		file := duck.Literal(filepath.Join(plain, "t.parquet"))
		for _, sql := range []string{"COPY (SELECT * FROM t) TO " + file + " (FORMAT parquet)", "SELECT * FROM read_parquet(" + file + ")"} {
			_, err := db.ExecContext(t.Context(), sql)
			require.NoError(t, err, "%s: %s", folder, sql)
		}
		var n int
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n))
		assert.Equal(t, 2, n, folder)
		require.NoError(t, errors.Join(db.Close(), release()))
		names, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "*"))
		require.NoError(t, err)
		assert.Len(t, names, 1, "nothing lies beside the folder")
	}
}
