package file

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// workbook is what the sheets of an XLSX file share.
type workbook struct {
	limits   bookLimits
	parts    map[string]*zip.File
	main     string // the part that lists the sheets
	sheets   []sheetRef
	strings  *sharedStrings
	from1904 bool
	formats  []numberFormat // by cell style
}

// numberFormat is what a number format makes of a number.
type numberFormat struct {
	date       bool // it shows a date or time
	percent    bool // it shows it a hundredfold
	currencies string
}

// sheetRef is a sheet with cells; charts and macros, which lie between them, are left out.
type sheetRef struct {
	name, part string
	hidden     bool // by its author, so that people who open the file do not see it
}

// errNoWorkbook tells of an archive that holds something else.
var errNoWorkbook = errors.New("it holds no workbook")

func readWorkbook(z *zip.Reader, limits bookLimits) (*workbook, error) {
	b := &workbook{limits: limits, parts: map[string]*zip.File{}, strings: &sharedStrings{}}
	for _, f := range z.File {
		b.parts[strings.TrimPrefix(f.Name, "/")] = f
	}
	for _, read := range []func() error{b.findMain, b.readSheets, b.readStrings, b.readStyles} {
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
	if _, err := io.Copy(io.Discard, r); err != nil { // the checksum stands at the end
		return fmt.Errorf("part %s: %w", name, err)
	}
	return nil
}

// relation is a link from one part to another.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// is tells a link's kind, which is an address that ends in it: there are two sets of them.
func (r relation) is(kind string) bool { return strings.HasSuffix(r.Type, "/"+kind) }

// relations are the links from a part; "" stands for the file as a whole.
func (b *workbook) relations(part string) ([]relation, error) {
	var x struct {
		Relations []relation `xml:"Relationship"`
	}
	folder, file := path.Split(part)
	err := b.decode(folder+"_rels/"+file+".rels", &x)
	return x.Relations, err
}

// findMain finds the part that lists the sheets; most writers, not all, give it the same name.
func (b *workbook) findMain() error {
	links, err := b.relations("")
	if err != nil {
		return err
	}
	b.main = "xl/workbook.xml"
	for _, r := range links {
		if r.is("officeDocument") {
			b.main = partPath("", r.Target)
		}
	}
	foreign := strings.HasPrefix(b.main, "word/") || strings.HasPrefix(b.main, "ppt/")
	if _, ok := b.parts[b.main]; !ok || foreign || !strings.HasSuffix(b.main, ".xml") {
		return errNoWorkbook
	}
	return nil
}

// linked gives the name of the part of a kind that the workbook links to, or what most writers call it.
func (b *workbook) linked(kind, usual string) (string, error) {
	links, err := b.relations(b.main)
	for _, r := range links {
		if r.is(kind) {
			return partPath(path.Dir(b.main), r.Target), err
		}
	}
	return usual, err
}

func (b *workbook) readSheets() error {
	var x struct {
		Properties struct {
			From1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			State string     `xml:"state,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.decode(b.main, &x); err != nil {
		return err
	}
	b.from1904 = x.Properties.From1904 == "1" || x.Properties.From1904 == "true"
	links, err := b.relations(b.main)
	if err != nil {
		return err
	}
	for _, s := range x.Sheets {
		ref, cells := sheetRef{name: s.Name, hidden: s.State != "" && s.State != "visible"}, true
		for _, a := range s.Attrs {
			if a.Name.Local != "id" {
				continue
			}
			for _, r := range links {
				if r.ID == a.Value {
					ref.part, cells = partPath(path.Dir(b.main), r.Target), r.Type == "" || r.is("worksheet")
				}
			}
		}
		if cells {
			b.sheets = append(b.sheets, ref)
		}
	}
	if len(b.sheets) == 0 {
		return errors.New("the workbook has no sheets")
	}
	return nil
}

// readStrings holds the shared strings; item by item, as their XML is several times as large.
func (b *workbook) readStrings() (err error) {
	name, err := b.linked("sharedStrings", "xl/sharedStrings.xml")
	if err != nil {
		return err
	}
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
	name, err := b.linked("styles", "xl/styles.xml")
	if err != nil {
		return err
	}
	if err := b.decode(name, &x); err != nil {
		return err
	}
	custom := map[int]numberFormat{}
	for _, f := range x.Formats {
		custom[f.ID] = numberFormat{date: showsDate(f.Code), percent: showsPercent(f.Code), currencies: currenciesShown(f.Code)}
	}
	b.formats = make([]numberFormat, len(x.Cells))
	for i, c := range x.Cells {
		f, ok := custom[c.Format]
		if !ok {
			f = numberFormat{date: builtInDate(c.Format), percent: c.Format == 9 || c.Format == 10}
		}
		b.formats[i] = f
	}
	return nil
}

func (b *workbook) format(style int) numberFormat {
	if style < 0 || style >= len(b.formats) {
		return numberFormat{}
	}
	return b.formats[style]
}

// choose finds a sheet by its name or, without one, the first that people see when they open the file.
func (b *workbook) choose(name string) (sheetRef, error) {
	i := slices.IndexFunc(b.sheets, func(s sheetRef) bool { return strings.EqualFold(s.name, name) })
	if name == "" {
		i = max(0, slices.IndexFunc(b.sheets, func(s sheetRef) bool { return !s.hidden }))
	}
	if i < 0 {
		var known []string
		for _, s := range b.sheets {
			known = append(known, s.name)
		}
		return sheetRef{}, fmt.Errorf("has no sheet %s%s", quoteShort(name), yamlx.Hint(name, known))
	}
	if b.sheets[i].part == "" {
		return sheetRef{}, fmt.Errorf("is a damaged XLSX file: sheet %s has no content", quoteShort(b.sheets[i].name))
	}
	return b.sheets[i], nil
}

// others say which sheets are not read when nobody said which to read. That there are hidden ones
// beside a visible one is no news; several visible ones, or none, are.
func (b *workbook) others(chosen sheetRef) []note {
	var visible, hidden []string
	for _, s := range b.sheets {
		switch {
		case s.part == chosen.part:
		case s.hidden:
			hidden = append(hidden, quoteShort(s.name))
		default:
			visible = append(visible, quoteShort(s.name))
		}
	}
	n := note{Check: "sheets_not_read", Severity: severityInfo, Text: "read is sheet " + quoteShort(chosen.name)}
	if chosen.hidden {
		n.Severity, n.Text = severityWarning, n.Text+", which is hidden as all others are"
	}
	if len(visible) > 0 {
		n.Severity, n.Text = severityWarning, n.Text+", not "+listShort(visible)
	}
	if len(hidden) > 0 {
		n.Text += "; hidden and not read: " + listShort(hidden)
	}
	if len(visible)+len(hidden) == 0 && !chosen.hidden {
		return nil
	}
	n.Text += "; settings.sheet names the one to read"
	return []note{n}
}

// listShort joins names for a message.
func listShort(names []string) string {
	const most = 5
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
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

// showsPercent tells whether a number format shows a number a hundredfold.
func showsPercent(code string) bool {
	first, _, _ := strings.Cut(notPlaceholders.ReplaceAllString(code, ""), ";")
	return strings.Contains(first, "%")
}

// currencyShown finds the currency in a number format: [$€-407], [$EUR], "£". A bare $ is that of whoever opens the file.
var currencyShown = regexp.MustCompile(`\[\$([^\]-]+)(?:-[^\]]*)?\]|"([^"]+)"|([€£¥₹])`)

// currenciesShown gives the currencies that a number format may show an amount in; empty for none.
func currenciesShown(code string) string {
	first, _, _ := strings.Cut(code, ";")
	for _, m := range currencyShown.FindAllStringSubmatch(first, -1) {
		if of, ok := currenciesOf(trim(m[1] + m[2] + m[3])); ok && m[2] != "$" {
			return of
		}
	}
	return ""
}
