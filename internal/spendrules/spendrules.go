// Package spendrules reads the user's own rules for spend: which statement texts are which vendor's or
// app's. The file is a CSV that people write by hand, so every problem comes with its place and the fix.
package spendrules

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// Ways to match. Texts and patterns are compared in upper case, with one blank for every run of
// other than letters and digits.
const (
	Exact    = "exact"    // the text, with or without the payment processor in front
	Prefix   = "prefix"   // its beginning
	Contains = "contains" // any part of it
	Regex    = "regex"    // an RE2 expression that the text has a match of, in either case
)

// Matches are the ways to match.
var Matches = []string{Exact, Prefix, Contains, Regex}

// Rule is one line of the file. The first one that fits a text decides it.
type Rule struct {
	Match   string // one of Matches
	Pattern string // as written; a regular expression for Regex
	Vendor  string // as shown in reports; empty: the app's
	App     string // id, name or alias of an app, or a new one; empty: vendor only
	Line    int    // in the file, 1-based
}

const (
	maxSize    = 4 << 20 // bytes of a file
	maxRules   = 5_000   // every text is held to every rule
	maxPattern = 500     // characters
)

var columns = []string{"match", "pattern", "vendor", "app"}

// Read reads the rules in a file. What is wrong in it comes back as [yamlx.Errors], all of it.
func Read(path string) ([]Rule, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the spend rules: %w", err)
	}
	if info.Size() > maxSize {
		return nil, yamlx.Errors{{File: path, Msg: fmt.Sprintf("is larger than %d MiB; is it the right file?", maxSize>>20)}}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the spend rules: %w", err)
	}
	return Parse(path, data)
}

// Parse is [Read] for data already read. Path names the file in messages.
func Parse(path string, data []byte) ([]Rule, error) {
	p := &parser{path: path, seen: map[string]int{}}
	if !utf8.Valid(data) {
		return nil, yamlx.Errors{{File: path, Msg: "is not UTF-8; save it as CSV in UTF-8"}}
	}
	p.rows = csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	p.rows.FieldsPerRecord = -1
	if err := p.header(); err != nil {
		return nil, err
	}
	for {
		record, err := p.rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, append(p.problems, p.broken(err))
		}
		p.rule(record)
		if len(p.rules) > maxRules {
			line, column := p.rows.FieldPos(0)
			p.add(line, column, "", "more than %d rules; put what they have in common into fewer", maxRules)
			break
		}
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return p.rules, nil
}

type parser struct {
	path     string
	rows     *csv.Reader
	at       map[string]int // where each column stands
	rules    []Rule
	seen     map[string]int // match and pattern to line
	problems yamlx.Errors
}

func (p *parser) add(line, column int, key, format string, args ...any) {
	p.problems = append(p.problems, &yamlx.Error{File: p.path, Line: line, Column: column, Key: key, Msg: fmt.Sprintf(format, args...)})
}

// broken is a row that is no CSV.
func (p *parser) broken(err error) *yamlx.Error {
	e := &yamlx.Error{File: p.path, Msg: err.Error()}
	if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
		e.Line, e.Column, e.Msg = parse.Line, parse.Column, parse.Err.Error()
	}
	return e
}

func (p *parser) header() error {
	record, err := p.rows.Read()
	if errors.Is(err, io.EOF) {
		return yamlx.Errors{{File: p.path, Line: 1, Column: 1, Msg: "no header; expected the columns " + strings.Join(columns, ", ")}}
	}
	if err != nil {
		return yamlx.Errors{p.broken(err)}
	}
	p.at = map[string]int{}
	for i, name := range record {
		name = strings.ToLower(strings.TrimSpace(name))
		line, column := p.rows.FieldPos(i)
		if !slices.Contains(columns, name) {
			p.add(line, column, "", "unknown column %q%s", name, yamlx.Hint(name, columns))
		} else if _, twice := p.at[name]; twice {
			p.add(line, column, "", "the column %s is there twice", name)
		}
		p.at[name] = i
	}
	for _, name := range columns[:2] {
		if _, ok := p.at[name]; !ok {
			p.add(1, 1, "", "the column %s is missing; expected %s", name, strings.Join(columns, ", "))
		}
	}
	if len(p.problems) > 0 {
		return p.problems
	}
	return nil
}

func (p *parser) rule(record []string) {
	cell := func(name string) (value string, line, column int) {
		i, ok := p.at[name]
		if !ok || i >= len(record) {
			line, column = p.rows.FieldPos(0)
			return "", line, column
		}
		line, column = p.rows.FieldPos(i)
		return strings.TrimSpace(record[i]), line, column
	}
	before := len(p.problems)
	if len(record) > len(p.at) {
		line, column := p.rows.FieldPos(len(p.at))
		p.add(line, column, "", "more cells than the header has columns; put \" around a text that has a comma")
	}
	for name := range p.at {
		value, line, column := cell(name)
		if strings.ContainsFunc(value, unicode.IsControl) {
			p.add(line, column, name, "has a control character in it; remove it")
		}
		if utf8.RuneCountInString(value) > maxPattern {
			p.add(line, column, name, "is longer than %d characters", maxPattern)
		}
	}
	match, line, column := cell("match")
	r := Rule{Match: strings.ToLower(match), Line: line}
	if !slices.Contains(Matches, r.Match) {
		p.add(line, column, "match", "%q is no way to match%s", match, yamlx.Hint(r.Match, Matches))
	}
	r.Vendor, _, _ = cell("vendor")
	r.App, _, _ = cell("app")
	if !named(r.Vendor) && !named(r.App) {
		line, column := p.rows.FieldPos(0)
		p.add(line, column, "", "names neither a vendor nor an app; fill in one of the two")
	}
	r.Pattern, line, column = cell("pattern")
	p.pattern(r, line, column)
	if len(p.problems) == before {
		p.rules = append(p.rules, r)
	}
}

func (p *parser) pattern(r Rule, line, column int) {
	key := r.Match + "\x00" + r.Pattern
	switch {
	case r.Match == Regex:
		re, err := regexp.Compile(r.Pattern)
		if err != nil {
			p.add(line, column, "pattern", "is no regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
			return
		}
		if re.MatchString("") {
			p.add(line, column, "pattern", "%q matches every text; make it say something", r.Pattern)
			return
		}
	case !named(r.Pattern):
		p.add(line, column, "pattern", "has no letter or digit; expected the text of a statement, or a part of it")
		return
	default:
		key = r.Match + "\x00" + Normal(r.Pattern)
	}
	if other, twice := p.seen[key]; twice {
		p.add(line, column, "pattern", "line %d has it already, and the first one wins; remove one", other)
		return
	}
	p.seen[key] = line
}

func named(s string) bool { return Normal(s) != "" }

// Normal is the form in which texts and patterns are compared: upper case, one blank for every run of
// other than letters and digits.
func Normal(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	}), " ")
}
