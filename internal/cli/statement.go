package cli

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/rightseat/rightseat/pipelines"
)

// requireQuery refuses SQL that is not one statement which only reads. DuckDB's own parser
// decides, so a semicolon in a text or a comment is no second statement. The connection is
// read-only and sandboxed as well; this is for a clear message.
func requireQuery(ctx context.Context, db *sql.DB, text string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	err = conn.Raw(func(c any) error {
		// Prepare, unlike PrepareContext, runs nothing and takes one statement only.
		stmt, err := c.(driver.Conn).Prepare(text) //nolint:staticcheck // see above
		if err != nil {
			return statementError(err)
		}
		return errors.Join(onlyReads(stmt), stmt.Close())
	})
	return errors.Join(err, conn.Close())
}

func statementError(err error) error {
	if strings.Contains(err.Error(), "multi-statement query") {
		return pipelines.Usagef("query takes one statement; this is several")
	}
	return pipelines.Usagef("query: %w", err)
}

func onlyReads(stmt driver.Stmt) error {
	s, ok := stmt.(*duckdb.Stmt)
	if !ok {
		return fmt.Errorf("query: unexpected statement %T", stmt)
	}
	kind, err := s.StatementType()
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	switch kind {
	case duckdb.STATEMENT_TYPE_SELECT, duckdb.STATEMENT_TYPE_EXPLAIN:
		return nil
	}
	return pipelines.Usagef("query only reads: write a SELECT, FROM, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN")
}
