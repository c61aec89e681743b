package load

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/rightseat/rightseat/internal/table"
)

// sheetRows is how many rows of a report its sheet shows at most, see [excerpt]. The rest is in
// the Parquet and CSV files, and the sheet says so. A variable so that a test need not write a hundred
// thousand rows.
var sheetRows int64 = 100_000

const (
	sheetNameLimit = 31 // Excel's
	cellTextLimit  = 32767
	exactInteger   = 1 << 53 // beyond it a spreadsheet's number is no longer exact
	overviewSheet  = "Overview"
	firstDataRow   = 2
)

// workbook builds report.xlsx: an overview, and a sheet per report. Rows stream through temporary
// files, so a large report costs no memory.
type workbook struct {
	file   *excelize.File
	styles map[table.Kind]int
	header int
	wrap   int
	note   int
	link   int
	title  int
	now    time.Time
	org    string
}

func newWorkbook(o Options) (*workbook, error) {
	if err := os.MkdirAll(o.tempDir(), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for spill files: %w", err)
	}
	b := &workbook{file: excelize.NewFile(excelize.Options{TmpDir: o.tempDir()}), now: o.Now.UTC(), org: o.Organisation}
	if err := b.init(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the workbook: %w", err), b.close())
	}
	return b, nil
}

func (b *workbook) init() error {
	if err := b.file.SetSheetName("Sheet1", overviewSheet); err != nil {
		return err
	}
	stamp := b.now.Format(time.RFC3339)
	if err := b.file.SetDocProps(&excelize.DocProperties{
		Title: "Software seats", Creator: "rightseat", LastModifiedBy: "rightseat", Created: stamp, Modified: stamp,
	}); err != nil {
		return err
	}
	number, money, day, instant, text, percent := "#,##0", "#,##0.00", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "@", "#,##0.0##"
	b.styles = map[table.Kind]int{}
	// In a fixed order: the style's number goes into the file.
	for _, s := range []struct {
		kind   table.Kind
		format *string
	}{
		{table.Integer, &number}, {table.Exact, &money}, {table.Float, &percent},
		{table.Date, &day}, {table.Timestamp, &instant}, {table.Text, &text},
	} {
		id, err := b.file.NewStyle(&excelize.Style{CustomNumFmt: s.format})
		if err != nil {
			return err
		}
		b.styles[s.kind] = id
	}
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.header, excelize.Style{
			Font:      &excelize.Font{Bold: true, Color: "FFFFFF"},
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F4E5F"}},
			Alignment: &excelize.Alignment{Vertical: "center"},
		}},
		{&b.wrap, excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&b.note, excelize.Style{Font: &excelize.Font{Italic: true, Color: "9C5700"}}},
		{&b.link, excelize.Style{Font: &excelize.Font{Color: "0563C1", Underline: "single"}, Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&b.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}}},
	} {
		id, err := b.file.NewStyle(&s.style)
		if err != nil {
			return err
		}
		*s.id = id
	}
	return nil
}

func (b *workbook) close() error { return b.file.Close() }

// sheet is one report's sheet while its rows arrive.
type sheet struct {
	book    *workbook
	report  report
	out     *excelize.StreamWriter
	written int64
}

// sheetName is a report's name as far as Excel allows.
func sheetName(report string) string {
	return strings.Trim(report[:min(len(report), sheetNameLimit)], "'")
}

func (b *workbook) addReport(r report) (*sheet, error) {
	name := sheetName(r.name)
	if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	// Before the first row: afterwards the whole sheet would be read back for it.
	last, err := excelize.CoordinatesToCellName(len(r.columns), int(r.excerpt.rows)+firstDataRow-1)
	if err != nil {
		return nil, err
	}
	if err := b.file.AutoFilter(name, "A1:"+last, nil); err != nil {
		return nil, err
	}
	if err := b.size(name, len(r.columns), r.sheetRows()); err != nil {
		return nil, err
	}
	out, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	header := make([]any, len(r.columns))
	for i, c := range r.columns {
		if err := out.SetColWidth(i+1, i+1, columnWidth(c)); err != nil {
			return nil, err
		}
		header[i] = excelize.Cell{StyleID: b.header, Value: c.Name}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	return &sheet{book: b, report: r, out: out}, out.SetRow("A1", header, excelize.RowOpts{Height: 20})
}

// size states how far a sheet's cells reach. Left alone, the stream writer states one cell, and readers that
// trust it see no more. It has to be said before the first row is written.
func (b *workbook) size(sheet string, columns, rows int) error {
	last, err := excelize.CoordinatesToCellName(columns, rows)
	if err != nil {
		return err
	}
	return b.file.SetSheetDimension(sheet, "A1:"+last)
}

// sheetRows is the number of the last row of a report's sheet: the header, its rows and, after an empty
// row, the note on what is left out.
func (r report) sheetRows() int {
	last := int(r.excerpt.rows) + firstDataRow - 1
	if r.excerpt.note(r) != "" {
		last += 2
	}
	return last
}

// columnWidth goes by the kind and the header, not the rows: those stream past.
func columnWidth(c reportColumn) float64 {
	least := map[table.Kind]int{table.Text: 22, table.Timestamp: 20, table.Date: 12, table.Exact: 14, table.Boolean: 9}[c.Kind]
	return float64(min(max(least, utf8.RuneCountInString(c.Name)+4), 60))
}

func (s *sheet) write(row []any) error {
	s.written++
	cells := make([]any, len(row))
	for i, v := range row {
		cells[i] = s.book.cell(s.report.columns[i].Column, v)
	}
	at, err := excelize.CoordinatesToCellName(1, int(s.written)+firstDataRow-1)
	if err != nil {
		return err
	}
	return s.out.SetRow(at, cells)
}

// cell gives a value its type. Text is always text, in a cell formatted as text: not even editing
// it makes a formula of it. Integers that a spreadsheet can't hold exactly are text, too.
func (b *workbook) cell(c table.Column, v any) any {
	style := b.styles[c.Kind]
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return excelize.Cell{Value: v}
	case int64:
		if v > -exactInteger && v < exactInteger {
			return excelize.Cell{StyleID: style, Value: v}
		}
	case float64:
		if v == v && v-v == 0 { // neither NaN nor infinite
			return excelize.Cell{StyleID: style, Value: v}
		}
	case table.Decimal:
		if new(big.Int).Abs(v.Unscaled).Cmp(big.NewInt(exactInteger)) < 0 {
			return excelize.Cell{StyleID: style, Value: v.Float64()}
		}
	case time.Time:
		if v.Year() >= 1900 && v.Year() <= 9999 {
			return excelize.Cell{StyleID: style, Value: v}
		}
	}
	text := table.Format(c, v)
	if utf8.RuneCountInString(text) > cellTextLimit {
		text = string([]rune(text)[:cellTextLimit-1]) + "…"
	}
	return excelize.Cell{StyleID: b.styles[table.Text], Value: text}
}

