package transform_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHowFarAChangeReaches has the cases that random histories rarely hold.
func TestHowFarAChangeReaches(t *testing.T) {
	t.Parallel()
	type lines struct {
		feed, payer string
		days        []int
	}
	cases := map[string]struct {
		known   []lines
		arrives lines
	}{
		// A line at one end of a run makes lines at its other end be computed again, and these stand in a run of another payer
		// that goes on for weeks: of five lines of the bank, and without the last four the 21st to 24th would not repeat one.
		"through a run into another": {[]lines{
			{"cards", "p0", []int{0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30}},
			{"cards", "p1", []int{20, 21, 22, 23, 24, 27, 30, 33, 36, 39, 42, 45}},
			{"bank", "p1", []int{24, 46, 47, 48, 49}},
		}, lines{"expenses", "p0", []int{0}}},
		// The line of day 16 is computed again, and could mean only that of day 19; but so could the one of day 22.
		"two claims, one far away": {[]lines{
			{"cards", "", []int{13}}, {"expenses", "", []int{16, 22}}, {"cards", "p1", []int{19}},
		}, lines{"bank", "p2", []int{10}}},
		// The 24th repeats a line of its payer's, and is no candidate any more of the 27th.
		"a candidate that a run takes away": {[]lines{
			{"bank", "p0", []int{0, 3, 6, 9}}, {"cards", "p0", []int{9, 12, 15, 18, 21, 24}}, {"expenses", "", []int{27}},
		}, lines{"bank", "p0", []int{24}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLedger(t, 1)
			add := func(n lines) {
				var out []ledgerLine
				for _, day := range n.days {
					l.next++
					out = append(out, ledgerLine{id: fmt.Sprint(n.feed, "-", l.next), feed: n.feed, text: "ZOOM.US", payer: n.payer, currency: "USD", day: day, dollars: 10})
				}
				l.send(out...)
			}
			for _, n := range c.known {
				add(n)
			}
			l.w.run(date(60))
			l.requireSpend(0, 60)
			add(c.arrives)
			require.False(t, l.w.run(date(60)).FullRefresh)
			l.requireSpend(1, 60)
		})
	}
}

// TestChargesDatedAhead: what is dated ahead is in the reports from its day on, though nothing else is new on that day, and not
// as of an earlier one.
func TestChargesDatedAhead(t *testing.T) {
	t.Parallel()
	l := newLedger(t, 1)
	for i, day := range []int{3, 40, 70} {
		for _, text := range []string{"ZOOM.US", "TACOS"} {
			l.send(ledgerLine{id: fmt.Sprint(text, i), feed: "cards", text: text, payer: "p0", currency: "USD", day: day, dollars: 10})
		}
	}
	l.w.run(date(30))
	l.requireSpend(0, 30)
	for night, asOf := range []int{39, 40, 75, 69, 30} {
		require.False(t, l.w.run(date(asOf)).FullRefresh)
		l.requireSpend(night+1, asOf)
	}
}
