package transform_test

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
)

// TestReclaimRules: one idle seat in zoom (Licensed, on a roster) and one in box (assigned in Okta), and
// what becomes of them by rule, group and capability.
func TestReclaimRules(t *testing.T) {
	t.Parallel()
	const asOf = "2026-06-30"
	direct := []string{"deprovision", "downgrade"}
	unassign := []string{"unassign"}
	tests := []struct {
		name          string
		rules         []config.ReclaimRule
		roster, okta  []string
		box           record // how box is assigned
		again         record // a second row of the same seat
		exempt        config.Exempt
		wantZ, wantBo []string // action, method, exempt, risk; nil: no candidate
	}{
		{
			name: "without rules and capabilities: suggested",
			box:  record{"assigned_via": "direct"}, wantZ: []string{"deprovision", "suggest", "false", "–"}, wantBo: []string{"deprovision", "suggest", "false", "–"},
		},
		{
			name: "what the connection can do", roster: direct, okta: unassign,
			box: record{"assigned_via": "direct"}, wantZ: []string{"deprovision", "direct", "false", "–"}, wantBo: []string{"deprovision", "idp", "false", "–"},
		},
		{
			name: "a group that grants only this app", okta: unassign, box: record{"assigned_via": "group", "groups": "app-box"},
			wantZ: []string{"deprovision", "suggest", "false", "–"}, wantBo: []string{"deprovision", "idp", "false", "still assigned by group: app-box"},
		},
		{
			name: "a group that grants several apps is never automatic", okta: unassign, box: record{"assigned_via": "group", "groups": "app-box;Sales"},
			wantZ:  []string{"deprovision", "suggest", "false", "–"},
			wantBo: []string{"deprovision", "suggest", "false", "still assigned by group: app-box;Sales; Sales grants other apps or holds everybody: not automatic"},
		},
		{
			name: "nor where the groups stand in rows of their own", okta: unassign,
			box: record{"assigned_via": "group", "groups": "app-box"}, again: record{"assigned_via": "group", "groups": "Sales"},
			wantZ:  []string{"deprovision", "suggest", "false", "–"},
			wantBo: []string{"deprovision", "suggest", "false", "still assigned by group: Sales;app-box; Sales grants other apps or holds everybody: not automatic"},
		},
		{
			name: "two groups in rows of their own that grant only this app", okta: unassign,
			box: record{"assigned_via": "group", "groups": "app-box"}, again: record{"assigned_via": "group", "groups": "box-admins"},
			wantZ: []string{"deprovision", "suggest", "false", "–"}, wantBo: []string{"deprovision", "idp", "false", "still assigned by group: app-box;box-admins"},
		},
		{
			name: "a group without a name beside one with a name", okta: unassign,
			box: record{"assigned_via": "group", "groups": "app-box"}, again: record{"assigned_via": "group"},
			wantZ:  []string{"deprovision", "suggest", "false", "–"},
			wantBo: []string{"deprovision", "suggest", "false", "still assigned by a group that the source does not name: not automatic"},
		},
		{
			name: "a group that holds everybody is never automatic", okta: unassign, box: record{"assigned_via": "group", "groups": "Everyone"},
			wantZ:  []string{"deprovision", "suggest", "false", "–"},
			wantBo: []string{"deprovision", "suggest", "false", "still assigned by group: Everyone; Everyone grants other apps or holds everybody: not automatic"},
		},
		{
			name: "a group without a name is never automatic", okta: unassign, box: record{"assigned_via": "group"},
			wantZ:  []string{"deprovision", "suggest", "false", "–"},
			wantBo: []string{"deprovision", "suggest", "false", "still assigned by a group that the source does not name: not automatic"},
		},
		{
			name: "the first rule that fits decides, tiers and names case aside", roster: direct,
			rules: []config.ReclaimRule{{App: "ZOOM", Tier: "basic", InactiveDays: 30, Action: "deprovision", Method: "auto"},
				{App: "Zoom", Tier: "LICENSED", InactiveDays: 30, Action: "downgrade", Method: "direct"}, {App: "zoom", InactiveDays: 30, Action: "deprovision", Method: "auto"}},
			box: record{"assigned_via": "direct"}, wantZ: []string{"downgrade", "direct", "false", "–"}, wantBo: []string{"deprovision", "suggest", "false", "–"},
		},
		{
			name: "a rule's own window, and another instance's rule", okta: unassign,
			rules: []config.ReclaimRule{{App: "zoom", InactiveDays: 60, Action: "deprovision", Method: "auto"},
				{App: "box", Instance: "sandbox", InactiveDays: 120, Action: "deprovision", Method: "auto"}},
			box: record{"assigned_via": "direct"}, wantBo: []string{"deprovision", "idp", "false", "–"},
		},
		{
			name: "asked for by hand, or by a way that is not there", roster: direct, okta: unassign,
			rules: []config.ReclaimRule{{App: "zoom", InactiveDays: 30, Action: "deprovision", Method: "idp"}, {App: "box", InactiveDays: 30, Action: "deprovision", Method: "suggest"}},
			box:   record{"assigned_via": "direct"}, wantZ: []string{"deprovision", "suggest", "false", "–"}, wantBo: []string{"deprovision", "suggest", "false", "–"},
		},
		{
			name: "no lower tier to go to", rules: []config.ReclaimRule{{App: "box", InactiveDays: 30, Action: "downgrade", Method: "auto"}},
			box: record{"assigned_via": "direct"}, wantZ: []string{"deprovision", "suggest", "false", "–"},
		},
		{
			name: "exempt in one app, by its name and on both lists", roster: direct,
			exempt: config.Exempt{Emails: []string{"ann@acme.example"}, AppEmails: map[string][]string{"Zoom": {"ANN@acme.example"}}},
			box:    record{"assigned_via": "direct"}, wantZ: []string{"deprovision", "direct", "true", "–"}, wantBo: []string{"deprovision", "suggest", "true", "–"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.only("reports.reclaim_candidates", "reports.disagreements")
			w.connect("okta", "sso_assignments", idp("okta"))
			w.connect("log", "sso_logins", idp("okta"))
			w.connect("roster", "roster")
			w.config.Reclaim.Rules, w.config.Exempt = tt.rules, tt.exempt
			w.reclaim = map[string][]string{"roster": tt.roster, "okta": tt.okta}
			w.snapshot("roster", "roster", asOf, record{"email": "ann@acme.example", "app": "zoom", "tier": "Licensed"}, record{"email": "ben@acme.example", "app": "zoom", "tier": "Licensed"})
			box := record{"email": "ann@acme.example", "app": "box"}
			maps.Copy(box, tt.box)
			rows := []record{box}
			if tt.again != nil {
				again := record{"email": "ann@acme.example", "app": "box"}
				maps.Copy(again, tt.again)
				rows = append(rows, again)
			}
			w.snapshot("okta", "sso_assignments", asOf, append(rows,
				record{"email": "ben@acme.example", "app": "miro", "assigned_via": "group", "groups": "Sales"})...)
			login := func(id, email, app, on string) record {
				return record{"event_id": id, "email": email, "app": app, "occurred_at": on + "T10:00:00Z"}
			}
			w.events("log", "sso_logins", "occurred_at", login("1", "ann@acme.example", "zoom", "2026-05-10"),
				login("2", "ben@acme.example", "zoom", "2026-06-29"), login("3", "ann@acme.example", "box", "2026-05-10"), login("4", "ben@acme.example", "miro", "2026-06-29"))
			w.run(asOf)
			var want [][]string
			if tt.wantBo != nil {
				want = append(want, append([]string{"box", "ann@acme.example"}, tt.wantBo...))
			}
			if tt.wantZ != nil {
				want = append(want, append([]string{"zoom", "ann@acme.example"}, tt.wantZ...))
			}
			require.Equal(t, want, w.rows("SELECT app_id, person_id, action, method, is_exempt, reprovision_risk FROM reports.reclaim_candidates ORDER BY 1"))
		})
	}
}

