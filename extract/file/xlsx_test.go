package file

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
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
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t, err := openXLSX(file, sheet)
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
		"3: email=a@x Start=2026-11-01 Seen=2026-11-01T09:30:15 n=12.5 ok=true",
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
		"text in a number":  {head + `<row r="2"><c r="A2"><v>abc</v></c></row></sheetData></worksheet>`, "number cell"},
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

func TestXLSXBombs(t *testing.T) {
	t.Parallel()
	path := parts(t, "<worksheet/>", map[string]string{"xl/styles.xml": strings.Repeat(" ", maxPartBytes+1)})
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(100_000), "the bomb is small")
	_, err = openBook(path, "")
	assert.ErrorContains(t, err, "would unpack to")
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
		tab := newSheet(nil, &workbook{dates: []bool{false, true}}, part)
		for err == nil {
			_, err = tab.next()
		}
	})
}
