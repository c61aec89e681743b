package endtoend_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/filekind"
)

// soundRow is a row of each kind of file, by column. # makes each row another one.
var soundRow = map[string]map[string]string{
	"org_chart": {
		"email": "p#@acme.example", "last_name": "Lee#", "first_name": "Ann", "team": "Ops", "location": "Rome", "title": "Lead", "manager_email": "boss@acme.example",
		"additional_emails": "q#@acme.example", "cost_centre": "7", "department": "IT", "start_date": "2024-01-31", "termination_date": "2027-01-31", "snapshot_date": "2026-11-02",
	},
	"spend": {
		"transaction_id": "t#", "date": "2026-10-31", "amount": "12.50", "currency": "USD", "vendor": "Zoom", "type": "invoice", "payer_email": "p#@acme.example",
		"department": "IT", "category": "Software", "memo": "seats",
	},
	"contracts": {
		"contract_id": "c#", "vendor": "Zoom", "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "5", "line_id": "1", "app": "zoom", "instance": "main", "tier": "Pro",
		"unit_price": "10", "billing_period": "month", "currency": "USD", "auto_renew": "yes", "notice_days": "30", "is_user_licence": "yes", "owner_email": "p#@acme.example", "status": "active",
	},
	"roster": {
		"snapshot_date": "2026-11-02", "email": "p#@acme.example", "account_id": "a#", "username": "u#", "tier": "Pro", "status": "active", "created_at": "2026-01-02T03:04:05Z", "app": "miro", "instance": "main",
	},
	"engagement":      {"occurred_at": "2026-11-01T08:00:00Z", "email": "p#@acme.example", "event": "opened", "count": "3", "event_id": "e#", "app": "miro", "instance": "main"},
	"sso_logins":      {"occurred_at": "2026-11-01T08:00:00Z", "email": "p#@acme.example", "app": "figma", "instance": "main", "event_id": "e#", "outcome": "SUCCESS", "kind": "managed"},
	"sso_assignments": {"snapshot_date": "2026-11-02", "email": "p#@acme.example", "app": "figma", "instance": "main", "assigned_via": "direct", "groups": "g"},
	"network":         {"date": "2026-11-01", "domain": "notion.so", "app": "notion", "email": "p#@acme.example", "device": "d#", "bytes": "100", "requests": "1"},
	"exempt":          {"email": "p#@acme.example"},
	"fx_rates":        {"date": "2026-11-01", "currency": "EUR", "rate": "1.1"},
	"benchmarks":      {"app": "zoom", "metric": "engaged_pct", "cohort": "all", "n": "9", "p25": "20", "p33": "30", "p50": "50", "p66": "60", "p75": "70", "as_of": "2026-10-31", "source": "us"},
	"allocations":     {"app": "zoom", "team": "Team #", "percent": "0"},
}

// fileCell is a cell as a format writes it: text of any bytes, or, in JSON lines and sheets, the format's own words.
type fileCell struct {
	text string
	own  string
}

func columnsOf(t *testing.T, kind string) []string {
	t.Helper()
	k, ok := filekind.Lookup(kind)
	require.True(t, ok)
	var names []string
	for _, c := range k.Columns {
		names = append(names, c.Name)
	}
	return names
}

// placesOfACell is in how many columns of a kind each hostile cell stands, in turn; in all of them where tests are exhaustive.
const placesOfACell = 2

// hostileRows are sound rows and, where hostile, one for each hostile cell in some columns.
func hostileRows(t *testing.T, kind, format string, cells []fileCell) []map[string]fileCell {
	t.Helper()
	var rows []map[string]fileCell
	one := func() map[string]fileCell {
		row := map[string]fileCell{}
		for column, text := range soundRow[kind] {
			row[column] = fileCell{text: strings.ReplaceAll(text, "#", fmt.Sprint(format, len(rows)))}
		}
		rows = append(rows, row)
		return row
	}
	one()
	if _, keyed := soundRow[kind]["email"]; keyed {
		one()
	}
	columns := columnsOf(t, kind)
	for i, c := range cells {
		for j := range columns {
			if exhaustive || j < placesOfACell {
				one()[columns[(i*placesOfACell+j)%len(columns)]] = c
			}
		}
	}
	if len(cells) > 0 {
		for _, column := range columns {
			delete(one(), column)
		}
	}
	return rows
}