// TestReturned: whoever was removed and is back stands in the disagreements, with what was recommended.
func TestReturned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("roster", "roster")
	w.connect("log", "sso_logins", idp("entra_id"))
	seats := func(day string, emails ...string) {
		var rows []record
		for _, e := range emails {
			rows = append(rows, record{"email": e, "app": "zoom"})
		}
		w.snapshot("roster", "roster", day, rows...)
	}
	seats("2026-01-01", "idle@acme.example", "busy@acme.example", "long@acme.example", "whole@acme.example")
	seats("2026-03-01", "idle@acme.example", "busy@acme.example", "whole@acme.example")
	seats("2026-03-20", "idle@acme.example", "busy@acme.example", "long@acme.example", "whole@acme.example")
	seats("2026-06-10", "whole@acme.example", "late@acme.example")
	seats("2026-06-20", "idle@acme.example", "busy@acme.example", "long@acme.example", "whole@acme.example", "late@acme.example")
	for i, day := range []string{"2026-04-20", "2026-05-20", "2026-06-20"} {
		w.events("log", "sso_logins", "occurred_at", record{"event_id": fmt.Sprint(i), "email": "busy@acme.example", "app": "zoom", "occurred_at": day + "T10:00:00Z"})
	}
	w.run("2026-06-30")
	require.Equal(t, [][]string{
		{"busy@acme.example", "was removed, and came back on 2026-06-20"},
		{"idle@acme.example", "was removed, and came back on 2026-06-20; the seat was a reclaim candidate on 2026-05-31"},
		{"long@acme.example", "was removed, and came back on 2026-06-20; the seat was a reclaim candidate on 2026-05-31"},
	}, w.rows("SELECT person_id, detail FROM reports.disagreements WHERE kind = 'reprovisioned' ORDER BY 1"))
}

