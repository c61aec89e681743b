package file

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/lake"
)

// What files say of a date is a list, of which each file of that date is a part; of kinds whose files say what is, each file is
// a list. Half a list reads as if half of the people had left, or half of the contracts had ended. So a list counts when it is
// judged: before, its rows are in the lake, but no commit names their snapshots.

// part is what a file says of a list that does not count yet.
type part struct {
	Snapshot lake.Snapshot `json:"snapshot"`
	Bad      int64         `json:"bad,omitempty"` // rows that were set aside
	High     time.Time     `json:"high,omitzero"` // the instant up to which it speaks
	// Before is how many rows the last list had, when this one is held as it shrank sharply from it.
	Before int64 `json:"before,omitempty"`
	// Why says in other cases why the list does not count; empty before it was judged.
	Why string `json:"why,omitempty"`
	// Lacking tells that too many of the list's rows were set aside.
	Lacking bool `json:"lacking,omitempty"`
	// Lost is what the list before had of files that this one has no counterpart of.
	Lost *lost `json:"lost,omitempty"`
}

func (p part) shrank() bool { return p.Before > 0 }

// sizes are the rows of the newest snapshots that count, by list and file.
type sizes map[string]map[string]int64

func (s sizes) of(list string) (n int64) {
	for _, rows := range s[list] {
		n += rows
	}
	return n
}

func (s sizes) set(list string, p lake.Snapshot) {
	if s[list] == nil {
		s[list] = map[string]int64{}
	}
	s[list][p.Source] = p.Rows + p.Erased
}

// listOf names the list that a snapshot is a part of.
func (s settings) listOf(p lake.Snapshot) string {
	if s.kind.Shape == filekind.State {
		return p.Source
	}
	return p.Date
}

// expect notes the lists that a round's files are known to speak of, so that no list is judged by some of its files.
func (rd *round) expect(pending []pendingFile) {
	rd.awaited = map[string]int{}
	for _, p := range pending {
		rd.awaited[rd.listIn(p.name)]++
	}
}

// listIn names the list that a file holds which is read now, unless its rows name others.
func (rd *round) listIn(name string) string {
	return rd.settings.listOf(lake.Snapshot{Source: name, Date: cmp.Or(dateInName(path.Base(name)), rd.today())})
}

// failedIn notes that a file of a list could not be read.
func (rd *round) failedIn(name string) {
	if rd.failing == nil {
		rd.failing = map[string]string{}
	}
	rd.failing[rd.listIn(name)] = name
}

// put adds a file's snapshots to those that wait to be judged, in place of what it said of the same lists.
func (rd *round) put(l *load) error {
	whole := l.wholeSnapshots()
	for i, s := range whole {
		p := part{Snapshot: s, Bad: l.bad[s.Date]}
		if i == len(whole)-1 {
			p.Bad += l.undated()
		}
		if rd.settings.kind.Shape == filekind.Snapshot {
			end, err := rd.dayEnd(s.Date)
			if err != nil {
				return err
			}
			p.High = end
		}
		rd.cursor.Held = slices.DeleteFunc(rd.cursor.Held, func(h part) bool { return h.Snapshot.Source == s.Source && h.Snapshot.Date == s.Date })
		rd.cursor.Held = append(rd.cursor.Held, p)
	}
	return nil
}

// held are the parts that wait, by list.
func (rd *round) held() map[string][]part {
	lists := map[string][]part{}
	for _, p := range rd.cursor.Held {
		name := rd.settings.listOf(p.Snapshot)
		lists[name] = append(lists[name], p)
	}
	return lists
}

