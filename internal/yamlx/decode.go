package yamlx

import (
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

type decoder struct {
	doc     *Document
	expand  func(key, text string) (string, error)
	anchors map[string]ast.Node
	nodes   int
	full    bool // maxNodes was reached, and said
}

func (d *decoder) decode(root ast.Node, into any) {
	d.value("", root, reflect.ValueOf(into).Elem(), 0)
}

// value decodes one node into v and notes where it stands.
func (d *decoder) value(key string, n ast.Node, v reflect.Value, depth int) {
	if d.nodes++; d.nodes > maxNodes || depth > maxDepth {
		if !d.full {
			d.full = true
			d.problem(n, key, "there is too much here, aliases included")
		}
		return
	}
	n = d.resolve(key, n)
	if n == nil {
		return
	}
	d.note(key, n)
	if _, ok := n.(*ast.NullNode); ok {
		return // nothing was written: the key's default
	}
	if v.CanAddr() {
		if _, ok := v.Addr().Interface().(OneOrMany); ok && !isList(n) {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			d.value(key, n, v.Index(0), depth+1)
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(key, n, v.Elem(), depth)
	case reflect.Struct:
		d.structure(key, n, v, depth)
	case reflect.Map:
		d.mapping(key, n, v, depth)
	case reflect.Slice:
		d.list(key, n, v, depth)
	case reflect.Interface:
		d.anything(key, n, v, depth)
	default:
		d.scalar(key, n, v)
	}
}

// resolve looks through anchors and aliases; nil after a problem.
func (d *decoder) resolve(key string, n ast.Node) ast.Node {
	switch n := n.(type) {
	case nil:
		return nil
	case *ast.AnchorNode:
		inner := d.resolve(key, n.Value)
		if inner != nil && n.Name != nil {
			d.anchors[n.Name.GetToken().Value] = inner
		}
		return inner
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		target, ok := d.anchors[name]
		if !ok {
			d.problem(n, key, fmt.Sprintf("no anchor &%s before this alias", name))
			return nil
		}
		return target
	case *ast.TagNode:
		d.problem(n, key, "tags (!) are not supported; write the plain value")
		return nil
	}
	return n
}

func (d *decoder) structure(key string, n ast.Node, v reflect.Value, depth int) {
	entries, ok := d.entries(key, n, "a mapping of keys")
	if !ok {
		return
	}
	fields, names := fieldsOf(v.Type())
	for _, e := range entries {
		index, ok := fields[e.name]
		if !ok {
			d.problem(e.node.Key, Join(key, e.name), "unknown key"+Hint(e.name, names))
			continue
		}
		d.entry(Join(key, e.name), e, v.Field(index), depth)
	}
}

func (d *decoder) mapping(key string, n ast.Node, v reflect.Value, depth int) {
	entries, ok := d.entries(key, n, "a mapping")
	if !ok {
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(entries)))
	for _, e := range entries {
		item := reflect.New(v.Type().Elem()).Elem()
		d.entry(Join(key, e.name), e, item, depth)
		v.SetMapIndex(reflect.ValueOf(e.name).Convert(v.Type().Key()), item)
	}
}

func (d *decoder) entry(key string, e entry, v reflect.Value, depth int) {
	d.doc.places[key] = place{key: at(e.node.Key.GetToken())}
	d.value(key, e.node.Value, v, depth+1)
}

func (d *decoder) list(key string, n ast.Node, v reflect.Value, depth int) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.problem(n, key, "expected a list, got "+describe(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		if isNull(item) {
			d.problem(item, Index(key, i), "an empty element of a list")
			continue
		}
		d.value(Index(key, i), item, v.Index(i), depth+1)
	}
}

// anything decodes into any: string, int64, uint64, float64, bool, nil, []any, map[string]any.
func (d *decoder) anything(key string, n ast.Node, v reflect.Value, depth int) {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		m := map[string]any{}
		rv := reflect.ValueOf(&m).Elem()
		d.mapping(key, n, rv, depth)
		v.Set(rv)
	case *ast.SequenceNode:
		var list []any
		rv := reflect.ValueOf(&list).Elem()
		d.list(key, n, rv, depth)
		v.Set(rv)
	case *ast.IntegerNode:
		v.Set(reflect.ValueOf(n.Value))
	case *ast.FloatNode:
		if math.IsInf(n.Value, 0) {
			d.problem(n, key, "the number is too large")
			return
		}
		v.Set(reflect.ValueOf(n.Value))
	case *ast.BoolNode:
		v.Set(reflect.ValueOf(n.Value))
	default:
		var s string
		rv := reflect.ValueOf(&s).Elem()
		d.scalar(key, n, rv)
		v.Set(rv)
	}
}

