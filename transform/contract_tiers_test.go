package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestATierSpeltInTwoWays: a tier is its word, whatever case, blanks and signs; a seat whose word no line has fills none, which is
// told, and the licences that then look unused are no certain saving.
func TestATierSpeltInTwoWays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("paper", "contracts")
	w.connect("roster", "roster")
	var accounts []record
	hold := func(app, tier string, n int) {
		for i := range n {
			accounts = append(accounts, record{"app": app, "email": fmt.Sprintf("p%d@acme.example", len(accounts)+i), "tier": tier})
		}
	}
	hold("Slack", "business plus", 6)
	hold("Figma", "Full", 6)
	hold("Trello", "Full", 3)
	hold("Trello", "", 3)
	hold("Zoom", "Basic", 4) // costs nothing
	hold("Zoom", "LICENSED", 2)
	w.snapshot("paper", "contracts", "2026-03-01",
		purchase("S", "1", "Slack", "2026-01-01", "2026-12-31", "6", "tier", "Business+"),
		purchase("F", "1", "Figma", "2026-01-01", "2026-12-31", "6", "tier", "Organization Full seat"),
		purchase("T", "1", "Trello", "2026-01-01", "2026-12-31", "6", "tier", "Full"),
		purchase("Z", "1", "Zoom", "2026-01-01", "2026-12-31", "3", "tier", "Licensed"))
	w.snapshot("roster", "roster", "2026-03-31", accounts...)
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"F", "0", "6"}, {"S", "6", "0"}, {"T", "3", "3"}, {"Z", "2", "1"}},
		w.rows(`SELECT contract_id, provisioned_users, unused_licences FROM reports.contract_usage WHERE as_of = DATE '2026-03-31' ORDER BY 1`))
	require.Equal(t, [][]string{{"figma", "0.00", "60.00"}, {"trello", "0.00", "30.00"}, {"zoom", "10.00", "0.00"}},
		w.rows(`SELECT app_id, certain, likely FROM reports.savings WHERE kind = 'unused_licence' ORDER BY 1`))
	require.Equal(t, [][]string{{"error", "9", `figma: 6 seats of tier "Full" fill no line; its lines are of "Organization Full seat", and their unused licences no certain saving; write the tier in the contract as the list of accounts has it; ` +
		`trello: 3 seats without a tier fill no line; its lines are of "Full", and their unused licences no certain saving; write the tier in the contract as the list of accounts has it`}},
		w.rows(`SELECT severity, failing_rows, sample FROM reports.data_quality WHERE check_name = 'contracts.seats_without_line'`))
	require.Equal(t, [][]string{{"figma", "Nobody is known to hold them, but 6 seats have a tier that no line names; see data_quality."}},
		w.rows(`SELECT subject, detail FROM reports.attention WHERE kind = 'unused_licences' AND subject = 'figma'`))
}

// TestATierOfWhichNobodySaysWhetherItCostsIsAskedFor: it is taken as paid for, so free accounts would fill lines that were bought.
func TestATierOfWhichNobodySaysWhetherItCostsIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("seats", "roster")
	w.connect("contracts", "contracts")
	account := func(app, email, tier string) record { return record{"app": app, "email": email, "tier": tier} }
	w.snapshot("seats", "roster", date(1),
		account("miro", "a@tarn.example", "Gratis"), account("miro", "b@tarn.example", "gratis"), account("miro", "c@tarn.example", "Business"), account("miro", "d@tarn.example", ""),
		account("zoom", "a@tarn.example", "Basic"), account("zoom", "b@tarn.example", "Trial"), account("notion", "a@tarn.example", "Whatever"))
	line := func(app, tier string) record {
		return record{"contract_id": app, "line_id": "1" + tier, "vendor": "V", "app": app, "tier": tier, "start_date": "2020-01-01", "end_date": "2030-12-31", "licences": "5", "unit_price": "10"}
	}
	w.snapshot("contracts", "contracts", date(1), line("miro", "Business"), line("miro", ""), line("zoom", ""))
	w.run(date(2))
	assert.Equal(t, [][]string{{"seats.unknown_tier", "info", "3", `miro "Gratis" 1 account, miro "gratis" 1 account, zoom "Trial" 1 account: taken as paid for; say in seeds/tiers.csv which of them cost nothing`}},
		w.rows("SELECT check_name, severity, failing_rows, sample FROM reports.data_quality WHERE check_name LIKE '%unknown_tier'"), "no contract, no question")
}
