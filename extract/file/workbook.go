package file

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// workbook is what the sheets of an XLSX file share.
type workbook struct {
	limits   bookLimits
	parts    map[string]*zip.File
	sheets   []sheetRef
	targets  map[string]string // relationship id to part
	strings  *sharedStrings
	from1904 bool
	dates    []bool // by cell style: the number format shows a date or time
}

type sheetRef struct{ name, relation string }

// richText is a string item: plain, or in pieces with a format each.
type richText struct {
	Plain  string   `xml:"t"`
	Pieces []string `xml:"r>t"`
}

func (r richText) text() string { return r.Plain + strings.Join(r.Pieces, "") }

func readWorkbook(z *zip.Reader, limits bookLimits) (*workbook, error) {
	b := &workbook{limits: limits, parts: map[string]*zip.File{}, strings: &sharedStrings{}, targets: map[string]string{}}
	for _, f := range z.File {
		b.parts[strings.TrimPrefix(f.Name, "/")] = f
	}
	for _, read := range []func() error{b.readSheets, b.readRelations, b.readStrings, b.readStyles} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// open unpacks one part; reading more than limit bytes of it is an error.
func (b *workbook) open(name string, limit int64) (io.ReadCloser, error) {
	f, ok := b.parts[name]
	if !ok {
		return nil, fmt.Errorf("the part %s is missing", name)
	}
	if f.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("the part %s would unpack to %d bytes; the limit is %d", name, f.UncompressedSize64, limit)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("part %s: %w", name, err)
	}
	return r, nil
}

// decode reads a small part as XML. A missing part is empty.
func (b *workbook) decode(name string, to any) (err error) {
	if _, ok := b.parts[name]; !ok {
		return nil
	}
	r, err := b.open(name, b.limits.part)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := xml.NewDecoder(r).Decode(to); err != nil {
		return fmt.Errorf("part %s: %w", name, err)
	}
	return nil
}

func (b *workbook) readSheets() error {
	var x struct {
		Properties struct {
			From1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.decode("xl/workbook.xml", &x); err != nil {
		return err
	}
	b.from1904 = x.Properties.From1904 == "1" || x.Properties.From1904 == "true"
	for _, s := range x.Sheets {
		ref := sheetRef{name: s.Name}
		for _, a := range s.Attrs {
			if a.Name.Local == "id" {
				ref.relation = a.Value
			}
		}
		b.sheets = append(b.sheets, ref)
	}
	if len(b.sheets) == 0 {
		return errors.New("the workbook has no sheets")
	}
	return nil
}

func (b *workbook) readRelations() error {
	var x struct {
		Relations []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := b.decode("xl/_rels/workbook.xml.rels", &x); err != nil {
		return err
	}
	for _, r := range x.Relations {
		b.targets[r.ID] = partPath(r.Target)
	}
	return nil
}

// readStrings holds the shared strings; item by item, as their XML is several times as large.
func (b *workbook) readStrings() (err error) {
	const name = "xl/sharedStrings.xml"
	if _, ok := b.parts[name]; !ok {
		return nil
	}
	r, err := b.open(name, b.limits.shared)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if b.strings, err = readSharedStrings(r, b.limits); err != nil {
		return fmt.Errorf("part %s: %w", name, err)
	}
	return nil
}

func (b *workbook) readStyles() error {
	var x struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := b.decode("xl/styles.xml", &x); err != nil {
		return err
	}
	custom := map[int]bool{}
	for _, f := range x.Formats {
		custom[f.ID] = showsDate(f.Code)
	}
	b.dates = make([]bool, len(x.Cells))
	for i, c := range x.Cells {
		date, ok := custom[c.Format]
		if !ok {
			date = builtInDate(c.Format)
		}
		b.dates[i] = date
	}
	return nil
}

func (b *workbook) isDate(style int) bool {
	return style >= 0 && style < len(b.dates) && b.dates[style]
}

// sheetPart finds a sheet's part by the sheet's name, or the first sheet's.
func (b *workbook) sheetPart(name string) (string, error) {
	var known []string
	for _, s := range b.sheets {
		if name == "" || strings.EqualFold(s.name, name) {
			part, ok := b.targets[s.relation]
			if !ok {
				return "", fmt.Errorf("is a damaged XLSX file: sheet %s has no content", quoteShort(s.name))
			}
			return part, nil
		}
		known = append(known, s.name)
	}
	return "", fmt.Errorf("has no sheet %s%s", quoteShort(name), yamlx.Hint(name, known))
}

// builtInDate tells whether one of the numbered formats that every spreadsheet knows shows dates or times.
func builtInDate(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}

// notPlaceholders are the parts of a number format that stand for themselves: quoted text, escaped
// characters, colours and conditions in brackets (but not elapsed time, as in [h]:mm).
var notPlaceholders = regexp.MustCompile(`"[^"]*"|[\\_*].|\[[^\]hms][^\]]*\]`)

// showsDate tells whether a number format shows a date or a time of day.
func showsDate(code string) bool {
	first, _, _ := strings.Cut(notPlaceholders.ReplaceAllString(strings.ToLower(code), ""), ";")
	return !strings.Contains(first, "general") && strings.ContainsAny(first, "ymdhs")
}
