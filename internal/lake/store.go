// Package lake is the raw store: every record as the vendor sent it, in Parquet, beside
// small commit files that make data, cursor and counts visible in one step.
//
//	lake/raw/<connection>/<stream>/00000042-0.parquet     rows of commit 42
//	lake/raw/<connection>/<stream>/commits/00000042.json  the commit itself
//
// A data file whose commit is missing is a leftover of a crash: nobody reads it and
// [Store.Sweep] removes it. One process writes at a time (the workspace lock sees to
// that); any number may read. Should two write all the same, one fails with [ErrConflict]:
// data files and commits are created exclusively, never replaced.
package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/atomicfile"
)

const commitsDir = "commits"

var (
	validName    = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,99}$`)
	dataFileName = regexp.MustCompile(`^(\d{8,})-\d+\.parquet$`)
	commitName   = regexp.MustCompile(`^(\d{8,})\.json$`)
)

// CheckName says whether a connection or stream name may name a folder of the lake.
func CheckName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("name %q: use lower-case letters, digits, - and _, at most 100, starting with a letter or digit", name)
	}
	return nil
}

// Store is the raw part of a workspace's lake.
type Store struct {
	root  string
	until time.Time // see [Store.At]; zero: the lake as it is
	// Failpoint, when set, is called before each step that changes the disk, with the step's
	// name; an error from it ends the operation there, as a failure of the disk or, when it wraps
	// [ErrKilled], as a crash. It exists for tests.
	Failpoint func(step string) error
}

// Open gives access to the lake under workspace. Nothing is created before the first write.
func Open(workspace string) *Store {
	return &Store{root: filepath.Join(workspace, "lake", "raw")}
}

// Root is the folder lake/raw.
func (s *Store) Root() string { return s.root }

// Fail asks the failpoint before a step of somebody else's, which belongs to an operation on the lake.
func (s *Store) Fail(step string) error { return s.fail(step) }

func (s *Store) fail(step string) error {
	if s.Failpoint == nil {
		return nil
	}
	return s.Failpoint(step)
}

// Connections lists the connections that have data, sorted.
func (s *Store) Connections() ([]string, error) {
	names, err := subfolders(s.root)
	if err != nil || !s.isPast() {
		return names, err
	}
	return s.connectionsThen(names)
}

// Streams lists the streams of a connection that have data, sorted.
func (s *Store) Streams(connection string) ([]string, error) {
	if err := CheckName(connection); err != nil {
		return nil, err
	}
	names, err := subfolders(filepath.Join(s.root, connection))
	if err != nil || !s.isPast() {
		return names, err
	}
	return s.streamsThen(connection, names)
}

// subfolders lists the folders in dir, and the links to folders. A link that leads nowhere is an error: what
// it led to, a disk that is not mounted say, is not there at the moment.
func subfolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notALink(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("list the lake: %w", err)
	}
	var names []string
	for _, e := range entries {
		if !validName.MatchString(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if e.Type()&fs.ModeSymlink != 0 {
			info, err := os.Stat(path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil, notALink(path)
			}
			if err != nil {
				return nil, fmt.Errorf("list the lake: %w", err)
			}
			if !info.IsDir() {
				continue
			}
		} else if !e.IsDir() {
			continue
		}
		names = append(names, e.Name())
	}
	return names, nil
}

// notALink tells apart a folder that is not there and one whose link leads nowhere.
func notALink(path string) error {
	for p := path; ; p = filepath.Dir(p) {
		target, err := os.Readlink(p)
		if err == nil {
			if _, err := os.Stat(p); err == nil {
				return nil
			}
			return &MissingError{What: fmt.Sprintf("%s is a link to %s, which is not there", p, target),
				Remedy: "mount or put back what it leads to"}
		}
		if filepath.Base(p) == "lake" || p == filepath.Dir(p) {
			return nil
		}
	}
}

// Stream is one stream of one connection.
type Stream struct {
	store              *Store
	connection, stream string
	dir                string
}

// Stream names a stream; it need not exist yet. The error tells of an unusable name.
func (s *Store) Stream(connection, stream string) (*Stream, error) {
	for _, n := range []string{connection, stream} {
		if err := CheckName(n); err != nil {
			return nil, err
		}
	}
	return &Stream{store: s, connection: connection, stream: stream, dir: filepath.Join(s.root, connection, stream)}, nil
}

// Path is the absolute or workspace-relative path of one of the stream's data files.
func (st *Stream) Path(f DataFile) string { return filepath.Join(st.dir, f.Name) }

// Last is the newest commit, nil when there is none yet.
func (st *Stream) Last() (*Commit, error) {
	seqs, err := st.seqs()
	if err != nil || len(seqs) == 0 {
		return nil, err
	}
	return st.read(seqs[len(seqs)-1])
}

// After gives the commits with a number above seq, in order. It reads only those.
func (st *Stream) After(seq int64) ([]*Commit, error) {
	seqs, err := st.seqs()
	if err != nil {
		return nil, err
	}
	var commits []*Commit
	for _, n := range seqs[min(max(seq, 0), int64(len(seqs))):] {
		c, err := st.read(n)
		if err != nil {
			return nil, err
		}
		commits = append(commits, c)
	}
	return commits, nil
}

// seqs are the numbers of the commits, 1, 2, 3 … A gap is an error: a stream that lost some of
// its commits, say in a copy that was not finished, must not look whole.
func (st *Stream) seqs() ([]int64, error) {
	entries, err := os.ReadDir(filepath.Join(st.dir, commitsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, st.requireEmpty()
	}
	if err != nil {
		return nil, fmt.Errorf("list the commits of %s/%s: %w", st.connection, st.stream, err)
	}
	var seqs []int64
	for _, e := range entries {
		m := commitName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		if n, err := strconv.ParseInt(m[1], 10, 64); err == nil {
			seqs = append(seqs, n)
		}
	}
	slices.Sort(seqs)
	for i, n := range seqs {
		if n != int64(i)+1 {
			return nil, st.missing(int64(i)+1, n-1)
		}
	}
	if st.store.isPast() {
		return st.seqsThen(seqs)
	}
	return seqs, nil
}

func (st *Stream) commitPath(seq int64) string {
	return filepath.Join(st.dir, commitsDir, fmt.Sprintf("%08d.json", seq))
}

func (st *Stream) read(seq int64) (*Commit, error) {
	path := st.commitPath(seq)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a commit of %s/%s: %w", st.connection, st.stream, err)
	}
	c, err := parseCommit(path, data)
	if err == nil && c.Seq != seq {
		return nil, fmt.Errorf("commit file %s is damaged: it says to be commit %d", path, c.Seq)
	}
	return c, err
}

// Sweep removes what interrupted writes left behind and says which files. The caller holds
// the workspace lock.
func (s *Store) Sweep() ([]string, error) {
	if err := s.refusePast("sweep the lake"); err != nil {
		return nil, err
	}
	var removed []string
	entries, err := os.ReadDir(s.root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sweep the lake: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), trashPrefix) {
			continue
		}
		dir := filepath.Join(s.root, e.Name())
		if err := removeTree(dir); err != nil {
			return removed, fmt.Errorf("sweep the lake: %w", err)
		}
		removed = append(removed, dir)
	}
	connections, err := s.Connections()
	if err != nil {
		return removed, err
	}
	for _, c := range connections {
		streams, err := s.Streams(c)
		if err != nil {
			return removed, err
		}
		for _, name := range streams {
			st, err := s.Stream(c, name)
			if err != nil {
				return removed, err
			}
			r, err := st.sweep()
			removed = append(removed, r...)
			if err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// sweep removes what a crash can leave: files under temporary names, and the data files of the next commit. Files of
// later commits are nothing that a crash leaves: their commits are missing.
func (st *Stream) sweep() ([]string, error) {
	seqs, err := st.seqs()
	if err != nil {
		return nil, err
	}
	next := int64(len(seqs)) + 1
	entries, err := os.ReadDir(st.dir)
	if err != nil {
		return nil, fmt.Errorf("sweep %s: %w", st.dir, err)
	}
	var leftovers []string
	for _, e := range entries {
		switch n := commitOf(e.Name()); {
		case n > next:
			return nil, st.missing(next, n)
		case n == next:
			leftovers = append(leftovers, filepath.Join(st.dir, e.Name()))
		}
	}
	removed, err := atomicfile.Sweep(filepath.Join(st.dir, commitsDir))
	if err != nil {
		return removed, err
	}
	more, err := atomicfile.Sweep(st.dir)
	removed = append(removed, more...)
	if err != nil {
		return removed, err
	}
	for _, path := range leftovers {
		if err := os.Remove(path); err != nil {
			return removed, fmt.Errorf("sweep %s: %w", st.dir, err)
		}
		removed = append(removed, path)
	}
	return removed, nil
}

const trashPrefix = ".forgotten-"

// Forget deletes everything a connection brought: the folder first leaves its name in one
// step, so that no reader ever sees half of it, and is then removed.
func (s *Store) Forget(connection string) error {
	if err := CheckName(connection); err != nil {
		return err
	}
	if err := s.refusePast("forget " + connection); err != nil {
		return err
	}
	dir := filepath.Join(s.root, connection)
	trash := filepath.Join(s.root, trashPrefix+connection)
	// A forget that was interrupted may have left its trash, which would be in the way.
	if err := removeTree(trash); err != nil {
		return fmt.Errorf("forget %s: %w", connection, err)
	}
	if err := s.fail("forget.rename"); err != nil {
		return err
	}
	if err := os.Rename(dir, trash); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("forget %s: %w", connection, err)
	}
	if err := atomicfile.SyncDir(s.root); err != nil {
		return err
	}
	if err := s.fail("forget.remove"); err != nil {
		return err
	}
	if err := removeTree(trash); err != nil {
		return fmt.Errorf("forget %s: %w", connection, err)
	}
	return nil
}
