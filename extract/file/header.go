package file

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/preset"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// normaliseHeader makes headers comparable: case, white space around them, and the
// difference between spaces, hyphens and underscores do not matter.
func normaliseHeader(h string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00A0' {
			return '_'
		}
		return r
	}, strings.ToLower(trim(h)))
}

// headerAt says where a file's header row is: where the settings say, else the first row that the preset knows or, without one, that
// has all that its kind requires.
func (r *Reader) headerAt() headerAt {
	s := r.settings
	switch {
	case s.headerRow > 0:
		return headerAt{row: s.headerRow}
	case s.preset != nil:
		return headerAt{is: func(cells []string) bool {
			_, ok := s.preset.Match(cells)
			return ok
		}}
	}
	return headerAt{guessed: true, is: func(cells []string) bool {
		b := newBinder(s)
		if b.extend(cells) != nil {
			return false
		}
		b.settle()
		return b.missing(r.givenBeside(s.constants)) == nil
	}}
}

// binding says what one header of a file stands for.
type binding struct {
	header string // as in the file, trimmed
	rank   string // normalised; orders the cells of a row in its hash
	column int    // index of the kind's column; -1 for a further column of the file
	mapped bool   // by settings.columns
	key    string // of a further column: its key in the payload
	// currencies are those that the header says the amounts below it may be in; empty where it names none.
	currencies string
}

// binder binds a file's headers to the kind's columns.
type binder struct {
	kind     filekind.Kind
	columns  map[string]string // settings.columns, headers normalised
	bound    []binding
	byHeader map[string]int // normalised header to place
	byColumn []int          // per column of the kind: place of its header, -1 without
}

func newBinder(s settings) *binder {
	b := &binder{kind: s.kind, columns: s.columns, byHeader: map[string]int{}, byColumn: make([]int, len(s.kind.Columns))}
	for i := range b.byColumn {
		b.byColumn[i] = -1
	}
	return b
}

// extend binds the headers that are new since the last call. A header that settings.columns maps wins over one
// that merely has the column's name, which is then kept as a further column.
func (b *binder) extend(names []string) error {
	for i := len(b.bound); i < len(names); i++ {
		n := binding{header: names[i], rank: normaliseHeader(names[i]), column: -1, currencies: currencyInHeader(names[i])}
		if n.rank == "" {
			n.header = fmt.Sprintf("_column %d", i+1)
			n.rank, n.key = n.header, n.header
			b.bound = append(b.bound, n)
			continue
		}
		if err := b.tell(&n, i); err != nil {
			return err
		}
		b.byHeader[n.rank] = i
		name := n.rank
		if column, ok := b.columns[n.rank]; ok {
			name, n.mapped = column, true // NoColumn is no column's name
		}
		n.column = slices.IndexFunc(b.kind.Columns, func(c filekind.Column) bool { return c.Name == name })
		if n.column >= 0 {
			switch other := b.byColumn[n.column]; {
			case other >= 0 && !n.mapped:
				n.column = -1
			case other >= 0:
				b.bound[other].column = -1
				fallthrough
			default:
				b.byColumn[n.column] = i
			}
		}
		n.key = b.extraKey(n.header)
		b.bound = append(b.bound, n)
	}
	return nil
}

// tell tells a header from an equal one before it: the second "Note" is known as "Note (2)", in settings.columns
// too. Where a column is taken from the first one, nobody knows which of them is meant.
func (b *binder) tell(n *binding, place int) error {
	first, twice := b.byHeader[n.rank]
	if !twice {
		return nil
	}
	header, rank := n.header, n.rank
	for number := 2; twice; number++ {
		n.header = fmt.Sprintf("%s (%d)", header, number)
		n.rank = normaliseHeader(n.header)
		_, twice = b.byHeader[n.rank]
	}
	_, decided := b.columns[n.rank]
	if column := b.bound[first].column; column >= 0 && !decided {
		name := b.kind.Columns[column].Name
		return fmt.Errorf("two columns have the header %s (columns %d and %d) and %s is read from it; rename one of them, or set columns: {%q: %s} to take the second",
			quoteShort(b.bound[first].header), first+1, place+1, name, n.header, name)
	}
	if _, ok := b.columns[rank]; ok && decided {
		return fmt.Errorf("settings.columns names both %s and %s; keep the one that is meant", quoteShort(header), quoteShort(n.header))
	}
	return nil
}

// extraKey is a further column's key in the payload: its header, unless that would be
// taken for one of the contract's columns.
func (b *binder) extraKey(header string) string {
	if _, taken := b.kind.Column(header); taken || strings.HasPrefix(header, "_") {
		return "_extra." + header
	}
	return header
}

