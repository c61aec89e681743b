package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// valueKind is what a file's format says of a cell.
type valueKind int

const (
	textValue    valueKind = iota // free text, written by whoever made the file
	numberValue                   // a number in JSON's notation
	booleanValue                  // true or false
	dateValue                     // YYYY-MM-DD
	instantValue                  // RFC 3339
	localValue                    // YYYY-MM-DDTHH:MM:SS[.fraction], in no named time zone
	listValue                     // scalars, joined with ";"; json has them as they were
	jsonValue                     // any other JSON
	errorValue                    // a formula that failed
)

// cell is one filled cell. Text is trimmed and never empty.
type cell struct {
	column int // index into the table's names
	kind   valueKind
	text   string
	json   string // listValue and jsonValue: the value as JSON
	// currencies and percent are what a sheet's number format says of a number: the currencies that it may be in, and that it
	// is shown a hundredfold.
	currencies string
	percent    bool
}

func (c cell) isLong() bool { return len(c.text) > maxCell || len(c.json) > maxCell }

// row is one row of a file, valid until the next one is read.
type row struct {
	// number is the row's place as its reader would find it: the line of a text file, the row
	// of a sheet, the running number (from 1) of a Parquet file's row.
	number int
	cells  []cell
	// broken is why the row could not be taken apart; raw is then its text.
	broken string
	raw    string
}

// table is an open file as rows.
type table interface {
	// names are the headers in the file's order, trimmed. Those of JSON lines grow as rows
	// are read; others are whole from the start.
	names() []string
	// next gives the next row that is not blank; io.EOF after the last. Any other error ends the file.
	next() (*row, error)
	// notes are what people should know of the file's form.
	notes() []note
	Close() error
}

// unit is what row numbers count.
func (f format) unit() string {
	if f == formatCSV || f == formatJSONL {
		return "line"
	}
	return "row"
}

// formatOf tells a file's format: as declared, by unmistakable content, by the name's ending, by
// its first character. What it is known not to read it names.
func formatOf(declared format, name string, head []byte) (format, error) {
	if is := foreignFormat(head); is != "" {
		return "", errors.New(is)
	}
	switch {
	case declared != "":
		return declared, nil
	case bytes.HasPrefix(head, []byte("PAR1")):
		return formatParquet, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return formatXLSX, nil
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv", ".txt", ".tab", ".psv":
		return formatCSV, nil
	case ".jsonl", ".ndjson", ".json":
		return formatJSONL, nil
	case ".parquet", ".pq":
		return formatParquet, nil
	case ".xlsx", ".xlsm":
		return formatXLSX, nil
	}
	if bytes.HasPrefix(bytes.TrimLeft(head, "\xEF\xBB\xBF \t\r\n"), []byte("{")) {
		return formatJSONL, nil
	}
	return formatCSV, nil
}

// open opens a file as a table. european tells whether its numbers may have decimal commas:
// the delimiter is a semicolon, as where the comma is taken.
func open(ctx context.Context, path string, f format, fp fingerprint, s settings, at headerAt) (t table, european bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	switch f {
	case formatParquet:
		t, err = openParquet(file, parquetMemory)
		return t, false, err
	case formatXLSX:
		t, err = openXLSX(file, s.sheet, at)
		return t, false, err
	}
	text, told, err := decode(cancellable{ctx, file}, fp, s.encoding)
	if err != nil {
		return nil, false, err
	}
	if f == formatJSONL {
		t, err = newJSONLines(text, file)
		return toldTable{t, told}, false, err
	}
	c, err := newCSV(text, file, s.delimiter, at)
	if err != nil {
		return nil, false, err
	}
	return toldTable{c, told}, c.delimiter == ';', nil
}

// headerAt says where a table's header row is: in a row of that number, or, where is is set, in the first row that
// it knows, within searchRows. The zero value means the first row that is not blank.
type headerAt struct {
	row int
	is  func(cells []string) bool
	// guessed: what is above it is told.
	guessed bool
}

// skipped tells that the headers were found below other rows; nothing where there are none.
func (at headerAt) skipped(above int, place string) []note {
	if above == 0 || !at.guessed {
		return nil
	}
	return []note{{Check: "header_row", Severity: severityInfo, Text: "the headers are in " + place + ", and what stands above them is not read; settings.header_row says another"}}
}

// searchRows is how many rows are searched for a header: banks write a dozen lines above it.
const searchRows = 60

// toldTable is a table with more that people should know of it.
type toldTable struct {
	table
	told []note
}

func (t toldTable) notes() []note { return slices.Concat(t.table.notes(), t.told) }

// cancellable ends reading when its context does.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, fmt.Errorf("reading was stopped: %w", err)
	}
	return c.r.Read(p)
}

// trim takes white space off both ends, non-breaking space and stray byte order marks included.
func trim(s string) string {
	visible := func(c byte) bool { return c > ' ' && c < utf8.RuneSelf }
	if len(s) > 0 && visible(s[0]) && visible(s[len(s)-1]) {
		return s // as nearly all are, and Trim with these characters takes a while
	}
	return strings.Trim(s, " \t\r\n\v\f\u00A0\u202F\uFEFF")
}
