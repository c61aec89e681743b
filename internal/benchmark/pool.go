package benchmark

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/rightseat/rightseat/internal/table"
)

// LeastContributors is the smallest number of contributors behind a cell that is shown.
const LeastContributors = 5

// PoolOptions say how a pool is made.
type PoolOptions struct {
	Currency        string // prices in other currencies do not count
	MinContributors int    // at least [LeastContributors]
}

// Row is one cell of a pool. Values are in hundredths, as in [Cell]. A percentage has P25, P50
// and P75, a price P33, P50 and P66.
type Row struct {
	App, Metric, Cohort     string
	N                       int
	P25, P33, P50, P66, P75 int64
}

// Result is a pool with what was left out of it.
type Result struct {
	Rows          []Row  // by app, metric, cohort
	AsOf          string // of the newest contribution, YYYY-MM-DD
	Contributors  int
	TooFew        int // cells that fewer contributors than needed speak of
	Outliers      int // prices that were too far off to count among all contributors
	OtherCurrency int // prices in other currencies
}

// everybody is the cohort of all contributors.
const everybody = "all"

// cohorts are the groups that a contribution belongs to.
func cohorts(c *Contribution) []string {
	out := []string{everybody}
	if c.SizeBand != "" {
		out = append(out, "size:"+c.SizeBand)
	}
	if c.Industry != "" {
		out = append(out, "industry:"+c.Industry)
	}
	if c.SizeBand != "" && c.Industry != "" {
		out = append(out, "size:"+c.SizeBand+" industry:"+c.Industry)
	}
	return out
}

// Pool puts contributions together. Each contributor has one value in a cell, so none weighs more
// than another; the caller sees to it that each contributor is there once. The order of the
// contributions changes nothing.
func Pool(all []*Contribution, o PoolOptions) Result {
	type key struct{ app, metric, cohort string }
	cells := map[key][]int64{}
	r := Result{Contributors: len(all)}
	for _, c := range all {
		r.AsOf = max(r.AsOf, c.AsOf)
		for _, cell := range c.Cells {
			if isPrice(cell.Metric) && c.Currency != o.Currency {
				r.OtherCurrency++
				continue
			}
			for _, cohort := range cohorts(c) {
				k := key{cell.App, cell.Metric, cohort}
				cells[k] = append(cells[k], cell.Value)
			}
		}
	}
	for k, values := range cells {
		slices.Sort(values)
		row := Row{App: k.app, Metric: k.metric, Cohort: k.cohort}
		if isPrice(k.metric) {
			kept := withoutOutliers(values)
			if k.cohort == everybody {
				r.Outliers += len(values) - len(kept)
			}
			values = kept
		}
		row.N = len(values)
		if row.N < max(o.MinContributors, LeastContributors) {
			r.TooFew++
			continue
		}
		row.P50 = quantile(values, 50)
		if isPrice(k.metric) {
			row.P33, row.P66 = quantile(values, 33), quantile(values, 66)
		} else {
			row.P25, row.P75 = quantile(values, 25), quantile(values, 75)
		}
		r.Rows = append(r.Rows, row)
	}
	slices.SortFunc(r.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Cohort, b.Cohort))
	})
	return r
}

// quantile interpolates between the two neighbours of its place among sorted values, as
// DuckDB's quantile_cont does; half a hundredth is rounded up.
func quantile(sorted []int64, percent int) int64 {
	place := (len(sorted) - 1) * percent
	low, rest := place/100, int64(place%100)
	if rest == 0 {
		return sorted[low]
	}
	return sorted[low] + ((sorted[low+1]-sorted[low])*rest+50)/100
}

// withoutOutliers drops prices that cannot be of the same thing: on a scale of ratios, further
// below the lower or above the upper quartile than 1.5 times the distance between the two, and
// less than half or more than twice the median. Values are sorted and above 0; so is the result.
func withoutOutliers(values []int64) []int64 {
	if len(values) < LeastContributors {
		return values
	}
	q1, q3, median := float64(quantile(values, 25)), float64(quantile(values, 75)), quantile(values, 50)
	ratio := q3 / q1
	reach := ratio * math.Sqrt(ratio) // ratio to the power of 1.5
	var kept []int64
	for _, v := range values {
		low := float64(v)*reach < q1 && 2*v < median
		high := float64(v) > q3*reach && v > 2*median
		if !low && !high {
			kept = append(kept, v)
		}
	}
	return kept
}

// CSV is the pool as a file of kind benchmarks. The same pool gives the same bytes.
func (r Result) CSV(o PoolOptions) ([]byte, error) {
	columns := []table.Column{
		{Name: "app"}, {Name: "metric"}, {Name: "cohort"}, {Name: "n", Kind: table.Integer},
		{Name: "p25"}, {Name: "p33"}, {Name: "p50"}, {Name: "p66"}, {Name: "p75"},
		{Name: "as_of", Kind: table.Date}, {Name: "source"}, {Name: "currency"},
	}
	asOf, err := time.Parse(time.DateOnly, r.AsOf)
	if err != nil {
		return nil, fmt.Errorf("date of the pool: %w", err)
	}
	var b bytes.Buffer
	w, err := table.NewCSVWriter(&b, columns)
	if err != nil {
		return nil, err
	}
	source := fmt.Sprintf("rightseat pool of %d contributors", r.Contributors)
	for _, row := range r.Rows {
		cells := []any{row.App, row.Metric, row.Cohort, int64(row.N), hundredths(row.P25), nil, hundredths(row.P50), nil, hundredths(row.P75), asOf, source, nil}
		if isPrice(row.Metric) {
			cells = []any{row.App, row.Metric, row.Cohort, int64(row.N), nil, hundredths(row.P33), hundredths(row.P50), hundredths(row.P66), nil, asOf, source, o.Currency}
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
