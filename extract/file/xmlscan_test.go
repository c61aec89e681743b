package file

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// handWritten are the ways in which programs write rows, and those in which none should; each stands in a sheet.
var handWritten = []string{
	`<row r="1"><c r="A1" t="str"><v>email</v></c></row>`,
	`<row><c><v>1</v></c><c/><c><v>2.5E3</v></c></row><row/><row r="7" hidden="1"><c r="C7"><v> 3 </v></c></row>`,
	`<x:row r="2"><x:c r="B2" t="inlineStr"><x:is><x:t>prefixes</x:t></x:is></x:c></x:row>`,
	`<row xr:r="9" r="2" x14ac:dyDescent="0.2"><c xr:t="b" r="A2"><v>4</v></c></row>`,
	`<row><c t="inlineStr"><is><t xml:space="preserve">  kept </t></is></c><c t="str"><v>a_x000D_b_x0041_c_xD800_</v></c></row>`,
	`<row><c t="inlineStr"><is><r><rPr><b/></rPr><t>rich</t></r><r><t> text</t></r><rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr/></is></c></row>`,
	`<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="s"><v>99</v></c></row>`,
	`<row><c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="d"><v>2026-11-01</v></c><c s="1"><v>46000.5</v></c></row>`,
	`<row><c><f>A1+1</f></c><c><f t="shared" si="0">SUM(A1:B1)&gt;2</f><v></v></c><c t="str"><f>""</f><v></v></c><c><f/><v>5</v></c></row>`,
	"<row\r\n\tr = '3'\n><c r='A3' t=\"str\" ><v>a &amp; b &lt;c&gt; &quot;d&apos; &#65;&#x42;&#x1F600;\r\nnext\rlast</v ></c ></row >",
	`<row><c t="str"><v>one<!-- a comment - with <tags> & all -->two<?php ?>three<![CDATA[<four> & ]] ]>]]>five</v></c></row>`,
	`<row><c t="str"><v>` + strings.Repeat("long ünïcödé ", 40) + `</v></c><c t="str"><v>a>b ] ]] "q" 'q'</v></c></row>`,
	`<row a=""b='"' c="'>" d="&#xA;]]>"><c t="str"><v><b>nested</b>direct</v></c><other><c><v>1</v></c></other></row>`,
	`<row><c t="str"><v>&unknown;</v></c></row>`, `<row><c t="str"><v>&amp</v></c></row>`, `<row><c t="str"><v>&#0;</v></c></row>`, `<row><c t="str"><v>&#xD83D;</v></c></row>`,
	"<row><c t=\"str\"><v>\x01</v></c></row>", "<row><c t=\"str\"><v>\xff\xfe</v></c></row>", "<row><c t=\"str\"><v>\uFFFE</v></c></row>", "<row a=\"\xc3\"/>",
	`<row><c t="str"><v>]]></v></c></row>`, `<row a="<"/>`, `<row a=b/>`, `<row a/>`, `<row / >`, `<row></c></row>`, `<x:row></row>`, `<row><c></row></c>`, `<a:b:c/>`, `<1/>`, `<:/>`, `<a:/>`, `< row/>`,
	`<row><!-- a -- b --></row>`, `<!-->`, `<!-->-->`, `<!DOCTYPE a [<!ENTITY b "c">]>`, `<![cdata[x]]>`, `<!>`, `<?xml version="1.1"?>`, `<?xml version="1.0" encoding="latin1"?>`, `<?xml encoding='UTF-8'?>`, `<?>`,
	`<row r="x"/>`, `<row r="3"/><row r="2"/>`, `<row><c r="B1"/><c r="A1"/></row>`, `<row><c s="x"/></row>`, `<row><c><v>abc</v></c></row>`, `<row><c r="XFE1"/></row>`, strings.Repeat("<a>", maxDepth+1),
}

func sheetsByHand() [][]byte {
	const head, merged = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n" + `<worksheet xmlns="m" xmlns:x="m"><dimension ref="A1"/><cols><col min="1"/></cols><sheetData>`,
		`</sheetData><mergeCells count="2"><mergeCell ref="A2:A9"/><mergeCell ref="A1:B1"/></mergeCells><pageMargins left="0.7"/></worksheet>`
	var all [][]byte
	for _, rows := range handWritten {
		all = append(all, []byte(head+rows+merged))
	}
	return append(all, []byte(head+strings.Join(handWritten[:13], "\n")+merged), []byte("\uFEFF"+head+handWritten[0]+merged), []byte(head+handWritten[0]), []byte(head+handWritten[0]+merged[:60]), nil)
}

// pieceReader reads a part through a buffer of its own size, so that pieces are cut wherever they can be.
func pieceReader(part []byte, buffer int) *partReader {
	p := newPartReader(iotest.DataErrReader(bytes.NewReader(part)), defaultLimits.item)
	p.buf = make([]byte, 0, buffer)
	return p
}

