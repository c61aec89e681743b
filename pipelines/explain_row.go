package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/yamlx"
	rightsql "github.com/rightseat/rightseat/sql"
)

// Behind is one person, account, transaction or contract line behind a number.
type Behind struct {
	Measure  string `json:"measure"` // the column it is counted in, or the kind of evidence
	Item     string `json:"item"`    // what is counted: an account, a person, a transaction
	PersonID string `json:"person_id,omitempty"`
	Email    string `json:"email,omitempty"`
	Name     string `json:"name,omitempty"`
	Value    string `json:"value,omitempty"` // of transactions: the amount; of contract lines: licences
	Detail   string `json:"detail,omitempty"`
}

// nearRows is how many rows an error message lists.
const nearRows = 10

// pick finds the one row that the filters mean, leaves it in the temporary table picked, and
// fills in its values.
func (x *tableExplainer) pick(ctx context.Context) error {
	where, args, err := x.conditions()
	if err != nil {
		return err
	}
	from := " FROM " + quoted(x.e.Table)
	var n int
	if err := x.conn.QueryRowContext(ctx, "SELECT count(*)"+from+" WHERE "+strings.Join(where, " AND "), args...).Scan(&n); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	if n != 1 {
		return x.notOne(ctx, n, where, args)
	}
	if _, err := x.conn.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE picked AS SELECT *"+from+" WHERE "+strings.Join(where, " AND "), args...); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	cells := make([]sql.NullString, len(x.e.Columns))
	into := make([]any, len(cells))
	for i := range cells {
		into[i] = &cells[i]
	}
	if err := x.conn.QueryRowContext(ctx, "SELECT COLUMNS(*)::VARCHAR FROM temp.picked").Scan(into...); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	for i, c := range cells {
		if c.Valid {
			x.e.Columns[i].Value = &c.String
		}
		if x.e.Columns[i].Column == "is_stale" { // the row knows better than the table
			x.e.IsStale = c.String == "true"
		}
	}
	return nil
}

// usual are the values that rows are picked by when the key has the column and nobody says.
var usual = map[string]string{"as_of": "", "date": "", "window_days": "30"}

// conditions turns the filters into SQL with one argument each. A report date that is not given is
// the newest, a window 30 days.
func (x *tableExplainer) conditions() (where []string, args []any, err error) {
	given := map[string]bool{}
	for _, f := range x.req.Where {
		column := f.Column
		if column == "app" && slices.Contains(x.columnNames(), "app_id") {
			column = "app_id"
		}
		if !slices.Contains(x.columnNames(), column) {
			return nil, nil, Usagef("%s has no column %q%s", x.e.Table, f.Column, yamlx.Hint(f.Column, x.columnNames()))
		}
		given[column] = true
		where = append(where, fmt.Sprintf("coalesce(lower(CAST(%s AS VARCHAR)), '') = lower(?)", duck.Ident(column)))
		args = append(args, f.Value)
	}
	for _, k := range x.keys() {
		value, ok := usual[k]
		switch {
		case !ok || given[k]:
		case value != "":
			where = append(where, fmt.Sprintf("CAST(%s AS VARCHAR) = ?", duck.Ident(k)))
			args = append(args, value)
		default:
			where = append(where, fmt.Sprintf("%[1]s = (SELECT max(%[1]s) FROM %[2]s WHERE true OR ? = '')", duck.Ident(k), quoted(x.e.Table)))
			args = append(args, "")
		}
	}
	return where, args, nil
}

