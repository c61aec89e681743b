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
type partReader struct {
	*xml.Decoder
	budget *itemBudget
}

func newPartReader(r io.Reader, item int) partReader {
	b := &itemBudget{r: r, item: item}
	b.renew()
	return partReader{xml.NewDecoder(b), b}
}

func (p partReader) renew() { p.budget.renew() }

// skip reads to the end of the element whose start was the last token. Outside of items each token
// is one of its own.
func (p partReader) skip(renew bool) error {
	for depth := 1; depth > 0; {
		if renew {
			p.renew()
		}
		token, err := p.Token()
		if err != nil {
			return noEOF(err)
		}
		switch token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return fmt.Errorf("elements lie more than %d deep in each other", maxDepth)
			}
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
		token, err := part.Token()
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
			var item richText
			if err := part.DecodeElement(&item, &start); err != nil {
				return nil, noEOF(err)
			}
			if err := all.add(item.text()); err != nil {
				return nil, err
			}
		}
	}
}
