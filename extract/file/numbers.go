package file

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Most digits before the point, so that numbers fit the typed columns downstream.
const (
	maxDecimalDigits = 14
	maxIntegerDigits = 18
)

var errNotNumber = errors.New("not a number")

// number is a number's text taken apart, digits still with their separators.
type number struct {
	negative bool
	digits   string
	// currencies are those that the text may name; empty for none.
	currencies string
}

// parseDecimal reads a number as people write it and gives plain digits with a point: 1,234.50 · 1.234,50 ·
// (1,234.50) · €12 · 12.50 EUR · 12.50- · 1'234.5. Which mark is the decimal one is its column's matter, see [columnGuess].
func parseDecimal(text string, comma bool) (string, error) {
	n, err := stripNumber(text)
	if err != nil {
		return "", err
	}
	mark, other := ".", ","
	if comma {
		mark, other = ",", "."
	}
	point := strings.Index(n.digits, mark)
	if point >= 0 && strings.ContainsAny(n.digits[point+1:], mark+other+"'") {
		return "", fmt.Errorf("not a number with a decimal %s", markName(comma))
	}
	plain, err := n.plain(point)
	if err != nil && strings.ContainsAny(n.digits, ".,") {
		return "", fmt.Errorf("not a number with a decimal %s", markName(comma))
	}
	return plain, err
}

func markName(comma bool) string {
	if comma {
		return "comma"
	}
	return "point"
}

// parseInteger reads a whole number in the same notations; 5.0 is 5.
func parseInteger(text string, comma bool) (string, error) {
	plain, err := parseDecimal(text, comma)
	if err != nil {
		return "", err
	}
	return wholeNumber(plain)
}

// wholeNumber drops a fraction of zeros and refuses any other.
func wholeNumber(plain string) (string, error) {
	digits, fraction, _ := strings.Cut(plain, ".")
	if strings.Trim(fraction, "0") != "" {
		return "", errors.New("not a whole number")
	}
	if digits == "-0" {
		digits = "0"
	}
	return digits, nil
}

// stripNumber takes off the sign, brackets of accountants' negatives, currencies and the apostrophe that marks text in a spreadsheet.
func stripNumber(text string) (number, error) {
	n := number{}
	s := strings.TrimPrefix(trim(text), "'")
	if inner, ok := strings.CutPrefix(s, "("); ok {
		if s, ok = strings.CutSuffix(inner, ")"); !ok {
			return n, errNotNumber
		}
		n.negative = true
	}
	if s = n.cut(s); s == "" {
		return n, errNotNumber
	}
	if rest, negative, signed := cutSign(s); signed {
		if n.negative {
			return n, errNotNumber
		}
		s, n.negative = rest, negative
	}
	if s = n.cut(s); s == "" || len(s) > 60 {
		return n, errNotNumber
	}
	n.digits = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00A0', '\u202F', '\u2009', '\'', '’':
			return '\'' // separates thousands and nothing else
		}
		return r
	}, s)
	if strings.Trim(n.digits, "0123456789.,'") != "" || !strings.ContainsAny(n.digits, "0123456789") {
		return n, errNotNumber
	}
	return n, nil
}

// cut takes a currency and white space off, and remembers which currency it was; what is not taken for one stays, and is no number.
func (n *number) cut(s string) string {
	s = trim(s)
	if !strings.ContainsFunc(s, isMark) {
		return s
	}
	rest, currencies, ok := cutCurrency(s)
	if !ok {
		return s
	}
	if currencies != "" {
		n.currencies = currencies
	}
	return trim(rest)
}

func isMark(r rune) bool { return unicode.IsLetter(r) || isCurrencySign(r) }

func isCurrencySign(r rune) bool { return unicode.Is(unicode.Sc, r) }

// cutSign takes one sign off, which may also stand behind the number or behind the currency.
func cutSign(s string) (rest string, negative, signed bool) {
	for _, minus := range []string{"-", "−"} {
		if rest, ok := strings.CutPrefix(s, minus); ok {
			return rest, true, true
		}
		if rest, ok := strings.CutSuffix(s, minus); ok {
			return rest, true, true
		}
	}
	rest, signed = strings.CutPrefix(s, "+")
	return rest, false, signed
}

// thousands tells whether the separator at i, the only one of its kind, could separate thousands.
func thousands(s string, i int) bool {
	return i >= 1 && i <= 3 && s[0] != '0' && len(s)-i-1 == 3 && !strings.Contains(s, "'")
}

// plain puts the number together again, having checked that separators of thousands stand
// where they belong.
func (n number) plain(point int) (string, error) {
	whole, fraction := n.digits, ""
	if point >= 0 {
		whole, fraction = n.digits[:point], n.digits[point+1:]
	}
	if strings.Trim(fraction, "0123456789") != "" || whole == "" && fraction == "" {
		return "", errNotNumber
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r < '0' || r > '9' })
	if len(groups) > 1 || len(whole) != len(strings.Join(groups, "")) {
		separators := strings.Trim(strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, whole), "")
		if len(separators) != len(groups)-1 || strings.Trim(separators, separators[:1]) != "" || len(groups[0]) > 3 {
			return "", errNotNumber
		}
		for _, g := range groups[1:] {
			if len(g) != 3 {
				return "", errNotNumber
			}
		}
	}
	return canonicalNumber(n.negative, strings.Join(groups, ""), fraction), nil
}

// checkSize refuses plain numbers with more than most digits before the point.
func checkSize(plain string, most int) error {
	whole, _, _ := strings.Cut(strings.TrimPrefix(plain, "-"), ".")
	if len(whole) > most {
		return fmt.Errorf("too large: more than %d digits before the point", most)
	}
	return nil
}

func canonicalNumber(negative bool, whole, fraction string) string {
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	text := whole
	if fraction != "" {
		text += "." + fraction
	}
	if negative && strings.Trim(text, "0.") != "" {
		text = "-" + text
	}
	return text
}

// jsonNumber gives a number in JSON's notation as plain digits.
func jsonNumber(text string) (string, error) {
	if strings.ContainsAny(text, "eE") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "", errNotNumber
		}
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	negative := strings.HasPrefix(text, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return "", errNotNumber
	}
	return canonicalNumber(negative, whole, fraction), nil
}
