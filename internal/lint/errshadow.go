package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// errShadow finds the shadowed errors that lose a failure: a new error variable hides an outer
// one of the same name, is not dealt with on the spot, and afterwards the outer one – which
// never heard of the failure – is read or returned.
//
// The everyday forms pass: "if err := f(); err != nil { return err }", and a := that is followed
// at once by such a check, whatever they hide.
var errShadow = &analysis.Analyzer{
	Name:     "errshadow",
	Doc:      "find error variables that hide another one which is read later",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runErrShadow,
}

func runErrShadow(pass *analysis.Pass) (any, error) {
	in, ok := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	if !ok {
		return nil, nil
	}
	s := &shadowPass{Pass: pass, functions: map[*types.Scope]bool{}, namedResults: map[*types.Var]bool{}}
	s.collect(in)
	for c := range in.Root().Preorder((*ast.AssignStmt)(nil), (*ast.DeclStmt)(nil)) {
		for _, id := range declared(c.Node()) {
			s.check(c, id)
		}
	}
	return nil, nil
}

type shadowPass struct {
	*analysis.Pass
	functions    map[*types.Scope]bool // the scopes of functions, where the search outwards ends
	namedResults map[*types.Var]bool
	uses         map[types.Object][]use // in the order of the source
	bareReturns  []inspector.Cursor
}

// use is one mention of a variable; a write is one that only sets it.
type use struct {
	pos   token.Pos
	write bool
}

func (s *shadowPass) collect(in *inspector.Inspector) {
	s.uses = map[types.Object][]use{}
	for c := range in.Root().Preorder((*ast.FuncType)(nil), (*ast.Ident)(nil), (*ast.ReturnStmt)(nil)) {
		switch n := c.Node().(type) {
		case *ast.FuncType:
			s.functions[s.TypesInfo.Scopes[n]] = true
			if n.Results == nil {
				continue
			}
			for _, field := range n.Results.List {
				for _, name := range field.Names {
					if v, ok := s.TypesInfo.Defs[name].(*types.Var); ok {
						s.namedResults[v] = true
					}
				}
			}
		case *ast.ReturnStmt:
			if len(n.Results) == 0 {
				s.bareReturns = append(s.bareReturns, c)
			}
		case *ast.Ident:
			if obj := s.TypesInfo.Uses[n]; obj != nil && isErrorVar(obj) {
				s.uses[obj] = append(s.uses[obj], use{n.Pos(), s.isWrite(c, obj)})
			}
		}
	}
}

// isWrite tells whether the identifier is set by an assignment whose right side does not read it.
func (s *shadowPass) isWrite(c inspector.Cursor, obj types.Object) bool {
	if c.ParentEdgeKind() != edge.AssignStmt_Lhs {
		return false
	}
	assign, ok := c.Parent().Node().(*ast.AssignStmt)
	return ok && !slices.ContainsFunc(assign.Rhs, func(e ast.Expr) bool { return s.mentions(e, obj) })
}

func (s *shadowPass) check(c inspector.Cursor, id *ast.Ident) {
	inner := s.TypesInfo.Defs[id]
	if inner == nil || !isErrorVar(inner) {
		return
	}
	outer := s.hidden(inner)
	if outer == nil || s.handled(c, inner) || !s.readAfter(outer, inner.Parent(), c) {
		return
	}
	s.Reportf(id.Pos(), "%s hides the one of line %d, which is read later and will not tell of this failure",
		id.Name, s.Fset.Position(outer.Pos()).Line)
}

// hidden is the error variable of the same function that inner hides, nil when there is none.
func (s *shadowPass) hidden(inner types.Object) *types.Var {
	for scope := inner.Parent(); scope != nil && !s.functions[scope]; {
		scope = scope.Parent()
		if scope == nil {
			return nil
		}
		outer, ok := scope.Lookup(inner.Name()).(*types.Var)
		if ok && outer.Pos() < inner.Pos() && scope != s.Pkg.Scope() {
			if isErrorVar(outer) {
				return outer
			}
			return nil
		}
	}
	return nil
}

// handled tells whether the new error is looked at by an if that leaves when there is one.
func (s *shadowPass) handled(c inspector.Cursor, inner types.Object) bool {
	if c.ParentEdgeKind() == edge.IfStmt_Init {
		return s.leaves(c.Parent().Node(), inner)
	}
	next, ok := c.NextSibling()
	if !ok {
		return false
	}
	if call, ok := next.Node().(*ast.ExprStmt); ok {
		return isRequire(call) && s.mentions(call, inner)
	}
	return s.leaves(next.Node(), inner)
}

func (s *shadowPass) leaves(n ast.Node, inner types.Object) bool {
	check, ok := n.(*ast.IfStmt)
	if !ok || !s.mentions(check.Cond, inner) || len(check.Body.List) == 0 {
		return false
	}
	switch last := check.Body.List[len(check.Body.List)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.ExprStmt:
		return isFatal(last)
	}
	return false
}

// readAfter tells whether the outer variable is read after the inner one's scope before it is set again.
func (s *shadowPass) readAfter(outer *types.Var, inner *types.Scope, c inspector.Cursor) bool {
	end := inner.End()
	for _, u := range s.uses[outer] {
		if u.pos > end {
			return !u.write
		}
	}
	return s.namedResults[outer] && s.bareReturnAfter(end, c)
}

func (s *shadowPass) bareReturnAfter(end token.Pos, c inspector.Cursor) bool {
	function := enclosingFunction(c)
	return slices.ContainsFunc(s.bareReturns, func(r inspector.Cursor) bool {
		return r.Node().Pos() > end && enclosingFunction(r) == function
	})
}

func enclosingFunction(c inspector.Cursor) ast.Node {
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return f.Node()
	}
	return nil
}

func (s *shadowPass) mentions(n ast.Node, obj types.Object) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && s.TypesInfo.Uses[id] == obj {
			found = true
		}
		return !found
	})
	return found
}

// declared are the identifiers that a statement may declare.
func declared(n ast.Node) []*ast.Ident {
	var ids []*ast.Ident
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return nil
		}
		for _, e := range n.Lhs {
			if id, ok := e.(*ast.Ident); ok {
				ids = append(ids, id)
			}
		}
	case *ast.DeclStmt:
		gen, ok := n.Decl.(*ast.GenDecl)
		if !ok {
			return nil
		}
		for _, spec := range gen.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				ids = append(ids, v.Names...)
			}
		}
	}
	return ids
}

func isErrorVar(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	return ok && !v.IsField() && types.Identical(v.Type(), types.Universe.Lookup("error").Type())
}

// isFatal recognises panic, os.Exit, and the methods of loggers and tests that do not come back.
func isFatal(stmt *ast.ExprStmt) bool {
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == "panic"
	case *ast.SelectorExpr:
		return slices.Contains([]string{"Exit", "Fatal", "Fatalf", "FailNow", "Skip", "Skipf", "SkipNow"}, f.Sel.Name)
	}
	return false
}

// isRequire recognises testify's require.X(t, …), which ends the test.
func isRequire(stmt *ast.ExprStmt) bool {
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "require"
}
