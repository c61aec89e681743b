package transform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/filesum"
)

// The core tables also lie in the lake as Parquet, for any engine to read:
//
//	lake/core/people/data.parquet                        tables without dates
//	lake/core/sso_logins/login_date=2026-01-31/data.parquet   dated ones, a folder per day
//
// Each file is replaced whole. What is still to be written is noted in the build file in the same
// transaction as the rows themselves, so that a crash in between only delays the files.

const (
	buildIDKey = "build_id"
	coreFile   = "data.parquet"
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
// build: missing, emptied, or left by an older one. A file that is no longer as it was written is due as well. It runs behind
// the transaction of the build.
func (r *runner) writeCore(ctx context.Context) error {
	if r.CorePath == "" {
		return nil
	}
	defer r.result.timed("(core files)", time.Now())
	id, err := r.meta(ctx, buildIDKey)
	if err != nil {
		return err
	}
	sums, err := readCoreSums(r.CorePath)
	if err != nil {
		return err
	}
	if r.full || sums.Build != id {
		sums = &coreSums{Build: id, Files: map[string]filesum.Sum{}}
		if err := r.dueEverything(ctx); err != nil {
			return err
		}
	} else if err := r.dueDamaged(ctx, sums); err != nil {
		return err
	}
	return r.writeDue(ctx, sums)
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

// writeDue writes what is due. The sums follow the files: a crash between them leaves all of it due.
func (r *runner) writeDue(ctx context.Context, sums *coreSums) error {
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
	if len(list) == 0 {
		return nil
	}
	var written []atomicfile.Move
	for _, d := range list {
		dates := []string{d.date}
		if d.column != "" && d.date == "" {
			if dates, err = r.datesOf(ctx, d.table, d.column); err != nil {
				return err
			}
			if err := sums.drop(r.CorePath, d.table, dates); err != nil {
				return fmt.Errorf("write lake/core/%s: %w", d.table, err)
			}
		}
		for _, date := range dates {
			file, err := r.writeCoreFile(ctx, d.table, d.column, date)
			if err != nil {
				return fmt.Errorf("write lake/core/%s: %w", d.table, err)
			}
			name, err := filepath.Rel(r.CorePath, r.coreFile(d.table, d.column, date))
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			if file.To == "" {
				delete(sums.Files, name)
				continue
			}
			written = append(written, file)
			if sums.Files[name], err = filesum.Of(file.From); err != nil {
				return fmt.Errorf("write lake/core/%s: %w", d.table, err)
			}
		}
	}
	if err := atomicfile.Replace(written...); err != nil {
		return fmt.Errorf("write lake/core: %w", err)
	}
	if err := sums.write(r.CorePath); err != nil {
		return err
	}
	return r.exec(ctx, "DELETE FROM _state.core_due")
}

func (r *runner) coreFile(table, column, date string) string {
	if date == "" {
		return filepath.Join(r.CorePath, table, coreFile)
	}
	return filepath.Join(r.CorePath, table, column+"="+date, coreFile)
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
	target, where := r.coreFile(table, column, date), ""
	dir := filepath.Dir(target)
	if date != "" {
		where = fmt.Sprintf(" WHERE %s = DATE '%s'", column, date)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return atomicfile.Move{}, err
	}
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
