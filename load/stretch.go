package load

import (
	"errors"
	"hash/crc32"
	"io"
	"os"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// stretchWriter writes a file in stretches, and measures each.
type stretchWriter struct {
	file    *os.File
	current span
	err     error // the first one
}

func createStretches(path string) (*stretchWriter, error) {
	f, err := os.Create(path)
	return &stretchWriter{file: f}, err
}

// Write appends to the current stretch.
func (w *stretchWriter) Write(data []byte) (int, error) {
	n, err := w.file.Write(data)
	w.current.Length += int64(n)
	w.current.Sum = crc32.Update(w.current.Sum, castagnoli, data[:n])
	w.err = errors.Join(w.err, err)
	return n, err
}

// at is where the next byte goes.
func (w *stretchWriter) at() int64 { return w.current.Offset + w.current.Length }

// end closes the current stretch and starts the next.
func (w *stretchWriter) end() span {
	done := w.current
	w.current = span{Offset: w.at()}
	return done
}

// takeBack removes what is after a place, which is the end of a stretch.
func (w *stretchWriter) takeBack(to int64) error {
	if err := w.file.Truncate(to); err != nil {
		return err
	}
	_, err := w.file.Seek(to, io.SeekStart)
	w.current = span{Offset: to}
	return err
}

// copyOf appends a stretch of another file as one here. It says false when that can't be read, or no longer is what it was
// when its sum was taken: the caller then takes back what was written of it.
func (w *stretchWriter) copyOf(from io.ReaderAt, s span) (span, bool, error) {
	n, err := io.CopyBuffer(w, io.NewSectionReader(from, s.Offset, s.Length), make([]byte, 1<<20))
	if w.err != nil {
		return span{}, false, w.err
	}
	done := w.end()
	return done, err == nil && n == s.Length && done.Sum == s.Sum, nil
}
