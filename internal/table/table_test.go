package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var someColumns = []Column{
	{Name: "name"}, {Name: "n", Kind: Integer}, {Name: "amount", Kind: Exact, Scale: 2},
	{Name: "pct", Kind: Float}, {Name: "ok", Kind: Boolean}, {Name: "on", Kind: Date}, {Name: "at", Kind: Timestamp},
}

func someRows() [][]any {
	at := time.Date(2026, 11, 22, 3, 4, 5, 600_000_000, time.UTC)
	huge, _ := new(big.Int).SetString("170141183460469231731687303715884105727", 10)
	return [][]any{
		{"=1+1", int64(-5), Decimal{big.NewInt(-1250), 2}, 33.25, true, at, at},
		{"", int64(9007199254740993), Decimal{big.NewInt(5), 2}, 1e-9, false, at, at},
		{nil, nil, nil, nil, nil, nil, nil},
		{"日本\x1b[31m \u202egpj", huge, Decimal{big.NewInt(0), 2}, math.NaN(), true, at, at},
		{"a, \"b\"\nc", int64(0), Decimal{big.NewInt(100), 2}, 100.0, true, at, at},
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		FormatCSV: `name,n,amount,pct,ok,on,at
'=1+1,-5,-12.50,33.25,true,2026-11-22,2026-11-22T03:04:05.6Z
"",9007199254740993,0.05,1e-09,false,2026-11-22,2026-11-22T03:04:05.6Z
,,,,,,
` + "日本\x1b[31m \u202egpj" + `,170141183460469231731687303715884105727,0.00,NaN,true,2026-11-22,2026-11-22T03:04:05.6Z
"a, ""b""
c",0,1.00,100,true,2026-11-22,2026-11-22T03:04:05.6Z
`,
		FormatJSON: `[
  {"name": "=1+1", "n": -5, "amount": -12.50, "pct": 33.25, "ok": true, "on": "2026-11-22", "at": "2026-11-22T03:04:05.6Z"},
  {"name": "", "n": 9007199254740993, "amount": 0.05, "pct": 1e-09, "ok": false, "on": "2026-11-22", "at": "2026-11-22T03:04:05.6Z"},
  {"name": null, "n": null, "amount": null, "pct": null, "ok": null, "on": null, "at": null},
  {"name": "日本\u001b[31m ` + "\u202e" + `gpj", "n": 170141183460469231731687303715884105727, "amount": 0.00, "pct": "NaN", "ok": true, "on": "2026-11-22", "at": "2026-11-22T03:04:05.6Z"},
  {"name": "a, \"b\"\nc", "n": 0, "amount": 1.00, "pct": 100, "ok": true, "on": "2026-11-22", "at": "2026-11-22T03:04:05.6Z"}
]
`,
		FormatTable: `name                                                          n  amount    pct  ok     on          at
──────────────────────  ───────────────────────────────────────  ──────  ─────  ─────  ──────────  ──────────────────────
=1+1                                                         -5  -12.50  33.25  true   2026-11-22  2026-11-22T03:04:05.6Z
                                               9007199254740993    0.05  1e-09  false  2026-11-22  2026-11-22T03:04:05.6Z
–                                                             –       –      –  –      –           –
日本\x1b[31m \u202egpj  170141183460469231731687303715884105727    0.00    NaN  true   2026-11-22  2026-11-22T03:04:05.6Z
a, "b"\nc                                                     0    1.00    100  true   2026-11-22  2026-11-22T03:04:05.6Z
`,
	} {
		var b strings.Builder
		require.NoError(t, Render(&b, someColumns, Slice(someRows()), format))
		assert.Equal(t, want, b.String(), format)
	}
}

func TestRenderNothing(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{FormatCSV: "a\n", FormatJSON: "[]\n", FormatTable: "a\n─\n"} {
		var b strings.Builder
		require.NoError(t, Render(&b, []Column{{Name: "a"}}, Slice(nil), format))
		assert.Equal(t, want, b.String())
	}
}