// finish closes the sheet.
func (s *sheet) finish() error {
	if note := s.report.excerpt.note(s.report); note != "" {
		at, err := excelize.CoordinatesToCellName(1, int(s.written)+firstDataRow+1)
		if err != nil {
			return err
		}
		if err := s.out.SetRow(at, []any{excelize.Cell{StyleID: s.book.note, Value: note}}); err != nil {
			return err
		}
	}
	return s.out.Flush()
}

// save writes the overview and then the file, with the same bytes for the same content.
func (b *workbook) save(path string, reports []report) error {
	if err := b.overview(reports); err != nil {
		return err
	}
	raw := path + ".part"
	f, err := os.Create(raw)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(f)
	_, err = b.file.WriteTo(buffered)
	if err := errors.Join(err, buffered.Flush(), f.Close()); err != nil {
		return err
	}
	if err := repack(raw, path); err != nil {
		return err
	}
	return os.Remove(raw)
}

func (b *workbook) overview(reports []report) error {
	lines := b.overviewLines(reports)
	widths := []float64{28, 12, 90, 40}
	if err := b.size(overviewSheet, len(widths), len(lines)); err != nil {
		return err
	}
	out, err := b.file.NewStreamWriter(overviewSheet)
	if err != nil {
		return err
	}
	for i, w := range widths {
		if err := out.SetColWidth(i+1, i+1, w); err != nil {
			return err
		}
	}
	for i, line := range lines {
		if err := out.SetRow(fmt.Sprintf("A%d", i+1), line); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (b *workbook) overviewLines(reports []report) [][]any {
	title := "Software seats"
	if b.org != "" {
		title = b.org + ": software seats"
	}
	lines := [][]any{
		{excelize.Cell{StyleID: b.title, Value: title}},
		{excelize.Cell{Value: "Published " + b.now.Format("2006-01-02 15:04 UTC") + ". An empty cell means unknown, never zero."}},
		{},
		{
			excelize.Cell{StyleID: b.header, Value: "Report"}, excelize.Cell{StyleID: b.header, Value: "Rows"},
			excelize.Cell{StyleID: b.header, Value: "What it holds"}, excelize.Cell{StyleID: b.header, Value: "In this workbook"},
		},
	}
	for _, r := range reports {
		shown := r.excerpt.note(r)
		if shown == "" {
			shown = "all rows"
		}
		lines = append(lines, []any{
			excelize.Cell{StyleID: b.link, Value: r.name}, excelize.Cell{StyleID: b.styles[table.Integer], Value: r.rows},
			excelize.Cell{StyleID: b.wrap, Value: r.description}, excelize.Cell{StyleID: b.wrap, Value: shown},
		})
	}
	return lines
}

// repack sorts a workbook's parts, which excelize writes in the order of a map, and fixes their times.
func repack(from, to string) (err error) {
	in, err := zip.OpenReader(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	parts := slices.Clone(in.File)
	slices.SortFunc(parts, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) }) // [Content_Types].xml comes first
	w := zip.NewWriter(out)
	for _, part := range parts {
		h := zip.FileHeader{ // without a date, and whatever else depends on the machine
			Name: part.Name, Method: part.Method, Flags: part.Flags, CreatorVersion: part.CreatorVersion, ReaderVersion: part.ReaderVersion,
			CRC32: part.CRC32, CompressedSize64: part.CompressedSize64, UncompressedSize64: part.UncompressedSize64,
		}
		body, err := part.OpenRaw()
		if err != nil {
			return err
		}
		dst, err := w.CreateRaw(&h)
		if err != nil {
			return err
		}
		if _, err := io.Copy(dst, body); err != nil {
			return err
		}
	}
	return w.Close()
}
