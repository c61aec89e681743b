package file

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const maxSheetColumn = 16384

// xlsxTable reads one sheet of a workbook, row by row. Formulas give their stored values. Numbers
// that the sheet shows as dates are dates. The first row with anything in it is the header.
type xlsxTable struct {
	file   *os.File
	book   *workbook
	stream io.ReadCloser
	part   *partReader // what the stream says
	header []string
	// headerRow is the header's row, from 1.
	headerRow int
	number    int // of the last row read
	row       row
	cell      xlsxCell // the last one read
	told      []note
	// hidden counts the rows below the header that nobody sees, merged the ranges of cells that are one and go over several rows.
	hidden, merged seenText
}

func openXLSX(file *os.File, sheet string, at headerAt) (*xlsxTable, error) {
	return openXLSXWithin(file, sheet, at, defaultLimits)
}

func openXLSXWithin(file *os.File, sheet string, at headerAt, limits bookLimits) (*xlsxTable, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("is no readable XLSX file: %w", err)
	}
	book, err := readWorkbook(z, limits)
	if errors.Is(err, errNoWorkbook) {
		return nil, errors.New(archive(z))
	}
	if err != nil {
		return nil, fmt.Errorf("is no readable XLSX file: %w", err)
	}
	chosen, err := book.choose(sheet)
	if err != nil {
		return nil, err
	}
	part, err := book.open(chosen.part, limits.sheet)
	if err != nil {
		return nil, err
	}
	t := newSheet(file, book, part)
	if sheet == "" {
		t.told = book.others(chosen)
	}
	if err := t.readHeader(at); err != nil {
		return nil, errors.Join(err, part.Close())
	}
	return t, nil
}

func newSheet(file *os.File, book *workbook, stream io.ReadCloser) *xlsxTable {
	return &xlsxTable{file: file, book: book, stream: stream, part: newPartReader(stream, book.limits.item)}
}

func (t *xlsxTable) readHeader(at headerAt) error {
	var first []string
	for above := range searchRows {
		r, err := t.next()
		if errors.Is(err, io.EOF) && first == nil {
			return errors.New("is empty: its sheet has no header row")
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if r.number < at.row {
			continue
		}
		if at.row > 0 && r.number > at.row {
			return fmt.Errorf("row %d, which settings.header_row names, is empty", at.row)
		}
		if r.broken != "" {
			return fmt.Errorf("has no usable header row: %s", r.broken)
		}
		header := make([]string, r.cells[len(r.cells)-1].column+1)
		for _, c := range r.cells {
			header[c.column] = c.text
		}
		if first == nil {
			first = header
		}
		if at.is == nil || at.is(header) {
			t.header, t.headerRow = header, r.number
			t.told = append(t.told, at.skipped(above, fmt.Sprint("row ", r.number))...)
			return nil
		}
	}
	t.header = first // the caller says what it makes of it
	return nil
}

func (t *xlsxTable) names() []string { return t.header }

func (t *xlsxTable) notes() []note {
	told := slices.Clone(t.told)
	if t.hidden.n > 0 {
		told = append(told, note{Check: "hidden_rows", Severity: severityWarning, Rows: t.hidden.n, Text: fmt.Sprintf(
			"row %d is hidden (%s in all), by a filter or by hand; hidden rows count like others: delete those that are not meant", t.hidden.row, counted(t.hidden.n, "row", "rows"))})
	}
	if t.merged.n > 0 {
		told = append(told, note{Check: "merged_cells", Severity: severityWarning, Rows: t.merged.n, Text: fmt.Sprintf(
			"the cells %s are merged (%d such ranges in all); only the first row of each has the value, the others count without it: unmerge them and fill it in", t.merged.text, t.merged.n)})
	}
	return told
}

func (t *xlsxTable) Close() error { return errors.Join(t.stream.Close(), t.file.Close()) }

func (t *xlsxTable) next() (*row, error) {
	for {
		t.part.renew()
		piece, err := t.part.next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("is a damaged XLSX file: the sheet ends in the middle")
		}
		if err != nil {
			return nil, fmt.Errorf("is a damaged XLSX file: after row %d: %w", t.number, err)
		}
		name := string(t.part.name)
		switch {
		case piece == pieceEnd && name == "sheetData":
			if err := t.readMerged(); err != nil {
				return nil, fmt.Errorf("is a damaged XLSX file: after row %d: %w", t.number, err)
			}
			return nil, io.EOF
		case piece != pieceBegin, name == "sheetData", name == "worksheet":
		case name == "row":
			if err := t.readRow(); err != nil {
				return nil, fmt.Errorf("is a damaged XLSX file: row %d: %w", t.number, err)
			}
			if len(t.row.cells) > 0 || t.row.broken != "" {
				return &t.row, nil
			}
		default:
			if err := t.part.skip(true); err != nil {
				return nil, fmt.Errorf("is a damaged XLSX file: after row %d: %w", t.number, err)
			}
		}
	}
}

