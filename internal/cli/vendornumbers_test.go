package cli

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhatAVendorsContractSaysInAnOddWayIsReadOrNamed gives Ironclad and Ramp numbers as people type them and money in currencies of other
// than a hundred cents: each is read as meant, or the line is named. None becomes one licence, or a hundredth of the money, in silence.
func TestWhatAVendorsContractSaysInAnOddWayIsReadOrNamed(t *testing.T) {
	t.Parallel()
	agreement := func(id string, more object) object {
		a := object{"id": id, "name": id, "payee_name": "Vendor " + id, "start_date": "2026-01-01", "end_date": "2026-12-31", "currency": "USD"}
		for k, v := range more {
			a[k] = v
		}
		return a
	}
	seats := map[string]any{"r5": "1,000", "r6": "ten or so"}
	server := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/ironclad/records" && q.Get("page") == "0":
			list := []any{
				ironcladRecord("i1", object{"seats": "1,000", "billingFrequency": "monthly"}), ironcladRecord("i2", object{"seats": "25 seats"}),
				ironcladRecord("i3", object{"seats": "25.5", "unitPrice": nil, "totalValue": 900}), ironcladRecord("i4", object{"unitPrice": "1,200.50"}),
				ironcladRecord("i5", object{"unitPrice": "about 12"}), ironcladRecord("i6", object{"expirationDate": "12/31/2026"}),
				ironcladRecord("i7", object{"expirationDate": nil, "renewalType": "Evergreen", "billingFrequency": "annual"}),
				ironcladRecord("i8", object{"expirationDate": nil, "renewalType": "Evergreen"}),
			}
			return object{"page": 0, "pageSize": 100, "count": len(list), "list": list}
		case path == "/ramp/vendors/agreements":
			return object{"page": object{"next": nil}, "data": []any{
				agreement("r1", object{"total_value": object{"amount": 120000, "currency_code": "JPY"}, "currency": "JPY"}),
				agreement("r2", object{"total_value": object{"amount": 120000, "currency_code": "KWD"}, "currency": "KWD"}),
				agreement("r3", object{"total_value": object{"amount": 120000, "currency_code": "JPY", "minor_unit_conversion_rate": 100}, "currency": "JPY"}),
				agreement("r4", object{"total_value": object{"amount": 120000}}), agreement("r5", nil), agreement("r6", nil),
			}}
		case strings.HasPrefix(path, "/ramp/vendors/agreements/"):
			id := strings.TrimPrefix(path, "/ramp/vendors/agreements/")
			if seats[id] == nil {
				return object{"id": id, "line_items": []any{}}
			}
			return object{"id": id, "line_items": []any{object{"id": "1", "quantity": seats[id], "unit_price": object{"amount": 500}, "billing_frequency": "MONTHLY"}}}
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "ramp", "ironclad")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)

	assert.Equal(t, []string{
		"i1,1000,true,5.0000,60000.00", // a thousand, not one
		"i2,,true,,",                   // nobody knows how many
		"i3,,true,900.0000,900.00",     // nor here, but what they cost in all
		"i4,10,true,1200.5000,12005.00",
		"i5,10,true,,",
		"i7,10,true,5.0000,50.00",
		"i8,10,true,5.0000,", // for the whole of a term that does not end
		"r1,1,false,120000.0000,120000.00",
		"r2,1,false,120.0000,120.00",
		"r3,1,false,1200.0000,1200.00", // the vendor's own word goes before the currency's
		"r4,1,false,1200.0000,1200.00",
		"r5,1000,true,5.0000,60000.00",
		"r6,,true,,",
	}, ask(t, file, "SELECT contract_id, licences, is_user_licence, CAST(unit_price AS DECIMAL(18, 4)), annual_amount FROM core.contract_lines ORDER BY 1"))
	assert.Equal(t, []string{"i7,9999-12-31,true", "i8,9999-12-31,true"}, ask(t, file, "SELECT contract_id, end_date, auto_renew FROM core.contracts WHERE contract_id IN ('i7', 'i8') ORDER BY 1"))
	assert.Equal(t, []string{
		`contracts.missing_price,3,"i2 line 1: no unit price, so the value of its contract and app is unknown"`,
		`contracts.term_without_end,1,"i8 line 1: its price is for the whole of a term that has no end, so the value of its contract and app is unknown; say the billing_period"`,
		`ironclad.contracts.assumed_currency,2,"i3: the price names no currency and counts as in USD; if it is in another, add a column currency, or set currency: … in settings"`,
		`ironclad.contracts.unread_values,4,"i2 line 1: seats ""25 seats"" can't be read, so the line counts without it"`,
		`ironclad.records.contracts.no_dates,1,i6: not counted: no dates`,
		`ramp.agreement_details.no_row_of_their_own,6,6 records give no row of their own; they complete those of other streams`,
		`ramp.contracts.unread_values,1,"r6 line 1: seats ""ten or so"" can't be read, so the line counts without it"`,
	}, ask(t, file, "SELECT check_name, failing_rows, sample FROM reports.data_quality WHERE check_name NOT LIKE '%missing_rate%' ORDER BY 1"))
}

