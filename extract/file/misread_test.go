package file_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
)

// checksOf gives the samples of a result's findings by check.
func checksOf(res extract.StreamResult) map[string]string {
	found := map[string]string{}
	for _, f := range res.Findings {
		found[f.Check] = f.Severity + ": " + f.Sample
	}
	return found
}

// column gives a column of all good rows, in the file's order.
func (w *world) column(name string) []any {
	var all []any
	rows := w.rows()
	for i, p := range w.payloads() {
		if rows[i].Issue == nil {
			all = append(all, p[name])
		}
	}
	return all
}

// TestAStateUnderAnotherNameIsTold: a list of accounts whose states stand under a header that nobody mapped is not one of active accounts only.
func TestAStateUnderAnotherNameIsTold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ kind, head, row, told string }{
		{"roster", "email,Status [READ ONLY]", "a@x,Suspended", "all accounts count as active"},
		{"roster", "email,User Status", "a@x,Inactive", `columns: {"User Status": status}`},
		{"roster", "email,accountEnabled", "a@x,FALSE", "all accounts count as active"},
		{"roster", "email,Block credential", "a@x,True", "all accounts count as active"},
		{"roster", "email,Kontostatus", "a@x,Gesperrt", "all accounts count as active"},
		{"roster", "email,status,License Type", "a@x,active,Basic", "one tier"},
		{"roster", "email,status,Last active,Active Directory ID", "a@x,active,2026-01-01,7", ""},
		{"roster", "email,Last Active Date", "a@x,2026-01-01", ""},
		{"org_chart", "email,last_name,first_name,team,Exit date", "a@x,A,A,T,2026-01-01", "nobody on the list counts as having left"},
		{"org_chart", "email,last_name,first_name,team,Employment Status", "a@x,A,A,T,Terminated", "leave_out"},
		{"org_chart", "email,last_name,first_name,team,State,Annual leave,Marital status", "a@x,A,A,T,NY,3,x", ""},
		{"contracts", "contract_id,vendor,start_date,end_date,licences,unit_price,Billing Frequency", "c,v,2026-01-01,2026-12-31,5,1,monthly", "all prices count as of a year"},
		{"spend", "date,amount,currency,vendor,Status", "2026-11-01,5,EUR,Zoom,Declined", "declined, pending and reverted lines count"},
		{"sso_logins", "occurred_at,email,app,Result", "2026-11-01T00:00:00Z,a@x,Zoom,FAILURE", "all sign-ins count as successful"},
		{"sso_assignments", "email,app,assigned_via,Status", "a@x,Zoom,direct,DEPROVISIONED", "every row counts as an assignment that stands"},
		{"engagement", "occurred_at,email,event,Result", "2026-11-01T00:00:00Z,a@x,chat,failed", "actions that failed count like others"},
		{"network", "date,domain,Policy action", "2026-11-01,figma.com,Blocked", "what was blocked counts as use"},
	} {
		w := newWorld(t, map[string]any{"kind": tc.kind, "path": "f-2026-11-20.csv"})
		w.put("f-2026-11-20.csv", tc.head+"\n"+tc.row+"\n")
		res := w.read()
		require.NoError(t, res.Err)
		if tc.told == "" {
			assert.Empty(t, checksOf(res)["column_not_used"], tc.head)
			continue
		}
		assert.Contains(t, checksOf(res)["column_not_used"], tc.told, tc.head)
		assert.Contains(t, checksOf(res)["column_not_used"], "warning")

		headers := strings.Split(tc.head, ",")
		w.conn.Settings["columns"] = map[string]any{headers[len(headers)-1]: "-"}
		assert.Empty(t, checksOf(w.read())["column_not_used"], "somebody has looked at it")
	}
}

