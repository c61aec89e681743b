package file

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/lake"
)

const (
	// changeTries is how often a file that changes while it is read is tried.
	changeTries = 3
	// changeWait is the time between those tries.
	changeWait = 2 * time.Second
)

// errChanged tells that a file changed while it was being read.
var errChanged = errors.New("the file changed while it was being read; write files under another name and rename them when they are whole")

// lakeError is a failure of the lake, which the next file would meet as well.
type lakeError struct{ error }

func (e lakeError) Unwrap() error { return e.error }

// round is one run over a connection's files.
type round struct {
	*Reader
	req       extract.Request
	ranged    bool // read again for a range; the cursor stays
	res       *extract.StreamResult
	stream    *lake.Stream
	last      *lake.Commit // nil before the first
	cursor    cursor
	committed int // files
}

// pendingFile is a file to be read.
type pendingFile struct {
	input
	fp fingerprint
}

// run reads what is new. The error joins those of all files that failed.
func (rd *round) run(ctx context.Context) error {
	if err := rd.open(); err != nil {
		return err
	}
	defer func() {
		if rd.last != nil {
			rd.res.Watermark = rd.last.Watermark
		}
	}()
	files, err := rd.inputs()
	if err != nil {
		return err
	}
	defer func() { rd.res.Findings = append(rd.gone(files), rd.told(files)...) }()
	pending, failed, err := rd.plan(ctx, files)
	if err != nil {
		return err
	}
	for i, p := range pending {
		err := rd.read(ctx, p, i == len(pending)-1 && failed == nil)
		if err == nil {
			continue
		}
		failed = errors.Join(failed, fmt.Errorf("file %s: %w", p.name, err))
		if stop := (lakeError{}); ctx.Err() != nil || errors.As(err, &stop) {
			return failed
		}
	}
	if failed == nil && len(pending) == 0 && !rd.ranged && rd.last != nil && rd.last.State == lake.Partial {
		return rd.complete()
	}
	return failed
}

func (rd *round) open() (err error) {
	if rd.stream, err = rd.opts.Lake.Stream(rd.opts.Connection.Name, rd.settings.kind.Name); err != nil {
		return err
	}
	if rd.last, err = rd.stream.Last(); err != nil {
		return err
	}
	rd.cursor, err = readCursor(rd.last)
	return err
}

// told are the notes on the files that are there.
func (rd *round) told(files []input) []extract.Finding {
	notes := map[string][]note{}
	var all signs
	for _, f := range files {
		if state, ok := rd.cursor.Files[f.name]; ok && state.Shape == rd.shape() {
			notes[f.name] = state.Notes
			all.Negative, all.Positive = all.Negative+state.Negative, all.Positive+state.Positive
		}
	}
	notes[rd.settings.path] = append(notes[rd.settings.path], all.ask()...)
	return findings(notes)
}

// plan finds the files whose content, read with these settings, is not in the lake yet.
// failed joins the errors of files that can't be opened.
func (rd *round) plan(ctx context.Context, files []input) (pending []pendingFile, failed, err error) {
	for _, f := range files {
		fp, err := scan(ctx, f.path, 0)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("file %s: %w", f.name, err))
			continue
		}
		known := rd.cursor.Files[f.name]
		if known.Unusable != "" && known.SHA256 == fp.sha256 && known.Shape == rd.shape() && !rd.ranged {
			failed = errors.Join(failed, fmt.Errorf("file %s: %s", f.name, known.Unusable))
		}
		if rd.ranged || known.SHA256 != fp.sha256 || known.Shape != rd.shape() {
			fp.head = nil // read again when it is the file's turn
			pending = append(pending, pendingFile{f, fp})
		}
	}
	return pending, failed, nil
}

// shape identifies what decides, beside its content, which rows a file gives.
func (rd *round) shape() string { return rd.settings.shape + " " + rd.zone.String() }