// TestAFutureHireOfBambooHRHasNotLeft holds that BambooHR's Inactive, which it says of those hired on a day to come too, is no leaving.
func TestAFutureHireOfBambooHRHasNotLeft(t *testing.T) {
	t.Parallel()
	server := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/bamboo/api/v1/employees" && q.Get("filter[status]") == "active":
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": []any{bambooPerson("1", "Active", nil)}}
		case path == "/bamboo/api/v1/employees":
			return object{"meta": object{"page": object{"nextCursor": nil}}, "data": []any{
				bambooPerson("2", "Inactive", object{"hireDate": "2026-12-01"}), bambooPerson("3", "Inactive", nil), bambooPerson("4", "Inactive", nil),
			}}
		case path == "/bamboo/api/v1/employees/4":
			return object{"id": "4", "terminationDate": "2026-10-31", "status": "Inactive"}
		case strings.HasPrefix(path, "/bamboo/api/v1/employees/"):
			return object{"id": path[len(path)-1:], "terminationDate": "0000-00-00", "status": "Inactive"}
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "bamboo")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, []string{"1,true,", "2,true,", "3,false,", "4,false,2026-10-31"},
		ask(t, file, "SELECT source_person_id, is_employed, termination_date FROM core.org_chart ORDER BY 1"))
}

// TestSomebodyWithANewAddressIsOnePerson renames a user of Okta: sign-ins under the old address, which the log keeps, are the same person's. An
// address that somebody else has by now stays theirs.
func TestSomebodyWithANewAddressIsOnePerson(t *testing.T) {
	t.Parallel()
	login := func(id, user, address, day string) object {
		return object{
			"uuid": id, "published": day + "T10:00:00Z", "eventType": "user.authentication.sso", "outcome": object{"result": "SUCCESS"},
			"actor": object{"id": user, "alternateId": address}, "target": []any{object{"id": "a1", "type": "AppInstance", "alternateId": "Quill", "displayName": "quill"}},
		}
	}
	user := func(id, address string) object {
		return object{"id": id, "status": "ACTIVE", "profile": object{"login": address, "email": address}}
	}
	server := vendorServer(t, func(path string, q url.Values) any {
		switch {
		case path == "/okta/api/v1/users" && q.Get("filter") == "":
			return []any{user("u1", "ann.new@acme.example"), user("u2", "bob@acme.example"), user("u3", "cy.new@acme.example"), user("u4", "cy@acme.example")}
		case path == "/okta/api/v1/logs":
			return []any{
				login("e1", "u1", "ann.old@acme.example", "2026-11-10"), login("e2", "u1", "ann.new@acme.example", "2026-11-20"), login("e3", "u2", "bob@acme.example", "2026-11-20"),
				login("e4", "u3", "cy@acme.example", "2026-09-20"), login("e5", "u3", "cy.new@acme.example", "2026-11-20"), login("e6", "u4", "cy@acme.example", "2026-11-20"),
			}
		}
		return nil
	})
	file := vendorWorkspace(t, server, nil, "okta")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, []string{"ann.new@acme.example,2", "bob@acme.example,1", "cy.new@acme.example,1", "cy@acme.example,2"},
		ask(t, file, "SELECT person_id, count(*) FROM core.sso_logins GROUP BY person_id ORDER BY 1"))
	assert.Equal(t, []string{"4"}, ask(t, file, "SELECT unique_logins FROM reports.engagement WHERE window_days = 30 AND as_of = (SELECT max(as_of) FROM reports.engagement)"))
	assert.Equal(t, []string{"ann.old@acme.example,account,ann.new@acme.example"},
		ask(t, file, "SELECT identifier, evidence, linked_by FROM core.person_identifiers WHERE identifier = 'ann.old@acme.example'"))
}

