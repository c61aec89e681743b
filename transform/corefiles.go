package transform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/duck"
)

// The core tables also lie in the lake as Parquet, for any engine to read:
//
//	lake/core/people/data.parquet                        tables without dates
//	lake/core/sso_logins/login_date=2026-01-31/data.parquet   dated ones, a folder per day
//
// Each file is replaced whole. What is still to be written is noted in the build file in the same
// transaction as the rows themselves, so that a crash in between only delays the files.

const (
	buildIDKey  = "build_id"
	buildIDFile = ".build_id"
	coreFile    = "data.parquet"
)

// noteCore records, inside the run's transaction, which core files are out of date.
func (r *runner) noteCore(ctx context.Context) error {
	for _, m := range r.project.Models {
		c := r.changes[m.Qualified()]
		if m.Schema != "core" || !c.any {
			continue
		}
		dates := []string{""}
		if m.partitioned() && c.dates != nil {
			dates = c.dates
		}
		for _, d := range dates {
			if err := r.exec(ctx, "INSERT INTO _state.core_due VALUES (?, ?, ?)", m.Name, m.partition(), d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *Model) partitioned() bool {
	return m.Date != "" && slices.Contains([]Kind{KindUpsert, KindSnapshot, KindDated, KindMerge, KindTable}, m.Kind)
}

// partition is the column that a model's files are split by, "" for none.
func (m *Model) partition() string {
	if m.partitioned() {
		return m.Date
	}
	return ""
}

// writeCore writes the core files that are due, or all of them after a full build and when the folder is not of this
// build: missing, emptied, or left by an older one. It runs behind the transaction of the build.
func (r *runner) writeCore(ctx context.Context) error {
	if r.CorePath == "" {
		return nil
	}
	defer r.result.timed("(core files)", time.Now())
	id, err := r.meta(ctx, buildIDKey)
	if err != nil {
		return err
	}
	have, err := os.ReadFile(filepath.Join(r.CorePath, buildIDFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the core folder: %w", err)
	}
	whole := r.full || string(have) != id
	if whole {
		if err := r.dueEverything(ctx); err != nil {
			return err
		}
	}
	if err := r.writeDue(ctx); err != nil {
		return err
	}
	if whole {
		return atomicfile.WriteFile(filepath.Join(r.CorePath, buildIDFile), []byte(id))
	}
	return nil
}

// dueEverything empties the core folder and marks every table as due.
func (r *runner) dueEverything(ctx context.Context) error {
	entries, err := os.ReadDir(r.CorePath)
	if err != nil {
		return fmt.Errorf("empty the core folder: %w", err)
	}
	for _, e := range entries { // and not the folder itself, which may be a link to another disk
		if err := os.RemoveAll(filepath.Join(r.CorePath, e.Name())); err != nil {
			return fmt.Errorf("empty the core folder: %w", err)
		}
	}
	return r.execAll(ctx,
		"DELETE FROM _state.core_due",
		"INSERT INTO _state.core_due SELECT table_name, partition_column, '' FROM _state.core_tables")
}

func (r *runner) writeDue(ctx context.Context) error {
	type due struct{ table, column, date string }
	var list []due
	err := r.each(ctx, "SELECT DISTINCT table_name, partition_column, date FROM _state.core_due ORDER BY ALL", func(scan func(...any) error) error {
		var d due
		err := scan(&d.table, &d.column, &d.date)
		list = append(list, d)
		return err
	})
	if err != nil {
		return err
	}
	var written []atomicfile.Move
	for _, d := range list {
		dates := []string{d.date}
		if d.column != "" && d.date == "" {
			if dates, err = r.datesOf(ctx, d.table, d.column); err != nil {
				return err
			}
		}
		for _, date := range dates {
			file, err := r.writeCoreFile(ctx, d.table, d.column, date)
			if err != nil {
				return fmt.Errorf("write lake/core/%s: %w", d.table, err)
			}
			if file.To != "" {
				written = append(written, file)
			}
		}
	}
	if err := atomicfile.Replace(written...); err != nil {
		return fmt.Errorf("write lake/core: %w", err)
	}
	return r.exec(ctx, "DELETE FROM _state.core_due")
}

func (r *runner) datesOf(ctx context.Context, table, column string) ([]string, error) {
	var dates []string
	err := r.each(ctx, fmt.Sprintf("SELECT DISTINCT CAST(%s AS VARCHAR) FROM core.%s ORDER BY 1", column, table), func(scan func(...any) error) error {
		var d string
		err := scan(&d)
		dates = append(dates, d)
		return err
	})
	return dates, err
}

// writeCoreFile writes a file beside its place and returns both names; none for a date that has
// no rows, which has no folder.
func (r *runner) writeCoreFile(ctx context.Context, table, column, date string) (atomicfile.Move, error) {
	dir, where := filepath.Join(r.CorePath, table), ""
	if date != "" {
		dir = filepath.Join(dir, column+"="+date)
		where = fmt.Sprintf(" WHERE %s = DATE '%s'", column, date)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return atomicfile.Move{}, err
	}
	target := filepath.Join(dir, coreFile)
	written := atomicfile.Move{From: target + atomicfile.TempSuffix, To: target}
	done, err := r.db.ExecContext(ctx, fmt.Sprintf("COPY (SELECT * FROM core.%s%s) TO %s (FORMAT parquet, COMPRESSION zstd)", table, where, duck.Literal(written.From)))
	if err != nil {
		return atomicfile.Move{}, errors.Join(err, removeDatabase(written.From))
	}
	rows, err := done.RowsAffected()
	if err != nil {
		return atomicfile.Move{}, err
	}
	if date != "" && rows == 0 {
		return atomicfile.Move{}, os.RemoveAll(dir)
	}
	return written, nil
}

// recordCoreTables notes which tables the core folder holds and how they are split.
func (r *runner) recordCoreTables(ctx context.Context) error {
	if err := r.exec(ctx, "DELETE FROM _state.core_tables"); err != nil {
		return err
	}
	for _, m := range r.project.Models {
		if m.Schema != "core" || m.Kind == KindView || strings.HasPrefix(m.Name, "_") {
			continue
		}
		if err := r.exec(ctx, "INSERT INTO _state.core_tables VALUES (?, ?)", m.Name, m.partition()); err != nil {
			return err
		}
	}
	return nil
}
