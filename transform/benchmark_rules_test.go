package transform_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// reference is one row of a benchmark file. Quantiles are in hundredths, -1 where there is none.
type reference struct {
	app, metric, cohort string
	n                   int
	p                   [5]int // p25, p33, p50, p66, p75
	asOf                int    // day
}

// contractLine is a line of a contract that is current; price is in cents, -1 when unknown.
type contractLine struct {
	app, tier, period string
	licences, price   int
}

// compared is an organisation with what its usage and prices are compared with.
type comparedOrganisation struct {
	*organisation
	references []reference
	lines      []contractLine
}

func randomCompared(r *rand.Rand) *comparedOrganisation {
	o := &comparedOrganisation{organisation: randomOrganisation(r)}
	o.asOf += 150 // enough months for an own past
	for i := range 100 {
		addresses := o.addresses[r.IntN(len(o.addresses))]
		o.engaged = append(o.engaged, event{connection: "events", id: fmt.Sprint("m", i), app: fmt.Sprintf("app-%d", r.IntN(5)), address: addresses[0], day: r.IntN(o.asOf + 1)})
	}
	metrics := []string{"engaged_pct", " Engaged_PCT", "feature:drew", "Feature:Shared", "feature:(engaged)", "feature:never_seen", "price", "price:Pro", "price:team", "engaged_percent"}
	for asOf := range 40 + r.IntN(60) {
		f := reference{
			app: fmt.Sprintf("App %d", r.IntN(6)), metric: metrics[r.IntN(len(metrics))],
			cohort: []string{"all", "size:50-199", "own_past"}[min(2, r.IntN(9)/4)], n: r.IntN(12), asOf: asOf,
		}
		for i := range f.p {
			f.p[i] = r.IntN(10_000)
		}
		slices.Sort(f.p[:])
		if r.IntN(3) == 0 {
			f.p[1], f.p[0] = f.p[1]/20, f.p[0]/20
		}
		switch r.IntN(12) {
		case 0:
			f.p[2] = -1
		case 1:
			f.p[4] = 10_001 + r.IntN(500)
		case 2:
			f.p[1], f.p[3] = -1, -1
		case 3:
			f.p[0], f.p[4] = f.p[4], f.p[0]
		}
		o.references = append(o.references, f)
	}
	for range 5 + r.IntN(20) {
		l := contractLine{
			app: fmt.Sprintf("app-%d", 1+r.IntN(4)), tier: []string{"", "Pro", " PRO", "Team"}[r.IntN(4)],
			period: []string{"month", "quarter", "year"}[r.IntN(3)], licences: 1 + r.IntN(9), price: r.IntN([]int{100, 1000, 20_000}[r.IntN(3)]),
		}
		if r.IntN(8) == 0 {
			l.price = -1
		}
		o.lines = append(o.lines, l)
	}
	return o
}

func decimal(hundredths int) string { return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100) }

func (o *comparedOrganisation) load(w *world) {
	o.organisation.load(w)
	w.connect("more-contracts", "contracts")
	var lines []record
	for i, l := range o.lines {
		r := record{"contract_id": fmt.Sprint("L", i), "vendor": "V", "app": l.app, "tier": l.tier, "start_date": date(0), "end_date": date(9999),
			"licences": strconv.Itoa(l.licences), "billing_period": l.period}
		if l.price >= 0 {
			r["unit_price"] = decimal(l.price)
		}
		lines = append(lines, r)
	}
	w.snapshot("more-contracts", "contracts", date(0), lines...)
	w.connect("references", "benchmarks")
	var rows []record
	for _, f := range o.references {
		r := record{"app": f.app, "metric": f.metric, "cohort": f.cohort, "n": strconv.Itoa(f.n), "as_of": date(f.asOf)}
		for i, name := range []string{"p25", "p33", "p50", "p66", "p75"} {
			if f.p[i] >= 0 {
				r[name] = decimal(f.p[i])
			}
		}
		rows = append(rows, r)
	}
	w.snapshot("references", "benchmarks", date(0), rows...)
}

