package file_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOneBadByteSpoilsNoOtherLine holds that a cut byte is repaired and told, and all else stays as written.
func TestOneBadByteSpoilsNoOtherLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "org_chart", "path": "hr.csv", "columns": map[string]any{"Cost Center": "cost_centre"}})
	w.put("hr.csv", "email,last_name,first_name,team\na@x.example,Müller,Ann,Vertrieb Süd\nb@x.example,B,Bo,Zentrale \xc3\n")
	res := w.read()
	require.NoError(t, res.Err)
	var checks []string
	for _, f := range res.Findings {
		checks = append(checks, f.Check)
	}
	assert.Equal(t, []string{"broken_text", "dated_by_reading", "mapped_header_missing"}, checks)
	rows := w.rows()
	assert.Contains(t, string(rows[0].Payload), "Vertrieb Süd")
}

// TestFilesOfOneDayAreOneList holds that a list in two files is told, and that each file stays a part of its own.
func TestFilesOfOneDayAreOneList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "roster", "path": "r-*.csv"})
	w.put("r-eu.csv", "email\na@x.example\n")
	w.put("r-us.csv", "email\nb@x.example\n")
	res := w.read()
	require.NoError(t, res.Err)
	require.Len(t, res.Findings, 2)
	assert.Contains(t, checksOf(res)["dated_by_reading"], "info: r-eu.csv: neither its name nor a column says of which day it is", "and how it was dated is told")
	assert.Contains(t, checksOf(res)["files_of_one_day"], "r-us.csv")
	assert.Equal(t, []string{"2026-11-20 1 r-eu.csv", "2026-11-20 1 r-us.csv"}, w.snapshots())
}

// TestNumbersAreJudgedByTheirColumn holds the decimal mark of a column to all of its values.
func TestNumbersAreJudgedByTheirColumn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rates   []string
		decimal string
		want    []any
		told    string
		failed  string
	}{
		"a comma proven by others":   {rates: []string{"1,1573", "1,158"}, want: []any{"1.1573", "1.158"}, told: "decimal_comma"},
		"a point proven by others":   {rates: []string{"1.1573", "1,158"}, want: []any{"1.1573", "1158"}, told: "decimal_point"},
		"either":                     {rates: []string{"1,157", "1,158"}, want: []any{"1157", "1158"}, told: "ambiguous_decimal"},
		"either, said":               {rates: []string{"1,157", "1,158"}, decimal: "comma", want: []any{"1.157", "1.158"}},
		"both":                       {rates: []string{"1,15", "1.15"}, failed: "set decimal: comma or decimal: point"},
		"a fraction below one tells": {rates: []string{"0,864", "1,158"}, want: []any{"0.864", "1.158"}, told: "decimal_comma"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]any{"kind": "fx_rates", "path": "fx.tsv"}
			if tc.decimal != "" {
				settings["decimal"] = tc.decimal
			}
			w := newWorld(t, settings)
			w.put("fx.tsv", "date\tcurrency\trate\n2026-11-01\tGBP\t"+tc.rates[0]+"\n2026-11-02\tGBP\t"+tc.rates[1]+"\n")
			res := w.read()
			if tc.failed != "" {
				require.ErrorContains(t, res.Err, tc.failed)
				return
			}
			require.NoError(t, res.Err)
			var rates []any
			for _, p := range w.payloads() {
				rates = append(rates, p["rate"])
			}
			assert.Equal(t, tc.want, rates)
			if tc.told == "" {
				assert.Empty(t, res.Findings)
				return
			}
			require.Len(t, res.Findings, 1)
			assert.Equal(t, tc.told, res.Findings[0].Check)
		})
	}
}

// TestDatesAreJudgedByTheirColumn holds the order of day and month of a column to all of its values.
func TestDatesAreJudgedByTheirColumn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		dates  [3]string
		want   []any
		failed string
	}{
		"day first":          {dates: [3]string{"25/10/2026", "03/04/2026", "04/05/2026"}, want: []any{"2026-10-25", "2026-04-03", "2026-05-04"}},
		"month first":        {dates: [3]string{"10/25/2026", "03/04/2026", "04/05/2026"}, want: []any{"2026-10-25", "2026-03-04", "2026-04-05"}},
		"points":             {dates: [3]string{"01.02.2026", "03.04.26", "04.05.2026"}, want: []any{"2026-02-01", "2026-04-03", "2026-05-04"}},
		"names":              {dates: [3]string{"1 Feb 2026", "March 4 2026", "2026/05/04"}, want: []any{"2026-02-01", "2026-03-04", "2026-05-04"}},
		"they contradict":    {dates: [3]string{"25/10/2026", "10/25/2026", "04/05/2026"}, failed: "set date_format"},
		"each may be either": {dates: [3]string{"01/02/2026", "03/04/2026", "04/05/2026"}, failed: "none of its 3 rows can be used"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]any{"kind": "network", "path": "n.csv"})
			w.put("n.csv", "date,domain\n"+tc.dates[0]+",x.example\n"+tc.dates[1]+",x.example\n"+tc.dates[2]+",x.example\n")
			res := w.read()
			if tc.failed != "" {
				require.ErrorContains(t, res.Err, tc.failed)
				return
			}
			require.NoError(t, res.Err)
			var dates []any
			for _, p := range w.payloads() {
				dates = append(dates, p["date"])
			}
			assert.Equal(t, tc.want, dates)
		})
	}
}