// bytesOf are the hostile texts as bytes, and what text files can hold beside.
func bytesOf(t *testing.T) []fileCell {
	t.Helper()
	cells := []fileCell{{text: "\xff\xfe"}, {text: "M\xfcller"}, {text: "\xed\xa0\xbd"}, {text: "\xef\xbf\xbd"}, {text: "\x00"}, {text: `="00123"`}, {text: "+1+1"}, {text: "@SUM(A1)"}, {text: "N/A"}, {text: "#REF!"}}
	for _, s := range slices.Concat(hostileTexts, hostileValues) {
		var text string
		if err := json.Unmarshal([]byte(s), &text); err != nil || s[0] != '"' {
			text = s
		}
		cells = append(cells, fileCell{text: text})
	}
	return append(cells, fileCell{text: strings.Repeat("long ", 20_000)})
}

// hostileFormats write rows as files.
var hostileFormats = map[string]struct {
	cells func(t *testing.T) []fileCell
	write func(t *testing.T, columns []string, rows []map[string]fileCell) []byte
}{
	"csv": {bytesOf, func(t *testing.T, columns []string, rows []map[string]fileCell) []byte {
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		require.NoError(t, w.Write(columns))
		for _, row := range rows {
			var record []string
			for _, c := range columns {
				record = append(record, row[c].text)
			}
			require.NoError(t, w.Write(record))
		}
		w.Flush()
		require.NoError(t, w.Error())
		return out.Bytes()
	}},
	"jsonl": {func(*testing.T) []fileCell {
		var cells []fileCell
		for _, s := range slices.Concat(hostileTexts, hostileValues, []string{deep, large, `"x", "extra": "\ud83d"`, "\"M\xfcller\"", "NaN", "01", `"open`}) {
			cells = append(cells, fileCell{own: s})
		}
		return cells
	}, func(t *testing.T, columns []string, rows []map[string]fileCell) []byte {
		var out bytes.Buffer
		for i, row := range rows {
			var members []string
			for _, c := range columns {
				cell, ok := row[c]
				if !ok {
					continue
				}
				if cell.own == "" {
					text, err := json.Marshal(cell.text)
					require.NoError(t, err)
					cell.own = string(text)
				}
				members = append(members, fmt.Sprintf("%q: %s", c, cell.own))
			}
			if i%2 == 0 && len(members) > 1 {
				members = append(members, members[0]) // twice the same is once
			}
			out.WriteString("{" + strings.Join(members, ", ") + "}\n")
			if i == 0 {
				out.WriteString("{" + strings.Join(members, ", ") + ", " + members[0][:strings.Index(members[0], ":")] + ": \"another\"}\n")
			}
		}
		return out.Bytes()
	}},
	"parquet": {bytesOf, func(t *testing.T, columns []string, rows []map[string]fileCell) []byte {
		group := parquet.Group{}
		for _, c := range columns {
			group[c] = parquet.Optional(parquet.String())
		}
		var out bytes.Buffer
		schema := parquet.NewSchema("rows", group)
		w := parquet.NewWriter(&out, schema)
		for _, row := range rows {
			var record parquet.Row
			for i, leaf := range schema.Columns() {
				cell, ok := row[leaf[0]]
				v := parquet.NullValue()
				if ok {
					v = parquet.ByteArrayValue([]byte(cell.text))
				}
				level := 0
				if ok {
					level = 1
				}
				record = append(record, v.Level(0, level, i))
			}
			_, err := w.WriteRows([]parquet.Row{record})
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return out.Bytes()
	}},
	"xlsx": {func(t *testing.T) []fileCell {
		var cells []fileCell
		for _, c := range bytesOf(t) {
			var text bytes.Buffer
			require.NoError(t, xml.EscapeText(&text, []byte(c.text)))
			cells = append(cells, fileCell{own: ` t="inlineStr"><is><t>` + text.String() + `</t></is>`})
		}
		for _, own := range []string{"&#xD83D;", "_x0000_", "_xD83D_"} {
			cells = append(cells, fileCell{own: ` t="inlineStr"><is><t>x` + own + `</t></is>`})
		}
		for _, number := range []string{"1e400", "-1e400", "-0", "NaN", "Infinity", "1e-400", "99999999999999999999", "9223372036854775808", "0.1e1", "", "12 3", "-1", "2958466", "1E15"} {
			cells = append(cells, fileCell{own: "><v>" + number + "</v>"}, fileCell{own: "><f>1/0</f><v>" + number + "</v>"})
		}
		return append(cells, fileCell{own: ` t="e"><v>#DIV/0!</v>`}, fileCell{own: ` t="b"><v>1</v>`}, fileCell{own: ` t="b"><v>7</v>`}, fileCell{own: ` t="d"><v>2026-13-01</v>`},
			fileCell{own: ` t="zz"><v>1</v>`}, fileCell{own: "><f>cmd|' /C calc'!A0</f>"})
	}, func(t *testing.T, columns []string, rows []map[string]fileCell) []byte {
		var sheet strings.Builder
		sheet.WriteString(`<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">`)
		for _, c := range columns {
			sheet.WriteString(`<c t="inlineStr"><is><t>` + c + `</t></is></c>`)
		}
		sheet.WriteString("</row>")
		for i, row := range rows {
			fmt.Fprintf(&sheet, `<row r="%d">`, i+2)
			for j, c := range columns {
				cell, ok := row[c]
				if cell.own == "" {
					cell.own = ` t="inlineStr"><is><t>` + cell.text + `</t></is>`
				}
				if ok {
					fmt.Fprintf(&sheet, `<c r="%c%d"%s</c>`, 'A'+j, i+2, cell.own)
				}
			}
			sheet.WriteString("</row>")
		}
		sheet.WriteString("</sheetData></worksheet>")
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for name, text := range map[string]string{
			"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Rows" sheetId="1" r:id="rId1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml":   sheet.String(),
		} {
			f, err := z.Create(name)
			require.NoError(t, err)
			_, err = f.Write([]byte(text))
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		return out.Bytes()
	}},
}

// hostileFiles is a workspace with a file of each kind in each format.
func hostileFiles(t *testing.T, hostile bool) *world {
	t.Helper()
	var connections strings.Builder
	each := func(do func(kind, format string)) {
		for _, kind := range filekind.Names() {
			for _, format := range slices.Sorted(maps.Keys(hostileFormats)) {
				do(kind, format)
			}
		}
	}
	each(func(kind, format string) {
		app := ""
		if kind == "roster" || kind == "engagement" {
			app = "\n    app: miro"
		}
		fmt.Fprintf(&connections, "  - name: %s-%s\n    connector: file%s\n    settings: {kind: %[1]s, path: uploads/%[1]s.%[2]s}\n", kind, format, app)
	})
	w := payloadWorld(t, connections.String())
	each(func(kind, format string) {
		f := hostileFormats[format]
		var cells []fileCell
		if hostile {
			cells = f.cells(t)
		}
		w.upload(t, "uploads/"+kind+"."+format, f.write(t, columnsOf(t, kind), hostileRows(t, kind, format, cells)))
	})
	return w
}

// TestHostileRowsOfFiles: whatever stands in a row of a file costs that row alone, or that cell, and is counted; in every
// kind, in each format.
func TestHostileRowsOfFiles(t *testing.T) {
	t.Parallel()
	if raceDetector && !exhaustive {
		t.Skip("nothing in it is concurrent that other tests don't try")
	}
	calm := hostileFiles(t, false)
	calm.requirePublished(t, "run")
	w := hostileFiles(t, true)
	w.requirePublished(t, "run")
	w.requireBooks(t)
	w.requireKept(t, calm)
	for format, check := range map[string]string{"csv": "broken_text", "jsonl": "lost_characters", "xlsx": "lost_characters", "parquet": "lost_characters"} {
		require.Len(t, w.query(t, "SELECT 1 FROM reports.data_quality WHERE check_name = 'org_chart-"+format+".org_chart."+check+"'"), 1, format)
	}
}
