package file

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/rightseat/rightseat/internal/filekind"
)

// source is an open file as records.
type source struct {
	at     headerAt
	table  table
	format format
	maker  recordMaker
	told   []note // on what was guessed
}

// openSource opens a file, recognises how it is written and checks its header.
func (r *Reader) openSource(ctx context.Context, in input, fp fingerprint) (*source, error) {
	f, err := formatOf(r.settings.format, in.name, fp.head)
	if err != nil {
		return nil, err
	}
	at := r.headerAt()
	t, european, err := open(ctx, in.path, f, fp, r.settings, at)
	if err != nil {
		return nil, err
	}
	mine, err := r.settings.forFile(t.names())
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	mine.dates.zone = r.zone
	s := &source{table: t, format: f, at: at, maker: recordMaker{
		name: in.name, format: f, kind: mine.kind, binder: newBinder(mine),
		values: valueParser{dates: mine.dates, kind: mine.kind, now: r.opts.Clock.Now(), inverted: mine.sign == chargeNegative, sheet: f == formatXLSX}, seen: map[uint64]uint32{},
		sign: mine.sign, home: r.opts.Config.Organisation.Currency, leaveOut: mine.leaveOut, brokenTold: slices.ContainsFunc(t.notes(), func(n note) bool { return n.Check == brokenText }),
	}}
	if err := s.maker.setConstants(mine.constants); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	s.maker.given = r.givenBeside(s.maker.constants)
	if err := s.maker.binder.extend(t.names()); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	s.maker.binder.settle()
	if f != formatJSONL { // whose objects are checked one by one
		if err := s.maker.binder.missing(s.maker.given); err != nil {
			return nil, errors.Join(err, t.Close())
		}
	}
	if err := s.guess(ctx, r.surveyRows, mine, in, fp, european); err != nil {
		return nil, errors.Join(err, s.table.Close())
	}
	if err := s.appless(); err != nil {
		return nil, errors.Join(err, s.table.Close())
	}
	if i := s.maker.column("snapshot_date"); mine.kind.Shape == filekind.Snapshot && s.maker.binder.byColumn[i] < 0 {
		s.told = append(s.told, undatedList(path.Base(in.name))...)
	}
	s.told = slices.Concat(s.told, s.maker.binder.gone(r.settings.columns), s.maker.binder.inParts())
	return s, nil
}

// appless is the error for a file of accounts or of what people did in an app that says of no row which app that is: nothing
// in it would count.
func (s *source) appless() error {
	kind, m := s.maker.kind, &s.maker
	if kind.Name != "roster" && kind.Name != "engagement" || len(m.binder.bound) == 0 {
		return nil
	}
	i := m.column("app")
	if m.binder.byColumn[i] >= 0 || m.given(kind.Columns[i]) {
		return nil
	}
	return errors.New("nothing says which app it is of, so nothing in it could count: set app: at the connection, or, for several apps, add a column app (or map one to it by settings.columns)")
}

// guess judges by all values of each column how its numbers and dates are to be read.
func (s *source) guess(ctx context.Context, rows int, mine settings, in input, fp fingerprint, semicolons bool) error {
	found, kept, err := surveyTable(ctx, s.table, s.maker.binder, s.maker.values.dates, rows)
	if err != nil {
		return err
	}
	if s.told, err = found.decide(mine, s.format.unit(), semicolons, &s.maker.values); err != nil {
		return err
	}
	s.told = slices.Concat(s.told, s.maker.binder.overlooked(mine.leaveOut), found.moves.notes(s.maker.binder), found.types.notes(s.maker.binder, mine.leaveOut))
	s.maker.dated = found.dated && dateInName(path.Base(in.name)) == "" && mine.kind.Shape == filekind.Snapshot
	if kept != nil {
		s.table = &replay{table: s.table, rows: kept}
		return nil
	}
	again, _, err := open(ctx, in.path, s.format, fp, mine, s.at)
	if err != nil {
		return err
	}
	err = s.table.Close()
	s.table = again
	return err
}

// givenBeside tells of columns whether they have a value although the file has none, by the connection or as a constant.
func (r *Reader) givenBeside(constants map[string]string) func(filekind.Column) bool {
	return func(c filekind.Column) bool { return r.given(c) || constants[c.Name] != "" }
}

// given tells whether a column has a value although the file has none: the date of the file, or
// the connection's own app and instance.
func (r *Reader) given(c filekind.Column) bool {
	switch c.Fallback {
	case filekind.FileDate:
		return true
	case filekind.Connection:
		return c.Name == "app" && r.opts.Connection.App != "" || c.Name == "instance" && r.opts.Connection.Instance != ""
	}
	return false
}

// next gives the next row as a record; io.EOF after the last.
func (s *source) next() (record, error) {
	row, err := s.table.next()
	if err != nil {
		return record{}, err
	}
	if err := s.maker.binder.extend(s.table.names()); err != nil {
		return record{}, fmt.Errorf("%s %d: %w", s.format.unit(), row.number, err)
	}
	return s.maker.make(row), nil
}

// notes are what people should know of what was read so far.
func (s *source) notes() []note { return slices.Concat(s.table.notes(), s.told, s.maker.cellNotes) }
