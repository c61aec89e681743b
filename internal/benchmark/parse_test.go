package benchmark_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/benchmark"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var today = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

func vocabulary(t testing.TB) *benchmark.Vocabulary {
	t.Helper()
	words, err := benchmark.BuiltIn()
	require.NoError(t, err)
	return words
}

// sample is a small contribution; n makes its contributor.
func sample(n int) *benchmark.Contribution {
	return &benchmark.Contribution{
		Contributor: fmt.Sprintf("%032x", n), AsOf: "2026-06-30", Currency: "USD", MinPeople: 10, SizeBand: "200-999", Industry: "retail",
		Cells: []benchmark.Cell{
			{App: "slack", Metric: "price:pro", Value: 104_50},
			{App: "zoom", Metric: "engaged_pct", Value: 86_00},
			{App: "zoom", Metric: "feature:hosted_meeting", Value: 0},
			{App: "zoom", Metric: "price", Value: 198_00},
		},
	}
}

func encoded(t testing.TB, c *benchmark.Contribution) string {
	t.Helper()
	data, err := c.Encode()
	require.NoError(t, err)
	return string(data)
}

func TestContributionAsRecorded(t *testing.T) {
	t.Parallel()
	got := encoded(t, sample(1))
	golden := filepath.Join("testdata", "contribution.json")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "run the test with -update if this is meant")
	assert.True(t, json.Valid([]byte(got)))
	c, err := benchmark.Parse([]byte(got), vocabulary(t), today)
	require.NoError(t, err)
	assert.Equal(t, sample(1), c)
}

func TestParseTakesAnyOrderOfKeysAndCells(t *testing.T) {
	t.Parallel()
	c, err := benchmark.Parse([]byte(`{"cells":[{"value":1.5,"metric":"price","app":"zoom"},{"app":"slack","metric":"engaged_pct","value":100}],
		"industry":"","size_band":"","min_people":5,"currency":"EUR","window_days":30,"as_of":"2026-07-01","contributor":"00000000000000000000000000000000",
		"about":[],"version":1,"format":"rightseat-benchmark-contribution"}`), vocabulary(t), today)
	require.NoError(t, err)
	assert.Equal(t, []benchmark.Cell{{App: "slack", Metric: "engaged_pct", Value: 100_00}, {App: "zoom", Metric: "price", Value: 1_50}}, c.Cells)
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	valid := encoded(t, sample(1))
	const cell = `{"app":"zoom","metric":"engaged_pct","value":86}`
	replace := func(old, with string) string {
		require.Contains(t, valid, old)
		return strings.Replace(valid, old, with, 1)
	}
	cases := []struct{ name, text, want string }{
		{"nothing", "", "line 1: the file ends too early"},
		{"no JSON", "app,metric\nzoom,price\n", "line 1: is no JSON"},
		{"not an object", "[]", "expected an object"},
		{"cut short", valid[:len(valid)/2], "the file ends too early"},
		{"something behind it", valid + "{}", "something follows"},
		{"too large", valid + strings.Repeat(" ", benchmark.MaxBytes), "more than 4194304 bytes"},
		{"deep nesting", replace(cell, strings.Repeat("[", 100_000)), "cells[1]: expected an object"},
		{"deep nesting in the notice", replace(`"about": [`, `"about": [`+strings.Repeat("[", 9_000)), "about[0]: expected a text"},
		{"other format", replace("rightseat-benchmark-contribution", "something-else"), "line 2: format: \"something-else\" is no contribution"},
		{"newer version", replace(`"version": 1`, `"version": 2`), "version: is 2; this version reads 1 only"},
		{"unknown key", replace(`"industry"`, `"organisation": "Acme", "industry"`), `unknown key "organisation"`},
		{"unknown key in a cell", replace(cell, `{"app":"zoom","metric":"engaged_pct","value":86,"person":"ann"}`), `line 22: cells[1]: unknown key "person"`},
		{"key in other letters", replace(`"industry"`, `"Industry"`), `unknown key "Industry"`},
		{"key twice", replace(`"version": 1`, `"version": 1, "version": 1`), `the key "version" stands twice`},
		{"key missing", replace("  \"size_band\": \"200-999\",\n", ""), `the key "size_band" is missing`},
		{"long notice", replace(`"about": [`, `"about": [`+strings.Repeat(`"",`, 60)), "about: has more than 50 elements"},
		{"long text", replace(`"about": [`, `"about": ["`+strings.Repeat("x", 600)+`",`), "about[0]: has more than 500 characters"},
		{"number for text", replace(`"currency": "USD"`, `"currency": 840`), "currency: expected a text"},
		{"contributor with a name", replace(`"00000000000000000000000000000001"`, `"acme"`), "contributor: \"acme\" is not 32 hexadecimal digits"},
		{"no date", replace("2026-06-30", "2026-06-31"), `as_of: "2026-06-31" is not a date`},
		{"date in the future", replace("2026-06-30", "2026-07-02"), "as_of: 2026-07-02 is in the future"},
		{"other window", replace(`"window_days": 30`, `"window_days": 90`), "window_days: is 90; this version reads 30 only"},
		{"currency in small letters", replace(`"USD"`, `"usd"`), "is not a currency"},
		{"currency as a formula", replace(`"USD"`, `"=1+1"`), "is not a currency"},
		{"groups too small", replace(`"min_people": 10`, `"min_people": 1`), "min_people: 1 is not a whole number from 5 to 100000"},
		{"absurd n", replace(`"min_people": 10`, `"min_people": 999999999`), "is not a whole number from 5"},
		{"half a person", replace(`"min_people": 10`, `"min_people": 10.5`), "min_people: 10.5 is not a whole number"},
		{"unknown size band", replace("200-999", "201-203"), "size_band: \"201-203\" is no size band; expected one of 1-49, 50-199"},
		{"unknown industry", replace("retail", "the one with the bakeries"), "industry: \"the one with the bakeries\" is no industry"},
		{"app outside the catalogue", replace(cell, `{"app":"acme-intranet","metric":"engaged_pct","value":86}`), `line 22: cells[1].app: "acme-intranet" is no app of the built-in catalogue`},
		{"app as a formula", replace(cell, `{"app":"=HYPERLINK(\"http://evil\")","metric":"engaged_pct","value":86}`), "is no app of the built-in catalogue"},
		{"unknown metric", replace("engaged_pct\"", "logins\""), `cells[1].metric: "logins" is no metric; expected engaged_pct`},
		{"feature of another app", replace(`"slack","metric":"price:pro"`, `"slack","metric":"feature:hosted_meeting"`), "\"hosted_meeting\" is no listed feature of slack"},
		{"tier that names a customer", replace("price:pro", "price:acme special"), "\"acme special\" is no licence type in general use"},
		{"tier in capitals", replace("price:pro", "price:Pro"), "no licence type"},
		{"tier without end", replace("price:pro", "price:pro pro pro pro pro"), "no licence type"},
		{"above 100 percent", replace(`"value":86`, `"value":100.01`), "cells[1].value: 100.01 is no percentage; expected 0 to 100"},
		{"negative percentage", replace(`"value":86`, `"value":-1`), "-1 is no percentage"},
		{"negative price", replace(`"value":198`, `"value":-198`), "cells[3].value: -198 is no price"},
		{"free", replace(`"value":198`, `"value":0`), "0 is no price"},
		{"absurd price", replace(`"value":198`, `"value":1000000.01`), "1000000.01 is no price of a licence"},
		{"huge number", replace(`"value":198`, `"value":1e308`), "is not a plain number"},
		{"infinite", replace(`"value":198`, `"value":1e999`), "is not a plain number"},
		{"endless digits", replace(`"value":198`, `"value":1`+strings.Repeat("0", 5000)), "is not a plain number"},
		{"NaN", replace(`"value":198`, `"value":NaN`), "is no JSON"},
		{"text for a number", replace(`"value":198`, `"value":"198"`), "expected a number"},
		{"null for a number", replace(`"value":198`, `"value":null`), "expected a number"},
		{"cell twice", replace(cell, cell+","+cell), "cells[2]: engaged_pct of zoom stands twice"},
		{"too many cells", replace(cell, strings.Repeat(`{"app":"x","metric":"","value":0},`, 20_001)), "is no app"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := benchmark.Parse([]byte(c.text), vocabulary(t), today)
			require.Error(t, err)
			assert.Nil(t, got)
			var problem *benchmark.Problem
			require.ErrorAs(t, err, &problem)
			assert.Contains(t, err.Error(), c.want)
			assert.Less(t, len(err.Error()), 500, "a stranger's text is cut")
		})
	}
}

