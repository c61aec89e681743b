package file

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// book writes a workbook with a spreadsheet library and gives its path.
func book(t *testing.T, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	path := filepath.Join(t.TempDir(), "book.xlsx")
	require.NoError(t, f.SaveAs(path))
	require.NoError(t, f.Close())
	return path
}

func openBook(path, sheet string) (*xlsxTable, error) {
	return openBookWithin(path, sheet, defaultLimits)
}

func openBookWithin(path, sheet string, limits bookLimits) (*xlsxTable, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t, err := openXLSXWithin(file, sheet, headerAt{}, limits)
	if err != nil {
		_ = file.Close()
	}
	return t, err
}

func set(t *testing.T, f *excelize.File, sheet, axis string, v any) {
	t.Helper()
	require.NoError(t, f.SetCellValue(sheet, axis, v))
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		for axis, v := range map[string]any{
			"B2": "email", "C2": " Start ", "D2": "Seen", "E2": "n", "F2": "ok", "G2": "f",
			"B3": "a@x", "C3": time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), "D3": time.Date(2026, 11, 1, 9, 30, 15, 0, time.UTC), "E3": 12.5, "F3": true,
			"B6": "b@x", "H6": "beyond",
		} {
			set(t, f, "Sheet1", axis, v)
		}
		require.NoError(t, f.SetCellFormula("Sheet1", "G3", "E3*2"))
		iso, err := f.NewStyle(&excelize.Style{CustomNumFmt: ptr(`yyyy"-year-"mm\d`)})
		require.NoError(t, err)
		set(t, f, "Sheet1", "C6", 46000)
		require.NoError(t, f.SetCellStyle("Sheet1", "C6", "C6", iso))
		money, err := f.NewStyle(&excelize.Style{CustomNumFmt: ptr(`[Red]"days" #,##0.00`)})
		require.NoError(t, err)
		set(t, f, "Sheet1", "E6", 46000)
		require.NoError(t, f.SetCellStyle("Sheet1", "E6", "E6", money))
	})
	tab, err := openBook(path, "")
	require.NoError(t, err)
	defer func() { assert.NoError(t, tab.Close()) }()
	assert.Equal(t, []string{"", "email", "Start", "Seen", "n", "ok", "f"}, tab.names())
	assert.Equal(t, []string{
		"3: email=a@x Start=2026-11-01 Seen=2026-11-01T09:30:15 n=12.5 ok=true f=a formula without a value",
		"6: email=b@x Start=2025-12-09 n=46000 =beyond",
	}, readAll(t, tab))
}

func ptr[T any](v T) *T { return &v }

func TestXLSXSheets(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		_, err := f.NewSheet("People")
		require.NoError(t, err)
		set(t, f, "People", "A1", "email")
		set(t, f, "People", "A2", "a@x")
	})
	tab, err := openBook(path, "people")
	require.NoError(t, err)
	assert.Equal(t, []string{"2: email=a@x"}, readAll(t, tab))
	require.NoError(t, tab.Close())

	_, err = openBook(path, "")
	assert.ErrorContains(t, err, "is empty")
	_, err = openBook(path, "Poeple")
	assert.ErrorContains(t, err, "did you mean People?")
}

