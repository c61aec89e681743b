// Package jsonraw walks JSON text without decoding it: values are slices of the text they
// stand in, so that numbers stay exact, keys keep their order, and a page of records costs no
// copies. Everything it walks over is checked against RFC 8259, with two exceptions that cost the record they stand in and
// not the page around it: control characters inside strings, and what nests too deeply. [Mend] sees to both.
package jsonraw

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrCut tells that the text ended in the middle of a value: most likely it was cut short.
var ErrCut = errors.New("JSON ends in the middle of a value")

// SyntaxError is text that is not JSON.
type SyntaxError struct {
	Offset int // bytes from the start of the text
	What   string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("not JSON at byte %d: %s", e.Offset, e.What) }

// Kind tells a value's type by its first byte: '{', '[', '"', 't' (true), 'f' (false), 'n' (null),
// '0' for a number, 0 for an empty text.
func Kind(raw []byte) byte {
	i := space(raw, 0)
	if i == len(raw) {
		return 0
	}
	if c := raw[i]; c == '-' || c >= '0' && c <= '9' {
		return '0'
	}
	return raw[i]
}

// Check tells whether the whole text is one JSON value.
func Check(raw []byte) error {
	_, err := Trim(raw)
	return err
}

// Trim gives the one value that the text consists of, without white space around it.
func Trim(raw []byte) ([]byte, error) {
	start := space(raw, 0)
	end, err := skip(raw, start, 0)
	if err != nil {
		return nil, err
	}
	if i := space(raw, end); i != len(raw) {
		return nil, &SyntaxError{Offset: i, What: "more text after the value"}
	}
	return raw[start:end:end], nil
}

// Elements calls fn with each element of the array. It stops at fn's first error.
func Elements(raw []byte, fn func(element []byte) error) error {
	end, err := walkArray(raw, space(raw, 0), 0, fn)
	if err != nil {
		return err
	}
	if i := space(raw, end); i != len(raw) {
		return &SyntaxError{Offset: i, What: "more text after the array"}
	}
	return nil
}

// Members calls fn with each member of the object: its key as written, quotes included, and
// its value. It stops at fn's first error.
func Members(raw []byte, fn func(key, value []byte) error) error {
	end, err := walkObject(raw, space(raw, 0), 0, fn)
	if err != nil {
		return err
	}
	if i := space(raw, end); i != len(raw) {
		return &SyntaxError{Offset: i, What: "more text after the object"}
	}
	return nil
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skip gives the end of the value that starts at i.
func skip(b []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return i, ErrCut
	}
	switch c := b[i]; {
	case c == '"':
		return skipString(b, i)
	case depth > MaxDepth && (c == '{' || c == '['):
		return skipDeep(b, i)
	case c == '{':
		return walkObject(b, i, depth, nil)
	case c == '[':
		return walkArray(b, i, depth, nil)
	case c == '-' || c >= '0' && c <= '9':
		return skipNumber(b, i)
	case c == 't':
		return skipWord(b, i, "true")
	case c == 'f':
		return skipWord(b, i, "false")
	case c == 'n':
		return skipWord(b, i, "null")
	}
	return i, &SyntaxError{Offset: i, What: fmt.Sprintf("a value cannot start with %q", b[i])}
}

// skipDeep gives the end of the object or array at i by counting brackets: hostile text must not exhaust the stack.
func skipDeep(b []byte, i int) (int, error) {
	end, ok := scanner{b}.nested(i)
	if !ok {
		return end, ErrCut
	}
	return end, nil
}

func walkArray(b []byte, i, depth int, fn func([]byte) error) (int, error) {
	i, err := open(b, i, '[')
	if err != nil {
		return i, err
	}
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		end, err := skip(b, i, depth+1)
		if err != nil {
			return end, err
		}
		if fn != nil {
			if err := fn(b[i:end:end]); err != nil {
				return end, err
			}
		}
		var done bool
		if i, done, err = next(b, end, ']'); done || err != nil {
			return i, err
		}
	}
}

