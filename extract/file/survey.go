package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
)

// What a number or a date means is judged by all values of its column, before any of them is taken: 1,158 among
// 7,25 is a fraction, among 1,234.50 it is thousands. Small files are kept while they are surveyed; large ones
// are read twice, so that memory stays bounded.
const (
	surveyCells = 300_000
	surveyBytes = 24 << 20
)

// seenText is the first value of its sort in a column.
type seenText struct {
	text string
	row  int
	n    int64
}

func (s *seenText) see(text string, row int) {
	if s.n++; s.n == 1 {
		s.text, s.row = text, row
	}
}

// columnGuess is what a column's values prove.
type columnGuess struct {
	header                           string
	comma, point, either             seenText // of numbers
	dayFirst, monthFirst, order, own seenText // of dates: order those that could be either, own those that say it themselves
	midnight, instant                seenText // of instants where days are meant: those at a day's beginning, and others
}

// survey looks through a table.
type survey struct {
	binder  *binder
	dates   dateParser
	columns map[int]*columnGuess // by column of the kind
	moves   undirected
	types   lineTypes
	dated   bool // some row names the date of its list
}

// surveyTable reads a table to its end, or for so many rows. It gives the rows read, or nil where they are too many to keep.
func surveyTable(ctx context.Context, t table, b *binder, dates dateParser, most int) (s *survey, kept []row, err error) {
	s = &survey{binder: b, dates: dates, columns: map[int]*columnGuess{}, moves: undirected{map[int]*directedColumn{}}, types: lineTypes{}}
	keep, cells, bytes := true, 0, 0
	for n := 0; most == 0 || n < most; n++ {
		r, err := t.next()
		if errors.Is(err, io.EOF) {
			if !keep {
				return s, nil, nil
			}
			return s, append(make([]row, 0, 1), kept...), nil
		}
		if err != nil {
			return nil, nil, err
		}
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err := b.extend(t.names()); err != nil {
			return nil, nil, err
		}
		s.row(r)
		s.moves.row(b, r)
		s.types.row(b, r)
		if !keep {
			continue
		}
		copied := *r
		copied.cells = slices.Clone(r.cells)
		cells, bytes = cells+len(r.cells)+1, bytes+len(r.raw)
		for _, c := range r.cells {
			bytes += len(c.text) + len(c.json)
		}
		if kept = append(kept, copied); cells > surveyCells || bytes > surveyBytes {
			kept, keep = nil, false
		}
	}
	return s, nil, nil
}

func (s *survey) row(r *row) {
	if r.broken != "" {
		return
	}
	for _, c := range r.cells {
		b := s.binder.bound[c.column]
		s.dated = s.dated || b.column >= 0 && s.binder.kind.Columns[b.column].Name == "snapshot_date"
		if b.column < 0 || c.kind != textValue && c.kind != instantValue {
			continue
		}
		col := s.binder.kind.Columns[b.column]
		switch col.Type {
		case filekind.Decimal, filekind.Integer, filekind.Date, filekind.Timestamp:
		default:
			continue
		}
		g, ok := s.columns[b.column]
		if !ok {
			g = &columnGuess{header: b.header}
			s.columns[b.column] = g
		}
		if col.Type == filekind.Date {
			g.day(c.text, r.number)
		}
		switch {
		case c.kind != textValue:
		case col.Type == filekind.Decimal || col.Type == filekind.Integer:
			g.number(col, c.text, r.number)
		default:
			g.date(s.dates, c.text, r.number)
		}
	}
}