// TestTheSheetThatPeopleSeeIsRead: a hidden sheet is read when it is asked for, and what is not read is told.
func TestTheSheetThatPeopleSeeIsRead(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		set(t, f, "Sheet1", "A1", "old")
		for _, name := range []string{"People", "Archive"} {
			_, err := f.NewSheet(name)
			require.NoError(t, err)
			set(t, f, name, "A1", "email")
			set(t, f, name, "A2", name+"@x")
		}
		f.SetActiveSheet(1)
		require.NoError(t, f.SetSheetVisible("Sheet1", false))
	})
	tab, err := openBook(path, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"2: email=People@x"}, readAll(t, tab))
	assert.Equal(t, []note{{"sheets_not_read", "warning",
		`read is sheet "People", not "Archive"; hidden and not read: "Sheet1"; settings.sheet names the one to read`, 0}}, tab.notes())
	require.NoError(t, tab.Close())

	for _, name := range []string{"Sheet1", "Archive"} {
		tab, err = openBook(path, name)
		require.NoError(t, err)
		assert.Empty(t, tab.notes(), "whoever names a sheet knows what is beside it")
		require.NoError(t, tab.Close())
	}

	alone := book(t, func(f *excelize.File) { set(t, f, "Sheet1", "A1", "email") })
	tab, err = openBook(alone, "")
	require.NoError(t, err)
	assert.Empty(t, tab.notes())
	require.NoError(t, tab.Close())

	charts := parts(t, `<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>email</t></is></c></row></sheetData></worksheet>`, map[string]string{
		"xl/workbook.xml": `<workbook xmlns:r="x"><sheets><sheet name="Chart" r:id="c"/><sheet name="S" r:id="s"/><sheet name="Deep" state="veryHidden" r:id="d"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="c" Type="http://x/chartsheet" Target="chartsheets/sheet1.xml"/>` +
			`<Relationship Id="s" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="d" Type="http://x/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`,
	})
	tab, err = openBook(charts, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"email"}, tab.names())
	assert.Equal(t, []note{{"sheets_not_read", "info", `read is sheet "S"; hidden and not read: "Deep"; settings.sheet names the one to read`, 0}}, tab.notes())
	require.NoError(t, tab.Close())
}

// zipOf writes an archive of parts.
func zipOf(t *testing.T, all map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some.zip")
	out, err := os.Create(path)
	require.NoError(t, err)
	z := zip.NewWriter(out)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(w, all[name])
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.NoError(t, out.Close())
	return path
}

func TestArchivesAreNamed(t *testing.T) {
	t.Parallel()
	for want, all := range map[string]map[string]string{
		"is an OpenDocument file (.ods)":                   {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"},
		`which holds "a.csv", "b.csv"; unpack it`:          {"jan/a.csv": "x", "jan/b.csv": "x", "__MACOSX/a.csv": "x"},
		`which holds "a", "b", "c", and 2 more; unpack it`: {"a": "", "b": "", "c": "", "d": "", "e": ""},
		"is a binary Excel workbook (.xlsb)":               {"xl/workbook.bin": "x"},
		"is a Word document":                               {"word/document.xml": "<x/>"},
		"is a file of Apple Numbers":                       {"Index/Document.iwa": "x"},
		"is a ZIP archive; it is empty":                    {},
	} {
		_, err := openBook(zipOf(t, all), "")
		assert.ErrorContains(t, err, want)
	}
	elsewhere := zipOf(t, map[string]string{
		"_rels/.rels":      `<Relationships><Relationship Id="1" Type="http://x/officeDocument" Target="/xl/workbook2.xml"/></Relationships>`,
		"xl/workbook2.xml": `<workbook xmlns:r="x"><sheets><sheet name="S" r:id="s"/></sheets></workbook>`,
		"xl/_rels/workbook2.xml.rels": `<Relationships><Relationship Id="s" Type="http://x/worksheet" Target="sheets/one.xml"/>` +
			`<Relationship Id="t" Type="http://x/sharedStrings" Target="texts.xml"/></Relationships>`,
		"xl/texts.xml":      `<sst><si><t>email</t></si></sst>`,
		"xl/sheets/one.xml": `<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>`,
	})
	tab, err := openBook(elsewhere, "")
	require.NoError(t, err, "the parts' names are for the writer to choose")
	assert.Equal(t, []string{"email"}, tab.names())
	require.NoError(t, tab.Close())
}

// parts writes a workbook by hand.
func parts(t *testing.T, sheet string, more map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hand.xlsx")
	out, err := os.Create(path)
	require.NoError(t, err)
	z := zip.NewWriter(out)
	all := map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="x"><workbookPr date1904="1"/><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="/xl/worksheets/sheet1.xml"/></Relationships>`,
		"xl/sharedStrings.xml":       `<sst><si><t>email</t></si><si><r><t>rich</t></r><r><t>@x</t></r><rPh><t>no</t></rPh></si></sst>`,
		"xl/styles.xml":              `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml":   sheet,
	}
	for name, text := range more {
		all[name] = text
	}
	for name, text := range all {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.NoError(t, out.Close())
	return path
}

func TestXLSXByHand(t *testing.T) {
	t.Parallel()
	sheet := `<worksheet><cols><col min="1"/></cols><sheetData>` +
		`<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>when</t></is></c><c t="str"><v>err</v></c></row>` +
		`<row r="4"><c r="A4" t="s"><v>1</v></c><c r="B4" s="1"><f>TODAY()</f><v>0</v></c><c r="C4" t="e"><v>#N/A</v></c></row>` +
		`<row r="5"><c r="A5"/><c r="B5" t="b"/></row></sheetData></worksheet>`
	tab, err := openBook(parts(t, sheet, nil), "")
	require.NoError(t, err)
	assert.Equal(t, []string{"4: email=rich@x when=1904-01-01 err=#N/A"}, readAll(t, tab))
	require.NoError(t, tab.Close())
}

func TestDamagedXLSX(t *testing.T) {
	t.Parallel()
	const head = `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>email</v></c></row>`
	for name, tc := range map[string]struct{ sheet, want string }{
		"cut between rows":  {head, "XLSX"},
		"cut inside a row":  {head + `<row r="2"><c r="A2">`, "row 2"},
		"rows go back":      {head + `<row r="1"/></sheetData></worksheet>`, "row number"},
		"cells go back":     {head + `<row r="2"><c r="B2"/><c r="A2"/></row></sheetData></worksheet>`, "cell reference"},
		"bad reference":     {head + `<row r="2"><c r="2A"/></row></sheetData></worksheet>`, "cell reference"},
		"column too far":    {head + `<row r="2"><c r="XFE2"/></row></sheetData></worksheet>`, "too many columns"},
		"no such string":    {head + `<row r="2"><c r="A2" t="s"><v>99</v></c></row></sheetData></worksheet>`, "shared string"},
		"mismatched closes": {head + `<row r="2"></c></row></sheetData></worksheet>`, "row 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab, err := openBook(parts(t, tc.sheet, nil), "")
			require.NoError(t, err)
			for err == nil {
				_, err = tab.next()
			}
			assert.ErrorContains(t, err, tc.want)
			assert.NotErrorIs(t, err, io.EOF)
			require.NoError(t, tab.Close())
		})
	}
}

