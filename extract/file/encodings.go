package file

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// candidate is an encoding that text without a mark, and that is not UTF-8, may be in; the likelier ones first.
type candidate struct {
	name string
	enc  encoding.Encoding
}

var candidates = []candidate{
	{"windows-1252", charmap.Windows1252},
	{"gb18030", simplifiedchinese.GB18030},
	{"shift_jis", japanese.ShiftJIS},
	{"windows-1251", charmap.Windows1251},
	{"cp850", charmap.CodePage850},
	{"macintosh", charmap.Macintosh},
	{"windows-1250", charmap.Windows1250},
	{"cp866", charmap.CodePage866},
	{"koi8-r", charmap.KOI8R},
}

// encodingNamed finds an encoding by the names that people and programs use.
func encodingNamed(name string) (encoding.Encoding, error) {
	if enc, err := htmlindex.Get(name); err == nil {
		return enc, nil
	}
	lower := strings.ToLower(name)
	if rest, ok := strings.CutPrefix(lower, "cp"); ok && (strings.HasPrefix(rest, "12") || rest == "874") {
		return htmlindex.Get("windows-" + rest)
	}
	enc, err := ianaindex.IANA.Encoding(name)
	if err == nil && enc == nil {
		err = errNoEncoding
	}
	return enc, err
}

var errNoEncoding = errors.New("no such encoding")

// judgeEncoding gives the encoding under which a file's lines with other letters than ASCII's read best. Letters
// beside letters speak for it; signs within words, controls, and a change of script or case within a word against it.
func judgeEncoding(sample []byte) candidate {
	best, most := candidates[0], -1<<30
	for _, c := range candidates {
		if points := readability(c, sample); points > most {
			best, most = c, points
		}
	}
	return best
}

func readability(c candidate, sample []byte) int {
	text, err := c.enc.NewDecoder().Bytes(sample)
	if err != nil {
		return -1 << 30
	}
	points := 0
	before := ' '
	for i, r := range string(text) {
		after, _ := utf8.DecodeRune(text[min(i+utf8.RuneLen(r), len(text)):])
		if r < utf8.RuneSelf {
			before = r
			continue
		}
		points += runePoints(c, before, r, after)
		before = r
	}
	return points
}

// common are the letters beyond ASCII that western, central and northern European names are written with most.
const common = "äöüßÄÖÜéèêëàâçîïôûùáíóúñÉÈÀÇÁÍÓÚÑåÅøØæÆœãõìò"

func runePoints(c candidate, before, r, after rune) int {
	inWord := unicode.IsLetter(before) || unicode.IsLetter(after)
	switch {
	case r == unicode.ReplacementChar || unicode.Is(unicode.Co, r) || unicode.IsControl(r):
		return -20
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) && (latin(before) || latin(after)):
		return -6
	case unicode.Is(unicode.Han, r):
		// The everyday characters come first in the old tables.
		if c.name == "gb18030" && everydayHan(r) || c.name == "shift_jis" {
			return 6
		}
		return -6
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		if r >= 0xFF61 && r <= 0xFF9F { // half width: what other encodings' bytes look like
			return -4
		}
		return 7
	case unicode.Is(unicode.Cyrillic, r):
		switch {
		case latin(before) || latin(after):
			return -6
		case unicode.IsUpper(r) && unicode.IsLower(before):
			return -4
		case unicode.Is(unicode.Cyrillic, before) || unicode.Is(unicode.Cyrillic, after):
			return 4
		}
		return 0
	case unicode.IsLetter(r):
		switch {
		case unicode.IsUpper(r) && unicode.IsLower(before):
			return -4
		case before >= utf8.RuneSelf && unicode.IsLetter(before) && after >= utf8.RuneSelf && unicode.IsLetter(after):
			return -3 // words of nothing else are not written so
		case strings.ContainsRune(common, r):
			return 4
		}
		return 1
	case inWord && unicode.IsLetter(before) && unicode.IsLetter(after):
		return -5
	case inWord && !strings.ContainsRune("–—’‘“”„«»…€£°§®™\u00A0", r):
		return -2
	}
	return 1
}

func latin(r rune) bool { return unicode.Is(unicode.Latin, r) }

// everydayHan tells the characters of the first level of GB 2312.
func everydayHan(r rune) bool {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(string(r)))
	return err == nil && len(b) == 2 && b[0] >= 0xB0 && b[0] <= 0xD7 && b[1] >= 0xA1
}
