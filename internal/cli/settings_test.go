package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSettingsThatCameLaterCountAsIfTheyHadAlwaysBeenThere: a line that leave_out names goes, lines that get ids of their own are not there
// twice, a list that gets another date is not there on both; a month that a rolling export no longer has stays.
func TestSettingsThatCameLaterCountAsIfTheyHadAlwaysBeenThere(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"bank.csv":    "date,amount,vendor,Art,Ref\n2026-11-01,5.00,Zoom,Lastschrift,R1\n2026-11-02,14.99,Zoom,Storno,R2\n2026-11-03,500.00,Tarn,Umbuchung,R3\n",
		"use.csv":     "occurred_at,email,event,Result,Key\n2026-11-18T10:00:00Z,ann@acme.example,chat,ok,K1\n2026-11-18T11:00:00Z,ben@acme.example,chat,failed,K2\n",
		"signins.csv": "occurred_at,email,app,Why,Nr\n2026-11-18T10:00:00Z,ann@acme.example,Miro,user,1\n2026-11-18T12:00:00Z,ann@acme.example,Miro,monitor,2\n",
		"net.csv":     "date,domain,email,Verdict\n2026-11-18,figma.com,ann@acme.example,allow\n2026-11-18,figma.com,ben@acme.example,block\n",
		"list.csv":    "email,As of,Kind\nann@acme.example,2026-11-22,person\nben@acme.example,2026-11-22,person\nrobot@acme.example,2026-11-22,robot\n",
	}
	config := func(bank, use, signins, network, list string) string {
		return fmt.Sprintf(`organisation: {name: Acme, domains: [acme.example], timezone: Europe/Berlin, currency: EUR}
connections:
  - {name: bank, connector: file, settings: {kind: spend, path: uploads/bank.csv, currency: EUR%s}}
  - {name: chat, connector: file, app: zoom, settings: {kind: engagement, path: uploads/use.csv%s}}
  - {name: idp, connector: file, settings: {kind: sso_logins, path: uploads/signins.csv, idp: okta%s}}
  - {name: proxy, connector: file, settings: {kind: network, path: uploads/net.csv%s}}
  - {name: list, connector: file, app: figma, settings: {kind: roster, path: uploads/list.csv%s}}
`, bank, use, signins, network, list)
	}
	before := config("", "", "", "", "")
	after := config(", columns: {Ref: transaction_id}, leave_out: {Art: [Storno, Umbuchung]}", ", columns: {Key: event_id}, leave_out: {Result: [failed]}",
		", columns: {Nr: event_id}, leave_out: {Why: [monitor]}", ", leave_out: {Verdict: [block]}", ", columns: {As of: snapshot_date}, leave_out: {Kind: [robot]}")
	tables := []string{
		"SELECT transaction_id, transaction_date, amount FROM core.spend", "SELECT identifier, event, occurred_at FROM core.engagement_events", "SELECT identifier, occurred_at, app_id FROM core.sso_logins",
		"SELECT activity_date, domain, identifier FROM core.network_activity", "SELECT snapshot_date, account_id, app_id FROM core.accounts",
		"SELECT date, app_id, instance_id, provisioned_users, basis FROM reports.provisioned_users_daily WHERE date >= DATE '2026-11-15'",
	}
	put := func(dir string) {
		for name, text := range files {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", name), []byte(text), 0o600))
		}
	}
	run := func(file string, args ...string) {
		t.Helper()
		r := cli(append([]string{"--config", file, "run"}, args...)...)
		require.Equal(t, 0, r.code, r.errors)
	}
	said := func(file string) (all []string) {
		for _, q := range tables {
			all = append(all, strings.Join(ask(t, file, q+" ORDER BY ALL"), "\n"))
		}
		return all
	}

	dir, fresh := workspace(t, after)
	put(dir)
	run(fresh)
	want := said(fresh)
	assert.Equal(t, []string{"R1,2026-11-01,5.00"}, strings.Split(want[0], "\n"))

	dir, file := workspace(t, before)
	put(dir)
	run(file)
	assert.Len(t, strings.Split(said(file)[0], "\n"), 3)
	require.NoError(t, os.WriteFile(file, []byte(after), 0o600))
	run(file)
	for i, got := range said(file) {
		assert.Equal(t, want[i], got, tables[i])
	}
	unbalanced := "SELECT connection FROM reports.reconciliation WHERE read <> duplicates + superseded + set_aside + in_core"
	assert.Empty(t, ask(t, file, unbalanced))
	assert.Equal(t, []string{"2"}, ask(t, file, "SELECT superseded FROM reports.reconciliation WHERE connection = 'proxy'"))

	// An export that lost its oldest day when the settings changed, and got a new one.
	files["bank.csv"] = "date,amount,vendor,Art,Ref\n2026-11-02,14.99,Zoom,Storno,R2\n2026-11-03,500.00,Tarn,Umbuchung,R3\n2026-11-04,7.00,Miro,Lastschrift,R4\n"
	dir, file = workspace(t, before)
	put(dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", "bank.csv"), []byte("date,amount,vendor,Art,Ref\n2026-11-01,5.00,Zoom,Lastschrift,R1\n2026-11-02,14.99,Zoom,Storno,R2\n"), 0o600))
	run(file)
	put(dir)
	require.NoError(t, os.WriteFile(file, []byte(after), 0o600))
	run(file)
	assert.Equal(t, []string{"5.00", "7.00"}, ask(t, file, "SELECT amount FROM core.spend ORDER BY transaction_date"))
	assert.Empty(t, ask(t, file, unbalanced))
}
