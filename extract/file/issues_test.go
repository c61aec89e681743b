package file_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/config"
)

func issuesOf(w *world) []string {
	var issues []string
	for _, r := range w.rows() {
		if r.Issue != nil {
			issues = append(issues, *r.Issue)
		}
	}
	return issues
}

func TestBadRowsAreSetAside(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		settings map[string]any
		file     string
		text     string
		issues   []string
	}{
		{"spend", map[string]any{"kind": "spend"}, "card.csv",
			"transaction_id,date,Amount,currency,vendor,type\n" +
				"t1,2026-11-01,5,EUR,Zoom,invoice\n" +
				"t2,31/12/2026,5,EUR,Zoom,\n" +
				"t3,2026-11-01,five,EUR,Zoom,\n" +
				"t4,2026-11-01,5,EUR,Zoom,cash\n" +
				",2026-11-01,5,EUR,Zoom,\n" +
				"t6,2026-11-01,5,EUR\n" +
				"t7,2026-11-01,999999999999999,EUR,Zoom,\n",
			[]string{
				`card.csv line 3, column date: not a date (YYYY-MM-DD; for other notations set settings.date_format): "31/12/2026"`,
				`card.csv line 4, column Amount: not a number: "five"`,
				`card.csv line 7: the row has 4 columns, the header has 6`,
				`card.csv line 8, column Amount: too large: more than 14 digits before the point: "999999999999999"`,
			}},
		{"exempt", map[string]any{"kind": "exempt"}, "exempt.csv",
			"email\na@x\na@\n@x\na b@x\na@b@c\nplain\n",
			[]string{
				`exempt.csv line 3, column email: not an e-mail address: "a@"`,
				`exempt.csv line 4, column email: not an e-mail address: "@x"`,
				`exempt.csv line 5, column email: not an e-mail address: "a b@x"`,
				`exempt.csv line 6, column email: not an e-mail address: "a@b@c"`,
				`exempt.csv line 7, column email: not an e-mail address: "plain"`,
			}},
		{"network in JSON lines", map[string]any{"kind": "network"}, "net.jsonl",
			`{"date":"2026-11-01","domain":"x.com","bytes":12}` + "\n" +
				`{"date":"2026-11-01"}` + "\n" +
				`{"date":"2026-11-01","domain":"x.com","bytes":-1}` + "\n" +
				`{"date":"2026-11-01","domain":"x.com","bytes":true}` + "\n" +
				`{"date":"2026-11-01","domain":{"k":1}}` + "\n" +
				`{"date":"2026-11-01","domain":"a\u0000b"}` + "\n" +
				`{"date":20261101,"domain":"x.com"}` + "\n",
			[]string{
				`net.jsonl line 2, column domain: one of [domain app] is required`,
				`net.jsonl line 5, column domain: expected a single value, found nested JSON: "{\"k\":1}"`,
				`net.jsonl line 6, column domain: contains a zero character: "a\x00b"`,
				`net.jsonl line 7, column date: not a date (YYYY-MM-DD; for other notations set settings.date_format): "20261101"`,
			}},
		{"contracts", map[string]any{"kind": "contracts", "date_format": "DD.MM.YYYY"}, "c.csv",
			"contract_id;vendor;start_date;end_date;licences;auto_renew\n" +
				"c1;Zoom;01.02.2026;31.12.2026;1.200;ja\n" +
				"c2;Zoom;01.02.2026;31.12.2026;1,5;yes\n" +
				"c3;Zoom;01.02.2026;31.12.2026;1.200;yes\n",
			[]string{`c.csv line 3, column licences: not a whole number: "1,5"`}},
		{"fx rates", map[string]any{"kind": "fx_rates"}, "fx.csv",
			"date,currency,rate\n2026-11-01,EUR,1.08\n2026-11-01,GBP,-1\n",
			[]string{`fx.csv line 3, column rate: a rate must be above zero: "-1"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.settings["path"] = tc.file
			w := newWorld(t, tc.settings)
			w.put(tc.file, tc.text)
			res := w.read()
			require.NoError(t, res.Err)
			assert.Equal(t, extract.StreamComplete, res.State)
			assert.Equal(t, tc.issues, issuesOf(w))
			assert.Equal(t, int64(len(tc.issues)), res.Issues)
			var counted int64
			for _, is := range w.commits()[0].Issues {
				counted += is.Rows
				assert.Contains(t, tc.issues, is.Sample)
			}
			assert.Equal(t, int64(len(tc.issues)), counted)
		})
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, file, text, want string
		settings               map[string]any
	}{
		{"no such file", "other.csv", "", "no file matches path people.csv", nil},
		{"empty", "people.csv", "", "file people.csv: is empty", nil},
		{"missing column", "people.csv", "E-mail adress,last name,First-Name,TEAM\na@x,b,c,d\n",
			`required column email is missing; the headers found are "E-mail adress", "last name", "First-Name", "TEAM"; if "E-mail adress" is email, set columns: {"E-mail adress": email}`, nil},
		{"duplicate headers", "people.csv", "email,last_name,Last Name,first_name,team\n", `two columns have the header "last_name" (columns 2 and 3) and last_name is read from it; rename one of them, or set columns: {"Last Name (2)": last_name} to take the second`, nil},
		{"no usable row", "people.csv", "email,last_name,first_name,team\nx,b,c,d\n", "none of its 1 rows can be used", nil},
		{"old Excel", "people.csv", "\xD0\xCF\x11\xE0 and so on", "before 2007", nil},
		{"gzip", "people.csv", "\x1f\x8b and so on", "gzip", nil},
		{"a web page", "people.csv", "\r\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "is an HTML page", nil},
		{"a table called .xls", "people.csv", "<table border=1><tr><td>email</td></tr></table>", "is an HTML table", map[string]any{"format": "csv"}},
		{"XML of Excel 2003", "people.csv", `<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, "XML spreadsheet of Excel 2003", nil},
		{"a bank's OFX", "people.csv", "OFXHEADER:100\nDATA:OFXSGML\n", "is an OFX file; export the transactions as CSV", nil},
		{"PDF", "people.csv", "%PDF-1.7\n", "is a PDF document", nil},
		{"no zip", "people.csv", "PK\x03\x04 and so on", "no readable XLSX", nil},
		{"no Parquet", "people.csv", "PAR1 and so on", "no readable Parquet", nil},
		{"array", "people.csv", "[{}]", "one object per line", map[string]any{"format": "json"}},
		{"empty JSON lines", "people.csv", "\n", "is empty", map[string]any{"format": "jsonl"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]any{"kind": "org_chart", "path": "people.csv"}
			for k, v := range tc.settings {
				settings[k] = v
			}
			w := newWorld(t, settings)
			w.put(tc.file, tc.text)
			res := w.read()
			assert.Equal(t, extract.StreamFailed, res.State)
			assert.ErrorContains(t, res.Err, tc.want)
			assert.Equal(t, res.Err.Error(), res.Error)
			assert.Empty(t, w.commits(), "nothing of it is committed")

			checked, err := w.reader().Check(t.Context())
			require.NoError(t, err)
			if tc.name != "empty JSON lines" {
				assert.Equal(t, extract.StreamFailed, checked[0].State)
			}
			assert.Empty(t, w.commits())
		})
	}
}

