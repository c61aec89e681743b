package file

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/preset"
)

// A column that a kind can do without is easily missed: a list whose states stand under "Account status" would be one of active accounts
// only. So headers that are not used, and look as if they were such a column, are told, with what it means that they are not.

// alike is a column that a file may have under another name.
type alike struct {
	column string
	// words are parts of headers that speak for it: whole words, in lower case, without accents' help.
	words []string
	// not are words that speak against it.
	not []string
	// so is what follows from its absence.
	so string
}

var (
	statusWords = []string{
		"status", "state", "active", "enabled", "disabled", "deactivated", "suspended", "blocked", "block", "archived", "locked", "inactive", "deleted",
		"zustand", "aktiv", "inaktiv", "gesperrt", "deaktiviert", "kontostatus", "benutzerstatus", "statut", "état", "etat", "actif", "désactivé", "estado", "activo", "stato", "attivo", "actief", "geblokkeerd",
	}
	currencyWords  = []string{"currency", "curr", "ccy", "währung", "waehrung", "devise", "moneda", "divisa", "valuta"}
	notOwnCurrency = []string{"original", "foreign", "exchange", "fx", "rate", "conversion", "converted", "symbol", "base", "home", "reporting", "amount", "fee", "fees", "tax", "balance", "ursprüngliche", "originale", "fremd", "fremdwährung", "kurs"}
	notStatus      = []string{"last", "date", "directory", "days", "id", "since", "time", "count", "minutes", "hours", "reason", "by", "letzte", "datum", "dernière", "dernier", "date", "última", "fecha", "data", "laatste"}
)

// alikes are, by kind, the columns whose absence changes what counts.
var alikes = map[string][]alike{
	"roster": {
		{"status", statusWords, notStatus, "all accounts count as active"},
		{"tier", []string{"license", "licence", "licenses", "licences", "lizenz", "lizenzen", "lizenztyp", "plan", "subscription", "sku", "edition", "licencia", "licenza", "licentie"},
			[]string{"date", "id", "key", "expires", "expiry", "count", "cost", "price"}, "all accounts count as of one tier"},
	},
	"org_chart": {
		{"termination_date", []string{"termination", "terminated", "exit", "leaving", "left", "separation", "departure", "offboarding", "resignation", "last day", "end date",
			"austritt", "austrittsdatum", "vertragsende", "sortie", "départ", "fin de contrat", "baja", "salida", "cessazione", "uscita", "uitdiensttreding", "einddatum"},
			[]string{"reason", "type", "notes", "balance", "policy", "probation", "approver"}, "nobody on the list counts as having left"},
		{"", []string{"status", "active", "inactive", "terminated", "deactivated", "aktiv", "inaktiv", "statut", "actif", "activo", "attivo", "actief"},
			append([]string{"marital", "visa", "tax", "military", "flsa", "exempt", "veteran", "vaccination", "immigration", "benefit"}, notStatus...), "all people on the list count as employed"},
	},
	"contracts": {
		{"status", statusWords, notStatus, "all contracts count as signed"},
		{"billing_period", []string{"billing frequency", "billing cycle", "billing term", "frequency", "billing interval", "payment frequency", "payment term", "price period", "abrechnungszeitraum", "abrechnung", "zahlungsintervall",
			"périodicité", "fréquence", "periodicidad", "frecuencia", "periodicità", "frequenza", "frequentie"}, nil, "all prices count as of a year"},
		{"currency", currencyWords, notOwnCurrency, "all prices count as in the organisation's currency"},
		{"auto_renew", []string{"auto renewal", "autorenew", "autorenewal", "renewal type", "automatic renewal", "renews", "evergreen", "verlängerung", "automatische verlängerung", "reconduction", "renovación", "rinnovo", "verlenging"},
			[]string{"date"}, "all contracts count as ending on their day"},
		{"notice_days", []string{"notice", "notice period", "kündigungsfrist", "préavis", "preaviso", "preavviso", "opzegtermijn"}, []string{"date"}, "no contract has a deadline for notice"},
		{"is_user_licence", []string{"line type", "item type", "product type", "is license", "is licence", "user license", "user licence"}, nil, "all lines count as user licences"},
	},
	"spend": {
		{"currency", currencyWords, notOwnCurrency, "all amounts count as in the currency that the settings say"},
		{"", []string{"refunded", "amount refunded", "refund amount", "erstattet", "remboursé", "reembolsado", "rimborsato", "terugbetaald"}, append([]string{"id"}, notStatus...), "what was paid back counts as spend"},
		{"", []string{"status", "state", "zustand", "statut", "estado", "stato"}, append([]string{"tax", "reimbursement"}, notStatus...), "declined, pending and reverted lines count as spend"},
	},
	"sso_logins": {
		{"outcome", []string{"result", "success", "status", "ergebnis", "résultat", "resultado", "risultato", "resultaat"}, []string{"device", "id", "code", "risk"}, "all sign-ins count as successful"},
	},
	"sso_assignments": {
		{"", statusWords, notStatus, "every row counts as an assignment that stands"},
	},
	"engagement": {
		{"", []string{"status", "result", "outcome", "success", "failed", "error", "ergebnis", "résultat", "resultado", "risultato", "resultaat"}, notStatus, "actions that failed count like others"},
	},
	"network": {
		{"", []string{"action", "blocked", "disposition", "verdict", "decision", "policy action", "aktion", "blockiert"}, notStatus, "what was blocked counts as use"},
	},
}

// headerWords takes a header apart: accountEnabled and "Status [READ ONLY]" are words, too.
var headerWords = regexp.MustCompile(`\p{Lu}?\p{Ll}+|\p{Lu}+|\p{L}+`)

func wordsOf(header string) string {
	words := headerWords.FindAllString(header, -1)
	if upper := strings.ToUpper(header); upper == header {
		words = strings.FieldsFunc(header, func(r rune) bool { return !isLetter(r | 0x20) })
	}
	return " " + strings.ToLower(strings.Join(words, " ")) + " "
}

func (a alike) fits(header string) bool {
	words := wordsOf(header)
	has := func(word string) bool { return strings.Contains(words, " "+word+" ") }
	return slices.ContainsFunc(a.words, has) && !slices.ContainsFunc(a.not, has)
}

// overlooked tells of headers that are not used though they look like columns that the file lacks. Those that settings.columns or
// leave_out name have been looked at by somebody.
func (b *binder) overlooked(leaveOut []preset.Rule) []note {
	var told []note
	for _, a := range alikes[b.kind.Name] {
		place := slices.IndexFunc(b.kind.Columns, func(c filekind.Column) bool { return c.Name == a.column })
		if place >= 0 && b.byColumn[place] >= 0 {
			continue
		}
		for _, n := range b.bound {
			_, mapped := b.columns[n.rank]
			ruled := slices.ContainsFunc(leaveOut, func(r preset.Rule) bool { return normaliseHeader(r.Header) == n.rank })
			if n.column >= 0 || mapped || ruled || !a.fits(n.header) {
				continue
			}
			remedy := fmt.Sprintf("if it is %s, set columns: {%q: %s}", a.column, n.header, a.column)
			if a.column == "" {
				remedy = fmt.Sprintf("name the values that do not count: leave_out: {%q: [...]}", n.header)
			}
			told = append(told, note{Check: "column_not_used", Severity: severityWarning, Text: fmt.Sprintf(
				"column %s is not read, so %s; %s; else columns: {%q: \"-\"}", quoteShort(n.header), a.so, remedy, n.header)})
			break
		}
	}
	return joined(told)
}
