package file

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pqformat "github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// maxPageHeader bounds a page's header, which can hold its smallest and largest value, in bytes.
const maxPageHeader = 16 << 20

// pageBudget is what the pages of all columns together hold, in bytes.
type pageBudget struct{ held, most int64 }

// pageBuffers are where a page passes through on its way to the library. All columns share them, as only one is read at a time.
type pageBuffers struct {
	budget *pageBudget
	packed []byte // as it stands in the file
	plain  []byte
}

// pageSource is the pages of one column of a row group, unpacked. The library takes what it reads from here for a file: it gets each
// page only after what the page takes, unpacked and decoded, was reckoned and found bearable.
type pageSource struct {
	column *parquet.Column
	codec  pqformat.CompressionCodec
	in     *bufio.Reader
	left   int64 // bytes of the chunk
	at     int64
	*pageBuffers

	header, body []byte // of the current page, as far as the library did not take them
	dictionary   bool   // was read
	values       int64  // of the current page, nulls among them
	page, dict   int64  // bytes that the current page and the dictionary take
	err          error
}

func newPageSource(file io.ReaderAt, column *parquet.Column, meta *pqformat.ColumnMetaData, b *pageBuffers) *pageSource {
	from, size := chunkRange(meta)
	return &pageSource{column: column, codec: meta.Codec, in: bufio.NewReader(io.NewSectionReader(file, from, size)), left: size, pageBuffers: b}
}

// ReadAt gives what comes next; the library reads from front to back. It gives no byte of a page before those of the page before are
// taken, and less than is asked for rather than of two pages.
func (s *pageSource) ReadAt(p []byte, at int64) (int, error) {
	if at != s.at {
		return 0, fmt.Errorf("byte %d of a column was asked for out of turn", at)
	}
	if len(s.header)+len(s.body) == 0 && s.err == nil {
		s.err = s.load()
	}
	if s.err != nil {
		return 0, s.err
	}
	from := &s.header
	if len(*from) == 0 {
		from = &s.body
	}
	n := copy(p, *from)
	*from = (*from)[n:]
	s.at += int64(n)
	return n, nil
}

// hold reckons that the column's pages take so many bytes more.
func (s *pageSource) hold(n int64) error {
	b := s.budget
	if b.held += n; b.held <= b.most {
		return nil
	}
	return tooMuch{fmt.Sprintf("to read its next page, %s of memory are needed for the pages of all columns, more than %s; write the file with smaller row groups or pages, or as CSV",
		size(int(b.held)), size(int(b.most)))}
}

// release tells that so many bytes are no longer held.
func (s *pageSource) release(n int64) { s.budget.held -= n }

// load reads the next page; io.EOF behind the last.
func (s *pageSource) load() error {
	if s.left == 0 {
		return io.EOF
	}
	head := skimmer{r: s.in, left: s.left, most: maxPageHeader * skimByte}
	var h pqformat.PageHeader
	if err := head.decode(&h); errors.As(err, new(tooMuch)) {
		return tooMuch{fmt.Sprintf("a page's header is longer than %s; write the file without statistics, or as CSV", size(maxPageHeader))}
	} else if err != nil {
		return fmt.Errorf("a page's header: %w", err)
	}
	s.left -= int64(len(head.bytes))
	packed, plain := int64(h.CompressedPageSize), int64(h.UncompressedPageSize)
	switch {
	case packed < 0 || plain < 0:
		return fmt.Errorf("a page of %d bytes that unpacks to %d", packed, plain)
	case packed > s.left:
		return fmt.Errorf("a page of %d bytes where %d are left", packed, s.left)
	}
	s.left -= packed
	// The buffers stay; the library holds a copy of the page.
	levels, unpacked, err := s.inFront(&h)
	if err != nil {
		return err
	}
	grown := max(packed-int64(cap(s.packed)), 0)
	if !unpacked {
		grown += max(levels+plain-int64(cap(s.plain)), 0)
	}
	if err := s.hold(grown + plain); err != nil {
		return err
	}
	if s.body, err = s.unpack(&h, levels, unpacked); err != nil {
		return err
	}
	var decoded int64
	switch h.Type {
	case pqformat.DataPage, pqformat.DataPageV2:
		decoded, err = s.decodedPage(&h)
	case pqformat.DictionaryPage:
		decoded, err = s.decodedDictionary(&h)
	default:
		err = fmt.Errorf("a page of kind %s", h.Type)
	}
	if err != nil {
		return err
	}
	if err := s.hold(decoded); err != nil {
		return err
	}
	if h.Type == pqformat.DictionaryPage {
		s.dictionary, s.dict = true, plain+decoded
	} else {
		s.page = plain + decoded
	}
	h.CompressedPageSize, h.UncompressedPageSize, h.CRC = int32(len(s.body)), int32(len(s.body)), 0
	s.header, err = thrift.Marshal(new(thrift.CompactProtocol), h)
	return err
}

