package file

import (
	"cmp"
	"context"
	"slices"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/lake"
)

// What a file's rows come out as depends on settings, and with them the ids of its lines, which of them count, and the date of a list. So a
// file that is read with other settings takes its reading before back; files of state replace it anyway.

// takesBack lists the readings that a file's new one replaces: its last one, and those of the same content under names that are gone.
func (l *load) takesBack() []lake.TakenBack {
	if l.settings.kind.Shape == filekind.State || l.ranged {
		return nil
	}
	var back []lake.TakenBack
	for name, known := range l.cursor.Files {
		if known.seq == 0 || known.Empty || known.Shape == l.shape() || name != l.name && known.SHA256 != l.fp.sha256 {
			continue
		}
		t := lake.TakenBack{Source: name, Seq: known.seq}
		if known.SHA256 != l.fp.sha256 { // lines of a rolling export that are gone from it stay
			if l.first.IsZero() || l.settings.kind.Shape == filekind.Snapshot { // what a list said before was true then
				continue
			}
			first := l.first.UTC()
			t.Since = &first
		}
		back = append(back, t)
	}
	slices.SortFunc(back, func(a, b lake.TakenBack) int { return cmp.Compare(a.Source, b.Source) })
	return back
}

// standing goes through the good rows of some commits that count but for some readings, the newest first; wanted says of which, and
// whether to go on.
func (rd *round) standing(ctx context.Context, but []lake.TakenBack, wanted func(*lake.Commit) (these, on bool), row func(lake.Row)) error {
	commits, err := rd.stream.After(0)
	if err != nil {
		return err
	}
	readings := slices.Clone(but)
	back := map[string]bool{} // ids of records of which older versions don't count
	for _, c := range slices.Backward(commits) {
		readings = append(readings, c.TakenBack...)
		these, on := wanted(c)
		if !on {
			return nil
		}
		if !these {
			continue
		}
		for _, f := range c.Files {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := rd.stream.Read(f, func(r lake.Row) error {
				switch {
				case r.Issue != "" || back[r.RecordID]:
				case slices.ContainsFunc(readings, func(t lake.TakenBack) bool { return t.Has(&r, c.Seq) }):
					back[r.RecordID] = true
				default:
					row(r)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
