package transform

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// The tables that describe the others. What they say comes from the models' headers and from the
// parsed SQL; there is no second text of either.
const (
	dictionaryParams = "params.dictionary"
	lineageParams    = "params.lineage"
)

// createDictionaryParams makes and fills params.lineage, one row per feed and model: what it is, the
// file that makes it, and what that reads, by name. params.dictionary is filled when all tables
// exist, see [runner.fillDictionary].
func (r *runner) createDictionaryParams(ctx context.Context) error {
	err := r.execAll(ctx,
		`CREATE TABLE params.dictionary (schema_name VARCHAR, table_name VARCHAR, position BIGINT, column_name VARCHAR, data_type VARCHAR,
    is_key BOOLEAN, meaning VARCHAR, unit VARCHAR, null_rule VARCHAR, source_file VARCHAR)`,
		`CREATE TABLE params.lineage (model VARCHAR, layer VARCHAR, description VARCHAR, grain VARCHAR, materialized VARCHAR,
    source_file VARCHAR, inputs VARCHAR)`)
	if err != nil {
		return err
	}
	streams, err := r.streamsByRaw(ctx)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, f := range r.project.Feeds {
		var inputs []string
		for _, m := range r.project.Staging {
			if m.Feed == f.Name {
				inputs = append(inputs, m.Qualified())
			}
		}
		rows = append(rows, []any{"staging." + f.Name, "feed", f.Description, optional(""), "view", "sql/feeds/" + f.Name + ".sql", optional(joined(inputs))})
	}
	for _, m := range slices.Concat(r.project.Staging, r.project.Models) {
		inputs := m.Deps
		if m.Schema == "staging" {
			inputs = nil
			for _, d := range m.Deps {
				inputs = append(inputs, streams[d]...)
			}
		}
		rows = append(rows, []any{m.Qualified(), m.Schema, m.Description, optional(m.Grain), string(m.Kind), m.sourceFile(), optional(joined(inputs))})
	}
	return r.insert(ctx, lineageParams, rows)
}

// streamsByRaw lists connection/stream by the raw view that shows it.
func (r *runner) streamsByRaw(ctx context.Context) (map[string][]string, error) {
	streams := map[string][]string{}
	err := r.each(ctx, "SELECT connection, connector, stream FROM _state.streams", func(scan func(...any) error) error {
		var connection, connector, stream string
		err := scan(&connection, &connector, &stream)
		view := "raw." + strings.ReplaceAll(connector+"__"+stream, "-", "_")
		streams[view] = append(streams[view], connection+"/"+stream)
		return err
	})
	return streams, err
}

// sourceFile is a model's file as a reader of the repository finds it: those that come with the
// product lie under sql/, a connector's of the user's own beside its manifest.
func (m *Model) sourceFile() string {
	if m.Schema == "staging" && !strings.HasPrefix(m.File, "staging/") {
		return m.File
	}
	return "sql/" + m.File
}

func joined(names []string) string {
	names = slices.Clone(names)
	sort.Strings(names)
	return strings.Join(slices.Compact(names), ", ")
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// describes tells whether a model is the table of all tables, which is built when they exist.
func describes(m *Model) bool { return slices.Contains(m.Deps, dictionaryParams) }

// fillDictionary writes down every column of every public table, the dictionary's own included.
func (r *runner) fillDictionary(ctx context.Context) error {
	models := map[string]*Model{}
	for _, m := range r.project.Models {
		models[m.Qualified()] = m
	}
	var rows [][]any
	err := r.each(ctx, `SELECT schema_name, table_name, column_index, column_name, data_type FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name IN ('core', 'reports') ORDER BY ALL`, func(scan func(...any) error) error {
		var schema, table, column, kind string
		var position int64
		if err := scan(&schema, &table, &position, &column, &kind); err != nil {
			return err
		}
		m := models[schema+"."+table]
		if m == nil {
			return fmt.Errorf("%s.%s: no model makes this table", schema, table)
		}
		doc := m.Columns[column]
		rows = append(rows, []any{schema, table, position, column, kind, slices.Contains(m.Key, column), optional(doc),
			optional(m.unit(column, kind)), nullRule(doc), m.sourceFile()})
		return nil
	})
	if err != nil {
		return err
	}
	return r.insert(ctx, dictionaryParams, rows)
}

// columnComment is a column's description with its unit, as people read it in the database.
func (m *Model) columnComment(column, kind string) string {
	doc := m.Columns[column]
	unit := m.unit(column, kind)
	if unit == "" || strings.HasPrefix(kind, "DATE") || strings.HasPrefix(kind, "TIMESTAMP") {
		return doc
	}
	return doc + " Unit: " + unit + "."
}

// unit is what a column's values are counted in: as its header says, else as its type and name imply;
// "" for texts, flags and ranks.
func (m *Model) unit(column, kind string) string {
	if u := m.Units[column]; u != "" {
		return u
	}
	doc := m.Columns[column]
	typ, _, _ := strings.Cut(kind, "(")
	switch typ {
	case "DATE":
		return "day"
	case "TIMESTAMP":
		return "instant, UTC"
	case "DECIMAL":
		if strings.Contains(doc, "in currency") {
			return "the row's currency"
		}
		return "the organisation's currency"
	case "DOUBLE":
		if strings.HasSuffix(column, "score") {
			return "share, 0 to 1"
		}
		return "percent"
	case "BIGINT":
		switch {
		case strings.HasSuffix(column, "_days") || strings.HasPrefix(column, "days_"):
			return "days"
		case strings.HasSuffix(column, "_months"):
			return "months"
		case column == "seq" || column == "position":
			return ""
		case column == "bytes":
			return "bytes"
		}
		return "count"
	}
	return ""
}

// nullRule is what a description says of NULL, without the rest; "never NULL" where it says nothing.
func nullRule(doc string) string {
	var parts []string
	for _, sentence := range strings.Split(doc, ". ") {
		for _, part := range strings.Split(sentence, "; ") {
			if strings.Contains(part, "NULL") {
				parts = append(parts, strings.TrimRight(strings.TrimSpace(part), "."))
			}
		}
	}
	if len(parts) == 0 {
		return "never NULL"
	}
	return strings.Join(parts, "; ")
}
