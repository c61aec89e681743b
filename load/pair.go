package load

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go/format"

	"github.com/rightseat/rightseat/internal/table"
)

// pair is a report's Parquet and CSV file while their parts arrive.
type pair struct {
	parquet, csv *stretchWriter
	lines        *table.CSVWriter
	footer       *format.FileMetaData // of the parts so far
}

func createPair(parquet, csv string, columns []table.Column) (p *pair, err error) {
	p = &pair{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.parquet, err = createStretches(parquet); err != nil {
		return p, err
	}
	if p.csv, err = createStretches(csv); err != nil {
		return p, err
	}
	if _, err := io.WriteString(p.parquet, parquetMagic); err != nil {
		return p, err
	}
	if p.lines, err = table.NewCSVWriter(p.csv, columns); err != nil {
		return p, err
	}
	if err := p.lines.Flush(); err != nil {
		return p, err
	}
	p.parquet.end()
	p.csv.end()
	return p, nil
}

// close closes the files; a pair that is finished or broken can be closed alike.
func (p *pair) close() (err error) {
	for _, w := range []*stretchWriter{p.parquet, p.csv} {
		if w != nil && w.file != nil {
			err = errors.Join(err, w.file.Close())
			w.file = nil
		}
	}
	return err
}

// appendGroups takes over all row groups of a Parquet file.
func (p *pair) appendGroups(path string, to *part) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	footer, at, err := readFooter(f)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	start := int64(len(parquetMagic))
	groups, rows := groupsIn(footer, span{Offset: start, Length: at - start})
	if rows != to.Rows {
		return fmt.Errorf("%s has %d rows, the table %d", filepath.Base(path), rows, to.Rows)
	}
	if _, err := io.Copy(p.parquet, io.NewSectionReader(f, start, at-start)); err != nil {
		return err
	}
	to.Parquet = p.parquet.end()
	p.join(footer, groups, to.Parquet.Offset-start)
	return nil
}

// join adds row groups of another file to the footer, moved by so many bytes.
func (p *pair) join(other *format.FileMetaData, groups []format.RowGroup, by int64) {
	if p.footer == nil {
		whole := *other
		whole.RowGroups, whole.NumRows = nil, 0
		p.footer = &whole
	}
	for _, g := range groups {
		p.footer.RowGroups = append(p.footer.RowGroups, shifted(g, by, len(p.footer.RowGroups)))
		p.footer.NumRows += g.NumRows
	}
}

// appendLines writes the part's rows into the CSV file.
func (p *pair) appendLines(rows table.Rows, to *part) error {
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := p.lines.Write(row); err != nil {
			return err
		}
	}
	if err := p.lines.Flush(); err != nil {
		return err
	}
	to.CSV = p.csv.end()
	return nil
}

// copyPart takes the part over from the version published before, if it is there and whole.
func (p *pair) copyPart(before *priorReport, to *part) (bool, error) {
	old := before.find(*to)
	if old == nil {
		return false, nil
	}
	groups, rows := groupsIn(before.footer, old.Parquet)
	if rows != to.Rows {
		return false, nil
	}
	parquetAt, csvAt := p.parquet.at(), p.csv.at()
	stretch, whole, err := p.parquet.copyOf(before.parquet, old.Parquet)
	if err != nil {
		return false, err
	}
	if whole {
		var lines span
		if lines, whole, err = p.csv.copyOf(before.csv, old.CSV); err != nil {
			return false, err
		}
		to.Parquet, to.CSV = stretch, lines
	}
	if !whole {
		return false, errors.Join(p.parquet.takeBack(parquetAt), p.csv.takeBack(csvAt))
	}
	p.join(before.footer, groups, stretch.Offset-old.Parquet.Offset)
	return true, nil
}

// finish writes the Parquet file's footer, says where it is, and closes both files.
func (p *pair) finish() (span, error) {
	at, err := writeFooter(p.parquet, p.footer)
	return at, errors.Join(err, p.close())
}
