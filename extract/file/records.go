package file

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/preset"
)

// recordMaker turns a file's rows into records of the lake.
type recordMaker struct {
	name   string // the file's
	format format
	kind   filekind.Kind
	binder *binder
	values valueParser
	// given tells which columns have a value although the file has none.
	given     func(filekind.Column) bool
	constants map[string]string // canonical, by column; where the row has no value
	sign      sign
	home      string // the organisation's currency
	signs     signs  // of the amounts, where their columns do not say it
	filled    filled
	leaveOut  []preset.Rule
	anchor    int // the column that every record has; totals lack it
	remarks   int
	// seen counts rows of the same content, by the first bytes of their hash. It grows by some
	// twenty bytes per row of the file. A collision makes a number skip, nothing worse.
	seen map[uint64]uint32
	// dated: rows name the date of their list, and the file's name does not: one that is empty there is of no list.
	dated bool
	// brokenTold: the file's bytes that are no text are told of.
	brokenTold bool
	// lines are the contents that the file has under each id of a document.
	lines map[string][]uint64
	// renamed are the ids of records that have other ones than the file alone would give them.
	renamed map[string]string

	text      []string // canonical values by column of the kind, reused
	ordered   []int    // places of a row's cells by header, reused
	cellNotes []note   // on cells that could not be used, by check
}

// needs tells whether a row is of no use where this cell is.
func (m *recordMaker) needs(c filekind.Column) bool {
	input := slices.ContainsFunc(m.kind.Inputs, func(in filekind.Column) bool { return in.Name == c.Name }) // half an amount is none
	return c.Required && !c.MayBeEmpty && c.Name != m.kind.ID || c.Name == "snapshot_date" || input
}

// tell notes the cells of a row that could not be used, and are as if empty.
func (m *recordMaker) tell(r *row, dropped []problem, so string) {
	for _, p := range dropped {
		i := slices.IndexFunc(m.cellNotes, func(n note) bool { return n.Check == p.check })
		if i < 0 {
			i = len(m.cellNotes)
			text := fmt.Sprintf("%s %d, %s; %s", m.format.unit(), r.number, p.text, so)
			m.cellNotes = append(m.cellNotes, note{Check: p.check, Severity: severityWarning, Text: text})
		}
		m.cellNotes[i].Rows++
	}
}

// damage tells what is lost of a cell: a character that was cut in two or is in another encoding, or the end of one that
// nobody reads and that is too long to be kept.
func (m *recordMaker) damage(b binding, c cell) *problem {
	switch {
	case c.isLong() && b.column < 0:
		return &problem{"long_text", fmt.Sprintf("column %s: %v, of which the beginning is kept: %s", b.header, errLong, quoteShort(c.text))}
	case !m.brokenTold && strings.ContainsRune(c.text, utf8.RuneError):
		return &problem{"lost_characters", fmt.Sprintf("column %s: a character is lost, and stands as \uFFFD: %s", b.header, quoteShort(c.text))}
	}
	return nil
}

var errLong = fmt.Errorf("longer than %d KiB", maxCell>>10)

// record is a row, ready for the lake.
type record struct {
	id      string
	place   string // "people.csv:7"
	payload []byte
	// date is the row's own snapshot_date, "" without.
	date string
	// at is when the event happened; zero when unknown. For dated kinds it is the day's beginning.
	at time.Time
	// issue is why the row is set aside, check the name it is counted under; empty for good rows.
	issue, check string
	// left tells that the row was set aside because it is not meant, not because it is bad.
	left bool
}

// problem is what is wrong with one cell or row.
type problem struct{ check, text string }

