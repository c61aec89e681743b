package duck

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/rightseat/rightseat/internal/atomicfile"
)

// PlainFolder gives a folder under a name that DuckDB takes literally. It reads wildcards in the names of files, and
// what follows a question mark as the query of an address: a log file then lies in another folder. Where the name
// holds such characters, it is a link in the system's folder for temporary files, until release is called.
func PlainFolder(dir string) (plain string, release func() error, err error) {
	if !strings.ContainsAny(dir, "?*[]{}") {
		return dir, func() error { return nil }, nil
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", nil, fmt.Errorf("name a folder for DuckDB: %w", err)
	}
	place, err := os.MkdirTemp("", "rightseat-")
	if err != nil {
		return "", nil, fmt.Errorf("name a folder for DuckDB: %w", err)
	}
	release = func() error { return os.RemoveAll(place) }
	plain = filepath.Join(place, "folder")
	if err := os.Symlink(dir, plain); err != nil {
		return "", nil, errors.Join(fmt.Errorf("name a folder for DuckDB: %w", err), release())
	}
	return plain, release, nil
}

// plainFile gives a database file a name that DuckDB can work with. Beside one whose path holds a question mark it can't
// keep a log, whatever link leads there: such a file is worked on as a copy in the system's folder for temporary files, and put
// in its place, whole, when the database is closed.
func plainFile(path string, readOnly bool) (plain string, release func() error, err error) {
	if readOnly || !strings.Contains(path, "?") {
		return path, func() error { return nil }, nil
	}
	place, err := os.MkdirTemp("", "rightseat-")
	if err != nil {
		return "", nil, fmt.Errorf("open database %s: %w", path, err)
	}
	remove := func() error { return os.RemoveAll(place) }
	plain = filepath.Join(place, filepath.Base(strings.ReplaceAll(path, "?", "_")))
	for _, suffix := range []string{"", ".wal"} {
		if err := copyFile(path+suffix, plain+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), remove())
		}
	}
	return plain, func() error { return errors.Join(putBack(plain, path), remove()) }, nil
}

func putBack(plain, path string) error {
	if _, err := os.Stat(plain); errors.Is(err, fs.ErrNotExist) {
		return nil // it could not be opened
	}
	if _, err := os.Stat(plain + ".wal"); err == nil {
		return fmt.Errorf("close database %s: its log could not be written into it", path)
	}
	if err := copyFile(plain, path); err != nil {
		return fmt.Errorf("close database %s: %w", path, err)
	}
	if err := os.Remove(path + ".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("close database %s: %w", path, err)
	}
	return nil
}

func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := atomicfile.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		return errors.Join(err, target.Abort())
	}
	return target.Commit()
}

// plainConnector gives a database's plain name back when the database is closed.
type plainConnector struct {
	driver.Connector
	inner   *duckdb.Connector
	release func() error
}

// Close implements [io.Closer], as [database/sql.DB.Close] asks for it.
func (c plainConnector) Close() error { return errors.Join(c.inner.Close(), c.release()) }