// TestAChargeThatNeverSettlesIsNoSpendForEver gives pending charges of Ramp: a young one counts, an old one, which was dropped or settled under
// another id, does not, and is named.
func TestAChargeThatNeverSettlesIsNoSpendForEver(t *testing.T) {
	t.Parallel()
	line := func(id, day, state string, amount float64) object {
		return object{"id": id, "user_transaction_time": day + "T10:00:00Z", "amount": amount, "currency_code": "USD", "merchant_name": "Zoom", "state": state}
	}
	server := vendorServer(t, func(path string, _ url.Values) any {
		if path != "/ramp/transactions" {
			return nil
		}
		return object{"page": object{"next": nil}, "data": []any{
			line("t1", "2026-09-10", "PENDING", 12.5), line("t2", "2026-09-11", "CLEARED", 13.5), line("t3", "2026-11-20", "PENDING", 7), line("t4", "2026-09-10", "DECLINED", 99),
		}}
	})
	file := vendorWorkspace(t, server, nil, "ramp")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, []string{"t2,13.50", "t3,7.00"}, ask(t, file, "SELECT transaction_id, amount FROM core.spend ORDER BY 1"))
	assert.Equal(t, []string{`1,"t1 of 2026-09-10, 12.50 USD, Zoom: never read as settled, so it is no spend any more"`},
		ask(t, file, "SELECT failing_rows, sample FROM reports.data_quality WHERE check_name = 'ramp.pending_charges'"))
}

// TestAChargeOfTheEveningIsOfTheOrganisationsDay holds that a charge just before midnight in New York, tomorrow in UTC, is of that day and month.
func TestAChargeOfTheEveningIsOfTheOrganisationsDay(t *testing.T) {
	t.Parallel()
	server := vendorServer(t, func(path string, _ url.Values) any {
		if path != "/ramp/transactions" {
			return nil
		}
		line := func(id, at string) object {
			return object{"id": id, "user_transaction_time": at, "amount": 10, "currency_code": "USD", "merchant_name": "Zoom", "state": "CLEARED"}
		}
		return object{"page": object{"next": nil}, "data": []any{
			line("t1", "2026-11-01T02:30:00+00:00"), line("t2", "2026-10-31T22:30:00-04:00"), line("t3", "2026-11-01T12:00:00Z"), line("t4", "2026-11-02T04:30:00Z"),
		}}
	})
	file := vendorWorkspace(t, server, nil, "ramp")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), "timezone: UTC", "timezone: America/New_York", 1)), 0o600))
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	assert.Equal(t, []string{"t1,2026-10-31,2026-10-01", "t2,2026-10-31,2026-10-01", "t3,2026-11-01,2026-11-01", "t4,2026-11-01,2026-11-01"},
		ask(t, file, "SELECT transaction_id, transaction_date, month FROM core.spend ORDER BY 1"))
}

// TestAnAmendmentBesideItsContractIsNamed holds that seats which stand in a contract of Ironclad's and again in its amendment do not add up in silence.
func TestAnAmendmentBesideItsContractIsNamed(t *testing.T) {
	t.Parallel()
	server := vendorServer(t, func(path string, q url.Values) any {
		if path != "/ironclad/records" || q.Get("page") != "0" {
			return nil
		}
		amending := func(id, parent, kind string, properties object) object {
			r := ironcladRecord(id, properties)
			r["parentId"], r["parentLinkType"] = parent, kind
			return r
		}
		list := []any{
			ironcladRecord("i1", nil), amending("i2", "i1", "amendment", object{"seats": 25}), amending("i3", "i1", "child", nil),
			amending("i4", "i5", "amendment", nil), ironcladRecord("i5", object{"expirationDate": "2026-06-30"}), amending("i6", "i1", "amendment", object{"seats": nil}),
		}
		return object{"page": 0, "pageSize": 100, "count": len(list), "list": list}
	})
	file := vendorWorkspace(t, server, nil, "ironclad")
	r := cli("--config", file, "run")
	require.Contains(t, []int{0, 3}, r.code, r.errors)
	notes := ask(t, file, "SELECT failing_rows, sample FROM reports.data_quality WHERE check_name = 'ironclad.contracts.amendments'")
	require.Len(t, notes, 1)
	assert.Contains(t, notes[0], "1,\"i2 amends i1, and both are in force")
}
