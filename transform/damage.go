package transform

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"golang.org/x/sync/errgroup"

	"github.com/rightseat/rightseat/internal/lake"
)

// isDamage tells errors to which spoilt bytes lead, in the raw files or in the build file. Others
// lead to some of them, too.
func isDamage(err error) bool {
	var e *duckdb.Error
	if !errors.As(err, &e) || strings.Contains(e.Msg, "No space left on device") {
		return false
	}
	switch e.Type {
	case duckdb.ErrorTypeInvalid, duckdb.ErrorTypeIO, duckdb.ErrorTypeInvalidInput, duckdb.ErrorTypeSerialization,
		duckdb.ErrorTypeOutOfRange, duckdb.ErrorTypeInternal, duckdb.ErrorTypeFatal:
		return true
	}
	return false
}

// damagedRaw reads the raw data to its end and gives the error of the first damaged file, which
// names it; DuckDB often does not. nil when all is well. Only a failed run pays for it.
func damagedRaw(ctx context.Context, store *lake.Store) error {
	connections, err := store.Connections()
	if err != nil {
		return err
	}
	for _, c := range connections {
		streams, err := store.Streams(c)
		if err != nil {
			return err
		}
		for _, s := range streams {
			st, err := store.Stream(c, s)
			if err != nil {
				return err
			}
			commits, err := st.After(0)
			if err != nil {
				return err
			}
			for _, commit := range commits {
				for _, f := range commit.Files {
					if ctx.Err() != nil {
						return nil
					}
					if err := readable(st, f); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// readable reads a file; damage may make the Parquet library panic.
func readable(st *lake.Stream, f lake.DataFile) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("data file %s is damaged: %v", st.Path(f), p)
		}
	}()
	var rows int64
	if err := st.Read(f, func(lake.Row) error { rows++; return nil }); err != nil {
		return err
	}
	if rows != f.Rows {
		return fmt.Errorf("data file %s is damaged: it holds %d rows instead of %d", st.Path(f), rows, f.Rows)
	}
	return nil
}

// rawFile is a file of the lake with what its commit says of it.
type rawFile struct {
	stream *lake.Stream
	file   lake.DataFile
}

// verifyRaw holds the files that a rebuild reads to their checksums. It names the first that is damaged, and how many are.
func (r *runner) verifyRaw(ctx context.Context, paths []string) error {
	damaged := make([]error, len(paths))
	var group errgroup.Group
	group.SetLimit(2)
	for i, path := range paths {
		f, known := r.sums[path]
		if !known {
			continue
		}
		group.Go(func() error {
			damaged[i] = f.stream.Verify(f.file)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var first error
	others := 0
	for _, err := range damaged {
		if err != nil && first == nil {
			first = err
		} else if err != nil {
			others++
		}
	}
	if first == nil {
		return nil
	}
	more := ""
	if others > 0 {
		more = fmt.Sprintf(" (and %d more: `rightseat verify` lists them)", others)
	}
	return fmt.Errorf("%w%s; put back a copy of the file, or `rightseat forget` the connection and read it anew", first, more)
}
