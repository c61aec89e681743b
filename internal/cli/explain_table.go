package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/pipelines"
	rightsql "github.com/rightseat/rightseat/sql"
)

// printTable prints a table's or a row's explanation. CSV has the list behind the row where one
// was asked for, else the columns.
func (a *app) printTable(e *pipelines.TableExplanation, cfg *config.Config, f explainFlags) error {
	switch *f.format {
	case table.FormatJSON:
		return a.json(e)
	case table.FormatCSV:
		return a.printTableCSV(e)
	}
	var b strings.Builder
	line := liner(&b)
	line("%s: %s", e.Table, e.Description)
	line("One row per %s.", e.Grain)
	line("")
	writeColumns(line, e)
	line("")
	line("SQL      %s", e.SQLFile)
	for _, in := range e.Inputs {
		if in.SQLFile != "" {
			line("Reads    %s (%s): %s", in.Model, in.SQLFile, in.Description)
		}
	}
	for _, s := range e.Seeds {
		line("List     %s", seedPlace(cfg, s))
	}
	if e.IsStale {
		line("Stale    a stream below is behind; what rests on it may be out of date")
	}
	for _, s := range e.Streams {
		line("Stream   %s", streamLine(s))
	}
	if e.Behind != nil {
		line("")
		writeBehind(line, e, f.all)
	}
	if f.sql {
		text, err := sqlText(e.SQLFile)
		if err != nil {
			return err
		}
		line("")
		b.WriteString(printableLines(text))
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

func (a *app) json(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// liner writes formatted lines, foreign text made safe for a terminal.
func liner(b *strings.Builder) func(format string, args ...any) {
	return func(format string, args ...any) {
		b.WriteString(strings.TrimRight(table.Printable(fmt.Sprintf(format, args...)), " ") + "\n")
	}
}

func (a *app) printTableCSV(e *pipelines.TableExplanation) error {
	var rows [][]any
	if e.Behind != nil {
		columns := []table.Column{{Name: "measure"}, {Name: "item"}, {Name: "person_id"}, {Name: "email"}, {Name: "name"}, {Name: "value"}, {Name: "detail"}}
		for _, p := range e.Behind {
			rows = append(rows, []any{p.Measure, optionalText(p.Item), optionalText(p.PersonID), optionalText(p.Email), optionalText(p.Name), optionalText(p.Value), optionalText(p.Detail)})
		}
		return a.list(columns, rows, table.FormatCSV)
	}
	columns := []table.Column{{Name: "column"}, {Name: "type"}, {Name: "value"}, {Name: "meaning"}, {Name: "unit"}, {Name: "null_rule"}}
	for _, c := range e.Columns {
		var value any
		if c.Value != nil {
			value = *c.Value
		}
		rows = append(rows, []any{c.Column, c.Type, value, c.Meaning, optionalText(c.Unit), c.NullRule})
	}
	return a.list(columns, rows, table.FormatCSV)
}

// writeColumns lists the columns: with their values where a row was asked for, else with their types.
func writeColumns(line func(string, ...any), e *pipelines.TableExplanation) {
	shown := make([]string, len(e.Columns))
	isRow := false
	for _, c := range e.Columns {
		isRow = isRow || c.Value != nil
	}
	names, values := 0, 0
	for i, c := range e.Columns {
		switch {
		case c.Value != nil:
			shown[i] = *c.Value
		case isRow:
			shown[i] = "unknown"
		default:
			shown[i] = c.Type
		}
		names, values = max(names, len(c.Column)), max(values, len([]rune(shown[i])))
	}
	const widest = 40
	for i, c := range e.Columns {
		line("  %-*s  %-*s  %s", names, c.Column, min(values, widest), shown[i], c.Meaning)
	}
}

// seedPlace says which file a seed list comes from and how to replace it.
func seedPlace(cfg *config.Config, name string) string {
	own := filepath.Join(cfg.Workspace, "seeds", name)
	if _, err := os.Stat(own); !errors.Is(err, fs.ErrNotExist) {
		return "seeds/" + name + ", your own in place of sql/seeds/" + name
	}
	return "sql/seeds/" + name + "; a file seeds/" + name + " in the workspace replaces it"
}

// reach says how far a stream is known.
func reach(s pipelines.Source) string {
	switch {
	case s.Watermark != nil:
		return "complete up to " + s.Watermark.UTC().Format(time.RFC3339)
	case s.LastSuccessAt != nil:
		return "read whole at " + s.LastSuccessAt.UTC().Format(time.RFC3339)
	}
	return "never complete"
}

func streamLine(s pipelines.Source) string {
	text := s.Connection + "/" + s.Stream + " " + s.State + ", " + reach(s)
	if s.IsStale {
		text += ", stale"
	}
	if s.Error != "" {
		text += ": " + table.Brief(s.Error, findingWidth)
	}
	return text
}

// writeBehind lists who stands behind a row, measure by measure.
func writeBehind(line func(string, ...any), e *pipelines.TableExplanation, all bool) {
	line("Behind it, by %s:", e.BehindFile)
	if len(e.Behind) == 0 {
		line("  nobody")
	}
	for i := 0; i < len(e.Behind); {
		n := 0
		for i+n < len(e.Behind) && e.Behind[i+n].Measure == e.Behind[i].Measure {
			n++
		}
		line("%s: %d", e.Behind[i].Measure, n)
		shown := n
		if !all {
			shown = min(n, shownPeople)
		}
		for _, b := range e.Behind[i : i+shown] {
			who := b.Email
			if who == "" {
				who = b.Item
			}
			line("  %-36s %-26s %12s  %s", who, b.Name, b.Value, b.Detail)
		}
		if n > shown {
			line("  … and %d more (--all lists them)", n-shown)
		}
		i += n
	}
}

// sqlText is a file of the project's SQL, as it came with the program.
func sqlText(file string) (string, error) {
	text, err := fs.ReadFile(rightsql.Files, strings.TrimPrefix(file, "sql/"))
	if err != nil {
		return "", fmt.Errorf("explain: %w", err)
	}
	return string(text), nil
}
