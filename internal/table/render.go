package table

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Format names of [Render].
const (
	FormatTable = "table"
	FormatJSON  = "json"
	FormatCSV   = "csv"
)

// ErrFormat is returned (wrapped) for a format that is none of table, json and csv.
var ErrFormat = errors.New("unknown format")

// CheckFormat tells before any work whether [Render] knows the format.
func CheckFormat(format string) error {
	switch format {
	case FormatTable, FormatJSON, FormatCSV:
		return nil
	}
	return fmt.Errorf("%w %q: use table, json or csv", ErrFormat, format)
}

// Render writes all rows in a format: table, json or csv.
//
// table is for a terminal: columns aligned by how wide their text shows, numbers to the right,
// NULL as –, and control characters of foreign text written out as \n, \x1b and so on. json is an
// array of objects whose keys keep the columns' order; integers and decimals are JSON numbers with all their
// digits, dates and timestamps ISO 8601 strings, NULL null. csv is what [CSVWriter] says.
//
// csv and json are streamed; table keeps all rows in memory.
func Render(w io.Writer, columns []Column, rows Rows, format string) error {
	switch format {
	case FormatTable:
		return renderTable(w, columns, rows)
	case FormatJSON:
		return renderJSON(w, columns, rows)
	case FormatCSV:
		return renderCSV(w, columns, rows)
	}
	return CheckFormat(format)
}

func renderCSV(w io.Writer, columns []Column, rows Rows) error {
	out, err := NewCSVWriter(w, columns)
	if err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	return out.Flush()
}

func renderJSON(w io.Writer, columns []Column, rows Rows) error {
	out := bufio.NewWriter(w)
	keys := make([]string, len(columns))
	for i, c := range columns {
		key, err := jsonText(c.Name)
		if err != nil {
			return err
		}
		keys[i] = key
	}
	// bufio.Writer keeps the first error and Flush returns it.
	out.WriteString("[")
	separator := "\n  "
	for row, err := range rows {
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		out.WriteString(separator + "{")
		separator = ",\n  "
		for i, v := range row {
			value, err := jsonValue(columns[i], v)
			if err != nil {
				return err
			}
			if i > 0 {
				out.WriteString(", ")
			}
			out.WriteString(keys[i] + ": " + value)
		}
		out.WriteString("}")
	}
	if separator != "\n  " {
		out.WriteString("\n")
	}
	out.WriteString("]\n")
	return out.Flush()
}

func jsonValue(c Column, v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case bool, int, int64, Decimal:
		return Format(c, v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) { // JSON has no such numbers
			return jsonText(Format(c, v))
		}
		return Format(c, v), nil
	}
	if c.Kind == Integer { // *big.Int
		return Format(c, v), nil
	}
	return jsonText(Format(c, v))
}

func jsonText(text string) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(strings.ToValidUTF8(text, "\uFFFD")); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func renderTable(w io.Writer, columns []Column, rows Rows) error {
	header := make([]string, len(columns))
	widths := make([]int, len(columns))
	for i, c := range columns {
		header[i] = Printable(c.Name)
		widths[i] = displayWidth(header[i])
	}
	var cells [][]string
	for row, err := range rows {
		if err != nil {
			return err
		}
		line := make([]string, len(columns))
		for i, v := range row {
			line[i] = "–"
			if v != nil {
				line[i] = Printable(Format(columns[i], v))
			}
			widths[i] = max(widths[i], displayWidth(line[i]))
		}
		cells = append(cells, line)
	}
	rule := make([]string, len(columns))
	for i, n := range widths {
		rule[i] = strings.Repeat("─", n)
	}
	out := bufio.NewWriter(w)
	for _, line := range append([][]string{header, rule}, cells...) {
		if _, err := out.WriteString(align(columns, widths, line) + "\n"); err != nil {
			return err
		}
	}
	return out.Flush()
}

func align(columns []Column, widths []int, cells []string) string {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteString("  ")
		}
		pad := strings.Repeat(" ", widths[i]-displayWidth(cell))
		if columns[i].Kind.Numeric() {
			b.WriteString(pad + cell)
		} else {
			b.WriteString(cell + pad)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// Printable makes foreign text safe for a terminal: control characters, invisible formatting
// characters (which can reorder or hide what is shown) and broken UTF-8 are written out.
func Printable(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexFunc(text, hostile) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case hostile(r) && r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case hostile(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hostile spares the joiner of emoji and of several scripts, which only shapes its neighbours.
func hostile(r rune) bool {
	const zeroWidthJoiner, zeroWidthNonJoiner = '\u200d', '\u200c'
	if r == zeroWidthJoiner || r == zeroWidthNonJoiner {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// displayWidth counts terminal cells: 2 for East Asian wide characters and emoji, 0 for marks
// that combine with the character before.
func displayWidth(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me) || r == '\u200d' || r == '\u200c':
		case isWide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func isWide(r rune) bool {
	if r < 0x1100 {
		return false
	}
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}
