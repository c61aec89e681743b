package file

import (
	"strings"

	"github.com/rightseat/rightseat/internal/preset"
)

// Rows that are left out are no rows that could not be read: a bank's top-ups and transfers, totals below a
// table, a line on when it was made. They are kept like those and counted by reason, as information.
const (
	leftCheck = "left_out_"
	// mostNotes is how many lines of one cell a file may have that pass for remarks above or below its table.
	mostNotes = 10
)

// reasons say in words why rows are left out.
var reasons = map[string]string{
	"payment":  "a payment of the card's own bill is no spend",
	"top_up":   "money that came in is no spend",
	"transfer": "a transfer between own accounts, or cash, is no spend",
	"exchange": "an exchange of currencies is no spend",
	"reversal": "it was reverted",
	"declined": "it was declined",
	"pending":  "it is pending; it counts once it is booked",
	"totals":   "it holds totals, no record",
	"remark":   "it holds a remark, no record",
	leftOut:    "settings.leave_out names it",
}

// totals are words that begin a line of totals or balances, in lower case.
var totals = []string{
	"total", "totals", "grand total", "subtotal", "sub total", "sub-total", "sum", "sum total", "summary", "opening balance", "closing balance", "beginning balance",
	"ending balance", "balance", "number of transactions", "number of records", "record count", "records", "rows", "end of report", "end of file",
	"summe", "gesamt", "gesamtsumme", "gesamtbetrag", "zwischensumme", "endsumme", "saldo", "anfangssaldo", "endsaldo", "kontostand", "anzahl",
	"total général", "total general", "somme", "sous-total", "solde", "suma", "suma total", "importe total", "totale", "somma", "totale generale", "totaal", "subtotaal", "som",
}

// leaves gives the reason for which a rule leaves a row out; empty when none does.
func (m *recordMaker) leaves(cells []cell) string {
	for _, r := range m.leaveOut {
		header := normaliseHeader(r.Header)
		for _, c := range cells {
			if m.binder.bound[c.column].rank == header && r.Matches(c.text) {
				return r.Reason
			}
		}
	}
	return ""
}

// furniture tells rows that are no records, though they stand among them, from bad ones: totals and remarks. Only rows that
// can't be used are asked about, and only those without what every record of the kind begins with.
func (m *recordMaker) furniture(cells []cell, columns int) string {
	for i, c := range cells {
		if i < 3 && isTotal(c.text) && m.text[m.anchor] == "" {
			return "totals"
		}
	}
	text := m.format == formatCSV || m.format == formatXLSX
	if text && len(cells) == 1 && columns > 2 && m.text[m.anchor] == "" && m.remarks < mostNotes {
		m.remarks++
		return "remark"
	}
	return ""
}

// brokenFurniture is furniture for rows that could not be taken apart because they have too few cells.
func (m *recordMaker) brokenFurniture(r *row) string {
	first, rest, _ := strings.Cut(r.raw, "\n")
	if rest != "" || strings.Contains(first, `"`) && strings.Count(first, `"`)%2 != 0 {
		return ""
	}
	if isTotal(strings.FieldsFunc(first+" ", func(c rune) bool { return strings.ContainsRune(";,\t|", c) })[0]) {
		return "totals"
	}
	if !strings.ContainsAny(strings.Trim(first, `,;	| `), ",;\t|") && m.remarks < mostNotes && len(m.binder.bound) > 2 {
		m.remarks++
		return "remark"
	}
	return ""
}

func isTotal(text string) bool {
	text = strings.Trim(preset.Fold(text), `"' `)
	word, rest, _ := strings.Cut(text, ":")
	word = strings.TrimSpace(word)
	for _, t := range totals {
		if word == t || rest == "" && strings.HasPrefix(text, t+" ") && !strings.ContainsFunc(text[len(t):], isLetter) {
			return true
		}
	}
	return false
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r > 0x7F }