func unreadSheet(p *partReader) *xlsxTable {
	texts := &sharedStrings{most: 1000}
	for _, text := range []string{"email", " shared "} {
		if err := texts.add(text); err != nil {
			panic(err)
		}
	}
	return &xlsxTable{part: p, header: []string{"email"}, book: &workbook{limits: defaultLimits, formats: []numberFormat{{}, {date: true}}, strings: texts}}
}

// sameSheet reads a sheet in both ways: the same cells, rows and notes come of it, and where one can't go on the other can't.
func sameSheet(t *testing.T, sheet []byte, buffer int) {
	t.Helper()
	want := referenceSheet{referencePart: newReferencePart(sheet), book: unreadSheet(nil)}
	wantErr := want.read()
	if foreignName(wantErr) {
		return
	}
	got := unreadSheet(pieceReader(sheet, buffer))
	var rows []string
	var err error
	for {
		var r *row
		if r, err = got.next(); err != nil {
			break
		}
		rows = append(rows, fmt.Sprintf("%d %+v", r.number, r.cells))
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if wantErr == nil {
		require.NoError(t, err, "%q", sheet)
	} else {
		require.Error(t, err, "%q: %v", sheet, wantErr)
	}
	require.Equal(t, want.rows, rows, "%q", sheet)
	require.EqualValues(t, want.hidden, got.hidden.n, "%q", sheet)
	require.EqualValues(t, want.merge, got.merged.n, "%q", sheet)
}

// sameTexts is the same for shared strings.
func sameTexts(t *testing.T, part []byte) {
	t.Helper()
	want, wantErr := newReferencePart(part).texts()
	if foreignName(wantErr) {
		return
	}
	got, err := readSharedStrings(iotest.HalfReader(bytes.NewReader(part)), defaultLimits)
	if wantErr != nil {
		require.Error(t, err, "%q: %v", part, wantErr)
		return
	}
	require.NoError(t, err, "%q", part)
	require.Len(t, got.ends, len(want), "%q", part)
	for i, text := range want {
		mine, _ := got.at(i)
		require.Equal(t, text, mine, "%q", part)
	}
}

// foreignName tells of names with other letters than ASCII's, of which encoding/xml knows which are letters: no name that matters has one.
func foreignName(err error) bool {
	return err != nil && strings.Contains(err.Error(), "invalid XML name") && strings.ContainsFunc(err.Error(), func(r rune) bool { return r >= 0x80 })
}

func TestSheetsAreReadAsEncodingXMLReadsThem(t *testing.T) {
	t.Parallel()
	read := 0
	for _, sheet := range sheetsByHand() {
		for _, buffer := range []int{1, 7, 64, firstBuffer} {
			sameSheet(t, sheet, buffer)
		}
		for cut := range sheet {
			sameSheet(t, sheet[:cut], 16)
		}
		if (&referenceSheet{referencePart: newReferencePart(sheet), book: unreadSheet(nil)}).read() == nil {
			read++
		}
	}
	assert.Greater(t, read, 15, "sheets that are not refused")
}

func TestMutatedSheetsAreReadAsEncodingXMLReadsThem(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	seeds := sheetsByHand()
	pieces := []string{"<", ">", "</", "/>", "&", ";", "&#", "'", `"`, "=", "]]>", "<![CDATA[", "<!--", "-->", "<?xml ", "?>", "\r\n", "\r", "\x00", "\xff", "é", ":", "x:", "<row>", "</row>", "<c>", "</c>", "<v>", "</v>", "<!DOCTYPE ", ` r="5"`, ` t="s"`}
	for range 20_000 {
		sheet := bytes.Clone(seeds[random.IntN(len(seeds))])
		for range 1 + random.IntN(3) {
			at := random.IntN(len(sheet) + 1)
			upTo := min(len(sheet), at+random.IntN(4))
			switch random.IntN(4) {
			case 0: // a piece out
				sheet = append(sheet[:at:at], sheet[upTo:]...)
			case 1: // another in its place
				sheet = append(append(sheet[:at:at], pieces[random.IntN(len(pieces))]...), sheet[upTo:]...)
			case 2: // one more
				sheet = append(append(sheet[:at:at], pieces[random.IntN(len(pieces))]...), sheet[at:]...)
			case 3: // the rest of another sheet
				other := seeds[random.IntN(len(seeds))]
				sheet = append(sheet[:at:at], other[random.IntN(len(other)+1):]...)
			}
		}
		sameSheet(t, sheet, 1+random.IntN(100))
	}
}

func TestSharedStringsAreReadAsEncodingXMLReadsThem(t *testing.T) {
	t.Parallel()
	for _, items := range []string{
		`<si><t>email</t></si><si/><si><t/></si><si><t xml:space="preserve"> a </t></si><si><t>_x000D_ &amp; &#10;</t></si>`,
		`<si><r><t>rich</t></r><r><rPr><sz val="11"/></rPr><t>@x</t></r><rPh sb="0" eb="2"><t>no</t></rPh><phoneticPr fontId="1"/></si>`,
		`<x:si><x:t>a<![CDATA[<b>]]><!-- no -->c</x:t></x:si><extLst><ext/></extLst><si><t>last</t></si>`,
		`<si><t>&bomb;</t></si>`, `<si><t>a</si></t>`, `<si><t>]]></t></si>`,
	} {
		part := []byte(`<?xml version="1.0"?><sst count="1">` + items + `</sst>`)
		sameTexts(t, part)
		for cut := range part {
			sameTexts(t, part[:cut])
		}
	}
}

func FuzzSheetsAsEncodingXML(f *testing.F) {
	for i, sheet := range sheetsByHand() {
		f.Add(sheet, uint8(i))
	}
	f.Fuzz(func(t *testing.T, sheet []byte, buffer uint8) {
		sameSheet(t, sheet, 1+int(buffer))
		sameTexts(t, sheet)
	})
}

// readBook reads a workbook to the error that ends it, or to its end.
func readBook(t *testing.T, path string) (rows int, err error) {
	t.Helper()
	tab, err := openBook(path, "")
	if err != nil {
		return 0, err
	}
	for ; err == nil; rows++ {
		_, err = tab.next()
	}
	require.NoError(t, tab.Close())
	return rows - 1, err
}

// TestAWorkbookWhoseBytesHaveChangedIsRefused: one digit is another one, as after a bad disk or a bad copy, and the XML is as
// good as before.
func TestAWorkbookWhoseBytesHaveChangedIsRefused(t *testing.T) {
	t.Parallel()
	const sheet, styles = `<worksheet><sheetData><row><c t="str"><v>seats</v></c></row><row><c s="1"><v>4711</v></c></row></sheetData>`,
		`<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`
	for name, change := range map[string][2]string{
		"a cell": {"4711", "4771"}, "a format": {`numFmtId="14"`, `numFmtId="11"`}, "a text": {"email", "eMail"},
	} {
		for _, behind := range []string{"</worksheet>", "<mergeCells><cut"} {
			path := filepath.Join(t.TempDir(), "stored.xlsx")
			out, err := os.Create(path)
			require.NoError(t, err)
			z := zip.NewWriter(out)
			for part, text := range map[string]string{
				"xl/workbook.xml":            `<workbook xmlns:r="x"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
				"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="/xl/worksheets/sheet1.xml"/></Relationships>`,
				"xl/sharedStrings.xml":       `<sst><si><t>email</t></si></sst>`,
				"xl/styles.xml":              styles,
				"xl/worksheets/sheet1.xml":   sheet + behind,
			} {
				w, err := z.CreateHeader(&zip.FileHeader{Name: part, Method: zip.Store})
				require.NoError(t, err)
				_, err = io.WriteString(w, text)
				require.NoError(t, err)
			}
			require.NoError(t, z.Close())
			require.NoError(t, out.Close())
			rows, err := readBook(t, path)
			require.ErrorIs(t, err, io.EOF, name)
			assert.Equal(t, 1, rows, name)

			whole, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, bytes.Replace(whole, []byte(change[0]), []byte(change[1]), 1), 0o600))
			_, err = readBook(t, path)
			require.ErrorIs(t, err, zip.ErrChecksum, name)
		}
	}
}

