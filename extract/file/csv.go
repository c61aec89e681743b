package file

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// csvTable reads delimited text as RFC 4180 has it: fields may be quoted, quotes inside
// are doubled, quoted fields may hold line breaks. Where a row can't be taken apart, its
// first line is given as broken and reading goes on at the line after it, so that one stray
// quote does not swallow the rest of the file.
type csvTable struct {
	lines     *lineReader
	file      io.Closer
	delimiter rune
	header    []string
	row       row
	fields    []string // of the current record
	told      []note
}

var delimiters = []rune{',', ';', '\t', '|'}

// newCSV reads the header. A delimiter of 0 is recognised from it.
func newCSV(r io.Reader, file io.Closer, delimiter rune, at headerAt) (*csvTable, error) {
	t := &csvTable{lines: newLineReader(r), file: file, delimiter: delimiter}
	if err := t.seek(at); err != nil {
		return nil, err
	}
	for len(t.header) == 0 {
		first, long, err := t.lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil, errors.New("is empty: it has no header line")
		case err != nil:
			return nil, err
		case long:
			return nil, fmt.Errorf("line %d: the header is longer than %d bytes; is this a CSV file?", t.lines.number, maxRecord)
		}
		if trim(first) == "" || t.declares(first) {
			continue
		}
		t.lines.unread([]rawLine{{text: first}})
		if err := t.readHeader(first); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// seek skips the lines above the header row. Where none is known to be it, nothing is skipped: the caller
// says what it makes of the headers.
func (t *csvTable) seek(at headerAt) error {
	var passed []rawLine
	for at.row > 1 || at.is != nil {
		text, long, err := t.lines.next()
		if errors.Is(err, io.EOF) || long || at.is != nil && len(passed) == searchRows {
			if at.row > 1 {
				return fmt.Errorf("has no line %d, which settings.header_row names", at.row)
			}
			if err == nil {
				passed = append(passed, rawLine{text, long})
			}
			t.lines.unread(passed)
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case at.row > 0 && t.lines.number == at.row, at.is != nil && at.is(t.split(text)):
			number := t.lines.number
			t.lines.unread([]rawLine{{text: text}})
			above := slices.DeleteFunc(passed, func(l rawLine) bool { return trim(l.text) == "" || t.declares(l.text) })
			t.told = at.skipped(len(above), fmt.Sprint("line ", number))
			return nil
		case at.is != nil:
			passed = append(passed, rawLine{text: text})
		}
	}
	return nil
}

// declares tells whether a line does no more than say the delimiter, which it takes note of.
func (t *csvTable) declares(line string) bool {
	sep, ok := strings.CutPrefix(strings.ToLower(trim(line)), "sep=")
	if !ok || utf8.RuneCountInString(sep) != 1 {
		return false
	}
	if t.delimiter == 0 {
		t.delimiter, _ = utf8.DecodeRuneInString(sep)
	}
	return true
}

// split takes one line apart as a header.
func (t *csvTable) split(line string) []string {
	s := splitter{delimiter: t.delimiter}
	if s.delimiter == 0 {
		s.delimiter = sniffDelimiter(line)
	}
	s.line(strings.TrimPrefix(line, "\uFEFF"))
	for i, f := range s.fields {
		s.fields[i] = trim(f)
	}
	return s.fields
}

func (t *csvTable) readHeader(first string) error {
	if t.delimiter == 0 {
		t.delimiter = sniffDelimiter(first)
	}
	text, broken, err := t.record()
	if err != nil {
		return err
	}
	if broken != "" {
		return fmt.Errorf("line %d: the header can't be read: %s: %s", t.lines.number, broken, quoteShort(text))
	}
	if len(t.fields) > maxNames {
		return fmt.Errorf("line %d: the header has %d columns, more than %d; is this a CSV file?", t.lines.number, len(t.fields), maxNames)
	}
	for _, f := range t.fields {
		t.header = append(t.header, trim(f))
	}
	return nil
}

// sniffDelimiter gives the candidate that stands outside quotes most often in the header.
func sniffDelimiter(header string) rune {
	count := map[rune]int{}
	quoted := false
	for _, r := range header {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted {
			count[r]++
		}
	}
	best := delimiters[0]
	for _, d := range delimiters {
		if count[d] > count[best] {
			best = d
		}
	}
	return best
}

func (t *csvTable) names() []string { return t.header }

func (t *csvTable) notes() []note { return t.told }

func (t *csvTable) Close() error { return t.file.Close() }

func (t *csvTable) next() (*row, error) {
	for {
		number := t.lines.number + 1
		text, broken, err := t.record()
		if err != nil {
			return nil, err
		}
		t.row = row{number: number, cells: t.row.cells[:0]}
		if broken == "" {
			for i, f := range t.fields {
				if s := meant(trim(f)); s != "" {
					t.row.cells = append(t.row.cells, cell{column: i, text: s})
				}
			}
			if len(t.row.cells) == 0 {
				continue
			}
			for len(t.fields) > len(t.header) && trim(t.fields[len(t.fields)-1]) == "" {
				t.fields = t.fields[:len(t.fields)-1] // a comma behind the last value
			}
			if len(t.fields) != len(t.header) {
				broken = fmt.Sprintf("the row has %d columns, the header has %d", len(t.fields), len(t.header))
			}
		}
		if broken != "" {
			t.row = row{number: number, cells: t.row.cells[:0], broken: broken, raw: text}
		}
		return &t.row, nil
	}
}

// record reads the next record's fields. When they can't be told apart, broken says why
// and at which character, and only the record's first line is used up.
func (t *csvTable) record() (text, broken string, err error) {
	text, long, err := t.lines.next()
	if err != nil {
		return "", "", err
	}
	if long {
		return text, fmt.Sprintf("the line is longer than %d bytes", maxRecord), nil
	}
	if strings.ContainsRune(text, 0) {
		return text, fmt.Sprintf("character %d: a zero byte", strings.IndexByte(text, 0)+1), nil
	}
	s := splitter{delimiter: t.delimiter, fields: t.fields[:0]}
	var more []rawLine
	size := len(text)
	for line := text; ; {
		s.line(line)
		if s.broken != "" || !s.quoted {
			break
		}
		next, long, err := t.lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return "", "", err
		}
		if err == nil {
			more = append(more, rawLine{next, long})
			size += len(next) + 1
		}
		if err != nil || long || size > maxRecord || strings.ContainsRune(next, 0) {
			s.broken = fmt.Sprintf("character %d: this quote is never closed", s.openedAt)
			break
		}
		line = next
	}
	t.fields = s.fields
	if s.broken == "" && t.swallowed(len(more)) {
		s.broken = fmt.Sprintf("character %d: this quote is not closed before the next row", s.firstQuote)
	}
	if s.broken == "" {
		lines := []string{text}
		for _, l := range more {
			lines = append(lines, l.text)
		}
		return strings.Join(lines, "\n"), "", nil
	}
	t.lines.unread(more)
	return text, s.broken, nil
}

