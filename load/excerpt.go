package load

import (
	"fmt"
	"time"
)

// excerpt is what its sheet in the workbook shows of a report: so many rows, after the first ones. Of a report with
// several report dates those are the newest date's: whoever opens a workbook asks how things stand. Of other
// reports by date they are those of the last year, with what lies ahead of it, or as many of its newest dates as fit; of the rest all, or the first ones.
type excerpt struct {
	skip, rows int64
	from       time.Time // zero: whatever the date
}

// asOf is the column of report dates.
const asOf = "as_of"

// excerptOf chooses. The dates are in order; rows without one come last. A report may go on behind the run's day, which ends
// the last year; zero where that is not known.
func excerptOf(r report, runDay time.Time) excerpt {
	if r.dateColumn() == "" {
		return excerpt{rows: min(r.rows, sheetRows)}
	}
	e, lastYear := excerpt{skip: r.rows}, time.Time{}
	for i := len(r.dates) - 1; i >= 0; i-- {
		d, newest := r.dates[i], i == len(r.dates)-1
		if !newest && (r.dateColumn() == asOf || e.rows+d.rows > sheetRows || d.day.Time.Before(lastYear)) {
			return e
		}
		if newest && d.day.Valid {
			end := d.day.Time
			if !runDay.IsZero() && runDay.Before(end) {
				end = runDay
			}
			lastYear = end.AddDate(-1, 0, 1)
		}
		e.skip, e.rows, e.from = e.skip-d.rows, min(e.rows+d.rows, sheetRows), d.day.Time
	}
	return excerpt{rows: e.rows}
}

// note tells what the sheet leaves out, "" when nothing.
func (e excerpt) note(r report) string {
	where := fmt.Sprintf("All %s rows: %s and %s", grouped(r.rows), r.parquetName(), r.csvName())
	date := e.from.Format(time.DateOnly)
	switch {
	case e.rows == r.rows:
		return ""
	case e.from.IsZero():
		return fmt.Sprintf("The first %s rows. %s", grouped(e.rows), where)
	case r.dateColumn() == asOf && e.rows < sheetRows:
		return fmt.Sprintf("As of %s, the newest of %d report dates. %s", date, len(r.dates), where)
	case r.dateColumn() == asOf:
		return fmt.Sprintf("The first %s rows as of %s, the newest of %d report dates. %s", grouped(e.rows), date, len(r.dates), where)
	}
	return fmt.Sprintf("From %s on. %s", date, where)
}