func TestTheConnectionsAppStandsInForTheColumn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "sso_assignments", "path": "a-2026-11-01.csv"})
	w.put("a-2026-11-01.csv", "email\na@x\n")
	assert.ErrorContains(t, w.read().Err, "required column app is missing")
	w.conn.App = "zoom"
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []map[string]any{{"email": "a@x"}}, w.payloads())
}

func TestMappingWinsOverTheColumnsOwnName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "e.csv", "columns": map[string]any{"work-MAIL": "email"}})
	w.put("e.csv", "email,Work mail,_raw\nprivate@x,work@x,7\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []map[string]any{{"email": "work@x", "_extra.email": "private@x", "_extra._raw": "7"}}, w.payloads())
}

func TestCheckLooksAndWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "e*.csv"})
	w.put("e1.csv", "email\na@x\nbad\n")
	w.put("e2.csv", "email\n")
	res, err := w.reader().Check(t.Context())
	require.NoError(t, err)
	require.Len(t, res, 1)
	assert.Equal(t, extract.StreamComplete, res[0].State)
	assert.Equal(t, int64(2), res[0].Pages)
	assert.Equal(t, int64(2), res[0].Rows)
	assert.Equal(t, int64(1), res[0].Issues)
	assert.NoDirExists(t, w.lake.Root())
}

func TestSettingsErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		settings map[string]any
		want     string
	}{
		{map[string]any{"kind": "exempt"}, "path is missing"},
		{map[string]any{"path": "x"}, "kind is missing"},
		{map[string]any{"path": "x", "kind": "rooster"}, "did you mean roster?"},
		{map[string]any{"path": "x", "kind": "exempt", "pth": "y"}, `unknown key "pth"; did you mean path?`},
		{map[string]any{"path": 7, "kind": "exempt"}, "path: expected text"},
		{map[string]any{"path": "x", "kind": "exempt", "columns": "email"}, "columns: expected"},
		{map[string]any{"path": "x", "kind": "exempt", "columns": map[string]any{"Mail": "emial"}}, `no column "emial"; did you mean email?`},
		{map[string]any{"path": "x", "kind": "exempt", "columns": map[string]any{"Mail": "email", "Post": "email"}}, "both name column email"},
		{map[string]any{"path": "x", "kind": "exempt", "columns": map[string]any{"Mail": 1}}, "expected a column's name"},
		{map[string]any{"path": "x", "kind": "exempt", "format": "xml"}, "format:"},
		{map[string]any{"path": "x", "kind": "exempt", "delimiter": "ab"}, "delimiter:"},
		{map[string]any{"path": "x", "kind": "exempt", "encoding": "klingon"}, "encoding:"},
		{map[string]any{"path": "x", "kind": "exempt", "date_format": "soon"}, "date_format:"},
	} {
		w := newWorld(t, tc.settings)
		_, err := newReader(w)
		assert.ErrorContains(t, err, tc.want)
		assert.ErrorContains(t, err, "line 7")
	}
	_, err := newReader(&world{t: t, conn: config.Connection{Name: "x"}})
	assert.Error(t, err)
}
