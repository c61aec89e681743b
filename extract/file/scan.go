package file

import (
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
	utf8   bool   // the bytes are valid UTF-8
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
	valid := utf8Checker{ok: true}
	fp := fingerprint{}
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return fingerprint{}, err
		}
		n, err := src.Read(buf)
		fp.size += int64(n)
		hash.Write(buf[:n])
		valid.add(buf[:n])
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
	// A rune that the limit cut is no fault of the file's.
	fp.utf8 = valid.ok && (len(valid.rest) == 0 || limit > 0 && fp.size == limit)
	return fp, nil
}

// utf8Checker validates a stream of bytes, whatever the places at which it is cut.
type utf8Checker struct {
	ok   bool
	rest []byte // an unfinished rune at the end of the last piece
}

func (c *utf8Checker) add(p []byte) {
	if !c.ok {
		return
	}
	for len(c.rest) > 0 && len(p) > 0 && !utf8.FullRune(c.rest) {
		c.rest = append(c.rest, p[0])
		p = p[1:]
	}
	if len(c.rest) > 0 {
		if !utf8.FullRune(c.rest) {
			return
		}
		c.ok = utf8.Valid(c.rest)
		c.rest = c.rest[:0]
	}
	end := len(p)
	for back := 1; back < utf8.UTFMax && back <= len(p); back++ {
		if b := p[len(p)-back]; utf8.RuneStart(b) {
			if !utf8.FullRune(p[len(p)-back:]) {
				end = len(p) - back
			}
			break
		}
	}
	c.ok = c.ok && utf8.Valid(p[:end])
	c.rest = append(c.rest, p[end:]...)
}
