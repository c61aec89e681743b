package file

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/lake"
)

// progressEvery is how many rows pass between two reports of progress.
const progressEvery = 10_000

// load is the reading of one file. It leaves nothing in a batch that it shares with others before it was read whole.
type load struct {
	*round
	input
	fp        fingerprint
	seq       int64 // of the commit that it was begun for
	out       *sorter
	set       []lake.Issue // of its rows, one each
	readAt    time.Time    // UTC; later than that of every snapshot before
	firstRead string       // day on which this content was first read
	date      string       // of rows that name no snapshot date themselves
	snapshots map[string]*lake.Snapshot
	high      time.Time   // the newest instant that the rows speak of; zero when unknown
	first     time.Time   // the oldest instant of its rows, those that do not count included; zero when unknown
	seen      *seenEvents // nil where no earlier reading of the file can have brought others
	good      int64
	issues    int64
	bad       map[string]int64 // rows set aside, by snapshot date
	firstBad  string
	left      int64 // rows that are not meant
	signs     signs
	had       filled
	notes     []note
	lines     []line // of spend, for the files after it
	unusable  string // why an events file is of no use; empty when it is of some
}

func newLoad(rd *round, in input, fp fingerprint) *load {
	l := &load{round: rd, input: in, fp: fp, seq: 1, snapshots: map[string]*lake.Snapshot{}, bad: map[string]int64{}}
	l.out = newSorter(rd.alone)
	if known, ok := rd.cursor.Files[in.name]; ok && known.SHA256 != fp.sha256 && rd.settings.kind.Shape == filekind.Events && !rd.ranged {
		l.seen = &seenEvents{ids: map[string]bool{}}
	}
	if rd.last != nil {
		l.seq = rd.last.Seq + 1
	}
	l.readAt = rd.opts.Clock.Now().UTC().Truncate(time.Microsecond)
	if !l.readAt.After(rd.cursor.ReadAt) {
		l.readAt = rd.cursor.ReadAt.Add(time.Microsecond)
	}
	l.firstRead = rd.today()
	if known, ok := rd.cursor.Files[in.name]; ok && known.SHA256 == fp.sha256 && !rd.carried[in.name] {
		l.firstRead = known.FirstRead
	}
	if l.date = dateInName(path.Base(in.name)); l.date == "" {
		l.date = l.firstRead
	}
	return l
}

// rows reads the file and appends its rows to the batch.
func (l *load) rows(ctx context.Context) error {
	renamed, told, err := l.recognise(ctx)
	if err != nil {
		return err
	}
	src, err := l.openSource(ctx, l.input, l.fp)
	if err != nil {
		return err
	}
	src.maker.renamed = renamed
	err = l.each(ctx, src)
	if err == nil {
		var more []note
		more, err = l.unsaid(ctx)
		told = append(told, more...)
		more, l.had = l.missed(l.name, l.listDate(), &src.maker, l.good, l.cursor.Files)
		told = append(told, more...)
	}
	l.notes, l.signs = append(src.notes(), told...), src.maker.signs
	return errors.Join(err, src.table.Close())
}