// TestMoneyThatCameInIsNoSpend: where the direction of an amount stands behind it, or as a word in a column of its own.
func TestMoneyThatCameInIsNoSpend(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR"})
	w.put("c.csv", "date,amount,vendor\n2026-11-01,5.00 DR,Zoom\n2026-11-02,\"1,234.50CR\",Zoom\n2026-11-03,7.00,Zoom\n2026-11-04,50.90Cr,Zoom\n2026-11-05,3.00 CR.,Zoom\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"5.00", "-1234.50", "7.00", "-50.90", "-3.00"}, w.column("amount"))

	w = newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR", "sign": "charges_negative"})
	w.put("c.csv", "date,amount,vendor\n2026-11-01,5.00 DR,Zoom\n2026-11-02,2.00 CR,Zoom\n2026-11-03,-7.00,Zoom\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"5.00", "-2.00", "7.00"}, w.column("amount"))

	for head, words := range map[string][2]string{"Soll/Haben": {"S", "H"}, "Debit/credit": {"Debit", "Credit"}, "Af Bij": {"Af", "Bij"}, "D/K": {"D", "K"}, "CreditDebitIndicator": {"DBIT", "CRDT"}} {
		file := "date,amount,vendor," + head + "\n2026-11-01,5.00,Zoom," + words[0] + "\n2026-11-02,2.00,Zoom," + words[1] + "\n"
		w := newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR"})
		w.put("c.csv", file)
		res := w.read()
		require.NoError(t, res.Err)
		assert.Contains(t, checksOf(res)["direction_not_used"], `: direction}`, head)

		w = newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR", "columns": map[string]any{head: "direction"}})
		w.put("c.csv", file+"2026-11-03,9.00,Zoom,?\n")
		res = w.read()
		require.NoError(t, res.Err)
		assert.Equal(t, []any{"5.00", "-2.00"}, w.column("amount"), head)
		assert.Empty(t, checksOf(res)["direction_not_used"])
		assert.Contains(t, strings.Join(issuesOf(w), " "), "neither a debit nor a credit")
	}

	// Signs that say it already.
	w = newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR", "sign": "charges_negative"})
	w.put("c.csv", "date,amount,vendor,Details\n2026-11-01,-5.00,Zoom,DEBIT\n2026-11-02,2.00,Zoom,CREDIT\n")
	assert.Empty(t, checksOf(w.read())["direction_not_used"])
}

// TestLinesThatABankCallsNoSpendAreAskedAbout: transfers, top-ups and reversals of a bank that no preset knows, by the words of a further column.
func TestLinesThatABankCallsNoSpendAreAskedAbout(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ head, told, quiet string }{
		"German":              {"Art", "Umbuchung;Stornobuchung", "Lastschrift"},
		"reversal":            {"Transaction kind", "Reversal", "Purchase"},
		"card":                {"Txn code", "TOPUP;CARD_REVERSAL", "CARD_PAYMENT"},
		"French":              {"Nature", "Retrait DAB;Annulation", "Achat"},
		"Spanish":             {"Concepto", "Traspaso", "Compra"},
		"Italian":             {"Causale", "Giroconto", "Pagamento"},
		"Dutch":               {"Mutatiesoort", "Geldopname", "Betaling"},
		"how it was paid":     {"Payment method", "", "Transfer"},
		"a product":           {"Product", "", "Exchange Online"},
		"bills paid by bank":  {"Channel", "", "Bank transfer"},
		"texts of many words": {"Note", "", "please make a reversal of this one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := "date,amount,vendor," + tc.head + "\n2026-11-01,5.00,Zoom," + tc.quiet + "\n"
			if tc.told != "" {
				for i, word := range strings.Split(tc.told, ";") {
					file += fmt.Sprintf("2026-11-0%d,14.99,Zoom,%s\n", i+2, word)
				}
			}
			w := newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR"})
			w.put("c.csv", file)
			res := w.read()
			require.NoError(t, res.Err)
			if tc.told == "" {
				assert.Empty(t, checksOf(res)["lines_of_no_spend"])
				return
			}
			words := strings.Split(tc.told, ";")
			for _, word := range words {
				assert.Contains(t, checksOf(res)["lines_of_no_spend"], `"`+word+`"`)
			}
			assert.NotContains(t, checksOf(res)["lines_of_no_spend"], tc.quiet)
			assert.Contains(t, checksOf(res)["lines_of_no_spend"], fmt.Sprintf("leave_out: {%q: [", tc.head))

			var leaveOut []any
			for _, word := range words {
				leaveOut = append(leaveOut, word)
			}
			w = newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR", "leave_out": map[string]any{tc.head: leaveOut}})
			w.put("c.csv", file)
			res = w.read()
			require.NoError(t, res.Err)
			assert.Empty(t, checksOf(res)["lines_of_no_spend"], "somebody has looked at it")
			assert.Equal(t, []any{"5.00"}, w.column("amount"))

			w = newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR", "columns": map[string]any{tc.head: "-"}})
			w.put("c.csv", file)
			assert.Empty(t, checksOf(w.read())["lines_of_no_spend"], "somebody has looked at it")
		})
	}
}

