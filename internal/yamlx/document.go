// Package yamlx decodes YAML strictly: unknown keys, duplicate keys and wrong types are errors
// with file, line and column, and all of them are reported at once. The checks that follow
// decoding add theirs through [Document.Add], which finds the place by the key.
//
// Anchors and aliases work; merge keys (<<), tags and several documents in one file do not.
package yamlx

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxBytes = 4 << 20
	maxDepth = 100
	// maxNodes bounds what aliases can blow a small file up to.
	maxNodes = 200_000
)

// Document is a decoded file: where its keys stand, and what is wrong with it.
type Document struct {
	File   string
	places map[string]place
	errs   Errors
	broken bool // no YAML at all
}

type place struct {
	key, value position
	scalar     bool
}

type position struct{ line, column int }

// Option changes how a file is decoded.
type Option func(*decoder)

// WithExpand passes every text value (not keys) through expand together with its key; the
// result is used in its place. An error becomes a problem at the value. Text that expand
// looks for may contain ${…} anywhere, also unquoted between { and }, where plain YAML would
// take the braces for its own.
func WithExpand(expand func(key, text string) (string, error)) Option {
	return func(d *decoder) { d.expand = expand }
}

// OneOrMany is implemented by slice types that may also be written as a single element.
type OneOrMany interface{ OneOrMany() }

// Decode reads YAML into the struct that into points to, whose fields carry `yaml:"key"` tags
// (a field without one is not read). It fills in what it can and notes every problem in
// the document; see [Document.Err]. File is only a name for messages.
func Decode(file string, data []byte, into any, options ...Option) *Document {
	doc := &Document{File: file, places: map[string]place{}}
	d := &decoder{doc: doc, anchors: map[string]ast.Node{}}
	for _, o := range options {
		o(d)
	}
	if root := doc.parse(d, data); root != nil {
		d.decode(root, into)
	} else {
		doc.broken = len(doc.errs) > 0
	}
	return doc
}

// ReadFile reads a file for [Decode]; a file that can't be read is the user's mistake.
func ReadFile(path, what string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, Errors{{File: path, Msg: "there is no such file; expected " + what}}
	}
	if err != nil {
		return nil, Errors{{File: path, Msg: fmt.Sprintf("can't be read: %v; expected %s", err, what)}}
	}
	return data, nil
}

func (doc *Document) parse(d *decoder, data []byte) ast.Node {
	switch {
	case len(data) > maxBytes:
		doc.addAt(position{}, "", fmt.Sprintf("is larger than %d MiB", maxBytes>>20))
		return nil
	case !utf8.Valid(data):
		doc.addAt(invalidUTF8(data), "", "is not UTF-8 text here; save the file as UTF-8")
		return nil
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	if at, ok := tooDeep(text); ok {
		doc.addAt(at, "", fmt.Sprintf("is nested more than %d levels deep", maxDepth))
		return nil
	}
	if d.expand != nil {
		text = hideReferences(text)
	}
	file, err := parse(text)
	if err != nil {
		doc.addAt(syntaxError(err))
		return nil
	}
	var root ast.Node
	for i, part := range file.Docs {
		if part.Body == nil {
			continue
		}
		if i > 0 && root != nil {
			doc.addAt(start(part.Body), "", "a second YAML document; put everything into one")
			break
		}
		root = part.Body
	}
	return root
}

// parse keeps a panic of the YAML library, should there be one for odd input, from ending the process.
func parse(text string) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("is not YAML that can be read: %v", p)
		}
	}()
	return parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
}

func syntaxError(err error) (position, string, string) {
	var e yaml.Error
	if errors.As(err, &e) && e.GetToken() != nil {
		return at(e.GetToken()), "", "not valid YAML: " + showReferences(e.GetMessage())
	}
	return position{}, "", "not valid YAML: " + showReferences(err.Error())
}

