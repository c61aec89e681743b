package manifest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// placeholder is {name}, {root.rest} or either with a |modifier. The braces of a JSON body do not
// look like one: a quote, a space or a line break follows them.
var placeholder = regexp.MustCompile(`\{([a-z][A-Za-z0-9_]*(?:\.[^{}|"\s]+)?)(?:\|([A-Za-z0-9_]+))?\}`)

// Template is a parsed template. The zero Template is empty text. It is safe for concurrent use.
type Template struct {
	source string
	parts  []part
}

type part struct {
	text string // literal text before the placeholder
	Placeholder
}

// Placeholder is one {name|modifier} of a template.
type Placeholder struct {
	Name     string // "start", "settings.base_url", "parent.a.b"; empty at a template's end
	Modifier string // "" or "escape2"
}

// Root is the name up to its first dot, Rest what follows.
func (p Placeholder) Root() string { root, _, _ := strings.Cut(p.Name, "."); return root }

// Rest is what follows the name's first dot.
func (p Placeholder) Rest() string { _, rest, _ := strings.Cut(p.Name, "."); return rest }

// ParseTemplate reads a template. The error is for an unknown modifier.
func ParseTemplate(text string) (Template, error) {
	t := Template{source: text}
	from := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		p := part{text: text[from:m[0]], Placeholder: Placeholder{Name: text[m[2]:m[3]]}}
		if m[4] >= 0 {
			p.Modifier = text[m[4]:m[5]]
		}
		if p.Modifier != "" && p.Modifier != "escape2" {
			return Template{}, fmt.Errorf("template %q: unknown modifier |%s; known is escape2", text, p.Modifier)
		}
		t.parts = append(t.parts, p)
		from = m[1]
	}
	if from < len(text) {
		t.parts = append(t.parts, part{text: text[from:]})
	}
	return t, nil
}

// Placeholders lists the template's placeholders in their order.
func (t Template) Placeholders() []Placeholder {
	var out []Placeholder
	for _, p := range t.parts {
		if p.Name != "" {
			out = append(out, p.Placeholder)
		}
	}
	return out
}

// Vars gives the value of a placeholder by its name; false when there is nothing of that name.
type Vars func(name string) (string, bool)

// Escape is how a value is written into a template's text.
type Escape func(value string) string

// Plain writes values as they are: for queries and forms, which are escaped as a whole, and headers.
func Plain(value string) string { return value }

// InPath writes a value as one segment of a URL's path. A lone . or .. is escaped too, so that no
// vendor's id can climb out of the path.
func InPath(value string) string {
	if value == "." || value == ".." {
		return strings.ReplaceAll(value, ".", "%2E")
	}
	return url.PathEscape(value)
}

// InString writes a value into a JSON string, without its quotes.
func InString(value string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return "" // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")[1 : b.Len()-2]
}

// Expand fills in the template, writing each value through escape; {x|escape2} is escaped for a
// path twice instead. The error names the first placeholder that vars does not know.
func (t Template) Expand(vars Vars, escape Escape) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.text)
		if p.Name == "" {
			continue
		}
		value, ok := vars(p.Name)
		if !ok {
			return "", fmt.Errorf("template %q: there is no {%s} here", t.source, p.Name)
		}
		if p.Modifier == "escape2" {
			b.WriteString(url.PathEscape(InPath(value)))
		} else {
			b.WriteString(escape(value))
		}
	}
	return b.String(), nil
}