// TestAnAmountInAnotherCurrencyThanItsRow is not taken as one in the row's.
func TestAnAmountInAnotherCurrencyThanItsRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "c.csv"})
	w.put("c.csv", "transaction_id,date,amount,currency,vendor\n"+
		"1,2026-11-01,£12.50,USD,Zoom\n2,2026-11-01,$12.50,USD,Zoom\n3,2026-11-01,$12.50,EUR,Zoom\n4,2026-11-01,USD 6.00,USD,Zoom\n"+
		"5,2026-11-01,7.00 EUR,USD,Zoom\n6,2026-11-01,-US$8.00,usd,Zoom\n7,2026-11-01,Fr. 9.00,CHF,Zoom\n8,2026-11-01,€ 9.00,,Zoom\n9,2026-11-01,9.00 apples,USD,Zoom\n10,2026-11-01,5 kr.,NOK,Zoom\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"2", "4", "6", "7", "8", "10"}, w.column("transaction_id"))
	assert.Equal(t, []any{"12.50", "6.00", "-8.00", "9.00", "9.00", "5"}, w.column("amount"))
	assert.Equal(t, []any{"USD", "USD", "usd", "CHF", "EUR", "NOK"}, w.column("currency"))
	assert.Contains(t, strings.Join(issuesOf(w), " "), `the amount is in another currency, the row in USD: "£12.50"`)

	w = newWorld(t, map[string]any{"kind": "contracts", "path": "c.csv"})
	w.put("c.csv", "contract_id,vendor,start_date,end_date,licences,unit_price,currency,notice_days\nA,Zoom,2026-01-01,2026-12-31,25 seats,€10,,60 days\n"+
		"B,Zoom,2026-01-01,2026-12-31,25 Lizenzen,€10,USD,2 weeks\nC,Zoom,2026-01-01,2025-12-31,1,1,EUR,\nD,Zoom,2026-01-01,2026-12-31,5 boxes,1,EUR,2 months\n")
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []any{"EUR", "USD"}, w.column("currency"))
	assert.Equal(t, []any{"25", "25"}, w.column("licences"))
	assert.Equal(t, []any{"60", "14"}, w.column("notice_days"))
	assert.Equal(t, []any{"10", nil}, w.column("unit_price"))
	assert.Contains(t, checksOf(res)["bad_unit_price"], "the amount is in EUR, the row in USD")
	assert.Contains(t, strings.Join(issuesOf(w), " "), "2025-12-31 is before the start")
}

// TestADayIsADayWestOfGreenwichToo: what programs write as midnight of UTC is not the evening before.
func TestADayIsADayWestOfGreenwichToo(t *testing.T) {
	t.Parallel()
	there, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	w := newWorld(t, map[string]any{"kind": "spend", "path": "c*.csv", "currency": "USD"})
	w.zone = there
	w.put("c.csv", "date,amount,vendor\n2026-11-01T00:00:00Z,5,Zoom\n2026-11-02T00:00:00.000Z,5,Zoom\n2026-11-03,5,Zoom\n")
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []any{"2026-11-01", "2026-11-02", "2026-11-03"}, w.column("date"))
	assert.Contains(t, checksOf(res)["days_not_instants"], "info")
	assert.Equal(t, time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC).UnixMicro(), *w.rows()[0].EventAt)

	w = newWorld(t, map[string]any{"kind": "spend", "path": "c.jsonl"})
	w.zone = there
	w.put("c.jsonl", `{"date":"2026-11-01T00:00:00Z","amount":5,"vendor":"Zoom","currency":"USD"}`+"\n"+`{"date":"2026-11-02T03:30:00Z","amount":5,"vendor":"Zoom","currency":"USD"}`+"\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"2026-10-31", "2026-11-01"}, w.column("date"), "instants stay instants")
}

// TestYearsOfTwoDigits: somebody hired in 98 was not hired in 2098.
func TestYearsOfTwoDigits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "org_chart", "path": "p-2026-11-20.csv"})
	w.put("p-2026-11-20.csv", "email,last_name,first_name,team,start_date\na@x,A,A,T,13/05/98\nb@x,A,A,T,14/05/75\nc@x,A,A,T,15/05/26\nd@x,A,A,T,30-Nov-24\ne@x,A,A,T,1 Mai 99\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"1998-05-13", "1975-05-14", "2026-05-15", "2024-11-30", "1999-05-01"}, w.column("start_date"))
}

