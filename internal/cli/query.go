package cli

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/pipelines"
)

// maxSQL bounds SQL read from standard input.
const maxSQL = 1 << 20

func (a *app) queryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "query SQL",
		Short: "Ask the published warehouse, read-only",
		Long: `Runs one SQL statement (DuckDB's dialect) on the published warehouse. It can change nothing and
read no other file. With "-", the SQL comes from standard input.

Reports are in schema reports, the tables below them in schema core.`,
		Example: `  rightseat query "SELECT app_id, provisioned_users, basis FROM reports.app_portfolio ORDER BY 2 DESC"
  rightseat query --format csv "FROM reports.connection_health"
  rightseat query --warehouse june/warehouse/rightseat.duckdb "FROM reports.renewals"
  rightseat query - < my.sql`,
		Args: cobra.ExactArgs(1),
	}
	format := formatFlag(cmd)
	file := cmd.Flags().String("warehouse", "", "ask this `FILE`, such as that of past reports, instead of the workspace's warehouse")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(*format); err != nil {
			return err
		}
		text, err := a.sqlText(args[0])
		if err != nil {
			return err
		}
		cfg, err := a.load(config.WithoutSecrets())
		if err != nil {
			return err
		}
		db, err := openWarehouseFile(cmd.Context(), cfg, cmp.Or(*file, warehousePath(cfg.Workspace)))
		if err != nil {
			return err
		}
		err = a.query(cmd.Context(), db, text, *format)
		return errors.Join(err, db.Close())
	}
	return cmd
}

func (a *app) sqlText(arg string) (string, error) {
	text := arg
	if arg == "-" {
		data, err := io.ReadAll(io.LimitReader(a.stdin, maxSQL+1))
		if err != nil {
			return "", fmt.Errorf("read the SQL: %w", err)
		}
		if len(data) > maxSQL {
			return "", pipelines.Usagef("the SQL on standard input is longer than %d bytes", maxSQL)
		}
		text = string(data)
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return "", pipelines.Usagef("there is no SQL: write it as an argument, or \"-\" to read it from standard input")
	}
	return text, nil
}

func (a *app) query(ctx context.Context, db *sql.DB, text, format string) error {
	if err := requireQuery(ctx, db, text); err != nil {
		return err
	}
	columns, rows, err := duck.Query(ctx, db, text)
	if err == nil {
		err = table.Render(a.stdout, columns, rows, format)
	}
	if err != nil && ctx.Err() != nil {
		return errors.New("query stopped")
	}
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}

// openWarehouse opens the published warehouse for questions.
func openWarehouse(ctx context.Context, cfg *config.Config) (*sql.DB, error) {
	return openWarehouseFile(ctx, cfg, warehousePath(cfg.Workspace))
}

func openWarehouseFile(ctx context.Context, cfg *config.Config, path string) (*sql.DB, error) {
	db, err := duck.Open(ctx, path, duck.Options{
		ReadOnly: true, Sandboxed: true, Memory: cfg.Resources.Memory, Threads: cfg.Resources.Threads, TempDir: cfg.Resources.TempDir,
	})
	switch {
	case errors.Is(err, fs.ErrNotExist) && path == warehousePath(cfg.Workspace):
		return nil, fmt.Errorf("nothing is published yet in %s: `rightseat run` does it", cfg.Workspace)
	case errors.Is(err, fs.ErrNotExist):
		return nil, pipelines.Usagef("--warehouse %s: there is no such file", path)
	}
	return db, err
}
