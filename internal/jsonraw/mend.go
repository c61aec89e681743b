package jsonraw

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// MaxDepth bounds how deep the arrays and objects of a record may nest. What is deeper passes the walkers, which
// count its brackets, and is refused by [Mend].
const MaxDepth = 512

// TooDeep is the error of [Mend] for a value that nests deeper than [MaxDepth].
type TooDeep struct{ Depth int }

func (e *TooDeep) Error() string {
	return fmt.Sprintf("nested %d deep; at most %d is read", e.Depth, MaxDepth)
}

// Mend gives the text of a value that the walkers accept as the engine behind the lake parses it, too. Vendors
// send what strict parsers refuse: one half of a character outside the basic plane (a name cut in the middle of an
// emoji), bytes that are no UTF-8, control characters that are not escaped. The first two become U+FFFD, the last
// are escaped; nothing else changes. Where nothing is to be mended, raw itself comes back, and false.
func Mend(raw []byte) (text []byte, mended bool, err error) {
	if depth := deepest(raw); depth > MaxDepth {
		return nil, false, &TooDeep{depth}
	}
	text = raw
	if !utf8.Valid(text) {
		text, mended = bytes.ToValidUTF8(text, []byte("�")), true
	}
	if fixed, ok := mendHalves(text); ok {
		text, mended = fixed, true
	}
	if fixed, ok := escapeControls(text); ok {
		text, mended = fixed, true
	}
	return text, mended, nil
}

// Quote writes bytes that are no JSON as a JSON string, what is no UTF-8 replaced.
func Quote(raw []byte) []byte {
	text, err := json.Marshal(string(raw))
	if err != nil {
		return []byte(`""`) // a string can always be written
	}
	return text
}

// deepest is how deep the value nests; exact only where that may be too deep.
func deepest(raw []byte) int {
	if bytes.Count(raw, []byte{'['})+bytes.Count(raw, []byte{'{'}) <= MaxDepth {
		return 0
	}
	depth, most := 0, 0
	s := scanner{raw}
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			end, _, ok := s.str(i)
			if !ok {
				return most
			}
			i = end - 1
		case '[', '{':
			depth++
			most = max(most, depth)
		case ']', '}':
			depth--
		}
	}
	return most
}

// mendHalves replaces escapes of surrogates that stand alone.
func mendHalves(text []byte) ([]byte, bool) {
	var out []byte
	for i := 0; ; {
		n := bytes.IndexByte(text[i:], '\\')
		if n < 0 || i+n+1 >= len(text) {
			return out, out != nil
		}
		i += n
		first, ok := surrogate(text[i:])
		switch {
		case !ok:
			i += 2
			continue
		case first < 0xdc00:
			if second, ok := surrogate(text[i+6:]); ok && second >= 0xdc00 {
				i += 12
				continue
			}
		}
		if out == nil {
			out = bytes.Clone(text)
		}
		copy(out[i:], `\ufffd`)
		i += 6
	}
}

// surrogate reads an escape such as \ud83d at the beginning of text.
func surrogate(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' || text[2]|0x20 != 'd' {
		return 0, false
	}
	var r rune
	for _, c := range text[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case isHex(c):
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, r >= 0xd800 && r <= 0xdfff
}

// hasControls tells whether any byte is a control character, eight at a time.
func hasControls(text []byte) bool {
	for ; len(text) >= 8; text = text[8:] {
		w := binary.LittleEndian.Uint64(text)
		if (w-ones*0x20)&^w&highs != 0 {
			return true
		}
	}
	for _, c := range text {
		if c < ' ' {
			return true
		}
	}
	return false
}

// escapeControls escapes the control characters inside strings.
func escapeControls(text []byte) ([]byte, bool) {
	if !hasControls(text) {
		return nil, false
	}
	var out []byte
	kept := 0 // text up to here is in out
	inside := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			inside = !inside
		case !inside:
		case c == '\\':
			i++
		case c < ' ':
			out = append(append(out, text[kept:i]...), fmt.Sprintf(`\u%04x`, c)...)
			kept = i + 1
		}
	}
	if out == nil {
		return nil, false
	}
	return append(out, text[kept:]...), true
}
