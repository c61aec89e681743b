package file

import (
	"cmp"
	"fmt"
	"math"

	"github.com/rightseat/rightseat/internal/filekind"
)

// A column that a kind can do without may be in one export and not in the next: somebody unticked it, or it is called
// otherwise now. What it said is then not known to be otherwise; so files are compared with the one before them.

// filled counts the good rows that have a value, by column; constants count, and ids that were made do not.
type filled map[string]int64

func (m *recordMaker) countFilled(own string) {
	for i, c := range m.kind.Columns {
		if m.text[i] != "" && missable(m.kind, c) && (c.Name != m.kind.ID || own != "") {
			if m.filled == nil {
				m.filled = filled{}
			}
			m.filled[c.Name]++
		}
	}
}

// missable tells whether files without a column are read: what a kind requires, it is refused without.
func missable(kind filekind.Kind, c filekind.Column) bool {
	switch c.Name {
	case "debit", "credit", "snapshot_date": // an amount stands in their place; a list without a date says so
		return false
	}
	return !c.Required || c.MayBeEmpty || c.Name == kind.ID
}

// nearlyAll tells of a column that is never empty but by exception, so that a file in which it always is lacks it.
func nearlyAll(n, of int64) bool { return n > 0 && 10*n >= 9*of }

// missed tells of the columns that the file before had, and that this one has nothing of. What is missing stays so, in the files after it, too, until the
// settings say otherwise: had is what they are compared with.
func (r *Reader) missed(name, date string, m *recordMaker, good int64, files map[string]fileState) (told []note, had filled) {
	had = filled{}
	for column, n := range m.filled {
		had[column] = n
	}
	before, ok := fileBefore(name, date, files)
	if good == 0 || !ok {
		return nil, had
	}
	was := files[before]
	for i, c := range m.kind.Columns {
		n := was.Had[c.Name]
		bound := m.binder.byColumn[i] >= 0
		dismissed := r.settings.columns[normaliseHeader(c.Name)] == filekind.NoColumn
		if n == 0 || m.filled[c.Name] > 0 || dismissed || !missable(m.kind, c) || bound && !nearlyAll(n, was.Good) {
			continue
		}
		had[c.Name] = 1
		if nearlyAll(n, was.Good) {
			had[c.Name] = good
		}
		lacks, then := "does not have the column "+c.Name, quoteShort(before)+" had"
		if bound {
			lacks = "has the column " + c.Name + " without a value"
		}
		if before == name {
			then = "was there before"
		}
		told = append(told, note{Check: "column_gone", Severity: severityWarning, Text: fmt.Sprintf(
			"%s, which %s, so %s; if it is called otherwise now, set columns: {its header: %s}; if it is right without, columns: {%s: \"-\"}",
			lacks, then, withoutIt(m.kind, c.Name), c.Name, c.Name)})
	}
	return joined(told), had
}

// withoutIt is what follows from the absence of a column.
func withoutIt(kind filekind.Kind, column string) string {
	for _, a := range alikes[kind.Name] {
		if a.column == column {
			return a.so
		}
	}
	switch column {
	case kind.ID:
		return "what came before under its own id counts once more"
	case "direction":
		return "money that came in counts as spend"
	}
	return "nothing is known of it"
}

// fileBefore is the file that one is compared with: the newest that is not of a later day, of those that are called like it but for numbers and
// dates, or else of all.
func fileBefore(name, date string, files map[string]fileState) (before string, ok bool) {
	type rank struct {
		alike int
		date  string
		seq   int64
		name  string
	}
	var best rank
	for other, s := range files {
		if len(s.Had) == 0 || date != "" && s.Date > date {
			continue
		}
		here := rank{date: s.Date, seq: s.seq, name: other}
		if nameOf(other) == nameOf(name) {
			here.alike = 1
		}
		if s.seq == 0 {
			here.seq = math.MaxInt64 // read in this round
		}
		if c := cmp.Or(cmp.Compare(here.alike, best.alike), cmp.Compare(here.date, best.date), cmp.Compare(here.seq, best.seq), cmp.Compare(here.name, best.name)); !ok || c > 0 {
			best, ok = here, true
		}
	}
	return best.name, ok
}

// tellSigns asks about amounts whose signs are doubtful.
func (s settings) tellSigns(files map[string]signs, notes map[string][]note) {
	var all signs
	for name, n := range turned(files) {
		notes[name] = append(notes[name], n)
	}
	for _, n := range files {
		all.add(n)
	}
	notes[s.path] = append(notes[s.path], all.ask()...)
}

// turned tells of a file in which most amounts are refunds, while in the others most are charges: the bank writes them the other way round now.
func turned(files map[string]signs) map[string]note {
	var all signs
	for _, s := range files {
		all.Negative, all.Positive = all.Negative+s.Negative, all.Positive+s.Positive
	}
	told := map[string]note{}
	for name, s := range files {
		n := s.Negative + s.Positive
		rest := signs{Negative: all.Negative - s.Negative, Positive: all.Positive - s.Positive}
		if n < leastAmounts || s.Negative <= s.Positive || rest.Positive <= rest.Negative {
			continue
		}
		told[name] = note{Check: "negative_charges", Severity: severityWarning, Rows: s.Negative, Text: fmt.Sprintf(
			"%d of its %d amounts count as refunds, while in the other files most are charges; if they are charges, the bank writes them with the other sign here: give this file a connection of its own, with its sign",
			s.Negative, n)}
	}
	return told
}

// leastAmounts is how many amounts a file has to have for that.
const leastAmounts = 3
