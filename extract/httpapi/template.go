package httpapi

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// placeholder is {name} or {name|filter}; a JSON body's own braces do not look like one.
var placeholder = regexp.MustCompile(`\{([a-z][A-Za-z0-9_]*(?:\.[^{}|"\s]+)?)(?:\|([a-z0-9]+))?\}`)

// Vars gives the values of a template's placeholders; false for an unknown name.
type Vars func(name string) (string, bool)

// Escape is how values are written into a template.
type Escape func(string) string

// Ways to write values: as they are, into a URL's path, into a JSON string.
var (
	Plain    Escape = func(s string) string { return s }
	InPath   Escape = url.PathEscape
	InString Escape = jsonEscape
)

// Expand fills in a template. The filter escape2 escapes a value for a path twice.
func Expand(template string, vars Vars, escape Escape) (string, error) {
	var err error
	out := placeholder.ReplaceAllStringFunc(template, func(match string) string {
		m := placeholder.FindStringSubmatch(match)
		value, ok := vars(m[1])
		switch {
		case !ok && err == nil:
			err = fmt.Errorf("template %q: nothing is known as {%s}", template, m[1])
		case m[2] == "escape2":
			return url.PathEscape(url.PathEscape(value))
		case m[2] != "" && err == nil:
			err = fmt.Errorf("template %q: there is no filter %q", template, m[2])
		}
		return escape(value)
	})
	return out, err
}

// Placeholders lists the names that a template uses.
func Placeholders(template string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(template, -1) {
		names = append(names, m[1])
	}
	return names
}

func jsonEscape(s string) string {
	q := string(quote(s))
	return q[1 : len(q)-1]
}

// isTemplateOf tells whether a template uses a name with the prefix.
func isTemplateOf(template, prefix string) bool {
	for _, n := range Placeholders(template) {
		if strings.HasPrefix(n, prefix) {
			return true
		}
	}
	return false
}
