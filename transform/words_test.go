package transform_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rightseat/rightseat/internal/config"
)

// TestAWordThatNoListKnowsIsAskedFor holds what status words of six languages mean, and that an unknown one is
// neither active nor forgotten.
func TestAWordThatNoListKnowsIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("tool", "roster", func(c *config.Connection) {
		c.App = "miro"
		c.Settings["words"] = map[string]any{"status": map[string]any{"Beurlaubt": "suspended"}}
	})
	want := map[string]string{
		"": "active", "Aktiv": "active", "OUI": "active", "Gesperrt": "suspended", "Désactivé": "deactivated", "desactive": "deactivated",
		"Not-Active": "deactivated", "FALSE": "deactivated", "in afwachting": "invited", "Vollmitglied": "", "beurlaubt": "suspended",
	}
	var rows []record
	for word := range want {
		rows = append(rows, record{"email": "u" + strings.ReplaceAll(strings.ToLower(word), " ", "_") + "@tarn.example", "username": "w" + word, "status": word})
	}
	w.snapshot("tool", "roster", "2026-03-01", rows...)
	w.connect("paper", "contracts")
	w.snapshot("paper", "contracts", "2026-03-01",
		record{"contract_id": "C1", "vendor": "A", "app": "figma", "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "1", "unit_price": "1", "status": "Unterzeichnet", "billing_period": "jährlich", "currency": "US$", "auto_renew": "ja"},
		record{"contract_id": "C2", "vendor": "B", "app": "slack", "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "1", "unit_price": "1", "status": "Schwebend"},
		record{"contract_id": "C3", "vendor": "C", "app": "zoom", "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "1", "unit_price": "1", "billing_period": "zweimonatlich"})
	w.run("2026-03-02")

	got := map[string]string{}
	for _, r := range w.rows(`SELECT substr(username, 2), coalesce(status, '') FROM core.accounts`) {
		got[r[0]] = r[1]
	}
	assert.Equal(t, want, got)
	assert.Equal(t, [][]string{{"6"}}, w.rows(`SELECT provisioned_users FROM reports.provisioned_users_daily WHERE app_id = 'miro' AND date = '2026-03-02'`)[:1])
	assert.Equal(t, [][]string{{"C1", "active", "USD", "true"}, {"C2", "unknown", "USD", "false"}, {"C3", "–", "USD", "false"}},
		w.rows(`SELECT contract_id, status, currency, auto_renew FROM core.contracts ORDER BY 1`))
	assert.Equal(t, [][]string{{"C1", "1.00"}, {"C3", "–"}},
		w.rows(`SELECT contract_id, annual_spend FROM reports.contract_usage WHERE as_of = '2026-03-02' ORDER BY 1`))
	assert.Equal(t, [][]string{{"paper.unknown_word.billing_period", "1"}, {"paper.unknown_word.status", "1"}, {"tool.unknown_word.status", "1"}},
		w.rows(`SELECT check_name, failing_rows FROM reports.data_quality WHERE check_name LIKE '%unknown_word%' ORDER BY 1`))

	w.config.Connections = w.config.Connections[:1] // paper goes by another name from now on
	w.run("2026-03-02")
	assert.Equal(t, [][]string{{"connections.not_configured", "1"}, {"tool.unknown_word.status", "1"}},
		w.rows(`SELECT check_name, failing_rows FROM reports.data_quality WHERE check_name LIKE '%unknown_word%' OR check_name LIKE 'connections%' ORDER BY 1`),
		"what counts nowhere is asked for nowhere")
}

// TestAddressesAndNamesAreCleanedInEveryFeed holds that what nobody sees makes neither people nor teams nor vendors.
func TestAddressesAndNamesAreCleanedInEveryFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("hr", "org_chart")
	w.snapshot("hr", "org_chart", "2026-03-01",
		record{"email": "Ann Ash <mailto:ann@tarn.example>", "first_name": "Ann", "last_name": "Ash", "team": "Sales\u00a0 EMEA"},
		record{"email": "\u200ebo@tarn.example;", "first_name": "Bo", "last_name": "B\u200bo", "team": "Sales EMEA"},
		record{"email": "SMTP:cy@tarn.example.", "first_name": "Cy", "last_name": "C", "team": "Sales EMEA "})
	w.connect("card", "spend")
	w.events("card", "spend", "date",
		record{"transaction_id": "t1", "date": "2026-02-01", "amount": "1", "currency": "USD", "vendor": "\u00a0", "payer_email": "<ann@tarn.example>,"})
	w.run("2026-03-02")
	assert.Equal(t, [][]string{{"ann@tarn.example", "Sales EMEA"}, {"bo@tarn.example", "Sales EMEA"}, {"cy@tarn.example", "Sales EMEA"}},
		w.rows(`SELECT identifier, team FROM core.org_chart ORDER BY 1`))
	assert.Equal(t, [][]string{{"", "ann@tarn.example"}}, w.rows(`SELECT vendor_text, identifier FROM core.spend_lines`))
}

// TestAnEventThatTheListDoesNotKnowIsAskedFor holds that a list's events are known however they are spelt, and that others
// make nobody inactive.
func TestAnEventThatTheListDoesNotKnowIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("tool", "engagement")
	w.connect("seats", "roster")
	var roster, events []record
	for i, e := range []struct{ app, event string }{
		{"zoom", "Attended Meeting"}, {"zoom", "ATTENDED_MEETING"}, {"zoom", "sent a chat message"}, {"zoom", "Signed-In"}, {"zoom", "meeting_joined"},
		{"slack", "posted"}, // has no list
	} {
		email := string(rune('a'+i)) + "@tarn.example"
		roster = append(roster, record{"app": e.app, "email": email, "created_at": "2025-01-01"})
		events = append(events, record{"app": e.app, "email": email, "event": e.event, "occurred_at": "2026-02-20T10:00:00Z"})
	}
	w.snapshot("seats", "roster", "2026-03-01", roster...)
	w.events("tool", "engagement", "occurred_at", events...)
	w.run("2026-03-02")
	assert.Equal(t, [][]string{
		{"a@tarn.example", "attended_meeting", "true"}, {"b@tarn.example", "attended_meeting", "true"}, {"c@tarn.example", "chat", "true"},
		{"d@tarn.example", "signed_in", "false"}, {"e@tarn.example", "meeting_joined", "–"}, {"f@tarn.example", "posted", "true"},
	}, w.rows("SELECT email, event, is_engaged FROM core.engagement_events ORDER BY 1"))
	assert.Equal(t, [][]string{{"tool.unknown_word.event", "1",
		`"zoom meeting_joined" 1 time: events count as no engagement; whether an event counts for its app is said in seeds/engaged_actions.csv`}},
		w.rows("SELECT check_name, failing_rows, sample FROM reports.data_quality WHERE check_name LIKE '%unknown_word%'"))
}

// TestEventsOfUnknownWordsMakeNobodyInactive is the export whose every word is another's: nothing is known of engagement then.
func TestEventsOfUnknownWordsMakeNobodyInactive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("tool", "engagement")
	w.connect("seats", "roster")
	w.snapshot("seats", "roster", "2026-03-01", record{"app": "zoom", "email": "a@tarn.example", "created_at": "2025-01-01"})
	w.events("tool", "engagement", "occurred_at",
		record{"app": "zoom", "email": "a@tarn.example", "event": "Meeting beigetreten", "occurred_at": "2025-06-20T10:00:00Z"},
		record{"app": "zoom", "email": "a@tarn.example", "event": "Meeting beigetreten", "occurred_at": "2026-03-01T10:00:00Z"})
	w.run("2026-03-02")
	assert.Equal(t, [][]string{{"–"}}, w.rows("SELECT engaged_users FROM reports.engagement WHERE app_id = 'zoom' AND window_days = 30 AND as_of = '2026-03-02'"))
	assert.Empty(t, w.rows("SELECT person_id FROM reports.reclaim_candidates WHERE as_of = '2026-03-02'"))
}
