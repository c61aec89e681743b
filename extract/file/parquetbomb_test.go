package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pqformat "github.com/parquet-go/parquet-go/format"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crafted is a Parquet file of one column and one row group, made page by page.
type crafted struct {
	kind       pqformat.Type
	repetition pqformat.FieldRepetitionType
	length     int32 // of values of fixed length
	codec      pqformat.CompressionCodec
	pages      []craftedPage
	rows       int64 // default: the values of the pages
	columns    int   // of the same content; default 1
	edit       func(*pqformat.FileMetaData)
}

type craftedPage struct {
	dictionary bool
	encoding   pqformat.Encoding
	n          int32
	body       []byte
	unpacked   int32 // as said; default: the body's size
}

func (c crafted) bytes(t testing.TB) []byte {
	t.Helper()
	out := []byte(parquetMagic)
	group := pqformat.RowGroup{NumRows: c.rows}
	schema := []pqformat.SchemaElement{{Name: "root", NumChildren: thrift.Null[int32]{V: int32(max(c.columns, 1)), Valid: true}}}
	for i := range max(c.columns, 1) {
		name := "email" + strings.Repeat("x", i)
		e := pqformat.SchemaElement{Name: name, Type: thrift.Null[pqformat.Type]{V: c.kind, Valid: true},
			RepetitionType: thrift.Null[pqformat.FieldRepetitionType]{V: c.repetition, Valid: true}}
		if c.length > 0 {
			e.TypeLength = thrift.Null[int32]{V: c.length, Valid: true}
		}
		schema = append(schema, e)
		m := pqformat.ColumnMetaData{Type: c.kind, PathInSchema: []string{name}, Codec: c.codec, DataPageOffset: int64(len(out))}
		for _, p := range c.pages {
			h := pqformat.PageHeader{CompressedPageSize: int32(len(p.body)), UncompressedPageSize: p.unpacked}
			if h.UncompressedPageSize == 0 {
				h.UncompressedPageSize = int32(len(p.body))
			}
			if p.dictionary {
				h.Type = pqformat.DictionaryPage
				h.DictionaryPageHeader = thrift.Null[pqformat.DictionaryPageHeader]{V: pqformat.DictionaryPageHeader{NumValues: p.n}, Valid: true}
			} else {
				h.DataPageHeader = thrift.Null[pqformat.DataPageHeader]{V: pqformat.DataPageHeader{NumValues: p.n, Encoding: p.encoding,
					DefinitionLevelEncoding: pqformat.RLE, RepetitionLevelEncoding: pqformat.RLE}, Valid: true}
				m.NumValues += int64(p.n)
			}
			header, err := thrift.Marshal(new(thrift.CompactProtocol), h)
			require.NoError(t, err)
			out = append(append(out, header...), p.body...)
		}
		m.TotalCompressedSize = int64(len(out)) - m.DataPageOffset
		if c.rows == 0 {
			group.NumRows = m.NumValues
		}
		group.Columns = append(group.Columns, pqformat.ColumnChunk{MetaData: m})
	}
	meta := pqformat.FileMetaData{Version: 1, Schema: schema, NumRows: group.NumRows, RowGroups: []pqformat.RowGroup{group}}
	if c.edit != nil {
		c.edit(&meta)
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), meta)
	require.NoError(t, err)
	return withFooter(out, footer)
}

func withFooter(data, footer []byte) []byte {
	data = append(data, footer...)
	return append(binary.LittleEndian.AppendUint32(data, uint32(len(footer))), parquetMagic...)
}

// run is so many equal values, as runs are written.
func run(n uint64, value ...byte) []byte { return append(binary.AppendUvarint(nil, n<<1), value...) }

// level puts the size in front of levels.
func level(run []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(run))), run...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var oneText = craftedPage{dictionary: true, n: 1, body: []byte("\x03\x00\x00\x00a@x")}

