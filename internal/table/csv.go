package table

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"
)

// CSVWriter writes RFC 4180 CSV in UTF-8 without a byte order mark: a header, quotes where needed,
// lines ended by LF. NULL is an empty field and the empty text is "". Text that a spreadsheet
// would run as a formula is defused, see [Defuse]; numbers, negative ones too, stay numbers.
type CSVWriter struct {
	w       *bufio.Writer
	columns []Column
	line    []byte // the row being written; kept for its room
}

// NewCSVWriter writes the header. Call Flush at the end.
func NewCSVWriter(w io.Writer, columns []Column) (*CSVWriter, error) {
	c := &CSVWriter{w: bufio.NewWriterSize(w, 1<<16), columns: columns}
	for i, col := range columns {
		if i > 0 {
			c.line = append(c.line, ',')
		}
		c.line = appendField(c.line, Column{Kind: Text}, col.Name)
	}
	c.line = append(c.line, '\n')
	_, err := c.w.Write(c.line)
	return c, err
}

// Write adds a row.
func (c *CSVWriter) Write(row []any) error {
	line := c.line[:0]
	for i, v := range row {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendField(line, c.columns[i], v)
	}
	c.line = append(line, '\n')
	_, err := c.w.Write(c.line)
	return err
}

// Flush writes out what is buffered.
func (c *CSVWriter) Flush() error { return c.w.Flush() }

// appendField appends a value as a field. What most fields are goes without a text of its own.
func appendField(line []byte, c Column, v any) []byte {
	switch v := v.(type) {
	case nil:
		return line
	case string:
		if c.Kind == Text && isPlain(v) {
			return append(line, v...)
		}
	case int64:
		return strconv.AppendInt(line, v, 10)
	case Decimal:
		return v.Append(line)
	case time.Time:
		if c.Kind == Date {
			return v.AppendFormat(line, time.DateOnly)
		}
	}
	text := Format(c, v)
	if c.Kind == Text {
		text = Defuse(text)
	}
	return appendText(line, text)
}

// appendText appends a text that is not NULL.
func appendText(line []byte, text string) []byte {
	if text != "" && !needsQuotes(text) {
		return append(line, text...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(text, `"`, `""`)...)
	return append(line, '"')
}

// isPlain tells of most texts that they are neither empty, nor need quotes, nor would be taken for a formula: of those whose
// bytes are visible ASCII, with blanks inside.
func isPlain(text string) bool {
	if text == "" || text[0] == ' ' || text[len(text)-1] == ' ' || IsFormula(text) {
		return false
	}
	for i := range len(text) {
		if b := text[i]; b < ' ' || b > '~' || b == ',' || b == '"' {
			return false
		}
	}
	return true
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
