package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rightseat/rightseat/internal/config"
)

// TestMoneyAtARateOfLongAgoIsTold holds that the latest rate counts, however old, and that one of more than two months before is named.
func TestMoneyAtARateOfLongAgoIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("rates", "fx_rates")
	w.snapshot("rates", "fx_rates", "2026-06-01",
		record{"date": "2024-01-01", "currency": "GBP", "rate": "2"},
		record{"date": "2026-04-30", "currency": "EUR", "rate": "3"},
		record{"date": "2026-04-30", "currency": "eur", "rate": "2.5"},
		record{"date": "2024-01-01", "currency": "USD", "rate": "1"}, record{"date": "2024-01-01", "currency": "USD", "rate": "1.0"})
	w.connect("card", "spend")
	w.events("card", "spend", "date",
		record{"date": "2026-06-30", "transaction_id": "a", "amount": "10.00", "currency": "GBP", "merchant": "Figma"},
		record{"date": "2024-03-03", "transaction_id": "b", "amount": "10.00", "currency": "GBP", "merchant": "Figma"},
		record{"date": "2024-03-04", "transaction_id": "c", "amount": "10.00", "currency": "GBP", "merchant": "Figma"},
		record{"date": "2026-06-30", "transaction_id": "d", "amount": "10.00", "currency": "EUR", "merchant": "Zoom"},
		record{"date": "2026-06-30", "transaction_id": "e", "amount": "10.00", "currency": "USD", "merchant": "Zoom"})
	w.connect("paper", "contracts")
	w.snapshot("paper", "contracts", "2026-06-30",
		record{"contract_id": "C1", "vendor": "Figma", "app": "figma", "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "1", "unit_price": "100.00", "currency": "GBP", "billing_period": "year"},
		record{"contract_id": "C2", "vendor": "Zoom", "app": "zoom", "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "1", "unit_price": "100.00", "currency": "EUR", "billing_period": "year"})
	w.run("2026-07-01")

	assert.Equal(t, [][]string{{"a", "20.00"}, {"b", "20.00"}, {"c", "20.00"}, {"d", "25.00"}, {"e", "10.00"}},
		w.rows("SELECT transaction_id, amount_base FROM core.spend ORDER BY 1"))
	assert.Equal(t, [][]string{
		{"contracts.old_rate.GBP", "warning", "1", "C1 line 1 on 2026-07-01: the latest rate for GBP is of 2024-01-01; add newer ones to an fx_rates file"},
		{"fx_rates.two_rates.EUR", "warning", "1", "EUR on 2026-04-30: 2.5 and 3; the one read last counts; leave one in the fx_rates files"},
		{"spend.old_rate.GBP", "warning", "2", "card a of 2026-06-30: the latest rate for GBP is of 2024-01-01; add newer ones to an fx_rates file"},
	}, w.rows("SELECT check_name, severity, failing_rows, sample FROM reports.data_quality WHERE check_name LIKE '%_rate%.___' ORDER BY 1"))
}

// TestRatesOfAnotherCurrencyThanTheOrganisationsAreTold: the file stayed as it was when the organisation's currency was switched.
func TestRatesOfAnotherCurrencyThanTheOrganisationsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("rates", "fx_rates")
	w.snapshot("rates", "fx_rates", "2026-06-01",
		record{"date": "2026-05-01", "currency": "EUR", "rate": "1.08"}, record{"date": "2026-05-01", "currency": "GBP", "rate": "1.27"},
		record{"date": "2026-05-01", "currency": "USD", "rate": "1.09"}, record{"date": "2026-06-01", "currency": "USD", "rate": "1"})
	w.connect("card", "spend")
	w.events("card", "spend", "date",
		record{"date": "2026-05-30", "transaction_id": "a", "amount": "8630.00", "currency": "GBp", "merchant": "Figma"},
		record{"date": "2026-05-30", "transaction_id": "b", "amount": "10.00", "currency": "gbp", "merchant": "Figma"})
	w.run("2026-06-02")
	assert.Equal(t, [][]string{{"error", "1", "a rate for USD, the organisation's own, of 2026-05-01 is 1.09, not 1: the file's rates are of another currency than USD, and all amounts at them are wrong; write what one unit is worth in USD"}},
		w.rows("SELECT severity, failing_rows, sample FROM reports.data_quality WHERE check_name = 'fx_rates.own_currency'"))
	assert.Equal(t, [][]string{{"a", "GBX", "–"}, {"b", "GBP", "12.70"}}, w.rows("SELECT transaction_id, currency, amount_base FROM core.spend ORDER BY 1"), "pence are no pounds")
}

// TestPeopleWhoseAddressesChangedAreNoLeaversWithoutAWord: HR took another domain that the configuration does not name, or somebody married.
func TestPeopleWhoseAddressesChangedAreNoLeaversWithoutAWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("hr", "org_chart")
	person := func(email, first, last string) record {
		return record{"email": email, "first_name": first, "last_name": last, "team": "T"}
	}
	w.snapshot("hr", "org_chart", "2026-01-01", person("ann@one.example", "Ann", "A"), person("bob.b@one.example", "Bob", "B"), person("left@one.example", "Cy", "C"), person("stays@one.example", "Di", "D"))
	w.snapshot("hr", "org_chart", "2026-02-01", person("ann@two.example", "Ann", "Z"), person("b.b@one.example", "Bob", "B"), person("new@one.example", "Ed", "E"), person("stays@one.example", "Di", "D"))
	w.snapshot("hr", "org_chart", "2026-03-01", person("ann@two.example", "Ann", "Z"), person("b.b@one.example", "Bob", "B"), person("new@one.example", "Ed", "E"), person("left@two.example", "Cy", "X"))
	w.run("2026-03-02")
	assert.Equal(t, [][]string{{"hr.renamed_people", "warning", "2"}}, w.rows("SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE '%renamed%'"))
	assert.Equal(t, [][]string{{"ann@one.example left with the list in which ann@two.example"}}, w.rows("SELECT sample[:59] FROM reports.data_quality WHERE check_name LIKE '%renamed%'"))
}

