package benchmark_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/benchmark"
	"github.com/rightseat/rightseat/internal/filekind"
)

var dollars = benchmark.PoolOptions{Currency: "USD"}

// about makes contributors that all speak of one metric of Zoom.
func about(metric string, values ...int64) []*benchmark.Contribution {
	var out []*benchmark.Contribution
	for i, v := range values {
		c := sample(i)
		c.SizeBand, c.Industry, c.Cells = "", "", []benchmark.Cell{{App: "zoom", Metric: metric, Value: v}}
		out = append(out, c)
	}
	return out
}

func TestPool(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		from   []*benchmark.Contribution
		want   []benchmark.Row
		result benchmark.Result // counts
	}{
		{
			"five make a cell", about("engaged_pct", 10_00, 20_00, 30_00, 40_00, 50_00),
			[]benchmark.Row{{App: "zoom", Metric: "engaged_pct", Cohort: "all", N: 5, P25: 20_00, P50: 30_00, P75: 40_00}}, benchmark.Result{Contributors: 5},
		},
		{
			"between two neighbours in proportion", about("engaged_pct", 10_00, 20_00, 30_00, 40_00, 50_00, 61_00),
			[]benchmark.Row{{App: "zoom", Metric: "engaged_pct", Cohort: "all", N: 6, P25: 22_50, P50: 35_00, P75: 47_50}}, benchmark.Result{Contributors: 6},
		},
		{"four do not", about("engaged_pct", 10_00, 20_00, 30_00, 40_00), nil, benchmark.Result{Contributors: 4, TooFew: 1}},
		{
			"prices have thirds", about("price:pro", 100_00, 110_00, 120_00, 130_00, 140_00),
			[]benchmark.Row{{App: "zoom", Metric: "price:pro", Cohort: "all", N: 5, P33: 113_20, P50: 120_00, P66: 126_40}}, benchmark.Result{Contributors: 5},
		},
		{
			"prices a hundred times too high or low do not count", about("price", 1_00, 100_00, 110_00, 120_00, 130_00, 140_00, 12_000_00),
			[]benchmark.Row{{App: "zoom", Metric: "price", Cohort: "all", N: 5, P33: 113_20, P50: 120_00, P66: 126_40}}, benchmark.Result{Contributors: 7, Outliers: 2},
		},
		{
			"a price that is merely different counts", about("price", 100_00, 100_00, 100_00, 100_00, 100_00, 150_00),
			[]benchmark.Row{{App: "zoom", Metric: "price", Cohort: "all", N: 6, P33: 100_00, P50: 100_00, P66: 100_00}}, benchmark.Result{Contributors: 6},
		},
		{
			"what is left after outliers must be five", about("price", 100_00, 110_00, 120_00, 130_00, 90_000_00),
			nil, benchmark.Result{Contributors: 5, TooFew: 1, Outliers: 1},
		},
		{"percentages have no outliers", about("engaged_pct", 0, 90_00, 91_00, 92_00, 93_00),
			[]benchmark.Row{{App: "zoom", Metric: "engaged_pct", Cohort: "all", N: 5, P25: 90_00, P50: 91_00, P75: 92_00}}, benchmark.Result{Contributors: 5}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := benchmark.Pool(c.from, dollars)
			assert.Equal(t, c.want, got.Rows)
			got.Rows, got.AsOf = nil, ""
			assert.Equal(t, c.result, got)
		})
	}
}

func TestPoolCohortsAndCurrencies(t *testing.T) {
	t.Parallel()
	all := about("price", 1_00, 1_00, 1_00, 1_00, 1_00, 1_00, 1_00)
	for i, c := range all {
		c.SizeBand = "50-199"
		if i < 6 {
			c.Industry = "law"
		}
		if i == 6 {
			c.Currency, c.AsOf = "EUR", "2026-07-01"
		}
	}
	all[5].SizeBand = "200-999"
	got := benchmark.Pool(all, dollars)
	var cells []string
	for _, r := range got.Rows {
		cells = append(cells, fmt.Sprint(r.Cohort, " ", r.N))
	}
	assert.Equal(t, []string{"all 6", "industry:law 6", "size:50-199 5", "size:50-199 industry:law 5"}, cells)
	assert.Equal(t, 1, got.OtherCurrency)
	assert.Equal(t, 2, got.TooFew, "size:200-999, with and without the industry")
	assert.Equal(t, "2026-07-01", got.AsOf)
	six := benchmark.Pool(all, benchmark.PoolOptions{Currency: "USD", MinContributors: 6})
	assert.Len(t, six.Rows, 2)
}