// TestMoneyDisagrees: what is paid for and not used, what is charged without a contract, and what a
// licence that nobody holds costs.
func TestMoneyDisagrees(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("roster", "roster")
	w.connect("log", "sso_logins", idp("okta"))
	w.connect("contracts", "contracts")
	w.connect("cards", "spend")
	w.snapshot("roster", "roster", "2026-06-29", record{"email": "ann@acme.example", "app": "zoom"}, record{"email": "ann@acme.example", "app": "slack"})
	w.events("log", "sso_logins", "occurred_at",
		record{"event_id": "1", "email": "ann@acme.example", "app": "slack", "occurred_at": "2026-05-31T10:00:00Z"}, // a day too old
		record{"event_id": "2", "email": "ann@acme.example", "app": "zoom", "occurred_at": "2026-06-01T10:00:00Z"},
		record{"event_id": "3", "email": "ben@acme.example", "app": "miro", "occurred_at": "2026-06-30T10:00:00Z"}) // the log reaches the day
	contract := func(id, app string) record {
		return record{"contract_id": id, "vendor": app, "app": app, "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "4", "unit_price": "10", "billing_period": "month"}
	}
	w.snapshot("contracts", "contracts", "2026-06-01", contract("C1", "zoom"), contract("C2", "slack"))
	w.events("cards", "spend", "date",
		record{"transaction_id": "1", "date": "2026-06-02", "amount": "15.00", "currency": "USD", "vendor": "FIGMA"},
		record{"transaction_id": "2", "date": "2025-06-01", "amount": "9.00", "currency": "USD", "vendor": "NOTION.SO"}, // more than a year ago
		record{"transaction_id": "3", "date": "2026-06-02", "amount": "40.00", "currency": "USD", "vendor": "ZOOM.US"})
	w.run("2026-06-30")
	require.Equal(t, [][]string{
		{"charged_without_contract", "figma", "15.00 spent in twelve months, but no contract was ever seen"},
		{"paid_not_used", "slack", "contract C2 costs 480.00 a year; nobody was active in 30 days"},
	}, w.rows("SELECT kind, app_id, detail FROM reports.disagreements ORDER BY kind"))
	require.Equal(t, [][]string{{"slack", "deprovision", "1", "10.00"}, {"slack", "unused_licence", "3", "30.00"}, {"zoom", "unused_licence", "3", "30.00"}},
		w.rows("SELECT app_id, kind, quantity, monthly_saving FROM reports.savings ORDER BY 1, 2"))
}

// TestRenewalQuantity: random people, contracts, buffers and steps beside the sum done line by line, in fractions.
func TestRenewalQuantity(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 5))
			w := newWorld(t)
			w.only("reports.renewal_lines", "reports.renewals")
			w.connect("events", "engagement")
			w.connect("contracts", "contracts")
			w.config.Rightsizing.BufferPercent = []int{0, 10, 20, 33, 110}[r.IntN(5)]
			w.config.Rightsizing.LicenceStep = []int{1, 5, 7, 25}[r.IntN(4)]
			step := int64(w.config.Rightsizing.LicenceStep)
			var want, wantSums [][]string
			var events, contracts []record
			for a := range 12 {
				app := fmt.Sprintf("app-%02d", a)
				people := r.Int64N(30)
				for p := range people {
					events = append(events, record{"event_id": fmt.Sprint(a, "-", p), "email": fmt.Sprintf("p%d@acme.example", p), "app": app, "event": "x", "occurred_at": "2026-06-30T10:00:00Z"})
				}
				// Somebody long ago: inactive, and in the last line.
				events = append(events, record{"event_id": app, "email": "old@acme.example", "app": app, "event": "x", "occurred_at": "2026-04-20T10:00:00Z"})
				left := people
				lines := 1 + r.IntN(4)
				sum, saving := int64(0), int64(0)
				for c := range lines {
					n := 1 + r.Int64N(20)
					id := fmt.Sprintf("C%02d-%d", a, c/2) // two lines each
					contracts = append(contracts, record{"contract_id": id, "line_id": fmt.Sprint(c), "vendor": app, "app": app, "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": fmt.Sprint(n), "unit_price": "3"})
					active := min(left, n)
					if c == lines-1 {
						active = left
					}
					left -= active
					exact := big.NewRat(active*int64(100+w.config.Rightsizing.BufferPercent), 100)
					licences := new(big.Int).Div(new(big.Int).Add(exact.Num(), new(big.Int).Sub(exact.Denom(), big.NewInt(1))), exact.Denom()).Int64()
					for licences%step != 0 {
						licences++
					}
					want = append(want, []string{id, fmt.Sprint(c), fmt.Sprint(active), fmt.Sprint(licences), fmt.Sprintf("%d.00", 3*max(0, n-licences)), "0.00"})
					sum, saving = sum+licences, saving+3*max(0, n-licences)
					if c%2 == 1 || c == lines-1 {
						wantSums = append(wantSums, []string{id, fmt.Sprint(sum), fmt.Sprintf("%d.00", saving)})
						sum, saving = 0, 0
					}
				}
			}
			w.events("events", "engagement", "occurred_at", events...)
			w.snapshot("contracts", "contracts", "2026-06-01", contracts...)
			w.run("2026-06-30")
			require.Equal(t, want, w.rows("SELECT contract_id, line_id, active, recommended_licences, saving_certain, saving_likely FROM reports.renewal_lines WHERE as_of = DATE '2026-06-30' ORDER BY 1, 2"))
			require.Equal(t, wantSums, w.rows("SELECT contract_id, recommended_licences, potential_saving FROM reports.renewals WHERE as_of = DATE '2026-06-30' ORDER BY 1"))
		})
	}
}
