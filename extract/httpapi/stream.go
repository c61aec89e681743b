package httpapi

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/rightseat/rightseat/internal/jsonraw"
)

const (
	chunkBytes = 2 << 20  // records handed out at once
	maxLine    = 16 << 20 // of NDJSON
)

// chunker gathers records of a streamed page and hands them out by the megabyte.
type chunker struct {
	page    *Page
	fn      func([]Record) error
	pending []Record
	size    int
}

func (c *chunker) add(r Record) error {
	c.pending = append(c.pending, r)
	c.size += len(r.Raw)
	if c.size < chunkBytes {
		return nil
	}
	return c.flush()
}

func (c *chunker) flush() error {
	if len(c.pending) == 0 {
		return nil
	}
	records := c.pending
	c.pending, c.size = nil, 0
	return c.fn(records)
}

func (s *spool) chunks(page *Page, fn func([]Record) error) error {
	c := &chunker{page: page, fn: fn}
	read := readLines
	if s.shape.format == "csv" {
		read = readCSV
	}
	err := read(s.f, func(r Record) error {
		page.Count++
		if r.Issue != "" || s.shape.explode == nil {
			return c.add(r)
		}
		var one Page
		if err := s.shape.add(&one, r.Raw); err != nil {
			return err
		}
		for _, r := range one.records {
			if err := c.add(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.flush()
}

// readLines reads newline-delimited JSON. A line that is no JSON is kept, with its issue.
func readLines(r io.Reader, fn func(Record) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; sc.Scan(); n++ {
		line := bytes.TrimSpace(bytes.TrimPrefix(sc.Bytes(), byteOrderMark))
		if len(line) == 0 {
			continue
		}
		rec := Record{Raw: bytes.Clone(line)}
		if err := jsonraw.Check(line); err != nil {
			rec = Record{Raw: quote(string(line)), Check: "bad_json", Issue: fmt.Sprintf("line %d: %v", n, err)}
		}
		if err := fn(rec); err != nil {
			return err
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("read the page's lines: %w", err)
	}
	return nil
}

// readCSV reads CSV with a header line. Each row becomes an object of its columns, all strings.
// A row that does not fit the header is kept, with its issue.
func readCSV(r io.Reader, fn func(Record) error) error {
	br := bufio.NewReader(r)
	if bom, err := br.Peek(3); err == nil && bytes.Equal(bom, byteOrderMark) {
		if _, err := br.Discard(3); err != nil {
			return err
		}
	}
	cr := csv.NewReader(br)
	cr.FieldsPerRecord = -1
	cr.ReuseRecord = true
	header, err := cr.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the page's header line: %w", err)
	}
	keys := make([][]byte, len(header))
	for i, h := range header {
		keys[i] = append(quote(h), ':')
	}
	for {
		row, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *csv.ParseError
		rec := Record{}
		switch {
		case errors.As(err, &bad):
			rec = Record{Check: "bad_csv", Issue: fmt.Sprintf("line %d, column %d: %v", bad.Line, bad.Column, bad.Err)}
		case err != nil:
			return fmt.Errorf("read the page's rows: %w", err)
		case len(row) != len(keys):
			line, _ := cr.FieldPos(0)
			rec = Record{Check: "bad_csv", Issue: fmt.Sprintf("line %d: %d columns instead of %d", line, len(row), len(keys))}
		}
		rec.Raw = object(keys, row)
		if err := fn(rec); err != nil {
			return err
		}
	}
}

// object writes as many columns as have both a name and a value.
func object(keys [][]byte, row []string) []byte {
	b := []byte{'{'}
	for i := range min(len(keys), len(row)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, keys[i]...), quote(row[i])...)
	}
	return append(b, '}')
}