// randomPool is many contributors with much in common.
func randomPool(r *rand.Rand) []*benchmark.Contribution {
	var all []*benchmark.Contribution
	for i := range 3 + r.IntN(25) {
		c := sample(i)
		c.SizeBand, c.Industry = []string{"", "1-49", "50-199"}[r.IntN(3)], []string{"", "law", "retail"}[r.IntN(3)]
		c.Currency = []string{"USD", "USD", "USD", "EUR"}[r.IntN(4)]
		c.Cells = nil
		for _, app := range []string{"zoom", "slack"} {
			for _, metric := range []string{"engaged_pct", "price", "price:pro"} {
				if r.IntN(4) > 0 {
					c.Cells = append(c.Cells, benchmark.Cell{App: app, Metric: metric, Value: []int64{r.Int64N(100_00), 1 + r.Int64N(200_00), 5_000_00 + r.Int64N(1_000_00)}[r.IntN(2+len(metric)%2)] + 1})
				}
			}
		}
		all = append(all, c)
	}
	return all
}

// plainPool is the pool the slow way: every cell asks everybody.
func plainPool(all []*benchmark.Contribution) (lines []string) {
	for _, app := range []string{"slack", "zoom"} {
		for _, metric := range []string{"engaged_pct", "price", "price:pro"} {
			for _, band := range []string{"", "1-49", "50-199"} {
				for _, industry := range []string{"", "law", "retail"} {
					cohort := strings.TrimSpace(strings.TrimSuffix("size:"+band, "size:") + " " + strings.TrimSuffix("industry:"+industry, "industry:"))
					if cohort == "" {
						cohort = "all"
					}
					var values []*big.Rat
					for _, c := range all {
						for _, cell := range c.Cells {
							if cell.App == app && cell.Metric == metric && (band == "" || c.SizeBand == band) && (industry == "" || c.Industry == industry) &&
								(metric == "engaged_pct" || c.Currency == "USD") {
								values = append(values, big.NewRat(cell.Value, 1))
							}
						}
					}
					slices.SortFunc(values, (*big.Rat).Cmp)
					quantiles := []int64{25, 50, 75}
					if metric != "engaged_pct" {
						values, quantiles = plainlyKept(values), []int64{33, 50, 66}
					}
					if len(values) < 5 {
						continue
					}
					line := fmt.Sprint(app, " ", metric, " ", cohort, " ", len(values))
					for _, q := range quantiles {
						line += " " + plainQuantile(values, q).FloatString(0)
					}
					lines = append(lines, line)
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func plainQuantile(sorted []*big.Rat, percent int64) *big.Rat {
	place := big.NewRat(int64(len(sorted)-1)*percent, 100)
	sum := new(big.Rat)
	for i, v := range sorted { // each value weighs as much as it is near
		away := new(big.Rat).Sub(place, big.NewRat(int64(i), 1))
		if weight := new(big.Rat).Sub(big.NewRat(1, 1), away.Abs(away)); weight.Sign() > 0 {
			sum.Add(sum, weight.Mul(weight, v))
		}
	}
	return sum
}

// plainlyKept compares squares, so that no root is needed.
func plainlyKept(sorted []*big.Rat) []*big.Rat {
	if len(sorted) < 5 {
		return sorted
	}
	whole := func(r *big.Rat) *big.Rat { w, _ := new(big.Rat).SetString(r.FloatString(0)); return w }
	q1, q3, median := whole(plainQuantile(sorted, 25)), whole(plainQuantile(sorted, 75)), whole(plainQuantile(sorted, 50))
	cube := func(r *big.Rat) *big.Rat { return new(big.Rat).Mul(r, new(big.Rat).Mul(r, r)) }
	ratio := cube(new(big.Rat).Quo(q3, q1)) // (q3/q1)^3 is the square of (q3/q1)^1.5
	square := func(a, b *big.Rat) *big.Rat { q := new(big.Rat).Quo(a, b); return q.Mul(q, q) }
	twice := func(r *big.Rat) *big.Rat { return new(big.Rat).Mul(r, big.NewRat(2, 1)) }
	var kept []*big.Rat
	for _, v := range sorted {
		low := v.Cmp(q1) < 0 && square(q1, v).Cmp(ratio) > 0 && twice(v).Cmp(median) < 0
		high := v.Cmp(q3) > 0 && square(v, q3).Cmp(ratio) > 0 && v.Cmp(twice(median)) > 0
		if !low && !high {
			kept = append(kept, v)
		}
	}
	return kept
}

func TestPoolAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	outliers, cells := 0, 0
	for seed := range uint64(200) {
		all := randomPool(rand.New(rand.NewPCG(seed, 5)))
		pool := benchmark.Pool(all, dollars)
		var got []string
		for _, r := range pool.Rows {
			line := fmt.Sprint(r.App, " ", r.Metric, " ", r.Cohort, " ", r.N)
			if r.Metric == "engaged_pct" {
				line += fmt.Sprint(" ", r.P25, " ", r.P50, " ", r.P75)
			} else {
				line += fmt.Sprint(" ", r.P33, " ", r.P50, " ", r.P66)
			}
			got = append(got, line)
		}
		slices.Sort(got)
		require.Equal(t, plainPool(all), got, "seed %d", seed)
		outliers, cells = outliers+pool.Outliers, cells+len(got)
	}
	assert.Positive(t, outliers)
	assert.Greater(t, cells, 1000)
}

func TestPoolBytesDoNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 5))
	all := randomPool(r)
	want, err := benchmark.Pool(all, dollars).CSV(dollars)
	require.NoError(t, err)
	for range 10 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, c := range all {
			r.Shuffle(len(c.Cells), func(i, j int) { c.Cells[i], c.Cells[j] = c.Cells[j], c.Cells[i] })
		}
		got, err := benchmark.Pool(all, dollars).CSV(dollars)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
}

// One contributor that lies as much as the rules allow can't move a quantile out of the range of
// the others.
func TestNobodyDominates(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 6))
	for range 300 {
		metric, most := "engaged_pct", int64(100_00)
		if r.IntN(2) == 0 {
			metric, most = "price", 1_000_000_00
		}
		var values []int64
		for range 5 + r.IntN(10) {
			values = append(values, 20_00+r.Int64N(50_00))
		}
		honest := values[1:]
		for _, lie := range []int64{1, most} {
			values[0] = lie
			for _, row := range benchmark.Pool(about(metric, values...), dollars).Rows {
				for _, q := range []int64{row.P25, row.P33, row.P50, row.P66, row.P75} {
					if q != 0 { // the quantiles that this metric has
						require.GreaterOrEqual(t, q, slices.Min(honest))
						require.LessOrEqual(t, q, slices.Max(honest))
					}
				}
			}
		}
	}
}

