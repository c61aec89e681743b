package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/table"
)

// exporter writes the files of the reports.
type exporter struct {
	db     *sql.DB
	dir    string    // the exports folder under construction
	engine string    // that writes the Parquet files
	before prior     // may be empty
	asOf   time.Time // the run's day; zero when unknown
	log    *slog.Logger
}

// export writes every file of the exports folder from the stripped copy, which it opens
// read-only: what is published is what was exported. It fills in the reports' row counts and parts.
func export(ctx context.Context, o Options, warehouse, dir string, before prior, reports []report) (err error) {
	db, err := duck.Open(ctx, warehouse, o.duckOptions(true))
	if err != nil {
		return fmt.Errorf("verify the warehouse: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	dir, release, err := duck.PlainFolder(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	x := &exporter{db: db, dir: dir, before: before, log: o.Log}
	if x.asOf, err = (source{db: db, reports: reports}).asOf(ctx); err != nil {
		return err
	}
	if x.engine, err = engineVersion(ctx, db); err != nil {
		return fmt.Errorf("ask DuckDB for its version: %w", err)
	}
	book, err := newWorkbook(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	if err := x.exportAll(ctx, reports, book); err != nil {
		return err
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

// exportAll writes the reports' files, and beside that the sheets of the reports whose files are there.
func (x *exporter) exportAll(ctx context.Context, reports []report, book *workbook) error {
	g, ctx := errgroup.WithContext(ctx)
	written := make(chan report, len(reports)) // has room for all: nobody waits for the other to end
	g.Go(func() error {
		defer close(written)
		for i := range reports {
			r, began := &reports[i], time.Now()
			if err := r.measure(ctx, x.db, x.asOf); err != nil {
				return fmt.Errorf("read report %s: %w", r.name, err)
			}
			if err := x.writeFiles(ctx, r); err != nil {
				return fmt.Errorf("export report %s: %w", r.name, err)
			}
			x.log.Debug("files written", "report", r.name, "rows", r.rows, "copied", r.copied, "took", time.Since(began))
			written <- *r
		}
		return nil
	})
	g.Go(func() error {
		for r := range written {
			began := time.Now()
			if err := x.writeSheet(ctx, r, book); err != nil {
				return fmt.Errorf("export the sheet of report %s: %w", r.name, err)
			}
			x.log.Debug("sheet written", "report", r.name, "rows", r.excerpt.rows, "took", time.Since(began))
		}
		return nil
	})
	return g.Wait()
}

// writeSheet writes the report's excerpt, read from its Parquet file, into the workbook.
func (x *exporter) writeSheet(ctx context.Context, r report, book *workbook) error {
	sheet, err := book.addReport(r)
	if err != nil {
		return err
	}
	for row, err := range pages(ctx, x.db, filepath.Join(x.dir, r.parquetName()), r.excerpt.skip, r.excerpt.rows) {
		if err != nil {
			return err
		}
		if err := sheet.write(row); err != nil {
			return err
		}
	}
	return sheet.finish()
}

// writeFiles writes the report's Parquet and CSV file, part by part: one whose rows are those of the version
// published before is copied from there, byte for byte, the others are written from the table.
func (x *exporter) writeFiles(ctx context.Context, r *report) (err error) {
	out, err := createPair(filepath.Join(x.dir, r.parquetName()), filepath.Join(x.dir, r.csvName()), r.tableColumns())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	form := r.form(x.engine)
	before := x.before.open(*r, form)
	defer func() { err = errors.Join(err, before.close()) }()
	for i := range r.parts {
		p := &r.parts[i]
		copied, err := out.copyPart(before, p)
		if err != nil {
			return err
		}
		if copied {
			r.copied += p.Rows
			continue
		}
		if err := x.writePart(ctx, *r, p, out); err != nil {
			return err
		}
	}
	r.published = publishedReport{Form: form, Parts: r.parts}
	r.published.Footer, err = out.finish()
	return err
}

// writePart sorts the part's rows once, into a Parquet file of its own whose row groups then join the report's; the
// lines of the CSV file are written from it.
func (x *exporter) writePart(ctx context.Context, r report, p *part, out *pair) (err error) {
	sorted := filepath.Join(x.dir, r.parquetName()+".part")
	defer func() { err = errors.Join(err, remove(sorted)) }()
	if err := writeParquet(ctx, x.db, sorted, r.query(*p)); err != nil {
		return err
	}
	if err := out.appendGroups(sorted, p); err != nil {
		return err
	}
	return out.appendLines(pages(ctx, x.db, sorted, 0, p.Rows), p)
}

const (
	rowGroup = 122_880 // rows of a group in a Parquet file, DuckDB's own size
	pageRows = 4 * rowGroup
)

// partRows is how many rows close a part, see [part]: enough for a row group that reads well, and few, as up to so many rows
// are written again although only rows behind them are new. A variable so that a test need not write so many.
var partRows int64 = rowGroup / 4

// pages reads so many rows of a Parquet file, after the first ones, in their order, some groups of rows at a time:
// DuckDB holds the whole of a result in memory, beside what its limit bounds.
func pages(ctx context.Context, db *sql.DB, path string, skip, count int64) table.Rows {
	return func(yield func([]any, error) bool) {
		seen := int64(0)
		for from := skip; from < skip+count; from += pageRows {
			_, rows, err := duck.Query(ctx, db, fmt.Sprintf(
				"SELECT * EXCLUDE (file_row_number) FROM read_parquet(%s, file_row_number = true) WHERE file_row_number >= %d AND file_row_number < %d",
				duck.Literal(path), from, min(from+pageRows, skip+count)))
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
		if seen != count {
			yield(nil, fmt.Errorf("%s has %d rows from row %d on, the table %d", filepath.Base(path), seen, skip, count))
		}
	}
}

// writeParquet lets DuckDB write the file from its own vectors, so no row passes through Go and
// every type of the contract stays. One thread in the order of the key gives the same bytes for
// the same rows. Bloom filters would lie behind all row groups, out of reach of a copy of some; in files
// sorted by date, with every app in each group, they would keep no reader from reading one.
func writeParquet(ctx context.Context, db *sql.DB, path, query string) error {
	_, err := db.ExecContext(ctx, "COPY ("+query+") TO "+duck.Literal(path)+
		fmt.Sprintf(" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d, WRITE_BLOOM_FILTER false)", rowGroup))
	return err
}

func (r report) parquetName() string { return r.name + ".parquet" }
func (r report) csvName() string     { return r.name + ".csv" }

// query reads a part of the report in the order of its key. The other columns follow as tie-breakers: a key
// that should turn out not to be unique still gives one order.
func (r report) query(p part) string {
	names, order := r.columnNames(), slices.Clone(r.key)
	for _, name := range names {
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	sql := "SELECT " + duck.Idents(names) + " FROM " + duck.Qualified("reports", r.name) + r.where(p) + " ORDER BY "
	for i, c := range order {
		if i > 0 {
			sql += ", "
		}
		sql += duck.Ident(c) + " ASC NULLS LAST"
	}
	return sql
}
