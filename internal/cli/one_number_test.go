package cli

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// facts are the figures that stand in several places, each with the queries that must agree, the tile that shows it on the
// page and what follows it in the terminal's summary, where it stands there.
var facts = []struct {
	name    string
	queries []string
	tile    string
	line    *regexp.Regexp
}{
	{"licences", []string{
		"SELECT sum(licences) FROM reports.contract_usage WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(licences) FROM reports.app_portfolio WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(licences) FROM reports.renewal_lines WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(licences) FROM reports.renewals WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(quantity) FROM reports.headlines WHERE measure = 'licences'",
	}, "Licences bought", regexp.MustCompile(`([\d,]+) licences for`)},
	{"contract money", []string{
		"SELECT sum(annual_spend) FROM reports.contract_usage WHERE licences IS NOT NULL AND as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(contract_annual_spend) FROM reports.app_portfolio WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(annual_spend) FROM reports.renewals WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(amount) FROM reports.headlines WHERE measure = 'contract_spend'",
	}, "", regexp.MustCompile(`licences for ([\d,]+) `)},
	{"unused licences", []string{
		"SELECT sum(quantity) FROM reports.headlines WHERE measure = 'unused_licences'",
		"SELECT sum(quantity) FROM reports.savings WHERE kind = 'unused_licence'",
	}, "Unused licences", regexp.MustCompile(`of it for the ([\d,]+) that nobody has`)},
	{"what they cost", []string{
		"SELECT sum(amount) FROM reports.headlines WHERE measure = 'unused_licences'",
		"SELECT sum(amount) FROM reports.attention WHERE kind = 'unused_licences'",
	}, "Cost of unused", regexp.MustCompile(`a year, ([\d,]+) \S+ of it for`)},
	{"unused licences, those of apps that everybody is meant to have among them", []string{
		"SELECT sum(unused_licences) FROM reports.contract_usage WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(unused_licences) FROM reports.app_portfolio WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(greatest(licences - held, 0)) FROM reports.renewal_lines WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(quantity) FROM reports.headlines WHERE measure IN ('unused_licences', 'birthright_unused')",
	}, "", nil},
	{"what those cost", []string{
		"SELECT sum(unused_cost) FROM reports.contract_usage WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(unused_cost) FROM reports.app_portfolio WHERE as_of = (SELECT as_of FROM reports.run)",
		"SELECT sum(amount) FROM reports.headlines WHERE measure IN ('unused_licences', 'birthright_unused')",
	}, "", nil},
	{"certain savings", []string{
		"SELECT sum(certain) FROM reports.savings",
		"SELECT sum(amount) FROM reports.headlines WHERE measure = 'saving_certain'",
	}, "Savings, certain", regexp.MustCompile(`savings: ([\d,]+) `)},
	{"likely savings", []string{
		"SELECT sum(likely) FROM reports.savings",
		"SELECT sum(amount) FROM reports.headlines WHERE measure = 'saving_likely'",
	}, "Savings, likely", regexp.MustCompile(`certain, ([\d,]+) `)},
	{"software spend", []string{
		"SELECT sum(amount) FROM reports.spend_by_class, reports.run WHERE spend_class = 'software' AND month > as_of - INTERVAL 12 MONTH AND month <= as_of",
		"SELECT sum(amount) FROM reports.headlines WHERE measure = 'software_spend_12m'",
	}, "Software spend, 12 months", regexp.MustCompile(`([\d,]+) \S+ spent on software`)},
}

// requireOneNumberPerFact reads every place that shows a figure – tables, page, workbook, terminal – and holds them to each other.
func requireOneNumberPerFact(t *testing.T, config, exports, terminal string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(exports, "report.html"))
	require.NoError(t, err)
	book, err := excelize.OpenFile(filepath.Join(exports, "report.xlsx"))
	require.NoError(t, err)
	sheet, err := book.GetRows("headlines")
	require.NoError(t, err)
	require.NoError(t, book.Close())
	ask := func(query string) string {
		r := cli("--quiet", "--config", config, "query", "--format", "csv", query)
		require.Zero(t, r.code, r.errors)
		return strings.TrimSpace(strings.SplitN(r.out, "\n", 2)[1])
	}
	plain := strings.NewReplacer(",", "", "−", "-")
	for _, f := range facts {
		want := ask(f.queries[0])
		require.NotEmpty(t, want, f.name)
		for _, q := range f.queries[1:] {
			assert.Equal(t, want, ask(q), "%s: %s", f.name, q)
		}
		whole := ask("SELECT CAST(CAST('" + want + "' AS DECIMAL(18, 2)) AS BIGINT)")
		if f.tile != "" {
			m := regexp.MustCompile(`<dt>` + f.tile + `</dt><dd class="v">(.*?)</dd>`).FindStringSubmatch(string(page))
			require.NotNil(t, m, f.tile)
			assert.Equal(t, whole, plain.Replace(html.UnescapeString(m[1])), "the tile %s", f.tile)
		}
		if terminal != "" && f.line != nil {
			m := f.line.FindStringSubmatch(terminal)
			require.NotNil(t, m, "%s in\n%s", f.name, terminal)
			assert.Equal(t, whole, plain.Replace(m[1]), "%s in the terminal", f.name)
		}
	}
	figures := map[string][]string{}
	for _, row := range sheet[1:] {
		figures[row[1]] = row
	}
	assert.Equal(t, ask("SELECT sum(licences) FROM reports.contract_usage WHERE as_of = (SELECT as_of FROM reports.run)"), plain.Replace(figures["licences"][2]), "the workbook's licences")
}
