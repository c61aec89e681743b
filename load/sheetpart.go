package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/table"
)

// sheetPart is the part of a report that its sheet in the workbook shows. Of a report with several
// report dates that is the newest one: whoever opens a workbook asks how things stand. Of other
// reports it is all, or as many of the newest dates as fit, or the first rows.
type sheetPart struct {
	column int       // that holds the date
	from   time.Time // zero: whatever the date
	dates  int       // how many dates there are
	rows   int64
}

// asOf is the column of report dates.
const asOf = "as_of"

// measure counts a report's rows and chooses the part of them for its sheet.
func (r *report) measure(ctx context.Context, db *sql.DB) error {
	name := duck.Qualified("reports", r.name)
	date := r.dateColumn()
	if date < 0 {
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+name).Scan(&r.rows); err != nil {
			return err
		}
		r.part = sheetPart{rows: min(r.rows, sheetRows)}
		return nil
	}
	column := r.columns[date].Name
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT %[1]s, count(*) FROM %[2]s GROUP BY %[1]s ORDER BY %[1]s DESC NULLS LAST", duck.Ident(column), name))
	if err != nil {
		return err
	}
	r.rows, r.part = 0, sheetPart{column: date}
	full := false
	for rows.Next() {
		var day sql.NullTime
		var n int64
		if err := rows.Scan(&day, &n); err != nil {
			return errors.Join(err, rows.Close())
		}
		r.rows += n
		r.part.dates++
		full = full || r.part.dates > 1 && (column == asOf || r.part.rows+n > sheetRows)
		if !full {
			r.part.rows, r.part.from = min(r.part.rows+n, sheetRows), day.Time
		}
	}
	if !full {
		r.part.from = time.Time{}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// dateColumn is the place of the date that a report is ordered by first, -1 if it isn't by one.
func (r *report) dateColumn() int {
	if len(r.key) == 0 {
		return -1
	}
	return slices.IndexFunc(r.columns, func(c reportColumn) bool { return c.Name == r.key[0] && c.Kind == table.Date })
}

// shows says whether a row belongs to the part.
func (p sheetPart) shows(row []any) bool {
	if p.from.IsZero() {
		return true
	}
	day, ok := row[p.column].(time.Time)
	return ok && !day.Before(p.from)
}

// note tells what the sheet leaves out, "" when nothing.
func (p sheetPart) note(r report) string {
	where := fmt.Sprintf("All %s rows: %s.parquet and %s.csv", grouped(r.rows), r.name, r.name)
	date := p.from.Format(time.DateOnly)
	switch {
	case p.rows == r.rows:
		return ""
	case p.from.IsZero():
		return fmt.Sprintf("The first %s rows. %s", grouped(p.rows), where)
	case r.columns[p.column].Name == asOf && p.rows < sheetRows:
		return fmt.Sprintf("As of %s, the newest of %d report dates. %s", date, p.dates, where)
	case r.columns[p.column].Name == asOf:
		return fmt.Sprintf("The first %s rows as of %s, the newest of %d report dates. %s", grouped(p.rows), date, p.dates, where)
	}
	return fmt.Sprintf("From %s on. %s", date, where)
}
