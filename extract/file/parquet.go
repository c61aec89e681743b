package file

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	pqformat "github.com/parquet-go/parquet-go/format"
)

// parquetTable reads a Parquet file, one row group after the other, of each column a page at a time. Columns inside
// groups are named by their path with dots; lists of scalars are lists.
type parquetTable struct {
	file    *os.File
	footer  *parquetFooter
	group   int   // index into the footer's
	left    int64 // rows of the group
	columns []*parquetColumn
	headers []string
	number  int
	row     row
	pageBuffers
}

func openParquet(file *os.File, most int64) (t *parquetTable, err error) {
	defer recoverParquet(&err)
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	footer, err := openFooter(file, info.Size(), most)
	if err != nil {
		return nil, fmt.Errorf("is no readable Parquet file: %w", err)
	}
	t = &parquetTable{file: file, footer: footer, group: -1, pageBuffers: pageBuffers{budget: &pageBudget{most: most}}}
	t.addColumns(footer.lib.Root())
	return t, nil
}

// recoverParquet turns a panic over damaged bytes into an error.
func recoverParquet(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("is a damaged Parquet file: %v", p)
	}
}

func (t *parquetTable) addColumns(c *parquet.Column) {
	if !c.Leaf() {
		for _, child := range c.Columns() {
			t.addColumns(child)
		}
		return
	}
	path := c.Path()
	if c.MaxRepetitionLevel() > 0 {
		path = path[:len(path)-listLevels(path)]
	}
	t.columns = append(t.columns, &parquetColumn{index: len(t.headers), leaf: c, cell: converter(c.Type())})
	t.headers = append(t.headers, trim(strings.Join(path, ".")))
}

// listLevels counts the path elements that only spell out a list ("x.list.element", "x.array").
func listLevels(path []string) int {
	n := len(path)
	if n >= 3 && path[n-2] == "list" && (path[n-1] == "element" || path[n-1] == "item") {
		return 2
	}
	if n >= 2 && (path[n-1] == "array" || path[n-1] == "element") {
		return 1
	}
	return 0
}

func (t *parquetTable) names() []string { return t.headers }

func (t *parquetTable) notes() []note { return nil }

func (t *parquetTable) Close() error { return errors.Join(t.closeGroup(), t.file.Close()) }

func (t *parquetTable) closeGroup() error {
	var errs error
	for _, c := range t.columns {
		errs = errors.Join(errs, c.close())
	}
	return errs
}

func (t *parquetTable) next() (_ *row, err error) {
	defer recoverParquet(&err)
	for t.left == 0 {
		if err := t.nextGroup(); err != nil {
			return nil, err
		}
	}
	t.number++
	t.row = row{number: t.number, cells: t.row.cells[:0]}
	room := maxRecord
	for _, c := range t.columns {
		cell, filled, err := c.next(&room)
		if err != nil {
			return nil, t.wrong(c, err)
		}
		if filled && room >= 0 {
			t.row.cells = append(t.row.cells, cell)
		}
	}
	t.left--
	if room < 0 {
		t.row.broken = fmt.Sprintf("the row's values take more than %s", size(maxRecord))
		for _, c := range t.row.cells {
			t.row.raw += c.text[:min(len(c.text), rawKept)] + "\t"
			if len(t.row.raw) > rawKept {
				break
			}
		}
		t.row.cells = t.row.cells[:0]
	}
	return &t.row, nil
}

// nextGroup opens the next row group, once the current one was read whole; io.EOF behind the last.
func (t *parquetTable) nextGroup() error {
	if t.group >= 0 {
		for _, c := range t.columns {
			if more := c.unread + int64(c.to-c.from); more > 0 {
				return t.wrong(c, fmt.Errorf("%d values more than the row group has rows", more))
			}
		}
		if err := t.closeGroup(); err != nil {
			return err
		}
	}
	if t.group+1 >= len(t.footer.groups) {
		t.group = len(t.footer.groups) - 1
		return io.EOF
	}
	t.group++
	group := &t.footer.groups[t.group]
	if t.left = group.NumRows; t.left < 0 {
		return fmt.Errorf("is a damaged Parquet file: row group %d has %d rows", t.footer.numbers[t.group], t.left)
	}
	chunks := t.footer.lib.RowGroups()[0].ColumnChunks()
	for i, c := range t.columns {
		chunk, ok := chunks[i].(*parquet.FileColumnChunk)
		if !ok {
			return fmt.Errorf("column %s can't be read from a file", t.headers[i])
		}
		meta := &group.Columns[i].MetaData
		c.source = newPageSource(t.file, c.leaf, meta, &t.pageBuffers)
		c.pages, c.unread, c.inPage, c.from, c.to = chunk.PagesFrom(c.source), meta.NumValues, 0, 0, 0
	}
	return nil
}

