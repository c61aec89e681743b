package load

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"
)

// Charts are SVG text put together from numbers and fixed words; anything that comes from a
// vendor goes through html/template.HTMLEscapeString first.

// point is one day of a series. Without a value there is a gap.
type point struct {
	date  time.Time
	value float64
	known bool
	basis string
	whole bool // the window behind it is complete
}

// stretch is a run of days whose number comes from the same kind of source.
type stretch struct {
	from, to time.Time
	kind     string
}

// sourceKind is the kind of source behind a basis. That a list of assignments is some days old
// does not make it another kind of source.
func sourceKind(basis string) string {
	switch basis {
	case "sso_assigned_estimated":
		return "sso_assigned"
	case "":
		return "none"
	}
	return basis
}

const (
	lineWidth, lineHeight         = 340.0, 120.0
	lineLeft, lineRight           = 34.0, 6.0
	lineTop, lineBottom           = 10.0, 20.0
	monthsWidth, monthsHeight     = 760.0, 260.0
	monthsLeft, monthsTop         = 64.0, 12.0
	monthsBottom                  = 26.0
	palette                       = 7 // colours of stacked bars, in page.css
	exactBasis, estimateLineClass = "connector_exact", "est"
)

// stretches splits a series where the kind of source changes. Days without a value have a stretch, too.
func stretches(points []point) []stretch {
	var out []stretch
	for _, p := range points {
		kind := sourceKind(p.basis)
		if n := len(out); n > 0 && out[n-1].kind == kind {
			out[n-1].to = p.date
			continue
		}
		out = append(out, stretch{from: p.date, to: p.date, kind: kind})
	}
	return out
}

// lineChart draws a daily series: exact days solid, estimates dashed, unknown days left blank, a thin upright
// line where the kind of source changes. The y axis starts at 0.
func lineChart(label string, points []point) template.HTML {
	if len(points) == 0 {
		return ""
	}
	top := 1.0
	for _, p := range points {
		if p.known {
			top = max(top, p.value)
		}
	}
	top = niceCeiling(top)
	first, last := points[0].date, points[len(points)-1].date
	span := max(last.Sub(first).Hours(), 24)
	x := func(t time.Time) float64 {
		return lineLeft + (lineWidth-lineLeft-lineRight)*t.Sub(first).Hours()/span
	}
	y := func(v float64) float64 { return lineTop + (lineHeight-lineTop-lineBottom)*(1-v/top) }

	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="line" viewBox="0 0 %g %g" role="img" aria-label="%s">`, lineWidth, lineHeight, template.HTMLEscapeString(label))
	for _, v := range []float64{0, top / 2, top} {
		fmt.Fprintf(&b, `<line class="grid" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/><text class="tick" x="%g" y="%.1f" text-anchor="end">%s</text>`,
			lineLeft, lineWidth-lineRight, y(v), y(v), lineLeft-5, y(v)+3, short(v))
	}
	fmt.Fprintf(&b, `<text class="tick" x="%g" y="%g">%s</text><text class="tick" x="%g" y="%g" text-anchor="end">%s</text>`,
		lineLeft, lineHeight-5, first.Format("Jan 2006"), lineWidth-lineRight, lineHeight-5, last.Format("2 Jan 2006"))
	for i, s := range stretches(points) {
		if i > 0 {
			fmt.Fprintf(&b, `<line class="change" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/>`, x(s.from), x(s.from), lineTop, lineHeight-lineBottom)
		}
	}
	var path []string
	flush := func(basis string) {
		if len(path) == 1 { // a lone day would not show
			path = append(path, path[0])
		}
		if len(path) > 0 {
			class := estimateLineClass
			if basis == exactBasis {
				class = "exact"
			}
			fmt.Fprintf(&b, `<polyline class="%s" points="%s"/>`, class, strings.Join(path, " "))
		}
		path = nil
	}
	for i, p := range points {
		if i > 0 && (!p.known || sourceKind(p.basis) != sourceKind(points[i-1].basis)) {
			flush(points[i-1].basis)
		}
		if p.known {
			path = append(path, fmt.Sprintf("%.1f,%.1f", x(p.date), y(p.value)))
		}
	}
	flush(points[len(points)-1].basis)
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // numbers, fixed words and an escaped label
}

// column is one month of stacked amounts, bottom up.
type column struct {
	label  string
	values []float64 // one per series; refunds may make a value negative, which is drawn as nothing
}

// stackedChart draws amounts per month, split by series.
func stackedChart(label string, series []string, columns []column) template.HTML {
	if len(columns) == 0 {
		return ""
	}
	top := 1.0
	for _, c := range columns {
		sum := 0.0
		for _, v := range c.values {
			sum += max(v, 0)
		}
		top = max(top, sum)
	}
	top = niceCeiling(top)
	y := func(v float64) float64 { return monthsTop + (monthsHeight-monthsTop-monthsBottom)*(1-v/top) }
	step := (monthsWidth - monthsLeft) / float64(len(columns))

	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="months" viewBox="0 0 %g %g" role="img" aria-label="%s">`, monthsWidth, monthsHeight, template.HTMLEscapeString(label))
	for i := range 5 {
		v := top * float64(i) / 4
		fmt.Fprintf(&b, `<line class="grid" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/><text class="tick" x="%g" y="%.1f" text-anchor="end">%s</text>`,
			monthsLeft, monthsWidth, y(v), y(v), monthsLeft-8, y(v)+4, short(v))
	}
	for i, c := range columns {
		left := monthsLeft + step*float64(i) + step*0.18
		base := 0.0
		for k, v := range c.values {
			if v <= 0 {
				continue
			}
			fmt.Fprintf(&b, `<rect class="s%d" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s, %s: %s</title></rect>`,
				k%palette, left, y(base+v), step*0.64, y(base)-y(base+v),
				template.HTMLEscapeString(c.label), template.HTMLEscapeString(series[k]), grouped(int64(math.Round(v))))
			base += v
		}
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%g" text-anchor="middle">%s</text>`, left+step*0.32, monthsHeight-8, template.HTMLEscapeString(c.label))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // numbers, fixed words and escaped labels
}

// niceCeiling is the next of 1, 2, 4, 5, 10 × a power of ten, so that the ticks are round.
func niceCeiling(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 1.5, 2, 3, 4, 5, 6, 8, 10} {
		if m*unit >= v {
			return max(m*unit, 2)
		}
	}
	return v
}

// short writes a tick: 950, 1.5k, 20k, 3M.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return trimmed(v/1e6) + "M"
	case v >= 1e4:
		return trimmed(v/1e3) + "k"
	}
	return trimmed(v)
}

func trimmed(v float64) string {
	return strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("%.2f", v), "0"), ".0")
}
