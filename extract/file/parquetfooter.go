package file

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pqformat "github.com/parquet-go/parquet-go/format"
)

// parquetMemory bounds what a Parquet file can make the reader hold, in bytes: its footer, and the pages and dictionaries of all
// columns that are open at once. Sizes are reckoned before anything is held: a few bytes can name gigabytes, or unpack to them.
// Writers end a page at 1 MiB, or, as DuckDB does, at 100 MB at most.
const parquetMemory = 512 << 20

const parquetMagic = "PAR1"

// tooMuch is an error about a file that would take more memory than it may.
type tooMuch struct{ text string }

func (e tooMuch) Error() string { return e.text }

// parquetFooter is what a Parquet file says of itself, checked against the file.
type parquetFooter struct {
	groups  []pqformat.RowGroup // those with rows
	numbers []int               // of these groups in the file, from 1
	// lib is a file of the same schema with one row group, of whose column chunks the library reads what pageSource gives it.
	lib *parquet.File
}

// openFooter reads a file's footer.
func openFooter(file io.ReaderAt, length, most int64) (*parquetFooter, error) {
	meta, start, err := readFooter(file, length, most)
	if err != nil {
		return nil, err
	}
	leaves, err := checkSchema(meta.Schema)
	if err != nil {
		return nil, err
	}
	f := &parquetFooter{}
	for i, group := range meta.RowGroups {
		if group.NumRows == 0 { // as pandas writes one for an empty frame; it has no pages to read
			continue
		}
		if len(group.Columns) != leaves {
			return nil, fmt.Errorf("row group %d has %d columns, the schema %d", i+1, len(group.Columns), leaves)
		}
		f.groups, f.numbers = append(f.groups, group), append(f.numbers, i+1)
	}
	if err := f.checkChunks(start); err != nil {
		return nil, err
	}
	f.lib, err = openSchema(meta.Schema, leaves)
	return f, err
}

// readFooter gives what stands at a file's end, and where it begins.
func readFooter(file io.ReaderAt, length, most int64) (*pqformat.FileMetaData, int64, error) {
	const frame = int64(len(parquetMagic) + 4) // behind the footer: its size, and the magic word
	var head, tail [frame]byte
	if length < frame+int64(len(parquetMagic)) {
		return nil, 0, errors.New("it is cut short")
	}
	if err := readAll8(file, &head, 0); err != nil {
		return nil, 0, err
	}
	if err := readAll8(file, &tail, length-frame); err != nil {
		return nil, 0, err
	}
	for _, magic := range [2]string{string(head[:4]), string(tail[4:])} {
		switch magic {
		case parquetMagic:
		case "PARE":
			return nil, 0, errors.New("it is encrypted")
		default:
			return nil, 0, fmt.Errorf("it begins or ends with %q, not with %s: it is cut short, or no Parquet file", magic, parquetMagic)
		}
	}
	footer := int64(binary.LittleEndian.Uint32(tail[:]))
	start := length - frame - footer
	if start < int64(len(parquetMagic)) {
		return nil, 0, fmt.Errorf("its footer of %d bytes does not fit into the file's %d", footer, length)
	}
	s := skimmer{r: bufio.NewReader(io.NewSectionReader(file, start, footer)), left: footer, most: most}
	meta := new(pqformat.FileMetaData)
	if err := s.decode(meta); err != nil {
		var much tooMuch
		if errors.As(err, &much) {
			return nil, 0, tooMuch{fmt.Sprintf("its footer takes more than %s of memory; write it with fewer and larger row groups, or as CSV", size(int(most)))}
		}
		return nil, 0, fmt.Errorf("its footer can't be read: %w", err)
	}
	if s.left > 0 {
		return nil, 0, fmt.Errorf("its footer has %d bytes too many; if it is signed or encrypted, write it plain", s.left)
	}
	return meta, start, nil
}