func (l *load) each(ctx context.Context, src *source) error {
	for {
		rec, err := src.next()
		if errors.Is(err, io.EOF) {
			return l.finish(src.format)
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if l.ranged && !l.inRange(rec) {
			continue
		}
		if err := l.append(rec); err != nil {
			return err
		}
		if n := l.good + l.issues + l.left; n%progressEvery == 0 {
			l.progress(l.res.Rows+n, l.res.Pages, false)
		}
	}
}

func (l *load) inRange(rec record) bool {
	return !rec.at.IsZero() && !rec.at.Before(l.req.From) && rec.at.Before(l.req.To)
}

func (l *load) append(rec record) error {
	r := lake.Row{RecordID: rec.id, ExtractedAt: l.readAt, Source: rec.place, Issue: rec.issue, Payload: rec.payload}
	if l.settings.kind.Shape == filekind.Events {
		r.EventAt = rec.at
	} else {
		snapshot := l.snapshot(cmp.Or(rec.date, l.date))
		r.SnapshotID, r.SnapshotDate = snapshot.ID, snapshot.Date
		switch {
		case rec.issue == "":
			snapshot.Rows++
		case !rec.left:
			l.bad[snapshot.Date]++
		}
	}
	if err := l.out.append(r); err != nil {
		return lakeError{err}
	}
	if !rec.at.IsZero() && (l.first.IsZero() || rec.at.Before(l.first)) {
		l.first = rec.at
	}
	if l.seen != nil && rec.issue == "" {
		l.seen.add(r)
	}
	if rec.left {
		l.left++
		l.setAside(rec)
		return nil
	}
	if rec.issue != "" {
		l.issues++
		l.firstBad = cmp.Or(l.firstBad, rec.issue)
		l.setAside(rec)
		return nil
	}
	l.good++
	if !rec.at.IsZero() {
		l.reaches(rec.at)
	}
	return nil
}

// setAside remembers why a row was set aside: how often, and the first one.
func (l *load) setAside(rec record) {
	for i := range l.set {
		if l.set[i].Check == rec.check {
			l.set[i].Rows++
			return
		}
	}
	l.set = append(l.set, lake.Issue{Check: rec.check, Rows: 1, Sample: rec.issue})
}

// land brings a file that was read whole into a batch.
func (l *load) land(batch *lake.Batch) error {
	if err := l.out.flush(batch); err != nil {
		return err
	}
	for _, is := range l.set {
		for range is.Rows {
			batch.AddIssue(is.Check, is.Sample)
		}
	}
	return nil
}

// reaches moves high up to an event; a dated event speaks of its whole day. Events of the
// future don't count beyond now.
func (l *load) reaches(at time.Time) {
	if c, _ := l.settings.kind.Column(l.settings.kind.EventTime); c.Type == filekind.Date {
		at = at.In(l.zone).AddDate(0, 0, 1)
	}
	if at.After(l.high) {
		l.high = l.notAfterNow(at)
	}
}

// finish checks the file as a whole once all rows are appended.
func (l *load) finish(f format) error {
	if l.good == 0 && l.issues > 0 && l.settings.kind.Shape == filekind.Events && !l.ranged {
		// They land, so that data_quality lists them; the stream is not complete.
		l.unusable = noneUsable(l.issues, l.firstBad)
	}
	if l.good == 0 && l.issues > 0 && l.settings.kind.Shape != filekind.Events {
		return errors.New(noneUsable(l.issues, l.firstBad))
	}
	if l.settings.kind.Shape == filekind.Events {
		return nil
	}
	if l.good == 0 {
		if f == formatJSONL {
			// Without a header there is nothing to tell a whole file from one cut short.
			return errors.New("is empty")
		}
		l.snapshot(l.date)
	}
	return nil
}

// snapshot is the file's snapshot of a date. Its id is new for each reading of the file, so
// that a file which goes back to an earlier content is a snapshot of its own.
func (l *load) snapshot(date string) *lake.Snapshot {
	if s, ok := l.snapshots[date]; ok {
		return s
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d", l.name, l.fp.sha256, date, l.seq))
	// Files of one date are one list, of which each file is a part.
	s := &lake.Snapshot{ID: hex.EncodeToString(sum[:8]), Date: date, ReadAt: l.readAt, Source: l.name}
	l.snapshots[date] = s
	return s
}

// listDate is the date of the only list that a file of lists holds; "" for other files.
func (l *load) listDate() string {
	if len(l.snapshots) != 1 || l.settings.kind.Shape != filekind.Snapshot {
		return ""
	}
	for date := range l.snapshots {
		return date
	}
	return ""
}

// wholeSnapshots are the snapshots that the file brought, by date. A date all of whose rows were
// set aside is not among them: it would read as if everybody had left.
func (l *load) wholeSnapshots() []lake.Snapshot {
	var whole []lake.Snapshot
	for _, date := range slices.Sorted(maps.Keys(l.snapshots)) {
		if s := l.snapshots[date]; s.Rows > 0 || l.issues == 0 {
			whole = append(whole, *s)
		}
	}
	return whole
}

// undated are the rows set aside whose date is that of no list.
func (l *load) undated() (n int64) {
	for date, bad := range l.bad {
		if s := l.snapshots[date]; s.Rows == 0 {
			n += bad
		}
	}
	return n
}