func (d *decoder) scalar(key string, n ast.Node, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if s, ok := d.text(key, n); ok {
			v.SetString(s)
		}
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.problem(n, key, "expected true or false, got "+describe(n))
			return
		}
		v.SetBool(b.Value)
	case reflect.Int, reflect.Int64:
		i, ok := n.(*ast.IntegerNode)
		if !ok {
			d.problem(n, key, "expected a whole number, got "+describe(n))
			return
		}
		d.integer(key, i, v)
	case reflect.Float64:
		switch n := n.(type) {
		case *ast.IntegerNode:
			whole := reflect.New(reflect.TypeFor[int64]()).Elem()
			d.integer(key, n, whole)
			v.SetFloat(float64(whole.Int()))
		case *ast.FloatNode:
			if math.IsInf(n.Value, 0) || math.IsNaN(n.Value) {
				d.problem(n, key, "expected a number, got "+describe(n))
				return
			}
			v.SetFloat(n.Value)
		default:
			d.problem(n, key, "expected a number, got "+describe(n))
		}
	default:
		// A field of a kind that no file format of ours has is a mistake in the program.
		panic(fmt.Sprintf("yamlx: can't decode into %s", v.Type()))
	}
}

func (d *decoder) integer(key string, n *ast.IntegerNode, v reflect.Value) {
	switch i := n.Value.(type) {
	case int64:
		v.SetInt(i)
	case uint64:
		if i > math.MaxInt64 {
			d.problem(n, key, "the number is too large")
			return
		}
		v.SetInt(int64(i))
	default:
		d.problem(n, key, "expected a whole number")
	}
}

// text gives a scalar's text: numbers and booleans as they are written.
func (d *decoder) text(key string, n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return d.expanded(key, n, showReferences(n.Value)), true
	case *ast.LiteralNode:
		return d.expanded(key, n, showReferences(n.Value.Value)), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	msg := "expected text, got " + describe(n)
	if isPlaceholder(n) {
		msg += `; put text with {} in quotes: "{name}"`
	}
	d.problem(n, key, msg)
	return "", false
}

func (d *decoder) expanded(key string, n ast.Node, text string) string {
	if d.expand == nil {
		return text
	}
	out, err := d.expand(key, text)
	if err != nil {
		d.problem(n, key, err.Error())
		return ""
	}
	return out
}

type entry struct {
	name string
	node *ast.MappingValueNode
}

// entries lists a mapping's entries in the file's order, leaving out (and noting) repeated
// and odd keys. It is false when n is no mapping.
func (d *decoder) entries(key string, n ast.Node, expected string) ([]entry, bool) {
	var nodes []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		nodes = n.Values
	case *ast.MappingValueNode:
		nodes = []*ast.MappingValueNode{n}
	default:
		d.problem(n, key, "expected "+expected+", got "+describe(n))
		return nil, false
	}
	first := map[string]position{}
	entries := make([]entry, 0, len(nodes))
	for _, node := range nodes {
		name, ok := keyText(node.Key)
		if !ok {
			d.problem(node.Key, key, "keys are plain text; merge keys (<<), anchors and tags on keys are not supported")
			continue
		}
		if p, twice := first[name]; twice {
			d.problem(node.Key, Join(key, name), fmt.Sprintf("the key is here a second time; the first is in line %d", p.line))
			continue
		}
		first[name] = at(node.Key.GetToken())
		entries = append(entries, entry{name, node})
	}
	return entries, true
}

func keyText(k ast.MapKeyNode) (string, bool) {
	if inner, ok := k.(*ast.MappingKeyNode); ok {
		plain, ok := inner.Value.(ast.MapKeyNode)
		if !ok {
			return "", false
		}
		k = plain
	}
	switch k := k.(type) {
	case *ast.StringNode:
		return showReferences(k.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return k.GetToken().Value, true
	}
	return "", false
}

func (d *decoder) note(key string, n ast.Node) {
	p := d.doc.places[key]
	p.value = start(n)
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
	default:
		p.scalar = true
	}
	d.doc.places[key] = p
}

func (d *decoder) problem(n ast.Node, key, msg string) { d.doc.addAt(start(n), key, msg) }

// fieldsOf maps a struct's keys to its fields and lists the keys in the order of the fields.
func fieldsOf(t reflect.Type) (map[string]int, []string) {
	fields := make(map[string]int, t.NumField())
	var names []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" {
			fields[name] = i
			names = append(names, name)
		}
	}
	return fields, names
}

// describe says what a node is, never what it says: it may be a secret.
func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode:
		return "a whole number"
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "nothing"
	}
	return "a " + strconv.Quote(n.Type().String())
}

func isList(n ast.Node) bool { _, ok := n.(*ast.SequenceNode); return ok }

func isNull(n ast.Node) bool { _, ok := n.(*ast.NullNode); return ok || n == nil }

// isPlaceholder recognises an unquoted {name}, which YAML reads as a mapping.
func isPlaceholder(n ast.Node) bool {
	m, ok := n.(*ast.MappingNode)
	return ok && m.IsFlowStyle && len(m.Values) == 1 && isNull(m.Values[0].Value)
}
