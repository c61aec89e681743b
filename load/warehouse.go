package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/table"
)

// public are the schemas that people may build on. All others of the build are private.
var public = []string{"core", "reports"}

// report is one table of schema reports.
type report struct {
	name        string
	description string // the table's COMMENT
	key         []string
	columns     []reportColumn

	// What follows is measured and made while the report is exported.
	rows      int64
	copied    int64       // of the rows, from the version published before
	dates     []datedRows // in their order; of a report without dates, one entry
	parts     []part
	excerpt   excerpt
	published publishedReport
}

type reportColumn struct {
	table.Column
	typeName    string // as DuckDB says it
	description string // the column's COMMENT
}

func (r report) tableColumns() []table.Column {
	out := make([]table.Column, len(r.columns))
	for i, c := range r.columns {
		out[i] = c.Column
	}
	return out
}

func (r report) columnNames() []string {
	out := make([]string, len(r.columns))
	for i, c := range r.columns {
		out[i] = c.Name
	}
	return out
}

// checkpoint merges a write-ahead log beside the build into it, so that a copy of the one file is
// a copy of the database.
func checkpoint(ctx context.Context, o Options) (err error) {
	if _, err := os.Stat(o.BuildPath); err != nil {
		return fmt.Errorf("there is no build to publish; run the transform stage first: %w", err)
	}
	if _, err := os.Stat(o.BuildPath + ".wal"); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := duck.Open(ctx, o.BuildPath, o.duckOptions(false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return fmt.Errorf("checkpoint %s: %w", o.BuildPath, err)
	}
	return nil
}

// duckOptions bounds DuckDB. One thread writes the exports: their bytes then do not depend on
// which thread was first, and sorting a report is not where the time goes.
func (o Options) duckOptions(readOnly bool) duck.Options {
	return duck.Options{ReadOnly: readOnly, Memory: o.Resources.Memory, Threads: 1, TempDir: o.tempDir()}
}

// copyFile copies by the file system's own means where it has them (reflinks, copy_file_range).
// It is made durable later, together with the rest.
func copyFile(from, to string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy the build: %w", err)
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("copy the build: %w", err)
	}
	if _, err := io.Copy(dst, src); err != nil {
		return errors.Join(fmt.Errorf("copy the build to %s: %w", to, err), dst.Close())
	}
	return dst.Close()
}

// strip drops the private schemas from the copy, and says which reports it holds.
func strip(ctx context.Context, o Options, path string) (reports []report, err error) {
	db, err := duck.Open(ctx, path, o.duckOptions(false))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	keys, err := readKeys(ctx, db)
	if err != nil {
		return nil, err
	}
	schemas, err := texts(ctx, db, `SELECT schema_name FROM duckdb_schemas()
		WHERE database_name = current_database() AND NOT internal AND schema_name <> 'main' ORDER BY schema_name`)
	if err != nil {
		return nil, fmt.Errorf("list the build's schemas: %w", err)
	}
	for _, s := range schemas {
		if slices.Contains(public, s) {
			continue
		}
		if _, err := db.ExecContext(ctx, "DROP SCHEMA "+duck.Ident(s)+" CASCADE"); err != nil {
			return nil, fmt.Errorf("drop the private schema %s: %w", s, err)
		}
	}
	if reports, err = readReports(ctx, db, keys); err != nil {
		return nil, err
	}
	if err := checkViews(ctx, db); err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return nil, fmt.Errorf("checkpoint the warehouse: %w", err)
	}
	return reports, nil
}

