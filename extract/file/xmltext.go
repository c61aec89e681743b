package file

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What resolve reads.
const (
	inText = iota
	inCDATA
	inAttribute
)

// resolve gives the characters that stand in b as they are meant: references replaced, ends of lines as they are here.
func (p *partReader) resolve(b []byte, in int) ([]byte, error) {
	out := b
	if bytes.ContainsAny(b, "&\r<]") {
		from := len(p.resolved)
		for i := 0; i < len(b); i++ {
			switch c := b[i]; {
			case c == '&' && in != inCDATA:
				r, n, err := reference(b[i:])
				if err != nil {
					return nil, err
				}
				p.resolved = utf8.AppendRune(p.resolved, r)
				i += n - 1
			case c == '<' && in == inAttribute:
				return nil, errors.New("a < inside a value in quotes")
			case c == ']' && in == inText && bytes.HasPrefix(b[i:], []byte("]]>")):
				return nil, errors.New("]]> without CDATA")
			case c == '\r':
				p.resolved = append(p.resolved, '\n')
				if i+1 < len(b) && b[i+1] == '\n' {
					i++
				}
			default:
				p.resolved = append(p.resolved, c)
			}
		}
		out = p.resolved[from:len(p.resolved):len(p.resolved)]
	}
	return out, allowed(out)
}

// reference reads &amp; and the like at the beginning of b.
func reference(b []byte) (r rune, n int, err error) {
	n = bytes.IndexByte(b, ';') + 1
	if n == 0 {
		return 0, 0, fmt.Errorf("a & without its ;: %s", quoteShort(string(b)))
	}
	name := string(b[1 : n-1])
	switch name {
	case "lt":
		return '<', n, nil
	case "gt":
		return '>', n, nil
	case "amp":
		return '&', n, nil
	case "apos":
		return '\'', n, nil
	case "quot":
		return '"', n, nil
	}
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		base := 10
		if hex, ok := strings.CutPrefix(digits, "x"); ok {
			digits, base = hex, 16
		}
		if code, err := strconv.ParseUint(digits, base, 64); err == nil && code <= unicode.MaxRune {
			return rune(code), n, nil
		}
	}
	return 0, 0, fmt.Errorf("an unknown reference %s", quoteShort(string(b[:n])))
}

// allowed holds text to the characters of XML.
func allowed(b []byte) error {
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
				return fmt.Errorf("the character %U, which XML can't have", c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return errors.New("bytes that are no UTF-8")
		case r == 0xFFFE || r == 0xFFFF:
			return fmt.Errorf("the character %U, which XML can't have", r)
		}
		i += n
	}
	return nil
}

// nameAt reads the name that begins at b[from]: where it ends, and where what stands behind its prefix begins. Letters
// beyond ASCII are taken as they come: no name that matters here has one.
func nameAt(b []byte, from int) (n, local int, err error) {
	colons, foreign := 0, false
	n, local = from, from
	for ; n < len(b) && bytesXML[b[n]]&inName != 0; n++ {
		switch c := b[n]; {
		case c == ':':
			colons, local = colons+1, n+1
		case c >= utf8.RuneSelf:
			foreign = true
		}
	}
	if n == len(b) {
		return 0, 0, errShort
	}
	if n == from || bytesXML[b[from]]&beginsName == 0 || colons > 1 {
		return 0, 0, fmt.Errorf("no name where one belongs: %s", quoteShort(string(b[from:min(n+1, len(b))])))
	}
	if foreign {
		if err := allowed(b[from:n]); err != nil {
			return 0, 0, err
		}
	}
	if local == from+1 || local == n {
		local = from // a colon, but no prefix
	}
	return n, local, nil
}

func spaceFrom(b []byte, n int) int {
	for n < len(b) && bytesXML[b[n]]&isSpace != 0 {
		n++
	}
	return n
}

// What a byte can be: text or a value in quotes that stands as it is meant, part of a name, the beginning of one, space.
const (
	plainText = 1 << iota
	plainValue
	inName
	beginsName
	isSpace
)

var bytesXML = func() (of [256]byte) {
	for i := range of {
		c := byte(i)
		if c >= ' ' && c < utf8.RuneSelf || c == '\t' || c == '\n' {
			if c != '&' && c != '<' && c != ']' {
				of[i] |= plainText
			}
			if c != '&' && c != '<' && c != '"' && c != '\'' {
				of[i] |= plainValue
			}
		}
		if c|' ' >= 'a' && c|' ' <= 'z' || c == '_' || c == ':' || c >= utf8.RuneSelf {
			of[i] |= inName | beginsName
		}
		if c >= '0' && c <= '9' || c == '-' || c == '.' {
			of[i] |= inName
		}
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			of[i] |= isSpace
		}
	}
	return of
}()
