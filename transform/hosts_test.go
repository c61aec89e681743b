package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rightseat/rightseat/internal/config"
)

// TestAnAppNamedByItsAddress: wherever a host comes from, with scheme, user, port, path, wildcard, last dot or capitals, it is
// the host, and the app whose host it is. A password in an address is published nowhere.
func TestAnAppNamedByItsAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Apps = []config.App{{ID: "wiki", Name: "Our Wiki", Domains: []string{"wiki.tarn.example"}}}
	hosts := map[string]string{
		"https://App.slack.com:443/x": "slack app.slack.com", "app.slack.com:443": "slack app.slack.com", "app.slack.com.": "slack app.slack.com",
		"u:secret@app.slack.com/x?m=a@b": "slack app.slack.com", "//APP.slack.com/x": "slack app.slack.com", `HTTPS:\\app.slack.com\x`: "slack app.slack.com",
		"*.slack.com": "slack slack.com", ".slack.com": "slack slack.com", "slack.com#top": "slack slack.com", " \u200bslack。com ": "slack slack.com",
		"tcp://zoom.us:443": "zoom zoom.us", "WIKI.tarn.example:8443": "wiki wiki.tarn.example", "[2001:DB8::1]:443": "2001:db8::1 2001:db8::1",
		"2001:db8::1": "2001:db8::1 2001:db8::1", "10.0.0.1:80": "10.0.0.1 10.0.0.1", "intranet": "intranet intranet",
		"-": "", "https://": "", "...": "",
	}
	w.connect("gateway", "network")
	var rows []record
	var want [][]string
	for host, is := range hosts {
		rows = append(rows, record{"event_id": host, "domain": host, "date": "2026-03-01", "email": "a@tarn.example"})
		if is != "" {
			want = append(want, []string{host, is})
		}
	}
	w.events("gateway", "network", "date", rows...)

	apps := map[string]string{
		"https://github.com/tarn": "github", "app.slack.com": "slack", "slack.com": "slack", "www.zoom.us": "zoom", "Monday.com": "monday",
		"wiki.tarn.example/home": "wiki", "Draw.io": "draw-io", "v1.2": "v1-2", "St. Mary": "st-mary",
	}
	w.connect("seats", "roster")
	w.connect("paper", "contracts")
	rows = nil
	var contracts []record
	for app, is := range apps {
		rows = append(rows, record{"app": app, "email": fmt.Sprintf("p%d@tarn.example", len(rows)), "username": app})
		want = append(want, []string{"roster " + app, is})
		if app != "app.slack.com" && (is == "slack" || is == "zoom" || is == "github") {
			contracts = append(contracts, record{"contract_id": app, "vendor": app, "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "1"})
			want = append(want, []string{"vendor " + app, is})
		}
	}
	w.snapshot("seats", "roster", "2026-03-01", rows...)
	w.snapshot("paper", "contracts", "2026-03-01", contracts...)
	w.run("2026-03-02")
	got := w.rows(`SELECT event_id, app_id || ' ' || domain FROM core.network_activity
UNION ALL SELECT 'roster ' || username, app_id FROM core.accounts UNION ALL SELECT 'vendor ' || contract_id, coalesce(app_id, '') FROM core.contract_lines`)
	assert.ElementsMatch(t, want, got)
	assert.Equal(t, [][]string{{"3"}}, w.rows(`SELECT failing_rows FROM reports.data_quality WHERE check_name = 'gateway.network.network.no_app'`))
	assert.Equal(t, [][]string{{"0"}}, w.rows(fmt.Sprintf(`SELECT count(*) FROM reports.discovered_apps WHERE app_id LIKE '%%%s%%' OR app_name LIKE '%%%[1]s%%'`, "secret")))
}
