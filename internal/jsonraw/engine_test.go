package jsonraw_test

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/jsonraw"
)

// engine opens the database that parses what lands.
func engine(t testing.TB) *sql.DB {
	t.Helper()
	db, err := duck.Open(context.Background(), "", duck.Options{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// hostile are texts that JSON parsers differ about.
var hostile = []string{
	`{"a":"\ud83d"}`, `{"a":"\udc00x"}`, `{"a":"\ud83d\ude00"}`, `{"a":"\ud83d\ud83d\ude00"}`, `{"a":"\uD83D\u0041"}`, `{"a":"\\ud83d"}`, `{"a":"\\\ud83d"}`,
	`{"\ud83d":1,"a":2}`, `{"a":"\u0000x"}`, `{"\u0000":1,"a":2}`, "{\"a\":\"\x01\"}", "{\"a\":\"x\ty\n\"}", "{\n\t\"a\": \"\x7f\"\r\n}", "{\"a\":\"\xff\xfe\"}", "{\"a\":\"\xed\xa0\xbd\"}",
	`{"a":1e400}`, `{"a":-1e400}`, `{"a":1e-400}`, `{"a":` + strings.Repeat("9", 400) + `}`, `{"a":-0}`, `{"a":-0.0}`, `{"a":1.50}`, `{"a":0.1e1}`, `{"a":1E+2}`, `{"a":9223372036854775808}`, `{"a":-9223372036854775809}`, `{"a":18446744073709551616}`, `{"a":5e-324}`, `{"a":1,"a":2}`,
	`{"a":1,"\u0061":2}`, `{"a":"x","a":"y"}`, `{"a":{"b":1},"a":{"b":2}}`, `{"a":"x","a":null}`, `{"a":null,"a":"x"}`, `{"b":1,"a":"x","b":2,"a":"y"}`, `{"A":"x","a":"y"}`, `{" a":"x","a":"y"}`, `{"a":12345678901234567890123}`,
	`{"a":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`, `{"a":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`,
	`{"":1}`, `{"a":{"b":"x"}}`, `{"a":null}`, `{"a":""}`, `"x"`, `1`, `[]`, `{"a":"` + strings.Repeat("long ", 100_000) + `"}`, "\"\\", `{"a":"\ud83d`, `{"a":NaN}`, `{"a":01}`, "\xef\xbb\xbf{}",
}

// requireSameReading: what we accept, the engine accepts once it is mended, and both read the same text out of it.
func requireSameReading(t testing.TB, db *sql.DB, in []byte) {
	t.Helper()
	if jsonraw.Check(in) != nil {
		return
	}
	text, mended, err := jsonraw.Mend(in)
	if deep := (*jsonraw.TooDeep)(nil); assert.ErrorAs(discard{}, err, &deep) {
		require.Greater(t, deep.Depth, jsonraw.MaxDepth)
		return
	}
	require.NoError(t, err)
	require.True(t, utf8.Valid(text))
	if !mended {
		require.Equal(t, string(in), string(text))
	}
	again, mended, err := jsonraw.Mend(text)
	require.NoError(t, err)
	require.False(t, mended, "mended once: %q", again)
	var valid bool
	var engines, listed, typed sql.NullString
	row := db.QueryRow(`SELECT json_valid(p), json_extract_string(p, '$.a'), json_extract_string(p, ['$.a', '$.b'])[1], (from_json(p, '{"a": "VARCHAR"}')).a
FROM (SELECT CAST(? AS VARCHAR) AS p) AS t`, string(text))
	require.NoError(t, row.Scan(&valid, &engines, &listed, &typed), "%q", text)
	require.True(t, valid, "%q", text)
	require.Equal(t, engines, listed)
	path, err := jsonraw.ParsePath("a")
	require.NoError(t, err)
	value, ok := path.Lookup(text)
	if !ok {
		return
	}
	ours, _ := jsonraw.Text(value)
	switch jsonraw.Kind(value) {
	case '"':
		require.Equal(t, ours, engines.String, "%q", text)
		require.Equal(t, ours, typed.String, "%q", text)
	case '0': // the engine writes it in its own way
		require.True(t, engines.Valid && typed.Valid, "%q", text)
		requireSameNumber(t, ours, engines.String)
		requireSameNumber(t, ours, typed.String)
	}
}

func requireSameNumber(t testing.TB, ours, engines string) {
	t.Helper()
	a, err := strconv.ParseFloat(ours, 64) // infinite beyond its range
	require.True(t, err == nil || errors.Is(err, strconv.ErrRange), "%q", ours)
	b, err := strconv.ParseFloat(engines, 64)
	require.True(t, err == nil || errors.Is(err, strconv.ErrRange), "%q", engines)
	require.Equal(t, a, b, "%s is %s", ours, engines)
	if whole := !strings.ContainsAny(ours, ".eE"); whole && ours != "-0" {
		require.Equal(t, ours, engines, "ids are exact")
	}
}

// discard takes no notice of a failed assertion.
type discard struct{}

func (discard) Errorf(string, ...any) {}

func TestWhatLandsTheEngineParses(t *testing.T) {
	t.Parallel()
	db := engine(t)
	for _, text := range hostile {
		requireSameReading(t, db, []byte(text))
	}
}

func TestMend(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"half an emoji":                {`{"a":"Zed \ud83d"}`, `{"a":"Zed \ufffd"}`},
		"the other half":               {`"\uDE00!"`, `"\ufffd!"`},
		"halves the wrong way round":   {`"\ude00\ud83d"`, `"\ufffd\ufffd"`},
		"a half before a whole":        {`"\ud83d\ud83d\ude00"`, `"\ufffd\ud83d\ude00"`},
		"a whole emoji":                {`"\ud83d\ude00"`, `"\ud83d\ude00"`},
		"a backslash before the word":  {`"\\ud83d"`, `"\\ud83d"`},
		"cut in a key":                 {`{"\ud83d":1}`, `{"\ufffd":1}`},
		"a byte of another encoding":   {"\"M\xfcller\"", `"M�ller"`},
		"a tab in a text":              {"{\n\t\"a\":\"x\ty\"}", "{\n\t\"a\":\"x\\u0009y\"}"},
		"a quote behind a backslash":   {"\"a\\\"\x01\"", `"a\"\u0001"`},
		"a zero character, as escaped": {`"\u0000"`, `"\u0000"`},
	} {
		got, mended, err := jsonraw.Mend([]byte(tc.in))
		require.NoError(t, err, name)
		assert.Equal(t, tc.want, string(got), name)
		assert.Equal(t, tc.in != tc.want, mended, name)
	}
}

// FuzzEngine holds our reading of JSON to the engine's.
func FuzzEngine(f *testing.F) {
	for _, text := range hostile {
		if len(text) < 2000 {
			f.Add([]byte(text))
		}
	}
	db := engine(f)
	f.Fuzz(func(t *testing.T, in []byte) { requireSameReading(t, db, in) })
}
