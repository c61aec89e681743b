package file

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

var errNotUTF8 = errors.New("is not valid UTF-8; leave settings.encoding out to have the encoding recognised, or name the right one")

// decode gives a file's text as UTF-8 without a byte order mark. Without a declared encoding
// it is, in this order: what the byte order mark says; UTF-16 when every other byte of the
// beginning is mostly zero; UTF-8 when all of the file is valid UTF-8; Windows-1252.
func decode(r io.Reader, fp fingerprint, declared encoding.Encoding) (io.Reader, error) {
	enc := declared
	if enc == nil {
		enc = sniffEncoding(fp)
	}
	if enc == unicode.UTF8 && !fp.utf8 {
		return nil, errNotUTF8
	}
	return transform.NewReader(r, unicode.BOMOverride(enc.NewDecoder())), nil
}

func sniffEncoding(fp fingerprint) encoding.Encoding {
	switch {
	case bytes.HasPrefix(fp.head, []byte{0xEF, 0xBB, 0xBF}):
		return unicode.UTF8
	case bytes.HasPrefix(fp.head, []byte{0xFF, 0xFE}):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(fp.head, []byte{0xFE, 0xFF}):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	if e, ok := sniffUTF16(fp.head); ok {
		return unicode.UTF16(e, unicode.IgnoreBOM)
	}
	if fp.utf8 {
		return unicode.UTF8
	}
	return charmap.Windows1252
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
