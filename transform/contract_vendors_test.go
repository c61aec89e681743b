package transform_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
)

// TestAVendorIsKnownWithoutItsCompanysForm: a contract of Adobe is of the Adobe Inc. of the catalogue, however its name ends, and one
// of a vendor with a single app is for that.
func TestAVendorIsKnownWithoutItsCompanysForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Apps = []config.App{{ID: "parrot", Vendor: "Parrot Software GmbH & Co. KG"}}
	w.connect("paper", "contracts")
	var rows []record
	for _, vendor := range []string{"Adobe", "ADOBE INC", "Adobe Systems Inc.", "Microsoft", "SAP SE", "parrot software", "Zoom", "15Five", "15five Inc", "Dropbox S.à r.l.", "Harbour Lane Properties Inc.", "Ado", "Co."} {
		r := purchase(vendor, "1", "", "2026-01-01", "2026-12-31", "2")
		delete(r, "app")
		r["vendor"] = vendor
		rows = append(rows, r)
	}
	w.snapshot("paper", "contracts", "2026-01-01", rows...)
	w.run("2026-03-31")
	require.Equal(t, [][]string{
		{"15Five", "true", "15five"}, {"15five Inc", "true", "15five"}, {"ADOBE INC", "true", "–"}, {"Ado", "false", "–"}, {"Adobe", "true", "–"}, {"Adobe Systems Inc.", "true", "–"}, {"Co.", "false", "–"},
		{"Dropbox S.à r.l.", "true", "–"}, {"Harbour Lane Properties Inc.", "false", "–"}, {"Microsoft", "true", "–"}, {"SAP SE", "true", "–"}, {"Zoom", "true", "zoom"}, {"parrot software", "true", "–"},
	}, w.rows(`SELECT contract_id, is_software, app_id FROM core.contract_lines ORDER BY contract_id`))
	require.Equal(t, [][]string{{"Ado"}, {"Co."}, {"Harbour Lane Properties Inc."}}, w.rows(`SELECT subject FROM reports.attention WHERE kind = 'contract_without_app' ORDER BY 1`))
}
