package lake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/excerpt"
	"github.com/rightseat/rightseat/internal/jsonraw"
)

const (
	// rowGroupBytes of payload are held in memory before they go to disk as a row group.
	rowGroupBytes = 8 << 20
	// fileBytes of payload make a file full; the next row starts another one.
	fileBytes = 1 << 30
	maxIssues = 100
)

// compression is shared by all data files: it pools its encoders, each of which holds megabytes.
var compression = &zstd.Codec{Level: zstd.SpeedFastest}

// ErrConflict tells that another process committed to the stream meanwhile.
var ErrConflict = errors.New("another process has committed to this stream")

// ErrKilled is what a [Store.Failpoint] returns to be as a crash: nothing is cleaned up after it.
var ErrKilled = errors.New("killed")

// Batch collects the rows of the next commit. Rows stream to disk as they are appended, so
// memory stays at a few megabytes; nothing is visible before [Batch.Commit]. It is not
// safe for concurrent use.
type Batch struct {
	st       *Stream
	previous *Commit // nil for the first
	seq      int64
	nextRow  int64
	files    []*dataWriter
	open     map[string]*dataWriter // by snapshot id
	issues   map[string]*Issue
	rows     int64
	bytes    int64
	crashed  bool // a failpoint said so: leave everything as it is
}

type dataWriter struct {
	file     *atomicfile.File
	moved    bool // to its name, or so it was tried
	writer   *parquet.GenericWriter[parquetRow]
	sum      hash.Hash // of what was written to the file
	info     DataFile
	buffered int64 // payload bytes in the open row group
	payload  int64 // payload bytes in the file
}

// Begin starts the stream's next commit.
func (st *Stream) Begin() (*Batch, error) {
	if err := st.store.refusePast("append to " + st.connection + "/" + st.stream); err != nil {
		return nil, err
	}
	previous, err := st.Last()
	if err != nil {
		return nil, err
	}
	b := &Batch{st: st, previous: previous, seq: 1, open: map[string]*dataWriter{}, issues: map[string]*Issue{}}
	if previous != nil {
		b.seq = previous.Seq + 1
		b.nextRow = previous.RowsTotal + previous.ErasedTotal // a number is given once
	}
	return b, nil
}

// Previous is the commit this one follows; nil for the first.
func (b *Batch) Previous() *Commit { return b.previous }

// Rows and Bytes count what was appended so far (bytes of payload).
func (b *Batch) Rows() int64  { return b.rows }
func (b *Batch) Bytes() int64 { return b.bytes }

// Append adds rows. The payloads are not kept after it returns. What the transform could not parse never lands:
// characters cut in half and the like are replaced ([jsonraw.Mend]), with the bytes as sent beside and a word in the
// commit's issues; a record that nests too deeply is set aside.
func (b *Batch) Append(rows ...Row) error {
	for i := range rows {
		if err := b.append(&rows[i]); err != nil {
			return fmt.Errorf("append to %s/%s: %w", b.st.connection, b.st.stream, err)
		}
	}
	return nil
}

func (b *Batch) append(r *Row) error {
	w, err := b.writerFor(r.SnapshotID)
	if err != nil {
		return err
	}
	b.mend(r)
	p := parquetRow{
		Connection: b.st.connection, Seq: b.nextRow + 1, RecordID: r.RecordID,
		ParentID: optional(r.ParentID), SnapshotID: optional(r.SnapshotID), SnapshotDate: optional(r.SnapshotDate),
		ExtractedAt: r.ExtractedAt.UnixMicro(), Source: r.Source, Issue: optional(r.Issue), Payload: r.Payload,
	}
	if r.Sent != nil {
		p.Sent = &r.Sent
	}
	if r.Issue != "" {
		w.info.SetAside++
	}
	if !r.EventAt.IsZero() {
		us := r.EventAt.UnixMicro()
		p.EventAt = &us
		w.seen(r.EventAt.UTC())
	}
	if _, err := w.writer.Write([]parquetRow{p}); err != nil {
		return err
	}
	size := int64(len(r.Payload) + len(r.Sent))
	b.nextRow++
	b.rows++
	b.bytes += size
	w.info.Rows++
	w.payload += size
	w.buffered += size
	if w.buffered >= rowGroupBytes {
		w.buffered = 0
		return w.writer.Flush()
	}
	return nil
}

