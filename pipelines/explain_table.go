package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// TableExplanation says what a row of a public table is, column by column, and where it comes
// from. Without a row it says that of the table.
type TableExplanation struct {
	Table       string          `json:"table"` // schema.name
	Description string          `json:"description"`
	Grain       string          `json:"grain"`
	SQLFile     string          `json:"sql_file"` // within the project
	Columns     []ColumnMeaning `json:"columns"`
	Inputs      []Input         `json:"inputs"`  // what the model reads itself
	Seeds       []string        `json:"seeds"`   // lists under sql/seeds that it or its inputs read
	Streams     []Source        `json:"streams"` // what it rests on in the end
	IsStale     bool            `json:"is_stale"`
	// Behind lists the people, accounts or transactions of the row; nil unless asked for.
	Behind []Behind `json:"behind,omitempty"`
	// BehindFile is the query that lists them; empty for tables of which nobody stands behind.
	BehindFile string `json:"behind_file,omitempty"`
}

// ColumnMeaning is a column with its value, if a row was asked for.
type ColumnMeaning struct {
	Column   string  `json:"column"`
	Type     string  `json:"type"`
	Value    *string `json:"value"` // nil: NULL, or no row was asked for
	Meaning  string  `json:"meaning"`
	Unit     string  `json:"unit,omitempty"`
	NullRule string  `json:"null_rule"`
	IsKey    bool    `json:"is_key"`
}

// Input is a model that another one reads.
type Input struct {
	Model       string `json:"model"`
	Description string `json:"description,omitempty"`
	SQLFile     string `json:"sql_file,omitempty"`
}

// Filter picks rows by a column's value, as text; empty stands for NULL.
type Filter struct{ Column, Value string }

// TableRequest says which row of which table to explain.
type TableRequest struct {
	Table string   // name of a report, or schema.name
	Where []Filter // none: the table itself
	// Column is the only one to explain; empty: all.
	Column string
	// Behind asks for the people, accounts or transactions of the row.
	Behind bool
}

// ErrOldWarehouse says that an older version published the warehouse.
var ErrOldWarehouse = errors.New("the warehouse was published by an older version of rightseat: publish it again with rightseat run")

