package transform_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// seatsWorld is one app with a roster, sign-ins and a contract, and a person for each case.
func seatsWorld(t *testing.T) *world {
	w := newWorld(t)
	w.connect("people", "org_chart")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("log", "sso_logins", idp("okta"))
	w.connect("roster", "roster")
	w.connect("events", "engagement")
	w.connect("contracts", "contracts")
	w.connect("exempt", "exempt")
	w.connect("references", "benchmarks")
	staff := func(on string, more ...record) {
		rows := []record{
			{"email": "busy@acme.example", "last_name": "Busy", "team": "A"},
			{"email": "idle@acme.example", "last_name": "Idle", "team": "A"},
			{"email": "light@acme.example", "last_name": "Light", "team": "B"},
			{"email": "boss@acme.example", "last_name": "Boss", "team": "B"},
			{"email": "fresh@acme.example", "last_name": "Fresh", "team": "B"},
			{"email": "missing@acme.example", "last_name": "Missing", "team": "B"},
		}
		w.snapshot("people", "org_chart", on, append(rows, more...)...)
	}
	staff("2026-01-01", record{"email": "gone@acme.example", "last_name": "Gone", "team": "A"})
	staff("2026-06-01", record{"email": "gone@acme.example", "last_name": "Gone", "team": "A", "termination_date": "2026-05-20"})
	seat := func(email, tier string) record { return record{"email": email, "app": "zoom", "tier": tier} }
	old := []record{
		seat("busy@acme.example", "Licensed"), seat("idle@acme.example", "Licensed"), seat("light@acme.example", "Licensed"),
		seat("boss@acme.example", "Licensed"), seat("gone@acme.example", "Licensed"), seat("stranger@other.example", "Basic"),
	}
	w.snapshot("roster", "roster", "2026-01-01", old...)
	w.snapshot("roster", "roster", "2026-06-30", append(old, seat("fresh@acme.example", "Licensed"))...)
	w.snapshot("okta", "sso_assignments", "2026-06-30",
		record{"email": "idle@acme.example", "app": "zoom", "assigned_via": "group", "groups": "Everyone"},
		record{"email": "busy@acme.example", "app": "zoom", "assigned_via": "direct"},
		record{"email": "missing@acme.example", "app": "zoom", "assigned_via": "direct"})
	does := func(id, email, event, on string) record {
		return record{"event_id": id, "email": email, "app": "zoom", "event": event, "occurred_at": on + "T09:00:00Z"}
	}
	w.events("events", "engagement", "occurred_at",
		does("1", "busy@acme.example", "hosted_meeting", "2026-06-29"),
		does("2", "idle@acme.example", "hosted_meeting", "2026-05-31"), // a day too old for 30 days
		does("3", "light@acme.example", "attended_meeting", "2026-06-01"),
		does("4", "boss@acme.example", "attended_meeting", "2026-03-01"),
		does("5", "outsider@acme.example", "attended_meeting", "2026-06-30"))
	w.events("log", "sso_logins", "occurred_at",
		does("1", "busy@acme.example", "", "2026-06-29"), does("2", "missing@acme.example", "", "2026-06-29"))
	w.snapshot("contracts", "contracts", "2026-06-01", record{
		"contract_id": "C1", "vendor": "Zoom", "app": "zoom", "tier": "Licensed", "start_date": "2025-08-01", "end_date": "2026-07-31",
		"licences": "10", "unit_price": "12", "billing_period": "month", "notice_days": "30"})
	w.snapshot("exempt", "exempt", "2026-06-01", record{"email": "BOSS@acme.example"})
	w.snapshot("references", "benchmarks", "2026-06-01",
		record{"app": "zoom", "metric": "engaged_pct", "cohort": "200-1000 people", "n": "12", "p25": "40", "p50": "60", "p75": "80"},
		record{"app": "zoom", "metric": "price:licensed", "cohort": "200-1000 people", "n": "9", "p33": "100", "p50": "120", "p66": "130"},
		record{"app": "zoom", "metric": "price:licensed", "cohort": "small", "n": "4", "p33": "100", "p50": "120", "p66": "130"})
	return w
}