// meant is a value without what makes spreadsheets take it for text: ="00123".
func meant(s string) string {
	if inner, ok := strings.CutPrefix(s, `="`); ok {
		if inner, ok = strings.CutSuffix(inner, `"`); ok && !strings.Contains(inner, `"`) {
			return trim(inner)
		}
	}
	return s
}

// swallowed tells whether a quoted field of the current record, which ends so many lines further down, holds lines that are rows themselves: one
// stray quote and another one below would take all between them away. A line is a row when it has the record's columns, with
// numbers, dates and addresses where the record has them.
func (t *csvTable) swallowed(lines int) bool {
	if lines == 0 || len(t.header) < 3 {
		return false
	}
	place := slices.IndexFunc(t.fields, func(f string) bool { return strings.Contains(f, "\n") })
	if place < 1 {
		return false
	}
	for _, line := range strings.Split(t.fields[place], "\n")[1:] {
		cells := strings.Split(line, string(t.delimiter))
		alike := 0
		if len(cells) != len(t.header) {
			continue
		}
		for i, f := range t.fields[:place] {
			form := formOf(f)
			if form == "" {
				continue
			}
			if form != formOf(strings.Trim(cells[i], `"`)) {
				alike = -1
				break
			}
			alike++
		}
		if alike > 0 {
			return true
		}
	}
	return false
}

// formOf is what kind of thing a value is, as far as its characters tell; empty for words.
func formOf(text string) string {
	text = trim(text)
	switch {
	case strings.Contains(text, "@"):
		return "@"
	case !strings.ContainsAny(text, "0123456789"):
		return ""
	case strings.Trim(text, "0123456789.,-+()'$€£ ") == "" && strings.Count(text, "-") < 2 && strings.Count(text, ".") < 2:
		return "9"
	}
	var form []rune
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			r = '9'
		case unicode.IsLetter(r):
			r = 'a'
		}
		if n := len(form); n == 0 || form[n-1] != r {
			form = append(form, r)
		}
	}
	return string(form)
}

// splitter takes one record apart, line by line.
type splitter struct {
	delimiter  rune
	fields     []string
	field      strings.Builder
	quoted     bool // inside quotes at the end of the last line
	openedAt   int  // character (from 1, in its line) of the quote that is open
	firstQuote int  // that of the first field that did not end in its line
	broken     string
}

func (s *splitter) line(text string) {
	if s.quoted {
		s.field.WriteByte('\n')
	}
	closed := false // the current field's closing quote was seen
	skip := -1
	column := 0
	for i, r := range text {
		column++
		if i <= skip {
			continue
		}
		switch {
		case s.quoted && r == '"' && strings.HasPrefix(text[i+1:], `"`):
			s.field.WriteByte('"')
			skip = i + 1
		case s.quoted && r == '"':
			s.quoted, closed = false, true
		case s.quoted:
			s.field.WriteRune(r)
		case r == s.delimiter:
			s.end()
			closed = false
		case closed && r != ' ':
			s.broken = fmt.Sprintf("character %d: text after a closing quote", column)
			return
		case closed:
		case r == '"' && (trim(s.field.String()) == "" || trim(s.field.String()) == "="):
			s.field.Reset()
			s.quoted, s.openedAt = true, column
		case r == '"':
			s.broken = fmt.Sprintf("character %d: a quote inside an unquoted value", column)
			return
		default:
			s.field.WriteRune(r)
		}
	}
	if !s.quoted {
		s.end()
	} else if s.firstQuote == 0 {
		s.firstQuote = s.openedAt
	}
}

func (s *splitter) end() {
	s.fields = append(s.fields, s.field.String())
	s.field.Reset()
}
