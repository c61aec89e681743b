package file

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pqformat "github.com/parquet-go/parquet-go/format"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func ms(year int, month time.Month, day, hour int) int64 {
	return time.Date(year, month, day, hour, 0, 0, 0, time.UTC).UnixMilli()
}

func openParquetBytes(t *testing.T, data []byte) (*parquetTable, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.parquet")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	tab, err := openParquet(f, parquetMemory)
	if err != nil {
		require.NoError(t, f.Close())
	}
	return tab, err
}

// TestParquetWithEmptyRowGroups: pandas writes a group without rows for an empty frame.
func TestParquetWithEmptyRowGroups(t *testing.T) {
	t.Parallel()
	type person struct {
		Email string `parquet:"email"`
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[person](&out)
	for _, p := range []person{{"a@x"}, {"b@x"}} {
		_, err := w.Write([]person{p})
		require.NoError(t, err)
		require.NoError(t, w.Flush())
	}
	require.NoError(t, w.Close())

	// The library writes none: an empty group goes before, between and behind the others by hand.
	data := out.Bytes()
	size := int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	start := len(data) - 8 - size
	var footer pqformat.FileMetaData
	require.NoError(t, thrift.Unmarshal(new(thrift.CompactProtocol), data[start:start+size], &footer))
	empty := footer.RowGroups[0]
	empty.NumRows, empty.TotalByteSize = 0, 0
	empty.Columns = slices.Clone(empty.Columns)
	empty.Columns[0].MetaData.NumValues = 0
	footer.RowGroups = []pqformat.RowGroup{empty, footer.RowGroups[0], empty, empty, footer.RowGroups[1], empty}
	for i := range footer.RowGroups {
		footer.RowGroups[i].Ordinal = int16(i)
	}
	encoded, err := thrift.Marshal(new(thrift.CompactProtocol), footer)
	require.NoError(t, err)
	file := append(slices.Clone(data[:start]), encoded...)
	file = append(binary.LittleEndian.AppendUint32(file, uint32(len(encoded))), "PAR1"...)

	tab, err := openParquetBytes(t, file)
	require.NoError(t, err)
	assert.Equal(t, []string{"1: email=a@x", "2: email=b@x"}, readAll(t, tab))
	require.NoError(t, tab.Close())
}

func TestParquetTypes(t *testing.T) {
	t.Parallel()
	type address struct {
		City string `parquet:"city"`
	}
	type sample struct {
		Email   string           `parquet:"Email Address"`
		Day     int32            `parquet:"day,date"`
		Instant int64            `parquet:"instant,timestamp(millisecond)"`
		Local   int64            `parquet:"local,timestamp(microsecond:local)"`
		Price   int64            `parquet:"price,decimal(2:18)"`
		Small   int32            `parquet:"small,decimal(3:9)"`
		Wide    [4]byte          `parquet:"wide,decimal(2:9)"`
		Big     int64            `parquet:"big"`
		Huge    uint64           `parquet:"huge"`
		Float   float64          `parquet:"float"`
		NaN     float64          `parquet:"nan"`
		OK      bool             `parquet:"ok"`
		Missing *string          `parquet:"missing,optional"`
		ID      [16]byte         `parquet:"id,uuid"`
		Old     deprecated.Int96 `parquet:"old"`
		Groups  []string         `parquet:"groups,list"`
		Tags    []string         `parquet:"tags"`
		Address address          `parquet:"address"`
		Raw     []byte           `parquet:"raw"`
	}
	const hour = 3_600_000_000_000      // in nanoseconds
	midnight := uint32(2440588 + 20758) // 2026-11-01 as a Julian day
	var buf bytes.Buffer
	w := parquet.NewGenericWriter[sample](&buf, parquet.MaxRowsPerRowGroup(2))
	_, err := w.Write([]sample{
		{
			Email: " a@x ", Day: 20758, Instant: ms(2026, 11, 1, 9), Local: ms(2026, 11, 1, 9) * 1000, Price: -5, Small: 1500,
			Wide: [4]byte{0xff, 0xff, 0xff, 0x9c}, Big: math.MaxInt64, Huge: math.MaxUint64, Float: 1e-7, NaN: math.NaN(), OK: true,
			ID: [16]byte{0xab, 15: 1}, Old: deprecated.Int96{hour & 0xffffffff, hour >> 32, midnight}, Groups: []string{"a", "b"}, Tags: []string{"t"},
			Address: address{City: "Oslo"}, Raw: []byte{0xff},
		},
		{Email: "b@x"}, {Email: "c@x"},
	})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	tab, err := openParquetBytes(t, buf.Bytes())
	require.NoError(t, err)
	defer func() { assert.NoError(t, tab.Close()) }()
	r, err := tab.next()
	require.NoError(t, err)
	got := map[string]string{}
	for _, c := range r.cells {
		got[tab.names()[c.column]] = c.text
	}
	assert.Equal(t, map[string]string{
		"Email Address": "a@x", "day": "2026-11-01", "instant": "2026-11-01T09:00:00Z", "local": "2026-11-01T09:00:00", "price": "-0.05",
		"small": "1.500", "wide": "-1.00", "big": "9223372036854775807", "huge": "18446744073709551615", "float": "0.0000001", "ok": "true",
		"id": "ab000000-0000-0000-0000-000000000001", "old": "2026-11-01T01:00:00Z", "groups": "a;b", "tags": "t", "address.city": "Oslo", "raw": "/w==",
	}, got)
	r, err = tab.next()
	require.NoError(t, err)
	assert.Equal(t, 2, r.number)
	_, err = tab.next()
	require.NoError(t, err)
	_, err = tab.next()
	assert.ErrorIs(t, err, io.EOF)
}

func TestDamagedParquet(t *testing.T) {
	t.Parallel()
	type sample struct {
		Email string `parquet:"email"`
		N     int64  `parquet:"n"`
	}
	rows := make([]sample, 1000)
	for i := range rows {
		rows[i] = sample{Email: "a@x", N: int64(i) * 7919}
	}
	var buf bytes.Buffer
	require.NoError(t, parquet.Write(&buf, rows, parquet.Compression(&parquet.Zstd)))
	whole := buf.Bytes()
	_, err := openParquetBytes(t, whole[:len(whole)/2])
	assert.ErrorContains(t, err, "Parquet")
	_, err = openParquetBytes(t, nil)
	assert.ErrorContains(t, err, "Parquet")

	bad := bytes.Clone(whole)
	for i := 40; i < len(bad)/2; i++ {
		bad[i] ^= 0x5a
	}
	tab, err := openParquetBytes(t, bad)
	for err == nil {
		_, err = tab.next()
	}
	assert.ErrorContains(t, err, "Parquet")
	assert.NotErrorIs(t, err, io.EOF, "damage is not the end")
}