// judge finds the lists that count now. One that shrank confirms those of other dates that did.
func (rd *round) judge() {
	lists := rd.held()
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		if len(lists[name]) == 0 || rd.awaited[name] > 0 { // confirmed by one before, or not all there
			continue
		}
		why, before, lost := rd.doubtOf(name, lists[name])
		var confirmed []part
		if before > 0 {
			confirmed = rd.confirmed(lists, name)
		}
		if why != "" || before > 0 && len(confirmed) == 0 {
			for i := range lists[name] {
				p := &lists[name][i]
				p.Why, p.Before, p.Lost, p.Lacking = why, before, lost, why != "" && lost == nil && !rd.isBroken(name)
			}
			continue
		}
		parts := append(confirmed, lists[name]...)
		for _, p := range parts {
			list := rd.settings.listOf(p.Snapshot)
			rd.cursor.sizes.set(list, p.Snapshot)
			rd.count = append(rd.count, p.Snapshot)
			rd.cursor.High = later(rd.cursor.High, rd.notAfterNow(p.High))
			delete(lists, list)
		}
		if before == 0 {
			rd.forgetBadDays(lists, name)
		}
	}
	rd.cursor.Held = nil
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		rd.cursor.Held = append(rd.cursor.Held, lists[name]...)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// isBroken tells whether a file of a list could not be read.
func (rd *round) isBroken(name string) bool {
	return rd.failing[name] != "" && rd.settings.kind.Shape == filekind.Snapshot
}

// doubtOf says why a list does not count, or from how many rows it shrank sharply; neither when it counts.
func (rd *round) doubtOf(name string, parts []part) (why string, shrankFrom int64, _ *lost) {
	if rd.isBroken(name) {
		return fmt.Sprintf("does not count before %s, which is of it too, can be read", rd.failing[name]), 0, nil
	}
	now := maps.Clone(rd.cursor.sizes[name])
	if now == nil {
		now = map[string]int64{}
	}
	var size, bad int64
	for _, p := range parts {
		now[p.Snapshot.Source] = p.Snapshot.Rows + p.Snapshot.Erased
		bad += p.Bad
	}
	for _, rows := range now {
		size += rows
	}
	before, percent := rd.sizeBefore(name), rd.opts.Config.SetAsidePercent()
	if gone := rd.lostIn(name, now, percent); gone != nil {
		return rd.tellLost(gone), 0, gone
	}
	if extract.Shrank(before, size) {
		return "", before, nil
	}
	if extract.TooMany(bad, size+bad, percent) && extract.TooMany(before-size, before, percent) {
		return fmt.Sprintf("does not count: %d of its %d rows could not be used, more than the %g %% that a list may have (set_aside_percent), and it has %s less than the one before; mend the file, or, if it is right without them, type: rightseat accept %s/%s",
			bad, size+bad, percent, counted(before-size, "row", "rows"), rd.opts.Connection.Name, rd.settings.kind.Name), 0, nil
	}
	return "", 0, nil
}

// sizeBefore is how many rows a list had before, or the last one of an earlier date that counts; 0 when there is none.
func (rd *round) sizeBefore(name string) int64 { return rd.cursor.sizes.of(rd.listBefore(name)) }

// listBefore names the list itself where it counted before, else the last one of an earlier date that counts; "" when there is none.
func (rd *round) listBefore(name string) string {
	if rd.cursor.sizes.of(name) > 0 || rd.settings.kind.Shape == filekind.State {
		return name
	}
	newest := ""
	for date := range rd.cursor.sizes {
		if date < name && date > newest {
			newest = date
		}
	}
	return newest
}

// confirmed are the held parts that a list confirms which shrank as well: those of another date, of the same file where each
// file is a list.
func (rd *round) confirmed(lists map[string][]part, name string) (out []part) {
	if rd.settings.kind.Shape == filekind.State {
		return nil // the newest reading of the file is all there is
	}
	for _, list := range slices.Sorted(maps.Keys(lists)) {
		if list != name && lists[list][0].shrank() {
			out = append(out, lists[list]...)
		}
	}
	return out
}

// forgetBadDays drops the lists up to a date that were held as they shrank: the list of that date did not.
func (rd *round) forgetBadDays(lists map[string][]part, date string) {
	if rd.settings.kind.Shape == filekind.State {
		return
	}
	maps.DeleteFunc(lists, func(list string, parts []part) bool {
		return list < date && (parts[0].shrank() || parts[0].Lost != nil)
	})
}

