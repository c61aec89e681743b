package file

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/excerpt"
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
	committed int               // files
	awaited   map[string]int    // files still to be read, by list
	failing   map[string]string // a file that could not be read, by list
	carried   map[string]bool   // files that are read again as of today, though they are as they were
	count     []lake.Snapshot   // judged to count, by the next commit
	group     *group
	past      *history  // of spend, once it is asked for
	wasAhead  bool      // the clock was, when the stream was read last
	reached   time.Time // how far the stream reached before that
	compares  bool      // whether lines of spend may have come before, in another file
}

// group is files that share a commit: small ones, or a large one that has it to itself. Rows of small files come together
// when a file was read whole, so that one that fails leaves nothing behind.
type group struct {
	batch     *lake.Batch
	begun     time.Time
	files     map[string]fileState
	back      []lake.TakenBack
	snapshots int
	large     bool // takes no further file
}

// A group is full, and is committed before the next file, when it has so many files, data files or bytes, or is so old: what a
// crash costs, and what a commit says, stays bounded.
const (
	groupFiles     = 200
	groupSnapshots = 200 // each is a data file, open until the commit
	groupBytes     = 64 << 20
	groupAge       = 30 * time.Second
)

func (g *group) full(now time.Time) bool {
	return g.large || len(g.files) >= groupFiles || g.snapshots >= groupSnapshots || g.batch.Bytes() >= groupBytes || now.Sub(g.begun) >= groupAge
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
	defer func() { rd.res.Findings = slices.Concat(rd.res.Findings, rd.gone(files), rd.told(files)) }()
	pending, failed, err := rd.plan(ctx, files)
	if err != nil {
		return err
	}
	rd.expect(pending)
	rd.compares = rd.settings.kind.Name == "spend" && len(pending)+len(rd.cursor.Files) > 1
	for _, p := range pending {
		list := rd.listIn(p.name)
		err := rd.read(ctx, p)
		rd.awaited[list]--
		if err == nil {
			continue
		}
		rd.failedIn(p.name)
		failed = errors.Join(failed, fmt.Errorf("file %s: %w", p.name, err))
		if stop := (lakeError{}); errors.As(err, &stop) {
			return errors.Join(failed, rd.drop())
		}
		if ctx.Err() != nil {
			return errors.Join(failed, rd.flush(false)) // what was read whole is kept
		}
	}
	rd.judge()
	if mended := failed == nil && len(rd.cursor.Held) == 0 && rd.last != nil && rd.last.State == lake.Partial; !rd.ranged && (mended || len(rd.count) > 0 || rd.wasAhead) {
		if err := rd.begin(); err != nil { // what was read by an earlier run counts now
			return errors.Join(failed, err)
		}
	}
	if err := rd.flush(failed == nil); err != nil {
		return errors.Join(failed, err)
	}
	doubts, findings := rd.doubts()
	rd.res.Findings = append(rd.res.Findings, findings...)
	return errors.Join(failed, doubts)
}

func (rd *round) open() (err error) {
	if rd.stream, err = rd.opts.Lake.Stream(rd.opts.Connection.Name, rd.settings.kind.Name); err != nil {
		return err
	}
	if rd.last, err = rd.stream.Last(); err != nil {
		return err
	}
	if rd.cursor, err = readCursor(rd.stream, rd.last, rd.settings); err != nil {
		return err
	}
	high := rd.cursor.High
	if rd.wasAhead = rd.cursor.pullBack(rd.opts.Clock.Now()); rd.wasAhead {
		rd.reached = rd.cursor.High
		rd.res.Findings = append(rd.res.Findings, extract.Finding{Check: "clock_ahead", Severity: severityWarning, Count: 1, Sample: fmt.Sprintf(
			"the stream was read up to %s, which has not come: this machine's clock was ahead; what was read then is read again", high.UTC().Format(time.RFC3339))})
	}
	return nil
}