func TestSeats(t *testing.T) {
	t.Parallel()
	w := seatsWorld(t)
	w.run("2026-06-30")
	tests := []struct {
		name, query string
		want        [][]string
	}{
		{
			"rightsizing: a segment with its reason for each seat",
			"SELECT person_id, tier, segment, reason, last_active, suggested_tier, monthly_saving FROM reports.rightsizing ORDER BY person_id",
			[][]string{
				{"boss@acme.example", "Licensed", "ignored", "exempt by list", "–", "–", "–"},
				{"busy@acme.example", "Licensed", "efficient", "uses what the licence is for", "2026-06-29", "–", "–"},
				{"fresh@acme.example", "Licensed", "ignored", "provisioned less than 60 days ago", "–", "–", "–"},
				{"gone@acme.example", "Licensed", "inactive", "no engaged action in 30 days", "–", "–", "12.00"},
				{"idle@acme.example", "Licensed", "inactive", "no engaged action in 30 days", "2026-05-31", "–", "12.00"},
				{"light@acme.example", "Licensed", "less_usage", "used only features of Basic", "2026-06-01", "Basic", "12.00"},
				{"stranger@other.example", "Basic", "inactive", "no engaged action in 30 days", "–", "–", "0.00"}, // a free tier
			},
		},
		{
			"reclaim: who, how, and what would bring the seat back",
			"SELECT person_id, action, method, reason, is_exempt, reprovision_risk, monthly_saving FROM reports.reclaim_candidates ORDER BY person_id",
			[][]string{
				{"boss@acme.example", "deprovision", "suggest", "no engaged action in 30 days", "true", "–", "12.00"},
				{"gone@acme.example", "deprovision", "suggest", "left on 2026-05-20", "false", "–", "12.00"},
				{"idle@acme.example", "deprovision", "suggest", "no engaged action in 30 days", "false", "still assigned by group: Everyone; Everyone grants other apps or holds everybody: not automatic", "12.00"},
				{"light@acme.example", "downgrade", "suggest", "used only features of Basic", "false", "–", "12.00"},
				{"stranger@other.example", "deprovision", "suggest", "no engaged action in 30 days", "false", "–", "0.00"},
			},
		},
		{
			"disagreements between roster, identity provider, sign-ins and HR",
			"SELECT kind, person_id, detail FROM reports.disagreements ORDER BY kind, person_id",
			[][]string{
				{"assigned_not_on_roster", "missing@acme.example", "is assigned in the identity provider, but has no account"},
				{"engaged_not_provisioned", "outsider@acme.example", "used it on 2026-06-30, but is not provisioned"},
				{"left_but_provisioned", "gone@acme.example", "left on 2026-05-20, but still has a seat"},
				{"login_not_provisioned", "missing@acme.example", "signed in on 2026-06-29, but is not provisioned"},
				{"provisioned_not_in_hr", "stranger@other.example", "has a seat, but HR does not know them"},
			},
		},
		{
			"renewal: dates, the reminder passed, and how many to renew: four keep the seat (two of them active, one exempt, one new), 4.2 with the buffer",
			"SELECT contract_id, end_date, notice_deadline, notice_state, days_left, reminder, licences, held, active, annual_spend, recommended_licences, saving_certain, saving_likely, potential_saving FROM reports.renewals WHERE as_of = DATE '2026-06-30'",
			[][]string{{"C1", "2026-07-31", "2026-07-01", "due", "1", "14", "10", "6", "2", "1440.00", "5", "720.00", "0.00", "720.00"}},
		},
		{
			"back-test: each rule beside the seven accounts",
			"SELECT rule, window_days, exact_users, estimated_users, error FROM reports.estimate_backtest WHERE date = DATE '2026-06-30' AND window_days IN (0, 30, 120) ORDER BY ALL",
			[][]string{
				{"engaged_120d", "30", "7", "3", "-4"}, {"engaged_120d", "120", "7", "4", "-3"},
				{"sso_assigned", "0", "7", "3", "-4"},
				{"sso_login_120d", "30", "7", "2", "-5"}, {"sso_login_120d", "120", "7", "2", "-5"},
			},
		},
		{
			"usage benchmark: numbers only where the cohort is large enough",
			"SELECT feature, cohort, round(own_pct, 1), cohort_n, p50, status FROM reports.usage_benchmarks WHERE app_id = 'zoom' AND feature = '(engaged)' ORDER BY cohort",
			[][]string{
				{"(engaged)", "200-1000 people", "28.6", "12", "60.0", "ok"},
				{"(engaged)", "own_past", "–", "–", "–", "below_min_n"},
				{"(engaged)", "own_teams", "–", "–", "–", "below_min_n"},
			},
		},
		{
			"price benchmark: above two thirds of the others",
			"SELECT tier, cohort, own_price, cohort_n, p66, position, status FROM reports.price_benchmarks ORDER BY cohort",
			[][]string{
				{"licensed", "200-1000 people", "144.00", "9", "130.00", "high", "ok"},
				{"licensed", "small", "–", "–", "–", "–", "below_min_n"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, w.rows(tt.query))
		})
	}
}

func TestExemptFiles(t *testing.T) {
	t.Parallel()
	w := seatsWorld(t)
	w.config.Exempt.Apps = map[string]string{"zoom": "exempt/zoom.csv"}
	_, err := transformRun(w.options("2026-06-30"))
	require.ErrorContains(t, err, "zoom.csv", "a missing list must not exempt nobody")

	path := filepath.Join(w.dir, "exempt", "zoom.csv")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	for text, want := range map[string]string{
		"name\nx\n":               "zoom.csv:1: no column named email; found name",
		"":                        "zoom.csv:1: no header",
		"email\nnot an address\n": `zoom.csv:2: "not an address" is no e-mail address`,
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		_, err := transformRun(w.options("2026-06-30"))
		require.ErrorContains(t, err, want)
	}
	require.NoError(t, os.WriteFile(path, []byte("\ufeffEmail\r\nIdle@acme.example\r\n\r\n"), 0o644))
	w.run("2026-06-30")
	require.Equal(t, [][]string{{"boss@acme.example"}, {"idle@acme.example"}},
		w.rows("SELECT person_id FROM reports.reclaim_candidates WHERE is_exempt ORDER BY 1"))
}