func TestCSVIsAFileOfKindBenchmarks(t *testing.T) {
	t.Parallel()
	all := append(about("engaged_pct", 10_00, 20_00, 30_00, 40_00, 50_50), about("price:pro", 100_00, 110_00, 120_00, 130_00, 140_00)...)
	pool := benchmark.Pool(all, dollars)
	pool.Contributors = 5
	data, err := pool.CSV(dollars)
	require.NoError(t, err)
	assert.Equal(t, `app,metric,cohort,n,p25,p33,p50,p66,p75,as_of,source,currency
zoom,engaged_pct,all,5,20,,30,,40,2026-06-30,rightseat pool of 5 contributors,
zoom,price:pro,all,5,,113.2,120,126.4,,2026-06-30,rightseat pool of 5 contributors,USD
`, string(data))
	kind, ok := filekind.Lookup("benchmarks")
	require.True(t, ok)
	header, _, _ := strings.Cut(string(data), "\n")
	assert.Equal(t, strings.Join(kind.ColumnNames(), ",")+",currency", header, "currency is an extra column, which staging reads")
}

func ExamplePool() {
	var all []*benchmark.Contribution
	for i, engaged := range []int64{40_00, 55_00, 61_00, 70_00, 90_00} {
		all = append(all, &benchmark.Contribution{
			Contributor: fmt.Sprintf("%032x", i), AsOf: "2026-06-30", Currency: "USD",
			Cells: []benchmark.Cell{{App: "zoom", Metric: benchmark.EngagedMetric, Value: engaged}},
		})
	}
	for _, row := range benchmark.Pool(all, benchmark.PoolOptions{Currency: "USD"}).Rows {
		fmt.Printf("%s %s: half of %d are below %d %%\n", row.App, row.Metric, row.N, row.P50/100)
	}
	// Output: zoom engaged_pct: half of 5 are below 61 %
}
