package file

import (
	"errors"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
)

// nothing are words with which programs write an empty cell. They are kept where they may be somebody's name.
var nothing = []string{"null", "(null)", "<null>", "[null]", `\n`, "nil", "none", "nan", "n/a", "#n/a", "#nv", "undefined", "(blank)", "(none)", "(empty)"}

// isNothing tells an empty cell by such a word.
func isNothing(col filekind.Column, text string) bool {
	if col.Type == filekind.Word || strings.HasSuffix(col.Name, "_name") || len(text) > 11 {
		return false
	}
	return slices.Contains(nothing, strings.ToLower(text))
}

// formulaErrors are what spreadsheets write for a formula that failed, in the languages that translate it.
var formulaErrors = regexp.MustCompile(`^#(REF|VALUE|NAME|DIV/0|NULL|NUM|SPILL|CALC|GETTING_DATA|N/D|BEZUG|WERT|ZAHL|NOM|VALEUR|NOMBRE|RIF|VALORE|VERW|WAARDE|NAAM|GETAL|¡REF|¡VALOR|¿NOMBRE)[!?]?$`)

// ids are columns that tell one thing from another.
var ids = []string{"transaction_id", "account_id", "contract_id", "line_id", "event_id"}

// cutShort is a long number as spreadsheets show it, and save it as text.
var cutShort = regexp.MustCompile(`^\d[.,]\d+[eE]\+?\d{2,}$`)

// mostDigits is how many digits of a number a spreadsheet keeps.
const mostDigits = 15

var errCutShort = errors.New("a spreadsheet has cut this number short, so it tells nothing apart; format the column as text before the file is opened or saved there")

// text checks a text that says what something is called.
func (p valueParser) text(col filekind.Column, c cell) (string, error) {
	isID := slices.Contains(ids, col.Name)
	if c.kind == numberValue && (isID || strings.ContainsAny(c.text, "eE.")) {
		plain, err := jsonNumber(c.text)
		if err != nil {
			return c.text, nil //nolint:nilerr // no number, so a name
		}
		if whole, err := wholeNumber(plain); err == nil {
			plain = whole // 123.0 is 123 in the next file
		}
		if isID && len(plain) > mostDigits && (p.sheet || strings.ContainsAny(c.text, "eE")) {
			return "", errCutShort
		}
		return plain, nil
	}
	switch {
	case isID && c.kind == textValue && cutShort.MatchString(c.text):
		return "", errCutShort
	case c.kind == textValue && formulaErrors.MatchString(strings.ToUpper(c.text)):
		return "", errors.New("the cell holds an error")
	}
	return c.text, nil
}

// units are the words that people put behind a count, by its column: how many of ours one of theirs is.
var units = map[string]map[string]int{
	"licences": {
		"seat": 1, "seats": 1, "licence": 1, "licences": 1, "license": 1, "licenses": 1, "user": 1, "users": 1, "named users": 1, "unit": 1, "units": 1, "pcs": 1, "x": 1, "subscriptions": 1,
		"lizenz": 1, "lizenzen": 1, "nutzer": 1, "benutzer": 1, "plätze": 1, "stück": 1, "stk": 1, "stk.": 1, "utilisateurs": 1, "postes": 1, "unités": 1,
		"usuarios": 1, "licencias": 1, "utenti": 1, "licenze": 1, "gebruikers": 1, "licenties": 1,
	},
	"notice_days": {
		"d": 1, "day": 1, "days": 1, "calendar days": 1, "week": 7, "weeks": 7, "tag": 1, "tage": 1, "tagen": 1, "woche": 7, "wochen": 7, "jour": 1, "jours": 1, "semaine": 7, "semaines": 7,
		"día": 1, "días": 1, "dias": 1, "semana": 7, "semanas": 7, "giorno": 1, "giorni": 1, "settimana": 7, "settimane": 7, "dag": 1, "dagen": 1, "weken": 7,
	},
}

// withoutUnit takes a unit off a count, and says how many of ours it is; 0 when the unit is another.
func withoutUnit(column, text string) (count string, times int) {
	i := strings.LastIndexAny(text, "0123456789") + 1
	word := strings.ToLower(trim(strings.Trim(text[i:], " -()")))
	if word == "" || i == 0 || units[column] == nil {
		return text, 1
	}
	return text[:i], units[column][word]
}

func multiplied(plain string, times int) string {
	n, ok := new(big.Int).SetString(plain, 10)
	if !ok || times == 1 {
		return plain
	}
	return n.Mul(n, big.NewInt(int64(times))).String()
}

// hundredfold moves the point of a canonical number by two places.
func hundredfold(plain string) string {
	r, ok := new(big.Rat).SetString(plain)
	if !ok {
		return plain
	}
	text := r.Mul(r, big.NewRat(100, 1)).FloatString(12)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
