package file_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAColumnThatTheNextExportNoLongerHasIsTold: without its status column a list is not one of active accounts, without its currency a price
// is not the organisation's. It stays told in later files, and until the settings say that it is right.
func TestAColumnThatTheNextExportNoLongerHasIsTold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ kind, before, after, column, told string }{
		{"roster", "email,status,tier\na@x,active,pro\nb@x,deactivated,free\n", "email,tier\na@x,pro\nb@x,free\n", "status", "does not have the column status, which %s had, so all accounts count as active"},
		{"roster", "email,status,tier\na@x,active,pro\nb@x,deactivated,free\n", "email,status,tier\na@x,,pro\nb@x,,free\n", "status", "has the column status without a value"},
		{"roster", "email,status,tier\na@x,active,pro\n", "email,status,tier\na@x,deactivated,free\n", "", ""},
		{"org_chart", "email,last_name,first_name,team,termination_date\na@x,A,A,T,2026-01-01\nb@x,B,B,T,\n", "email,last_name,first_name,team\na@x,A,A,T\nb@x,B,B,T\n", "termination_date", "nobody on the list counts as having left"},
		{"org_chart", "email,last_name,first_name,team,termination_date\na@x,A,A,T,2026-01-01\nb@x,B,B,T,\n", "email,last_name,first_name,team,termination_date\nb@x,B,B,T,\n", "", ""},
		{"contracts", "contract_id,vendor,start_date,end_date,licences,unit_price,currency\nc,v,2026-01-01,2026-12-31,5,1,USD\n", "contract_id,vendor,start_date,end_date,licences,unit_price\nc,v,2026-01-01,2026-12-31,5,1\n", "currency", "all prices count as in the organisation's currency"},
		{"spend", "transaction_id,date,amount,currency,vendor\n1,2026-11-01,5,EUR,Zoom\n", "date,amount,currency,vendor\n2026-11-09,5,EUR,Zoom\n", "transaction_id", "what came before under its own id counts once more"},
		{"sso_logins", "occurred_at,email,app,outcome\n2026-11-01T00:00:00Z,a@x,Zoom,FAILURE\n", "occurred_at,email,app\n2026-11-09T00:00:00Z,a@x,Zoom\n", "outcome", "all sign-ins count as successful"},
	} {
		for _, names := range [][2]string{{"f-2026-11-01.csv", "f-2026-11-08.csv"}, {"f-2026-11-01.csv", "f-2026-11-01.csv"}} {
			w := newWorld(t, map[string]any{"kind": tc.kind, "path": "f-*.csv"})
			w.put(names[0], tc.before)
			require.NoError(t, w.read().Err)
			w.put(names[1], tc.after)
			checked, err := w.reader().Check(t.Context())
			require.NoError(t, err)
			res := w.read()
			require.NoError(t, res.Err)
			if tc.told == "" {
				assert.Empty(t, checksOf(res)["column_gone"])
				continue
			}
			told := tc.told
			if strings.Contains(told, "%s") {
				told = fmt.Sprintf(told, names[0])
				if names[0] == names[1] {
					told = "which was there before"
				}
			}
			assert.Contains(t, strings.ReplaceAll(checksOf(res)["column_gone"], `"`, ""), told)
			assert.Contains(t, checksOf(res)["column_gone"], "warning: "+names[1])
			assert.Contains(t, checksOf(checked[0]), "column_gone", "check says what the run says")
			assert.Contains(t, checksOf(w.read()), "column_gone", "each run does")

			w.put("f-2026-11-09.csv", tc.after)
			assert.Contains(t, checksOf(w.read())["column_gone"], "warning", "a later file does not make it right")
			w.conn.Settings["columns"] = map[string]any{tc.column: "-"}
			if !strings.Contains(tc.told, "has the column") {
				assert.NotContains(t, checksOf(w.read()), "column_gone", "somebody has said that it is right")
			}
		}
	}
}

// TestABankThatTurnsItsSignsIsAskedAbout: charges that the next export writes with the other sign are no refunds, whether or not settings say a sign.
func TestABankThatTurnsItsSignsIsAskedAbout(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"", "charges_positive", "charges_negative"} {
		w := newWorld(t, map[string]any{"kind": "spend", "path": "b-*.csv", "currency": "EUR"})
		before, after := "", "-"
		if said != "" {
			w.conn.Settings["sign"] = said
		}
		if said == "charges_negative" {
			before, after = after, before
		}
		lines := func(month int, n int, sign string) string {
			text := "date,amount,vendor\n"
			for i := range n {
				text += fmt.Sprintf("2026-%02d-%02d,%s%d,Zoom\n", month, i+1, sign, 10+i)
			}
			return text
		}
		w.put("b-2026-10.csv", lines(10, 20, before))
		assert.Empty(t, w.read().Findings)
		w.put("b-2026-11.csv", lines(11, 5, after))
		res := w.read()
		assert.Contains(t, checksOf(res)["negative_charges"], "warning: b-2026-11.csv: 5 of its 5 amounts count as refunds, while in the other files most are charges", said)
		checked, err := w.reader().Check(t.Context())
		require.NoError(t, err)
		assert.Contains(t, checksOf(checked[0]), "negative_charges", said)
		w.put("b-2026-11.csv", lines(11, 5, before)+lines(12, 2, after)[len("date,amount,vendor\n"):])
		assert.NotContains(t, checksOf(w.read()), "negative_charges", "two refunds among charges are no news")
	}
}
