package file

import (
	"bufio"
	"errors"
	"io"
)

const (
	// maxRecord bounds what one row of a text file may hold.
	maxRecord = 4 << 20
	// maxCell is the most that is kept of a cell: more is no name, list or remark, and whatever takes rows apart by their
	// columns would need many times its memory.
	maxCell = 64 << 10
	// rawKept is how much of the text of a broken row is kept.
	rawKept = 16 << 10
)

// lineReader gives the lines of a text, ended by LF, CRLF or CR. Lines can be put back.
type lineReader struct {
	r      *bufio.Reader
	number int       // of the last line given, from 1
	back   []rawLine // lines put back, the next one last
}

// rawLine is a line that was read; long where it was cut.
type rawLine struct {
	text string
	long bool
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 256<<10)}
}

// next gives a line without its ending and how it ended; io.EOF after the last. A line beyond maxRecord is
// cut to rawKept bytes and reported as long.
func (l *lineReader) next() (text string, long bool, err error) {
	if n := len(l.back); n > 0 {
		last := l.back[n-1]
		l.back = l.back[:n-1]
		l.number++
		return last.text, last.long, nil
	}
	var buf []byte
	read := 0
	for {
		b, err := l.r.ReadByte()
		if errors.Is(err, io.EOF) && read > 0 {
			break
		}
		if err != nil {
			return "", false, err
		}
		read++
		if b == '\n' {
			break
		}
		if b == '\r' {
			if next, err := l.r.Peek(1); err == nil && next[0] == '\n' {
				_, err = l.r.Discard(1)
				if err != nil {
					return "", false, err
				}
			}
			break
		}
		if read <= maxRecord {
			buf = append(buf, b)
		}
	}
	l.number++
	if read > maxRecord {
		return string(buf[:rawKept]), true, nil
	}
	return string(buf), false, nil
}

// unread puts lines back, to be given again in their order.
func (l *lineReader) unread(lines []rawLine) {
	for i := len(lines) - 1; i >= 0; i-- {
		l.back = append(l.back, lines[i])
	}
	l.number -= len(lines)
}
