package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	parquetMagic  = "PAR1"
	parquetTail   = 8 // the footer's length in four bytes, and the magic number
	longestFooter = 1 << 30
)

// readFooter reads the footer of a Parquet file, and where it starts.
func readFooter(f *os.File) (*format.FileMetaData, int64, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	tail := make([]byte, parquetTail)
	if _, err := f.ReadAt(tail, info.Size()-parquetTail); err != nil {
		return nil, 0, fmt.Errorf("read the end of the file: %w", err)
	}
	length := int64(binary.LittleEndian.Uint32(tail))
	at := info.Size() - parquetTail - length
	if string(tail[4:]) != parquetMagic || at < int64(len(parquetMagic)) || length > longestFooter {
		return nil, 0, errors.New("not a Parquet file")
	}
	footer, err := footerAt(f, span{Offset: at, Length: length})
	return footer, at, err
}

func footerAt(f io.ReaderAt, at span) (*format.FileMetaData, error) {
	data, err := bytesAt(f, at)
	if err != nil {
		return nil, err
	}
	footer := new(format.FileMetaData)
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), data, footer); err != nil {
		return nil, fmt.Errorf("read the footer: %w", err)
	}
	return footer, nil
}

func bytesAt(f io.ReaderAt, at span) ([]byte, error) {
	data := make([]byte, at.Length)
	_, err := f.ReadAt(data, at.Offset)
	return data, err
}

// writeFooter ends a Parquet file, and says where the footer is.
func writeFooter(w *stretchWriter, footer *format.FileMetaData) (span, error) {
	data, err := thrift.Marshal(new(thrift.CompactProtocol), footer)
	if err != nil {
		return span{}, fmt.Errorf("write the footer: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return span{}, err
	}
	at := w.end()
	_, err = w.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(data))), parquetMagic...))
	return at, err
}

// groupsIn lists the row groups that begin in a stretch of the file, and counts their rows.
func groupsIn(footer *format.FileMetaData, s span) (groups []format.RowGroup, rows int64) {
	for _, g := range footer.RowGroups {
		if g.FileOffset >= s.Offset && g.FileOffset < s.Offset+s.Length {
			groups, rows = append(groups, g), rows+g.NumRows
		}
	}
	return groups, rows
}

// shifted is a row group at another place of a file.
func shifted(g format.RowGroup, by int64, ordinal int) format.RowGroup {
	g.FileOffset += by
	g.Ordinal = int16(min(ordinal, 1<<15-1))
	g.Columns = slices.Clone(g.Columns)
	for i := range g.Columns {
		m := &g.Columns[i].MetaData
		m.DataPageOffset += by
		if m.DictionaryPageOffset > 0 {
			m.DictionaryPageOffset += by
		}
	}
	return g
}
