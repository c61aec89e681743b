package jsonraw

import (
	"errors"
)

// Set finds many paths in one walk over a value.
type Set struct {
	n    int
	root node
}

type node struct {
	slots    []int // paths that end here
	children map[string]*node
	others   []other
	left     int // paths at and below
}

// other is a path that needs a walk of its own: one with an index or "*".
type other struct {
	slot int
	path Path
}

// NewSet puts paths together. A path's slot is its place in the list.
func NewSet(paths ...Path) *Set {
	s := &Set{n: len(paths)}
	for slot, p := range paths {
		if !s.root.add(p.steps, slot) {
			s.root.others = append(s.root.others, other{slot, p})
		}
	}
	return s
}

func (n *node) add(steps []step, slot int) bool {
	for _, s := range steps {
		if s.all || s.index >= 0 {
			return false
		}
	}
	at := n
	at.left++
	for _, s := range steps {
		if at.children == nil {
			at.children = map[string]*node{}
		}
		if at.children[s.key] == nil {
			at.children[s.key] = &node{}
		}
		at = at.children[s.key]
		at.left++
	}
	at.slots = append(at.slots, slot)
	return true
}

// Find gives the first value at each path, nil where there is none, in values if it is large
// enough. The values are slices of raw.
func (s *Set) Find(raw []byte, values [][]byte) [][]byte {
	if cap(values) < s.n {
		values = make([][]byte, s.n)
	}
	values = values[:s.n]
	clear(values)
	left := s.root.left
	// The only error is the one that ends the walk early, or the text is no JSON: then nothing is there.
	_ = s.root.find(raw, values, &left)
	for _, o := range s.root.others {
		if v, ok := o.path.Lookup(raw); ok {
			values[o.slot] = v
		}
	}
	return values
}

var errAll = errors.New("all found")

func (n *node) find(raw []byte, values [][]byte, left *int) error {
	for _, slot := range n.slots {
		if values[slot] == nil {
			values[slot] = raw
			*left--
		}
	}
	if *left == 0 {
		return errAll
	}
	if len(n.children) == 0 || Kind(raw) != '{' {
		return nil
	}
	return Members(raw, func(key, value []byte) error {
		child := n.children[string(key[1:len(key)-1])]
		if child == nil {
			child = n.escaped(key)
		}
		if child == nil {
			return nil
		}
		return child.find(value, values, left)
	})
}

// escaped finds the child of a key that is written with escapes.
func (n *node) escaped(key []byte) *node {
	if !hasEscape(key) {
		return nil
	}
	text, _ := Text(key)
	return n.children[text]
}

// Len is how many paths the set holds.
func (s *Set) Len() int { return s.n }