func (m *recordMaker) make(r *row) record {
	rec := record{place: m.name + ":" + strconv.Itoa(r.number)}
	if r.broken != "" {
		rec.id = m.id(sha256.Sum256([]byte(r.raw)))
		rec.check, rec.issue = "broken_row", fmt.Sprintf("%s %s %d: %s", m.name, m.format.unit(), r.number, r.broken)
		rec.payload = appendString([]byte(`{"_line":`), r.raw[:min(len(r.raw), rawKept)])
		rec.payload = append(rec.payload, '}')
		if why := m.brokenFurniture(r); why != "" {
			m.leave(&rec, r, why)
		}
		return rec
	}
	m.text = append(m.text[:0], make([]string, len(m.kind.Columns))...)
	var raw []cell
	var bad *problem
	var dropped, lost []problem // cells that cost themselves alone, and cells of which something is lost
	for _, c := range r.cells {
		b := m.binder.bound[c.column]
		if p := m.damage(b, c); p != nil {
			lost = append(lost, *p)
		}
		if b.column < 0 {
			continue
		}
		col := m.kind.Columns[b.column]
		if c.kind == textValue && isNothing(col, c.text) {
			raw = append(raw, c)
			continue
		}
		text, at, err := m.values.parse(col, c)
		switch {
		case err != nil:
			raw = append(raw, c)
			p := problem{"bad_" + col.Name, fmt.Sprintf("column %s: %v: %s", b.header, err, quoteShort(c.text))}
			switch {
			case !m.needs(col):
				dropped = append(dropped, p)
			case bad == nil:
				bad = &p
			}
			continue
		default:
			if text = m.signed(col, text); text != c.text {
				raw = append(raw, c)
			}
		}
		m.text[b.column] = text
		switch col.Name {
		case m.kind.EventTime:
			rec.at = at
		case "snapshot_date":
			rec.date = text
		}
	}
	m.complete()
	if c, wrong := m.inCurrency(r.cells); wrong != nil {
		col := m.kind.Columns[m.binder.bound[c.column].column]
		m.text[m.column(col.Name)] = ""
		if dropped = append(dropped, *wrong); m.needs(col) && bad == nil {
			bad = wrong
		}
	}
	if bad == nil {
		bad = m.contradiction()
	}
	if bad == nil {
		bad = m.unfilled()
	}
	if bad != nil && strings.HasPrefix(bad.check, "missing_") && len(dropped) > 0 {
		bad = &dropped[0] // says more
	}
	if bad == nil {
		m.tell(r, dropped, "the row counts without it")
		m.tell(r, lost, "the row counts")
	}
	if bad != nil {
		rec.check, rec.issue = bad.check, fmt.Sprintf("%s %s %d, %s", m.name, m.format.unit(), r.number, bad.text)
	}
	why := m.leaves(r.cells)
	if why == "" && bad != nil {
		why = m.furniture(r.cells, len(m.binder.bound))
	}
	if why != "" {
		m.leave(&rec, r, why)
	}
	rec.id = m.id(m.hash(r.cells))
	own := m.ownID()
	if own != "" {
		rec.id = m.lineID(own, r.cells)
	}
	if id, ok := m.renamed[rec.id]; ok {
		rec.id = id
	}
	if own == "" && m.generatesID() {
		m.setOwnID(rec.id)
	}
	if rec.issue == "" {
		m.countFilled(own)
		m.countSign()
	}
	rec.payload = m.payload(r.cells, raw)
	return rec
}

// unfilled says which required value a row lacks; nil when none.
func (m *recordMaker) unfilled() *problem {
	if i := m.column("snapshot_date"); m.dated && m.text[i] == "" {
		return &problem{"missing_snapshot_date", "column snapshot_date: a value is required, as other rows have one"}
	}
	filled := func(name string) bool {
		i := slices.IndexFunc(m.kind.Columns, func(c filekind.Column) bool { return c.Name == name })
		return m.text[i] != "" || m.given(m.kind.Columns[i])
	}
	for _, c := range m.kind.Columns {
		if c.Required && !c.MayBeEmpty && !filled(c.Name) && c.Name != m.kind.ID {
			return &problem{"missing_" + c.Name, "column " + c.Name + ": a value is required"}
		}
	}
	for _, set := range m.kind.AnyOf {
		if !slices.ContainsFunc(set, filled) {
			return &problem{"missing_" + set[0], fmt.Sprintf("column %s: one of %v is required", set[0], set)}
		}
	}
	return nil
}