func readAll8(file io.ReaderAt, into *[8]byte, at int64) error {
	if n, err := file.ReadAt(into[:], at); n < len(into) {
		return noEOF(err)
	}
	return nil
}

// checkSchema counts a schema's columns, and holds that its groups are what they say.
func checkSchema(schema []pqformat.SchemaElement) (leaves int, err error) {
	const perColumn = 4 // a list has three elements
	if len(schema) > perColumn*maxNames {
		return 0, fmt.Errorf("its schema has %d columns and groups, more than %d", len(schema), perColumn*maxNames)
	}
	var open []int32 // children to come of the groups around an element
	for i, e := range schema {
		if i > 0 && len(open) == 0 {
			return 0, errors.New("its schema has columns that belong to no group")
		}
		if n := len(open); n > 0 {
			open[n-1]--
		}
		switch n := e.NumChildren.V; {
		case n < 0 || int(n) >= len(schema):
			return 0, fmt.Errorf("its schema has a group of %d columns", n)
		case n > 0:
			open = append(open, n)
		case e.Type.Valid:
			leaves++
		}
		if len(open) > maxDepth {
			return 0, fmt.Errorf("its columns lie more than %d deep in each other", maxDepth)
		}
		for len(open) > 0 && open[len(open)-1] == 0 {
			open = open[:len(open)-1]
		}
	}
	switch {
	case len(open) > 0 || len(schema) == 0:
		return 0, errors.New("its schema is cut short")
	case leaves > maxNames:
		return 0, fmt.Errorf("it has %d columns, more than %d", leaves, maxNames)
	}
	return leaves, nil
}