// doubts joins why lists that were read do not count, by list.
func (rd *round) doubts() (errs error, findings []extract.Finding) {
	lists := rd.held()
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		var files []string
		var rows int64
		for _, p := range lists[name] {
			files, rows = append(files, p.Snapshot.Source), rows+p.Snapshot.Rows
		}
		first := lists[name][0]
		what := "its list"
		if rd.settings.kind.Shape == filekind.Snapshot {
			what += " of " + name
		}
		check, text := "list_unread", first.Why
		if first.Lost != nil {
			check = "list_without_file"
		}
		if first.shrank() {
			check, text = "list_shrank", fmt.Sprintf("shrank from %d records to %d and does not count yet; %sif it is right, type: rightseat accept %s/%s",
				first.Before, rows, confirms[rd.settings.kind.Shape], rd.opts.Connection.Name, rd.settings.kind.Name)
		} else if text == "" {
			text = "was not read whole"
		}
		text = fmt.Sprintf("file %s: %s %s", strings.Join(files, ", "), what, text)
		errs = errors.Join(errs, errors.New(text))
		i := slices.IndexFunc(findings, func(f extract.Finding) bool { return f.Check == check })
		if i < 0 {
			i = len(findings)
			findings = append(findings, extract.Finding{Check: check, Severity: severityWarning, Sample: text})
		}
		findings[i].Count += int64(len(files))
	}
	return errs, findings
}

// confirms says what else confirms a list that shrank.
var confirms = map[filekind.Shape]string{filekind.Snapshot: "a file of another date confirms it, or, "}

// Accept says of the lists of a connection's files that are held as they shrank, and of the files of which rows could not be
// used, that they are right. The result is how the
// stream stands then; nil when nothing was held.
func Accept(store *lake.Store, connection, stream, runID string, at clock.Clock) ([]extract.Accepted, *extract.StreamResult, error) {
	st, err := store.Stream(connection, stream)
	if err != nil {
		return nil, nil, err
	}
	last, err := st.Last()
	if err != nil || last == nil {
		return nil, nil, err
	}
	rd := round{Reader: &Reader{opts: Options{Clock: at}}, req: extract.Request{RunID: runID}, stream: st, last: last}
	rd.settings.kind, _ = filekind.Lookup(stream)
	rd.opts.Connection.Name = connection
	if rd.cursor, err = readCursor(st, last, rd.settings); err != nil {
		return nil, nil, err
	}
	var accepted []extract.Accepted
	c := lake.Commit{State: lake.Partial}
	held := rd.cursor.Held
	rd.cursor.Held = nil
	for _, p := range held {
		if !p.shrank() && !p.Lacking && p.Lost == nil {
			rd.cursor.Held = append(rd.cursor.Held, p)
			continue
		}
		c.Snapshots = append(c.Snapshots, p.Snapshot)
		rd.cursor.High = later(rd.cursor.High, p.High)
		if p.Lacking {
			continue // it is named with the files of which rows were set aside
		}
		if p.Lost != nil {
			if one := (extract.Accepted{List: p.Lost.File, Date: p.Snapshot.Date, Gone: p.Lost.Rows}); !slices.Contains(accepted, one) {
				accepted = append(accepted, one)
			}
			continue
		}
		accepted = append(accepted, extract.Accepted{List: p.Snapshot.Source, Date: p.Snapshot.Date, Before: p.Before, After: p.Snapshot.Rows})
	}
	changed, lacking := acceptLacking(rd.cursor.Files)
	if accepted = append(accepted, lacking...); len(accepted) == 0 {
		return nil, nil, nil
	}
	result := &extract.StreamResult{Connection: connection, Connector: Connector, Stream: stream, Kind: string(rd.settings.kind.Shape), State: extract.StreamComplete}
	if result.Err, result.Findings = rd.doubts(); result.Err != nil {
		result.State, result.Error = extract.StreamIncomplete, result.Err.Error()
	} else if c.State = last.State; len(rd.cursor.Held) < len(held) {
		c.State = lake.Complete
	}
	batch, err := st.Begin()
	if err != nil {
		return nil, nil, err
	}
	if err := rd.write(batch, cursor{Changed: changed, High: rd.cursor.High, ReadAt: rd.cursor.ReadAt, Held: rd.cursor.Held}, c); err != nil {
		return nil, nil, errors.Join(err, batch.Abort())
	}
	result.Watermark = rd.last.Watermark
	return accepted, result, nil
}