// notOne says which rows are nearest when the filters pick none or several.
func (x *tableExplainer) notOne(ctx context.Context, n int, where []string, args []any) error {
	if n > 1 {
		near, err := x.rowsLike(ctx, where, args)
		if err != nil {
			return err
		}
		return Usagef("%d rows of %s match; say more of the key, as in one of these:\n%s", n, x.e.Table, near)
	}
	for i, f := range x.req.Where {
		var known int
		query := fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", quoted(x.e.Table), where[i])
		if err := x.conn.QueryRowContext(ctx, query, args[i]).Scan(&known); err != nil {
			return fmt.Errorf("explain: %w", err)
		}
		if known > 0 {
			continue
		}
		column := f.Column
		if column == "app" {
			column = "app_id"
		}
		values, err := texts(ctx, x.conn, fmt.Sprintf("SELECT DISTINCT CAST(%[1]s AS VARCHAR) FROM %[2]s WHERE %[1]s IS NOT NULL ORDER BY 1 DESC", duck.Ident(column), quoted(x.e.Table)))
		if err != nil {
			return err
		}
		return Usagef("no row of %s has %s=%s%s", x.e.Table, f.Column, f.Value, yamlx.Hint(f.Value, values))
	}
	// Each value exists, but not together: rows that miss by one are the nearest.
	for i := len(x.req.Where) - 1; i >= 0; i-- {
		w, a := slices.Delete(slices.Clone(where), i, i+1), slices.Delete(slices.Clone(args), i, i+1)
		if len(w) == 0 {
			continue
		}
		near, err := x.rowsLike(ctx, w, a)
		if err != nil {
			return err
		}
		if near != "" {
			return Usagef("no row of %s matches all of this; without %s there are:\n%s", x.e.Table, x.req.Where[i].Column, near)
		}
	}
	return Usagef("no row of %s matches", x.e.Table)
}

// rowsLike lists the keys of some rows, as one would type them.
func (x *tableExplainer) rowsLike(ctx context.Context, where []string, args []any) (string, error) {
	var parts []string
	for _, k := range x.keys() {
		parts = append(parts, fmt.Sprintf("%s || coalesce(CAST(%s AS VARCHAR), '')", duck.Literal(k+"="), duck.Ident(k)))
	}
	query := fmt.Sprintf("SELECT concat_ws(' ', %s) FROM %s WHERE %s ORDER BY 1 DESC LIMIT %d",
		strings.Join(parts, ", "), quoted(x.e.Table), strings.Join(where, " AND "), nearRows)
	lines, err := texts(ctx, x.conn, query, args...)
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return strings.Join(lines, "\n"), err
}

// behind lists who or what stands behind the picked row: sql/people/<report>.sql, which reads the row
// in picked, its date and app in asked, and the views of sql/people/shared.
func (x *tableExplainer) behind(ctx context.Context) error {
	_, table, _ := strings.Cut(x.e.Table, ".")
	file := "people/" + table + ".sql"
	text, err := fs.ReadFile(rightsql.Files, file)
	if errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(x.e.Table, "reports.") {
		return Usagef("%s has no people behind its rows", x.e.Table)
	}
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	if len(x.req.Where) == 0 {
		return Usagef("say which row: rightseat explain %s %s=…", x.req.Table, x.keys()[len(x.keys())-1])
	}
	x.e.BehindFile = "sql/" + file
	if err := x.ask(ctx); err != nil {
		return err
	}
	x.e.Behind = []Behind{}
	query := fmt.Sprintf(`SELECT b.measure, coalesce(b.item, ''), coalesce(b.person_id, ''), coalesce(p.primary_email, ''), coalesce(p.display_name, ''),
  coalesce(regexp_replace(CAST(b.value AS VARCHAR), '(\.\d\d\d*?)0+$', '\1'), ''), coalesce(b.detail, '')
FROM (
%s
) AS b LEFT JOIN core.people AS p ON p.person_id = b.person_id
ORDER BY ALL`, text)
	return each(ctx, x.conn, query, func(scan func(...any) error) error {
		var b Behind
		err := scan(&b.Measure, &b.Item, &b.PersonID, &b.Email, &b.Name, &b.Value, &b.Detail)
		x.e.Behind = append(x.e.Behind, b)
		return err
	})
}

// ask asks for the date and the app of the row that was picked.
func (x *tableExplainer) ask(ctx context.Context) error {
	date, app := "CAST(NULL AS DATE)", "CAST(NULL AS VARCHAR)"
	for _, c := range x.columnNames() {
		switch c {
		case "as_of", "date":
			date = c
		case "app_id":
			app = c
		}
	}
	return ask(ctx, x.conn, fmt.Sprintf("SELECT DISTINCT %s AS as_of, %s AS app_id FROM temp.picked", date, app))
}
