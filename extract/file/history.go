package file

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/lake"
)

// A line of spend that came before, in another file, is the same line when exports overlap, and another one when two cards
// share a merchant, or a bank numbers each export from 1. What the files have in common tells which: an
// export that overlaps another has nearly all of the lines of the days that both speak of; one of another card has few.
// Lines that came with ids of their own are the same as long as their day stays near, with the amount or the vendor.
const (
	// nearDays is how far the day of a line may move between being made and being booked.
	nearDays = 7
	// mostHistory bounds how many earlier lines are held to compare with.
	mostHistory = 1_000_000
)

// line is what of a line of spend is compared.
type line struct {
	id             string
	generated      bool // the id is made of the content
	day            int  // since 1970
	amount, vendor uint64
	file           string
}

func (l line) same(m line) bool {
	apart := l.day - m.day
	return apart <= nearDays && -apart <= nearDays && (l.amount == m.amount || l.vendor == m.vendor)
}

// history is the lines that a connection's files brought so far.
type history struct {
	byID  map[string][]line // one for each file that has it
	files map[string]*span
	lines int
	said  map[said]map[string]int // lines, by file
}

// span counts a file's lines without ids of their own, by day.
type span struct {
	first, last int
	days        map[int]int
}

func newHistory() *history {
	return &history{byID: map[string][]line{}, files: map[string]*span{}, said: map[said]map[string]int{}}
}

func (h *history) add(l line) {
	same := func(o line) bool { return o.file == l.file }
	all := h.byID[l.id]
	if i := slices.IndexFunc(all, same); i >= 0 {
		all[i] = l // the newest version
		return
	}
	h.byID[l.id] = append(all, l)
	h.lines++
	here := said{l.day, l.amount}
	if h.said[here] == nil {
		h.said[here] = map[string]int{}
	}
	h.said[here][l.file]++
	if l.generated {
		h.span(l.file).add(l.day)
	}
}

func (h *history) span(file string) *span {
	s, ok := h.files[file]
	if !ok {
		s = newSpan()
		h.files[file] = s
	}
	return s
}

func newSpan() *span { return &span{first: 1 << 30, last: -1 << 30, days: map[int]int{}} }

func (s *span) add(day int) {
	s.first, s.last = min(s.first, day), max(s.last, day)
	s.days[day]++
}

// within counts the lines of the days that another file speaks of, too.
func (s *span) within(o *span) (n int) {
	for day, lines := range s.days {
		if day >= o.first && day <= o.last {
			n += lines
		}
	}
	return n
}

var madeID = regexp.MustCompile(`^[0-9a-f]{32}-\d+$`)

func newLine(id, file, date, amount, vendor string) line {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return line{id: id, file: file}
	}
	if strings.Contains(amount, ".") {
		amount = strings.TrimRight(strings.TrimRight(amount, "0"), ".")
	}
	sum := func(s string) uint64 {
		h := fnv.New64a()
		_, err := io.WriteString(h, s)
		if err != nil {
			return 0 // a hash in memory writes without fail
		}
		return h.Sum64()
	}
	return line{id: id, file: file, generated: madeID.MatchString(id), day: int(at.Unix() / 86400), amount: sum(amount), vendor: sum(strings.ToLower(vendor))}
}

// remembered gives the connection's history, read from the lake once a round.
func (rd *round) remembered(ctx context.Context) (*history, error) {
	if rd.past != nil {
		return rd.past, nil
	}
	h := newHistory()
	if rd.last == nil { // the first round: what was read of it is not in the lake yet
		rd.past = h
		return h, nil
	}
	err := rd.standing(ctx, nil, func(*lake.Commit) (these, on bool) { return true, h.lines < mostHistory }, func(r lake.Row) {
		var p struct{ Date, Amount, Vendor string }
		if json.Unmarshal(r.Payload, &p) != nil {
			return
		}
		file, _, _ := lake.CutLine(r.Source)
		if l := newLine(r.RecordID, file, p.Date, p.Amount, p.Vendor); !slices.ContainsFunc(h.byID[l.id], func(o line) bool { return o.file == l.file }) {
			h.add(l)
		}
	})
	if err != nil {
		return nil, err
	}
	rd.past = h
	return h, nil
}

// recognise reads a file of spend once before it lands, and says which ids its lines have where the files before it make others of them
// than the file alone does, and what people should know of that.
func (l *load) recognise(ctx context.Context) (renamed map[string]string, told []note, err error) {
	if !l.compares {
		return nil, nil, nil
	}
	past, err := l.remembered(ctx)
	if err != nil {
		return nil, nil, lakeError{err}
	}
	src, err := l.openSource(ctx, l.input, l.fp)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, src.table.Close()) }()
	var mine []line
	for {
		rec, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if rec.issue == "" {
			mine = append(mine, src.maker.line(rec.id))
		}
	}
	renamed = map[string]string{}
	known, again := l.cursor.Files[l.name]
	again = again && (known.SHA256 == l.fp.sha256 || known.Shape != l.shape())
	told = append(past.numbered(mine, l.name, again, renamed), past.unnumbered(mine, l.name, renamed)...)
	l.remember(mine, renamed)
	return renamed, append(told, past.saidOtherwise(l.lines, l.name)...), nil
}

