package file_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// TestDatesThatCanNotBeAreSetAside: a typing error in a year, a clock at its origin and a machine's word for never begin no series of
// centuries. Where the row needs the date it is set aside, else it counts without; either way file and cell are named.
func TestDatesThatCanNotBeAreSetAside(t *testing.T) {
	t.Parallel()
	// Of each kind a header and a row with %s for the date, and which dates are none.
	for name, tc := range map[string]struct {
		kind, header, row string
		impossible        []string
		cell              string // the column that the row can do without
	}{
		"a charge":             {"spend", "transaction_id,date,amount,currency,vendor", "%[2]s,%[1]s,5,USD,Zoom", []string{"0206-11-01", "1970-01-01", "9999-12-31", "2062-11-01", "1899-12-30"}, ""},
		"a sign-in":            {"sso_logins", "occurred_at,email,app", "%[1]sT10:00:00Z,%[2]s@x,Miro", []string{"0206-11-01", "1970-01-01", "9999-12-31"}, ""},
		"an action":            {"engagement", "occurred_at,email,event", "%[1]s 10:00:00,%[2]s@x,open", []string{"0206-11-01", "1970-01-01", "9999-12-31"}, ""},
		"traffic":              {"network", "date,domain,email", "%[1]s,zoom.us,%[2]s@x", []string{"0206-11-01", "1970-01-01", "9999-12-31"}, ""},
		"a list's day":         {"roster", "email,snapshot_date", "%[2]s@x,%[1]s", []string{"0206-11-01", "1970-01-01", "9999-12-31"}, ""},
		"assignments of a day": {"sso_assignments", "email,app,snapshot_date", "%[2]s@x,Miro,%[1]s", []string{"0206-11-01", "1970-01-01", "9999-12-31"}, ""},
		"a contract's start":   {"contracts", "contract_id,vendor,start_date,end_date,licences,app", "%[2]s,Zoom,%[1]s,2026-12-31,5,zoom", []string{"0206-11-01", "1970-01-01", "9999-12-31"}, ""},
		"a contract's end":     {"contracts", "contract_id,vendor,start_date,end_date,licences,app", "%[2]s,Zoom,2025-01-01,%[1]s,5,zoom", []string{"0206-11-01", "1970-01-01"}, ""},
		"a rate":               {"fx_rates", "date,currency,rate", "%[1]s,E%[3]s,1.1", []string{"0206-11-01", "1970-01-01", "9999-12-31"}, ""},
		"an account's birth":   {"roster", "email,created_at", "%[2]s@x,%[1]s", []string{"0206-11-01", "1970-01-01", "9999-12-31"}, "created_at"},
		"somebody's first day": {"org_chart", "email,last_name,first_name,team,start_date", "%[2]s@x,L,F,T,%[1]s", []string{"0206-11-01", "1970-01-01", "9999-12-31"}, "start_date"},
		"somebody's last day":  {"org_chart", "email,last_name,first_name,team,termination_date", "%[2]s@x,L,F,T,%[1]s", []string{"0206-11-01", "1970-01-01"}, "termination_date"},
	} {
		for _, format := range []string{"csv", "jsonl", "xlsx"} {
			t.Run(name+" in "+format, func(t *testing.T) {
				t.Parallel()
				currencies := []string{"UR", "GP", "TB", "RN", "EK", "EA"}
				lines := []string{tc.header}
				for i, date := range append([]string{"2026-11-01"}, tc.impossible...) {
					lines = append(lines, fmt.Sprintf(tc.row, date, fmt.Sprint("r", i), currencies[i]))
				}
				w := newWorld(t, map[string]any{"kind": tc.kind, "path": "in-2026-11-19." + format})
				if tc.kind == "fx_rates" {
					lines[1] = "2026-11-01,EUR,1.1"
				}
				w.table("in-2026-11-19."+format, lines)
				notes := fmt.Sprintln(checksOf(w.read()))
				for _, c := range w.commits() {
					for _, i := range c.Issues {
						notes += i.Sample + "\n"
					}
				}
				assert.Contains(t, notes, "in-2026-11-19."+format)
				assert.Contains(t, notes, "a date that can't be")
				usable, without := 0, 0
				for i, p := range w.payloads() {
					if w.rows()[i].Issue != nil {
						continue
					}
					usable++
					if p[tc.cell] == nil || p[tc.cell] == "" {
						without++
					}
				}
				if tc.cell == "" {
					assert.Equal(t, 1, usable)
					return
				}
				assert.Equal(t, 1+len(tc.impossible), usable)
				assert.Equal(t, len(tc.impossible), without)
			})
		}
	}
}