// TestAnAccountWithoutALicenceIsTold: an export of a whole directory names everybody, licensed or not.
func TestAnAccountWithoutALicenceIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("m365", "roster")
	w.snapshot("m365", "roster", "2026-03-01", record{"email": "a@x.example", "tier": "E3", "app": "zoom"}, record{"email": "b@x.example", "tier": "Unlicensed", "app": "zoom"},
		record{"email": "c@x.example", "tier": "Nicht lizenziert", "app": "zoom"}, record{"email": "d@x.example", "tier": "Unlicensed", "status": "deactivated", "app": "zoom"}, record{"email": "e@x.example", "app": "zoom"})
	w.run("2026-03-02")
	assert.Equal(t, [][]string{{"m365.roster.no_licence", "warning", "2"}}, w.rows("SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE '%no_licence'"))
}

// TestATeamSpeltInTwoWaysIsTold holds that names count as they are written, and that ones which look alike are named.
func TestATeamSpeltInTwoWaysIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("hr", "org_chart")
	w.snapshot("hr", "org_chart", "2026-03-01",
		record{"email": "a@tarn.example", "team": "Sales", "location": "Zürich", "cost_centre": "100"},
		record{"email": "b@tarn.example", "team": "SALES", "location": "Zurich", "cost_centre": "200"},
		record{"email": "c@tarn.example", "team": "sales", "location": "Bern", "cost_centre": "100"},
		record{"email": "d@tarn.example", "team": "R&D", "location": "", "cost_centre": "300"},
		record{"email": "e@tarn.example", "team": "R & D", "location": "", "cost_centre": "300"},
		record{"email": "f@tarn.example", "team": "Sales EMEA", "location": "Bern", "cost_centre": "300", "manager_email": "F@tarn.example"})
	w.run("2026-03-02")
	assert.Equal(t, [][]string{
		{"org.spellings.location", "warning", "1", `"Zurich", "Zürich": counted apart; write them alike in the org chart, if they are one`},
		{"org.spellings.team", "warning", "2", `"R & D", "R&D": counted apart; write them alike in the org chart, if they are one`},
	}, w.rows("SELECT check_name, severity, failing_rows, sample FROM reports.data_quality WHERE check_name LIKE 'org.spellings%' ORDER BY 1"))
}

