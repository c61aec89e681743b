package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mill is one of several organisations that want to compare themselves: twenty people with a Zoom
// licence, some of whom host meetings.
type mill struct {
	number, hosts, price int
	more                 string // lines of contracts.csv
	connections          string // more of them
}

func (m mill) write(t *testing.T) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	put := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	address := func(p int) string { return fmt.Sprintf("quentin%d@quillfeather%d.example", p, m.number) }
	var people, roster, events strings.Builder
	people.WriteString("email,last_name,first_name,team,location\n")
	roster.WriteString("email,tier\n")
	events.WriteString("occurred_at,email,event\n")
	fmt.Fprintf(&events, "2026-08-01T09:00:00Z,%s,hosted_meeting\n2026-08-01T09:00:00Z,%s,whiteboard\n2026-11-22T09:00:00Z,stranger@elsewhere.example,hosted_meeting\n", address(0), address(0))
	for p := range 20 {
		fmt.Fprintf(&people, "%s,Quarrington%d,Quentin,Weaving Shed %d,Quayside\n", address(p), p, p%3)
		fmt.Fprintf(&roster, "%s,Pro\n", address(p))
		if p < m.hosts {
			fmt.Fprintf(&events, "2026-11-%02dT09:00:00Z,%s,hosted_meeting\n", 1+p, address(p))
		}
	}
	put("uploads/people-2026-08-01.csv", people.String())
	put("uploads/roster-2026-11-22.csv", roster.String())
	put("uploads/events.csv", events.String())
	put("uploads/contracts.csv", "contract_id,vendor,app,tier,start_date,end_date,licences,unit_price,billing_period\n"+
		fmt.Sprintf("QF-1,Zoom,zoom,Pro,2026-01-01,2027-12-31,20,%d,year\n", m.price)+m.more)
	file = filepath.Join(dir, "rightseat.yaml")
	put("rightseat.yaml", fmt.Sprintf(`organisation: {name: Quillfeather Mills %d, domains: [quillfeather%d.example], timezone: UTC}
connections:
  - {name: people, connector: file, settings: {kind: org_chart, path: "uploads/people-*.csv"}}
  - {name: zoom, connector: file, app: zoom, instance: quill-hq, settings: {kind: roster, path: "uploads/roster-*.csv"}}
  - {name: zoom-events, connector: file, app: zoom, instance: quill-hq, settings: {kind: engagement, path: uploads/events.csv}}
  - {name: contracts, connector: file, settings: {kind: contracts, path: uploads/contracts.csv}}
%s`, m.number, m.number, m.connections))
	return dir, file
}

func publish(t *testing.T, file string) {
	t.Helper()
	r := cli("--quiet", "--config", file, "run", "--as-of", "2026-11-22")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
}