// told are the notes on the files that are there.
func (rd *round) told(files []input) []extract.Finding {
	notes := map[string][]note{}
	counts := map[string]signs{}
	for _, f := range files {
		if state, ok := rd.cursor.Files[f.name]; ok && state.Shape == rd.shape() {
			notes[f.name] = state.Notes
			counts[f.name] = state.signs
		}
	}
	rd.settings.tellSigns(counts, notes)
	for date, names := range rd.sameDay() {
		notes[names[0]] = append(notes[names[0]], note{Check: "files_of_one_day", Severity: severityInfo, Rows: int64(len(names)), Text: fmt.Sprintf(
			"is, with %s, the list of %s: the files of a day count as one", strings.Join(names[1:], ", "), date)})
	}
	if in, other := rd.otherFiles(); in != "" {
		notes[in] = append(notes[in], other...)
	}
	return findings(notes)
}

// sameDay gives the files of lists that share a date, where several do; gone ones too, whose rows stay.
func (rd *round) sameDay() map[string][]string {
	days := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(rd.cursor.Files)) {
		if date := rd.cursor.Files[name].Date; date != "" {
			days[date] = append(days[date], name)
		}
	}
	maps.DeleteFunc(days, func(_ string, names []string) bool { return len(names) < 2 })
	return days
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
			rd.failedIn(f.name)
			continue
		}
		known := rd.cursor.Files[f.name]
		if known.Unusable != "" && !known.Accepted && known.SHA256 == fp.sha256 && known.Shape == rd.shape() && !rd.ranged {
			failed = errors.Join(failed, fmt.Errorf("file %s: %s", f.name, known.Unusable))
		}
		if rd.ranged || known.SHA256 != fp.sha256 || known.Shape != rd.shape() {
			fp.head = nil // read again when it is the file's turn
			pending = append(pending, pendingFile{f, fp})
		}
	}
	return rd.carry(files, pending), failed, nil
}

// shape identifies what decides, beside its content, which rows a file gives.
func (r *Reader) shape() string {
	shape := r.settings.shape + " " + r.zone.String()
	if r.settings.kind.Name == "contracts" { // a price of $20 is one in the organisation's currency, where that can be
		shape += " " + r.opts.Config.Organisation.Currency
	}
	return shape
}

// read brings one file into the lake, trying again when it changes meanwhile.
func (rd *round) read(ctx context.Context, p pendingFile) error {
	if rd.group != nil && rd.group.full(rd.opts.Clock.Now()) {
		if err := rd.flush(false); err != nil {
			return lakeError{err}
		}
	}
	for try := 1; ; try++ {
		fp, err := scan(ctx, p.path, 0)
		if err != nil {
			return err
		}
		err = rd.readOnce(ctx, p.input, fp)
		if !errors.Is(err, errChanged) || try == changeTries {
			return err
		}
		rd.opts.Log.Info("file changed while it was being read; trying again", "connection", rd.opts.Connection.Name, "file", p.name)
		if err := rd.opts.Clock.Sleep(ctx, changeWait); err != nil {
			return err
		}
	}
}

func (rd *round) readOnce(ctx context.Context, in input, fp fingerprint) error {
	l := newLoad(rd, in, fp)
	err := l.rows(ctx)
	if errors.As(err, &lakeError{}) {
		return err // the round ends and drops what is not committed
	}
	// A file that can't be read may be one that is still being written.
	after, scanErr := scan(ctx, in.path, 0)
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case scanErr != nil:
		err = scanErr
	case after.sha256 != fp.sha256:
		err = errChanged
	}
	if err != nil {
		if l.out.batch != nil { // a large file's own
			err = errors.Join(err, rd.drop())
		}
		return err
	}
	if err := rd.join(l); err != nil {
		return lakeError{err}
	}
	if l.unusable != "" {
		return errors.New(l.unusable)
	}
	return nil
}

// begin starts a group where there is none.
func (rd *round) begin() error {
	if rd.group != nil {
		return nil
	}
	batch, err := rd.stream.Begin()
	if err != nil {
		return err
	}
	rd.group = &group{batch: batch, begun: rd.opts.Clock.Now(), files: map[string]fileState{}}
	return nil
}