func FuzzParse(f *testing.F) {
	words, err := benchmark.BuiltIn()
	require.NoError(f, err)
	valid := encoded(f, sample(1))
	f.Add([]byte(valid))
	for old, with := range map[string]string{
		`"value":86`: `"value":1e400`, `"zoom"`: `"=cmd"`, `"version": 1`: `"version": [[[[1]]]]`, "retail": "\xff\xfe", `"cells": [`: `"cells": [{},`, "price:pro": "price:",
	} {
		f.Add([]byte(strings.Replace(valid, old, with, 1)))
	}
	f.Add([]byte(`{"format":"rightseat-benchmark-contribution","format":""}`))
	f.Add([]byte("\ufeff{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := benchmark.Parse(data, words, today)
		if err != nil {
			var problem *benchmark.Problem
			require.ErrorAs(t, err, &problem)
			return
		}
		// What is taken can be written, and is the same when read again.
		again, err := benchmark.Parse([]byte(encoded(t, c)), words, today)
		require.NoError(t, err)
		require.Equal(t, c, again)
		for _, cell := range c.Cells {
			require.True(t, words.HasApp(cell.App))
			require.GreaterOrEqual(t, cell.Value, int64(0))
		}
		// Alone it makes no cell, and five of its kind make safe ones.
		require.Empty(t, benchmark.Pool([]*benchmark.Contribution{c}, benchmark.PoolOptions{Currency: c.Currency}).Rows)
		pool := benchmark.Pool([]*benchmark.Contribution{c, c, c, c, c}, benchmark.PoolOptions{Currency: c.Currency})
		for _, row := range pool.Rows {
			require.Equal(t, 5, row.N)
		}
	})
}