// TestBenchmarks goes the whole way: six organisations export, one pools, the first compares itself.
func TestBenchmarks(t *testing.T) {
	t.Parallel()
	inbox := t.TempDir()
	first := mill{
		number: 0, hosts: 5, price: 200,
		more: "QF-2,Slack,slack,,2026-01-01,2027-12-31,20,,year\nQF-3,Notion,notion,,2026-01-01,2027-12-31,20,50,year\nQF-4,Figma,figma,,2026-01-01,2027-12-31,20,50,year\n",
		connections: `  - {name: slack, connector: file, app: slack, settings: {kind: roster, path: "uploads/roster-*.csv"}}
  - {name: pool, connector: file, settings: {kind: benchmarks, path: uploads/pool.csv}}
  - {name: by-hand, connector: file, settings: {kind: benchmarks, path: uploads/by-hand.csv}}
`}
	mills := []mill{first, {number: 1, hosts: 8, price: 100}, {number: 2, hosts: 10, price: 110}, {number: 3, hosts: 12, price: 120}, {number: 4, hosts: 14, price: 130}, {number: 5, hosts: 20, price: 9000}}
	var dir, file string
	var files []string
	for i, m := range mills {
		d, f := m.write(t)
		if i == 0 {
			dir, file = d, f
			hand := "app,metric,cohort,n,p25,p33,p50,p66,p75,currency\nzoom,price:pro,francs without a rate,9,,1,2,3,,CHF\nfigma,price,a few friends,4,,1,2,3,,\nSlack,price,everybody,40,,1,2,3,,\nzoom,feature:Hosted_Meeting,a few friends,4,10,,20,,30,\n" +
				"zoom,engaged_pct,own_past,50,10,,20,,30,\nzoom,logins,everybody,50,10,,20,,30,\n"
			require.NoError(t, os.WriteFile(filepath.Join(d, "uploads", "by-hand.csv"), []byte(hand), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(d, "uploads", "pool.csv"), []byte("app,metric,cohort,n\n"), 0o600))
		}
		publish(t, f)
		out := filepath.Join(inbox, fmt.Sprintf("contribution-%d.json", i))
		args := []string{"--config", f, "benchmark", "export", "--output", out}
		if i < 5 {
			args = append(args, "--industry", "manufacturing")
		}
		r := cli(args...)
		require.Zero(t, r.code, r.errors)
		assert.Contains(t, r.out, "Please read it before you send it")
		data, err := os.ReadFile(out)
		require.NoError(t, err)
		assert.Regexp(t, `"app":"zoom","metric":"price:pro","value":\d+`, string(data))
		for _, secret := range []string{"quill", "quentin", "quarrington", "weaving", "quayside", ".example", "qf-", "@"} {
			assert.NotContains(t, strings.ToLower(string(data)), secret)
		}
		again := cli(append(args[:len(args):len(args)], "--output", "-")...)
		assert.Equal(t, string(data), again.out, "the same contributor, the same bytes")
		files = append(files, out)
	}

	four := cli(append([]string{"benchmark", "pool", "--output", filepath.Join(inbox, "no.csv")}, files[:4]...)...)
	assert.Equal(t, 1, four.code)
	assert.Contains(t, four.errors, "4 usable contributions are too few")
	assert.NoFileExists(t, filepath.Join(inbox, "no.csv"))

	pool := filepath.Join(dir, "uploads", "pool.csv")
	r := cli(append([]string{"benchmark", "pool", "--output", pool}, files...)...)
	require.Zero(t, r.code, r.errors)
	assert.Contains(t, r.errors, "6 contributors")
	assert.Contains(t, r.errors, "1 outlying prices")
	assert.Contains(t, r.out, "kind: benchmarks")
	want, err := os.ReadFile(pool)
	require.NoError(t, err)
	backwards := cli("benchmark", "pool", "--output", "-", files[5], files[3], files[4], files[1], files[0], files[2])
	assert.Equal(t, string(want), backwards.out)

	hostile := filepath.Join(inbox, "hostile.json")
	text, err := os.ReadFile(files[1])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(hostile, []byte(strings.Replace(string(text), `"app":"zoom"`, `"app":"=cmd|calc"`, 1)), 0o600))
	some := cli(append([]string{"benchmark", "pool", "--output", "-", hostile}, files...)...)
	assert.Equal(t, 3, some.code)
	assert.Equal(t, string(want), some.out, "the rest goes on")
	assert.Contains(t, some.errors, `hostile.json: refused: line`)
	assert.Contains(t, some.errors, `is no app of the built-in catalogue`)
	none := cli(append([]string{"benchmark", "pool", "--strict", "--output", "-", hostile}, files...)...)
	assert.Equal(t, 1, none.code)
	assert.Empty(t, none.out)

	publish(t, file)
	usage := cli("--config", file, "query", "--format", "csv",
		`SELECT app_id, feature, cohort, own_pct, cohort_n, p25, p50, p75, own_percentile, status FROM reports.usage_benchmarks WHERE cohort NOT IN ('own_past', 'own_locations') ORDER BY ALL`)
	assert.Equal(t, `app_id,feature,cohort,own_pct,cohort_n,p25,p50,p75,own_percentile,status
slack,(engaged),reference,,,,,,,no_engagement_connector
zoom,(engaged),all,25,6,42.5,55,67.5,,ok
zoom,(engaged),industry:manufacturing,25,5,40,50,60,,ok
zoom,(engaged),own_teams,,,,,,,below_min_n
zoom,(engaged),size:1-49,25,6,42.5,55,67.5,,ok
zoom,(engaged),size:1-49 industry:manufacturing,25,5,40,50,60,,ok
zoom,hosted_meeting,a few friends,,,,,,,below_min_n
zoom,hosted_meeting,all,25,6,42.5,55,67.5,,ok
zoom,hosted_meeting,industry:manufacturing,25,5,40,50,60,,ok
zoom,hosted_meeting,own_teams,,,,,,,below_min_n
zoom,hosted_meeting,size:1-49,25,6,42.5,55,67.5,,ok
zoom,hosted_meeting,size:1-49 industry:manufacturing,25,5,40,50,60,,ok
zoom,whiteboard,all,0,6,0,0,0,,ok
zoom,whiteboard,industry:manufacturing,0,5,0,0,0,,ok
zoom,whiteboard,own_teams,,,,,,,below_min_n
zoom,whiteboard,size:1-49,0,6,0,0,0,,ok
zoom,whiteboard,size:1-49 industry:manufacturing,0,5,0,0,0,,ok
`, usage.out, usage.errors)
	prices := cli("--config", file, "query", "--format", "csv", `SELECT * EXCLUDE as_of FROM reports.price_benchmarks ORDER BY ALL`)
	assert.Equal(t, `app_id,tier,cohort,own_price,cohort_n,p33,p50,p66,position,status
figma,"",a few friends,,,,,,,below_min_n
notion,"",reference,,,,,,,no_reference
slack,"",everybody,,,,,,,no_price
zoom,pro,all,200.00,5,113.20,120.00,126.40,high,ok
zoom,pro,industry:manufacturing,200.00,5,113.20,120.00,126.40,high,ok
zoom,pro,size:1-49,200.00,5,113.20,120.00,126.40,high,ok
zoom,pro,size:1-49 industry:manufacturing,200.00,5,113.20,120.00,126.40,high,ok
`, prices.out, prices.errors)
	quality := cli("--config", file, "query", "--format", "csv", `SELECT failing_rows, sample FROM reports.data_quality WHERE check_name = 'benchmarks.not_usable'`)
	assert.Contains(t, quality.out, "\n3,")
	assert.Contains(t, quality.out, "own_past: this cohort name is taken", quality.out)
}

