package transform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/duck"
)

// errUnreadable says that a build file can't be opened: damaged, or written by another version.
var errUnreadable = errors.New("the build file can't be opened")

// buildCatalog is the name of the build database in SQL, whatever its file is called meanwhile.
const buildCatalog = "build"

// withDatabase opens a database file on one connection and closes it in every case. The SQL of connectors runs
// in it, other people's too: it can read and write the given folders and nothing else.
func withDatabase(ctx context.Context, path string, res config.Resources, folders []string, use func(*sql.Conn) error) (err error) {
	db, err := duck.Open(ctx, path, duck.Options{
		Memory: res.Memory, Threads: res.Threads, TempDir: res.TempDir,
		Sandboxed: true, Folders: folders, Alias: buildCatalog,
		Setup: []string{"SET preserve_insertion_order = false", "SET TimeZone = 'UTC'"},
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open %s: %w: %w", path, errUnreadable, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return use(conn)
}

func (r *runner) exec(ctx context.Context, statement string, args ...any) error {
	if _, err := r.db.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("%w\nin: %s", err, opening(statement))
	}
	return nil
}

// execAll runs statements one after the other.
func (r *runner) execAll(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if err := r.exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// insert adds rows of values, many with each statement.
func (r *runner) insert(ctx context.Context, table string, rows [][]any) error {
	for chunk := range slices.Chunk(rows, 200) {
		marks := make([]string, len(chunk))
		var values []any
		for i, row := range chunk {
			marks[i] = "(" + strings.TrimSuffix(strings.Repeat("?, ", len(row)), ", ") + ")"
			values = append(values, row...)
		}
		if err := r.exec(ctx, "INSERT INTO "+table+" VALUES "+strings.Join(marks, ", "), values...); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) each(ctx context.Context, query string, row func(scan func(...any) error) error, args ...any) (err error) {
	rows, err := r.db.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("%w\nin: %s", err, opening(query))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *runner) count(ctx context.Context, query string) (int64, error) {
	var n int64
	if err := r.db.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("%w\nin: %s", err, opening(query))
	}
	return n, nil
}

// span reads one row of two texts, NULL as "".
func (r *runner) span(ctx context.Context, query string) (a, b string, err error) {
	var x, y sql.NullString
	if err := r.db.QueryRowContext(ctx, query).Scan(&x, &y); err != nil {
		return "", "", fmt.Errorf("%w\nin: %s", err, opening(query))
	}
	return x.String, y.String, nil
}

func (r *runner) addDates(ctx context.Context, set map[string]bool, query string) error {
	return r.each(ctx, query, func(scan func(...any) error) error {
		var d sql.NullString
		err := scan(&d)
		if d.Valid {
			set[d.String] = true
		}
		return err
	})
}

// column is a column of a table or view, with its type as DuckDB names it.
type column struct{ name, kind string }

func names(columns []column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return out
}

// columnsOf lists the columns of a table or view, in order. duckdb_columns() would look at everything in the database for it.
func (r *runner) columnsOf(ctx context.Context, qualified string) (columns []column, err error) {
	err = r.each(ctx, "SELECT name, type FROM pragma_table_info("+duck.Literal(qualified)+") ORDER BY cid", func(scan func(...any) error) error {
		var c column
		err := scan(&c.name, &c.kind)
		columns = append(columns, c)
		return err
	})
	return columns, err
}

func (r *runner) meta(ctx context.Context, key string) (string, error) {
	var value string
	err := r.db.QueryRowContext(ctx, "SELECT value FROM _state.meta WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return value, nil
}

func (r *runner) setMeta(ctx context.Context, key, value string) error {
	if err := r.exec(ctx, "DELETE FROM _state.meta WHERE key = ?", key); err != nil {
		return err
	}
	return r.exec(ctx, "INSERT INTO _state.meta VALUES (?, ?)", key, value)
}

func opening(s string) string {
	const most = 600
	if len(s) > most {
		return s[:most] + " …"
	}
	return s
}

func removeDatabase(path string) error {
	for _, p := range []string{path, path + ".wal"} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove %s: %w", p, err)
		}
	}
	return nil
}

// replaceDatabase moves a closed, checkpointed database file into another's place, durably.
func replaceDatabase(from, to string) error {
	// A log left by the old file must not be replayed into the new one.
	if err := os.Remove(to + ".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace %s: %w", to, err)
	}
	return atomicfile.Replace(atomicfile.Move{From: from, To: to})
}