// alone gives a file that turns out to be large a batch of its own, having committed the files before it.
func (rd *round) alone() (*lake.Batch, error) {
	if err := rd.flush(false); err != nil {
		return nil, err
	}
	if err := rd.begin(); err != nil {
		return nil, err
	}
	rd.group.large = true
	return rd.group.batch, nil
}

// join adds a file that was read whole to the group.
func (rd *round) join(l *load) error {
	if err := rd.begin(); err != nil {
		return err
	}
	before := rd.group.batch.Rows()
	if l.out.batch != nil {
		before = 0
	}
	if err := l.land(rd.group.batch); err != nil {
		return err
	}
	rows := rd.group.batch.Rows() - before
	rd.group.snapshots += len(l.snapshots)
	if err := rd.put(l); err != nil {
		return err
	}
	state := fileState{
		SHA256: l.fp.sha256, Shape: rd.shape(), FirstRead: l.firstRead, Empty: l.good+l.issues+l.left == 0, Good: l.good, Bad: l.issues, FirstBad: excerpt.Line(l.firstBad, firstShown),
		Notes: l.notes, signs: l.signs, Had: l.had, Unusable: l.unusable, Date: l.listDate(),
	}
	rd.group.back = append(rd.group.back, l.takesBack()...)
	rd.group.files[l.name] = state
	// Later files of the round go by it: their times of reading grow.
	if !rd.ranged {
		rd.cursor.ReadAt = l.readAt
		rd.cursor.Files[l.name] = state
		if l.high.After(rd.cursor.High) {
			rd.cursor.High = l.high
		}
	}
	if rd.past != nil {
		for _, line := range l.lines {
			rd.past.add(line)
		}
	}
	rd.res.Rows += rows
	rd.res.Issues += l.issues
	rd.res.Pages++
	rd.progress(rd.res.Rows, rd.res.Pages, false)
	rd.opts.Log.Info("file read", "connection", rd.opts.Connection.Name, "file", l.name, "rows", rows, "set_aside", l.issues, "left_out", l.left)
	return nil
}

// drop gives up what is not committed.
func (rd *round) drop() error {
	if rd.group == nil {
		return nil
	}
	batch := rd.group.batch
	rd.group = nil
	return batch.Abort()
}

// flush commits the group: its rows become visible together with the word that its files were read. whole tells that all
// files were.
func (rd *round) flush(whole bool) error {
	g := rd.group
	if g == nil {
		return nil
	}
	rd.group = nil
	rd.judge()
	c := lake.Commit{State: lake.Partial, Snapshots: rd.count, TakenBack: g.back}
	if whole && len(rd.cursor.Held) == 0 {
		c.State = lake.Complete
	}
	next := cursor{Changed: g.files, High: rd.cursor.High, ReadAt: rd.cursor.ReadAt, Held: rd.cursor.Held}
	if rd.ranged {
		next.Changed, c.State = nil, lake.Partial
		if rd.last != nil {
			c.State = rd.last.State
		}
	}
	if err := rd.write(g.batch, next, c); err != nil {
		return errors.Join(err, g.batch.Abort())
	}
	rd.committed += len(g.files)
	rd.count = nil
	return nil
}

// write commits. Only a complete stream's watermark moves: while a file is missing, nobody
// knows which days it speaks of.
func (rd *round) write(batch *lake.Batch, next cursor, c lake.Commit) (err error) {
	if c.Cursor, err = next.encode(); err != nil {
		return err
	}
	c.RunID, c.Connector, c.CommittedAt = rd.req.RunID, Connector, rd.opts.Clock.Now()
	c.ResetWatermark = rd.wasAhead
	switch {
	case c.State == lake.Complete && !rd.ranged && !next.High.IsZero():
		c.Watermark = &next.High
	case rd.wasAhead && !rd.reached.IsZero():
		c.Watermark = &rd.reached
	}
	written, err := batch.Commit(c)
	if err != nil {
		return err
	}
	rd.last = written
	return nil
}
