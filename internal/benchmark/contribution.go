package benchmark

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// What stands at the head of a contribution.
const (
	Format  = "rightseat-benchmark-contribution"
	Version = 1
	// WindowDays is the length of the window that usage is counted in, ending with the as-of date.
	WindowDays = 30
)

// Metrics that need no name. The others are feature:NAME and price:TIER.
const (
	EngagedMetric = "engaged_pct"
	PriceMetric   = "price"
)

// LeastPeople is the smallest group that a contribution may speak of, whatever its maker prefers.
const LeastPeople = 5

// Contribution is what one organisation gives to a pool.
type Contribution struct {
	Contributor string // 32 hexadecimal digits, random, the same each time
	AsOf        string // YYYY-MM-DD
	Currency    string // ISO 4217, of the prices
	MinPeople   int64  // cells about fewer people or licences were left out
	SizeBand    string // one of [SizeBands]; empty when unknown
	Industry    string // one of [Industries]; empty when not said
	Cells       []Cell // by app and metric, each pair once
}

// Cell is one number about one app.
type Cell struct {
	App    string // id in the built-in catalogue
	Metric string // engaged_pct, feature:NAME, price or price:TIER
	// Value is in hundredths: of a percent (0 to 10,000), or of the currency's unit a licence and year.
	Value int64
}

// Number writes the value as a decimal number, without needless zeros: 37, 37.5, 120.
func (c Cell) Number() string { return hundredths(c.Value) }

func hundredths(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	text := fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// about is the notice at the head of the file, for the person who looks at it before it is sent.
func about(c *Contribution) []string {
	return []string{
		"This is everything that is sent: a contribution to a pool of benchmarks. Please read it first.",
		"engaged_pct and feature:NAME: percent of an app's provisioned people who did anything, or that, in the last 30 days; rounded to whole percent.",
		"price:TIER: what a licence costs a year in the currency below; rounded to three digits. price: where the contract names no tier.",
		"Apps, features and tiers are only those of rightseat's built-in lists. Not in here: people, teams, the organisation's name and domains, instances, your own applications.",
		fmt.Sprintf("Numbers about fewer than %d people or licences were left out.", c.MinPeople),
		"contributor is a random number that this workspace keeps (state/contributor-id), so that a pool counts each organisation once.",
		"size_band is the headcount as a band; industry is what was said on the command line. Either may be empty.",
	}
}

// Encode writes the file: a head, the notice, and one line per cell. The same contribution gives
// the same bytes.
func (c *Contribution) Encode() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\n")
	for _, f := range []struct {
		name  string
		value any
	}{
		{"format", Format}, {"version", Version}, {"about", about(c)}, {"contributor", c.Contributor}, {"as_of", c.AsOf},
		{"window_days", WindowDays}, {"currency", c.Currency}, {"min_people", c.MinPeople}, {"size_band", c.SizeBand}, {"industry", c.Industry},
	} {
		value, err := indented(f.value)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", f.name, err)
		}
		fmt.Fprintf(&b, "  %q: %s,\n", f.name, value)
	}
	b.WriteString("  \"cells\": [")
	for i, cell := range c.Cells {
		if i > 0 {
			b.WriteByte(',')
		}
		line, err := json.Marshal(struct {
			App    string      `json:"app"`
			Metric string      `json:"metric"`
			Value  json.Number `json:"value"`
		}{cell.App, cell.Metric, json.Number(cell.Number())})
		if err != nil {
			return nil, fmt.Errorf("write %s %s: %w", cell.App, cell.Metric, err)
		}
		b.WriteString("\n    ")
		b.Write(line)
	}
	b.WriteString("\n  ]\n}\n")
	return b.Bytes(), nil
}

func indented(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("  ", "  ")
	err := e.Encode(value)
	return bytes.TrimSpace(b.Bytes()), err
}

func (c *Contribution) sort() {
	slices.SortFunc(c.Cells, func(a, b Cell) int {
		if n := strings.Compare(a.App, b.App); n != 0 {
			return n
		}
		return strings.Compare(a.Metric, b.Metric)
	})
}
