package file

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// readAll gives a table's rows as "number: cell|cell", broken ones as "number! reason".
func readAll(t testing.TB, tab table) []string {
	t.Helper()
	var rows []string
	for {
		r, err := tab.next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		require.NoError(t, err)
		var cells []string
		for _, c := range r.cells {
			cells = append(cells, tab.names()[c.column]+"="+c.text)
		}
		text := strings.Join(cells, " ")
		if r.broken != "" {
			text = "! " + r.broken
		}
		rows = append(rows, strconv.Itoa(r.number)+": "+text)
	}
}

func csvOf(t testing.TB, text string, delimiter rune) *csvTable {
	t.Helper()
	tab, err := newCSV(strings.NewReader(text), io.NopCloser(nil), delimiter, headerAt{})
	require.NoError(t, err)
	return tab
}

func TestCSV(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"comma", "a,b\n1,2\n", []string{"2: a=1 b=2"}},
		{"semicolon", "a;b\n1;2,5\n", []string{"2: a=1 b=2,5"}},
		{"tab", "a\tb\n1\t2\n", []string{"2: a=1 b=2"}},
		{"pipe", "a|b\n1|2\n", []string{"2: a=1 b=2"}},
		{"delimiters inside quotes do not count", "\"a;x;y;z\",b\n1,2\n", []string{"2: a;x;y;z=1 b=2"}},
		{"one column", "a\n1\n", []string{"2: a=1"}},
		{"Excel's hint", "sep=;\na;b\n1;2\n", []string{"3: a=1 b=2"}},
		{"CRLF", "a,b\r\n1,2\r\n3,4", []string{"2: a=1 b=2", "3: a=3 b=4"}},
		{"CR alone", "a,b\r1,2\r", []string{"2: a=1 b=2"}},
		{"no line end at the end", "a,b\n1,2", []string{"2: a=1 b=2"}},
		{"quoted line break", "a,b\n\"1\n\n2\",3\n4,5\n", []string{"2: a=1\n\n2 b=3", "5: a=4 b=5"}},
		{"doubled quotes", "a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", []string{"2: a=say \"hi\" b=\""}},
		{"blanks around quotes", "a,b\n \"1\" ,\"2\" \n", []string{"2: a=1 b=2"}},
		{"blank lines and rows of delimiters", "\n\na,b\n\n,\n1,2\n  \n", []string{"6: a=1 b=2"}},
		{"empty cells are left out", "a,b,c\n,2,\n", []string{"2: b=2"}},
		{"too few columns", "a,b\n1\n3,4\n", []string{"2: ! the row has 1 columns, the header has 2", "3: a=3 b=4"}},
		{"too many columns", "a,b\n1,2,3\n3,4\n", []string{"2: ! the row has 3 columns, the header has 2", "3: a=3 b=4"}},
		{"bare quote", "a,b\nx\"y,2\n3,4\n", []string{"2: ! character 2: a quote inside an unquoted value", "3: a=3 b=4"}},
		{"text after a quote", "a,b\n\"x\"y,2\n3,4\n", []string{"2: ! character 4: text after a closing quote", "3: a=3 b=4"}},
		{"quote never closed", "a,b\n\"1,2\n3,4\n5,6\n", []string{"2: ! character 1: this quote is never closed", "3: a=3 b=4", "4: a=5 b=6"}},
		{"quote closed by a later row", "a,b\n\"1,2\n3,\"x\"\n5,6\n", []string{"2: ! character 4: text after a closing quote", "3: a=3 b=x", "4: a=5 b=6"}},
		{"zero byte", "a,b\n1,\x002\n3,4\n", []string{"2: ! character 3: a zero byte", "3: a=3 b=4"}},
		{"header in quotes over two lines", "\"a\nx\",b\n1,2\n", []string{"3: a\nx=1 b=2"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tc.want, readAll(t, csvOf(t, tc.text, 0)))
		})
	}
}

func TestCSVWithADeclaredDelimiter(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"2: a,x=1 b=2"}, readAll(t, csvOf(t, "a,x~b\n1~2\n", '~')))
}

func TestCSVHeaderErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"empty":        {"", "is empty"},
		"blank lines":  {"\n \n", "is empty"},
		"broken":       {"a,\"b\n1,2\n", "header can't be read"},
		"far too many": {"email" + strings.Repeat(",x", maxNames), "has 10001 columns, more than 10000"},
		"far too long": {strings.Repeat("x", maxRecord+1), "is this a CSV file"},
	} {
		_, err := newCSV(strings.NewReader(tc.text), io.NopCloser(nil), 0, headerAt{})
		assert.ErrorContains(t, err, tc.want, name)
	}
}

