package simulator

import (
	"fmt"
	"strings"
)

// predicate tells whether a record matches; get gives the text of a field, ok false when the
// record has none.
type predicate func(get func(path string) (string, bool)) bool

// parseFilter reads the filters that Okta (SCIM) and Microsoft Graph (OData) share:
// comparisons joined by and, or, not and parentheses. Of OData's functions it knows
// tags/any(t:t eq 'x') and startswith. Values are compared as text: times
// in RFC 3339 and UTC compare rightly that way.
func parseFilter(s string) (predicate, error) {
	p := &filterParser{in: s}
	p.next()
	out, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.tok != "" {
		return nil, fmt.Errorf("unexpected %q", p.tok)
	}
	return out, nil
}

type filterParser struct {
	in     string
	tok    string
	quoted bool
}

// next moves to the next token: a parenthesis, a quoted text or a word.
func (p *filterParser) next() {
	p.in = strings.TrimLeft(p.in, " \t\r\n")
	p.quoted = false
	if p.in == "" {
		p.tok = ""
		return
	}
	switch c := p.in[0]; c {
	case '(', ')', ',':
		p.tok, p.in = p.in[:1], p.in[1:]
	case '"', '\'':
		end := strings.IndexByte(p.in[1:], c)
		if end < 0 {
			p.tok, p.in = p.in, ""
			return
		}
		p.tok, p.in, p.quoted = p.in[1:1+end], p.in[end+2:], true
	default:
		end := strings.IndexAny(p.in, " \t\r\n(),")
		if end < 0 {
			end = len(p.in)
		}
		p.tok, p.in = p.in[:end], p.in[end:]
	}
}

func (p *filterParser) is(word string) bool { return !p.quoted && strings.EqualFold(p.tok, word) }

func (p *filterParser) or() (predicate, error) {
	left, err := p.and()
	for err == nil && p.is("or") {
		p.next()
		var right predicate
		if right, err = p.and(); err == nil {
			a, b := left, right
			left = func(get func(string) (string, bool)) bool { return a(get) || b(get) }
		}
	}
	return left, err
}

func (p *filterParser) and() (predicate, error) {
	left, err := p.term()
	for err == nil && p.is("and") {
		p.next()
		var right predicate
		if right, err = p.term(); err == nil {
			a, b := left, right
			left = func(get func(string) (string, bool)) bool { return a(get) && b(get) }
		}
	}
	return left, err
}

func (p *filterParser) term() (predicate, error) {
	switch {
	case p.tok == "":
		return nil, fmt.Errorf("a comparison is missing")
	case p.is("not"):
		p.next()
		inner, err := p.term()
		if err != nil {
			return nil, err
		}
		return func(get func(string) (string, bool)) bool { return !inner(get) }, nil
	case p.is("("):
		p.next()
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	path := p.tok
	p.next()
	if p.is("(") {
		return p.call(path)
	}
	return p.comparison(path)
}

func (p *filterParser) expect(tok string) error {
	if p.quoted || p.tok != tok {
		return fmt.Errorf("%q expected, not %q", tok, p.tok)
	}
	p.next()
	return nil
}

// call reads OData's startswith(field,'x') and field/any(t:t eq 'x').
func (p *filterParser) call(name string) (predicate, error) {
	p.next()
	if field, ok := strings.CutSuffix(name, "/any"); ok {
		p.next() // t:t
		inner, err := p.comparison(field)
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	if !strings.EqualFold(name, "startswith") {
		return nil, fmt.Errorf("unknown function %q", name)
	}
	field := p.tok
	p.next()
	if err := p.expect(","); err != nil {
		return nil, err
	}
	value := p.tok
	p.next()
	return compare(field, "sw", value), p.expect(")")
}

func (p *filterParser) comparison(path string) (predicate, error) {
	op := strings.ToLower(p.tok)
	p.next()
	if op == "pr" {
		return func(get func(string) (string, bool)) bool { _, ok := get(path); return ok }, nil
	}
	if !strings.Contains(" eq ne gt ge lt le sw ew co ", " "+op+" ") || op == "" {
		return nil, fmt.Errorf("unknown operator %q", op)
	}
	if p.tok == "" && !p.quoted {
		return nil, fmt.Errorf("a value is missing after %s %s", path, op)
	}
	value := p.tok
	p.next()
	return compare(path, op, value), nil
}

func compare(path, op, value string) predicate {
	if t, ok := parseTime(value); ok && len(value) > 10 {
		value = isoMillis(t)
	}
	return func(get func(string) (string, bool)) bool {
		x, ok := get(path)
		if !ok {
			return op == "ne"
		}
		switch op {
		case "eq":
			return strings.EqualFold(x, value) || listHas(x, value)
		case "ne":
			return !strings.EqualFold(x, value)
		case "gt":
			return x > value
		case "ge":
			return x >= value
		case "lt":
			return x < value
		case "le":
			return x <= value
		case "sw":
			return strings.HasPrefix(strings.ToLower(x), strings.ToLower(value))
		case "ew":
			return strings.HasSuffix(strings.ToLower(x), strings.ToLower(value))
		default: // co
			return strings.Contains(strings.ToLower(x), strings.ToLower(value))
		}
	}
}

// listHas tells whether one of several values, joined with line feeds, is the value.
func listHas(x, value string) bool {
	for e := range strings.SplitSeq(x, "\n") {
		if strings.EqualFold(e, value) {
			return true
		}
	}
	return false
}