// number notes what a number proves of its column's decimal mark.
func (g *columnGuess) number(col filekind.Column, text string, row int) {
	if text, _ = cutDirection(text); col.Type == filekind.Integer {
		text, _ = withoutUnit(col.Name, text)
	}
	n, err := stripNumber(strings.TrimSuffix(text, "%"))
	if err != nil {
		return
	}
	point, comma := strings.LastIndexByte(n.digits, '.'), strings.LastIndexByte(n.digits, ',')
	last := max(point, comma)
	if last < 0 {
		return
	}
	_, asPoint := parseDecimal(text, false)
	_, asComma := parseDecimal(text, true)
	if col.Name == "percent" {
		_, asPoint = parseDecimal(strings.TrimSuffix(text, "%"), false)
		_, asComma = parseDecimal(strings.TrimSuffix(text, "%"), true)
	}
	switch {
	case asPoint != nil && asComma != nil:
	case asComma != nil:
		g.point.see(text, row)
	case asPoint != nil:
		g.comma.see(text, row)
	case last == 0 || n.digits[0] == '0' || !thousands(n.digits, last):
		// Both can be read, but nobody writes thousands so: 0,125 or ,500.
		if last == comma {
			g.comma.see(text, row)
		} else {
			g.point.see(text, row)
		}
	case col.Type == filekind.Integer:
		// A count has no fraction: three digits behind a mark are thousands.
		if last == comma {
			g.point.see(text, row)
		} else {
			g.comma.see(text, row)
		}
	default:
		g.either.see(text, row)
	}
}

// day notes what an instant says of a column of days.
func (g *columnGuess) day(text string, row int) {
	switch _, midnight, zoned := zonedDay(text); {
	case !zoned:
	case midnight:
		g.midnight.see(text, row)
	default:
		g.instant.see(text, row)
	}
}

// date notes what a date in another notation than ours proves of its column's order.
func (g *columnGuess) date(dates dateParser, text string, row int) {
	if _, ok := dates.parse(text); ok {
		return
	}
	l, ok := looseDate(text)
	switch {
	case !ok:
	case l.order == dayFirst:
		g.dayFirst.see(text, row)
	case l.order == monthFirst:
		g.monthFirst.see(text, row)
	case l.order == plainOrder:
		g.own.see(text, row)
	default:
		g.order.see(text, row)
	}
}

// decide says how each column's numbers and dates are read, and what people should know of it. A column whose values
// contradict each other is an error that names the setting which decides.
func (s *survey) decide(set settings, unit string, semicolons bool, p *valueParser) ([]note, error) {
	p.commas, p.orders, p.days = map[string]bool{}, map[string]dateOrder{}, map[string]bool{}
	var told []note
	var anyComma, anyPoint bool
	var anyOrder dateOrder
	for i := range s.binder.kind.Columns {
		g := s.columns[i]
		if g == nil {
			continue
		}
		if set.decimal == "" && g.comma.n > 0 && g.point.n > 0 {
			return nil, fmt.Errorf("column %s: %s (%s %d) has a decimal comma, %s (%s %d) a decimal point; set decimal: comma or decimal: point, or mend the file",
				g.header, quoteShort(g.comma.text), unit, g.comma.row, quoteShort(g.point.text), unit, g.point.row)
		}
		if set.dates.layout == "" && g.dayFirst.n > 0 && g.monthFirst.n > 0 {
			return nil, fmt.Errorf("column %s: %s (%s %d) has the day first, %s (%s %d) the month; set date_format, such as DD/MM/YYYY, or mend the file",
				g.header, quoteShort(g.dayFirst.text), unit, g.dayFirst.row, quoteShort(g.monthFirst.text), unit, g.monthFirst.row)
		}
		anyComma, anyPoint = anyComma || g.comma.n > 0, anyPoint || g.point.n > 0
		switch {
		case g.dayFirst.n > 0 && anyOrder == noOrder:
			anyOrder = dayFirst
		case g.monthFirst.n > 0 && anyOrder == noOrder:
			anyOrder = monthFirst
		case g.dayFirst.n > 0 && anyOrder == monthFirst, g.monthFirst.n > 0 && anyOrder == dayFirst:
			anyOrder = plainOrder // no help to others
		}
	}
	for i, col := range s.binder.kind.Columns {
		if set.decimal != "" {
			p.commas[col.Name] = set.decimal == "comma"
		}
		g := s.columns[i]
		if g == nil {
			continue
		}
		if set.decimal == "" {
			comma, n := g.mark(unit, anyComma, anyPoint, semicolons)
			p.commas[col.Name] = comma
			told = append(told, n...)
		}
		if g.midnight.n > 0 && g.instant.n == 0 {
			p.days[col.Name] = true
			told = append(told, g.days(unit, s.dates)...)
		}
		if set.dates.layout == "" {
			order, n := g.dateOrder(unit, anyOrder)
			p.orders[col.Name] = order
			told = append(told, n...)
		}
	}
	return told, nil
}