// TestXLSXBombs opens small files that unpack to much: they end in a clear error, and in bounded
// memory. The limits are a 64th of the real ones. It is not parallel: it counts what is allocated.
func TestXLSXBombs(t *testing.T) {
	const mb = 1 << 20
	limits := bookLimits{sheet: 32 * mb, shared: 4 * mb, part: mb / 4, item: mb / 16, texts: mb}
	sheet := `<worksheet><sheetData><row><c t="str"><v>email</v></c></row>%s</sheetData></worksheet>`
	row := func(cells string) string { return strings.Replace(sheet, "%s", "<row>"+cells+"</row>", 1) }
	cases := []struct {
		name, part, text, want string
		most                   uint64 // bytes allocated in all
	}{
		{"a part that says how large it is", "xl/styles.xml", strings.Repeat(" ", mb), "would unpack to 1048576 bytes; the limit is 262144", mb},
		{"shared strings that say how large they are", "xl/sharedStrings.xml", strings.Repeat(" ", 5*mb), "would unpack to 5242880 bytes; the limit is 4194304", mb},
		{"one endless text", "xl/sharedStrings.xml", "<sst><si><t>" + strings.Repeat("a", 2*mb), "takes more than 64 KiB", mb},
		{"many texts", "xl/sharedStrings.xml", "<sst>" + strings.Repeat("<si><t>"+strings.Repeat("ab", 5_000)+"</t></si>", 200), "texts take more than 1 MiB of memory; save the sheet as CSV", 10 * mb},
		{"many empty texts", "xl/sharedStrings.xml", "<sst>" + strings.Repeat("<si/>", 300_000), "texts take more than 1 MiB of memory", 250 * mb},
		{"elements in elements, in the texts", "xl/sharedStrings.xml", "<sst>" + strings.Repeat("<a>", mb), "more than 100 deep", mb},
		{"elements in elements, before the rows", "xl/worksheets/sheet1.xml", "<worksheet>" + strings.Repeat("<a>", mb), "more than 100 deep", mb},
		{"elements in elements, in a row", "xl/worksheets/sheet1.xml", row(strings.Repeat("<a>", mb)), "more than 100 deep", mb},
		{"one endless cell", "xl/worksheets/sheet1.xml", row(`<c t="str"><v>` + strings.Repeat("a", 2*mb) + "</v></c>"), "takes more than 64 KiB", mb},
		{"one endless row", "xl/worksheets/sheet1.xml", row(strings.Repeat("<c/>", mb)), "too many columns", 10 * mb},
		{"one endless attribute", "xl/worksheets/sheet1.xml", `<worksheet a="` + strings.Repeat("a", 2*mb), "takes more than 64 KiB", mb},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := parts(t, sheet, map[string]string{c.part: c.text})
			info, err := os.Stat(path)
			require.NoError(t, err)
			assert.Less(t, info.Size(), int64(mb/16), "the bomb is small")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			tab, err := openBookWithin(path, "", limits)
			for err == nil {
				_, err = tab.next()
			}
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, c.want)
			assert.NotErrorIs(t, err, io.EOF)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, c.most)
			if tab != nil {
				require.NoError(t, tab.Close())
			}
		})
	}
}