// TestParquetBombs opens small files that name, or unpack to, much: each ends in an error that says what is wrong and where, and in
// bounded memory. The bound is a 16th of the real one. It is not parallel: it counts what is allocated.
func TestParquetBombs(t *testing.T) {
	const most, huge, million = parquetMemory / 16, 1<<31 - 1, 1_000_000
	zeros := make([]byte, 2*most)
	packed := func(codec compress.Codec, plain []byte) []byte {
		out, err := codec.Encode(nil, plain)
		require.NoError(t, err)
		return out
	}
	one := func(c crafted, p ...craftedPage) crafted { c.pages = p; return c }
	text := crafted{kind: pqformat.ByteArray}
	zstd := crafted{kind: pqformat.ByteArray, codec: pqformat.Zstd}
	lengths := func(first int32, rest int32) []byte {
		all := make([]int32, 100_000)
		for i := range all {
			all[i] = rest
		}
		all[0] = first
		out, err := parquet.DeltaBinaryPacked.EncodeInt32(nil, all)
		require.NoError(t, err)
		return out
	}
	const tooLarge = "write the file with smaller row groups or pages, or as CSV"
	const lies = "a page unpacks to more than its header says"
	chunk := func(edit func(m *pqformat.ColumnMetaData)) crafted {
		c := one(text, oneText, craftedPage{encoding: pqformat.RLEDictionary, n: 1, body: join([]byte{1}, run(1, 0))})
		c.edit = func(m *pqformat.FileMetaData) { edit(&m.RowGroups[0].Columns[0].MetaData) }
		return c
	}
	deltas := func(n uint64) []byte {
		return join(binary.AppendUvarint(nil, 128), []byte{4}, binary.AppendUvarint(nil, n), make([]byte, 100))
	}
	footer := func(b ...byte) []byte { return withFooter([]byte(parquetMagic), b) }
	schema := func(children, elements int32) crafted {
		c := one(text, oneText)
		c.edit = func(m *pqformat.FileMetaData) {
			m.Schema = make([]pqformat.SchemaElement, elements)
			for i := range m.Schema {
				m.Schema[i] = pqformat.SchemaElement{Name: "g", NumChildren: thrift.Null[int32]{V: children, Valid: true}}
			}
		}
		return c
	}
	cases := []struct {
		name, want string
		file       []byte
	}{
		{"a page said to be of 2 GB", tooLarge, one(zstd, craftedPage{n: 1, unpacked: huge, body: packed(&parquet.Zstd, zeros[:100])}).bytes(t)},
		{"a page of zstd that unpacks to gigabytes", tooLarge, one(zstd, craftedPage{n: 1, unpacked: 2 * most, body: packed(&parquet.Zstd, zeros)}).bytes(t)},
		{"a page of zstd that says otherwise", lies, one(zstd, craftedPage{n: 1, unpacked: 100, body: packed(&parquet.Zstd, zeros)}).bytes(t)},
		{"a page of gzip that says otherwise", lies, one(crafted{codec: pqformat.Gzip}, craftedPage{n: 1, unpacked: 100, body: packed(&parquet.Gzip, zeros)}).bytes(t)},
		{"a page of brotli that says otherwise", lies, one(crafted{codec: pqformat.Brotli}, craftedPage{n: 1, unpacked: 100, body: packed(&parquet.Brotli, zeros)}).bytes(t)},
		{"a page of snappy that says otherwise", lies, one(crafted{codec: pqformat.Snappy}, craftedPage{n: 1, unpacked: 100, body: packed(&parquet.Snappy, zeros)}).bytes(t)},
		{"a page of snappy that is but a number", "corrupt", one(crafted{codec: pqformat.Snappy}, craftedPage{n: 1, unpacked: 1 << 20, body: []byte("\x80\x80\x04")}).bytes(t)},
		{"a page of lz4 that says otherwise", lies, one(crafted{codec: pqformat.Lz4Raw}, craftedPage{n: 1, unpacked: 100, body: packed(&parquet.Lz4Raw, zeros)}).bytes(t)},
		{"a run of thousand million equal values", tooLarge, one(text, oneText, craftedPage{encoding: pqformat.RLEDictionary, n: 1e9, body: join([]byte{1}, run(1e9, 0))}).bytes(t)},
		{"a run longer than its page", tooLarge, one(text, oneText, craftedPage{encoding: pqformat.RLEDictionary, n: 1, body: join([]byte{1}, run(2e9, 0))}).bytes(t)},
		{"packed values of no bits", tooLarge, one(text, oneText, craftedPage{encoding: pqformat.RLEDictionary, n: 1, body: join([]byte{0}, binary.AppendUvarint(nil, 1e9<<1|1))}).bytes(t)},
		{"thousand million nulls", tooLarge, one(crafted{kind: pqformat.ByteArray, repetition: pqformat.Optional}, craftedPage{n: 1e9, body: level(run(1e9, 0))}).bytes(t)},
		{"levels beyond the page's values", tooLarge, one(crafted{kind: pqformat.ByteArray, repetition: pqformat.Optional}, craftedPage{n: 1, body: level(run(2e9, 0))}).bytes(t)},
		{"a list of thousand million values", tooLarge, one(crafted{kind: pqformat.ByteArray, repetition: pqformat.Repeated, rows: 1}, oneText,
			craftedPage{encoding: pqformat.RLEDictionary, n: 1e9, body: join(level(run(1e9, 1)), level(run(1e9, 1)), []byte{1}, run(1e9, 0))}).bytes(t)},
		{"a run of thousand million booleans", tooLarge, one(crafted{kind: pqformat.Boolean}, craftedPage{encoding: pqformat.RLE, n: 1e9, body: level(run(1e9, 1))}).bytes(t)},
		{"thousand million numbers without a difference", tooLarge, one(crafted{kind: pqformat.Int64}, craftedPage{encoding: pqformat.DeltaBinaryPacked, n: 1, body: deltas(1e9)}).bytes(t)},
		{"the lengths of thousand million texts", tooLarge, one(text, craftedPage{encoding: pqformat.DeltaLengthByteArray, n: 1, body: deltas(1e9)}).bytes(t)},
		{"texts that repeat a long one", tooLarge, one(text, craftedPage{encoding: pqformat.DeltaByteArray, n: 100_000, body: join(lengths(0, 4096), lengths(4096, 0), zeros[:4096])}).bytes(t)},
		{"more texts than are said", "a page with more values than it says", one(zstd, craftedPage{n: 1, unpacked: most / 4, body: packed(&parquet.Zstd, zeros[:most/4])}).bytes(t)},
		{"a dictionary said to be of 2 GB", tooLarge, one(zstd, craftedPage{dictionary: true, n: 1, unpacked: huge, body: packed(&parquet.Zstd, zeros[:100])}, craftedPage{n: 1}).bytes(t)},
		{"a dictionary of 2 thousand million texts", tooLarge, one(text, craftedPage{dictionary: true, n: 2e9, body: oneText.body}, craftedPage{n: 1}).bytes(t)},
		{"a dictionary of long values", tooLarge, one(crafted{kind: pqformat.FixedLenByteArray, length: 30_000}, craftedPage{dictionary: true, n: million, body: zeros[:100]}, craftedPage{n: 1}).bytes(t)},
		{"a page without its dictionary", "without its dictionary", one(text, craftedPage{encoding: pqformat.RLEDictionary, n: 1, body: []byte{1, 2, 0}}).bytes(t)},
		{"many columns of a large page", tooLarge, one(crafted{kind: pqformat.Int64, codec: pqformat.Zstd, columns: 40}, craftedPage{n: million / 8, unpacked: million, body: packed(&parquet.Zstd, zeros[:million])}).bytes(t)},
		{"more rows than values", "fewer values than the row group has rows", one(crafted{kind: pqformat.Int64, rows: 1e9}, craftedPage{n: 1, body: zeros[:8]}).bytes(t)},
		{"more values than rows", "values more than the row group has rows", one(crafted{kind: pqformat.Int64, rows: 1}, craftedPage{n: 2, body: zeros[:16]}).bytes(t)},
		{"values that the footer has and the pages have not", "999999999 values less than the file says", func() []byte {
			c := chunk(func(m *pqformat.ColumnMetaData) { m.NumValues = 1e9 })
			c.rows = 1e9
			return c.bytes(t)
		}()},
		{"columns behind the file's end", "the file's data end at byte", chunk(func(m *pqformat.ColumnMetaData) { m.TotalCompressedSize = 1 << 62 }).bytes(t)},
		{"columns before the file's beginning", "the file's data end at byte", chunk(func(m *pqformat.ColumnMetaData) { m.DataPageOffset = -1 << 62 }).bytes(t)},
		{"columns in the same place", "are said to lie in the same place", func() []byte {
			c := one(crafted{kind: pqformat.Int64, columns: 2}, craftedPage{n: 1, body: zeros[:8]})
			c.edit = func(m *pqformat.FileMetaData) {
				m.RowGroups[0].Columns[1].MetaData.DataPageOffset = m.RowGroups[0].Columns[0].MetaData.DataPageOffset
			}
			return c.bytes(t)
		}()},
		{"a row group without its columns", "has 0 columns, the schema 1", func() []byte {
			c := one(text, oneText)
			c.edit = func(m *pqformat.FileMetaData) { m.RowGroups[0].NumRows, m.RowGroups[0].Columns = 1e9, nil }
			return c.bytes(t)
		}()},
		{"a schema of thousand million columns", "a group of 1000000000 columns", schema(1e9, 2).bytes(t)},
		{"groups in groups", "more than 100 deep", schema(1, 200).bytes(t)},
		{"a footer longer than the file", "does not fit into the file", append(binary.LittleEndian.AppendUint32([]byte(parquetMagic), huge), parquetMagic...)},
		{"a footer of thousand million row groups", "a list of 1000000000 elements", footer(append(binary.AppendUvarint([]byte{0x49, 0xFC}, 1e9), 0)...)},
		{"a footer of many empty row groups", "fewer and larger row groups", footer(join(binary.AppendUvarint([]byte{0x49, 0xFC}, million), zeros[:million])...)},
		{"a footer of structures in structures", "more than 100 deep", footer(bytes.Repeat([]byte{0x1C}, million)...)},
		{"a footer with a text of 2 GB", "unexpected EOF", footer(binary.AppendUvarint([]byte{0x68}, huge)...)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Less(t, len(c.file), 4<<20, "the bomb is small")
			tab, rows, allocated, err := readCrafted(t, c.file, most)
			require.ErrorContains(t, err, c.want)
			assert.NotErrorIs(t, err, io.EOF)
			assert.LessOrEqual(t, rows, 1)
			assert.Less(t, allocated, uint64(most+most/2))
			if tab != nil {
				require.NoError(t, tab.Close())
			}
		})
	}
}