// TestASharedCostOfATeamThatIsNoneIsTold holds that a share goes where the file says, and that a team nobody is in is named.
func TestASharedCostOfATeamThatIsNoneIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("hr", "org_chart")
	w.snapshot("hr", "org_chart", "2026-03-01", record{"email": "a@tarn.example", "team": "Sales"})
	w.connect("shares", "allocations")
	w.snapshot("shares", "allocations", "2026-03-01", record{"app": "figma", "team": "Sales", "percent": "40"}, record{"app": "figma", "team": "Salse", "percent": "60"})
	w.run("2026-03-02")
	assert.Equal(t, [][]string{{"allocations.unknown_team", "1", `"Salse" of figma: nobody employed is in a team of that name; its share goes there all the same; correct the allocations file`}},
		w.rows("SELECT check_name, failing_rows, sample FROM reports.data_quality WHERE check_name LIKE 'allocations%' ORDER BY 1"))
}

// TestSettingsForAppsThatNobodyHasAreTold are misspelt ids: what is said of them is without effect.
func TestSettingsForAppsThatNobodyHasAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("seats", "roster")
	w.snapshot("seats", "roster", "2026-03-01", record{"app": "zoom", "instance": "main", "email": "a@tarn.example"}, record{"app": "zoom", "instance": "test", "email": "a@tarn.example"})
	w.config.Apps = []config.App{{ID: "zoom", ExcludedInstances: []string{"test", "zzz"}}, {ID: "zooom", Birthright: true, ExcludedInstances: []string{"test"}}}
	w.run("2026-03-02")
	assert.Equal(t, [][]string{
		{"apps.unknown_app", "1", "zooom: no source names this app, so what `apps` says of it is without effect"},
		{"apps.unknown_instance", "1", "zoom/zzz: no source names this instance, so nothing is excluded by it"},
	}, w.rows("SELECT check_name, failing_rows, sample FROM reports.data_quality WHERE check_name LIKE 'apps.%' ORDER BY 1"))
}

// TestOneAppOfAListOfManyThatLosesMostOfItsPeopleIsTold: the list as a whole hardly changes, so nothing holds it.
func TestOneAppOfAListOfManyThatLosesMostOfItsPeopleIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("list", "roster")
	w.connect("ended", "roster", disconnected(date(9)))
	w.connect("okta", "sso_assignments", idp("okta"))
	put := func(day int, sizes map[string]int) {
		var rows []record
		for app, n := range sizes {
			for i := range n {
				rows = append(rows, record{"email": fmt.Sprintf("p%d@tarn.example", i), "app": app})
			}
		}
		w.snapshot("list", "roster", date(day), rows...)
		w.snapshot("okta", "sso_assignments", date(day), rows...)
		w.snapshot("ended", "roster", date(day), rows...)
	}
	put(1, map[string]int{"miro": 30, "figma": 100, "notion": 19, "canva": 30})
	put(8, map[string]int{"miro": 2, "figma": 99, "notion": 1, "canva": 16})
	w.run(date(9))
	told := func() [][]string {
		return w.rows("SELECT check_name, failing_rows, sample FROM reports.data_quality WHERE check_name LIKE '%fell_sharply' ORDER BY 1")
	}
	what := func(people string) string {
		return "miro/miro: 30 " + people + " on " + date(1) + ", 2 on " + date(8) + "; if the list is not whole, read it again"
	}
	assert.Equal(t, [][]string{{"list.fell_sharply", "1", what("accounts")}, {"okta.fell_sharply", "1", what("people assigned")}}, told())
	w.run(date(30))
	assert.Empty(t, told(), "it has been told for two weeks")
	put(31, map[string]int{"miro": 30, "figma": 99, "notion": 1, "canva": 16})
	w.run(date(31))
	assert.Empty(t, told())
}
