package cli

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireShort wants a stream of which too many records do not count told wherever a user looks.
func requireShort(t *testing.T, file, stream string, r result, what ...string) {
	t.Helper()
	assert.Equal(t, 3, r.code, r.errors)
	status := cli("--config", file, "status", "--format", "json", "--exit-code")
	assert.Equal(t, 3, status.code)
	for _, text := range what {
		assert.Contains(t, r.errors, text)
		assert.Contains(t, status.out, text)
	}
	connection, name, _ := strings.Cut(stream, "/")
	health := strings.Join(ask(t, file, "SELECT state, is_stale, error FROM reports.connection_health WHERE connection = '"+connection+"' AND stream = '"+name+"'"), "")
	assert.Regexp(t, "^error,true,", health)
	assert.Equal(t, []string{"act"}, ask(t, file, "SELECT severity FROM reports.attention WHERE kind = 'connection_error' AND subject = '"+connection+"'"))
	assert.Equal(t, []string{"error"}, ask(t, file, "SELECT severity FROM reports.data_quality WHERE check_name = '"+connection+"."+name+".list_short'"))
}

// TestAnHRListThatHidesAddressesIsNotWhole: those whom the list lacks would count as gone, and their seats as savings.
func TestAnHRListThatHidesAddressesIsNotWhole(t *testing.T) {
	t.Parallel()
	server := vendorServer(t, func(path string, q url.Values) any {
		if path != "/bamboo/api/v1/employees" || q.Get("filter[status]") != "active" {
			return nil
		}
		var people []any
		for i := range 40 {
			p := bambooPerson(fmt.Sprint(i), "Active", nil)
			if i < 15 {
				p["workEmail"] = nil
			}
			people = append(people, p)
		}
		return object{"meta": object{"page": object{"nextCursor": nil}}, "data": people}
	})
	file := vendorWorkspace(t, server, nil, "bamboo")
	dir := filepath.Dir(file)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	roster := "  - {name: figma, connector: file, app: figma, settings: {kind: roster, path: 'uploads/roster-*.csv'}}\n"
	require.NoError(t, os.WriteFile(file, append(text, roster...), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", "roster-2026-11-23.csv"), []byte("email\np3@acme.example\np20@acme.example\n"), 0o600))
	r := cli("--config", file, "run")
	requireShort(t, file, "bamboo/employees", r, "15 of the 40 records of its list do not count", "15 no address", "set_aside_percent")
	assert.Equal(t, []string{"true"}, ask(t, file, "SELECT DISTINCT is_stale FROM reports.rightsizing"), "who has left is not known by such a list")
	assert.Equal(t, []string{"false"}, ask(t, file, "SELECT DISTINCT is_stale FROM reports.provisioned_users_daily"), "the roster is whole")
}

// TestAccountsThatDoNotCountMakeTheirListIncomplete: rows without an app, and rows with a word that no list knows, are
// missing in the number, which says so; a later list that is whole ends it, as does saying what the word means.
func TestAccountsThatDoNotCountMakeTheirListIncomplete(t *testing.T) {
	t.Parallel()
	config := "organisation: {name: Acme, domains: [acme.example], timezone: UTC, currency: USD}\nconnections:\n  - {name: list, connector: file, settings: {kind: roster, path: 'uploads/list-*.csv'%s}}\n"
	dir, file := workspace(t, fmt.Sprintf(config, ""))
	put := func(date string, app, status func(i int) string) {
		var b strings.Builder
		b.WriteString("email,app,status\n")
		for i := range 40 {
			fmt.Fprintf(&b, "p%d@acme.example,%s,%s\n", i, app(i), status(i))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "uploads", "list-"+date+".csv"), []byte(b.String()), 0o600))
	}
	always := func(s string) func(int) string { return func(int) string { return s } }
	below := func(n int, s, other string) func(int) string {
		return func(i int) string {
			if i < n {
				return s
			}
			return other
		}
	}
	users := func() []string {
		return ask(t, file, "SELECT date, provisioned_users, is_stale FROM reports.provisioned_users_daily WHERE app_id = 'figma' ORDER BY date")
	}
	put("2026-11-20", below(15, "", "figma"), always("active"))
	r := cli("--config", file, "run", "--as-of", "2026-11-20")
	requireShort(t, file, "list/roster", r, "15 of the 40 records of its list do not count", "15 no app")
	assert.Equal(t, []string{"2026-11-20,25,true"}, users())

	put("2026-11-21", below(1, "", "figma"), always("active"))
	r = cli("--config", file, "run", "--as-of", "2026-11-21")
	assert.Zero(t, r.code, "a single row sets itself aside: %s", r.errors)
	assert.Equal(t, []string{"2026-11-20,25,true", "2026-11-21,39,false"}, users())

	put("2026-11-22", always("figma"), below(30, "Wombat", "active"))
	r = cli("--config", file, "run", "--as-of", "2026-11-22")
	requireShort(t, file, "list/roster", r, "30 of the 40 records of its list do not count", "30 have a word for status that no list knows", "settings.words")
	want := []string{"2026-11-20,25,true", "2026-11-21,39,false", "2026-11-22,10,true"}
	assert.Equal(t, want, users())
	require.Equal(t, 3, cli("--config", file, "run", "--as-of", "2026-11-22", "--full-refresh").code)
	assert.Equal(t, want, users(), "a rebuild says the same")

	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, config, ", words: {status: {Wombat: active}}"), 0o600))
	r = cli("--config", file, "run", "--as-of", "2026-11-22")
	assert.Zero(t, r.code, r.errors)
	assert.Equal(t, "2026-11-22,40,false", users()[2])
	assert.Zero(t, cli("--config", file, "status", "--exit-code").code)
}
