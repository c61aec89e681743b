package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// target is one fuzz function: its package's folder, as go test takes it, and its name.
type target struct{ dir, name string }

func (t target) String() string { return t.dir + " " + t.name }

// find lists the fuzz targets in root, by folder and then in the order of the source. Like go
// itself it passes over testdata, vendor and folders that start with . or _, and over other modules.
func find(root fs.FS) ([]target, error) {
	var targets []target
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return enter(root, p)
		}
		if !strings.HasSuffix(p, "_test.go") {
			return nil
		}
		names, err := fuzzFunctions(root, p)
		for _, name := range names {
			targets = append(targets, target{dir: "./" + path.Dir(p), name: name})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for fuzz targets: %w", err)
	}
	return targets, nil
}

func enter(root fs.FS, dir string) error {
	if dir == "." {
		return nil
	}
	base := path.Base(dir)
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return fs.SkipDir
	}
	if _, err := fs.Stat(root, path.Join(dir, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func fuzzFunctions(root fs.FS, name string) ([]string, error) {
	src, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Fuzz") && f.Type.Params.NumFields() == 1 && f.Type.Results == nil {
			names = append(names, f.Name.Name)
		}
	}
	return names, nil
}