// usable are the references that break no rule, the newest of each cell, by metric and cohort.
func (o *comparedOrganisation) usable(app string) map[string]map[string]reference {
	out := map[string]map[string]reference{}
	for _, f := range o.references { // the oldest first
		metric := strings.ToLower(strings.TrimSpace(f.metric))
		if metric == "feature:(engaged)" {
			metric = "engaged_pct"
		}
		price := metric == "price" || strings.HasPrefix(metric, "price:")
		known := price || metric == "engaged_pct" || strings.HasPrefix(metric, "feature:")
		rising, last := true, 0
		for _, p := range f.p {
			if p >= 0 {
				rising = rising && p >= last && (price || p <= 10_000)
				last = p
			}
		}
		if strings.ReplaceAll(strings.ToLower(f.app), " ", "-") != app || !known || f.cohort == "own_past" || f.n < 1 || !rising || f.n >= 5 && f.p[2] < 0 {
			continue
		}
		if out[metric] == nil {
			out[metric] = map[string]reference{}
		}
		out[metric][f.cohort] = f
	}
	return out
}

// share is users of total in percent, exactly.
func share(users, total int) *big.Rat { return big.NewRat(int64(100*users), int64(total)) }

// usedBy are the people who used a feature, or were engaged, in the 30 days up to a day.
func (o *comparedOrganisation) usedBy(app, feature string, day int) map[int]bool {
	if feature == "(engaged)" {
		return active(o.engaged, o.organisation, app, day, 30)
	}
	who := map[int]bool{}
	see := func(e event, name string) {
		if name == feature && e.app == app && e.day <= day && day-e.day < 30 && o.connectedOn("events", e.day) {
			who[o.person(e.address)] = true
		}
	}
	for _, e := range o.engaged[:len(o.engaged)-len(o.features)] {
		see(e, "did_something")
	}
	for _, f := range o.features {
		see(f.event, f.name)
	}
	return who
}

// usage is the share of provisioned people who used a feature; false where nothing is known.
func (o *comparedOrganisation) usage(app, feature string, day int) (*big.Rat, bool) {
	users, basis := o.provisioned(app, day)
	total, err := strconv.Atoi(users)
	if err != nil || total == 0 || !known(o.engaged, o.organisation, app, day) {
		return nil, false
	}
	return share(both(o.usedBy(app, feature, day), o.holders(app, day, basis)), total), true
}

// shown are the features that some report about the app ever listed.
func (o *comparedOrganisation) shown(app string) map[string]bool {
	out := map[string]bool{"(engaged)": true}
	for _, row := range o.featureUsage() {
		if row[2] == app {
			out[row[3]] = true
		}
	}
	return out
}

// points are the values inside the organisation that a feature is compared with, by cohort.
func (o *comparedOrganisation) points(app, feature string) map[string][]*big.Rat {
	out := map[string][]*big.Rat{}
	first := -1
	for _, e := range o.engaged {
		if e.app == app && o.connectedOn("events", e.day) && (first < 0 || e.day < first) {
			first = e.day
		}
	}
	for _, day := range o.reportDays() {
		if v, ok := o.usage(app, feature, day); ok && day < o.asOf && first <= day-29 {
			out["own_past"] = append(out["own_past"], v)
		}
	}
	_, basis := o.provisioned(app, o.asOf)
	who, used := o.holders(app, o.asOf, basis), o.usedBy(app, feature, o.asOf)
	belongs := o.belongs(o.asOf)
	for dimension, cohort := range map[string]string{"team": "own_teams", "location": "own_locations"} {
		for value, people := range belongs[dimension] {
			mine := map[int]bool{}
			for p := range people {
				if who[p] {
					mine[p] = true
				}
			}
			if value != "(unknown)" && len(mine) > 0 {
				out[cohort] = append(out[cohort], share(both(mine, used), len(mine)))
			}
		}
	}
	return out
}