// remember keeps a file's lines, under the ids that they have now, for the files after it.
func (l *load) remember(mine []line, renamed map[string]string) {
	l.lines = mine[:min(len(mine), mostHistory)]
	for i := range l.lines {
		if id, ok := renamed[l.lines[i].id]; ok {
			l.lines[i].id = id
		}
	}
}

// line is the row that was made last, to compare.
func (m *recordMaker) line(id string) line {
	return newLine(id, m.name, m.text[m.column("date")], m.text[m.column("amount")], m.text[m.column("vendor")])
}

// numbered judges lines with ids of their own. Where most of those that came before mean other lines now, ids are not
// unique: they get a number more. Where few do, these were corrected. again tells that the file is read with other settings than before, under
// which its lines may say something else and are the same.
func (h *history) numbered(mine []line, file string, again bool, renamed map[string]string) []note {
	var same, other int
	var first string
	known := func(l line, id string) (found, alike bool) {
		for _, o := range h.byID[id] {
			found, alike = true, alike || o.same(l) || again && o.file == file
		}
		return found, alike
	}
	for _, l := range mine {
		found, alike := known(l, l.id)
		switch {
		case l.generated || !found:
		case alike:
			same++
		default:
			if other++; other == 1 {
				first = l.id
			}
		}
	}
	if other == 0 {
		return nil
	}
	if other <= same {
		return []note{{Check: "lines_changed", Severity: severityWarning, Rows: int64(other), Text: fmt.Sprintf(
			"the line %s came before with another day, or another amount and vendor; what this file says counts", quoteShort(first))}}
	}
	for _, l := range mine {
		if found, alike := known(l, l.id); l.generated || !found || alike {
			continue
		}
		for n := 2; ; n++ {
			id := l.id + "~" + strconv.Itoa(n)
			if found, alike := known(l, id); !found || alike {
				renamed[l.id] = id
				break
			}
		}
	}
	return []note{{Check: "ids_begin_anew", Severity: severityInfo, Rows: int64(other), Text: fmt.Sprintf(
		"the id %s and others stand for other lines in an earlier file, so they tell nothing apart, and the lines of both count", quoteShort(first))}}
}

// unnumbered judges lines whose ids are made of their content. base is that of an id without its number.
func (h *history) unnumbered(mine []line, file string, renamed map[string]string) []note {
	own, bases := newSpan(), map[string][]line{}
	for _, l := range mine {
		if l.generated {
			own.add(l.day)
			base := l.id[:32]
			bases[base] = append(bases[base], l)
		}
	}
	held := map[string][]string{} // ids that came before, by base, in the order of their numbers
	shared := map[string]int{}    // lines in common, by file
	for base, lines := range bases {
		counts := map[string]int{}
		for n := 0; ; n++ {
			id := base + "-" + strconv.Itoa(n)
			before, ok := h.byID[id]
			if !ok {
				break
			}
			held[base] = append(held[base], id)
			for _, o := range before {
				counts[o.file]++
			}
		}
		for f, n := range counts {
			shared[f] += min(n, len(lines))
		}
	}
	// An export of the same account has more than half of the lines of the days of both.
	overlaps := func(f string) bool {
		s := h.files[f]
		return f == file || s != nil && 2*shared[f] > min(s.within(own), own.within(s))
	}
	var once, apart int
	var overlapping, other string
	for base, ids := range held {
		var usable []string
		for _, id := range ids {
			for _, o := range h.byID[id] {
				switch {
				case overlaps(o.file):
					if !slices.Contains(usable, id) {
						usable = append(usable, id)
					}
					if o.file != file {
						overlapping = max(overlapping, o.file)
					}
				default:
					other = max(other, o.file)
				}
			}
		}
		next := len(ids)
		for i, l := range bases[base] {
			id := base + "-" + strconv.Itoa(next)
			if i < len(usable) {
				id = usable[i]
				once++
			} else {
				next++
				apart++
			}
			if id != l.id {
				renamed[l.id] = id
			}
		}
	}
	var told []note
	if overlapping != "" {
		told = append(told, note{Check: "lines_of_several_files", Severity: severityInfo, Rows: int64(once), Text: fmt.Sprintf(
			"has lines that %s has, too, and that count once, as exports that overlap; if the files are of different accounts, give each a connection of its own", overlapping)})
	}
	if other != "" && apart > 0 {
		told = append(told, note{Check: "equal_lines_of_several_files", Severity: severityInfo, Rows: int64(apart), Text: fmt.Sprintf(
			"has lines that are equal to some of %s, and that count beside them, as the files have little else in common", other)})
	}
	return told
}