// table writes lines of comma-separated cells as a file of the kind that its name ends in.
func (w *world) table(name string, lines []string) {
	w.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.Join(lines, "\n"))).ReadAll()
	require.NoError(w.t, err)
	switch {
	case strings.HasSuffix(name, ".csv"):
		w.put(name, strings.Join(lines, "\n")+"\n")
	case strings.HasSuffix(name, ".jsonl"):
		var text strings.Builder
		for _, row := range rows[1:] {
			record := map[string]string{}
			for i, cell := range row {
				record[rows[0][i]] = cell
			}
			line, err := json.Marshal(record)
			require.NoError(w.t, err)
			text.Write(append(line, '\n'))
		}
		w.put(name, text.String())
	default:
		var cells [][]any
		for _, row := range rows {
			var line []any
			for _, cell := range row {
				line = append(line, cell)
			}
			cells = append(cells, line)
		}
		w.book(name, cells, func(*excelize.File) {})
	}
}

// TestNeverIsNoDate: the end of time as the end of a contract or of somebody's employment means that there is none.
func TestNeverIsNoDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "contracts", "path": "c.csv"})
	w.put("c.csv", "contract_id,vendor,start_date,end_date,licences,app\nC,Zoom,2025-01-01,9999-12-31,5,zoom\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"9999-12-31"}, w.column("end_date"))
	w = newWorld(t, map[string]any{"kind": "org_chart", "path": "p-2026-11-19.csv"})
	w.put("p-2026-11-19.csv", "email,last_name,first_name,team,termination_date\na@x,A,A,T,9999-12-31\n")
	res := w.read()
	require.NoError(t, res.Err)
	assert.Empty(t, checksOf(res)["bad_termination_date"])
	assert.Equal(t, []any{nil}, w.column("termination_date"))
}

// TestAListIsOfTheDayInItsFilesName, however it is written there; lists that fall on one day are one, and that is told.
func TestAListIsOfTheDayInItsFilesName(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"roster", "org_chart", "sso_assignments"} {
		header, row := "email", "a%d@x"
		switch kind {
		case "org_chart":
			header, row = "email,last_name,first_name,team", "a%d@x,L,F,T"
		case "sso_assignments":
			header, row = "email,app", "a%d@x,Miro"
		}
		w := newWorld(t, map[string]any{"kind": kind, "path": "u/*"})
		var want []string
		for i, tc := range []struct{ name, day string }{
			{"list_20260901093000.csv", "2026-09-01"}, {"list_2026_06_01.csv", "2026-06-01"}, {"list-01.07.2026.csv", "2026-07-01"}, {"list 2026.08.01 final.xlsx", "2026-08-01"},
			{"20260501T093000Z-list.jsonl", "2026-05-01"}, {"list-2026-10-01 (2).csv", "2026-10-01"}, {"list_15-Oct-2026.csv", "2026-10-15"}, {"list_10-31-2026.csv", "2026-10-31"},
			{"eu_20261101.csv", "2026-11-01"}, {"us-2026-11-01.jsonl", "2026-11-01"},
		} {
			w.table("u/"+tc.name, []string{header, fmt.Sprintf(row, i)})
			want = append(want, tc.day+" 1 u/"+tc.name)
		}
		res := w.read()
		require.NoError(t, res.Err)
		assert.ElementsMatch(t, want, w.snapshots(), kind)
		assert.Contains(t, checksOf(res)["files_of_one_day"], "2026-11-01", kind)
		assert.Empty(t, checksOf(res)["date_in_name_unclear"], kind)
	}
}
