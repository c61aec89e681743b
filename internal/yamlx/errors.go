package yamlx

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Error is one problem of a file, with its place and what was expected.
type Error struct {
	File   string
	Line   int // 1-based; 0 when the problem is the whole file's
	Column int // 1-based, in characters
	Key    string
	Msg    string // what is wrong, what was expected, how to fix it
}

// Error gives file:line:column: key: message.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	b.WriteString(": " + e.Msg)
	return b.String()
}

// Errors is everything that is wrong with a file, in the order of the places. A command that
// gets one (see [IsUsage]) was given wrong input and ends with exit code 2.
type Errors []*Error

// Error gives one problem per line.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single problems to [errors.As].
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// IsUsage tells whether err comes from what the user wrote in a file rather than from
// something that failed.
func IsUsage(err error) bool {
	var one *Error
	return errors.As(err, &one)
}

func (es Errors) sorted() Errors {
	sort.SliceStable(es, func(i, j int) bool {
		if es[i].Line != es[j].Line {
			return es[i].Line < es[j].Line
		}
		return es[i].Column < es[j].Column
	})
	return es
}