// readMerged looks behind the rows for cells that are one over several rows. XML that is damaged there has its rows
// nonetheless; an error tells that the file's bytes are not those that were written.
func (t *xlsxTable) readMerged() error {
	for {
		t.part.renew()
		piece, err := t.part.next()
		if err != nil {
			return t.part.rest()
		}
		name := string(t.part.name)
		switch {
		case piece != pieceBegin, name == "mergeCells":
		case name == "mergeCell":
			at, _ := t.part.attribute("ref")
			ref := string(at)
			from, to, _ := strings.Cut(ref, ":")
			if first, last := rowOf(from), rowOf(to); last > first && last > t.headerRow+1 {
				t.merged.see(ref, first)
			}
		default:
			if t.part.skip(true) != nil {
				return t.part.rest()
			}
		}
	}
}

// rowOf reads the number of a cell reference; 0 when there is none.
func rowOf(ref string) int {
	n, err := strconv.Atoi(strings.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZ$"))
	if err != nil {
		return 0
	}
	return n
}

func (t *xlsxTable) readRow() error {
	t.number++
	if r, ok := t.part.attribute("r"); ok {
		n, err := strconv.Atoi(string(r))
		if err != nil || n < t.number {
			return fmt.Errorf("unexpected row number %q", r)
		}
		t.number = n
	}
	t.row = row{number: t.number, cells: t.row.cells[:0]}
	h, _ := t.part.attribute("hidden")
	hidden := string(h) == "1" || string(h) == "true"
	column, texts := -1, 0
	for {
		piece, err := t.part.next()
		switch {
		case err != nil:
			return noEOF(err)
		case piece == pieceEnd: // only the row itself ends here
			if hidden && t.header != nil && len(t.row.cells) > 0 {
				t.hidden.see("", t.number)
			}
			return nil
		case piece != pieceBegin:
			continue
		case string(t.part.name) != "c":
			if err := t.part.skip(false); err != nil {
				return err
			}
			continue
		}
		column++
		if ref, ok := t.part.attribute("r"); ok {
			n, err := columnOf(string(ref))
			if err != nil || n < column {
				return fmt.Errorf("unexpected cell reference %q", ref)
			}
			column = n
		}
		if column >= maxSheetColumn {
			return errors.New("too many columns")
		}
		c, err := t.readCell()
		if err != nil {
			return err
		}
		if texts += len(c.text); texts > t.book.limits.item {
			t.row.broken, t.row.cells = fmt.Sprintf("the row's texts take more than %s", size(t.book.limits.item)), t.row.cells[:0]
			continue
		}
		if c.text != "" {
			c.column = column
			t.row.cells = append(t.row.cells, c)
			for t.header != nil && len(t.header) <= column {
				t.header = append(t.header, "")
			}
		}
	}
}

// xlsxCell is a cell as the sheet's XML has it.
type xlsxCell struct {
	kind          string // its attribute t
	style         int
	value, inline []byte
	formula       bool
	computed      bool // it has a value, perhaps an empty text
}

func (t *xlsxTable) readCell() (cell, error) {
	x := &t.cell
	*x = xlsxCell{value: x.value[:0], inline: x.inline[:0]}
	if kind, ok := t.part.attribute("t"); ok {
		x.kind = kindOf(kind)
	}
	if style, ok := t.part.attribute("s"); ok {
		n, err := strconv.Atoi(string(style))
		if err != nil {
			return cell{}, fmt.Errorf("unexpected style %s", quoteShort(string(style)))
		}
		x.style = n
	}
	for {
		piece, err := t.part.next()
		if err != nil {
			return cell{}, noEOF(err)
		}
		switch {
		case piece == pieceEnd:
			return t.cellOf(x)
		case piece != pieceBegin:
			continue
		case string(t.part.name) == "v":
			x.computed = true
			x.value, err = t.part.content(x.value[:0])
		case string(t.part.name) == "is":
			x.inline, err = t.part.rich(x.inline[:0])
		default:
			x.formula = x.formula || string(t.part.name) == "f"
			err = t.part.skip(false)
		}
		if err != nil {
			return cell{}, err
		}
	}
}

// kindOf gives the kind of a cell without memory of its own: a sheet has millions.
func kindOf(t []byte) string {
	for _, known := range [...]string{"s", "n", "str", "inlineStr", "b", "e", "d"} {
		if string(t) == known {
			return known
		}
	}
	return string(t)
}

func (t *xlsxTable) cellOf(x *xlsxCell) (cell, error) {
	v := trim(string(x.value))
	if x.formula && v == "" && (!x.computed || x.kind == "" || x.kind == "n") {
		return cell{kind: errorValue, text: neverComputed}, nil
	}
	switch x.kind {
	case "s":
		i, err := strconv.Atoi(v)
		text, ok := t.book.strings.at(i)
		if err != nil || !ok {
			return cell{}, fmt.Errorf("shared string %q is not in the file", v)
		}
		return cell{text: trim(text)}, nil
	case "inlineStr":
		return cell{text: trim(unescape(string(x.inline)))}, nil
	case "str", "d":
		return cell{text: trim(unescape(v))}, nil
	case "b":
		if !slices.Contains([]string{"", "0", "1", "true", "false"}, v) {
			return cell{kind: errorValue, text: v}, nil
		}
		return cell{kind: booleanValue, text: strconv.FormatBool(v == "1" || v == "true")}.ifFilled(v), nil
	case "e":
		return cell{kind: errorValue, text: v}, nil
	}
	if v == "" {
		return cell{}, nil
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return cell{kind: errorValue, text: v}, nil //nolint:nilerr // such a cell costs itself
	}
	f := t.book.format(x.style)
	if f.date {
		return serialDate(n, t.book.from1904), nil
	}
	return cell{kind: numberValue, text: v, percent: f.percent, currencies: f.currencies}, nil
}

// neverComputed stands for a formula without a value, as programs write one that can't compute it.
const neverComputed = "a formula without a value"

var escaped = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// unescape puts characters into a text that the format of the file writes as _x000D_.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escaped.ReplaceAllStringFunc(text, func(s string) string {
		n, err := strconv.ParseUint(s[2:6], 16, 16)
		if err != nil || n == 0 || n >= 0xD800 && n < 0xE000 {
			return s
		}
		return string(rune(n))
	})
}