// readCrafted reads a file to its end, or the first error, and gives what that allocates.
func readCrafted(t *testing.T, data []byte, most int64) (tab *parquetTable, rows int, allocated uint64, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.parquet")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tab, err = openParquet(f, most)
	if err != nil {
		require.NoError(t, f.Close())
	}
	for err == nil {
		if _, err = tab.next(); err == nil {
			rows++
		}
	}
	runtime.ReadMemStats(&after)
	if errors.Is(err, io.EOF) && tab != nil {
		require.NoError(t, tab.Close())
		tab, err = nil, nil
	}
	return tab, rows, after.TotalAlloc - before.TotalAlloc, err
}

// TestParquetRowsBeyondTheirBound has rows that hold more than a row may, in a list or in one text: they are set aside, as long lines
// are, and the rows around them are read.
func TestParquetRowsBeyondTheirBound(t *testing.T) {
	run32 := func(n uint64, index byte) []byte { return join([]byte{1}, run(n, index)) }
	list := func(n int32, first, others byte) craftedPage { // of the one value, n times
		return craftedPage{encoding: pqformat.RLEDictionary, n: n,
			body: join(level(join(run(1, first), run(uint64(n-1), others))), level(run(uint64(n), 1)), run32(uint64(n), 0))}
	}
	pages := []craftedPage{oneText, list(2, 0, 0), list(100_000, 0, 1)}
	for range 99 {
		pages = append(pages, list(100_000, 1, 1)) // goes on with the row of the page before
	}
	c := crafted{kind: pqformat.ByteArray, repetition: pqformat.Repeated, rows: 5, pages: append(pages, list(2, 0, 0))}
	_, rows, allocated, err := readCrafted(t, c.bytes(t), parquetMemory)
	require.NoError(t, err)
	assert.Equal(t, 5, rows)
	assert.Less(t, allocated, uint64(parquetMemory), "for a list of ten million values")

	var buf bytes.Buffer
	type person struct {
		Email string   `parquet:"email"`
		Notes []string `parquet:"notes"`
	}
	long := strings.Repeat("x", maxRecord+1)
	require.NoError(t, parquet.Write(&buf, []person{{Email: "a@x"}, {Email: "b@x", Notes: []string{long}}, {Email: "c@x", Notes: []string{"d", "e"}}, {Email: long}, {Email: "f@x"}}))
	tab, err := openParquetBytes(t, buf.Bytes())
	require.NoError(t, err)
	why := "! the row's values take more than 4 MiB"
	assert.Equal(t, []string{"1: email=a@x", "2: " + why, "3: email=c@x notes=d;e", "4: " + why, "5: email=f@x"}, readAll(t, tab))
	require.NoError(t, tab.Close())
}

