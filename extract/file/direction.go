package file

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/preset"
)

// direction is where money went: banks write it as a sign, in two columns, behind the amount (12.50 CR) or as a word in a column of its own.
type direction int

const (
	noDirection direction = iota
	moneyOut
	moneyIn
)

// directionWords are the words of such columns, in lower case: what is debited from the account was spent.
var directionWords = map[direction][]string{
	moneyOut: {
		"debit", "debits", "dr", "dr.", "d", "dbit", "db", "out", "outgoing", "withdrawal", "money out", "paid out", "charge", "purchase", "s", "soll", "belastung", "lastschrift", "ausgang",
		"débit", "débito", "debito", "debe", "cargo", "gasto", "dare", "addebito", "uscita", "dépense", "af", "debet", "uit", "afschrijving",
	},
	moneyIn: {
		"credit", "credits", "cr", "cr.", "c", "crdt", "in", "incoming", "deposit", "money in", "paid in", "refund", "h", "haben", "gutschrift", "eingang", "k",
		"crédit", "crédito", "credito", "haber", "abono", "ingreso", "avere", "accredito", "entrata", "bij", "bijschrijving", "erstattung", "remboursement", "reembolso", "rimborso", "terugbetaling",
	},
}

// directionOf gives the direction that a word names.
func directionOf(text string) direction {
	word := preset.Fold(text)
	for d, words := range directionWords {
		if slices.Contains(words, word) {
			return d
		}
	}
	return noDirection
}

// behind is an amount with its direction behind it.
var behind = regexp.MustCompile(`^(.*[\d)])[\s\x{A0}\x{202F}]*([CcDd][Rr])\.?$`)

// cutDirection takes the CR or DR behind an amount off, and says where the money went.
func cutDirection(text string) (amount string, d direction) {
	if m := behind.FindStringSubmatch(text); m != nil {
		return m[1], directionOf(m[2])
	}
	return text, noDirection
}

// directed gives an amount the sign that its direction asks for: a charge is positive with us. inverted tells that a charge is negative in the
// file, and is turned round later.
func directed(text string, d direction, inverted bool) string {
	if d == noDirection {
		return text
	}
	text = strings.TrimPrefix(text, "-")
	if (d == moneyIn) != inverted {
		return canonicalNumber(true, text, "")
	}
	return text
}