func walkObject(b []byte, i, depth int, fn func(key, value []byte) error) (int, error) {
	i, err := open(b, i, '{')
	if err != nil {
		return i, err
	}
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i < len(b) && b[i] != '"' {
			return i, &SyntaxError{Offset: i, What: "a key must be a string"}
		}
		keyEnd, err := skipString(b, i)
		if err != nil {
			return keyEnd, err
		}
		colon := space(b, keyEnd)
		if colon >= len(b) {
			return colon, ErrCut
		}
		if b[colon] != ':' {
			return colon, &SyntaxError{Offset: colon, What: "a colon must follow a key"}
		}
		start := space(b, colon+1)
		end, err := skip(b, start, depth+1)
		if err != nil {
			return end, err
		}
		if fn != nil {
			if err := fn(b[i:keyEnd:keyEnd], b[start:end:end]); err != nil {
				return end, err
			}
		}
		var done bool
		if i, done, err = next(b, end, '}'); done || err != nil {
			return i, err
		}
	}
}

// open steps over the opening bracket and white space.
func open(b []byte, i int, bracket byte) (int, error) {
	if i >= len(b) {
		return i, ErrCut
	}
	if b[i] != bracket {
		return i, &SyntaxError{Offset: i, What: fmt.Sprintf("expected %q", bracket)}
	}
	return space(b, i+1), nil
}

// next steps over what follows an element: a comma, or the closing bracket.
func next(b []byte, i int, bracket byte) (_ int, done bool, _ error) {
	i = space(b, i)
	if i >= len(b) {
		return i, false, ErrCut
	}
	switch b[i] {
	case bracket:
		return i + 1, true, nil
	case ',':
		return space(b, i+1), false, nil
	}
	return i, false, &SyntaxError{Offset: i, What: fmt.Sprintf("expected a comma or %q", bracket)}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain tells whether none of eight bytes is a quote, a backslash or a control character.
func plain(w uint64) bool {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	found := (quote - ones) &^ quote
	found |= (slash - ones) &^ slash
	found |= (w - ones*0x20) &^ w
	return found&highs == 0
}

// skipString gives the end of the string that starts, with its quote, at i.
func skipString(b []byte, i int) (int, error) {
	i++
	for {
		for i+8 <= len(b) && plain(binary.LittleEndian.Uint64(b[i:])) {
			i += 8
		}
		if i >= len(b) {
			return i, ErrCut
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, nil
		case c == '\\':
			n, err := skipEscape(b, i)
			if err != nil {
				return n, err
			}
			i = n
		default: // a control character, too: see [Mend]
			i++
		}
	}
}

func skipEscape(b []byte, i int) (int, error) {
	if i+1 >= len(b) {
		return i, ErrCut
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, nil
	case 'u':
		for j := i + 2; j < i+6; j++ {
			if j >= len(b) {
				return j, ErrCut
			}
			if !isHex(b[j]) {
				return j, &SyntaxError{Offset: j, What: "four hexadecimal digits must follow \\u"}
			}
		}
		return i + 6, nil
	}
	return i, &SyntaxError{Offset: i, What: "an unknown escape in a string"}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func skipNumber(b []byte, i int) (int, error) {
	start := i
	if b[i] == '-' {
		i++
	}
	whole := digits(b, i)
	if whole == i {
		return i, cutOr(b, i, "a digit is missing")
	}
	if b[i] == '0' && whole > i+1 {
		return start, &SyntaxError{Offset: start, What: "a number cannot start with 0"}
	}
	i = whole
	if i < len(b) && b[i] == '.' {
		frac := digits(b, i+1)
		if frac == i+1 {
			return frac, cutOr(b, frac, "a digit must follow the decimal point")
		}
		i = frac
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		exp := digits(b, i)
		if exp == i {
			return i, cutOr(b, i, "the exponent has no digit")
		}
		i = exp
	}
	return i, nil
}

func digits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}

func cutOr(b []byte, i int, what string) error {
	if i >= len(b) {
		return ErrCut
	}
	return &SyntaxError{Offset: i, What: what}
}

func skipWord(b []byte, i int, word string) (int, error) {
	for j := range len(word) {
		if i+j >= len(b) {
			return i + j, ErrCut
		}
		if b[i+j] != word[j] {
			return i, &SyntaxError{Offset: i, What: "an unknown word"}
		}
	}
	return i + len(word), nil
}
