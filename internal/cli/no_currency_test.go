package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMoneyWithoutACurrencyIsNamed: a charge of a vendor, and a line of a file, that do not say in which currency they are count nowhere, and
// are named.
func TestMoneyWithoutACurrencyIsNamed(t *testing.T) {
	t.Parallel()
	line := func(id string, currency any) object {
		return object{"id": id, "user_transaction_time": "2026-11-10T10:00:00Z", "amount": 12.5, "currency_code": currency, "merchant_name": "Zoom", "state": "CLEARED"}
	}
	server := vendorServer(t, func(path string, _ url.Values) any {
		if path != "/ramp/transactions" {
			return nil
		}
		without := line("t4", nil)
		delete(without, "currency_code")
		return object{"page": object{"next": nil}, "data": []any{line("t1", "USD"), line("t2", nil), line("t3", ""), without}}
	})
	file := vendorWorkspace(t, server, nil, "ramp")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(string(text)+
		"  - {name: cards, connector: file, settings: {kind: spend, path: 'cards.*'}}\n  - {name: euros, connector: file, settings: {kind: spend, path: euros.csv, currency: USD}}\n"), 0o600))
	write := func(name string, lines ...string) {
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	write("cards.csv", "transaction_id,date,amount,currency,vendor", "c1,2026-11-10,1.00,USD,Zoom", "c2,2026-11-10,2.00,,Zoom", "c3,2026-11-10,4.00, ,Zoom")
	write("cards.jsonl", `{"transaction_id": "j1", "date": "2026-11-10", "amount": 8, "currency": "USD", "vendor": "Slack"}`,
		`{"transaction_id": "j2", "date": "2026-11-10", "amount": 16, "vendor": "Slack"}`, `{"transaction_id": "j3", "date": "2026-11-10", "amount": 32, "currency": null, "vendor": "Slack"}`)
	write("euros.csv", "transaction_id,date,amount,vendor", "e1,2026-11-10,64.00,Miro") // its connection says it
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, []string{"c1,1.00", "e1,64.00", "j1,8.00", "t1,12.50"}, ask(t, file, "SELECT transaction_id, amount_base FROM core.spend WHERE amount_base IS NOT NULL ORDER BY 1"))
	assert.Equal(t, []string{"85.50"}, ask(t, file, "SELECT sum(amount) FROM reports.spend_by_department"))
	notes := strings.Join(ask(t, file, "SELECT check_name, failing_rows, sample FROM reports.data_quality ORDER BY 1"), "\n")
	assert.Regexp(t, `(?m)^ramp\..*,3,.*t2.*currency`, notes)
	assert.Regexp(t, `(?m)^cards\..*,4,.*currency`, notes)
	assert.Equal(t, []string{"cards,6,4,2", "euros,1,0,1", "ramp,4,3,1"},
		ask(t, file, "SELECT connection, read, set_aside, in_core FROM reports.reconciliation WHERE feed = 'spend' ORDER BY 1"))
}
