package transform

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"
)

// Kind is how a model's rows are kept up to date.
type Kind string

// Kinds of materialisation. Each is a pure function to SQL in materialize.go.
const (
	// KindView is computed when read.
	KindView Kind = "view"
	// KindTable is computed again whenever one of its inputs changed.
	KindTable Kind = "table"
	// KindUpsert takes the new rows and replaces older versions of them, by key.
	KindUpsert Kind = "upsert"
	// KindSnapshot replaces whole (connection, snapshot_date) sets of a feed.
	KindSnapshot Kind = "snapshot"
	// KindAccumulate only ever learns: rows are merged by key, the latest version wins.
	KindAccumulate Kind = "accumulate"
	// KindNumbered gives each new key the next small integer, for joins inside the metrics.
	KindNumbered Kind = "numbered"
	// KindOnce works out the rows of a key once, when the key is new: they depend on nothing else. It reads the keys
	// to work out from params.new_keys, and loses those that are gone from the table they come from.
	KindOnce Kind = "once"
	// KindDated recomputes the dates in params.dates.
	KindDated Kind = "dated"
	// KindMerge recomputes the rows of the changed dates, and those of other dates that a change bears on: the query
	// reads in params.changed which dates changed in what, gives every row of these dates, and any others, which are
	// merged by key.
	KindMerge Kind = "merge"
	// KindAsOf recomputes the dates in params.as_of_dates, each as of that day.
	KindAsOf Kind = "as_of"
)

// Model is one SQL file: a query and, in its header of comment lines, what it is.
//
//	-- description: one sentence
//	-- grain: what one row is
//	-- materialize: dated
//	-- key: date, app_id
//	-- column date: DATE. What it means; when it is NULL. What it does not say of NULL is never NULL.
//	-- unit date: what a value is counted in, where type and name don't imply it
//
// A header line that starts with three spaces continues the one above.
type Model struct {
	Schema, Name string
	File         string // where it came from, for messages and explain
	SQL          string // the query, without header
	Description  string
	Grain        string
	Kind         Kind
	Key          []string // identifies a row; exports are ordered by it
	Date         string   // upsert, snapshot, dated, merge: the date column; table, accumulate: says of which dates a change is; as_of: the report date, default as_of
	Forward      bool     // dated: a changed date changes all later ones too
	Monthly      bool     // dated: the date column holds months' first days, and a changed date changes its month
	Latest       []string // accumulate: the version columns, larger wins
	Least        []string // accumulate: columns of which the smallest is kept
	Person       []string // upsert, snapshot, accumulate: identifier column and person column restated when identities change
	Keys         string   // once: the table whose values of the key's first column are the keys
	Feed         string   // snapshot: the feed whose snapshots are replaced; staging: the feed it delivers
	Stream       string   // staging: the stream whose snapshots say what is whole
	Leaves       string   // staging: the reason for which records give no row; empty: each gives one
	Columns      map[string]string
	Units        map[string]string // of columns whose unit their type and name don't imply
	Deps         []string          // qualified names, sorted
}

// Qualified is schema.name.
func (m *Model) Qualified() string { return m.Schema + "." + m.Name }

var headerLine = regexp.MustCompile(`^--\s?([a-z_]+(?: [a-z0-9_]+)?):\s*(.*)$`)

// parseHeader splits a file into its header's key–value pairs and the query below.
func parseHeader(file, text string) (map[string]string, string, error) {
	header := map[string]string{}
	lines := strings.Split(text, "\n")
	last, i := "", 0
	for ; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \r")
		switch m := headerLine.FindStringSubmatch(line); {
		case m != nil:
			last = m[1]
			if _, dup := header[last]; dup {
				return nil, "", fmt.Errorf("%s:%d: header key %q stands twice", file, i+1, last)
			}
			header[last] = m[2]
		case strings.HasPrefix(line, "--   ") && last != "":
			header[last] += " " + strings.TrimSpace(line[2:])
		case strings.HasPrefix(line, "--"):
			last = ""
		default:
			query := strings.TrimSpace(strings.Join(lines[i:], "\n"))
			query = strings.TrimSuffix(query, ";")
			if query == "" {
				return nil, "", fmt.Errorf("%s: no query below the header", file)
			}
			return header, query, nil
		}
	}
	return nil, "", fmt.Errorf("%s: no query below the header", file)
}

var modelKeys = map[string]bool{
	"description": true, "grain": true, "materialize": true, "key": true, "date": true, "dates": true,
	"keys": true, "latest": true, "least": true, "person": true, "snapshots": true,
}

// ParseModel reads a core, metrics, reports or checks model. The schema is the folder's name.
func ParseModel(file, text string) (*Model, error) {
	header, query, err := parseHeader(file, text)
	if err != nil {
		return nil, err
	}
	m := &Model{
		Schema: path.Base(path.Dir(file)), Name: strings.TrimSuffix(path.Base(file), ".sql"), File: file, SQL: query,
		Description: header["description"], Grain: header["grain"], Kind: Kind(header["materialize"]),
		Key: list(header["key"]), Date: header["date"], Latest: list(header["latest"]), Least: list(header["least"]),
		Person: list(header["person"]), Keys: header["keys"], Feed: header["snapshots"], Columns: map[string]string{}, Units: map[string]string{},
	}
	if m.Schema == "checks" && m.Kind == "" {
		m.Kind = KindView
	}
	switch header["dates"] {
	case "", "same":
	case "forward":
		m.Forward = true
	case "month":
		m.Monthly = true
	default:
		return nil, fmt.Errorf("%s: dates: %q: expected same, forward or month", file, header["dates"])
	}
	for k, v := range header {
		if c, ok := strings.CutPrefix(k, "column "); ok {
			m.Columns[c] = v
		} else if c, ok := strings.CutPrefix(k, "unit "); ok {
			m.Units[c] = v
		} else if !modelKeys[k] {
			return nil, fmt.Errorf("%s: unknown header key %q", file, k)
		}
	}
	return m, m.validate()
}