// read brings one file into the lake, trying again when it changes meanwhile. final tells that
// the stream is complete with it.
func (rd *round) read(ctx context.Context, p pendingFile, final bool) error {
	for try := 1; ; try++ {
		fp, err := scan(ctx, p.path, 0)
		if err != nil {
			return err
		}
		err = rd.readOnce(ctx, p.input, fp, final)
		if !errors.Is(err, errChanged) || try == changeTries {
			return err
		}
		rd.opts.Log.Info("file changed while it was being read; trying again", "connection", rd.opts.Connection.Name, "file", p.name)
		if err := rd.opts.Clock.Sleep(ctx, changeWait); err != nil {
			return err
		}
	}
}

func (rd *round) readOnce(ctx context.Context, in input, fp fingerprint, final bool) error {
	batch, err := rd.stream.Begin()
	if err != nil {
		return lakeError{err}
	}
	l := newLoad(rd, batch, in, fp)
	err = l.rows(ctx)
	if errors.As(err, &lakeError{}) {
		return errors.Join(err, batch.Abort())
	}
	// A file that can't be read may be one that is still being written.
	after, scanErr := scan(ctx, in.path, 0)
	switch {
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), batch.Abort())
	case scanErr != nil:
		return errors.Join(scanErr, batch.Abort())
	case after.sha256 != fp.sha256:
		return errors.Join(errChanged, batch.Abort())
	case err != nil:
		return errors.Join(err, batch.Abort())
	}
	if err := rd.commit(batch, l, final); err != nil {
		return lakeError{errors.Join(err, batch.Abort())}
	}
	rd.committed++
	rd.res.Rows += batch.Rows()
	rd.res.Issues += l.issues
	rd.res.Pages++
	rd.progress(rd.res.Rows, rd.res.Pages, false)
	rd.opts.Log.Info("file read", "connection", rd.opts.Connection.Name, "file", in.name, "rows", batch.Rows(), "set_aside", l.issues)
	if l.unusable != "" {
		return errors.New(l.unusable)
	}
	return nil
}

// commit makes a file's rows visible together with the cursor that says so.
func (rd *round) commit(batch *lake.Batch, l *load, final bool) error {
	next := cursor{Files: maps.Clone(rd.cursor.Files), High: rd.cursor.High, ReadAt: l.readAt}
	next.Files[l.name] = fileState{SHA256: l.fp.sha256, Shape: rd.shape(), FirstRead: l.firstRead, Empty: l.good+l.issues+l.left == 0, Notes: l.notes, signs: l.signs, Unusable: l.unusable}
	if l.high.After(next.High) {
		next.High = l.high
	}
	state := lake.Partial
	if final && l.unusable == "" {
		state = lake.Complete
	}
	if rd.ranged {
		next, state = rd.cursor, lake.Partial
		if rd.last != nil {
			state = rd.last.State
		}
	}
	return rd.write(batch, next, state, l.wholeSnapshots())
}

// complete ends a round whose last file was read by an earlier run that could not end it.
func (rd *round) complete() error {
	batch, err := rd.stream.Begin()
	if err != nil {
		return err
	}
	if err := rd.write(batch, rd.cursor, lake.Complete, nil); err != nil {
		return errors.Join(err, batch.Abort())
	}
	return nil
}

// write commits. Only a complete stream's watermark moves: while a file is missing, nobody
// knows which days it speaks of.
func (rd *round) write(batch *lake.Batch, next cursor, state lake.State, snapshots []lake.Snapshot) error {
	encoded, err := next.encode()
	if err != nil {
		return err
	}
	c := lake.Commit{
		RunID: rd.req.RunID, Connector: Connector, CommittedAt: rd.opts.Clock.Now(), State: state,
		Cursor: encoded, Snapshots: snapshots,
	}
	if state == lake.Complete && !rd.ranged && !next.High.IsZero() {
		c.Watermark = &next.High
	}
	written, err := batch.Commit(c)
	if err != nil {
		return err
	}
	rd.last, rd.cursor = written, next
	return nil
}
