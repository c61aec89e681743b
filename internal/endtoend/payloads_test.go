package endtoend_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostileTexts are texts that a vendor may send, as JSON strings: what parsers, casts, dates and exports differ about.
var hostileTexts = []string{
	`"half \ud83d"`, `"\ude00 half"`, `"\u0000"`, `"a\u0000b"`, `"\u001b[31mred\u0007"`, `""`, `"   "`, `"\u00a0\u3000"`, `"\u200b\u200e\u202e"`,
	`"\u05e9\u05dc\u05d5\u05dd \u202eabc"`, `"Zo\u0308e\u0301\u200d"`, `"null"`, `"'; DROP TABLE core.people; --"`, `"%s $1 {0} {parent.id} ${HOME}"`,
	`"../../../../etc/passwd"`, `"C:\\a\\..\\b|c;d,e\"f"`, `"=cmd|' /C calc'!A0"`, `"<script>alert(1)</script>"`, `"line\r\nbreak\ttab"`,
	`"@"`, `"a@"`, `"@b"`, `"a@b@c"`, `"<a@b.example>"`, `"` + strings.Repeat("long ", 500) + `"`,
	// Numbers, and what looks like some.
	`"NaN"`, `"nan"`, `"Infinity"`, `"-inf"`, `"1e401"`, `"-1e401"`, `"1e-401"`, `"2e18"`, `"-2e18"`, `"-00"`, `"0x10"`, `"1_000"`, `"99999999999999999999.9"`,
	`"` + strings.Repeat("8", 40) + `"`, `"9223372036854775806"`, `"9223372036854775809"`, `"-5"`, `"00"`, `"1.50"`, `"0.000010"`, `"TRUE"`, `"P99999999999Y"`, `"P9999Y"`, `"P0D"`, `"P999999999D"`, `"P300000M"`,
	// Dates and times that some parsers take for such.
	`"infinity"`, `"-infinity"`, `"epoch"`, `"today"`, `"now"`, `"0000-00-00"`, `"0000-01-01"`, `"0001-01-01"`, `"0206-05-05"`, `"-0044-03-15"`, `"44-03-15 (BC)"`, `"2026-02-30"`, `"9999-12-31"`,
	`"+012345-01-01"`, `"10000-01-01"`, `"294247-01-10"`, `"5877642-06-25"`, `"2026-13-01"`, `"1970-01-01"`, `"2262-04-12"`, `"0000-01-01T00:00:00Z"`, `"0001-01-01T00:00:00Z"`,
	`"0206-05-05T00:00:00Z"`, `"9999-12-31T23:59:59Z"`, `"+012345-01-01T00:00:00Z"`, `"2026-11-01T25:00:00Z"`, `"2026-11-01T10:00:00+99:99"`, `"1970-01-01T00:00:00Z"`, `"294247-01-10T04:00:54Z"`,
}

// hostileValues are values of other types, and numbers out of every range.
var hostileValues = []string{
	`null`, `true`, `false`, `{}`, `{"a": 1}`, `{"amount": "x"}`, `{"value": null}`, `[]`, `[1, 2]`, `[null]`, `[{}]`, `["x", {"id": 1}]`,
	`{"amount": 1e400, "value": [], "minor_unit_conversion_rate": 0}`, `{"amount": 5, "minor_unit_conversion_rate": 0}`, `{"amount": 5, "minor_unit_conversion_rate": -100}`,
	`{"amount": 99999999999999.9999, "minor_unit_conversion_rate": 1}`,
	`0`, `-0`, `-0.0`, `77`, `-1`, `-5.5`, `1.5`, `0.00001`, `1e-400`, `1e400`, `-1e400`, `1e308`, `1e18`, `-1e18`, `1e12`, `99999999999999999999.99`, `-99999999999999999999.99`,
	`9999999999999999.99`, `99999999999999.9999`, `2147483648`, `9223372036854775807`, `9223372036854775808`, `-9223372036854775808`, `170141183460469231731687303715884105727`, strings.Repeat("9", 40), strings.Repeat("9", 400),
}

