package main

import (
	"github.com/kisielk/errcheck/errcheck"
	"github.com/polyfloyd/go-errorlint/errorlint"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/passes/reflectvaluecompare"
	"golang.org/x/tools/go/analysis/passes/sortslice"
	"golang.org/x/tools/go/analysis/passes/unusedwrite"
	"golang.org/x/tools/go/analysis/passes/waitgroup"
	"honnef.co/go/tools/staticcheck"
)

// stickyWriters are functions whose error may be dropped: it comes back at the Flush or Close
// that has to follow (and is checked there), or it cannot matter because only reading was done.
var stickyWriters = []string{
	"(*bufio.Writer).Write",
	"(*bufio.Writer).WriteByte",
	"(*bufio.Writer).WriteRune",
	"(*bufio.Writer).WriteString",
	"fmt.Fprint(*bufio.Writer)",
	"fmt.Fprintf(*bufio.Writer)",
	"fmt.Fprintln(*bufio.Writer)",
	"fmt.Fprint(*text/tabwriter.Writer)",
	"fmt.Fprintf(*text/tabwriter.Writer)",
	"fmt.Fprintln(*text/tabwriter.Writer)",
	"(io.ReadCloser).Close",
	"(*database/sql.Rows).Close",
	"(*database/sql.Tx).Rollback",
}

// errorLint is errorlint with its check of fmt.Errorf turned on: an error is wrapped with %w.
// It panics when errorlint has lost that flag, which only a change of its version can bring.
func errorLint() *analysis.Analyzer {
	a := errorlint.NewAnalyzer()
	if err := a.Flags.Set("errorf", "true"); err != nil {
		panic(err)
	}
	return a
}

// analyzers are what lint looks for beyond go vet's own suite.
func analyzers() []*analysis.Analyzer {
	errcheck.DefaultExcludedSymbols = append(errcheck.DefaultExcludedSymbols, stickyWriters...)
	list := []*analysis.Analyzer{
		errShadow,
		outsideTests(errcheck.Analyzer),
		errorLint(),
		nilness.Analyzer,
		reflectvaluecompare.Analyzer,
		sortslice.Analyzer,
		unusedwrite.Analyzer,
		waitgroup.Analyzer,
	}
	for _, a := range staticcheck.Analyzers {
		list = append(list, a.Analyzer)
	}
	for i, a := range list {
		list[i] = withIgnores(a)
	}
	return list
}