// complete fills in what the row does not say itself: constants, and an amount made of two columns.
func (m *recordMaker) complete() {
	for i, c := range m.kind.Columns {
		if m.text[i] == "" && m.constants[c.Name] != "" {
			m.text[i] = m.constants[c.Name]
		}
	}
	if len(m.kind.Inputs) == 0 {
		return
	}
	inputs := len(m.kind.Columns) - len(m.kind.Inputs)
	debit, credit := m.text[inputs], m.text[inputs+1]
	i := m.column("amount")
	if m.text[i] == "" && debit+credit != "" {
		m.text[i] = amount(debit, credit)
	}
	if m.text[i] != "" {
		m.text[i] = directed(m.text[i], directionOf(m.text[m.column("direction")]), false)
	}
}

// contradiction says which two values of a row can't both be; nil when none.
func (m *recordMaker) contradiction() *problem {
	if i := m.column("direction"); i >= 0 && m.text[i] != "" && directionOf(m.text[i]) == noDirection {
		return &problem{"bad_direction", "column direction: neither a debit nor a credit: " + quoteShort(m.text[i])}
	}
	if m.kind.Name != "contracts" {
		return nil
	}
	from, to := m.text[m.column("start_date")], m.text[m.column("end_date")]
	if from != "" && to != "" && to < from {
		return &problem{"bad_end_date", "column end_date: " + to + " is before the start, " + from}
	}
	return nil
}

func (m *recordMaker) column(name string) int {
	return slices.IndexFunc(m.kind.Columns, func(c filekind.Column) bool { return c.Name == name })
}

// signed gives an amount the sign that a charge has with us.
func (m *recordMaker) signed(c filekind.Column, text string) string {
	if c.Name == "amount" && m.sign == chargeNegative {
		return negated(text)
	}
	return text
}

// countSign counts a good row's amount where its sign is not plain from its column.
func (m *recordMaker) countSign() {
	if m.kind.Name != "spend" {
		return
	}
	if i := m.column("amount"); m.binder.byColumn[i] >= 0 && m.binder.byColumn[m.column("direction")] < 0 {
		m.signs.Said = m.sign != signUnsaid
		m.signs.count(m.text[i])
	}
}

// leave sets a row aside that is not meant.
func (m *recordMaker) leave(rec *record, r *row, why string) {
	rec.left, rec.check = true, leftCheck+why
	rec.issue = fmt.Sprintf("%s %s %d: left out, as %s", m.name, m.format.unit(), r.number, cmp.Or(reasons[why], why))
}

// setConstants checks constants and gives them their canonical form.
func (m *recordMaker) setConstants(constants map[string]string) error {
	m.constants = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(constants)) {
		col, _ := m.kind.Column(name)
		text, _, err := m.values.parse(col, cell{text: trim(constants[name])})
		if err != nil {
			return fmt.Errorf("constants: %s: %w: %s", name, err, quoteShort(constants[name]))
		}
		m.constants[name] = text
	}
	m.anchor = 0
	if i := m.column(m.kind.EventTime); i >= 0 {
		m.anchor = i
	}
	for m.kind.Columns[m.anchor].Fallback != filekind.NoFallback && m.anchor+1 < len(m.kind.Columns) {
		m.anchor++
	}
	return nil
}

// generatesID tells whether rows without an id of their own are given one.
func (m *recordMaker) generatesID() bool {
	i := m.column(m.kind.ID)
	return i >= 0 && m.kind.Columns[i].Required
}

func (m *recordMaker) setOwnID(id string) { m.text[m.column(m.kind.ID)] = id }

func (m *recordMaker) ownID() string {
	for i, c := range m.kind.Columns {
		if c.Name == m.kind.ID && m.kind.ID != "" {
			return m.text[i]
		}
	}
	return ""
}