func TestBenchmarkUsageErrors(t *testing.T) {
	t.Parallel()
	_, file := workspace(t, rosterConfig)
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"unknown subcommand", []string{"benchmark", "pol"}, 2, "did you mean pool?"},
		{"unknown industry", []string{"--config", file, "benchmark", "export", "--industry", "retial"}, 2, "did you mean retail?"},
		{"unknown band", []string{"--config", file, "benchmark", "export", "--size-band", "50-200"}, 2, "did you mean 50-199?"},
		{"groups too small", []string{"--config", file, "benchmark", "export", "--min-people", "2"}, 2, "at least 5"},
		{"export to nowhere", []string{"--config", file, "benchmark", "export", "--output", ""}, 2, "needs a file"},
		{"nothing published", []string{"--config", file, "benchmark", "export"}, 1, "nothing is published yet"},
		{"pool of nothing", []string{"benchmark", "pool"}, 2, "needs the contributions' files"},
		{"pool to nowhere", []string{"benchmark", "pool", "a.json"}, 2, "needs --output"},
		{"pool onto itself", []string{"benchmark", "pool", "a.json", "--output", "a.json"}, 2, "is one of the contributions"},
		{"pool in no currency", []string{"benchmark", "pool", "a.json", "--output", "b.csv", "--currency", "dollars"}, 2, "is not a currency"},
		{"cells too small", []string{"benchmark", "pool", "a.json", "--output", "b.csv", "--min-contributors", "4"}, 2, "at least 5"},
		{"absent file", []string{"benchmark", "pool", "absent.json", "--output", "b.csv"}, 1, "absent.json: refused: no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := cli(c.args...)
			assert.Equal(t, c.code, r.code, r.errors)
			assert.Contains(t, r.errors, c.want)
			assert.Empty(t, r.out)
		})
	}
	assert.NoFileExists(t, filepath.Join(filepath.Dir(file), "state", "contributor-id"), "no number without a contribution")
}

// contributesNobody exports a contribution of the demo and looks in it for everything that names
// the made-up organisation or its people.
func contributesNobody(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, "rightseat.yaml")
	out := filepath.Join(t.TempDir(), "contribution.json")
	r := cli("--config", file, "benchmark", "export", "--output", out)
	require.Zero(t, r.code, r.errors)
	data, err := os.ReadFile(out)
	require.NoError(t, err)
	text := strings.ToLower(string(data))
	for _, canary := range []string{"merrow", "pike", "fieldbook", "@", ".example"} {
		assert.NotContains(t, text, canary)
	}
	var c map[string]any
	require.NoError(t, json.Unmarshal(data, &c))
	assert.Greater(t, len(c["cells"].([]any)), 3)
	delete(c, "about") // its words are fixed, and some are names, too
	rest, err := json.Marshal(c)
	require.NoError(t, err)
	words := map[string]bool{}
	for _, w := range regexp.MustCompile(`[\pL\pN]+`).FindAllString(strings.ToLower(string(rest)), -1) {
		words[w] = true
	}
	q := cli("--config", file, "query", "--format", "json", `SELECT primary_email, display_name, first_name, last_name, team, department, location, title, cost_centre FROM core.people`)
	require.Zero(t, q.code, q.errors)
	var people []map[string]*string
	require.NoError(t, json.Unmarshal([]byte(q.out), &people))
	require.Greater(t, len(people), 40)
	checked := 0
	for _, p := range people {
		for column, value := range p {
			if value == nil || *value == "" {
				continue
			}
			checked++
			assert.NotContains(t, strings.ToLower(string(rest)), `"`+strings.ToLower(*value)+`"`, column)
			if column == "primary_email" || strings.HasSuffix(column, "_name") {
				assert.NotContains(t, text, strings.ToLower(*value)+" ", column)
				assert.False(t, words[strings.ToLower(*value)], "%s %s", column, *value)
			}
		}
	}
	assert.Greater(t, checked, 200)
}
