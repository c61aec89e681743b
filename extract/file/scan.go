package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// headBytes are kept from a file's beginning to tell its format and encoding.
const headBytes = 64 << 10

// fingerprint is what one pass over a file's bytes tells.
type fingerprint struct {
	sha256 string // of all bytes; hex
	size   int64
	text   textCounter
	head   []byte // the first bytes, at most headBytes
}

// scan reads a file once, in constant memory. With limit > 0 only that many bytes count.
func scan(ctx context.Context, name string, limit int64) (_ fingerprint, err error) {
	f, err := os.Open(name)
	if err != nil {
		return fingerprint{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var src io.Reader = f
	if limit > 0 {
		src = io.LimitReader(f, limit)
	}
	hash := sha256.New()
	var text textCounter
	fp := fingerprint{}
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return fingerprint{}, err
		}
		n, err := src.Read(buf)
		fp.size += int64(n)
		hash.Write(buf[:n])
		text.add(buf[:n])
		if missing := headBytes - len(fp.head); missing > 0 {
			fp.head = append(fp.head, buf[:min(n, missing)]...)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fingerprint{}, fmt.Errorf("read %s: %w", name, err)
		}
	}
	fp.sha256 = hex.EncodeToString(hash.Sum(nil))
	if len(text.rest) > 0 && (limit == 0 || fp.size < limit) { // a rune that the limit cut is no fault of the file's
		text.noteBroken()
	}
	fp.text = text
	return fp, nil
}

// sampleBytes of a file's lines with letters beyond ASCII are kept to judge the encoding by.
const sampleBytes = 256 << 10

// textCounter counts what of a stream of bytes is UTF-8, whatever the places at which it is cut.
type textCounter struct {
	rest         []byte // an unfinished rune at the end of the last piece
	line         int    // of the place, from 0
	many, broken int    // sequences of several bytes; bytes that belong to none
	brokenLine   int    // of the first broken byte, from 1
	sample       []byte
}

func (c *textCounter) add(p []byte) {
	if len(c.rest) > 0 {
		p = append(c.rest, p...)
		c.rest = nil
	}
	start := 0 // of the line
	for i := 0; i < len(p); {
		switch b := p[i]; {
		case b == '\n':
			c.line++
			i++
			start = i
			continue
		case b < utf8.RuneSelf:
			i++
			continue
		}
		if !utf8.FullRune(p[i:]) {
			c.rest = bytes.Clone(p[i:])
			return
		}
		if len(c.sample) < sampleBytes {
			c.keep(p, &start, i)
		}
		r, size := utf8.DecodeRune(p[i:])
		if r == utf8.RuneError && size == 1 {
			c.noteBroken()
		} else {
			c.many++
		}
		i += size
	}
}

func (c *textCounter) noteBroken() {
	if c.broken++; c.broken == 1 {
		c.brokenLine = c.line + 1
	}
}

// keep adds the line around a byte to the sample, once.
func (c *textCounter) keep(p []byte, start *int, at int) {
	if *start > at {
		return // kept already
	}
	end := len(p)
	if n := bytes.IndexByte(p[at:], '\n'); n >= 0 {
		end = at + n + 1
	}
	if end-*start > 4096 {
		*start, end = max(*start, at-1024), min(end, at+1024)
	}
	c.sample = append(c.sample, p[*start:end]...)
	*start = end
}
