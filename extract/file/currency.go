package file

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
)

// currencyMarks are the signs and words that stand beside amounts, in lower case, with the currencies that they may mean.
// A code of three letters stands for itself.
var currencyMarks = map[string]string{
	"€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP EGP LBP SYP SSP SDG GIP FKP SHP", "¥": "JPY CNY", "￥": "JPY CNY", "円": "JPY", "元": "CNY",
	"$":   "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU BSD BBD BZD BMD BND KYD XCD FJD GYD JMD LRD NAD SBD SRD TTD DOP CUP BRL CVE TOP MOP NIO ZWL",
	"us$": "USD", "usd$": "USD", "$us": "USD", "c$": "CAD", "ca$": "CAD", "can$": "CAD", "cad$": "CAD", "a$": "AUD", "au$": "AUD", "aud$": "AUD", "nz$": "NZD",
	"s$": "SGD", "sg$": "SGD", "hk$": "HKD", "nt$": "TWD", "mx$": "MXN", "r$": "BRL", "kr": "SEK NOK DKK ISK", "kr.": "SEK NOK DKK ISK",
	"fr": "CHF XAF XOF XPF", "fr.": "CHF XAF XOF XPF", "sfr": "CHF", "sfr.": "CHF", "zł": "PLN", "zl": "PLN", "kč": "CZK", "ft": "HUF", "lei": "RON MDL", "лв": "BGN", "лв.": "BGN",
	"₽": "RUB", "руб": "RUB", "руб.": "RUB", "₺": "TRY", "tl": "TRY", "₹": "INR", "rs": "INR PKR LKR NPR MUR SCR", "rs.": "INR PKR LKR NPR MUR SCR", "₪": "ILS", "₩": "KRW",
	"₫": "VND", "฿": "THB", "₱": "PHP", "₦": "NGN", "₴": "UAH", "rm": "MYR", "rp": "IDR", "r": "ZAR",
}

// marked takes a number apart from the letters and signs before and behind it.
var marked = regexp.MustCompile(`^([\p{L}\p{Sc}][\p{L}\p{Sc}.]*)?[\s\x{A0}\x{202F}]*(.*?)[\s\x{A0}\x{202F}]*([\p{L}\p{Sc}][\p{L}\p{Sc}.]*)?$`)

// cutCurrency takes what names a currency off a number, before and behind it, and says which it may be; empty when the number names
// none, or one that nobody knows by its sign. Letters that name none make it no number.
func cutCurrency(s string) (rest, currencies string, ok bool) {
	m := marked.FindStringSubmatch(s)
	if m == nil {
		return s, "", false
	}
	rest = m[2]
	for _, mark := range []string{m[1], m[3]} {
		if mark == "" {
			continue
		}
		of, known := currenciesOf(mark)
		if before, point := strings.CutSuffix(mark, "."); !known && point && mark == m[1] { // $.50
			if of, known = currenciesOf(before); known {
				rest = "." + rest
			}
		}
		if !known {
			return s, "", false
		}
		switch both := inBoth(currencies, of); {
		case currencies == "" || of == "":
			currencies += of
		case both == "":
			return s, "", false
		default:
			currencies = both
		}
	}
	return rest, currencies, true
}

// currenciesOf gives the currencies that a mark may mean; none, though it is one, where nobody knows.
func currenciesOf(mark string) (string, bool) {
	if of, ok := currencyMarks[strings.ToLower(mark)]; ok {
		return of, true
	}
	if isCode(mark) && strings.ToUpper(mark) == mark {
		return mark, true
	}
	letters := strings.TrimFunc(mark, isCurrencySign)
	return "", letters == "" // a sign of a currency that is not in the list
}

// inHeader are the codes that headers write as they like; of others, which are words too, only capitals count.
const inHeader = " usd eur gbp chf cad aud nzd jpy cny sek nok dkk pln czk huf inr brl mxn zar sgd hkd "

var knownCodes = func() string {
	codes := " "
	for _, of := range currencyMarks {
		codes += of + " "
	}
	return codes + strings.ToUpper(inHeader)
}()

var headerParts = regexp.MustCompile(`\p{L}*\p{Sc}|\p{Lu}?\p{Ll}+|\p{Lu}+|\p{L}+`)

