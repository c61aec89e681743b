package lake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/parquet-go/parquet-go"
)

// readRows is how many rows are held in memory while a file is read.
const readRows = 256

// Commit reads one commit of the stream. The error is [fs.ErrNotExist] when there is none of
// that number, or, in a view made by [Store.At], was not yet.
func (st *Stream) Commit(seq int64) (*Commit, error) {
	c, err := st.read(seq)
	if err != nil || !st.store.isPast() || !c.CommittedAt.After(st.store.until) {
		return c, err
	}
	return nil, fmt.Errorf("commit %d of %s/%s is of %s: %w", seq, st.connection, st.stream, c.CommittedAt.UTC().Format(time.RFC3339), fs.ErrNotExist)
}

// Verify holds a data file to what its commit says of it: its size and, unless an earlier version wrote it, its
// checksum. The error names the file.
func (st *Stream) Verify(f DataFile) (err error) {
	path := st.Path(f)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("data file %s is missing", path)
	}
	if err != nil {
		return fmt.Errorf("data file %s can't be read: %w", path, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	switch {
	case err != nil:
		return fmt.Errorf("data file %s can't be read: %w", path, err)
	case n != f.Bytes:
		return fmt.Errorf("data file %s is damaged: it has %d bytes instead of %d", path, n, f.Bytes)
	case f.SHA256 != "" && f.SHA256 != hex.EncodeToString(sum.Sum(nil)):
		return fmt.Errorf("data file %s is damaged: its checksum is another one", path)
	}
	return nil
}

// Read calls fn with each row of a data file, in order. The row's payload is valid only until
// fn returns. It stops at fn's first error.
func (st *Stream) Read(f DataFile, fn func(Row) error) error {
	return st.each(f, func(p *parquetRow) error { return fn(p.row()) })
}

// each is Read for rows as they are stored.
func (st *Stream) each(f DataFile, fn func(*parquetRow) error) (err error) {
	path := st.Path(f)
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read rows of %s/%s: %w", st.connection, st.stream, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	data, err := st.open(file)
	if err != nil {
		return err
	}
	r := parquet.NewGenericReader[parquetRow](data)
	defer func() { err = errors.Join(err, r.Close()) }()
	rows := make([]parquetRow, min(readRows, max(1, r.NumRows())))
	for {
		n, err := r.Read(rows)
		for i := range rows[:n] {
			if err := fn(&rows[i]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("data file %s is damaged: %w", path, err)
		}
	}
}

// open reads the file's footer, so that damage is an error with the file's name. Rows are read
// from first to last: the indexes that would find pages are of no use.
func (st *Stream) open(file *os.File) (*parquet.File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read rows of %s/%s: %w", st.connection, st.stream, err)
	}
	data, err := parquet.OpenFile(file, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("data file %s is damaged: %w", file.Name(), err)
	}
	return data, nil
}

func (p *parquetRow) row() Row {
	r := Row{
		RecordID: p.RecordID, ParentID: deref(p.ParentID), SnapshotID: deref(p.SnapshotID), SnapshotDate: deref(p.SnapshotDate),
		ExtractedAt: time.UnixMicro(p.ExtractedAt).UTC(), Source: p.Source, Issue: deref(p.Issue), Payload: p.Payload,
	}
	if p.Sent != nil {
		r.Sent = *p.Sent
	}
	if p.EventAt != nil {
		r.EventAt = time.UnixMicro(*p.EventAt).UTC()
	}
	return r
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
