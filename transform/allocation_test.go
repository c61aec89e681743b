package transform_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/config"
)

// employee is one line of an organisation chart; manager is an employee's number, -1 for none and
// -2 for somebody whom HR does not list.
type employee struct {
	values  map[string]string // by dimension, "" when unknown
	manager int
}

// company is a random organisation whose reporting lines are deep, and in part circles.
func company(r *rand.Rand, n int) []employee {
	staff := make([]employee, n)
	for p := range staff {
		staff[p] = employee{manager: p - 1, values: map[string]string{
			"team": []string{"Red", "Blue", "Green", ""}[r.IntN(4)], "location": []string{"Bern", "Oslo", ""}[r.IntN(3)], "cost_centre": fmt.Sprint("C", r.IntN(3)),
		}}
		switch r.IntN(8) {
		case 0:
			staff[p].manager = r.IntN(n) // perhaps somebody below, or themselves
		case 1:
			staff[p].manager = -2
		}
	}
	staff[n-1].values["team"] = "Alone" // a team that no app's percentages name
	return staff
}

func (e employee) boss() string {
	switch e.manager {
	case -1:
		return ""
	case -2:
		return "unlisted@acme.example"
	}
	return mail(e.manager)
}

func mail(p int) string { return fmt.Sprintf("p%02d@acme.example", p) }

// memberships lists by dimension and value who belongs to it; a manager has everybody below, once.
func memberships(staff []employee) map[string]map[string]map[int]bool {
	out := map[string]map[string]map[int]bool{"manager": {}}
	add := func(dimension, value string, p int) {
		if value == "" {
			value = "(unknown)"
		}
		if out[dimension] == nil {
			out[dimension] = map[string]map[int]bool{}
		}
		if out[dimension][value] == nil {
			out[dimension][value] = map[int]bool{}
		}
		out[dimension][value][p] = true
	}
	for p, e := range staff {
		for dimension, value := range e.values {
			add(dimension, value, p)
		}
		above := map[int]bool{}
		for at := p; staff[at].manager >= 0 && !above[staff[at].manager] && staff[at].manager != at; at = staff[at].manager {
			above[staff[at].manager] = true
		}
		for boss := range above {
			if boss != p {
				add("manager", mail(boss), p)
			}
		}
		// The one whom HR does not list is above everybody whose line ends there.
		for at, seen := p, map[int]bool{}; !seen[at]; at = staff[at].manager {
			seen[at] = true
			if staff[at].manager == -2 {
				add("manager", "unlisted@acme.example", p)
			}
			if staff[at].manager < 0 {
				break
			}
		}
	}
	return out
}

// allocated is an app whose contract value is spread.
type allocated struct {
	method   string            // the app's own in the configuration, empty for none
	percents map[string]string // in the allocations file
	holders  map[int]bool      // people with a seat; numbers beyond the staff are strangers to HR
	annual   string
}

// weights are the shares of each value in a dimension, and what they add up to.
func (a allocated) weights(dimension string, values map[string]map[int]bool, staff int) (map[string]*big.Rat, *big.Rat) {
	out, whole := map[string]*big.Rat{}, big.NewRat(0, 1)
	for _, v := range a.percents {
		whole.Add(whole, rat(v))
	}
	off := new(big.Rat).Sub(whole, big.NewRat(100, 1))
	if dimension == "team" && a.percents != nil && off.Abs(off).Cmp(big.NewRat(5, 100)) <= 0 {
		for team, v := range a.percents {
			out[team] = rat(v)
		}
		return out, whole
	}
	if a.method == "employees" {
		for value, people := range values {
			out[value] = big.NewRat(int64(len(people)), 1)
		}
		if out["(unknown)"] == nil { // strangers are no employees
			out["(unknown)"] = big.NewRat(0, 1)
		}
		return out, big.NewRat(int64(staff), 1)
	}
	strangers := 0
	for p := range a.holders {
		if p >= staff {
			strangers++
		}
	}
	for value, people := range values {
		out[value] = big.NewRat(int64(both(people, a.holders)), 1)
	}
	if out["(unknown)"] == nil {
		out["(unknown)"] = big.NewRat(0, 1)
	}
	out["(unknown)"].Add(out["(unknown)"], big.NewRat(int64(strangers), 1))
	return out, big.NewRat(int64(len(a.holders)), 1)
}

