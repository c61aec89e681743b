package file

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// bookLimits bound what a workbook can make the reader hold, or keep it busy with, in bytes: a small
// file unpacks to a large one. Sheets are read as a stream, shared strings have to be held.
type bookLimits struct {
	sheet, shared, part int64 // a sheet's XML, the shared strings', and any other part's
	item                int   // the XML of one row or one shared string, and a row's texts
	texts               int   // the shared strings themselves
}

var defaultLimits = bookLimits{sheet: 2 << 30, shared: 256 << 20, part: 16 << 20, item: maxRecord, texts: 64 << 20}

// content reads to the end of the element that was begun and appends the text that stands right in it.
func (p *partReader) content(to []byte) ([]byte, error) {
	for depth := 1; depth > 0; {
		piece, err := p.next()
		if err != nil {
			return nil, noEOF(err)
		}
		switch piece {
		case pieceBegin:
			depth++
		case pieceEnd:
			depth--
		case pieceText:
			if depth == 1 {
				to = append(to, p.text...)
			}
		}
	}
	return to, nil
}

// rich reads a string item, plain or in pieces with a format each, to its end and appends its text. How it is pronounced is left out.
func (p *partReader) rich(to []byte) ([]byte, error) {
	for formatted := false; ; {
		piece, err := p.next()
		if err != nil {
			return nil, noEOF(err)
		}
		switch {
		case piece == pieceEnd && !formatted:
			return to, nil
		case piece == pieceEnd:
			formatted = false
		case piece != pieceBegin:
		case string(p.name) == "t":
			if to, err = p.content(to); err != nil {
				return nil, err
			}
		case string(p.name) == "r" && !formatted:
			formatted = true // its t counts, too
		default:
			if err := p.skip(false); err != nil {
				return nil, err
			}
		}
	}
}

// skip reads to the end of the element that was begun. Outside of items each piece is one of its own.
func (p *partReader) skip(renew bool) error {
	for depth := 1; depth > 0; {
		if renew {
			p.renew()
		}
		piece, err := p.next()
		if err != nil {
			return noEOF(err)
		}
		switch piece {
		case pieceBegin:
			depth++
		case pieceEnd:
			depth--
		}
	}
	return nil
}

// size writes a number of bytes for people.
func size(n int) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// sharedStrings are a workbook's texts in one piece, with four bytes more for each.
type sharedStrings struct {
	most int // bytes
	all  strings.Builder
	ends []uint32 // where each text ends
}

func (s *sharedStrings) add(text string) error {
	if s.all.Len()+len(text)+4*len(s.ends)+4 > s.most {
		return fmt.Errorf("its texts take more than %s of memory; save the sheet as CSV", size(s.most))
	}
	s.all.WriteString(text)
	s.ends = append(s.ends, uint32(s.all.Len()))
	return nil
}

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.all.String()[from:s.ends[i]], true
}

// readSharedStrings takes the texts out of their part.
func readSharedStrings(r io.Reader, limits bookLimits) (*sharedStrings, error) {
	part, all := newPartReader(r, limits.item), &sharedStrings{most: limits.texts}
	var text []byte
	for inside := false; ; {
		part.renew()
		piece, err := part.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		switch {
		case piece != pieceBegin:
		case !inside:
			inside = true // the part's one element
		case string(part.name) != "si":
			if err := part.skip(true); err != nil {
				return nil, err
			}
		default:
			if text, err = part.rich(text[:0]); err != nil {
				return nil, err
			}
			if err := all.add(unescape(string(text))); err != nil {
				return nil, err
			}
		}
	}
}