func (c cell) ifFilled(v string) cell {
	if v == "" {
		return cell{}
	}
	return c
}

// serialDate turns days since the workbook's epoch into a date, or a date with a time of day;
// a number below one is a time of day alone. Times are rounded to the millisecond,
// which is what the numbers can hold.
func serialDate(serial float64, from1904 bool) cell {
	const lastDay = 2958465 // 9999-12-31
	if serial < 0 || serial > lastDay+1 || math.IsNaN(serial) {
		return cell{kind: errorValue, text: strconv.FormatFloat(serial, 'f', -1, 64)}
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case serial < 60: // before the 29 February 1900 that only spreadsheets know
		epoch = epoch.AddDate(0, 0, 1)
	}
	day, fraction := math.Modf(serial)
	ms := math.Round(fraction * 86400e3)
	if ms == 86400e3 {
		day, ms = day+1, 0
	}
	at := epoch.AddDate(0, 0, int(day)).Add(time.Duration(ms) * time.Millisecond)
	switch {
	case serial < 1 && ms > 0:
		return cell{text: at.Format("15:04:05.999")}
	case ms == 0:
		return cell{kind: dateValue, text: at.Format(time.DateOnly)}
	}
	return cell{kind: localValue, text: at.Format("2006-01-02T15:04:05.999")}
}

// columnOf reads the letters of a cell reference: A1 is 0, AA7 is 26.
func columnOf(ref string) (int, error) {
	n := 0
	for i := 0; i < len(ref); i++ {
		switch b := ref[i]; {
		case b >= 'A' && b <= 'Z' && n <= maxSheetColumn:
			n = n*26 + int(b-'A') + 1
		case b >= '0' && b <= '9' && i > 0:
			return n - 1, nil
		default:
			return 0, errors.New("not a cell reference")
		}
	}
	return 0, errors.New("not a cell reference")
}

// noEOF keeps the end of a part inside an element from looking like the end of the data.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// partPath resolves a relationship's target against the folder of the part it stands in.
func partPath(folder, target string) string {
	if rooted, ok := strings.CutPrefix(target, "/"); ok {
		return path.Clean(rooted)
	}
	return path.Join(folder, target)
}
