package duck

import "strings"

// Ident quotes an identifier for SQL text: a table, column, schema or catalog name.
func Ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Idents quotes each name and joins them with commas.
func Idents(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = Ident(n)
	}
	return strings.Join(quoted, ", ")
}

// Qualified quotes schema.table.
func Qualified(schema, table string) string { return Ident(schema) + "." + Ident(table) }

// Literal quotes a text value for SQL text, for the statements that take no parameters (ATTACH,
// COPY, SET). Everywhere else, pass values as arguments.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
