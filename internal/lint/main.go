// Lint is rightseat's own linter: a vet tool that finds errors which are shadowed, dropped or
// compared wrongly, and what staticcheck calls bugs.
//
//	go build -o bin/lint ./internal/lint && go vet -vettool=bin/lint ./...
//
// As a vet tool it works on one package at a time and go keeps its results in the build cache, so
// a second run looks only at what has changed. A finding that is wrong is silenced on its own line
// or the line above, with a reason:
//
//	//lint:ignore errcheck the file was only read
package main

import "golang.org/x/tools/go/analysis/unitchecker"

func main() { unitchecker.Main(analyzers()...) }