func (m *Model) validate() error {
	need := func(ok bool, what string) error {
		if ok {
			return nil
		}
		return fmt.Errorf("%s: a model that is materialised as %s needs %s in its header", m.File, m.Kind, what)
	}
	if m.Description == "" {
		return fmt.Errorf("%s: no description in the header", m.File)
	}
	switch m.Kind {
	case KindView, KindTable:
		return nil
	case KindUpsert:
		return need(len(m.Key) > 0 && m.Date != "", "key and date")
	case KindSnapshot:
		return need(m.Feed != "" && m.Date != "", "snapshots and date")
	case KindAccumulate:
		return need(len(m.Key) > 0, "key")
	case KindNumbered:
		return need(len(m.Key) == 1, "a key of one column")
	case KindOnce:
		return need(len(m.Key) > 0 && m.Keys != "", "key and keys")
	case KindDated:
		return need(m.Date != "", "date")
	case KindMerge:
		return need(len(m.Key) > 0 && m.Date != "", "key and date")
	case KindAsOf:
		return nil
	}
	return fmt.Errorf("%s: materialize: %q is not one of view, table, upsert, snapshot, accumulate, numbered, once, dated, merge, as_of", m.File, m.Kind)
}

// Feed is what staging must deliver for one kind of fact.
type Feed struct {
	Name        string
	Shape       string // events, snapshot or state
	Date        string // events: the local date column
	Readings    bool   // state: staging.<name>__readings has the rows of every reading, is_current those of the newest of each source
	Uncounted   bool   // its rows come of no records: the books leave it out
	Description string
	SQL         string // over staging.<name>__rows
	Columns     []Column
	Bounds      []Bound  // of columns that are no text
	Vital       []string // columns without which a row is set aside when the source gave a value that can't be read
}

// Column is a column's name and DuckDB type.
type Column struct{ Name, Type string }

// ParseFeed reads one file of sql/feeds.
func ParseFeed(file, text string) (*Feed, error) {
	header, query, err := parseHeader(file, text)
	if err != nil {
		return nil, err
	}
	f := &Feed{Name: header["feed"], Shape: header["shape"], Date: header["date"], Description: header["description"], SQL: query, Uncounted: header["books"] == "no"}
	switch f.Shape {
	case "events", "snapshot", "state":
	default:
		return nil, fmt.Errorf("%s: shape: %q: expected events, snapshot or state", file, f.Shape)
	}
	switch header["readings"] {
	case "", "newest":
	case "all":
		f.Readings = true
	default:
		return nil, fmt.Errorf("%s: readings: %q: expected newest or all", file, header["readings"])
	}
	if f.Readings && f.Shape != "state" {
		return nil, fmt.Errorf("%s: readings: only a feed of shape state says which of them it keeps", file)
	}
	for _, c := range splitColumns(header["columns"]) {
		name, typ, ok := strings.Cut(c, " ")
		if !ok {
			return nil, fmt.Errorf("%s: columns: %q: expected a name and a type", file, c)
		}
		f.Columns = append(f.Columns, Column{name, strings.TrimSpace(typ)})
	}
	if f.Bounds, err = parseBounds(header["bounds"]); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	f.Vital = list(header["vital"])
	f.SQL = f.withVital(query)
	if f.Name == "" || len(f.Columns) == 0 {
		return nil, fmt.Errorf("%s: a feed needs its name and columns in the header", file)
	}
	return f, nil
}

// splitColumns splits at commas outside parentheses, so that DECIMAL(18,2) stays whole.
func splitColumns(s string) []string {
	var out []string
	depth, start := 0, 0
	for i, r := range s + "," {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			if c := strings.TrimSpace(s[start:i]); c != "" {
				out = append(out, c)
			}
			start = i + 1
		}
	}
	return out
}

// parseStaging reads a staging model of a connector.
func parseStaging(file, connector, text string) (*Model, error) {
	header, query, err := parseHeader(file, text)
	if err != nil {
		return nil, err
	}
	for k := range header {
		if k != "feed" && k != "description" && k != "stream" && k != "leaves" {
			return nil, fmt.Errorf("%s: unknown header key %q in a staging model; expected feed, description, stream", file, k)
		}
	}
	if header["feed"] == "" {
		return nil, fmt.Errorf("%s: a staging model names the feed it delivers in its header: -- feed: sso_logins", file)
	}
	name := strings.ReplaceAll(connector, "-", "_") + "__" + strings.TrimSuffix(path.Base(file), ".sql")
	return &Model{
		Schema: "staging", Name: name, File: file, SQL: query, Description: header["description"],
		Kind: KindView, Feed: header["feed"], Stream: header["stream"], Leaves: header["leaves"],
	}, nil
}

func list(s string) []string {
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// readDir calls read with each .sql file directly in dir, in name order. A missing folder has none.
func readDir(fsys fs.FS, dir string, read func(file, text string) error) error {
	files, err := fs.Glob(fsys, path.Join(dir, "*.sql"))
	if err != nil {
		return fmt.Errorf("list %s: %w", dir, err)
	}
	sort.Strings(files)
	for _, f := range files {
		text, err := fs.ReadFile(fsys, f)
		if err != nil {
			return fmt.Errorf("read a model: %w", err)
		}
		if err := read(f, string(text)); err != nil {
			return err
		}
	}
	return nil
}
