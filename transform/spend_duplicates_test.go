package transform_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func charge(id string, day int, amount, vendor, payer string) record {
	r := record{"transaction_id": id, "date": date(day), "amount": amount, "currency": "USD", "vendor": vendor}
	if payer != "" {
		r["payer_email"] = payer + "@acme.example"
	}
	return r
}

func TestChargesWithoutAPayer(t *testing.T) {
	t.Parallel()
	type feeds struct {
		cards, expenses []record
		dropped         []string
	}
	cases := map[string]feeds{
		"one of each": {
			[]record{charge("c1", 10, "15", "ZOOM.US", "ann")}, []record{charge("e1", 12, "15", "Zoom Video Communications Inc", "")}, []string{"e1"},
		},
		"the payer stands on the expense": {
			[]record{charge("c1", 10, "15", "ZOOM.US", "")}, []record{charge("e1", 8, "15", "ZOOM.US", "ann")}, []string{"c1"},
		},
		"four days apart":  {[]record{charge("c1", 10, "15", "ZOOM.US", "ann")}, []record{charge("e1", 14, "15", "ZOOM.US", "")}, nil},
		"another amount":   {[]record{charge("c1", 10, "15", "ZOOM.US", "ann")}, []record{charge("e1", 10, "15.01", "ZOOM.US", "")}, nil},
		"a refund":         {[]record{charge("c1", 10, "15", "ZOOM.US", "ann")}, []record{charge("e1", 10, "-15", "ZOOM.US", "")}, nil},
		"another app":      {[]record{charge("c1", 10, "15", "ZOOM.US", "ann")}, []record{charge("e1", 10, "15", "FIGMA", "")}, nil},
		"unknown vendor":   {[]record{charge("c1", 10, "15", "TACOS", "ann")}, []record{charge("e1", 10, "15", "TACOS", "")}, nil},
		"same source":      {[]record{charge("c1", 10, "15", "ZOOM.US", "ann"), charge("c2", 10, "15", "ZOOM.US", "")}, nil, nil},
		"nobody named":     {[]record{charge("c1", 10, "15", "ZOOM.US", "")}, []record{charge("e1", 10, "15", "ZOOM.US", "")}, nil},
		"two could be it":  {[]record{charge("c1", 10, "15", "ZOOM.US", "ann"), charge("c2", 11, "15", "ZOOM.US", "bob")}, []record{charge("e1", 10, "15", "ZOOM.US", "")}, nil},
		"it could be two":  {[]record{charge("c1", 10, "15", "ZOOM.US", "ann")}, []record{charge("e1", 9, "15", "ZOOM.US", ""), charge("e2", 11, "15", "ZOOM.US", "")}, nil},
		"taken by its own": {[]record{charge("c1", 10, "15", "ZOOM.US", "ann")}, []record{charge("e1", 10, "15", "ZOOM.US", "ann"), charge("e2", 10, "15", "ZOOM.US", "")}, []string{"e1"}},
		"every month": {
			[]record{charge("c1", 10, "15", "ZOOM.US", "ann"), charge("c2", 40, "15", "ZOOM.US", "ann")},
			[]record{charge("e1", 11, "15", "ZOOM.US", ""), charge("e2", 41, "15", "ZOOM.US", "")}, []string{"e1", "e2"},
		},
	}
	// All cases share a world, each in a season of its own.
	w := newWorld(t)
	w.only("core.spend")
	w.connect("cards", "spend")
	w.connect("expenses", "spend")
	var cards, expenses []record
	for i, name := range slices.Sorted(maps.Keys(cases)) {
		for _, lines := range [][]record{cases[name].cards, cases[name].expenses} {
			for _, l := range lines {
				l["transaction_id"] = name + " " + l["transaction_id"].(string)
				l["date"] = parseDay(l["date"].(string)).AddDate(0, 0, 100*i).Format(time.DateOnly)
			}
		}
		cards, expenses = append(cards, cases[name].cards...), append(expenses, cases[name].expenses...)
	}
	w.events("cards", "spend", "date", cards...)
	w.events("expenses", "spend", "date", expenses...)
	w.run(date(100 * len(cases)))
	dropped := map[string][]string{}
	for _, r := range w.rows("SELECT transaction_id FROM core.spend WHERE is_duplicate ORDER BY transaction_id") {
		at := strings.LastIndexByte(r[0], ' ')
		dropped[r[0][:at]] = append(dropped[r[0][:at]], r[0][at+1:])
	}
	for name, c := range cases {
		require.Equal(t, c.dropped, dropped[name], name)
	}
}

// TestChargesWithoutAPayerAgreeWithBruteForce compares each line with each other one. Payers of different
// connections differ, so that no line repeats another under its payer's name.
func TestChargesWithoutAPayerAgreeWithBruteForce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 22))
	w := newWorld(t)
	w.only("core.spend")
	type line struct {
		id, connection, what, amount, payer string
		day                                 int
	}
	apps := map[string]string{"ZOOM.US": "zoom", "ZOOM VIDEO COMMUNICATIONS INC": "zoom", "MSFT * E04": "microsoft", "TACOS": ""}
	var all []line
	for c := range 3 {
		connection := fmt.Sprint("feed", c)
		w.connect(connection, "spend")
		var rows []record
		for i := range 150 {
			text := []string{"ZOOM.US", "ZOOM VIDEO COMMUNICATIONS INC", "MSFT * E04", "TACOS"}[r.IntN(4)]
			l := line{fmt.Sprint(connection, "-", i), connection, apps[text], fmt.Sprintf("%d.00", r.IntN(5)-1), "", r.IntN(200)}
			if r.IntN(2) == 0 {
				l.payer = fmt.Sprintf("%s-p%d", connection, r.IntN(9))
			}
			all = append(all, l)
			rows = append(rows, charge(l.id, l.day, l.amount, text, l.payer))
		}
		w.events(connection, "spend", "date", rows...)
	}
	w.run(date(300))

	fits := func(a, b line) bool {
		return a.connection != b.connection && a.what != "" && a.what == b.what && a.amount == b.amount && max(a.day-b.day, b.day-a.day) <= 3 && (a.payer == "") != (b.payer == "")
	}
	partners := func(a line) (found []line) {
		for _, b := range all {
			if fits(a, b) {
				found = append(found, b)
			}
		}
		return found
	}
	var want [][]string
	for _, a := range all {
		if p := partners(a); a.payer == "" && len(p) == 1 && len(partners(p[0])) == 1 {
			want = append(want, []string{a.id})
		}
	}
	require.Greater(t, len(want), 10)
	requireRows(t, want, w.rows("SELECT transaction_id FROM core.spend WHERE is_duplicate"))
}