// TestXLSXRowsOfSharedTexts has each cell of a row name the same long text: the row is set aside, the
// next one is read.
func TestXLSXRowsOfSharedTexts(t *testing.T) {
	t.Parallel()
	long := `<c t="s"><v>1</v></c>`
	path := parts(t, `<worksheet><sheetData><row><c t="s"><v>0</v></c></row><row>`+strings.Repeat(long, 5000)+`</row><row>`+long+`</row></sheetData></worksheet>`,
		map[string]string{"xl/sharedStrings.xml": `<sst count="2"><si><t>email</t></si><si><t>` + strings.Repeat("x", 2000) + `</t></si></sst>`})
	tab, err := openBook(path, "")
	require.NoError(t, err)
	r, err := tab.next()
	require.NoError(t, err)
	assert.Equal(t, "the row's texts take more than 4 MiB", r.broken)
	assert.Empty(t, r.cells)
	r, err = tab.next()
	require.NoError(t, err)
	assert.Empty(t, r.broken)
	require.Len(t, r.cells, 1)
	assert.Len(t, r.cells[0].text, 2000)
	require.NoError(t, tab.Close())
}

func FuzzSharedStrings(f *testing.F) {
	f.Add([]byte(`<sst><si><t>email</t></si><phoneticPr/><si><r><t>rich</t></r><r><t>@x</t></r></si><si/></sst>`))
	f.Add([]byte(`<sst><si><t>cut`))
	f.Fuzz(func(t *testing.T, part []byte) {
		all, err := readSharedStrings(bytes.NewReader(part), defaultLimits)
		if err != nil {
			return
		}
		size := 0
		for i := range all.ends {
			text, ok := all.at(i)
			assert.True(t, ok)
			size += len(text)
		}
		assert.Equal(t, all.all.Len(), size)
		for _, i := range []int{-1, len(all.ends)} {
			_, ok := all.at(i)
			assert.False(t, ok)
		}
	})
}

func TestSerialDates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		serial float64
		want   string
	}{
		{1, "1900-01-01"}, {59, "1900-02-28"}, {61, "1900-03-01"}, {46327, "2026-11-01"},
		{46327.395833333336, "2026-11-01T09:30:00"}, {46327.999999999, "2026-11-02"}, {0.5, "12:00:00"}, {2958465, "9999-12-31"},
	} {
		assert.Equal(t, tc.want, serialDate(tc.serial, false).text, "%v", tc.serial)
	}
	assert.Equal(t, errorValue, serialDate(-1, false).kind)
	assert.Equal(t, errorValue, serialDate(1e9, false).kind)
}

func FuzzXLSXSheet(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>email</v></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row><c t="inlineStr"><is><t>x</t></is></c><c s="1"><v>1</v></c></row>`))
	f.Fuzz(func(t *testing.T, sheet []byte) {
		var buf bytes.Buffer
		z := zip.NewWriter(&buf)
		w, err := z.Create("s")
		require.NoError(t, err)
		_, err = w.Write(sheet)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		r, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
		require.NoError(t, err)
		part, err := r.File[0].Open()
		require.NoError(t, err)
		tab := newSheet(nil, &workbook{limits: defaultLimits, formats: []numberFormat{{}, {date: true}}, strings: &sharedStrings{}}, part)
		for err == nil {
			_, err = tab.next()
		}
	})
}
