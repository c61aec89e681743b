package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/table"
)

// export writes every file of the exports folder from the stripped copy, which it opens
// read-only: what is published is what was exported. It fills in the reports' row counts.
func export(ctx context.Context, o Options, warehouse, dir string, reports []report) (err error) {
	db, err := duck.Open(ctx, warehouse, o.duckOptions(true))
	if err != nil {
		return fmt.Errorf("verify the warehouse: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	book, err := newWorkbook(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	for i := range reports {
		if err := exportReport(ctx, db, dir, &reports[i], book); err != nil {
			return fmt.Errorf("export report %s: %w", reports[i].name, err)
		}
	}
	if err := o.step("tables exported"); err != nil {
		return err
	}
	if err := book.save(filepath.Join(dir, WorkbookFile), reports); err != nil {
		return fmt.Errorf("write %s: %w", WorkbookFile, err)
	}
	if err := o.step("workbook written"); err != nil {
		return err
	}
	if err := writePage(ctx, db, o, filepath.Join(dir, PageFile), reports); err != nil {
		return fmt.Errorf("write %s: %w", PageFile, err)
	}
	return o.step("page written")
}

// exportReport writes the pair of files of one report, and its sheet. The rows are sorted once, for the
// Parquet file; the others are written from that one.
func exportReport(ctx context.Context, db *sql.DB, dir string, r *report, book *workbook) (err error) {
	sorted := filepath.Join(dir, r.name+".parquet")
	if err := writeParquet(ctx, db, sorted, *r); err != nil {
		return err
	}
	if err := r.measure(ctx, db); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, r.name+".csv"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out, err := table.NewCSVWriter(f, r.tableColumns())
	if err != nil {
		return err
	}
	sheet, err := book.addReport(*r)
	if err != nil {
		return err
	}
	for row, err := range pages(ctx, db, sorted, r.rows) {
		if err != nil {
			return err
		}
		if err := out.Write(row); err != nil {
			return err
		}
		if err := sheet.write(row); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return sheet.finish()
}

const (
	rowGroup = 122_880 // rows of a group in a Parquet file, DuckDB's own size
	pageRows = 4 * rowGroup
)

// pages reads a Parquet file of so many rows in its order, some groups of rows at a time: DuckDB holds the whole
// of a result in memory, beside what its limit bounds.
func pages(ctx context.Context, db *sql.DB, path string, total int64) table.Rows {
	return func(yield func([]any, error) bool) {
		seen := int64(0)
		for from := int64(0); from < total; from += pageRows {
			_, rows, err := duck.Query(ctx, db, fmt.Sprintf(
				"SELECT * EXCLUDE (file_row_number) FROM read_parquet(%s, file_row_number = true) WHERE file_row_number >= %d AND file_row_number < %d",
				duck.Literal(path), from, from+pageRows))
			if err != nil {
				yield(nil, err)
				return
			}
			for row, err := range rows {
				if !yield(row, err) || err != nil {
					return
				}
				seen++
			}
		}
		if seen != total {
			yield(nil, fmt.Errorf("%s has %d rows, the table %d", filepath.Base(path), seen, total))
		}
	}
}

// writeParquet lets DuckDB write the file from its own vectors, so no row passes through Go and
// every type of the contract stays. One thread in the order of the key gives the same bytes for
// the same rows.
func writeParquet(ctx context.Context, db *sql.DB, path string, r report) error {
	_, err := db.ExecContext(ctx, "COPY ("+r.query()+") TO "+duck.Literal(path)+
		fmt.Sprintf(" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d)", rowGroup))
	return err
}

// query reads the report in the order of its key. The other columns follow as tie-breakers: a key
// that should turn out not to be unique still gives one order.
func (r report) query() string {
	names := make([]string, len(r.columns))
	order := slices.Clone(r.key)
	for i, c := range r.columns {
		names[i] = c.Name
		if !slices.Contains(order, c.Name) {
			order = append(order, c.Name)
		}
	}
	sql := "SELECT " + duck.Idents(names) + " FROM " + duck.Qualified("reports", r.name) + " ORDER BY "
	for i, c := range order {
		if i > 0 {
			sql += ", "
		}
		sql += duck.Ident(c) + " ASC NULLS LAST"
	}
	return sql
}
