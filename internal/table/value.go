// Package table writes rows for people and programs: an aligned table for a terminal, JSON, and
// the CSV that the exports use too.
//
// A value is one of: nil (NULL), string, bool, int64, *big.Int, [Decimal], float64, time.Time.
// A time's meaning, date or instant, comes from its column's [Kind]; instants are UTC.
package table

import (
	"fmt"
	"iter"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is what a column holds.
type Kind int

// The kinds of columns.
const (
	Text      Kind = iota // string
	Integer               // int64 or *big.Int
	Exact                 // Decimal
	Float                 // float64
	Boolean               // bool
	Date                  // time.Time, of which only the date counts
	Timestamp             // time.Time, an instant in UTC
)

// Numeric tells whether values of the kind are numbers.
func (k Kind) Numeric() bool { return k == Integer || k == Exact || k == Float }

// Column describes a column.
type Column struct {
	Name  string
	Kind  Kind
	Scale int // digits after the point, for Exact
}

// Rows yields rows in order; each has one value per column. A row is only valid until the next
// one is asked for. After an error, the sequence ends.
type Rows = iter.Seq2[[]any, error]

// Slice makes [Rows] of rows in memory.
func Slice(rows [][]any) Rows {
	return func(yield func([]any, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Decimal is an exact decimal number: Unscaled × 10^-Scale.
type Decimal struct {
	Unscaled *big.Int
	Scale    int
}

// String gives the number with exactly Scale digits after the point.
func (d Decimal) String() string { return string(d.Append(nil)) }

// Append appends what String gives.
func (d Decimal) Append(to []byte) []byte {
	if d.Unscaled == nil {
		return append(to, '0')
	}
	first := len(to)
	if d.Unscaled.Sign() < 0 {
		first++
	}
	to = d.Unscaled.Append(to, 10)
	if d.Scale <= 0 {
		return to
	}
	for len(to)-first <= d.Scale {
		to = slices.Insert(to, first, '0')
	}
	return slices.Insert(to, len(to)-d.Scale, '.')
}

// Float64 is the nearest float64.
func (d Decimal) Float64() float64 {
	f, err := strconv.ParseFloat(d.String(), 64)
	if err != nil {
		return 0 // a decimal's digits always parse; out of range can't be with DuckDB's 38 digits
	}
	return f
}

// Format gives a value of a column as plain text: ISO 8601 dates and times, exact numbers, true and
// false. NULL is the empty string; callers that tell it from an empty text check for nil first.
func Format(c Column, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.ToValidUTF8(v, "\uFFFD")
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case int:
		return strconv.Itoa(v)
	case float64:
		return FormatFloat(v)
	case time.Time:
		if c.Kind == Date {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	default:
		return fmt.Sprint(v) // *big.Int and Decimal
	}
}

// FormatFloat gives the shortest text that reads back as f, without an exponent unless f is very
// large or very small.
func FormatFloat(f float64) string {
	format := byte('f')
	if a := max(f, -f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'g'
	}
	return strconv.FormatFloat(f, format, -1, 64)
}
