package transform_test

import "testing"

// TestWhatIsTakenForGrantedOfContractsIsTold: a price without a period counts as of a year, and lines alike as several purchases.
func TestWhatIsTakenForGrantedOfContractsIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("contracts", "contracts")
	row := func(id, period string) record {
		return record{"contract_id": id, "vendor": "V", "app": id, "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "85", "unit_price": "10", "billing_period": period}
	}
	w.snapshot("contracts", "contracts", "2026-03-01", row("a", "month"), row("a", "month"), row("b", "month"),
		record{"contract_id": "c", "vendor": "V", "app": "c", "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "5", "unit_price": "10"})
	w.run("2026-04-01")
	requireRows(t, [][]string{{"contracts.contracts.assumed_currency", "4"}, {"contracts.contracts.equal_lines", "2"}, {"contracts.contracts.no_billing_period", "1"}},
		w.rows(`SELECT check_name, failing_rows FROM reports.data_quality WHERE check_name LIKE 'contracts.contracts.%' ORDER BY 1`))
}
