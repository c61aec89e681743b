package load

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/table"
)

// source answers the page's questions from the warehouse. A question about a report or a column that is not
// there has no rows: the page leaves that part out.
type source struct {
	db      *sql.DB
	reports []report
}

// row is one row of an answer by column name. Its getters give nothing for NULL.
type row map[string]any

// needs names a report and the columns that a question uses.
type needs struct {
	report  string
	columns []string
}

func (s source) has(n needs) bool {
	i := slices.IndexFunc(s.reports, func(r report) bool { return r.name == n.report })
	if i < 0 {
		return false
	}
	for _, want := range n.columns {
		if !slices.ContainsFunc(s.reports[i].columns, func(c reportColumn) bool { return c.Name == want }) {
			return false
		}
	}
	return true
}

func (s source) ask(ctx context.Context, n needs, query string, args ...any) ([]row, error) {
	if !s.has(n) {
		return nil, nil
	}
	columns, rows, err := duck.Query(ctx, s.db, query, args...)
	if err != nil {
		return nil, err
	}
	var out []row
	for values, err := range rows {
		if err != nil {
			return nil, err
		}
		r := make(row, len(columns))
		for i, c := range columns {
			r[c.Name] = values[i]
		}
		out = append(out, r)
	}
	return out, nil
}

func (r row) text(name string) string {
	s, _ := r[name].(string)
	return s
}

// number is an integer, and whether it is known.
func (r row) number(name string) (int64, bool) {
	n, ok := r[name].(int64)
	return n, ok
}

func (r row) float(name string) (float64, bool) {
	f, ok := r[name].(float64)
	return f, ok
}

func (r row) yes(name string) bool {
	b, _ := r[name].(bool)
	return b
}

func (r row) time(name string) (time.Time, bool) {
	t, ok := r[name].(time.Time)
	return t, ok
}

func (r row) money(name string) table.Decimal {
	d, _ := r[name].(table.Decimal)
	return d
}

// count shows an integer.
func (r row) count(name string) string {
	if n, ok := r.number(name); ok {
		return grouped(n)
	}
	return unknown
}

// amount shows money in whole units.
func (r row) amount(name string) string { return whole(r.money(name)) }

// cents shows money with its hundredths.
func (r row) cents(name string) string {
	d := r.money(name)
	if d.Unscaled == nil {
		return unknown
	}
	return groupedDecimal(d)
}

func (r row) percent(name string) string {
	if f, ok := r.float(name); ok {
		return one(f) + " %"
	}
	return unknown
}

func (r row) day(name string) string {
	if t, ok := r.time(name); ok {
		return day(t)
	}
	return unknown
}

// sortable is a value as the page's table sorting reads it; the empty text sorts last.
func (r row) sortable(name string) string {
	return table.Format(table.Column{Kind: table.Date}, r[name])
}
