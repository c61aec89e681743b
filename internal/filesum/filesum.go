// Package filesum says what a file was when it was written, to tell later whether it still is. It guards against damage,
// not against forgery.
package filesum

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum is a file's size, checksum and time of modification.
type Sum struct {
	Size    int64  `json:"size"`
	CRC32C  uint32 `json:"crc32c"`
	ModTime int64  `json:"mod_time,omitempty"` // nanoseconds since 1970; a hint only, copies have another
}

// Of reads a file.
func Of(path string) (s Sum, err error) {
	f, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	hash := crc32.New(castagnoli)
	if s.Size, err = io.CopyBuffer(struct{ io.Writer }{hash}, struct{ io.Reader }{f}, make([]byte, 1<<20)); err != nil {
		return s, fmt.Errorf("read %s: %w", path, err)
	}
	s.CRC32C, s.ModTime = hash.Sum32(), info.ModTime().UnixNano()
	return s, nil
}

// Check says how the file differs from what it was; nil when its content does not.
func (s Sum) Check(path string) error {
	now, err := Of(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is missing: %w", path, err)
	case err != nil:
		return err
	case now.Size != s.Size:
		return fmt.Errorf("%s is damaged: it has %d bytes instead of %d", path, now.Size, s.Size)
	case now.CRC32C != s.CRC32C:
		return fmt.Errorf("%s is damaged: its content is not what was written", path)
	}
	return nil
}

// Untouched tells, without reading it, that a file has the size and the time of modification that it had.
func (s Sum) Untouched(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == s.Size && info.ModTime().UnixNano() == s.ModTime
}
