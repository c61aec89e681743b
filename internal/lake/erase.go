package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rightseat/rightseat/internal/atomicfile"
)

// Erasure says what goes from one stream for good. Each function may be nil: then nothing goes on its account. Asked
// again about what an interrupted erasure has left, they must give the same answers.
type Erasure struct {
	// Skip tells that nothing in a file goes, without reading it.
	Skip func(DataFile) bool
	// Row tells whether a row goes. It may take something out of the row's payload instead.
	Row func(*Row) (gone, changed bool)
	// Snapshot tells whether a snapshot goes with all its rows.
	Snapshot func(id string) bool
	// Text tells whether a text in a commit must not stay.
	Text func(string) bool
	// Cursor gives the cursor to be kept in the place of one.
	Cursor func(json.RawMessage) (json.RawMessage, error)
}

// erasedText stands where a commit said something that was erased.
const erasedText = "erased"

// Erase rewrites what holds something that is to go, and says how many rows went. Each commit changes in one step: the
// rows that stay are written to new files, the commit that names them replaces the one before, and only then the old
// files go. So a crash leaves each commit whole, before or after, and a second Erase finishes. Commits keep their
// numbers and rows theirs; no other than these counts changes. The caller holds the workspace lock and keeps, until
// Erase has succeeded, what is to be erased.
func (s *Store) Erase(ctx context.Context, plan func(connection, stream string, commits []*Commit) (Erasure, error)) (rows int64, err error) {
	if err := s.refusePast("erase from the lake"); err != nil {
		return 0, err
	}
	connections, err := s.Connections()
	if err != nil {
		return 0, err
	}
	for _, c := range connections {
		streams, err := s.Streams(c)
		if err != nil {
			return rows, err
		}
		for _, name := range streams {
			st, err := s.Stream(c, name)
			if err != nil {
				return rows, err
			}
			commits, err := st.After(0)
			if err != nil {
				return rows, err
			}
			e, err := plan(c, name, commits)
			if err != nil {
				return rows, err
			}
			n, err := st.erase(ctx, commits, &e)
			rows += n
			if err != nil {
				return rows, fmt.Errorf("erase from %s/%s: %w", c, name, err)
			}
		}
	}
	return rows, nil
}