// wrong says at which place of the file an error arose.
func (t *parquetTable) wrong(c *parquetColumn, err error) error {
	place := columnIn(t.footer.numbers[t.group], c.leaf.Path())
	var much tooMuch
	if errors.As(err, &much) {
		return fmt.Errorf("%s: %w", place, much)
	}
	return fmt.Errorf("is a damaged Parquet file: %s, row %d: %w", place, t.number, noEOF(err))
}

// parquetColumn reads a column, row by row.
type parquetColumn struct {
	index int // into headers
	leaf  *parquet.Column
	cell  func(parquet.Value) cell

	// Of the current row group:
	source *pageSource
	pages  *parquet.FilePages
	page   parquet.Page
	values parquet.ValueReader // of the page
	inPage int64               // values of the page that were not taken from it
	unread int64               // values of the row group that were not taken from a page
	// Of the page, taken from it and good until more are.
	buf      [parquetValues]parquet.Value
	from, to int
}

// parquetValues are taken from a page at once.
const parquetValues = 64

func (c *parquetColumn) close() error {
	if c.pages == nil {
		return nil
	}
	parquet.Release(c.page)
	err := c.pages.Close()
	c.source.release(c.source.page + c.source.dict)
	c.page, c.pages, c.source = nil, nil, nil
	return err
}

// peek gives the next value, nil behind the row group's last.
func (c *parquetColumn) peek() (*parquet.Value, error) {
	for c.from == c.to {
		if c.inPage == 0 {
			if c.unread == 0 {
				return nil, nil
			}
			if err := c.turn(); err != nil {
				return nil, err
			}
			continue
		}
		n, err := c.values.ReadValues(c.buf[:min(c.inPage, parquetValues)])
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if n == 0 {
			return nil, fmt.Errorf("a page has %d values less than it says", c.inPage)
		}
		c.inPage, c.unread = c.inPage-int64(n), c.unread-int64(n)
		c.from, c.to = 0, n
	}
	return &c.buf[c.from], nil
}

// turn goes to the next page.
func (c *parquetColumn) turn() error {
	before := c.source.page
	parquet.Release(c.page)
	c.page = nil
	page, err := c.pages.ReadPage()
	switch {
	case c.source.err != nil && !errors.Is(c.source.err, io.EOF):
		return c.source.err
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%d values less than the file says", c.unread)
	case err != nil:
		return err
	}
	c.source.release(before)
	c.page, c.values, c.inPage = page, page.Values(), c.source.values
	if c.inPage > c.unread {
		return fmt.Errorf("%d values more than the file says", c.inPage-c.unread)
	}
	return nil
}

// next gives the cell of the next row. It takes what that holds from room; where that is not enough the cell is read past.
func (c *parquetColumn) next(room *int) (cell, bool, error) {
	v, err := c.peek()
	if err != nil {
		return cell{}, false, err
	}
	if v == nil {
		return cell{}, false, errors.New("it has fewer values than the row group has rows")
	}
	if c.leaf.MaxRepetitionLevel() > 0 {
		return c.list(room)
	}
	c.from++
	out, ok := c.read(*v, room)
	out.column = c.index
	return out, ok && out.text != "", nil
}

// read makes a cell of a value, unless it is null or there is no room for it.
func (c *parquetColumn) read(v parquet.Value, room *int) (cell, bool) {
	if v.IsNull() {
		return cell{}, false
	}
	bytes := 8
	if k := v.Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
		bytes = len(v.ByteArray())
	}
	if *room -= bytes; *room < 0 {
		return cell{}, false
	}
	out := c.cell(v)
	*room -= max(len(out.text)-bytes, 0) // a number of a few bytes can have hundreds of digits
	return out, true
}

// list reads the values of one row, whose first is known to be there.
func (c *parquetColumn) list(room *int) (cell, bool, error) {
	var texts, elements []string
	for first := true; ; first = false {
		v, err := c.peek()
		if err != nil {
			return cell{}, false, err
		}
		if v == nil || v.RepetitionLevel() == 0 && !first {
			break
		}
		if first && v.RepetitionLevel() != 0 {
			return cell{}, false, errors.New("a list begins in its middle")
		}
		c.from++
		*room-- // nulls count, too
		e, ok := c.read(*v, room)
		if !ok {
			continue
		}
		if e.text != "" {
			texts = append(texts, e.text)
		}
		elements = append(elements, string(appendValue(nil, e)))
	}
	text := strings.Join(texts, ";")
	return cell{column: c.index, kind: listValue, text: text, json: "[" + strings.Join(elements, ",") + "]"}, text != "", nil
}