// checkViews makes sure that each public view works without the private schemas.
func checkViews(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT schema_name, view_name FROM duckdb_views()
		WHERE database_name = current_database() AND NOT internal ORDER BY 1, 2`)
	if err != nil {
		return fmt.Errorf("list the views: %w", err)
	}
	var names []string
	for rows.Next() {
		var schema, name string
		if err := rows.Scan(&schema, &name); err != nil {
			return errors.Join(err, rows.Close())
		}
		names = append(names, duck.Qualified(schema, name))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("list the views: %w", err)
	}
	for _, name := range names {
		if _, err := db.ExecContext(ctx, "SELECT * FROM "+name+" LIMIT 0"); err != nil {
			return fmt.Errorf("view %s reads what is not published: %w", name, err)
		}
	}
	return nil
}

// readKeys reads _state.reports: the key columns by report.
func readKeys(ctx context.Context, db *sql.DB) (map[string][]string, error) {
	keys := map[string][]string{}
	there, err := texts(ctx, db, `SELECT table_name FROM duckdb_tables()
		WHERE database_name = current_database() AND schema_name = '_state' AND table_name = 'reports'`)
	if err != nil || len(there) == 0 {
		return keys, err
	}
	rows, err := db.QueryContext(ctx, `SELECT report, key_columns FROM _state.reports WHERE key_columns IS NOT NULL`)
	if err != nil {
		return nil, fmt.Errorf("read the reports' keys: %w", err)
	}
	for rows.Next() {
		var name, columns string
		if err := rows.Scan(&name, &columns); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		for c := range strings.SplitSeq(columns, ",") {
			if c = strings.TrimSpace(c); c != "" {
				keys[name] = append(keys[name], c)
			}
		}
	}
	return keys, errors.Join(rows.Err(), rows.Close())
}

// readReports lists the report tables by name, with columns in order, and checks their types.
func readReports(ctx context.Context, db *sql.DB, keys map[string][]string) ([]report, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT t.table_name, COALESCE(t.comment, ''), c.column_name, c.data_type, COALESCE(c.comment, ''),
		       COALESCE(c.numeric_scale, 0)
		FROM duckdb_tables() t
		JOIN duckdb_columns() c ON c.database_oid = t.database_oid AND c.table_oid = t.table_oid
		WHERE t.database_name = current_database() AND t.schema_name = 'reports'
		ORDER BY t.table_name, c.column_index`)
	if err != nil {
		return nil, fmt.Errorf("list the reports: %w", err)
	}
	var reports []report
	for rows.Next() {
		var name, description string
		var c reportColumn
		if err := rows.Scan(&name, &description, &c.Name, &c.typeName, &c.description, &c.Scale); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		if len(reports) == 0 || reports[len(reports)-1].name != name {
			reports = append(reports, report{name: name, description: description, key: keys[name]})
		}
		r := &reports[len(reports)-1]
		c.Kind = duck.KindOf(c.typeName)
		r.columns = append(r.columns, c)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("list the reports: %w", err)
	}
	if len(reports) == 0 {
		return nil, errors.New("the build has no table in schema reports; run the transform stage first")
	}
	return reports, checkReports(reports)
}

// checkReports holds the reports to the types that the contract promises, and their keys to be
// columns. All that is wrong is in one error.
func checkReports(reports []report) error {
	var wrong []error
	for _, r := range reports {
		if !validRunID.MatchString(r.name) || r.name == "report" {
			wrong = append(wrong, fmt.Errorf("report %q: a name that can't be a file's", r.name))
		}
		for _, c := range r.columns {
			if !exportable(c.typeName) {
				wrong = append(wrong, fmt.Errorf("report %s, column %s: type %s is none that exports have "+
					"(BIGINT, DECIMAL, DOUBLE, BOOLEAN, DATE, TIMESTAMP, VARCHAR); cast it in the report's SQL", r.name, c.Name, c.typeName))
			}
		}
		for _, k := range r.key {
			if !slices.ContainsFunc(r.columns, func(c reportColumn) bool { return c.Name == k }) {
				wrong = append(wrong, fmt.Errorf("report %s: its key names column %s, which it does not have", r.name, k))
			}
		}
	}
	return errors.Join(wrong...)
}

func exportable(typeName string) bool {
	name, _, _ := strings.Cut(typeName, "(")
	return slices.Contains([]string{"BIGINT", "DECIMAL", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR"}, name)
}

func texts(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, s)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