func (st *Stream) erase(ctx context.Context, commits []*Commit, e *Erasure) (rows int64, err error) {
	var total, erased int64
	bySnapshot := map[string]int64{}
	for _, c := range commits {
		if err := ctx.Err(); err != nil {
			return rows, err
		}
		before, err := formatCommit(c)
		if err != nil {
			return rows, err
		}
		n, err := st.eraseFiles(c, e)
		if err != nil {
			return rows, err
		}
		rows += n
		if err := e.words(c); err != nil {
			return rows, err
		}
		c.Rows -= n
		total += c.Rows
		for id, n := range c.Erased {
			erased += n
			bySnapshot[id] += n
		}
		c.RowsTotal, c.ErasedTotal = total, erased
		for i := range c.Snapshots {
			s := &c.Snapshots[i]
			s.Rows, s.Erased = max(0, s.Rows+s.Erased-bySnapshot[s.ID]), bySnapshot[s.ID]
		}
		if err := st.replace(c, before); err != nil {
			return rows, err
		}
		if err := st.removeUnnamed(c); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// replace writes the commit where it has changed.
func (st *Stream) replace(c *Commit, before []byte) error {
	data, err := formatCommit(c)
	if err != nil || string(data) == string(before) {
		return err
	}
	if err := st.store.fail("erase.commit"); err != nil {
		return err
	}
	if err := atomicfile.WriteFile(st.commitPath(c.Seq), data); err != nil {
		return err
	}
	return st.store.fail("erase.committed")
}

// removeUnnamed removes the data files of a commit that it does not name (any more).
func (st *Stream) removeUnnamed(c *Commit) error {
	named := map[string]bool{}
	for _, f := range c.Files {
		named[f.Name] = true
	}
	found, err := filepath.Glob(filepath.Join(globText(st.dir), fmt.Sprintf("%08d-*.parquet", c.Seq)))
	if err != nil {
		return err
	}
	for _, path := range found {
		if named[filepath.Base(path)] || commitOf(filepath.Base(path)) != c.Seq {
			continue
		}
		if err := st.store.fail("erase.remove"); err != nil {
			return err
		}
		if err := removeFile(path); err != nil {
			return err
		}
	}
	return atomicfile.SyncDir(st.dir)
}

// globText makes a path its own pattern.
func globText(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// eraseFiles writes files without what goes, and has the commit name them.
func (st *Stream) eraseFiles(c *Commit, e *Erasure) (rows int64, err error) {
	var files []DataFile
	next := 0
	for _, f := range c.Files {
		if _, number, ok := strings.Cut(strings.TrimSuffix(f.Name, ".parquet"), "-"); ok {
			if n, err := strconv.Atoi(number); err == nil {
				next = max(next, n+1)
			}
		}
	}
	var aside int64 // of the rows that go, those that were set aside
	for _, f := range c.Files {
		kept, gone, err := st.eraseFile(c, f, e, &next, &aside)
		if err != nil {
			return 0, err
		}
		if kept != nil {
			files = append(files, *kept)
		}
		if gone > 0 {
			rows += gone
			c.Erased = maps.Clone(c.Erased)
			if c.Erased == nil {
				c.Erased = map[string]int64{}
			}
			c.Erased[f.SnapshotID] += gone
		}
	}
	c.Files = files
	c.Issues = issuesLeft(c, aside)
	return rows, nil
}

// issuesLeft are a commit's issues without rows that went. A row does not say under which check it was counted: where
// several remain possible the counts stay what they were when the rows were read.
func issuesLeft(c *Commit, aside int64) []Issue {
	if aside == 0 {
		return c.Issues
	}
	checks, left := 0, int64(0)
	for _, is := range c.Issues {
		if !is.Kept {
			checks++
		}
	}
	for _, f := range c.Files {
		left += f.SetAside
	}
	var issues []Issue
	for _, is := range c.Issues {
		if !is.Kept {
			switch is.Sample = erasedText; {
			case left == 0:
				continue
			case checks == 1:
				is.Rows = max(is.Rows-aside, 1)
			}
		}
		issues = append(issues, is)
	}
	return issues
}

// eraseFile gives the file that stands in the place of one, nil where no row is left.
func (st *Stream) eraseFile(c *Commit, f DataFile, e *Erasure, next *int, aside *int64) (kept *DataFile, gone int64, err error) {
	if f.SnapshotID != "" && e.Snapshot != nil && e.Snapshot(f.SnapshotID) {
		*aside += f.SetAside
		return nil, f.Rows, nil
	}
	if e.Row == nil || e.Skip != nil && e.Skip(f) {
		return &f, 0, nil
	}
	// What is damaged can't be searched, and must not be written anew under a checksum that says it is well.
	if err := st.Verify(f); err != nil {
		return nil, 0, err
	}
	var touched bool
	var bad int64
	err = st.each(f, func(p *parquetRow) error {
		r := p.row()
		out, changed := e.Row(&r)
		touched = touched || out || changed
		if out {
			gone++
			if p.Issue != nil {
				bad++
			}
		}
		return nil
	})
	if err != nil || !touched {
		return &f, 0, err
	}
	*aside += bad
	if gone == f.Rows {
		return nil, gone, nil
	}
	kept, err = st.rewrite(c, f, e, next)
	return kept, gone, err
}

func (st *Stream) rewrite(c *Commit, f DataFile, e *Erasure, next *int) (kept *DataFile, err error) {
	name, err := st.freeName(c.Seq, next)
	if err != nil {
		return nil, err
	}
	if err := st.store.fail("erase.data"); err != nil {
		return nil, err
	}
	file, err := atomicfile.Create(filepath.Join(st.dir, name))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Abort()) }()
	w := newDataWriter(file, DataFile{Name: name, SnapshotID: f.SnapshotID, Checked: f.Checked})
	err = st.each(f, func(p *parquetRow) error {
		r := p.row()
		gone, changed := e.Row(&r)
		if gone {
			return nil
		}
		if changed {
			p.Payload = r.Payload
		}
		return w.copyRow(p)
	})
	if err != nil {
		return nil, err
	}
	if err := w.writer.Close(); err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	w.info.Bytes, w.info.SHA256 = info.Size(), hex.EncodeToString(w.sum.Sum(make([]byte, 0, sha256.Size)))
	if !f.Checked {
		w.info.SetAside = f.SetAside
	}
	if err := file.CommitExclusive(); err != nil {
		return nil, err
	}
	return &w.info, st.store.fail("erase.written")
}

// copyRow writes a row as it is stored.
func (w *dataWriter) copyRow(p *parquetRow) error {
	if p.Issue != nil {
		w.info.SetAside++
	}
	if r := p.row(); !r.EventAt.IsZero() {
		w.seen(r.EventAt)
	}
	if _, err := w.writer.Write([]parquetRow{*p}); err != nil {
		return err
	}
	w.info.Rows++
	if w.buffered += int64(len(p.Payload)); w.buffered >= rowGroupBytes {
		w.buffered = 0
		return w.writer.Flush()
	}
	return nil
}

// freeName is a name that no file of the commit has, leftovers of an interrupted erasure included.
func (st *Stream) freeName(seq int64, next *int) (string, error) {
	for ; ; *next++ {
		name := fmt.Sprintf("%08d-%d.parquet", seq, *next)
		_, err := os.Lstat(filepath.Join(st.dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			*next++
			return name, nil
		}
		if err != nil {
			return "", err
		}
	}
}

// words takes out of a commit what its texts say.
func (e *Erasure) words(c *Commit) (err error) {
	text := e.Text
	if text == nil {
		text = func(string) bool { return false }
	}
	var snapshots []Snapshot
	for _, s := range c.Snapshots {
		if e.Snapshot != nil && e.Snapshot(s.ID) || text(s.ID) || text(s.Source) {
			continue
		}
		var unread []UnreadList
		for _, u := range s.Unread {
			if text(u.Parent) {
				continue
			}
			if text(u.Name) {
				u.Name = erasedText
			}
			if text(u.Reason) {
				u.Reason = erasedText
			}
			unread = append(unread, u)
		}
		s.Unread = unread
		s.Lists = maps.Clone(s.Lists)
		maps.DeleteFunc(s.Lists, func(parent string, _ int64) bool { return text(parent) })
		snapshots = append(snapshots, s)
	}
	c.Snapshots = snapshots
	for i := range c.Issues {
		if text(c.Issues[i].Sample) {
			c.Issues[i].Sample = erasedText
		}
	}
	if e.Cursor != nil && len(c.Cursor) > 0 {
		c.Cursor, err = e.Cursor(c.Cursor)
	}
	return err
}
