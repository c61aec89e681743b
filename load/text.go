package load

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/rightseat/rightseat/internal/table"
)

// unknown is how the report shows NULL. It is never 0.
const unknown = "–"

// grouped writes an integer with thousands separated by commas: 12,345.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// whole writes money without its hundredths, rounded half away from zero: headline numbers.
func whole(d table.Decimal) string {
	if d.Unscaled == nil {
		return unknown
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale)), nil)
	half := new(big.Int).Quo(unit, big.NewInt(2))
	n := new(big.Int).Abs(d.Unscaled)
	n.Add(n, half).Quo(n, unit)
	if d.Unscaled.Sign() < 0 {
		n.Neg(n)
	}
	return grouped(n.Int64())
}

// groupedDecimal writes a decimal with all its digits: 1,234.50.
func groupedDecimal(d table.Decimal) string {
	text := d.String()
	before, after, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(before, 10, 64)
	if err != nil || d.Scale <= 0 || (n == 0 && strings.HasPrefix(text, "-")) {
		return text
	}
	return grouped(n) + "." + after
}

// day writes a date for people: 3 Nov 2026.
func day(t time.Time) string { return t.Format("2 Jan 2006") }

// one writes a number with one digit after the point.
func one(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// plural gives "1 app", "2 apps".
func plural(n int64, singular, several string) string {
	if n == 1 {
		return "1 " + singular
	}
	return grouped(n) + " " + several
}