// inFront is how many bytes of levels stand, unpacked, in front of what is packed of a page of the second version; unpacked tells that
// all of a page is.
func (s *pageSource) inFront(h *pqformat.PageHeader) (levels int64, unpacked bool, err error) {
	unpacked = s.codec == pqformat.Uncompressed
	if v2 := &h.DataPageHeaderV2; h.Type == pqformat.DataPageV2 && v2.Valid {
		r, d := int64(v2.V.RepetitionLevelsByteLength), int64(v2.V.DefinitionLevelsByteLength)
		if r < 0 || d < 0 || r+d > int64(h.CompressedPageSize) {
			return 0, false, fmt.Errorf("levels of %d and %d bytes in a page of %d", r, d, h.CompressedPageSize)
		}
		levels, unpacked = r+d, unpacked || v2.V.IsCompressed.Valid && !v2.V.IsCompressed.V
	}
	return levels, unpacked, nil
}

// unpack reads a page's body. A page must not unpack to more than its header says; that it unpacks to less is known of some writers.
func (s *pageSource) unpack(h *pqformat.PageHeader, levels int64, unpacked bool) ([]byte, error) {
	s.packed = room(s.packed, int(h.CompressedPageSize))
	if _, err := io.ReadFull(s.in, s.packed); err != nil {
		return nil, noEOF(err)
	}
	if h.CRC != 0 && uint32(h.CRC) != crc32.ChecksumIEEE(s.packed) {
		return nil, errors.New("a page's checksum does not fit its bytes")
	}
	if unpacked {
		return s.packed, nil
	}
	s.plain = room(s.plain, int(levels)+int(h.UncompressedPageSize))
	copy(s.plain, s.packed[:levels])
	n, err := unpack(s.codec, s.plain[levels:], s.packed[levels:])
	return s.plain[:int(levels)+n], err
}

// room is a buffer of so many bytes, where it can be the one given.
func room(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

var errUnpacksToMore = errors.New("a page unpacks to more than its header says")

// zstdDecoder unpacks whole pages, into the room that it is given.
var zstdDecoder, zstdErr = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))

// unpack unpacks a page, and never takes more room for it than is given.
func unpack(codec pqformat.CompressionCodec, into, packed []byte) (int, error) {
	if len(packed) == 0 {
		return 0, nil // of nulls alone
	}
	switch codec {
	case pqformat.Snappy:
		n, err := snappy.DecodedLen(packed)
		if err != nil {
			return 0, err
		}
		if n > len(into) {
			return 0, errUnpacksToMore
		}
		_, err = snappy.Decode(into, packed)
		return n, err
	case pqformat.Lz4Raw:
		n, err := lz4.UncompressBlock(packed, into)
		if err != nil {
			err = fmt.Errorf("%w, or is damaged", errUnpacksToMore) // the package does not tell which
		}
		return n, err
	case pqformat.Zstd:
		if zstdErr != nil {
			return 0, zstdErr
		}
		out, err := zstdDecoder.DecodeAll(packed, into[:0:len(into)])
		if errors.Is(err, zstd.ErrDecoderSizeExceeded) {
			err = errUnpacksToMore
		}
		return len(out), err
	case pqformat.Gzip:
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return 0, err
		}
		return readInto(z, into)
	case pqformat.Brotli:
		return readInto(brotli.NewReader(bytes.NewReader(packed)), into)
	}
	return 0, fmt.Errorf("pages packed with %s, which is not read; write the file with zstd or snappy", codec)
}

// readInto reads a stream to its end, which must not lie behind the room for it.
func readInto(r io.Reader, into []byte) (int, error) {
	var more [1]byte
	for n := 0; ; {
		rest := into[n:]
		if len(rest) == 0 {
			rest = more[:]
		}
		m, err := r.Read(rest)
		switch {
		case m > 0 && n == len(into):
			return n, errUnpacksToMore
		case errors.Is(err, io.EOF):
			return n + m, nil
		case err != nil:
			return n, err
		}
		n += m
	}
}