// quantile interpolates between the two neighbours of its place among the sorted values.
func quantile(sorted []*big.Rat, num, den int64) *big.Rat {
	place := big.NewRat(int64(len(sorted)-1)*num, den)
	low := new(big.Int).Quo(place.Num(), place.Denom()).Int64()
	rest := new(big.Rat).Sub(place, big.NewRat(low, 1))
	value := new(big.Rat).Set(sorted[low])
	if rest.Sign() > 0 {
		value.Add(value, rest.Mul(rest, new(big.Rat).Sub(sorted[low+1], sorted[low])))
	}
	return value
}

func six(r *big.Rat) string { return r.FloatString(6) }

func (o *comparedOrganisation) usageBenchmarks() (rows [][]string) {
	for _, app := range o.apps(o.asOf) {
		add := func(feature, cohort string, cells ...string) {
			rows = append(rows, append([]string{app, feature, cohort}, cells...))
		}
		empty := func(status string) []string { return []string{"–", "–", "–", "–", "–", "–", status} }
		if !known(o.engaged, o.organisation, app, o.asOf) {
			add("(engaged)", "reference", empty("no_engagement_connector")...)
			continue
		}
		references := o.usable(app)
		for feature := range o.shown(app) {
			own, ok := o.usage(app, feature, o.asOf)
			if !ok {
				continue
			}
			for cohort, points := range o.points(app, feature) {
				if len(points) < 5 {
					add(feature, cohort, empty("below_min_n")...)
					continue
				}
				slices.SortFunc(points, (*big.Rat).Cmp)
				below := 0 // in halves
				for _, p := range points {
					below += 1 - p.Cmp(own)
				}
				add(feature, cohort, six(own), strconv.Itoa(len(points)), six(quantile(points, 1, 4)), six(quantile(points, 1, 2)), six(quantile(points, 3, 4)),
					six(share(below, 2*len(points))), "ok")
			}
			metric := "feature:" + feature
			if feature == "(engaged)" {
				metric = "engaged_pct"
			}
			for cohort, f := range references[metric] {
				if f.n < 5 {
					add(feature, cohort, empty("below_min_n")...)
				} else {
					add(feature, cohort, six(own), strconv.Itoa(f.n), decimal(f.p[0])+"0000", decimal(f.p[2])+"0000", decimal(f.p[4])+"0000", "–", "ok")
				}
			}
			if len(references[metric]) == 0 {
				add(feature, "reference", empty("no_reference")...)
			}
		}
	}
	return rows
}

func (o *comparedOrganisation) priceBenchmarks() (rows [][]string) {
	type key struct{ app, tier string }
	prices := map[key]*big.Rat{{"app-0", ""}: big.NewRat(int64(o.licence), 100)}
	licences := map[key]int64{{"app-0", ""}: 1}
	unknown, contracted := map[key]bool{}, map[string]bool{"app-0": true}
	for _, l := range o.lines {
		k := key{l.app, strings.ToLower(strings.TrimSpace(l.tier))}
		if prices[k] == nil {
			prices[k] = new(big.Rat)
		}
		times := map[string]int{"month": 12, "quarter": 4, "year": 1}[l.period]
		prices[k].Add(prices[k], big.NewRat(int64(l.licences*l.price*times), 100))
		licences[k] += int64(l.licences)
		unknown[k] = unknown[k] || l.price < 0
		contracted[l.app] = true
	}
	empty := func(app, tier, cohort, status string) {
		rows = append(rows, []string{app, tier, cohort, "–", "–", "–", "–", "–", "–", status})
	}
	for k, annual := range prices {
		metric := "price"
		if k.tier != "" {
			metric = "price:" + k.tier
		}
		cells := o.usable(k.app)[metric]
		for cohort, f := range cells {
			switch {
			case unknown[k]:
				empty(k.app, k.tier, cohort, "no_price")
			case f.n < 5:
				empty(k.app, k.tier, cohort, "below_min_n")
			default:
				// Half a cent is rounded up.
				own := new(big.Rat).Quo(annual, big.NewRat(licences[k], 1)).FloatString(2)
				row := []string{k.app, k.tier, cohort, own, strconv.Itoa(f.n), "–", decimal(f.p[2]), "–", "–", "ok"}
				if f.p[1] >= 0 && f.p[3] >= 0 {
					row[5], row[7] = decimal(f.p[1]), decimal(f.p[3])
					mine, _ := new(big.Rat).SetString(own)
					row[8] = "middle"
					if mine.Cmp(big.NewRat(int64(f.p[1]), 100)) < 0 {
						row[8] = "low"
					} else if mine.Cmp(big.NewRat(int64(f.p[3]), 100)) > 0 {
						row[8] = "high"
					}
				}
				rows = append(rows, row)
			}
		}
		if len(cells) == 0 {
			empty(k.app, k.tier, "reference", map[bool]string{true: "no_price", false: "no_reference"}[unknown[k]])
		}
	}
	for a := range 5 {
		app := fmt.Sprintf("app-%d", a)
		if contracted[app] || o.firstDay(app) < 0 {
			continue
		}
		for metric, cells := range o.usable(app) {
			if tier, ok := strings.CutPrefix(metric, "price"); ok {
				for cohort := range cells {
					empty(app, strings.TrimPrefix(tier, ":"), cohort, "no_price")
				}
			}
		}
	}
	return rows
}