func (w *dataWriter) seen(t time.Time) {
	if w.info.MinEventAt == nil || t.Before(*w.info.MinEventAt) {
		w.info.MinEventAt = &t
	}
	if w.info.MaxEventAt == nil || t.After(*w.info.MaxEventAt) {
		w.info.MaxEventAt = &t
	}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// The checks that a payload can fail at the lake's door.
const (
	checkRepaired = "repaired_text"
	checkTooDeep  = "too_deep"
)

// mend makes the row's payload what the transform can parse.
func (b *Batch) mend(r *Row) {
	text, mended, err := jsonraw.Mend(r.Payload)
	place := fmt.Sprintf("%s record %s: ", r.Source, r.RecordID[:min(len(r.RecordID), 80)])
	switch {
	case err != nil:
		r.Sent, r.Payload = r.Payload, jsonraw.Quote(r.Payload)
		if r.Issue == "" {
			r.Issue = checkTooDeep + ": " + err.Error()
			b.AddIssue(checkTooDeep, place+err.Error())
		}
	case mended:
		r.Sent, r.Payload = r.Payload, text
		if r.Issue == "" {
			b.AddNote(checkRepaired, place+"characters that are cut or belong to no encoding were replaced; the record counts, and is kept as it was sent beside it")
		}
	}
}

// AddNote counts a row that has something about it but counts all the same.
func (b *Batch) AddNote(check, sample string) {
	b.AddIssue(check, sample)
	if is, ok := b.issues[check]; ok {
		is.Kept = true
	}
}

// AddIssue counts a row that was appended with its Issue set, under a check's name. The
// first sample of each check is kept, as [excerpt.Line] shows it.
func (b *Batch) AddIssue(check, sample string) {
	sample = excerpt.Line(sample, excerpt.Most)
	if is, ok := b.issues[check]; ok {
		is.Rows++
		return
	}
	if len(b.issues) >= maxIssues {
		check, sample = "other", "more kinds of problem than are listed one by one"
		if is, ok := b.issues[check]; ok {
			is.Rows++
			return
		}
	}
	b.issues[check] = &Issue{Check: check, Rows: 1, Sample: sample}
}

func (b *Batch) writerFor(snapshot string) (*dataWriter, error) {
	if w, ok := b.open[snapshot]; ok {
		if w.payload < fileBytes {
			return w, nil
		}
		if err := w.writer.Close(); err != nil {
			return nil, err
		}
		w.writer = nil
	}
	if err := atomicfile.MkdirAll(filepath.Join(b.st.dir, commitsDir)); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%08d-%d.parquet", b.seq, len(b.files))
	f, err := atomicfile.Create(filepath.Join(b.st.dir, name))
	if err != nil {
		return nil, err
	}
	w := newDataWriter(f, DataFile{Name: name, SnapshotID: snapshot, Checked: true})
	b.open[snapshot] = w
	b.files = append(b.files, w)
	return w, nil
}

func newDataWriter(f *atomicfile.File, info DataFile) *dataWriter {
	w := &dataWriter{file: f, sum: sha256.New(), info: info}
	w.writer = parquet.NewGenericWriter[parquetRow](io.MultiWriter(f.File, w.sum),
		parquet.Compression(compression),
		parquet.PageBufferSize(256<<10),
		parquet.CreatedBy("rightseat", "1", ""))
	return w
}

// CloseSnapshot finishes the file that takes a snapshot's rows and frees the memory it holds; should
// more rows of the snapshot follow, they start another file. Callers that bring many snapshots
// in one batch use it to keep few files open.
func (b *Batch) CloseSnapshot(id string) error {
	w, ok := b.open[id]
	if !ok {
		return nil
	}
	delete(b.open, id)
	if err := w.writer.Close(); err != nil {
		return fmt.Errorf("write data of %s/%s: %w", b.st.connection, b.st.stream, err)
	}
	w.writer = nil
	return nil
}

// Commit makes the batch visible: rows durable first, then one commit file, created
// exclusively. The caller fills RunID, Connector, CommittedAt, State, Cursor, Watermark and
// Snapshots; the rest is filled in here. A nil Watermark or an empty Connector carries the
// previous commit's on. The returned commit is what was written. After an error the batch
// is over; call [Batch.Abort] to remove its files.
func (b *Batch) Commit(c Commit) (*Commit, error) {
	if err := b.finishFiles(&c); err != nil {
		return nil, fmt.Errorf("write data of %s/%s: %w", b.st.connection, b.st.stream, err)
	}
	b.fill(&c)
	data, err := formatCommit(&c)
	if err != nil {
		return nil, fmt.Errorf("commit %s/%s: %w", b.st.connection, b.st.stream, err)
	}
	if err := b.fail("commit.create"); err != nil {
		return nil, err
	}
	if err := atomicfile.MkdirAll(filepath.Join(b.st.dir, commitsDir)); err != nil {
		return nil, fmt.Errorf("commit %s/%s: %w", b.st.connection, b.st.stream, err)
	}
	if err := atomicfile.CreateExclusive(b.st.commitPath(c.Seq), data); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("commit %s/%s: %w", b.st.connection, b.st.stream, ErrConflict)
		}
		return nil, fmt.Errorf("commit %s/%s: %w", b.st.connection, b.st.stream, err)
	}
	if err := b.fail("commit.created"); err != nil {
		return nil, err
	}
	return &c, nil
}

