package file

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// referencePart reads a part's XML with encoding/xml: what our own reading is held to. It is as strict as we are on purpose
// where encoding/xml is not: declarations, as of a DOCTYPE, are refused, and an element's end has its prefix, too.
type referencePart struct {
	decoder *xml.Decoder
	open    []xml.Name
}

func newReferencePart(part []byte) *referencePart {
	return &referencePart{decoder: xml.NewDecoder(bytes.NewReader(part))}
}

func (p *referencePart) token() (xml.Token, error) {
	token, err := p.decoder.RawToken()
	if err != nil {
		if len(p.open) > 0 {
			err = noEOF(err)
		}
		return nil, err
	}
	switch e := token.(type) {
	case xml.Directive:
		return nil, errors.New("a declaration")
	case xml.StartElement:
		if len(p.open) >= maxDepth {
			return nil, errors.New("too deep")
		}
		p.open = append(p.open, e.Name)
	case xml.EndElement:
		last := len(p.open) - 1
		if last < 0 || p.open[last] != e.Name {
			return nil, errors.New("closes nothing")
		}
		p.open = p.open[:last]
	}
	return token, nil
}

func (p *referencePart) text() (string, error) {
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

func (p *referencePart) rich() (string, error) {
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
				pieces = true
			default:
				if err := p.skip(); err != nil {
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

func (p *referencePart) skip() error {
	_, err := p.text()
	return err
}

// texts are the shared strings.
func (p *referencePart) texts() (all []string, err error) {
	for inside := false; ; {
		token, err := p.token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case !inside:
			inside = true
		case start.Name.Local != "si":
			if err := p.skip(); err != nil {
				return all, err
			}
		default:
			text, err := p.rich()
			if err != nil {
				return all, err
			}
			all = append(all, unescape(text))
		}
	}
}

// referenceSheet reads a sheet as its description has it.
type referenceSheet struct {
	*referencePart
	book          *xlsxTable // knows what a cell's XML means
	number        int
	rows          []string
	hidden, merge int
}

func (s *referenceSheet) read() error {
	for {
		token, err := s.token()
		if err != nil {
			return noEOF(err)
		}
		switch e := token.(type) {
		case xml.EndElement:
			if e.Name.Local == "sheetData" {
				s.merged()
				return nil
			}
		case xml.StartElement:
			switch e.Name.Local {
			case "sheetData", "worksheet":
			case "row":
				if err := s.row(e); err != nil {
					return err
				}
			default:
				if err := s.skip(); err != nil {
					return err
				}
			}
		}
	}
}

func (s *referenceSheet) merged() {
	for {
		token, err := s.token()
		if err != nil {
			return
		}
		e, ok := token.(xml.StartElement)
		switch {
		case !ok || e.Name.Local == "mergeCells":
		case e.Name.Local == "mergeCell":
			ref, _ := attributeOf(e, "ref")
			from, to, _ := strings.Cut(ref, ":")
			if rowOf(to) > rowOf(from) && rowOf(to) > 1 {
				s.merge++
			}
		case s.skip() != nil:
			return
		}
	}
}

func (s *referenceSheet) row(start xml.StartElement) error {
	s.number++
	if r, ok := attributeOf(start, "r"); ok {
		n, err := strconv.Atoi(r)
		if err != nil || n < s.number {
			return errors.New("unexpected row number")
		}
		s.number = n
	}
	hidden, _ := attributeOf(start, "hidden")
	var cells []cell
	for column := -1; ; {
		token, err := s.token()
		if err != nil {
			return noEOF(err)
		}
		switch e := token.(type) {
		case xml.EndElement:
			if len(cells) > 0 {
				s.rows = append(s.rows, fmt.Sprintf("%d %+v", s.number, cells))
				if hidden == "1" || hidden == "true" {
					s.hidden++
				}
			}
			return nil
		case xml.StartElement:
			if e.Name.Local != "c" {
				if err := s.skip(); err != nil {
					return err
				}
				continue
			}
			column++
			if ref, ok := attributeOf(e, "r"); ok {
				n, err := columnOf(ref)
				if err != nil || n < column {
					return errors.New("unexpected cell reference")
				}
				column = n
			}
			if column >= maxSheetColumn {
				return errors.New("too many columns")
			}
			c, err := s.cell(e)
			if err != nil {
				return err
			}
			if c.text != "" {
				c.column = column
				cells = append(cells, c)
			}
		}
	}
}

func (s *referenceSheet) cell(start xml.StartElement) (cell, error) {
	x := xlsxCell{}
	x.kind, _ = attributeOf(start, "t")
	if style, ok := attributeOf(start, "s"); ok {
		n, err := strconv.Atoi(style)
		if err != nil {
			return cell{}, err
		}
		x.style = n
	}
	for {
		token, err := s.token()
		if err != nil {
			return cell{}, noEOF(err)
		}
		switch e := token.(type) {
		case xml.EndElement:
			return s.book.cellOf(&x)
		case xml.StartElement:
			text := ""
			switch e.Name.Local {
			case "v":
				x.computed = true
				text, err = s.text()
				x.value = []byte(text)
			case "is":
				text, err = s.rich()
				x.inline = []byte(text)
			case "f":
				x.formula = true
				err = s.skip()
			default:
				err = s.skip()
			}
			if err != nil {
				return cell{}, err
			}
		}
	}
}

// attributeOf finds an attribute of the sheet's own; one with a prefix is another's.
func attributeOf(e xml.StartElement, name string) (string, bool) {
	for _, a := range e.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}