// TableNames lists the public tables: reports by their bare names, the others with their schema.
// The error is [ErrOldWarehouse] where the warehouse doesn't hold its own dictionary.
func TableNames(ctx context.Context, db *sql.DB) ([]string, error) {
	there, err := texts(ctx, db, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'reports' AND table_name = 'data_dictionary'")
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	if len(there) == 0 {
		return nil, ErrOldWarehouse
	}
	names, err := texts(ctx, db, `SELECT DISTINCT CASE schema_name WHEN 'reports' THEN '' ELSE schema_name || '.' END || table_name
FROM reports.data_dictionary ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	return names, nil
}

// ExplainTable explains a table, or the one row that the filters pick. Where they pick none or
// several, the error names the nearest rows.
func ExplainTable(ctx context.Context, db *sql.DB, req TableRequest) (e *TableExplanation, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	x := &tableExplainer{conn: conn, req: req}
	if err := x.describe(ctx); err != nil {
		return nil, err
	}
	if err := x.trace(ctx); err != nil {
		return nil, err
	}
	if len(req.Where) > 0 {
		if err := x.pick(ctx); err != nil {
			return nil, err
		}
	}
	if req.Behind {
		if err := x.behind(ctx); err != nil {
			return nil, err
		}
	}
	x.narrow()
	return &x.e, nil
}

type tableExplainer struct {
	conn *sql.Conn
	req  TableRequest
	e    TableExplanation
}

// describe reads what the dictionary says of the table.
func (x *tableExplainer) describe(ctx context.Context) error {
	schema, table, qualified := strings.Cut(x.req.Table, ".")
	if !qualified {
		schema, table = "reports", x.req.Table
	}
	x.e.Table = schema + "." + table
	err := each(ctx, x.conn, `SELECT column_name, data_type, coalesce(meaning, ''), coalesce(unit, ''), null_rule, is_key, source_file
FROM reports.data_dictionary WHERE schema_name = ? AND table_name = ? ORDER BY position`, func(scan func(...any) error) error {
		var c ColumnMeaning
		err := scan(&c.Column, &c.Type, &c.Meaning, &c.Unit, &c.NullRule, &c.IsKey, &x.e.SQLFile)
		x.e.Columns = append(x.e.Columns, c)
		return err
	}, schema, table)
	if err != nil {
		return err
	}
	if len(x.e.Columns) == 0 {
		return Usagef("there is no table %q", x.req.Table)
	}
	if c := x.req.Column; c != "" && !slices.Contains(x.columnNames(), c) {
		return Usagef("%s has no column %q%s", x.e.Table, c, yamlx.Hint(c, x.columnNames()))
	}
	return nil
}

func (x *tableExplainer) columnNames() []string {
	names := make([]string, len(x.e.Columns))
	for i, c := range x.e.Columns {
		names[i] = c.Column
	}
	return names
}

func (x *tableExplainer) keys() []string {
	var names []string
	for _, c := range x.e.Columns {
		if c.IsKey {
			names = append(names, c.Column)
		}
	}
	if len(names) == 0 {
		return x.columnNames()
	}
	return names
}

// narrow keeps the key and the one column asked for.
func (x *tableExplainer) narrow() {
	if x.req.Column == "" {
		return
	}
	x.e.Columns = slices.DeleteFunc(x.e.Columns, func(c ColumnMeaning) bool { return !c.IsKey && c.Column != x.req.Column })
	x.e.Behind = slices.DeleteFunc(x.e.Behind, func(b Behind) bool { return b.Measure != x.req.Column && slices.Contains(x.columnNames(), b.Measure) })
}

// trace follows the lineage up to the vendors' streams.
func (x *tableExplainer) trace(ctx context.Context) error {
	type model struct {
		Input
		grain  string
		inputs []string
	}
	models := map[string]model{}
	err := each(ctx, x.conn, `SELECT model, coalesce(description, ''), coalesce(grain, ''), source_file, coalesce(inputs, '') FROM reports.lineage`,
		func(scan func(...any) error) error {
			var m model
			var inputs string
			err := scan(&m.Model, &m.Description, &m.grain, &m.SQLFile, &inputs)
			if inputs != "" {
				m.inputs = strings.Split(inputs, ", ")
			}
			models[m.Model] = m
			return err
		})
	if err != nil {
		return err
	}
	own := models[x.e.Table]
	x.e.Description, x.e.Grain = own.Description, own.grain
	seen, streams := map[string]bool{}, map[string]bool{}
	var follow func(name string)
	follow = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		if strings.Contains(name, "/") {
			streams[name] = true
		}
		if seed, ok := strings.CutPrefix(name, "seeds."); ok {
			x.e.Seeds = append(x.e.Seeds, seed+".csv")
		}
		for _, in := range models[name].inputs {
			follow(in)
		}
	}
	follow(x.e.Table)
	slices.Sort(x.e.Seeds)
	for _, in := range own.inputs {
		input := models[in].Input
		input.Model = in
		x.e.Inputs = append(x.e.Inputs, input)
	}
	return x.health(ctx, streams)
}

// health adds how each stream stands: the broken and late ones first.
func (x *tableExplainer) health(ctx context.Context, streams map[string]bool) error {
	all, err := sources(ctx, x.conn, "")
	for _, s := range all {
		if streams[s.Connection+"/"+s.Stream] {
			x.e.Streams = append(x.e.Streams, s)
			x.e.IsStale = x.e.IsStale || s.IsStale
		}
	}
	return err
}

// each calls row for each row of a query's answer.
func each(ctx context.Context, q querier, query string, row func(scan func(...any) error) error, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("explain: %w", err)
		}
	}
	return rows.Err()
}

// querier is a database or one connection to it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func texts(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	var out []string
	err := each(ctx, q, query, func(scan func(...any) error) error {
		var s sql.NullString
		err := scan(&s)
		out = append(out, s.String)
		return err
	}, args...)
	return out, err
}

func quoted(qualified string) string {
	schema, table, _ := strings.Cut(qualified, ".")
	return duck.Qualified(schema, table)
}