// TestAllocationAgreesWithBruteForce spreads contracts in all three ways over random organisations: each
// share is the exact one to less than a cent, and together they are the contract.
func TestAllocationAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprintf("organisation %d", seed), func(t *testing.T) {
			t.Parallel()
			const people, asOf = 23, "2026-03-31"
			r := rand.New(rand.NewPCG(seed, 21))
			staff := company(r, people)
			w := newWorld(t)
			w.config.Allocation = []string{"licence", "employees"}[seed]
			var chart, seats, contracts, percents []record
			for p, e := range staff {
				chart = append(chart, record{"email": mail(p), "last_name": fmt.Sprint(p), "manager_email": e.boss(),
					"team": e.values["team"], "location": e.values["location"], "cost_centre": e.values["cost_centre"]})
			}
			apps := map[string]allocated{}
			for i := range 24 {
				app := fmt.Sprintf("app-%02d", i)
				a := allocated{holders: map[int]bool{}, annual: fmt.Sprintf("%d.%02d", r.IntN(100_000), r.IntN(100))}
				for range r.IntN(people) {
					a.holders[r.IntN(people+3)] = true
				}
				a.method = []string{"", "licence", "employees"}[i%3]
				switch i % 4 {
				case 1: // to the last ten-thousandth, and a team that HR does not know
					a.percents = map[string]string{"Red": "33.3333", "Blue": "33.3333", "Nowhere": "33.3334"}
				case 2: // rounded by whoever wrote it
					a.percents = map[string]string{"Red": "33.33", "Green": "33.33", "(unknown)": "33.33"}
				case 3:
					a.percents = map[string]string{"Red": "60", "Blue": fmt.Sprint(20 + 30*r.IntN(2))} // 80 or 110
				}
				apps[app] = a
				if a.method != "" {
					w.config.Apps = append(w.config.Apps, config.App{ID: app, Allocation: a.method})
				}
				for p := range a.holders {
					seats = append(seats, record{"app": app, "email": mail(p)})
				}
				for team, v := range a.percents {
					percents = append(percents, record{"app": app, "team": team, "percent": v})
				}
				contracts = append(contracts, record{"contract_id": app, "vendor": "V", "app": app, "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "1", "unit_price": a.annual})
			}
			for _, c := range []struct {
				name, kind string
				rows       []record
			}{{"people", "org_chart", chart}, {"okta", "sso_assignments", seats}, {"contracts", "contracts", contracts}, {"shares", "allocations", percents}} {
				w.connect(c.name, c.kind, idp("okta"))
				w.snapshot(c.name, c.kind, "2026-03-01", c.rows...)
			}
			w.run(asOf)

			got := map[string]map[string]string{} // app and dimension: value: share
			for _, row := range w.rows(`SELECT app_id || ' ' || dimension, dimension_value, allocated_contract_value FROM reports.team_cost
				WHERE as_of = DATE '` + asOf + `'`) {
				if got[row[0]] == nil {
					got[row[0]] = map[string]string{}
				}
				got[row[0]][row[1]] = row[2]
			}
			members := memberships(staff)
			for dimension, values := range members {
				for value := range values {
					require.Contains(t, got["app-08 "+dimension], value, "of an app that is spread over everybody, each value has a row")
				}
			}
			for app, a := range apps {
				if a.method == "" {
					a.method = w.config.Allocation
				}
				for dimension, values := range members {
					weights, whole := a.weights(dimension, values, people)
					sum := big.NewRat(0, 1)
					shares := got[app+" "+dimension]
					for value, weight := range weights {
						if weight.Sign() == 0 {
							require.Contains(t, []string{"", "0.00"}, shares[value], "%s %s %s", app, dimension, value)
							continue
						}
						exact := new(big.Rat).Quo(new(big.Rat).Mul(rat(a.annual), weight), whole)
						require.Contains(t, shares, value, "%s %s", app, dimension)
						if dimension == "manager" { // these overlap, and each stands for itself
							require.Equal(t, round2(exact), shares[value], "%s %s %s", app, dimension, value)
							continue
						}
						off := exact.Sub(exact, rat(shares[value]))
						require.Negative(t, off.Abs(off).Cmp(big.NewRat(1, 100)), "%s %s %s: %s is off by %s", app, dimension, value, shares[value], off.FloatString(4))
						sum.Add(sum, rat(shares[value]))
					}
					for value, share := range shares {
						require.True(t, weights[value] != nil || share == "0.00", "%s %s %s: %s", app, dimension, value, share)
					}
					if dimension != "manager" && whole.Sign() > 0 {
						require.Equal(t, round2(rat(a.annual)), round2(sum), "%s by %s: shares sum to the contract", app, dimension)
					}
				}
			}
			require.Equal(t, [][]string{{"error", "6"}}, w.rows(`SELECT severity, failing_rows FROM reports.data_quality WHERE check_name = 'allocations.not_100_percent'`))
		})
	}
}

// TestAllocationOfPartlyKnownContracts: a contract with a line whose price nobody knows has no value
// that could be spread; what lies with nobody is said.
func TestAllocationOfPartlyKnownContracts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("people", "org_chart")
	w.connect("okta", "sso_assignments", idp("okta"))
	w.connect("contracts", "contracts")
	w.config.Apps = []config.App{{ID: "nobodys-even", Allocation: "employees"}}
	w.snapshot("people", "org_chart", "2026-03-01", record{"email": "a@acme.example", "last_name": "A", "team": "Red"})
	w.snapshot("okta", "sso_assignments", "2026-03-31", record{"app": "Partly", "email": "a@acme.example"}, record{"app": "Whole", "email": "a@acme.example"})
	line := func(app, id, price, user string) record {
		return record{"contract_id": app, "line_id": id, "vendor": "V", "app": app, "start_date": "2026-01-01", "end_date": "2026-12-31", "licences": "2", "unit_price": price, "is_user_licence": user}
	}
	w.snapshot("contracts", "contracts", "2026-03-01", line("Partly", "1", "10", "true"), line("Partly", "2", "", "true"),
		line("Whole", "1", "10", "true"), line("Whole", "2", "", "false"), line("Nobodys", "1", "4", "true"), line("Nobodys even", "1", "4", "true"))
	w.run("2026-03-31")
	require.Equal(t, [][]string{{"nobodys-even", "Red", "8.00"}, {"whole", "Red", "20.00"}},
		w.rows(`SELECT app_id, dimension_value, allocated_contract_value FROM reports.team_cost WHERE as_of = DATE '2026-03-31' AND dimension = 'team' ORDER BY 1`))
	require.Equal(t, [][]string{{"nobodys", "8.00", "8.00"}, {"nobodys-even", "8.00", "8.00"}, {"partly", "–", "–"}, {"whole", "20.00", "–"}},
		w.rows(`SELECT app_id, contract_annual_spend, total_contract_value FROM reports.app_portfolio WHERE as_of = DATE '2026-03-31' ORDER BY 1`))
	require.Equal(t, [][]string{{"allocations.unallocated", "info", "1"}},
		w.rows(`SELECT check_name, severity, failing_rows FROM reports.data_quality WHERE check_name LIKE 'alloc%' AND failing_rows > 0`))
}