// fail asks the store's failpoint. Once that has killed the batch, Abort cleans nothing.
func (b *Batch) fail(step string) error {
	err := b.st.store.fail(step)
	b.crashed = b.crashed || errors.Is(err, ErrKilled)
	return err
}

func (b *Batch) finishFiles(c *Commit) error {
	for _, w := range b.files {
		if w.writer != nil {
			if err := w.writer.Close(); err != nil {
				return err
			}
			w.writer = nil
		}
		info, err := w.file.Stat()
		if err != nil {
			return err
		}
		w.info.Bytes = info.Size()
		w.info.SHA256 = hex.EncodeToString(w.sum.Sum(nil))
		if err := b.fail("data.rename"); err != nil {
			return err
		}
		// Exclusively: a file of that name is another process's, which may have committed it.
		if err := w.file.CommitExclusive(); errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%w (%s is there already)", ErrConflict, w.info.Name)
		} else if err != nil {
			w.moved = true
			return err
		}
		w.moved = true
		c.Files = append(c.Files, w.info)
	}
	return nil
}

func (b *Batch) fill(c *Commit) {
	c.Version = FormatVersion
	c.Connection, c.Stream, c.Seq = b.st.connection, b.st.stream, b.seq
	c.Rows, c.RowsTotal = b.rows, b.nextRow
	if p := b.previous; p != nil {
		c.ErasedTotal = p.ErasedTotal
		c.RowsTotal -= p.ErasedTotal
		if c.Connector == "" {
			c.Connector = p.Connector
		}
		if !c.ResetWatermark && (c.Watermark == nil || p.Watermark != nil && p.Watermark.After(*c.Watermark)) {
			c.Watermark = p.Watermark
		}
	}
	for _, is := range b.issues {
		c.Issues = append(c.Issues, *is)
	}
	sort.Slice(c.Issues, func(i, j int) bool { return c.Issues[i].Check < c.Issues[j].Check })
}

// Abort drops the batch and its files, those too that a failed Commit has already given their
// names. After a Commit that made the batch visible it does nothing, whatever that returned.
func (b *Batch) Abort() error {
	if b.crashed {
		return nil
	}
	var errs []error
	var moved []string
	for _, w := range b.files {
		errs = append(errs, w.file.Abort())
		if w.moved {
			moved = append(moved, w.info.Name)
		}
	}
	if len(moved) > 0 {
		errs = append(errs, b.remove(moved))
	}
	return errors.Join(errs...)
}

// remove removes data files of the batch unless its commit names them. Nobody else's have these
// names, since they were created exclusively.
func (b *Batch) remove(names []string) error {
	c, err := b.st.read(b.seq)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // it may be ours; a sweep will know
	}
	for _, name := range names {
		if c != nil && slices.ContainsFunc(c.Files, func(f DataFile) bool { return f.Name == name }) {
			continue
		}
		if err := os.Remove(filepath.Join(b.st.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("drop an uncommitted file: %w", err)
		}
	}
	return nil
}
