package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// MissingError tells of something of the lake that was there and is not any more. Nothing follows from
// that for the numbers: absence is never intention, only `forget` forgets.
type MissingError struct {
	Connection string // "" where the whole lake is concerned
	What       string // what is missing, and where
	Remedy     string // beside putting it back from a backup; may be empty
}

// Error says what is missing and what to do.
func (e *MissingError) Error() string {
	remedy := e.Remedy
	if remedy == "" {
		remedy = "put it back from a backup"
		if e.Connection != "" {
			remedy += fmt.Sprintf(", or give up what the connection brought with `rightseat forget %s`, and read it anew", e.Connection)
		}
	}
	return fmt.Sprintf("the lake is damaged: %s. Nothing was changed: %s", e.What, remedy)
}

func (st *Stream) missing(from, to int64) error {
	what := fmt.Sprintf("commit %d of %s/%s is missing", from, st.connection, st.stream)
	if to > from {
		what = fmt.Sprintf("commits %d to %d of %s/%s are missing", from, to, st.connection, st.stream)
	}
	return &MissingError{Connection: st.connection, What: what + " in " + filepath.Join(st.dir, commitsDir)}
}

// requireEmpty is asked where a stream has no folder of commits: that is made before the first data file.
func (st *Stream) requireEmpty() error {
	entries, err := os.ReadDir(st.dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return notALink(st.dir)
		}
		return fmt.Errorf("list %s/%s: %w", st.connection, st.stream, err)
	}
	last := int64(0)
	for _, e := range entries {
		last = max(last, commitOf(e.Name()))
	}
	if last > 0 {
		return st.missing(1, last)
	}
	return notALink(filepath.Join(st.dir, commitsDir))
}

// commitOf is the number of the commit that a data file belongs to, 0 for the name of another file.
func commitOf(name string) int64 {
	m := dataFileName.FindStringSubmatch(name)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// removeTree removes a folder with all that is in it, also what links in it lead to. Folders that a link leads to
// stay, empty: they may be mounts.
func removeTree(dir string) error {
	target, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return os.RemoveAll(dir) // a link that leads nowhere, or nothing at all
	}
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(target)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(target, e.Name())
		info, err := os.Stat(path)
		if err == nil && info.IsDir() {
			err = removeTree(path)
		} else {
			err = removeFile(path)
		}
		if err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}

// removeFile removes a file and, where it is a link, the file that it leads to.
func removeFile(path string) error {
	target, err := filepath.EvalSymlinks(path)
	if err == nil && target != path {
		err = os.Remove(target)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(path)
}
