package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWordsThatBanksPutAroundAName has lines as statements of banks and cards in ten countries have them: how a
// charge was made in front, with date and card, and amount, rate and place behind.
func TestWordsThatBanksPutAroundAName(t *testing.T) {
	t.Parallel()
	lines := map[string]string{
		// A name and its own domain.
		"LINEAR LINEAR.APP CA": "linear", "CURSOR CURSOR.COM NY": "cursor", "NOTION NOTION.SO CA": "notion",
		"RENDER RENDER.COM": "render", "FRAMER FRAMER.COM AMSTERDAM": "framer", "RETOOL RETOOL.COM SAN FRANCISCO": "retool",
		// United States, Canada.
		"PURCHASE AUTHORIZED ON 09/03 FIGMA SAN FRANCISCO CA S463247 CARD 1234": "figma",
		"RECURRING PAYMENT AUTHORIZED ON 09/03 DROPBOX*8HJK2L SAN FRANCISCO CA": "dropbox",
		"CHECKCARD 0903 ZOOM.US 888-799-9666 CA 24692168246100":                 "zoom",
		"POS DEBIT SLACK T0123ABC SAN FRANCISCO CA":                             "slack",
		"DEBIT CARD PURCHASE XXXXX1234 MIRO SAN FRANCISCO CA":                   "miro",
		"ACH DEBIT GUSTO": "gusto",
		"ORIG CO NAME:GUSTO CO ENTRY DESCR:FEE 123456":                "gusto",
		"PREAUTHORIZED DEBIT GITHUB":                                  "github",
		"VISA DDA PUR FIGMA":                                          "figma",
		"RECURRING CARD PURCHASE 09/02 ASANA.COM SAN FRANCISCO CA":    "asana",
		"PRE-AUTHORIZED PAYMENT SHOPIFY":                              "shopify",
		"INTL PURCHASE CANVA* 04123-1234 SYDNEY AU":                   "canva",
		"POS PURCHASE FIGMA":                                          "figma",
		"PAYMENT TO FIGMA":                                            "figma",
		"WIRE TRANSFER TO DATADOG INC":                                "datadog",
		"REFUND FIGMA":                                                "figma",
		"PURCHASE RETURN AUTHORIZED ON 10/12 ZOOM.US 888-799-9666 CA": "zoom",
		// United Kingdom.
		"CARD PAYMENT TO FIGMA ON 03 SEP": "figma", "DIRECT DEBIT TO XERO": "xero", "VIS INT'L FIGMA": "figma",
		"CONTACTLESS PAYMENT MIRO": "miro",
		// Germany, Austria, Switzerland.
		"KARTENZAHLUNG SLACK T0123ABC DUBLIN IE": "slack", "LASTSCHRIFT FIGMA": "figma", "SEPA-BASISLASTSCHRIFT ASANA INC": "asana",
		"VISA DEBITKARTENUMSATZ VOM 03.09. FIGMA": "figma", "ÜBERWEISUNG AN PERSONIO SE": "personio",
		"FOLGELASTSCHRIFT DEEPL SE": "deepl", "KREDITKARTE MIRO AMSTERDAM": "miro", "RÜCKERSTATTUNG FIGMA": "figma",
		"KARTENZAHLUNG PAYPAL *FIGMA 35314369001": "figma",
		// France, Spain, Italy, the Netherlands, Portugal, Poland, Sweden, Denmark, Norway.
		"ACHAT CB FIGMA 03.09.26": "figma", "PAIEMENT PAR CARTE X1234 FIGMA 03/09": "figma", "PRLV SEPA GITHUB": "github", "CARTE 03/09 MIRO": "miro",
		"FACTURE CARTE DU 030926 FIGMA SAN FRANCISCO": "figma", "COMPRA TARJ. 4548XXXXXXXX1234 FIGMA": "figma", "ADEUDO DE ASANA": "asana",
		"PAGO CON TARJETA EN FIGMA": "figma", "PAGAMENTO POS FIGMA": "figma", "ADDEBITO SDD GITHUB": "github", "INCASSO SEPA MIRO": "miro",
		"BETAALAUTOMAAT 03-09 FIGMA": "figma", "COMPRA NO CARTÃO FIGMA": "figma", "PŁATNOŚĆ KARTĄ FIGMA": "figma", "KORTKÖP 260903 FIGMA": "figma",
		"DANKORT-NOTA FIGMA": "figma", "VISA VAREKJØP FIGMA": "figma",
		// Amounts, currencies and rates behind.
		"FIGMA 49,00 USD KURS 1,0872": "figma", "FIGMA USD 49.00": "figma", "MIRO 96,00 EUR": "miro", "FIGMA 49.00 USD @ 0.9312": "figma",
		"MIRO 1 234,50 SEK TAUX 0,0912": "miro", "FIGMA AMSTERDAM 45.00 GBP EXCHANGE RATE 1.1712": "figma",
		// What a bank takes for itself, and others of the name.
		"INTERNATIONAL TRANSACTION FEE FIGMA": "", "FIGMA FOREIGN TRANSACTION FEE": "", "AUSLANDSEINSATZENTGELT FIGMA": "",
		"KARTENZAHLUNG GEBÜHR FIGMA": "", "NON-STERLING TRANSACTION FEE ZOOM.US": "", "COMMISSION DE CHANGE FIGMA": "",
		"POS PURCHASE NOTION CAFE BERKELEY CA": "", "BOXLUNCH 4021 SAN JOSE CA": "", "KARTENZAHLUNG LINEAR BAR BERLIN": "", "PAYMENT THANK YOU": "",
		"LASTSCHRIFT MIETE OKTOBER": "",
	}
	w := newWorld(t)
	w.only("core.spend")
	w.connect("cards", "spend")
	var rows []record
	for text := range lines {
		rows = append(rows, record{"transaction_id": fmt.Sprint(len(rows)), "date": "2026-03-01", "amount": "1", "currency": "USD", "vendor": text})
	}
	w.events("cards", "spend", "date", rows...)
	w.run("2026-03-31")
	got := map[string]string{}
	for _, r := range w.rows(`SELECT vendor_text, coalesce(app_id, '') FROM core.spend`) {
		got[r[0]] = r[1]
	}
	require.Len(t, got, len(lines))
	for text, app := range lines {
		assert.Equal(t, app, got[text], text)
	}
}