func TestRenderErrors(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, Render(&bytes.Buffer{}, nil, Slice(nil), "xml"), ErrFormat)
	require.ErrorIs(t, CheckFormat("yaml"), ErrFormat)
	require.NoError(t, CheckFormat("json"))
	broken := errors.New("broken")
	for _, format := range []string{FormatTable, FormatJSON, FormatCSV} {
		rows := func(yield func([]any, error) bool) { yield(nil, broken) }
		assert.ErrorIs(t, Render(&bytes.Buffer{}, []Column{{Name: "a"}}, rows, format), broken, format)
		assert.Error(t, Render(fullDisk{}, []Column{{Name: "a"}}, Slice([][]any{{"x"}}), format), format)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestJSONParses(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, Render(&b, someColumns, Slice(someRows()), FormatJSON))
	dec := json.NewDecoder(&b)
	dec.UseNumber()
	var got []map[string]any
	require.NoError(t, dec.Decode(&got))
	assert.Equal(t, json.Number("9007199254740993"), got[1]["n"])
	assert.Equal(t, json.Number("-12.50"), got[0]["amount"])
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		unscaled int64
		scale    int
		want     string
	}{{0, 2, "0.00"}, {5, 2, "0.05"}, {-5, 2, "-0.05"}, {12345, 2, "123.45"}, {12345, 0, "12345"}, {-1, 4, "-0.0001"}} {
		d := Decimal{big.NewInt(tc.unscaled), tc.scale}
		assert.Equal(t, tc.want, d.String())
		assert.InDelta(t, float64(tc.unscaled)/math.Pow10(tc.scale), d.Float64(), 1e-12)
	}
	assert.Equal(t, "0", Decimal{}.String())
	assert.Equal(t, "n=-1.50", string(Decimal{big.NewInt(-150), 2}.Append([]byte("n="))))
	huge, _ := new(big.Int).SetString("-170141183460469231731687303715884105727", 10)
	assert.Equal(t, "-1701411834604692317316873037158841057.27", Decimal{huge, 2}.String())
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain größe 日本":   "plain größe 日本",
		"\x1b]0;owned\x07": `\x1b]0;owned\x07`,
		"a\r\nb\tc":        `a\r\nb\tc`,
		"\u009b31m":        `\x9b31m`,
		"\u202eevil":       `\u202eevil`,
		"bad\xffutf":       "bad\uFFFDutf",
		"👩\u200d💻":         "👩\u200d💻",
	} {
		assert.Equal(t, want, Printable(in))
	}
	assert.Equal(t, 4, displayWidth("日本"))
	assert.Equal(t, 1, displayWidth("e\u0301"))
}

// TestPlainTextIsAsAnyOther holds the short way that most texts take to the long one.
func TestPlainTextIsAsAnyOther(t *testing.T) {
	t.Parallel()
	alphabet := []string{"", "a", "Z", "0", " ", ",", `"`, "=", "-", "@", "'", "\t", "\r", "\n", "é", "＝", "\u00a0", "\xff", "~", "\x7f"}
	plain := 0
	for _, a := range alphabet {
		for _, b := range alphabet {
			for _, c := range alphabet {
				text := a + b + c
				want := string(appendText(nil, Defuse(strings.ToValidUTF8(text, "\uFFFD"))))
				assert.Equal(t, want, string(appendField(nil, Column{Kind: Text}, text)), "%q", text)
				if isPlain(text) {
					plain++
				}
			}
		}
	}
	assert.Greater(t, plain, 100)
}

// Whatever the text: a CSV reader gets it back, but for the apostrophe before what a spreadsheet
// would run; and no field that it reads starts like a formula.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "plain", "=1+1", "+49", "-5", "@x", "\t=1", "\r=1", "\n=1", "＝1", "a,b", `"`, "a\r\nb", " x ", "'=1", "\xff", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		w, err := NewCSVWriter(&b, []Column{{Name: "text"}, {Name: "n", Kind: Integer}})
		require.NoError(t, err)
		require.NoError(t, w.Write([]any{text, int64(-1)}))
		require.NoError(t, w.Flush())
		assert.True(t, utf8.Valid(b.Bytes()))
		records, err := csv.NewReader(&b).ReadAll()
		require.NoError(t, err)
		require.Len(t, records, 2)
		got := records[1][0]
		assert.False(t, IsFormula(got), "%q", got)
		assert.Equal(t, "-1", records[1][1], "numbers stay numbers")
		want := Defuse(strings.ToValidUTF8(text, "\uFFFD"))
		assert.Equal(t, strings.ReplaceAll(want, "\r\n", "\n"), got) // encoding/csv reads CRLF in a field as LF
	})
}

// Nothing that a terminal would act on gets through.
func FuzzPrintable(f *testing.F) {
	f.Add("\x1b[2J")
	f.Add("\u2066x")
	f.Fuzz(func(t *testing.T, text string) {
		got := Printable(text)
		assert.Equal(t, -1, strings.IndexFunc(got, hostile))
		assert.True(t, utf8.ValidString(got))
	})
}

func ExampleRender() {
	columns := []Column{{Name: "app"}, {Name: "unused", Kind: Integer}}
	rows := [][]any{{"Zoom", int64(52)}, {"Box", nil}}
	if err := Render(os.Stdout, columns, Slice(rows), FormatTable); err != nil {
		fmt.Println(err)
	}
	// Output:
	// app   unused
	// ────  ──────
	// Zoom      52
	// Box        –
}
