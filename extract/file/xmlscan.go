package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// partReader reads a part's XML piece by piece. A sheet has millions of them, and encoding/xml makes values of each, byte by
// byte: reading took five times as long. This is the XML that parts of workbooks are written in, held to as strictly as
// encoding/xml does (a test compares the two): UTF-8, elements that close in their order, the five named references and
// those by number, comments, instructions, CDATA. Prefixes are left off the names of elements. A DOCTYPE, which the format
// of the file forbids, is refused, and with it all entities of its own.
//
// What is in a piece is good until the next one is read. Pieces belong to items: a row, a shared string, or a piece
// outside of them. Each, once begun with renew, has so many bytes.
type partReader struct {
	r    io.Reader
	item int
	// buf[at:] is read and not yet used; passed counts the bytes that were in front of buf, began is where the item did.
	buf           []byte
	at            int
	passed, began int64
	end           error  // why nothing more can be read; io.EOF at the part's end
	open          []byte // the names of the elements around the next piece, and where each begins
	opens         []int

	name       []byte // of an element, without its prefix
	attributes []xmlAttribute
	text       []byte
	empty      bool   // the element that was begun ends at once
	resolved   []byte // room for values that do not stand as they are meant
}

type xmlAttribute struct{ name, value []byte }

// xmlPiece is a kind of piece.
type xmlPiece int

const (
	pieceAside xmlPiece = iota // a comment or an instruction
	pieceBegin                 // an element begins
	pieceEnd                   // and ends
	pieceText
)

const (
	firstBuffer = 32 << 10
	maxDepth    = 100 // how deep elements can lie in each other
)

// errShort tells that a piece goes on behind what is in the buffer.
var errShort = errors.New("the piece goes on")

func newPartReader(r io.Reader, item int) *partReader {
	return &partReader{r: r, item: item, buf: make([]byte, 0, firstBuffer)}
}

func (p *partReader) renew() { p.began = p.passed + int64(p.at) }

// next reads a piece; io.EOF at the end of the part, when all elements have ended.
func (p *partReader) next() (xmlPiece, error) {
	if p.empty {
		p.empty = false
		p.ended()
		return pieceEnd, nil
	}
	for {
		piece, n, err := pieceAside, 0, errShort
		if p.at < len(p.buf) {
			piece, n, err = p.piece(p.buf[p.at:])
		}
		if err == nil {
			p.at += n
			return piece, nil
		}
		if !errors.Is(err, errShort) {
			return 0, fmt.Errorf("at byte %d: %w", p.passed+int64(p.at), err)
		}
		if err := p.fill(); err != nil {
			return 0, err
		}
	}
}

// fill reads more of the part behind what is not yet used.
func (p *partReader) fill() error {
	if p.end != nil {
		if errors.Is(p.end, io.EOF) && (p.at < len(p.buf) || len(p.opens) > 0) {
			return fmt.Errorf("at byte %d: %w", p.passed+int64(len(p.buf)), io.ErrUnexpectedEOF)
		}
		return p.end
	}
	if p.passed+int64(len(p.buf))-p.began >= int64(p.item) {
		return fmt.Errorf("a row or text takes more than %s", size(p.item))
	}
	left := copy(p.buf, p.buf[p.at:])
	p.passed, p.buf, p.at = p.passed+int64(p.at), p.buf[:left], 0
	if left == cap(p.buf) {
		p.buf = append(make([]byte, 0, 2*left), p.buf...)
	}
	for idle := 0; len(p.buf) < cap(p.buf) && p.end == nil; {
		n, err := p.r.Read(p.buf[len(p.buf):cap(p.buf)])
		p.buf, p.end = p.buf[:len(p.buf)+n], err
		if idle++; n > 0 {
			idle = 0
		}
		if idle == 100 {
			p.end = io.ErrNoProgress
		}
	}
	return nil
}

// rest reads what is left of the part, of whatever form. An error tells that its bytes are not those that were written:
// the archive's checksum stands at the end.
func (p *partReader) rest() error {
	if p.end == nil {
		_, p.end = io.Copy(io.Discard, p.r)
	}
	if p.end == nil || errors.Is(p.end, io.EOF) {
		return nil
	}
	return p.end
}

// piece reads the piece that b begins with and gives its length.
func (p *partReader) piece(b []byte) (xmlPiece, int, error) {
	if b[0] != '<' {
		return p.characters(b)
	}
	if len(b) < 2 {
		return 0, 0, errShort
	}
	switch b[1] {
	case '/':
		n, err := p.ending(b)
		return pieceEnd, n, err
	case '?':
		n, err := instruction(b)
		return pieceAside, n, err
	case '!':
		return p.marked(b)
	}
	n, err := p.beginning(b)
	return pieceBegin, n, err
}

// characters reads text up to the next tag. It may end with the part, outside of all elements.
func (p *partReader) characters(b []byte) (_ xmlPiece, n int, err error) {
	for n < len(b) && bytesXML[b[n]]&plainText != 0 {
		n++
	}
	if n < len(b) && b[n] == '<' {
		p.text = b[:n]
		return pieceText, n, nil
	}
	if n = bytes.IndexByte(b, '<'); n < 0 {
		if n = len(b); !errors.Is(p.end, io.EOF) || len(p.opens) > 0 {
			return 0, 0, errShort
		}
	}
	p.resolved = p.resolved[:0]
	if p.text, err = p.resolve(b[:n], inText); err != nil {
		return 0, 0, err
	}
	return pieceText, n, nil
}

