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

// Escape is how the value of a name is written into a template.
type Escape func(name, value string) string

// Plain writes values as they are.
func Plain(_, value string) string { return value }

// InPath escapes what comes from a vendor's record for use in a URL's path; settings may hold
// several segments.
func InPath(name, value string) string {
	if strings.HasPrefix(name, "parent.") {
		return url.PathEscape(value)
	}
	return value
}

// InString escapes values for a JSON string.
func InString(_, value string) string {
	q := string(quote(value))
	return q[1 : len(q)-1]
}

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
		return escape(m[1], value)
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
