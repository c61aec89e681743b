package transform_test

import (
	"fmt"
	"testing"

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
