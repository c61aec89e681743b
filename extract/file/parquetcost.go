package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/parquet-go/parquet-go"
	pqformat "github.com/parquet-go/parquet-go/format"
)

// What a page takes decoded, beyond its own bytes, is reckoned from its header and the lengths in it, never too low. The library trusts
// those: a run of a few bytes stands for two thousand million values, and a text that repeats the one before for as many bytes as that has.

// plainDictionary is what old files call both the plain writing of a dictionary and that of indexes into it.
const plainDictionary pqformat.Encoding = 2

// decodedPage checks a data page's header and gives what the page takes decoded.
func (s *pageSource) decodedPage(h *pqformat.PageHeader) (int64, error) {
	data := s.body
	maxR, maxD := s.column.MaxRepetitionLevel(), s.column.MaxDefinitionLevel()
	var n, cost int64
	var encoding pqformat.Encoding
	if h.Type == pqformat.DataPage {
		v1 := &h.DataPageHeader
		if !v1.Valid || v1.V.NumValues < 0 {
			return 0, errors.New("a page without its header")
		}
		n, encoding = int64(v1.V.NumValues), v1.V.Encoding
		for _, l := range []struct {
			most     int
			encoding pqformat.Encoding
		}{{maxR, v1.V.RepetitionLevelEncoding}, {maxD, v1.V.DefinitionLevelEncoding}} {
			if l.most == 0 {
				continue
			}
			if len(data) < 4 || int64(binary.LittleEndian.Uint32(data)) > int64(len(data)-4) {
				return 0, errors.New("a page that ends within its levels")
			}
			end := 4 + int(binary.LittleEndian.Uint32(data))
			cost += levelsCost(n, l.encoding, l.most, data[4:end])
			data = data[end:]
		}
	} else {
		v2 := &h.DataPageHeaderV2
		if !v2.Valid || v2.V.NumValues < 0 || v2.V.NumNulls < 0 || v2.V.NumNulls > v2.V.NumValues || v2.V.NumRows < 0 {
			return 0, errors.New("a page without its header")
		}
		n, encoding = int64(v2.V.NumValues), v2.V.Encoding
		r, d := v2.V.RepetitionLevelsByteLength, v2.V.DefinitionLevelsByteLength
		if maxR > 0 && r == 0 && n > 0 || maxD > 0 && d == 0 && n > 0 {
			return 0, errors.New("a page without its levels")
		}
		cost = levelsCost(n, pqformat.RLE, maxR, data[:r]) + levelsCost(n, pqformat.RLE, maxD, data[r:r+d])
		data = data[r+d:]
	}
	s.values = n
	values, err := s.valuesCost(n, encoding, data)
	return cost + values, err
}

// decodedDictionary does the same for a dictionary.
func (s *pageSource) decodedDictionary(h *pqformat.PageHeader) (int64, error) {
	d := &h.DictionaryPageHeader
	switch {
	case !d.Valid || d.V.NumValues < 0:
		return 0, errors.New("a dictionary without its header")
	case s.dictionary:
		return 0, errors.New("two dictionaries")
	case d.V.Encoding != pqformat.Plain && d.V.Encoding != plainDictionary:
		return 0, fmt.Errorf("a dictionary that is written as %s", d.V.Encoding)
	}
	n := int64(d.V.NumValues)
	cost, err := s.valuesCost(n, pqformat.Plain, s.body)
	return cost + max(int64(len(s.body)), n*s.width()), err
}

// width is how many bytes a value of the column takes, beside those of texts.
func (s *pageSource) width() int64 {
	switch t := s.column.Type(); t.Kind() {
	case parquet.Boolean:
		return 1
	case parquet.Int32, parquet.Float:
		return 4
	case parquet.Int96:
		return 12
	case parquet.FixedLenByteArray:
		return max(int64(t.Length()), 1)
	}
	return 8 // or where a text begins, with room to grow
}

// valuesCost is what n values take decoded.
func (s *pageSource) valuesCost(n int64, encoding pqformat.Encoding, data []byte) (int64, error) {
	texts := s.column.Type().Kind() == parquet.ByteArray
	switch encoding {
	case pqformat.Plain: // stays where it is
		if !texts {
			return 0, nil
		}
		if countTexts(data) > n {
			return 0, errors.New("a page with more values than it says")
		}
		return s.width() * (n + 1), nil
	case plainDictionary, pqformat.RLEDictionary:
		if !s.dictionary {
			return 0, errors.New("a page without its dictionary")
		}
		if len(data) == 0 {
			return 4 * n, nil
		}
		return 4 * max(n, runLength(uint(data[0]), data[1:])), nil
	case pqformat.RLE:
		if len(data) < 4 {
			return n, nil
		}
		return max(n, runLength(1, data[4:])), nil
	case pqformat.DeltaBinaryPacked:
		total, _, _, err := deltaHeader(data)
		return s.width() * max(n, total), err
	case pqformat.DeltaLengthByteArray:
		total, _, _, err := deltaHeader(data)
		return 4*4*total + s.width()*n, err // the lengths, with room to grow, and where texts begin
	case pqformat.DeltaByteArray:
		prefixes, bytes, rest, err := deltaSum(data, s.budget.most)
		if err != nil || max(prefixes, bytes) > s.budget.most {
			return prefixes + bytes, err
		}
		suffixes, more, _, err := deltaSum(rest, s.budget.most)
		return 2*(bytes+more) + 2*4*(prefixes+suffixes) + s.width()*(max(n, prefixes)+1), err
	}
	return s.width()*n + 2*int64(len(data)), nil
}

