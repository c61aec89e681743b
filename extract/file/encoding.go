package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

var errNotUTF8 = errors.New("is not valid UTF-8; leave settings.encoding out to have the encoding recognised, or name the right one")

// brokenText is the check that tells of bytes that are no text.
const brokenText = "broken_text"

// decode gives a file's text as UTF-8 without a byte order mark, and what people should know of it. Without a declared
// encoding it is, in this order: what the byte order mark says; UTF-16 when every other byte of the beginning is
// mostly zero; UTF-8 when most of what is not ASCII is that, a few broken bytes being damage; what its lines read
// best in.
func decode(r io.Reader, fp fingerprint, declared encoding.Encoding) (io.Reader, []note, error) {
	enc, told := declared, []note(nil)
	if enc == nil {
		enc, told = sniffEncoding(fp)
	}
	if enc == unicode.UTF8 && fp.text.broken > 0 {
		if fp.text.many < fp.text.broken {
			return nil, nil, errNotUTF8
		}
		told = append(told, note{Check: brokenText, Severity: severityWarning, Rows: int64(fp.text.broken), Text: fmt.Sprintf(
			"line %d has a byte that is no UTF-8 (%d such bytes in all); it is read as \uFFFD; if the whole file is in another encoding, set encoding", fp.text.brokenLine, fp.text.broken)})
	}
	return transform.NewReader(r, unicode.BOMOverride(enc.NewDecoder())), told, nil
}

func sniffEncoding(fp fingerprint) (encoding.Encoding, []note) {
	switch {
	case bytes.HasPrefix(fp.head, []byte{0xEF, 0xBB, 0xBF}):
		return unicode.UTF8, nil
	case bytes.HasPrefix(fp.head, []byte{0xFF, 0xFE}):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case bytes.HasPrefix(fp.head, []byte{0xFE, 0xFF}):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	}
	if e, ok := sniffUTF16(fp.head); ok {
		return unicode.UTF16(e, unicode.IgnoreBOM), []note{guessedEncoding("UTF-16 without a mark")}
	}
	if fp.text.broken == 0 || fp.text.many > fp.text.broken {
		return unicode.UTF8, nil
	}
	c := judgeEncoding(fp.text.sample)
	return c.enc, []note{guessedEncoding(c.name)}
}

func guessedEncoding(name string) note {
	return note{Check: "guessed_encoding", Severity: severityInfo, Text: "is read as " + name + ", judged by its text; if names look wrong, set encoding"}
}

// sniffUTF16 recognises UTF-16 without a mark: the text of a table is mostly ASCII (delimiters,
// digits, addresses), whose upper bytes are zero.
func sniffUTF16(head []byte) (unicode.Endianness, bool) {
	var zero [2]int
	pairs := len(head) / 2
	for i := range pairs * 2 {
		if head[i] == 0 {
			zero[i%2]++
		}
	}
	enough := pairs/3 + 1
	switch {
	case zero[1] >= enough && zero[0] < enough/4+1:
		return unicode.LittleEndian, true
	case zero[0] >= enough && zero[1] < enough/4+1:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}