// missing is the error for a file whose header lacks what its kind requires; nil when nothing
// is missing. given tells which columns the connection itself fills in.
func (b *binder) missing(given func(filekind.Column) bool) error {
	has := func(name string) bool {
		i := slices.IndexFunc(b.kind.Columns, func(c filekind.Column) bool { return c.Name == name })
		return b.byColumn[i] >= 0 || given(b.kind.Columns[i])
	}
	var missing []string
	for _, c := range b.kind.Columns {
		if c.Required && !has(c.Name) && !b.made(c, has) {
			missing = append(missing, c.Name)
		}
	}
	var quoted, free []string
	for _, n := range b.bound {
		quoted = append(quoted, quoteShort(n.header))
		if n.column < 0 {
			free = append(free, n.header)
		}
	}
	found := "the headers found are " + strings.Join(quoted, ", ")
	if len(missing) > 0 {
		hint := ""
		if slices.Contains(missing, "currency") {
			hint = "; where the files do not say their currency, set currency: EUR (or what it is)"
		}
		if known := presetsFor(b.kind.Name, headers(b.bound)); known != "" {
			hint = "; they look like a file of preset " + known + ": set preset: " + known
		}
		if near := likely(missing[0], free); near != "" {
			hint += fmt.Sprintf("; if %s is %s, set columns: {%q: %s}", quoteShort(near), missing[0], near, missing[0])
		} else if len(b.bound) == 1 {
			hint += "; if the headers stand further down and are called otherwise, set header_row to their line"
		}
		return fmt.Errorf("required column %s is missing; %s%s", strings.Join(missing, ", "), found, hint)
	}
	for _, set := range b.kind.AnyOf {
		if !slices.ContainsFunc(set, has) {
			return fmt.Errorf("one of the columns %s is required; %s", strings.Join(set, ", "), found)
		}
	}
	return nil
}

// made tells whether a column is made of others, or of the row itself.
func (b *binder) made(c filekind.Column, has func(string) bool) bool {
	if c.Name == b.kind.ID {
		return true // by the row's content
	}
	return c.Name == "amount" && (has("debit") || has("credit"))
}

// settle takes debit and credit for further columns where the file has an amount.
func (b *binder) settle() {
	place := func(name string) int {
		return slices.IndexFunc(b.kind.Columns, func(c filekind.Column) bool { return c.Name == name })
	}
	if i := place("amount"); i < 0 || b.byColumn[i] < 0 {
		return
	}
	for _, in := range []string{"debit", "credit"} {
		if i := place(in); b.byColumn[i] >= 0 {
			b.bound[b.byColumn[i]].column, b.byColumn[i] = -1, -1
		}
	}
}

func headers(bound []binding) []string {
	names := make([]string, len(bound))
	for i, n := range bound {
		names[i] = n.header
	}
	return names
}

// presetsFor names the one preset that knows files with these headers; empty when none or several do.
func presetsFor(kind string, headers []string) string {
	var known []string
	for _, p := range preset.All() {
		if _, ok := p.Match(headers); ok && p.Kind == kind {
			known = append(known, p.Name)
		}
	}
	if len(known) != 1 {
		return ""
	}
	return known[0]
}

// gone tells of headers that settings.columns maps and the file does not have.
func (b *binder) gone(mapped map[string]string) []note {
	var missing []string
	for _, header := range yamlx.SortedKeys(mapped) {
		if _, ok := b.byHeader[header]; !ok && mapped[header] != filekind.NoColumn {
			missing = append(missing, fmt.Sprintf("%s (for %s)", quoteShort(header), mapped[header]))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	var free []string
	for _, n := range b.bound {
		if n.column < 0 {
			free = append(free, quoteShort(n.header))
		}
	}
	text := "settings.columns maps headers that the file does not have: " + strings.Join(missing, ", ")
	if len(free) > 0 {
		text += "; not used are " + strings.Join(free[:min(len(free), 10)], ", ")
	}
	return []note{{Check: "mapped_header_missing", Severity: severityWarning, Text: text}}
}

// likely gives the header that most likely stands for a column: one whose letters hold the
// column's or are held by them, or one a few mistakes away; "" when there is none.
func likely(column string, headers []string) string {
	letters := func(s string) string { return strings.ReplaceAll(normaliseHeader(s), "_", "") }
	want := letters(column)
	byLetters := map[string]string{}
	for _, h := range headers {
		have := letters(h)
		if len(have) > 2 && len(want) > 2 && (strings.Contains(have, want) || strings.Contains(want, have)) {
			return h
		}
		byLetters[have] = h
	}
	return byLetters[yamlx.Nearest(want, yamlx.SortedKeys(byLetters))]
}
