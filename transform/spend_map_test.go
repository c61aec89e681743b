package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/spendrules"
)

// spendLines lands one line of 1 USD per text.
func spendLines(w *world, connection string, texts ...string) {
	lines := make([]record, len(texts))
	for i, text := range texts {
		lines[i] = record{"transaction_id": fmt.Sprint(connection, i), "date": "2026-03-01", "amount": "1", "currency": "USD", "vendor": text}
	}
	w.events(connection, "spend", "date", lines...)
}

func TestSpendTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("core.spend", "reports.unmapped_spend")
	w.connect("cards", "spend")
	var texts []string
	var want [][]string
	for _, x := range []struct{ text, app, vendor, method string }{
		{"ZOOM.US", "zoom", "Zoom Video Communications, Inc.", "exact_alias"},
		{"SQ *NOTION LABS, INC.", "notion", "Notion Labs, Inc.", "normalised_alias"},
		{"Smartsheet GmbH 4711", "smartsheet", "Smartsheet Inc.", "normalised_alias"},
		{"RAINTANK INC DBA GRAFANA LABS", "grafana-cloud", "Grafana Labs, Inc.", "normalised_alias"},
		{"SALESFROCE", "salesforce", "Salesforce, Inc.", "fuzzy"},
		{"ZOOM VIDEO COMMUNICATI", "zoom", "Zoom Video Communications, Inc.", "fuzzy"},
		{"INVOICE OF APP.FIGMA.COM", "figma", "Figma, Inc.", "domain"},
		// A vendor of several apps, and a text that names one.
		{"MSFT * E0400PQRST", "–", "Microsoft Corporation", "vendor"},
		{"MSFT * POWER BI PRO", "power-bi", "Microsoft Corporation", "normalised_alias"},
		// Others of the same name.
		{"NOTION CAFE", "–", "–", "–"},
		{"SLACK'S HOAGIE", "–", "–", "–"},
		{"SLACK TIDE", "–", "–", "–"},
		{"ASANA SPA", "–", "–", "–"},
		{"ORDER AT JOES.MYSHOPIFY.COM", "–", "–", "–"}, // a processor's domain is not the app
		{"Corner Bakery", "–", "–", "–"},
		{"ZOO", "–", "–", "–"},
		{"***", "–", "–", "–"},
	} {
		texts = append(texts, x.text)
		want = append(want, []string{x.text, x.app, x.vendor, x.method})
	}
	spendLines(w, "cards", texts...)
	w.run("2026-03-31")
	requireRows(t, want, w.rows(`SELECT vendor_text, app_id, vendor, match_method FROM core.spend`))
	require.Empty(t, w.rows(`SELECT vendor_text FROM core.spend WHERE match_score NOT BETWEEN 0.8 AND 1 OR (match_score IS NULL) <> (match_method IS NULL)`))
}

func TestUnmappedSpendSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only("core.spend", "reports.unmapped_spend")
	w.config.Spend.Rules = []spendrules.Rule{{Match: "exact", Pattern: "THE RESELLER", Vendor: "Reseller Ltd"}}
	w.connect("cards", "spend")
	spendLines(w, "cards", "MSFT * E0400PQRST", "NOTION CAFE PORTLAND", "SLACK'S HOAGIE", "HUBSPOTTY LLC", "ZALANDO SE", "***", "SQ *THE RESELLER")
	w.run("2026-03-31")
	requireRows(t, [][]string{
		{"MSFT * E0400PQRST", "Microsoft Corporation", "vendor_known", "Microsoft Corporation sells several apps, and the text names none of them"},
		{"NOTION CAFE PORTLAND", "Notion Labs, Inc.", "other_words", "begins with NOTION, but CAFE is no part of that name"},
		{"SLACK'S HOAGIE", "Salesforce, Inc.", "other_words", "begins with SLACK, but HOAGIE is no part of that name"},
		{"HUBSPOTTY LLC", "HubSpot, Inc.", "too_unlike", "nearest name HUBSPOT, not alike enough to be sure"},
		{"ZALANDO SE", "–", "no_match", "no name is like it"},
		{"***", "–", "no_text", "the line names no vendor"},
		{"SQ *THE RESELLER", "Reseller Ltd", "vendor_known", "your rule names the vendor Reseller Ltd and no app"},
	}, w.rows(`SELECT vendor_text, nearest_vendor, reason, detail FROM reports.unmapped_spend`))
	require.Empty(t, w.rows(`SELECT vendor_text FROM reports.unmapped_spend WHERE (score IS NULL) <> (nearest_vendor IS NULL) OR score NOT BETWEEN 0 AND 1`))
}

// TestSpendRules: the user's rules come first, in their order, and apply to all history when they change.
func TestSpendRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("cards", "spend")
	spendLines(w, "cards", "ZOOM.US", "SQ *CORNER BAKERY 4711", "Corner Bakery", "ACME TIMESHEETS 12", "AWS EMEA", "Pay 4411", "100% PURE_X")
	w.run("2026-03-31")
	before := [][]string{
		{"ZOOM.US", "zoom", "exact_alias"}, {"SQ *CORNER BAKERY 4711", "–", "–"}, {"Corner Bakery", "–", "–"},
		{"ACME TIMESHEETS 12", "–", "–"}, {"AWS EMEA", "aws", "exact_alias"}, {"Pay 4411", "–", "–"}, {"100% PURE_X", "–", "–"},
	}
	const query = `SELECT vendor_text, app_id, match_method FROM core.spend`
	requireRows(t, before, w.rows(query))

	w.config.Spend.Rules = []spendrules.Rule{
		{Match: "regex", Pattern: `^pay [0-9]{4}$`, App: "Zoom"},
		{Match: "exact", Pattern: "corner bakery", Vendor: "Corner Bakery Ltd"},
		{Match: "prefix", Pattern: "Acme Timesheets", App: "Time Sheets"},
		{Match: "contains", Pattern: "EMEA", App: "azure", Vendor: "Reseller"},
		{Match: "contains", Pattern: "AWS", App: "slack"}, // never: the one above comes first
		{Match: "contains", Pattern: "100%", Vendor: "Pure"},
		{Match: "regex", Pattern: `zoom`, Vendor: "Not Zoom"},
	}
	w.run("2026-03-31")
	requireRows(t, [][]string{
		{"ZOOM.US", "–", "Not Zoom", "rule"}, {"SQ *CORNER BAKERY 4711", "–", "–", "–"}, {"Corner Bakery", "–", "Corner Bakery Ltd", "rule"},
		{"ACME TIMESHEETS 12", "time-sheets", "Time Sheets", "rule"}, {"AWS EMEA", "azure", "Reseller", "rule"},
		{"Pay 4411", "zoom", "Zoom Video Communications, Inc.", "rule"}, {"100% PURE_X", "–", "Pure", "rule"},
	}, w.rows(`SELECT vendor_text, app_id, vendor, match_method FROM core.spend`))
	(&storyteller{w: w}).requireRebuildSame("2026-03-31")

	w.config.Spend.Rules = nil
	w.run("2026-03-31")
	requireRows(t, before, w.rows(query))
}
