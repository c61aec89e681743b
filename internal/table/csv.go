package table

import (
	"bufio"
	"io"
	"strings"
)

// CSVWriter writes RFC 4180 CSV in UTF-8 without a byte order mark: a header, quotes where needed,
// lines ended by LF. NULL is an empty field and the empty text is "". Text that a spreadsheet
// would run as a formula is defused, see [Defuse]; numbers, negative ones too, stay numbers.
type CSVWriter struct {
	w       *bufio.Writer
	columns []Column
}

// NewCSVWriter writes the header. Call Flush at the end.
func NewCSVWriter(w io.Writer, columns []Column) (*CSVWriter, error) {
	c := &CSVWriter{w: bufio.NewWriterSize(w, 1<<16), columns: columns}
	for i, col := range columns {
		if err := c.field(i, Defuse(strings.ToValidUTF8(col.Name, "\uFFFD")), true); err != nil {
			return nil, err
		}
	}
	return c, c.w.WriteByte('\n')
}

// Write adds a row.
func (c *CSVWriter) Write(row []any) error {
	for i, v := range row {
		text := Format(c.columns[i], v)
		if c.columns[i].Kind == Text {
			text = Defuse(text)
		}
		if err := c.field(i, text, v != nil); err != nil {
			return err
		}
	}
	return c.w.WriteByte('\n')
}

// Flush writes out what is buffered.
func (c *CSVWriter) Flush() error { return c.w.Flush() }

func (c *CSVWriter) field(i int, text string, present bool) error {
	if i > 0 {
		if err := c.w.WriteByte(','); err != nil {
			return err
		}
	}
	if !needsQuotes(text) && (text != "" || !present) {
		_, err := c.w.WriteString(text)
		return err
	}
	_, err := c.w.WriteString(`"` + strings.ReplaceAll(text, `"`, `""`) + `"`)
	return err
}

// needsQuotes includes fields with outer blanks, which some readers trim.
func needsQuotes(text string) bool {
	return strings.ContainsAny(text, ",\"\r\n") || strings.TrimSpace(text) != text
}

// Defuse puts an apostrophe before text that a spreadsheet would take for a formula or a command:
// text that starts with = + - @, their full-width forms, a tab, a carriage return or a line feed.
func Defuse(text string) string {
	if IsFormula(text) {
		return "'" + text
	}
	return text
}

// IsFormula tells whether a spreadsheet might run text that it reads from a CSV file.
func IsFormula(text string) bool {
	for _, r := range text { // the first rune only
		return strings.ContainsRune("=+-@\t\r\n＝＋－＠", r)
	}
	return false
}
