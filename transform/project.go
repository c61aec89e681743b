package transform

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/rightseat/rightseat/internal/duck"
)

// Project is every model of a run, parsed, with its dependencies, in the order to build them.
type Project struct {
	Feeds   []*Feed
	Staging []*Model // of the connectors in use
	Models  []*Model // core, metrics and reports, dependencies first
	Checks  []*Model
	hash    string
}

// StagingDir is a folder with the staging models of one connector.
type StagingDir struct {
	Connector string
	FS        fs.FS
	Dir       string
}

// modelSchemas are the folders of models, which are also the schemas they live in.
var modelSchemas = []string{"core", "metrics", "reports"}

// LoadProject reads the built-in SQL and the staging folders given. Dependencies come from the
// SQL as DuckDB parses it, in a database of its own, so that it need not wait for the build file.
func LoadProject(ctx context.Context, files fs.FS, staging []StagingDir) (p *Project, err error) {
	db, err := duck.Open(ctx, "", duck.Options{Threads: 1})
	if err != nil {
		return nil, fmt.Errorf("open a database to parse SQL with: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p = &Project{}
	sum := sha256.New()
	note := func(file, text string) { sum.Write([]byte(file + "\x00" + text + "\x00")) }
	err = readDir(files, "feeds", func(file, text string) error {
		note(file, text)
		f, err := ParseFeed(file, text)
		if err == nil {
			p.Feeds = append(p.Feeds, f)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, dir := range staging {
		err := readDir(dir.FS, dir.Dir, func(file, text string) error {
			note(file, text)
			m, err := parseStaging(file, dir.Connector, text)
			if err != nil {
				return err
			}
			if p.feed(m.Feed) == nil {
				return fmt.Errorf("%s: there is no feed %q", file, m.Feed)
			}
			p.Staging = append(p.Staging, m)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, schema := range append(append([]string{}, modelSchemas...), "checks") {
		err := readDir(files, schema, func(file, text string) error {
			note(file, text)
			m, err := ParseModel(file, text)
			if err != nil {
				return err
			}
			if schema == "checks" {
				p.Checks = append(p.Checks, m)
			} else {
				p.Models = append(p.Models, m)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, m := range append(append(append([]*Model{}, p.Staging...), p.Models...), p.Checks...) {
		if m.Deps, err = dependencies(ctx, db, m); err != nil {
			return nil, err
		}
	}
	if p.Models, err = ordered(p.Models); err != nil {
		return nil, err
	}
	for _, pattern := range []string{"seeds/*.csv", "macros/*.sql"} {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", pattern, err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, fmt.Errorf("read a seed or macro: %w", err)
			}
			note(name, string(text))
		}
	}
	p.hash = hex.EncodeToString(sum.Sum(nil))
	return p, nil
}

func (p *Project) feed(name string) *Feed {
	for _, f := range p.Feeds {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// dependencies lists the schema-qualified tables that a model reads, sorted.
func dependencies(ctx context.Context, db *sql.DB, m *Model) ([]string, error) {
	tables, err := tablesOf(ctx, db, m.SQL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.File, err)
	}
	if m.Keys != "" && !slices.Contains(tables, m.Keys) {
		tables = append(slices.Clone(tables), m.Keys)
		slices.Sort(tables)
	}
	return tables, nil
}

// parsed remembers what a query reads, as the runs of a process have the same SQL: query (string) → tables ([]string, sorted).
var parsed sync.Map

func tablesOf(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	if known, ok := parsed.Load(query); ok {
		tables, _ := known.([]string)
		return tables, nil
	}
	var text string
	if err := db.QueryRowContext(ctx, "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)", query).Scan(&text); err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	var tree map[string]any
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	if tree["error"] == true {
		return nil, fmt.Errorf("%v", tree["error_message"])
	}
	if statements, ok := tree["statements"].([]any); !ok || len(statements) != 1 {
		return nil, errors.New("a model is one SELECT statement, and this is not")
	}
	found := map[string]bool{}
	walkTables(tree, found)
	tables := slices.Sorted(maps.Keys(found))
	parsed.Store(query, tables)
	return tables, nil
}

func walkTables(node any, found map[string]bool) {
	switch n := node.(type) {
	case map[string]any:
		if n["type"] == "BASE_TABLE" {
			schema, _ := n["schema_name"].(string)
			table, _ := n["table_name"].(string)
			if schema != "" {
				found[schema+"."+table] = true
			}
		}
		for _, v := range n {
			walkTables(v, found)
		}
	case []any:
		for _, v := range n {
			walkTables(v, found)
		}
	}
}

// ordered sorts models so that each stands after those it reads.
func ordered(models []*Model) ([]*Model, error) {
	byName := map[string]*Model{}
	for _, m := range models {
		byName[m.Qualified()] = m
	}
	var out []*Model
	state := map[*Model]int{} // 1 being visited, 2 done
	var visit func(m *Model, trail []string) error
	visit = func(m *Model, trail []string) error {
		trail = append(trail, m.Qualified())
		switch state[m] {
		case 1:
			return fmt.Errorf("models depend on each other in a circle: %s", strings.Join(trail, " → "))
		case 2:
			return nil
		}
		state[m] = 1
		for _, d := range m.Deps {
			dep, ok := byName[d]
			if !ok {
				if schema, _, _ := strings.Cut(d, "."); schema == "core" || schema == "metrics" || schema == "reports" {
					return fmt.Errorf("%s: reads %s, which no model makes", m.File, d)
				}
				continue
			}
			if err := visit(dep, trail); err != nil {
				return err
			}
		}
		state[m] = 2
		out = append(out, m)
		return nil
	}
	for _, m := range models {
		if err := visit(m, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}
