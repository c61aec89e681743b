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

// parquetTable reads a Parquet file, a few rows of one row group at a time. Columns inside
// groups are named by their path with dots; lists of scalars are lists.
type parquetTable struct {
	file    *os.File
	groups  []parquet.RowGroup
	rows    parquet.Rows // of the current group
	columns []parquetColumn
	headers []string
	buf     []parquet.Row
	unread  []parquet.Row
	number  int
	row     row
}

type parquetColumn struct {
	column   int // index into headers
	repeated bool
	cell     func(parquet.Value) cell
}

const parquetRows = 64

func openParquet(file *os.File) (t *parquetTable, err error) {
	defer recoverParquet(&err)
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(file, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("is no readable Parquet file: %w", err)
	}
	t = &parquetTable{file: file, groups: f.RowGroups(), buf: make([]parquet.Row, parquetRows)}
	t.addColumns(f.Root())
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
	t.columns = append(t.columns, parquetColumn{column: len(t.headers), repeated: c.MaxRepetitionLevel() > 0, cell: converter(c.Type())})
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

func (t *parquetTable) Close() error {
	var err error
	if t.rows != nil {
		err = t.rows.Close()
	}
	return errors.Join(err, t.file.Close())
}

func (t *parquetTable) next() (_ *row, err error) {
	defer recoverParquet(&err)
	for len(t.unread) == 0 {
		if err := t.fill(); err != nil {
			return nil, err
		}
	}
	values := t.unread[0]
	t.unread = t.unread[1:]
	t.number++
	t.row = row{number: t.number, cells: t.row.cells[:0]}
	var failed error
	values.Range(func(column int, values []parquet.Value) bool {
		if column >= len(t.columns) {
			failed = fmt.Errorf("row %d: a value of a column that the schema does not have", t.number)
			return false
		}
		if c, ok := t.columns[column].join(values); ok {
			t.row.cells = append(t.row.cells, c)
		}
		return true
	})
	return &t.row, failed
}

// fill reads the next rows of the current group, or opens the next group.
func (t *parquetTable) fill() error {
	for t.rows == nil {
		if len(t.groups) == 0 {
			return io.EOF
		}
		if t.groups[0].NumRows() == 0 { // as pandas writes one for an empty frame; it has no pages to read
			t.groups = t.groups[1:]
			continue
		}
		t.rows, t.groups = t.groups[0].Rows(), t.groups[1:]
	}
	n, err := t.rows.ReadRows(t.buf)
	t.unread = t.buf[:n]
	if errors.Is(err, io.EOF) || err == nil && n == 0 {
		err = t.rows.Close()
		t.rows = nil
	}
	if err != nil {
		return fmt.Errorf("is a damaged Parquet file: after row %d: %w", t.number+n, err)
	}
	return nil
}

func (c parquetColumn) join(values []parquet.Value) (cell, bool) {
	if !c.repeated {
		if len(values) != 1 || values[0].IsNull() {
			return cell{}, false
		}
		v := c.cell(values[0])
		v.column = c.column
		return v, v.text != ""
	}
	var texts, elements []string
	for _, v := range values {
		if v.IsNull() {
			continue
		}
		e := c.cell(v)
		if e.text != "" {
			texts = append(texts, e.text)
		}
		elements = append(elements, string(appendValue(nil, e)))
	}
	text := strings.Join(texts, ";")
	return cell{column: c.column, kind: listValue, text: text, json: "[" + strings.Join(elements, ",") + "]"}, text != ""
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