// checkChunks holds that each column's part of each row group lies in front of the footer, and has it for itself.
func (f *parquetFooter) checkChunks(end int64) error {
	type chunk struct {
		from, to int64
		name     string
	}
	var all []chunk
	for i, g := range f.groups {
		for j := range g.Columns {
			c, name := &g.Columns[j], columnIn(f.numbers[i], g.Columns[j].MetaData.PathInSchema)
			from, size := chunkRange(&c.MetaData)
			switch {
			case c.FilePath != "":
				return fmt.Errorf("%s lies in a file of its own, %s; read that one", name, quoteShort(c.FilePath))
			case c.CryptoMetadata.Value != nil || len(c.EncryptedColumnMetadata) > 0:
				return fmt.Errorf("%s is encrypted", name)
			case from < int64(len(parquetMagic)) || size < 0 || from > end || size > end-from:
				return fmt.Errorf("%s is said to be %d bytes at byte %d, and the file's data end at byte %d", name, size, from, end)
			}
			all = append(all, chunk{from, from + size, name})
		}
	}
	slices.SortFunc(all, func(a, b chunk) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	for i := 1; i < len(all); i++ {
		if all[i].from < all[i-1].to {
			return fmt.Errorf("%s and %s are said to lie in the same place", all[i-1].name, all[i].name)
		}
	}
	return nil
}

// chunkRange is where a column's pages begin, its dictionary first, and how many bytes they take.
func chunkRange(m *pqformat.ColumnMetaData) (from, size int64) {
	from = m.DataPageOffset
	if d := m.DictionaryPageOffset; d > 0 && d < from {
		from = d
	}
	return from, m.TotalCompressedSize
}

func columnIn(group int, path []string) string {
	return fmt.Sprintf("row group %d, column %s", group, quoteShort(strings.Join(path, ".")))
}

// openSchema gives the library a file of a schema and one row group of plain chunks without an end.
func openSchema(schema []pqformat.SchemaElement, leaves int) (*parquet.File, error) {
	group := pqformat.RowGroup{NumRows: 1, Columns: make([]pqformat.ColumnChunk, leaves)}
	for i := range group.Columns {
		group.Columns[i].MetaData.TotalCompressedSize = 1 << 62
	}
	meta := pqformat.FileMetaData{Version: 1, Schema: schema, RowGroups: []pqformat.RowGroup{group}}
	encoded, err := thrift.Marshal(new(thrift.CompactProtocol), meta)
	if err != nil {
		return nil, err
	}
	data := append([]byte(parquetMagic), encoded...)
	data = append(binary.LittleEndian.AppendUint32(data, uint32(len(encoded))), parquetMagic...)
	return parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
}

// skimmer takes a structure in Thrift's compact protocol off a stream, and reckons what it takes decoded before the library decodes
// it: that one makes room for as many elements as a list is said to have, and follows structures as deep as they go.
type skimmer struct {
	r     io.ByteReader
	left  int64  // bytes that may be read
	most  int64  // bytes that it may take
	bytes []byte // read so far
}

const (
	skimElement = 16   // a number or string in a list
	skimStruct  = 1024 // a structure in a list: a column of a row group takes 560 bytes
	skimSmall   = 128  // one in a list in such a list, as statistics are
	skimByte    = 3    // kept here, by the library, and as a string
)

// decode reads the structure into v.
func (s *skimmer) decode(v any) error {
	if err := s.structure(0, 0); err != nil {
		return noEOF(err)
	}
	return thrift.Unmarshal(new(thrift.CompactProtocol), s.bytes, v)
}

func (s *skimmer) ReadByte() (byte, error) {
	if s.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	if err := s.take(skimByte); err != nil {
		return 0, err
	}
	b, err := s.r.ReadByte()
	if err == nil {
		s.bytes = append(s.bytes, b)
		s.left--
	}
	return b, err
}

func (s *skimmer) take(n int64) error {
	if s.most -= n; s.most < 0 {
		return tooMuch{"a structure takes too much memory"}
	}
	return nil
}

func (s *skimmer) skip(n uint64) error {
	if n > uint64(s.left) {
		return io.ErrUnexpectedEOF
	}
	for range n {
		if _, err := s.ReadByte(); err != nil {
			return err
		}
	}
	return nil
}

func (s *skimmer) structure(depth, lists int) error {
	if depth > maxDepth {
		return fmt.Errorf("structures lie more than %d deep in each other", maxDepth)
	}
	for {
		b, err := s.ReadByte()
		if err != nil || b == 0 {
			return err
		}
		if b>>4 == 0 { // the field's number follows
			if _, err := binary.ReadUvarint(s); err != nil {
				return err
			}
		}
		if kind := b & 0xf; kind != 1 && kind != 2 { // true and false have no more bytes
			if err := s.value(kind, depth, lists); err != nil {
				return err
			}
		}
	}
}

func (s *skimmer) value(kind byte, depth, lists int) error {
	switch kind {
	case 1, 2, 3:
		return s.skip(1)
	case 4, 5, 6:
		_, err := binary.ReadUvarint(s)
		return err
	case 7:
		return s.skip(8)
	case 8:
		n, err := binary.ReadUvarint(s)
		if err != nil {
			return err
		}
		return s.skip(n)
	case 9, 10:
		return s.list(depth, lists+1)
	case 12:
		return s.structure(depth+1, lists)
	}
	return fmt.Errorf("a value of the unknown kind %d", kind)
}

func (s *skimmer) list(depth, lists int) error {
	b, err := s.ReadByte()
	if err != nil {
		return err
	}
	n, kind := uint64(b>>4), b&0xf
	if n == 0xf {
		if n, err = binary.ReadUvarint(s); err != nil {
			return err
		}
	}
	if n > uint64(s.left) { // each takes a byte at least
		return fmt.Errorf("a list of %d elements where %d bytes are left", n, s.left)
	}
	each := int64(skimElement)
	switch {
	case kind == 12 && lists > 2:
		each = skimSmall
	case kind == 12:
		each = skimStruct
	}
	for range n {
		if err := s.take(each); err != nil {
			return err
		}
		if err := s.value(kind, depth+1, lists); err != nil {
			return err
		}
	}
	return nil
}
