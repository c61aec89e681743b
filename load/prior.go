package load

import (
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go/format"
)

// priorReport is a report of the version published before. There is none (nil) where that version has no such report, or one
// of another form, or its files are gone or altered: everything is then written anew.
type priorReport struct {
	parquet, csv *os.File
	footer       *format.FileMetaData
	parts        map[string]part // by content
}

// prior is what is known of the exports of the version published before.
type prior struct {
	dir     string
	reports map[string]publishedReport
}

// open opens what was published of the report before, if it has this form.
func (p prior) open(r report, form string) *priorReport {
	old, ok := p.reports[r.name]
	if !ok || old.Form != form || old.Footer.Length < 0 || old.Footer.Length > longestFooter {
		return nil
	}
	s := &priorReport{parts: map[string]part{}}
	if s.open(p.dir, r, old.Footer) != nil {
		_ = s.close() // nothing was written to them
		return nil
	}
	for _, part := range old.Parts {
		s.parts[part.Content] = part
	}
	return s
}

func (s *priorReport) open(dir string, r report, footer span) (err error) {
	if s.parquet, err = os.Open(filepath.Join(dir, r.parquetName())); err != nil {
		return err
	}
	if s.csv, err = os.Open(filepath.Join(dir, r.csvName())); err != nil {
		return err
	}
	data, err := bytesAt(s.parquet, footer)
	if err != nil {
		return err
	}
	if crc32.Checksum(data, castagnoli) != footer.Sum {
		return errors.New("the footer is another one")
	}
	s.footer, err = footerAt(s.parquet, footer)
	return err
}

// find is the part with the same rows, nil if there is none.
func (s *priorReport) find(p part) *part {
	if s == nil {
		return nil
	}
	old, ok := s.parts[p.Content]
	if !ok || old.Rows != p.Rows {
		return nil
	}
	return &old
}

func (s *priorReport) close() (err error) {
	if s == nil {
		return nil
	}
	for _, f := range []*os.File{s.parquet, s.csv} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}