// currencyInHeader says which currencies a header says that its amounts may be in: Amount (USD), amount_eur, Betrag in €. Two of them say nothing.
func currencyInHeader(header string) (currencies string) {
	for _, part := range headerParts.FindAllString(header, -1) {
		of := ""
		switch lower := strings.ToLower(part); {
		case strings.ContainsFunc(part, isCurrencySign), lower == "euro", lower == "euros":
			of, _ = currenciesOf(part)
		case strings.Contains(inHeader, " "+lower+" "), isCode(part) && strings.Contains(knownCodes, " "+part+" "):
			of = strings.ToUpper(part)
		}
		switch {
		case of == "":
		case currencies != "" && currencies != of:
			return ""
		default:
			currencies = of
		}
	}
	return currencies
}

// partWords are words in a header for what is no whole unit of a currency.
var partWords = []string{"cents", "cent", "centimes", "céntimos", "pence", "penny", "pennies", "minor", "subunit", "subunits", "milliunits", "millis", "thousands", "tausend", "tsd", "milliers", "miles"}

// inParts tells of amounts that are, by their header, in cents or thousands.
func (b *binder) inParts() (told []note) {
	for _, n := range b.bound {
		if n.column < 0 || b.kind.Columns[n.column].Type != filekind.Decimal || b.kind.Name != "spend" && b.kind.Name != "contracts" {
			continue
		}
		for _, word := range partWords {
			if strings.Contains(wordsOf(n.header), " "+word+" ") {
				told = append(told, note{Check: "amounts_in_parts", Severity: severityWarning, Text: fmt.Sprintf(
					"column %s is, by its header, not in whole units of a currency, and %s is read from it as if it were; write whole units", quoteShort(n.header), b.kind.Columns[n.column].Name)})
				break
			}
		}
	}
	return told
}

func isCode(s string) bool {
	return len(s) == 3 && strings.Trim(strings.ToUpper(s), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func inBoth(a, b string) string {
	var both []string
	for _, c := range strings.Fields(a) {
		if slices.Contains(strings.Fields(b), c) {
			both = append(both, c)
		}
	}
	return strings.Join(both, " ")
}

// currencyOf says which currencies an amount's own text, or the format of its cell, says that it is in; empty for none.
func (c cell) currencyOf() string {
	if c.kind == textValue && strings.ContainsFunc(c.text, isMark) {
		amount, _ := cutDirection(c.text)
		if n, err := stripNumber(amount); err == nil {
			return n.currencies
		}
	}
	return c.currencies
}

// inCurrency holds an amount to the currency of its row: £12.50 in a row that says USD is not 12.50 USD. Where the row says none and the
// amount leaves no doubt, it says it. What is wrong is nil where nothing is.
func (m *recordMaker) inCurrency(cells []cell) (c cell, wrong *problem) {
	place := m.column("currency")
	if place < 0 {
		return cell{}, nil
	}
	for _, c := range cells {
		b := m.binder.bound[c.column]
		if b.column < 0 || m.kind.Columns[b.column].Type != filekind.Decimal || m.text[b.column] == "" {
			continue
		}
		may := c.currencyOf()
		if m.kind.Name == "spend" || m.kind.Name == "contracts" { // a rate is in two currencies
			may = cmp.Or(may, b.currencies)
		}
		row := strings.ToUpper(m.text[place])
		switch {
		case may == "":
		case row == "" && !strings.Contains(may, " "):
			m.text[place] = may
		case row == "" && !slices.Contains(strings.Fields(may), m.home):
			return c, &problem{"bad_" + m.kind.Columns[b.column].Name, fmt.Sprintf("column %s: nothing says which currency it is in, and it is not in %s: %s", b.header, m.home, quoteShort(c.text))}
		case isCode(row) && !slices.Contains(strings.Fields(may), row):
			of := may
			if strings.Contains(may, " ") {
				of = "another currency"
			}
			return c, &problem{"bad_" + m.kind.Columns[b.column].Name, fmt.Sprintf("column %s: the amount is in %s, the row in %s: %s", b.header, of, row, quoteShort(c.text))}
		}
	}
	return cell{}, nil
}
