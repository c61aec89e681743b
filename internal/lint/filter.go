package main

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// filtered is a, reporting only what keep lets through. newKeep is called once for each package; keep may
// change what is reported.
func filtered(a *analysis.Analyzer, newKeep func(*analysis.Pass) func(*analysis.Diagnostic) bool) *analysis.Analyzer {
	wrapped := *a
	wrapped.Run = func(pass *analysis.Pass) (any, error) {
		keep := newKeep(pass)
		inner := *pass
		inner.Report = func(d analysis.Diagnostic) {
			if keep(&d) {
				pass.Report(d)
			}
		}
		return a.Run(&inner)
	}
	return &wrapped
}

// outsideTests leaves test files out: a test that drops an error fails by other means.
func outsideTests(a *analysis.Analyzer) *analysis.Analyzer {
	return filtered(a, func(pass *analysis.Pass) func(*analysis.Diagnostic) bool {
		return func(d *analysis.Diagnostic) bool {
			return !strings.HasSuffix(pass.Fset.Position(d.Pos).Filename, "_test.go")
		}
	})
}

type place struct {
	file string
	line int
}

const ignorePrefix = "//lint:ignore "

// withIgnores heeds "//lint:ignore NAMES reason" comments: NAMES is one analyzer or several with
// commas between. Without a reason the comment does nothing.
func withIgnores(a *analysis.Analyzer) *analysis.Analyzer {
	return filtered(a, func(pass *analysis.Pass) func(*analysis.Diagnostic) bool {
		ignored := map[place]bool{}
		for _, f := range pass.Files {
			for _, group := range f.Comments {
				for _, c := range group.List {
					if names, ok := ignoredNames(c.Text); ok && slices.Contains(names, a.Name) {
						p := position(pass.Fset, c.Pos())
						ignored[p] = true
						ignored[place{p.file, p.line + 1}] = true
					}
				}
			}
		}
		return func(d *analysis.Diagnostic) bool {
			d.Message += " (" + a.Name + ")" // what an ignore comment has to name
			return !ignored[position(pass.Fset, d.Pos)]
		}
	})
}

func position(fset *token.FileSet, pos token.Pos) place {
	p := fset.Position(pos)
	return place{p.Filename, p.Line}
}

// ignoredNames reads a comment; ok is false when it is no ignore comment or gives no reason.
func ignoredNames(comment string) (names []string, ok bool) {
	rest, ok := strings.CutPrefix(comment, ignorePrefix)
	if !ok {
		return nil, false
	}
	list, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if strings.TrimSpace(reason) == "" {
		return nil, false
	}
	return strings.Split(list, ","), true
}
