// Package duck opens DuckDB databases the one way this product does: no extension is ever
// downloaded, memory and threads are bounded, a database that others hold says who holds it,
// and what is opened for strangers' SQL can neither write nor look around.
package duck

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Errors that callers tell apart with errors.Is. A missing file is [fs.ErrNotExist].
var (
	// ErrLocked: another process has the file open in a way that keeps us out. The message names it.
	ErrLocked = errors.New("database is in use")
	// ErrCorrupt: the file is there and is no database that this build of DuckDB can read.
	ErrCorrupt = errors.New("not a readable DuckDB database")
)

// IsOutOfMemory tells whether an error is of a statement that the memory limit, or the machine, was
// too small for.
func IsOutOfMemory(err error) bool {
	var e *duckdb.Error
	return errors.As(err, &e) && e.Type == duckdb.ErrorTypeOutOfMemory
}

// Options says how to open a database. The zero value is a read-write database with DuckDB's own
// bounds (80 % of memory, every CPU).
type Options struct {
	// ReadOnly opens the file for reading; it must exist. Others may read it at the same time, and it
	// may be replaced by rename meanwhile: this handle goes on reading the version it opened.
	ReadOnly bool
	// Sandboxed is for SQL that somebody else wrote: no other file can be read or written, no extension
	// loaded, no database attached, no setting changed. Combine it with ReadOnly where nothing is to change.
	Sandboxed bool
	// Folders stay open to a sandboxed database, for reading and writing, with all that is below them.
	Folders []string
	// Alias is the name to attach the file under; empty: see [Catalog].
	Alias string
	// Setup are statements that each connection runs first, before the sandbox locks the settings.
	Setup   []string
	Memory  string // DuckDB's memory limit, such as 2GB; empty: DuckDB's default
	Threads int    // 0: DuckDB's default
	// TempDir is where to spill, in a folder of this handle's own; created when missing; empty: the system's. See [SweepSpills].
	TempDir string
}

// Open opens the database file at path, or a new one in memory when path is empty. Closing the
// returned handle releases the file and its lock. Two handles on one path are two instances, so
// only one of them may write; the workspace lock sees to that.
func Open(ctx context.Context, path string, o Options) (*sql.DB, error) {
	if path != "" && o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
	}
	spill, unspill, err := spillOf(path, o)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	plain, put, err := plainFile(path, o.ReadOnly)
	if err != nil {
		return nil, errors.Join(err, unspill())
	}
	release := func() error { return errors.Join(put(), unspill()) }
	connector, err := duckdb.NewConnector(settings(spill, o), func(conn driver.ExecerContext) error { return prepare(conn, plain, o) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), release())
	}
	db := sql.OpenDB(plainConnector{Connector: connector, inner: connector, release: release})
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(explain(path, err), db.Close())
	}
	return db, nil
}

// settings are those that must be there before the first statement. The file itself is attached
// afterwards: its path then needs no escaping into a URL, and DuckDB's cache of instances by path
// can't hand out the version of a file that has been replaced since.
func settings(spill string, o Options) string {
	q := url.Values{
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
		"allow_community_extensions":   {"false"},
		// On, as it is by default since 1.5, a file that is written a second time can't be read by 1.3 and older.
		"experimental_metadata_reuse": {"false"},
	}
	if o.Memory != "" {
		q.Set("memory_limit", o.Memory)
	}
	if o.Threads > 0 {
		q.Set("threads", strconv.Itoa(o.Threads))
	}
	if spill != "" {
		q.Set("temp_directory", spill)
	}
	return "?" + q.Encode()
}

const (
	// storageVersion is the oldest DuckDB that can open the files we make.
	storageVersion = "v1.0.0"
	// sandboxSettings is how many settings make the sandbox.
	sandboxSettings = 3
)

func literals(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = Literal(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// prepare runs on each new connection of the pool; the first one attaches the file.
func prepare(conn driver.ExecerContext, path string, o Options) error {
	var statements []string
	if path != "" {
		catalog := Ident(cmp.Or(o.Alias, Catalog(path)))
		mode := " (STORAGE_VERSION '" + storageVersion + "')"
		if o.ReadOnly {
			mode = " (READ_ONLY)"
		}
		statements = append(statements,
			"ATTACH IF NOT EXISTS "+Literal(path)+" AS "+catalog+mode,
			"USE "+catalog)
	}
	statements = append(statements, o.Setup...)
	if o.Sandboxed {
		statements = append(statements, "SET allowed_directories = "+literals(o.Folders),
			"SET enable_external_access = false", "SET lock_configuration = true")
	}
	for i, s := range statements {
		// A connection's own life is not bound to the context of the call that happened to open it.
		_, err := conn.ExecContext(context.Background(), s, nil)
		if err == nil {
			continue
		}
		// Later connections find the sandbox in place: what they ask for is already so.
		if o.Sandboxed && i >= len(statements)-sandboxSettings && strings.Contains(err.Error(), "configuration has been locked") {
			continue
		}
		return err
	}
	return nil
}

// Catalog is the name under which [Open] attaches the file at path: its name without extension.
func Catalog(path string) string {
	base := filepath.Base(path)
	name := strings.TrimLeft(strings.TrimSuffix(base, filepath.Ext(base)), ".")
	switch strings.ToLower(name) {
	case "", "memory", "system", "temp", "main":
		return "db_" + name
	}
	return name
}

var holder = regexp.MustCompile(`(?s)Conflicting lock is held in (.+?)(?:\. (?:See|However)|$)`)

// explain turns DuckDB's words into one of this package's errors, keeping what they say.
func explain(path string, err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "Could not set lock"):
		by := "another process"
		if m := holder.FindStringSubmatch(text); m != nil {
			by = strings.TrimSpace(m[1])
		}
		return fmt.Errorf("open database %s: %w: held by %s; close it there, or wait until it is done", path, ErrLocked, by)
	case errors.Is(err, fs.ErrPermission), strings.Contains(text, "Permission denied"):
		return fmt.Errorf("open database %s: %w", path, fs.ErrPermission)
	case strings.Contains(text, "not a valid DuckDB database"),
		strings.Contains(text, "Corrupt database"),
		strings.Contains(text, "Serialization Error"),
		strings.Contains(text, "checksum"):
		return fmt.Errorf("open database %s: %w: %s", path, ErrCorrupt, firstLine(text))
	}
	return fmt.Errorf("open database %s: %w", path, err)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
