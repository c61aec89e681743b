package file

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// format is how a file is written.
type format string

const (
	formatCSV     format = "csv"
	formatJSONL   format = "jsonl"
	formatParquet format = "parquet"
	formatXLSX    format = "xlsx"
)

// settings are a connection's settings, checked.
type settings struct {
	kind      filekind.Kind
	path      string            // glob
	columns   map[string]string // normalised header to contract column
	format    format            // empty: by content and extension
	delimiter rune              // 0: sniffed
	encoding  encoding.Encoding // nil: sniffed
	decimal   string            // comma, point; empty: judged by the column
	sheet     string            // empty: the first
	dates     dateParser        // zone is filled in by the reader
	bank
	// shape identifies everything here that decides what a file's rows come out as.
	shape string
}

func parseSettings(raw map[string]any) (settings, error) {
	text := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		if !slices.Contains(config.FileSettings, key) {
			return settings{}, fmt.Errorf("unknown key %q%s", key, yamlx.Hint(key, config.FileSettings))
		}
		if slices.Contains([]string{"columns", "words", "constants", "leave_out", "header_row"}, key) || raw[key] == nil {
			continue
		}
		s, ok := raw[key].(string)
		if !ok {
			return settings{}, fmt.Errorf("%s: expected text, found %v", key, raw[key])
		}
		text[key] = s
	}
	s := settings{path: text["path"], sheet: text["sheet"], decimal: strings.ToLower(text["decimal"])}
	if s.decimal != "" && s.decimal != "comma" && s.decimal != "point" {
		return s, fmt.Errorf("decimal: %q is neither comma nor point", text["decimal"])
	}
	if s.path == "" {
		return s, errors.New("path is missing: the file, or a pattern such as uploads/people-*.csv")
	}
	var err error
	if s.kind, err = parseKind(text["kind"]); err != nil {
		return s, err
	}
	s.kind.Columns = append(s.kind.Columns, s.kind.Inputs...)
	if s.columns, err = parseColumns(raw["columns"], s.kind); err != nil {
		return s, err
	}
	if s.format, err = parseFormat(text["format"]); err != nil {
		return s, err
	}
	if s.delimiter, err = parseDelimiter(text["delimiter"]); err != nil {
		return s, err
	}
	if name := text["encoding"]; name != "" {
		if s.encoding, err = encodingNamed(name); err != nil {
			return s, fmt.Errorf("encoding: %q is not a known encoding; examples: utf-8, utf-16le, windows-1252, cp850, gb18030", name)
		}
	}
	if s.dates, err = newDateParser(text["date_format"]); err != nil {
		return s, err
	}
	if err := s.parseBank(text, raw); err != nil {
		return s, err
	}
	s.shape, err = shapeOf(text, s.columns, s.bank)
	return s, err
}

func parseKind(name string) (filekind.Kind, error) {
	if name == "" {
		return filekind.Kind{}, fmt.Errorf("kind is missing: one of %s", strings.Join(filekind.Names(), ", "))
	}
	k, ok := filekind.Lookup(name)
	if !ok {
		return k, fmt.Errorf("kind: unknown kind %q%s", name, yamlx.Hint(name, filekind.Names()))
	}
	return k, nil
}

func parseColumns(raw any, k filekind.Kind) (map[string]string, error) {
	if raw == nil {
		return nil, nil
	}
	given := map[string]string{}
	switch m := raw.(type) {
	case map[string]any:
		for header, v := range m {
			column, ok := v.(string)
			if !ok {
				return nil, fmt.Errorf("columns: %s: expected a column's name, found %v", header, v)
			}
			given[header] = column
		}
	case map[string]string:
		given = m
	default:
		return nil, fmt.Errorf("columns: expected {Their header: our_column}, found %v", raw)
	}
	columns := map[string]string{}
	from := map[string]string{}
	for _, header := range slices.Sorted(maps.Keys(given)) {
		column := given[header]
		if !k.Maps(column) {
			return nil, fmt.Errorf("columns: %s: %s files have no column %q%s", header, k.Name, column, yamlx.Hint(column, k.ColumnNames()))
		}
		if other, ok := from[column]; ok && column != filekind.NoColumn {
			return nil, fmt.Errorf("columns: %s and %s both name column %s", other, header, column)
		}
		from[column] = header
		columns[normaliseHeader(header)] = column
	}
	return columns, nil
}

func parseFormat(name string) (format, error) {
	switch strings.ToLower(name) {
	case "":
		return "", nil
	case "csv", "tsv", "txt":
		return formatCSV, nil
	case "jsonl", "ndjson", "json", "json_lines":
		return formatJSONL, nil
	case "parquet":
		return formatParquet, nil
	case "xlsx":
		return formatXLSX, nil
	}
	return "", fmt.Errorf("format: %q is not one of csv, jsonl, parquet, xlsx", name)
}

func parseDelimiter(text string) (rune, error) {
	switch strings.ToLower(text) {
	case "":
		return 0, nil
	case "tab", `\t`:
		return '\t', nil
	}
	d, size := utf8.DecodeRuneInString(text)
	if size != len(text) || strings.ContainsRune("\"\r\n\uFFFD", d) {
		return 0, fmt.Errorf("delimiter: expected one character or the word tab, found %q", text)
	}
	return d, nil
}

// shapeOf hashes the settings that decide how a file is read; path and idp do not.
func shapeOf(text, columns map[string]string, b bank) (string, error) {
	shape := map[string]any{
		"kind": text["kind"], "columns": columns, "format": text["format"], "delimiter": text["delimiter"],
		"encoding": text["encoding"], "sheet": text["sheet"], "date_format": text["date_format"], "decimal": text["decimal"],
	}
	// Those that came later join only when they are used: what was read before them is not read again.
	if len(b.constants) > 0 {
		shape["constants"] = b.constants
	}
	if b.sign != signUnsaid {
		shape["sign"] = b.sign
	}
	if b.headerRow > 0 {
		shape["header_row"] = b.headerRow
	}
	if len(b.leaveOut) > 0 {
		shape["leave_out"] = b.leaveOut
	}
	if b.preset != nil {
		shape["preset"] = b.preset // as a whole: what a later version knows better is read anew
	}
	data, err := json.Marshal(shape)
	if err != nil {
		return "", fmt.Errorf("fingerprint of the settings: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8]), nil
}
