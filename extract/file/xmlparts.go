package file

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds on what a part of a workbook can make the reader hold, beside those on its size: a small
// file must not be able to fill the memory.
const (
	// maxItem bounds the XML of one row or one shared string.
	maxItem = maxRecord
	// maxStrings bounds the texts that the rows of a workbook share; all of them have to be held.
	maxStrings = 64 << 20
	// maxDepth bounds how deep elements can lie in each other.
	maxDepth = 100
)

// errLongItem tells of a row or shared string whose XML is longer than maxItem.
var errLongItem = fmt.Errorf("a row or text takes more than %d MiB", maxItem>>20)

// partReader reads a part's XML, item by item. Each item, once begun with renew, has maxItem bytes.
type partReader struct {
	*xml.Decoder
	budget *itemBudget
}

func newPartReader(r io.Reader) partReader {
	b := &itemBudget{r: r}
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

// itemBudget lets maxItem bytes through, and a little more that the decoder reads ahead.
type itemBudget struct {
	r    io.Reader
	left int
}

func (b *itemBudget) renew() { b.left = maxItem }

func (b *itemBudget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongItem
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// sharedStrings are a workbook's texts in one piece, with four bytes more for each.
type sharedStrings struct {
	all  strings.Builder
	ends []uint32 // where each text ends
}

func (s *sharedStrings) size() int { return s.all.Len() + 4*len(s.ends) }

func (s *sharedStrings) add(text string) error {
	if s.size()+len(text)+4 > maxStrings {
		return fmt.Errorf("its texts take more than %d MiB of memory; save the sheet as CSV", maxStrings>>20)
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
func readSharedStrings(r io.Reader) (*sharedStrings, error) {
	part, all := newPartReader(r), &sharedStrings{}
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