// marked reads a comment or CDATA.
func (p *partReader) marked(b []byte) (_ xmlPiece, n int, err error) {
	const comment, cdata = "<!--", "<![CDATA["
	switch {
	case bytes.HasPrefix(b, []byte(comment)):
		n = bytes.Index(b[len(comment):], []byte("--"))
		if n += len(comment) + 3; n < len(comment)+3 || n > len(b) {
			return 0, 0, errShort
		}
		if b[n-1] != '>' {
			return 0, 0, errors.New(`"--" inside a comment`)
		}
		return pieceAside, n, nil
	case bytes.HasPrefix(b, []byte(cdata)):
		if n = bytes.Index(b, []byte("]]>")); n < 0 {
			return 0, 0, errShort
		}
		p.resolved = p.resolved[:0]
		p.text, err = p.resolve(b[len(cdata):n], inCDATA)
		return pieceText, n + 3, err
	case len(b) < len(comment) && strings.HasPrefix(comment, string(b)), len(b) < len(cdata) && strings.HasPrefix(cdata, string(b)):
		return 0, 0, errShort
	}
	return 0, 0, errors.New("a <!DOCTYPE or another declaration, which parts of a workbook can't have")
}

// instruction reads <?target …?>. That at the beginning of a part may say its version and encoding.
func instruction(b []byte) (int, error) {
	from, _, err := nameAt(b, 2)
	if err != nil {
		return 0, err
	}
	n := bytes.Index(b[from:], []byte("?>"))
	if n < 0 {
		return 0, errShort
	}
	said := string(b[from : from+n])
	if string(b[2:from]) == "xml" {
		if v := saidOf(said, "version="); v != "" && v != "1.0" {
			return 0, fmt.Errorf("XML of version %s", quoteShort(v))
		}
		if e := saidOf(said, "encoding="); e != "" && !strings.EqualFold(e, "utf-8") {
			return 0, fmt.Errorf("the encoding is %s, not UTF-8", quoteShort(e))
		}
	}
	return from + n + 2, nil
}

// saidOf finds a value in quotes.
func saidOf(said, name string) string {
	for {
		_, after, ok := strings.Cut(said, name)
		if !ok || after == "" {
			return ""
		}
		if after[0] == '"' || after[0] == '\'' {
			value, _, ok := strings.Cut(after[1:], after[:1])
			if !ok {
				return ""
			}
			return value
		}
		said = after[1:]
	}
}

func (p *partReader) ending(b []byte) (int, error) {
	n, local, err := nameAt(b, 2)
	if err != nil {
		return 0, err
	}
	last := len(p.opens) - 1
	if last < 0 || !bytes.Equal(p.open[p.opens[last]:], b[2:n]) {
		return 0, fmt.Errorf("</%s> closes nothing", b[2:n])
	}
	p.name = b[local:n]
	if n = spaceFrom(b, n); n == len(b) {
		return 0, errShort
	}
	if b[n] != '>' {
		return 0, fmt.Errorf("%q inside </%s>", b[n], p.name)
	}
	p.ended()
	return n + 1, nil
}

func (p *partReader) ended() {
	last := len(p.opens) - 1
	p.open, p.opens = p.open[:p.opens[last]], p.opens[:last]
}

func (p *partReader) beginning(b []byte) (int, error) {
	n, local, err := nameAt(b, 1)
	if err != nil {
		return 0, err
	}
	whole := b[1:n]
	p.name, p.attributes, p.resolved = b[local:n], p.attributes[:0], p.resolved[:0]
	for empty := false; ; {
		if n = spaceFrom(b, n); n == len(b) {
			return 0, errShort
		}
		if b[n] == '/' {
			if n++; n == len(b) {
				return 0, errShort
			}
			if empty = b[n] == '>'; !empty {
				return 0, fmt.Errorf("a / inside <%s>", p.name)
			}
		}
		if b[n] == '>' {
			if len(p.opens) >= maxDepth {
				return 0, fmt.Errorf("elements lie more than %d deep in each other", maxDepth)
			}
			p.opens, p.open, p.empty = append(p.opens, len(p.open)), append(p.open, whole...), empty
			return n + 1, nil
		}
		if n, err = p.attributeAt(b, n); err != nil {
			return 0, err
		}
	}
}

func (p *partReader) attributeAt(b []byte, from int) (n int, err error) {
	if n, _, err = nameAt(b, from); err != nil {
		return 0, err
	}
	a := xmlAttribute{name: b[from:n]}
	if n = spaceFrom(b, n); n == len(b) {
		return 0, errShort
	}
	if b[n] != '=' {
		return 0, fmt.Errorf("the attribute %s has no value", a.name)
	}
	if n = spaceFrom(b, n+1); n == len(b) {
		return 0, errShort
	}
	quote := b[n]
	if quote != '"' && quote != '\'' {
		return 0, fmt.Errorf("the attribute %s has a value without quotes", a.name)
	}
	n++
	from = n
	for n < len(b) && bytesXML[b[n]]&plainValue != 0 {
		n++
	}
	if n < len(b) && b[n] == quote {
		a.value = b[from:n]
	} else {
		if n = bytes.IndexByte(b[from:], quote); n < 0 {
			return 0, errShort
		}
		n += from
		if a.value, err = p.resolve(b[from:n], inAttribute); err != nil {
			return 0, err
		}
	}
	p.attributes = append(p.attributes, a)
	return n + 1, nil
}

// attribute gives the value of the attribute of that name, which has no prefix, of the element that was begun.
func (p *partReader) attribute(name string) ([]byte, bool) {
	for _, a := range p.attributes {
		if string(a.name) == name {
			return a.value, true
		}
	}
	return nil, false
}