// levelsCost is what the levels of n values take decoded, a byte each.
func levelsCost(n int64, encoding pqformat.Encoding, most int, data []byte) int64 {
	switch {
	case most == 0:
		return 0
	case encoding == pqformat.BitPacked:
		return max(n, 8*int64(len(data)))
	}
	return max(n, 2*runLength(uint(bits.Len(uint(most))), data)-n) // what is more than n makes the library make room anew
}

// runLength counts the values that runs of one value and of packed ones stand for.
func runLength(width uint, data []byte) (n int64) {
	for len(data) > 0 && n < 1<<40 {
		u, used := binary.Uvarint(data)
		if used <= 0 || u>>1 > 1<<31 {
			return n // the library stops here, too
		}
		data = data[used:]
		count := u >> 1
		skip := uint64(width+7) / 8
		if u&1 != 0 {
			skip = count * uint64(width)
			count *= 8
		}
		n += int64(count)
		data = data[min(skip, uint64(len(data))):]
	}
	return n
}

// countTexts counts texts that are written behind their lengths.
func countTexts(data []byte) (n int64) {
	for ; len(data) >= 4; n++ {
		size := uint64(binary.LittleEndian.Uint32(data))
		if size > uint64(len(data)-4) {
			break
		}
		data = data[4+size:]
	}
	return n
}

// deltaShape is how numbers are packed as the differences between them: in blocks of so many packs, each of so many numbers.
type deltaShape struct{ packs, inPack int64 }

// deltaHeader reads how many numbers follow, and the first.
func deltaHeader(data []byte) (total int64, shape deltaShape, rest []byte, err error) {
	var head [3]int64
	for i := range head {
		u, used := binary.Uvarint(data)
		if used <= 0 || u > 1<<31 {
			return 0, shape, nil, errors.New("numbers without their count")
		}
		head[i], data = int64(u), data[used:]
	}
	if head[0] == 0 || head[0]%128 != 0 || head[1] == 0 || head[0]/head[1]%32 != 0 || head[0]/head[1] == 0 {
		return 0, shape, nil, fmt.Errorf("numbers in blocks of %d in %d parts", head[0], head[1])
	}
	return head[2], deltaShape{packs: head[1], inPack: head[0] / head[1]}, data, nil
}

// deltaSum unpacks numbers and gives their count and sum, and what follows. It ends where the sum or the count is beyond most.
func deltaSum(data []byte, most int64) (total, sum int64, rest []byte, err error) {
	total, shape, data, err := deltaHeader(data)
	if err != nil || total > most {
		return total, sum, data, err
	}
	value, used := binary.Varint(data)
	if used <= 0 {
		return 0, 0, nil, io.ErrUnexpectedEOF
	}
	data = data[used:]
	sum = max(value, 0)
	for left := total - 1; left > 0; {
		least, used := binary.Varint(data)
		if used <= 0 || int64(len(data)-used) < shape.packs {
			return 0, 0, nil, io.ErrUnexpectedEOF
		}
		widths := data[used : used+int(shape.packs)]
		data = data[used+int(shape.packs):]
		for _, width := range widths {
			if left == 0 {
				break // packs behind the last number have no bytes
			}
			size := shape.inPack * int64(width) / 8
			if width > 32 || size > int64(len(data)) {
				return 0, 0, nil, io.ErrUnexpectedEOF
			}
			for i := range min(left, shape.inPack) {
				value = int64(int32(value + least + int64(packedAt(data, i, int64(width)))))
				if sum += max(value, 0); sum > most {
					return total, sum, nil, nil
				}
			}
			left -= min(left, shape.inPack)
			data = data[size:]
		}
	}
	return total, sum, data, nil
}

// packedAt is the i-th of the numbers that are packed into so many bits each.
func packedAt(data []byte, i, width int64) (n uint64) {
	for bit, got := i*width, int64(0); got < width; {
		take := min(8-bit%8, width-got)
		n |= uint64(data[bit/8]>>(bit%8)&(1<<take-1)) << got
		bit, got = bit+take, got+take
	}
	return n
}