// TestAnIdThatIsNone: accounts whose ids a database wrote as NULL or a spreadsheet cut short are not one account.
func TestAnIdThatIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "roster", "path": "r-2026-11-20.csv"})
	w.put("r-2026-11-20.csv", "email,account_id,tier\na@x,NULL,Pro\nb@x,\\N,null\nc@x,#N/A,#REF!\nd@x,8.96529E+19,Pro\ne@x,123,NA\n")
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []any{nil, nil, nil, nil, "123"}, w.column("account_id"))
	assert.Equal(t, []any{"Pro", nil, nil, "Pro", "NA"}, w.column("tier"))
	assert.Contains(t, checksOf(res)["bad_account_id"], "cut this number short")
	assert.Contains(t, checksOf(res)["bad_tier"], "the cell holds an error")

	w = newWorld(t, map[string]any{"kind": "org_chart", "path": "p-2026-11-20.csv"})
	w.put("p-2026-11-20.csv", "email,last_name,first_name,team,termination_date\na@x,Null,Chris,T,NULL\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"Null"}, w.column("last_name"), "it is a name, too")

	w = newWorld(t, map[string]any{"kind": "spend", "path": "c*.csv", "currency": "EUR"})
	w.put("c1.csv", "transaction_id,date,amount,vendor\n1.23457E+15,2026-11-01,10,Zoom\n1.23457E+15,2026-11-02,20,Zoom\n")
	w.put("c2.csv", "transaction_id,date,amount,vendor\n1.23457E+15,2026-11-03,30,Zoom\n")
	require.NoError(t, w.read().Err)
	ids := map[string]bool{}
	for _, r := range w.rows() {
		ids[r.RecordID] = true
	}
	assert.Len(t, ids, 3, "no line replaces another")
}

// TestTextForSpreadsheets: ="00123" is 00123.
func TestTextForSpreadsheets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "roster", "path": "r-2026-11-20.csv"})
	w.put("r-2026-11-20.csv", "email,account_id\n=\"a@x\",=\"001\"\n\"=\"\"b@x\"\"\",\"=\"\"002\"\"\"\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"a@x", "b@x"}, w.column("email"))
	assert.Equal(t, []any{"001", "002"}, w.column("account_id"))
}

// TestAStrayQuoteTakesNoRowsAway, when another one further down seems to close it.
func TestAStrayQuoteTakesNoRowsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "spend", "path": "c.csv", "currency": "EUR"})
	w.put("c.csv", "transaction_id,date,amount,vendor,memo\n"+
		"t1,2026-11-01,10,Zoom,\"hello\nt2,2026-11-02,20.50,Zoom,plain\nt3,2026-11-03,30,Zoom,5\"\nt4,2026-11-04,40,Zoom,end\n"+
		"t5,2026-11-05,50,Zoom,\"Dear all,\nas, you, may, know\n2026-11-04, was a, good, day, 5\"\n")
	require.NoError(t, w.read().Err)
	assert.Equal(t, []any{"t2", "t4", "t5"}, w.column("transaction_id"))
	assert.Equal(t, []string{
		"c.csv line 2: character 23: this quote is not closed before the next row",
		"c.csv line 4: character 24: a quote inside an unquoted value",
	}, issuesOf(w))
}

// TestAListWhoseDateCanNotBeToldIsAskedAbout: monthly lists are not silently one list of today.
func TestAListWhoseDateCanNotBeToldIsAskedAbout(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]bool{
		"roster-05-06-2026.csv": true, "roster-2026-07.csv": true, "roster_Sep2026.csv": true, "roster-Q3-2026.csv": true, "roster-2026W40.csv": true, "2026 September.csv": true, "roster-11-2026.csv": true,
		"roster (1).csv": false, "roster.csv": false, "roster-2026-11-20.csv": false, "roster-2026.csv": false, "roster-v2.10.csv": false,
	} {
		w := newWorld(t, map[string]any{"kind": "roster", "path": "*.csv"})
		w.put(name, "email\na@x\n")
		res := w.read()
		require.NoError(t, res.Err)
		assert.Equal(t, told, checksOf(res)["date_in_name_unclear"] != "", name)

		w = newWorld(t, map[string]any{"kind": "roster", "path": "*.csv"})
		w.put(name, "email,snapshot_date\na@x,2026-11-01\n")
		assert.Empty(t, checksOf(w.read())["date_in_name_unclear"], name)
	}
}
