package file

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/preset"
)

// noSpend are the words of banks and cards for lines that are no spend, as presets write them, in the order of their reasons there. Those that
// have other meanings too (a bank transfer pays bills, Exchange is a product) stand for themselves only.
var noSpend = preset.Rule{Values: []string{
	"transfer", "transfers", "*internal transfer*", "*own account*", "atm", "*cash withdrawal*", "*umbuchung*", "übertrag", "uebertrag", "*bargeld*", "*barauszahlung*", "geldautomat*",
	"*virement interne*", "retrait*", "traspaso*", "*retirada de efectivo*", "giroconto", "prelievo*", "*eigen rekening*", "geldopname*",
	"topup*", "top-up*", "top up*", "deposit", "deposits", "payroll", "salary", "aufladung", "einzahlung*", "gehalt*", "rechargement", "recarga", "ricarica", "opwaardering", "storting",
	"*reversal*", "reversed", "reverted", "void", "voided", "cancelled", "canceled", "*chargeback*", "*storno*", "stornier*", "*rückbuchung*", "*rueckbuchung*", "*rücklastschrift*", "*ruecklastschrift*",
	"annulation*", "annulé*", "contrepassation*", "anulaci*", "anulad*", "annullat*", "annuler*", "geannuleerd", "rejet*",
	"exchange", "currency exchange", "währungsumtausch", "umtausch", "cambio de divisa", "cambio valuta",
	"*payment received*", "autopay*", "*payment thank you*", "*payment - thank you*", "*kreditkartenausgleich*", "*kartenabrechnung*", "*saldoausgleich*",
	"declined", "rejected", "failed", "abgelehnt", "refus*", "rechazad*", "rifiutat*", "geweigerd", "afgewezen",
	"pending", "authorised", "authorized", "authorization", "authorisation", "vorgemerkt", "vormerkung", "en attente", "pendiente", "in sospeso", "in afwachting",
}}

// howPaid are words of headers that say how something was paid, where a transfer or cash is spend.
var howPaid = alike{words: []string{"method", "zahlungsart", "zahlungsweise", "zahlungsmittel", "mode", "moyen", "forma", "metodo", "método", "betaalwijze"}}

const (
	// mostTypes and longestType are what a column that says of what kind a line is may have of values, and words in one: more are texts.
	mostTypes   = 40
	longestType = 4
)

// lineTypes looks through the further columns of a file of spend for one that says of some lines that they are no spend. Columns by
// place, each with its values by how often they stand there; nil for a column of texts.
type lineTypes map[int]map[string]int64

func (l lineTypes) row(b *binder, r *row) {
	if b.kind.Name != "spend" || r.broken != "" {
		return
	}
	for _, c := range r.cells {
		values, known := l[c.column]
		if b.bound[c.column].column >= 0 || c.kind != textValue || known && values == nil {
			continue
		}
		if !known {
			values = map[string]int64{}
			l[c.column] = values
		}
		if values[c.text]++; len(values) > mostTypes || len(strings.Fields(c.text)) > longestType {
			l[c.column] = nil
		}
	}
}

// notes tell of columns whose words say of lines that they are no spend, where neither columns nor leave_out says that somebody has
// looked at them. A column that is told of by its header is none.
func (l lineTypes) notes(b *binder, leaveOut []preset.Rule) []note {
	var told []note
	for i, n := range b.bound {
		_, mapped := b.columns[n.rank]
		ruled := slices.ContainsFunc(leaveOut, func(r preset.Rule) bool { return normaliseHeader(r.Header) == n.rank })
		named := slices.ContainsFunc(alikes[b.kind.Name], func(a alike) bool { return a.fits(n.header) })
		if mapped || ruled || n.column >= 0 || named || howPaid.fits(n.header) {
			continue
		}
		var words []string
		var rows int64
		for _, text := range slices.Sorted(maps.Keys(l[i])) {
			if noSpend.Matches(strings.ReplaceAll(text, "_", " ")) {
				words, rows = append(words, quoteShort(text)), rows+l[i][text]
			}
		}
		if len(words) == 0 {
			continue
		}
		told = append(told, note{Check: "lines_of_no_spend", Severity: severityWarning, Rows: rows, Text: fmt.Sprintf(
			"column %s, with %s, is not read, so these lines count as spend; name what does not count: leave_out: {%q: [%s]}; else columns: {%q: \"-\"}",
			quoteShort(n.header), strings.Join(words[:min(len(words), 5)], ", "), n.header, strings.Join(words[:min(len(words), 5)], ", "), n.header)})
	}
	return told
}