// mark tells whether the decimal mark is a comma.
func (g *columnGuess) mark(unit string, anyComma, anyPoint, semicolons bool) (bool, []note) {
	if g.comma.n > 0 {
		return true, []note{{Check: "decimal_comma", Severity: severityInfo, Text: fmt.Sprintf(
			"column %s has decimal commas, as %s in %s %d shows; if not, set decimal: point", g.header, quoteShort(g.comma.text), unit, g.comma.row)}}
	}
	if g.either.n == 0 {
		return false, nil
	}
	read := func(comma bool) string {
		plain, err := parseDecimal(strings.TrimSuffix(g.either.text, "%"), comma)
		if err != nil {
			return "no number"
		}
		return plain
	}
	if g.point.n > 0 {
		return false, []note{{Check: "decimal_point", Severity: severityInfo, Text: fmt.Sprintf(
			"column %s has decimal points, as %s in %s %d shows, so %s in %s %d is %s; if not, set decimal: comma", g.header,
			quoteShort(g.point.text), unit, g.point.row, quoteShort(g.either.text), unit, g.either.row, read(false))}}
	}
	comma := semicolons
	if anyComma != anyPoint {
		comma = anyComma
	}
	return comma, []note{{Check: "ambiguous_decimal", Severity: severityWarning, Rows: g.either.n, Text: fmt.Sprintf(
		"column %s: every value could have a decimal comma or a decimal point; %s in %s %d is taken as %s; say which it is: decimal: comma or decimal: point",
		g.header, quoteShort(g.either.text), unit, g.either.row, read(comma))}}
}

// days tells that instants are taken for the days that they begin, where the organisation's time zone would make others of them.
func (g *columnGuess) days(unit string, dates dateParser) []note {
	day, _, _ := zonedDay(g.midnight.text)
	if there, err := (dateParser{zone: dates.zone}).date(g.midnight.text); err != nil || there == day {
		return nil
	}
	return []note{{Check: "days_not_instants", Severity: severityInfo, Text: fmt.Sprintf(
		"column %s: all times are midnight, as %s in %s %d, so they are taken as days", g.header, quoteShort(g.midnight.text), unit, g.midnight.row)}}
}

// dateOrder tells how the column's dates in other notations are read.
func (g *columnGuess) dateOrder(unit string, anyOrder dateOrder) (dateOrder, []note) {
	all := g.dayFirst.n + g.monthFirst.n + g.order.n + g.own.n
	if all < minDates {
		return noOrder, nil
	}
	order, proof := plainOrder, g.own
	switch {
	case g.dayFirst.n > 0:
		order, proof = dayFirst, g.dayFirst
	case g.monthFirst.n > 0:
		order, proof = monthFirst, g.monthFirst
	case g.order.n > 0 && (anyOrder == dayFirst || anyOrder == monthFirst):
		order, proof = anyOrder, g.order
	case g.order.n > 0:
		return noOrder, []note{{Check: "ambiguous_dates", Severity: severityWarning, Rows: g.order.n, Text: fmt.Sprintf(
			"column %s: %s in %s %d and all others could have the day or the month first, so they are not taken; set date_format: DD/MM/YYYY or MM/DD/YYYY",
			g.header, quoteShort(g.order.text), unit, g.order.row)}}
	}
	words := map[dateOrder]string{dayFirst: "the day first", monthFirst: "the month first", plainOrder: "dates in a notation of their own"}
	return order, []note{{Check: "date_order", Severity: severityInfo, Text: fmt.Sprintf(
		"column %s has %s, as %s in %s %d shows; if not, set date_format", g.header, words[order], quoteShort(proof.text), unit, proof.row)}}
}

// replay is a table whose rows were kept.
type replay struct {
	table
	rows []row
	at   int
}

func (r *replay) next() (*row, error) {
	if r.at == len(r.rows) {
		return nil, io.EOF
	}
	r.at++
	return &r.rows[r.at-1], nil
}