func TestCSVLongRowsAreSetAside(t *testing.T) {
	t.Parallel()
	tab := csvOf(t, "a,b\n"+strings.Repeat("x", maxRecord+10)+",2\n3,4\n", 0)
	assert.Equal(t, []string{"2: ! the line is longer than 4194304 bytes", "3: a=3 b=4"}, readAll(t, tab))

	// Nor is it cut where it was read once for the end of a quote in the line before.
	tab = csvOf(t, "a,b\n1,\"2\n3,"+strings.Repeat("x", maxRecord+10)+"\n5,6\n", 0)
	assert.Equal(t, []string{"2: ! character 3: this quote is never closed", "3: ! the line is longer than 4194304 bytes", "4: a=5 b=6"}, readAll(t, tab))
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	const text = "email,name\nasa@acme.example,Åsa Ødegård\n"
	as := func(e encoding.Encoding) string {
		s, err := e.NewEncoder().String(text)
		require.NoError(t, err)
		return s
	}
	for _, tc := range []struct{ name, bytes, declared string }{
		{"UTF-8", text, ""},
		{"UTF-8 declared", text, "utf-8"},
		{"UTF-8 with mark", "\uFEFF" + text, ""},
		{"UTF-16 LE with mark", as(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)), ""},
		{"UTF-16 BE with mark", as(unicode.UTF16(unicode.BigEndian, unicode.UseBOM)), ""},
		{"UTF-16 LE", as(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)), ""},
		{"UTF-16 BE", as(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)), ""},
		{"UTF-16 LE declared", as(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)), "utf-16le"},
		{"Windows-1252", as(charmap.Windows1252), ""},
		{"Windows-1252 declared", as(charmap.Windows1252), "windows-1252"},
		{"ISO 8859-15 declared", as(charmap.ISO8859_15), "iso-8859-15"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, []string{"2: email=asa@acme.example name=Åsa Ødegård"}, readAll(t, openText(t, tc.bytes, tc.declared)))
		})
	}
}

// TestLateLegacyBytes: the encoding is that of the whole file, not of its beginning.
func TestLateLegacyBytes(t *testing.T) {
	t.Parallel()
	text := "a,b\n" + strings.Repeat("x,plain text that fills the sample\n", 5000) + "y,caf\xe9\n"
	tab := openText(t, text, "")
	var last string
	for {
		r, err := tab.next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		last = r.cells[1].text
	}
	assert.Equal(t, "café", last)
}

func TestDeclaredUTF8ThatIsNot(t *testing.T) {
	t.Parallel()
	_, err := tryOpenText(t, "a,b\n1,caf\xe9\n", "utf-8")
	assert.ErrorIs(t, err, errNotUTF8)
}

func openText(t *testing.T, content, declared string) table {
	t.Helper()
	tab, err := tryOpenText(t, content, declared)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, tab.Close()) })
	return tab
}

func tryOpenText(t *testing.T, content, declared string) (table, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.csv")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	raw := map[string]any{"kind": "exempt", "path": path}
	if declared != "" {
		raw["encoding"] = declared
	}
	s, err := parseSettings(raw)
	require.NoError(t, err)
	fp, err := scan(context.Background(), path, 0)
	require.NoError(t, err)
	tab, _, err := open(context.Background(), path, formatCSV, fp, s, headerAt{})
	return tab, err
}

func TestTextCounterAtEveryCut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"aé€😀z": true, "a\xe9z": false, "a\xe2\x82": false, "": true, "\xff": false, "é": true} {
		for cut := 1; cut <= max(len(text), 1); cut++ {
			var c textCounter
			for rest := text; len(rest) > 0; {
				n := min(cut, len(rest))
				c.add([]byte(rest[:n]))
				rest = rest[n:]
			}
			assert.Equal(t, want, c.broken == 0 && len(c.rest) == 0, "%q in pieces of %d", text, cut)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\r\n\"x\ny\";2\r\n", "a\tb\n\"1\t2\n3\t4\n", "sep=|\na|b\n\"\"\"|2\n", "a,b\n\"\n\"\n\"\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tab, err := newCSV(strings.NewReader(string(data)), io.NopCloser(nil), 0, headerAt{})
		if err != nil {
			return
		}
		last := 0
		for {
			r, err := tab.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.number <= last {
				t.Fatalf("row %d after row %d", r.number, last)
			}
			last = r.number
			for _, c := range r.cells {
				if r.broken == "" && (c.column >= len(tab.names()) || c.text == "") {
					t.Fatalf("row %d: bad cell %+v", r.number, c)
				}
			}
		}
	})
}
