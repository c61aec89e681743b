package jsonraw

// Set looks several paths up in one pass over the text: what the engine needs of each
// record (id, time, checked fields) costs little more than one of them alone. It is safe for
// concurrent use.
type Set struct {
	root  *branch
	count int
}

// branch is a value's place in the paths: those that end here, and those that go on.
type branch struct {
	leaves []int
	twigs  []twig
}

type twig struct {
	segment
	to *branch
}

// NewSet makes a set; results come in the order of the paths.
func NewSet(paths ...Path) *Set {
	set := &Set{root: &branch{}, count: len(paths)}
	for i, p := range paths {
		at := set.root
		for _, s := range p.segments {
			at = at.grow(s)
		}
		at.leaves = append(at.leaves, i)
	}
	return set
}

func (b *branch) grow(s segment) *branch {
	for _, t := range b.twigs {
		if t.segment == s {
			return t.to
		}
	}
	t := twig{s, &branch{}}
	b.twigs = append(b.twigs, t)
	return t.to
}

// Lookup finds each path's value, as [Path.Lookup] does; nil where there is none. The results
// are parts of data. They are put into out, which grows as needed and may be nil.
func (set *Set) Lookup(data []byte, out [][]byte) [][]byte {
	out = out[:0]
	for range set.count {
		out = append(out, nil)
	}
	p := pass{scanner{data}, out, set.count}
	p.visit(p.space(0), set.root)
	return out
}

// Len is how many paths the set holds.
func (set *Set) Len() int { return set.count }

type pass struct {
	scanner
	out  [][]byte
	left int // paths not found yet
}

// visit takes in the value at i and gives its end. It is false when the text is damaged or
// everything is found.
func (p *pass) visit(i int, b *branch) (int, bool) {
	if len(b.leaves) > 0 || len(b.twigs) == 0 {
		end, ok := p.value(i)
		if !ok {
			return i, false
		}
		for _, leaf := range b.leaves {
			if p.out[leaf] == nil {
				p.out[leaf] = p.data[i:end:end]
				p.left--
			}
		}
		if len(b.twigs) == 0 {
			return end, p.left > 0
		}
	}
	if i < len(p.data) && p.data[i] == '{' {
		return p.members(i, b)
	}
	if i < len(p.data) && p.data[i] == '[' {
		return p.elements(i, b)
	}
	return p.value(i)
}

func (p *pass) members(i int, b *branch) (int, bool) {
	// Of a repeated key the first counts; seen has a bit for each of the first 64 twigs.
	var seen uint64
	for i = p.space(i + 1); i < len(p.data) && p.data[i] != '}'; i = p.space(i) {
		keyEnd, escaped, ok := p.str(i)
		if !ok {
			return i, false
		}
		key := p.data[i:keyEnd]
		if i = p.space(keyEnd); i >= len(p.data) || p.data[i] != ':' {
			return i, false
		}
		i = p.space(i + 1)
		end := -1
		for n, t := range b.twigs {
			if !t.all && (seen>>n&1 == 1 || !keyIs(key, escaped, t.key)) {
				continue
			}
			seen |= 1 << n
			if end, ok = p.visit(i, t.to); !ok {
				return end, false
			}
		}
		if end < 0 {
			if end, ok = p.value(i); !ok {
				return i, false
			}
		}
		if i = p.space(end); i < len(p.data) && p.data[i] == ',' {
			i++
		}
	}
	return i + 1, i < len(p.data)
}

func (p *pass) elements(i int, b *branch) (int, bool) {
	i = p.space(i + 1)
	for n := 0; i < len(p.data) && p.data[i] != ']'; n++ {
		end, ok := -1, true
		for _, t := range b.twigs {
			if !t.all && (!t.plain || t.index != n) {
				continue
			}
			if end, ok = p.visit(i, t.to); !ok {
				return end, false
			}
		}
		if end < 0 {
			if end, ok = p.value(i); !ok {
				return i, false
			}
		}
		if i = p.space(end); i < len(p.data) && p.data[i] == ',' {
			i = p.space(i + 1)
		}
	}
	return i + 1, i < len(p.data)
}
