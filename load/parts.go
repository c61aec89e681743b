package load

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/table"
)

// A report's files are made of parts, so that a publish writes those whose rows have changed and copies the others from
// the version published before. What a part's bytes are depends on its rows and on the report's form alone; which
// rows are a part depends on the rows of the report alone. So the files are the same whatever was copied.

// exportsForm is part of every report's form. Raise it with whatever changes the bytes that the same rows give.
const exportsForm = 1

// part is a stretch of a report's rows in the order of its key. Where the key starts with a date, a part ends with the
// date that brings it to a quarter of a row group; otherwise it is the whole report.
type part struct {
	Rows    int64  `json:"rows"`
	Content string `json:"content"` // tells the rows, see [report.measure]
	Parquet span   `json:"parquet"` // the row groups
	CSV     span   `json:"csv"`     // the lines

	from, until time.Time // of the dates, until exclusive; zero: no bound. Rows without a date belong to the last part
}

// span is a stretch of a file's bytes with their CRC-32C.
type span struct {
	Offset int64  `json:"offset"`
	Length int64  `json:"length"`
	Sum    uint32 `json:"sum"`
}

// publishedReport says how a published report's files are made up.
type publishedReport struct {
	Form   string `json:"form"`
	Footer span   `json:"footer"` // of the Parquet file, without its length and the magic number
	Parts  []part `json:"parts"`
}

// datedRows are the rows of one date of a report, the column its key starts with.
type datedRows struct {
	day  sql.NullTime
	rows int64
	tell string // what tells these rows from others
}

// measure counts the report's rows and takes their fingerprints, in one pass; then chooses the parts, and the
// excerpt for the sheet, see [excerptOf].
func (r *report) measure(ctx context.Context, db *sql.DB, runDay time.Time) error {
	date := "CAST(NULL AS DATE)"
	if c := r.dateColumn(); c != "" {
		date = duck.Ident(c)
	}
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT day, count(*), concat_ws(' ', sum(tell), bit_xor(tell))
		FROM (SELECT %s AS day, hash(%s) AS tell FROM %s) AS r GROUP BY day ORDER BY day ASC NULLS LAST`,
		date, duck.Idents(r.columnNames()), duck.Qualified("reports", r.name)))
	if err != nil {
		return err
	}
	r.rows, r.dates = 0, nil
	for rows.Next() {
		var d datedRows
		if err := rows.Scan(&d.day, &d.rows, &d.tell); err != nil {
			return errors.Join(err, rows.Close())
		}
		r.rows += d.rows
		r.dates = append(r.dates, d)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	r.parts, r.excerpt = partsOf(r.dates), excerptOf(*r, runDay)
	return nil
}

// partsOf divides the rows of some dates, given in their order. There is always one part: it brings the columns.
func partsOf(dates []datedRows) []part {
	var parts []part
	var current part
	var tell strings.Builder
	end := func() {
		current.Content = digest(tell.String())
		parts = append(parts, current)
		tell.Reset()
	}
	for _, d := range dates {
		if current.Rows >= partRows && d.day.Valid {
			current.until = d.day.Time
			end()
			current = part{from: d.day.Time}
		}
		current.Rows += d.rows
		fmt.Fprintf(&tell, "%v %s %d %s\n", d.day.Valid, d.day.Time.Format(time.DateOnly), d.rows, d.tell)
	}
	end()
	return parts
}

// where limits a query of the report to the part.
func (r report) where(p part) string {
	if p.from.IsZero() && p.until.IsZero() {
		return ""
	}
	column, day := duck.Ident(r.dateColumn()), func(t time.Time) string { return "DATE " + duck.Literal(t.Format(time.DateOnly)) }
	switch {
	case p.until.IsZero():
		return fmt.Sprintf(" WHERE %[1]s >= %[2]s OR %[1]s IS NULL", column, day(p.from))
	case p.from.IsZero():
		return fmt.Sprintf(" WHERE %s < %s", column, day(p.until))
	}
	return fmt.Sprintf(" WHERE %[1]s >= %[2]s AND %[1]s < %[3]s", column, day(p.from), day(p.until))
}

// dateColumn is the date that a report is ordered by first, "" if it isn't by one.
func (r report) dateColumn() string {
	if len(r.key) > 0 && slices.ContainsFunc(r.columns, func(c reportColumn) bool { return c.Name == r.key[0] && c.Kind == table.Date }) {
		return r.key[0]
	}
	return ""
}

// form tells what beside its rows decides the bytes of a report's files.
func (r report) form(engine string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %q %q", exportsForm, engine, r.name, r.key)
	for _, c := range r.columns {
		fmt.Fprintf(&b, " %q %s", c.Name, c.typeName)
	}
	return digest(b.String())
}

// engineVersion is that of DuckDB, which writes the Parquet files and takes the fingerprints.
func engineVersion(ctx context.Context, db *sql.DB) (string, error) {
	var version string
	err := db.QueryRowContext(ctx, "SELECT library_version || ' ' || source_id FROM pragma_version()").Scan(&version)
	return version, err
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