// Add notes a problem with a key's value, at the value's place; when the key is not in the
// file, at the nearest key around it. Keys look as in messages: connections[0].settings.base_url.
func (doc *Document) Add(key, format string, args ...any) {
	doc.addAt(doc.find(key), key, fmt.Sprintf(format, args...))
}

// Has tells whether the key is in the file.
func (doc *Document) Has(key string) bool {
	_, ok := doc.places[key]
	return ok
}

// Line is the line of a key in the file, of the nearest key around it when it is absent, 0 without any.
func (doc *Document) Line(key string) int { return doc.find(key).line }

// Readable tells whether the file is YAML at all; when it is not, checking its values makes no sense.
func (doc *Document) Readable() bool { return !doc.broken }

// Err gives all problems as an [Errors], ordered by place; nil without any.
func (doc *Document) Err() error {
	if len(doc.errs) == 0 {
		return nil
	}
	return doc.errs.sorted()
}

func (doc *Document) addAt(p position, key, msg string) {
	doc.errs = append(doc.errs, &Error{File: doc.File, Line: p.line, Column: p.column, Key: key, Msg: msg})
}

func (doc *Document) find(key string) position {
	p, ok := doc.places[key]
	switch {
	case ok && (p.scalar || p.key.line == 0):
		return p.value
	case ok:
		return p.key
	case key == "":
		return position{1, 1}
	}
	return doc.find(parent(key))
}

// Join is the key of an entry in a mapping: a.b, or a["b c"] where the entry's name needs it.
func Join(key, name string) string {
	if name == "" || strings.ContainsAny(name, " .[]\"\t\n") {
		return key + "[" + strconv.Quote(name) + "]"
	}
	if key == "" {
		return name
	}
	return key + "." + name
}

// Index is the key of an element of a list: a[3].
func Index(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i) }

func parent(key string) string {
	if strings.HasSuffix(key, `"]`) {
		// The quoted name starts at the last [" that unquotes.
		for i := strings.LastIndex(key, `["`); i >= 0; i = strings.LastIndex(key[:i], `["`) {
			if _, err := strconv.Unquote(key[i+1 : len(key)-1]); err == nil {
				return key[:i]
			}
		}
	}
	if i := strings.LastIndexAny(key, ".["); i >= 0 {
		return key[:i]
	}
	return ""
}

func at(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{}
	}
	return position{t.Position.Line, t.Position.Column}
}

// start is where a node begins: for a block mapping its first key, not the colon behind it.
func start(n ast.Node) position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return at(n.Values[0].Key.GetToken())
		}
	case *ast.MappingValueNode:
		return at(n.Key.GetToken())
	}
	return at(n.GetToken())
}

func invalidUTF8(data []byte) position {
	p := position{1, 1}
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size <= 1 {
			break
		}
		p.column++
		if r == '\n' {
			p = position{p.line + 1, 1}
		}
		data = data[size:]
	}
	return p
}

// tooDeep finds nesting that no one writes by hand, before the parser's recursion meets it. It
// looks at brackets and at lists within lists on one line; quotes do not matter to it.
func tooDeep(text string) (position, bool) {
	depth := 0
	line := 0
	for l := range strings.Lines(text) {
		line++
		dashes := 0
		for column, c := range []byte(l) {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			case '-', '?', '!', '&':
				dashes++
			}
			if depth > maxDepth || dashes > maxDepth && strings.Count(l, "- ")+strings.Count(l, "? ")+strings.Count(l, "!")+strings.Count(l, "&") > maxDepth {
				return position{line, column + 1}, true
			}
		}
	}
	return position{}, false
}

// Fork is the same file without the problems noted so far, for checks that come later.
func (doc *Document) Fork() *Document { return &Document{File: doc.File, places: doc.places} }

// HasProblem tells whether a problem was noted for that very key.
func (doc *Document) HasProblem(key string) bool {
	return slices.ContainsFunc(doc.errs, func(e *Error) bool { return e.Key == key })
}

// Problems lists what was noted so far, ordered by place.
func (doc *Document) Problems() Errors { return doc.errs.sorted() }