// TestADamagedSheetSaysWhere: the row, and the byte of the sheet's XML.
func TestADamagedSheetSaysWhere(t *testing.T) {
	t.Parallel()
	const head = `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>email</v></c></row>`
	for rows, want := range map[string]string{
		`<row r="2"><c r="A2" t="str"><v>a@x`:                           "row 2: at byte 108: unexpected EOF",
		`<row r="2"><c r="A2" t="str"><v>a&b@x</v></c></row>`:           `row 2: at byte 105: a & without its ;: "&b@x"`,
		`<row r="2"><c r="A2" t="str"><v>&lol9;</v></c></row>`:          `row 2: at byte 105: an unknown reference "&lol9;"`,
		`<!DOCTYPE lolz [<!ENTITY lol "lol">]><row r="2"></row>`:        "after row 1: at byte 73: a <!DOCTYPE or another declaration, which parts of a workbook can't have",
		"<row r=\"2\"><c r=\"A2\" t=\"str\"><v>M\xfcller</v></c></row>": "row 2: at byte 105: bytes that are no UTF-8",
	} {
		_, err := readBook(t, parts(t, head+rows, nil))
		assert.EqualError(t, err, "is a damaged XLSX file: "+want)
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		var wide bytes.Buffer
		require.NoError(t, binary.Write(&wide, order, append([]uint16{0xFEFF}, utf16.Encode([]rune(head+"</sheetData></worksheet>"))...)))
		_, err := readBook(t, parts(t, wide.String(), nil))
		assert.ErrorContains(t, err, "is a damaged XLSX file: after row 0: at byte 0: bytes that are no UTF-8")
	}
}
