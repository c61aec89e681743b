package file

import (
	"encoding/xml"
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

// maxDepth bounds how deep elements can lie in each other.
const maxDepth = 100

// partReader reads a part's XML, item by item: a row, a shared string, or a token outside of them.
// Each, once begun with renew, has so many bytes.
//
// A sheet has millions of tokens, so they are taken as they stand, without name spaces; that elements close
// in their order is held here.
type partReader struct {
	decoder *xml.Decoder
	budget  *itemBudget
	open    []string // names of the elements around the next token
}

func newPartReader(r io.Reader, item int) *partReader {
	b := &itemBudget{r: r, item: item}
	b.renew()
	return &partReader{decoder: xml.NewDecoder(b), budget: b}
}

func (p *partReader) renew() { p.budget.renew() }

// token gives the next token, whose bytes are good until the one after.
func (p *partReader) token() (xml.Token, error) {
	token, err := p.decoder.RawToken()
	if err != nil {
		if len(p.open) > 0 {
			err = noEOF(err)
		}
		return nil, err
	}
	switch e := token.(type) {
	case xml.StartElement:
		if len(p.open) >= maxDepth {
			return nil, fmt.Errorf("elements lie more than %d deep in each other", maxDepth)
		}
		p.open = append(p.open, e.Name.Local)
	case xml.EndElement:
		last := len(p.open) - 1
		if last < 0 || p.open[last] != e.Name.Local {
			return nil, fmt.Errorf("</%s> closes nothing", e.Name.Local)
		}
		p.open = p.open[:last]
	}
	return token, nil
}

// text reads to the end of the element whose start was the last token and gives what stands right in it.
func (p *partReader) text() (string, error) {
	out, depth := "", 1
	for depth > 0 {
		token, err := p.token()
		if err != nil {
			return "", noEOF(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 1 {
				out += string(e)
			}
		}
	}
	return out, nil
}

// rich reads a string item, plain or in pieces with a format each, to its end. How it is pronounced is left out.
func (p *partReader) rich() (string, error) {
	out, pieces := "", false
	for {
		token, err := p.token()
		if err != nil {
			return "", noEOF(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch {
			case e.Name.Local == "t":
				text, err := p.text()
				if err != nil {
					return "", err
				}
				out += text
			case e.Name.Local == "r" && !pieces:
				pieces = true // its t counts, too
			default:
				if err := p.skip(false); err != nil {
					return "", err
				}
			}
		case xml.EndElement:
			if !pieces {
				return out, nil
			}
			pieces = false
		}
	}
}

// skip reads to the end of the element whose start was the last token. Outside of items each token
// is one of its own.
func (p *partReader) skip(renew bool) error {
	for depth := 1; depth > 0; {
		if renew {
			p.renew()
		}
		token, err := p.token()
		if err != nil {
			return noEOF(err)
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// itemBudget lets an item's bytes through; those that the decoder reads ahead count for the item before.
type itemBudget struct {
	r          io.Reader
	item, left int
}

func (b *itemBudget) renew() { b.left = b.item }

func (b *itemBudget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a row or text takes more than %s", size(b.item))
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
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
	for inside := false; ; {
		part.renew()
		token, err := part.token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case !inside:
			inside = true // the part's one element
		case start.Name.Local != "si":
			if err := part.skip(true); err != nil {
				return nil, err
			}
		default:
			text, err := part.rich()
			if err != nil {
				return nil, err
			}
			if err := all.add(unescape(text)); err != nil {
				return nil, err
			}
		}
	}
}