// large is a text of two megabytes.
var large = `"` + strings.Repeat("0123456789abcde ", 2<<20/16) + `"`

// deep nests deeper than any parser should follow.
var deep = strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)

// mark stands in a record where hostile text comes in, which no encoder must see.
const mark = `"@HOSTILE@"`

// variants makes records of a template: each of its values, and each object and array in it, replaced by each of the
// hostile texts and values in turn, and some that are hostile as a whole. name makes each record another one by its
// ids and addresses before that.
func variants(t *testing.T, template []byte, seen map[string]bool, name func(n int, record map[string]any)) [][]byte {
	t.Helper()
	var out [][]byte
	one := func(change func(record map[string]any)) []byte {
		var record map[string]any
		d := json.NewDecoder(bytes.NewReader(template))
		d.UseNumber()
		require.NoError(t, d.Decode(&record))
		name(len(seen), record)
		seen[fmt.Sprint(len(seen))] = true
		change(record)
		text, err := json.Marshal(record)
		require.NoError(t, err)
		return text
	}
	var first map[string]any
	require.NoError(t, json.Unmarshal(template, &first))
	for _, path := range places(first, nil) {
		key := "place " + strings.Join(path, ".")
		if seen[key] || path[len(path)-1] == "type" && len(path) > 1 {
			continue // another template had it, or nobody reads it
		}
		seen[key] = true
		values := slices.Concat(hostileTexts, hostileValues)
		if len(path) == 1 {
			values = append(values, large)
		}
		for _, v := range values {
			record := one(func(record map[string]any) { put(record, path, json.RawMessage(mark)) })
			require.Contains(t, string(record), mark)
			out = append(out, bytes.Replace(record, []byte(mark), []byte(v), 1))
		}
		gone := one(func(record map[string]any) { drop(record, path) })
		out = append(out, gone)
	}
	nothing := func(map[string]any) {}
	for _, extra := range []string{`"deep": ` + deep, `"": 1`, `"\u0000": 1`, `"\ud83d": 1`, `"a.b": {"$": 1}`, `"large": ` + large} {
		out = append(out, []byte("{"+extra+", "+string(one(nothing)[1:])))
	}
	// Each key twice, the other value of another type.
	text := one(nothing)
	var record map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &record))
	var twice []string
	for _, k := range slices.Sorted(maps.Keys(record)) {
		twice = append(twice, fmt.Sprintf("%q: %s, %q: [7]", k, record[k], k))
	}
	return append(out, []byte("{"+strings.Join(twice, ", ")+"}"))
}

// places lists the paths of a record's values, objects and arrays included.
func places(v any, at []string) [][]string {
	var out [][]string
	if len(at) > 0 {
		out = append(out, slices.Clone(at))
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, places(v[k], append(at, k))...)
		}
	case []any:
		for i := range v {
			out = append(out, places(v[i], append(at, fmt.Sprint(i)))...)
		}
	}
	return out
}

func put(v any, path []string, value any) {
	set(v, path, func(m map[string]any, key string) { m[key] = value }, func(l []any, i int) { l[i] = value })
}

func drop(v any, path []string) {
	set(v, path, func(m map[string]any, key string) { delete(m, key) }, func(l []any, i int) { l[i] = nil })
}

func set(v any, path []string, inMap func(map[string]any, string), inList func([]any, int)) {
	switch v := v.(type) {
	case map[string]any:
		if len(path) == 1 {
			inMap(v, path[0])
			return
		}
		set(v[path[0]], path[1:], inMap, inList)
	case []any:
		var i int
		if _, err := fmt.Sscan(path[0], &i); err != nil {
			return
		}
		if len(path) == 1 {
			inList(v, i)
			return
		}
		set(v[i], path[1:], inMap, inList)
	}
}