func TestBenchmarksAgreeWithBruteForce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("organisation %d", seed), func(t *testing.T) {
			t.Parallel()
			o := randomCompared(rand.New(rand.NewPCG(seed, 9)))
			w := newWorld(t)
			w.only("reports.usage_benchmarks", "reports.price_benchmarks")
			o.load(w)
			w.run(date(o.asOf))
			usage := w.rows(`SELECT app_id, feature, cohort, CAST(own_pct AS DECIMAL(18, 6)), cohort_n, CAST(p25 AS DECIMAL(18, 6)), CAST(p50 AS DECIMAL(18, 6)),
				CAST(p75 AS DECIMAL(18, 6)), CAST(own_percentile AS DECIMAL(18, 6)), status FROM reports.usage_benchmarks`)
			requireRows(t, o.usageBenchmarks(), usage)
			requireRows(t, o.priceBenchmarks(), w.rows(`SELECT app_id, tier, cohort, own_price, cohort_n, p33, p50, p66, position, status FROM reports.price_benchmarks`))
			require.Empty(t, w.rows(`SELECT * FROM reports.usage_benchmarks WHERE status <> 'ok' AND
				(own_pct IS NOT NULL OR cohort_n IS NOT NULL OR p25 IS NOT NULL OR p50 IS NOT NULL OR p75 IS NOT NULL OR own_percentile IS NOT NULL)`))
			require.Empty(t, w.rows(`SELECT as_of, app_id, instance_id, feature, cohort FROM reports.usage_benchmarks GROUP BY ALL HAVING count(*) > 1`), "the key is one")
		})
	}
}

// engageByFeatures counts feature events as engagement, as loading them does.
func (o *organisation) engageByFeatures() {
	for _, f := range o.features {
		o.engaged = append(o.engaged, f.event)
	}
}

// TestBenchmarkHistoriesAreVaried holds the random organisations to having every case.
func TestBenchmarkHistoriesAreVaried(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for seed := range uint64(5) {
		o := randomCompared(rand.New(rand.NewPCG(seed, 9)))
		o.engageByFeatures()
		for _, r := range o.usageBenchmarks() {
			seen["usage "+r[len(r)-1]], seen[r[2]+" "+r[len(r)-1]] = true, true
		}
		for _, r := range o.priceBenchmarks() {
			seen["price "+r[9]], seen["position "+r[8]] = true, true
		}
	}
	for _, want := range []string{
		"usage ok", "usage no_engagement_connector", "usage below_min_n", "usage no_reference", "all ok", "own_past ok", "own_teams below_min_n", "own_locations below_min_n",
		"price ok", "price no_price", "price below_min_n", "price no_reference", "position low", "position middle", "position high", "position –",
	} {
		require.True(t, seen[want], want)
	}
}