// TestParquetOfEachWriting reads what the library writes, in each packing and encoding: bounds cost no honest file.
func TestParquetOfEachWriting(t *testing.T) {
	t.Parallel()
	type person struct {
		Plain  string   `parquet:"plain,plain"`
		Dict   *string  `parquet:"dict,optional,dict"`
		Length string   `parquet:"length,delta"`
		Delta  int64    `parquet:"delta,delta"`
		Split  float64  `parquet:"split,split"`
		Yes    bool     `parquet:"yes"`
		Fixed  [16]byte `parquet:"fixed,uuid"`
		Nested []struct {
			Tags []string `parquet:"tags,list"`
		} `parquet:"nested"`
	}
	const n = 5_000
	people := make([]person, n)
	team := "a team"
	for i := range people {
		p := person{Plain: fmt.Sprintf("p%d@x", i%97), Length: fmt.Sprintf("text %d", i), Delta: int64(i*i) - 7, Split: float64(i) / 4, Yes: i%3 == 0}
		p.Fixed[15] = byte(i)
		if i%5 > 0 {
			p.Dict = &team
		}
		for j := range i % 4 {
			p.Nested = append(p.Nested, struct {
				Tags []string `parquet:"tags,list"`
			}{Tags: []string{"t", fmt.Sprint(j)}})
		}
		people[i] = p
	}
	var want []string
	for version := 1; version <= 2; version++ {
		for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Brotli, &parquet.Zstd, &parquet.Lz4Raw} {
			var buf bytes.Buffer
			w := parquet.NewGenericWriter[person](&buf, parquet.Compression(codec), parquet.DataPageVersion(version), parquet.PageBufferSize(4<<10), parquet.MaxRowsPerRowGroup(2_000))
			_, err := w.Write(people)
			require.NoError(t, err)
			require.NoError(t, w.Close())
			tab, err := openParquetBytes(t, buf.Bytes())
			require.NoError(t, err)
			got := readAll(t, tab)
			require.Zero(t, tab.budget.held-int64(cap(tab.packed)+cap(tab.plain)), "what was held is given back")
			require.NoError(t, tab.Close())
			if want == nil {
				want = got
				require.Len(t, got, n)
				assert.Equal(t, "7: plain=p6@x dict=a team length=text 6 delta=29 split=1.5 yes=true fixed=00000000-0000-0000-0000-000000000006 nested.tags=t;0;t;1", got[6])
			}
			require.Equal(t, want, got, "%s, pages of version %d", codec, version)
		}
	}
}