// lineID makes the lines of one document several records: the second and later ones of different content carry their
// number. A line that the file repeats as it is stays one record.
func (m *recordMaker) lineID(own string, cells []cell) string {
	if m.kind.Name != "spend" {
		return own
	}
	hash := m.hash(cells)
	key := binary.BigEndian.Uint64(hash[:8])
	if m.lines == nil {
		m.lines = map[string][]uint64{}
	}
	n := slices.Index(m.lines[own], key)
	if n < 0 {
		n = len(m.lines[own])
		m.lines[own] = append(m.lines[own], key)
	}
	if n == 0 {
		return own
	}
	return own + "#" + strconv.Itoa(n+1)
}

// hash identifies a row by what the file says, so that it stays the same when the settings
// or the order of the columns change: its cells, ordered by header.
func (m *recordMaker) hash(cells []cell) [sha256.Size]byte {
	m.ordered = m.ordered[:0]
	for i := range cells {
		m.ordered = append(m.ordered, i)
	}
	slices.SortFunc(m.ordered, func(a, b int) int {
		return strings.Compare(m.binder.bound[cells[a].column].rank, m.binder.bound[cells[b].column].rank)
	})
	h := sha256.New()
	var buf []byte
	generated := m.generatesID()
	for _, i := range m.ordered {
		c := cells[i]
		if generated && m.binder.bound[c.column].column < 0 && changes(m.binder.bound[c.column].rank) {
			continue
		}
		for _, s := range [2]string{m.binder.bound[c.column].rank, c.text} {
			buf = binary.AppendUvarint(buf[:0], uint64(len(s)))
			buf = append(buf, s...)
			h.Write(buf)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// changes tells headers whose values are not the line's own: a balance is another one once an earlier line
// was booked late, and so would be the line's id.
func changes(header string) bool {
	for _, word := range []string{"balance", "saldo", "solde", "kontostand", "running_bal"} {
		if strings.Contains(header, word) {
			return true
		}
	}
	return false
}

// id makes a hash unique within the file by the number of equal rows before this one.
func (m *recordMaker) id(hash [sha256.Size]byte) string {
	key := binary.BigEndian.Uint64(hash[:8])
	n := m.seen[key]
	m.seen[key] = n + 1
	return hex.EncodeToString(hash[:16]) + "-" + strconv.FormatUint(uint64(n), 10)
}

// payload writes the row as JSON: the kind's columns in their order, then what else the file
// has in the file's order, then the text of the cells that were changed.
func (m *recordMaker) payload(cells, raw []cell) []byte {
	size := 16
	for _, c := range cells {
		size += len(c.text) + len(c.json) + len(m.binder.bound[c.column].rank) + 8
	}
	p := append(make([]byte, 0, size), '{')
	key := func(k string) {
		if p[len(p)-1] != '{' {
			p = append(p, ',')
		}
		p = append(appendString(p, k), ':')
	}
	for i, text := range m.text {
		if text != "" {
			key(m.kind.Columns[i].Name)
			p = appendString(p, text)
		}
	}
	for _, c := range cells {
		if b := m.binder.bound[c.column]; b.column < 0 {
			key(b.key)
			p = appendValue(p, c)
		}
	}
	if len(raw) > 0 {
		key("_raw")
		p = append(p, '{')
		for _, c := range raw {
			key(m.kind.Columns[m.binder.bound[c.column].column].Name)
			p = appendValue(p, c)
		}
		p = append(p, '}')
	}
	return slices.Clip(append(p, '}'))
}

// appendValue writes a cell as the JSON value that its file's format says it is.
func appendValue(dst []byte, c cell) []byte {
	if c.isLong() {
		return appendString(dst, strings.ToValidUTF8(c.text[:min(len(c.text), rawKept)], ""))
	}
	switch c.kind {
	case booleanValue:
		return append(dst, c.text...)
	case numberValue:
		if json.Valid([]byte(c.text)) {
			return append(dst, c.text...)
		}
	case listValue, jsonValue:
		return append(dst, c.json...)
	}
	return appendString(dst, c.text)
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string. Bytes that are no UTF-8 and the zero character, which
// databases refuse, become U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r == '\t':
			dst = append(dst, '\\', 't')
		case r == 0:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		case r < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&0xF])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