// converter gives the function that turns a column's values into cells.
func converter(t parquet.Type) func(parquet.Value) cell {
	if l := t.LogicalType(); l != nil {
		switch l := l.Value.(type) {
		case *pqformat.DateType:
			return func(v parquet.Value) cell {
				return cell{kind: dateValue, text: time.Unix(int64(v.Int32())*86400, 0).UTC().Format(time.DateOnly)}
			}
		case *pqformat.TimestampType:
			return timestampConverter(l)
		case *pqformat.DecimalType:
			return func(v parquet.Value) cell { return cell{kind: numberValue, text: unscaled(v, int(l.Scale))} }
		case *pqformat.StringType: // what is no UTF-8 in it is lost, and told
			return func(v parquet.Value) cell {
				return cell{text: trim(strings.ToValidUTF8(string(v.ByteArray()), "\uFFFD"))}
			}
		case *pqformat.UUIDType:
			return func(v parquet.Value) cell { return cell{text: uuid(v.ByteArray())} }
		case *pqformat.TimeType:
			unit := l.Unit.Value.Duration()
			return func(v parquet.Value) cell {
				return cell{text: time.Unix(0, 0).UTC().Add(time.Duration(whole(v)) * unit).Format("15:04:05.999999999")}
			}
		case *pqformat.IntType:
			if !l.IsSigned {
				return func(v parquet.Value) cell { return cell{kind: numberValue, text: unsigned(v)} }
			}
		}
	}
	return func(v parquet.Value) cell { return physical(v) }
}

func timestampConverter(l *pqformat.TimestampType) func(parquet.Value) cell {
	perSecond := int64(time.Second / l.Unit.Value.Duration())
	nanos := int64(time.Second) / perSecond
	kind, layout := localValue, "2006-01-02T15:04:05.999999999"
	if l.IsAdjustedToUTC {
		kind, layout = instantValue, time.RFC3339Nano
	}
	return func(v parquet.Value) cell {
		n := v.Int64()
		s, rest := n/perSecond, n%perSecond
		return cell{kind: kind, text: time.Unix(s, rest*nanos).UTC().Format(layout)}
	}
}

func physical(v parquet.Value) cell {
	switch v.Kind() {
	case parquet.Boolean:
		return cell{kind: booleanValue, text: strconv.FormatBool(v.Boolean())}
	case parquet.Int32, parquet.Int64:
		return cell{kind: numberValue, text: strconv.FormatInt(whole(v), 10)}
	case parquet.Int96:
		return cell{kind: instantValue, text: int96Time(v.Int96()).Format(time.RFC3339Nano)}
	case parquet.Float:
		return floating(float64(v.Float()), 32)
	case parquet.Double:
		return floating(v.Double(), 64)
	}
	b := v.ByteArray()
	if !utf8.Valid(b) {
		return cell{text: base64.StdEncoding.EncodeToString(b)}
	}
	return cell{text: trim(string(b))}
}

// floating gives a number, or nothing for NaN and the infinities, which no column can hold.
func floating(f float64, bits int) cell {
	text := strconv.FormatFloat(f, 'f', -1, bits)
	if !json.Valid([]byte(text)) {
		return cell{}
	}
	return cell{kind: numberValue, text: text}
}

func whole(v parquet.Value) int64 {
	if v.Kind() == parquet.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

func unsigned(v parquet.Value) string {
	if v.Kind() == parquet.Int32 {
		return strconv.FormatUint(uint64(v.Uint32()), 10)
	}
	return strconv.FormatUint(v.Uint64(), 10)
}

// unscaled writes a decimal: an integer, big-endian two's complement when kept as bytes,
// divided by ten to the power of scale.
func unscaled(v parquet.Value, scale int) string {
	n := new(big.Int)
	switch v.Kind() {
	case parquet.Int32, parquet.Int64:
		n.SetInt64(whole(v))
	default:
		b := v.ByteArray()
		n.SetBytes(b)
		if len(b) > 0 && b[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
		}
	}
	digits := new(big.Int).Abs(n).String()
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if scale > 0 {
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if n.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

func uuid(b []byte) string {
	if len(b) != 16 {
		return fmt.Sprintf("%x", b)
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// int96Time reads the timestamp that Spark and Impala used to write: nanoseconds of the day,
// then the Julian day.
func int96Time(v deprecated.Int96) time.Time {
	const unixEpoch = 2440588 // as a Julian day
	nanos := int64(uint64(v[0]) | uint64(v[1])<<32)
	return time.Unix((int64(v[2])-unixEpoch)*86400, nanos).UTC()
}
