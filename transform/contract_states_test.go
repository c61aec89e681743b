package transform_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
)

// neverWords and endedWords are the states of a contract that cost nothing: never, or from some day on.
var (
	neverWords = []string{"draft", "In review", "pending signature", "Void", "declined", "REJECTED"}
	endedWords = []string{"cancelled", "canceled", "Terminated", "expired", "closed", "superseded"}
	forceWords = []string{"", "active", "signed", "not renewed"}
)

// stateReading is a day's list, in which each contract has a word.
type stateReading struct {
	day   int
	words map[string]string
}

// TestContractsThatEndedOrNeverBegan: on each report date of a year, which contracts are current, by the lists that were
// read one after the other, beside a walk through the lists; told in parts, and all at once.
func TestContractsThatEndedOrNeverBegan(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 31))
			const last = 330
			type contract struct {
				id         string
				start, end int
				renews     bool
			}
			var contracts []contract
			for i := range 40 {
				start := r.IntN(200)
				contracts = append(contracts, contract{fmt.Sprintf("C%02d", i), start, start + 20 + r.IntN(250), r.IntN(2) == 0})
			}
			var readings []stateReading
			for day := 5 + r.IntN(40); day <= last; day += 10 + r.IntN(60) {
				x := stateReading{day, map[string]string{}}
				for _, c := range contracts {
					words := forceWords
					switch r.IntN(8) {
					case 0, 1:
						words = endedWords
					case 2:
						words = neverWords
					}
					x.words[c.id] = words[r.IntN(len(words))]
					if len(readings) > 0 && r.IntN(2) == 0 {
						x.words[c.id] = readings[len(readings)-1].words[c.id]
					}
				}
				readings = append(readings, x)
			}
			w := newWorld(t)
			w.connect("contracts", "contracts")
			for i, x := range readings {
				var rows []record
				for _, c := range contracts {
					rows = append(rows, record{"contract_id": c.id, "line_id": "1", "vendor": "V", "app": "app " + c.id, "start_date": date(c.start), "end_date": date(c.end),
						"licences": "1", "unit_price": "1", "auto_renew": strconv.FormatBool(c.renews), "status": x.words[c.id]})
				}
				w.snapshot("contracts", "contracts", date(x.day), rows...)
				if i%2 == 0 {
					w.run(date(x.day))
				}
			}
			w.run(date(last))
			(&storyteller{w: w}).requireRebuildSame(date(last))

			is := func(words []string, word string) bool {
				for _, x := range words {
					if x == word {
						return true
					}
				}
				return false
			}
			var want [][]string
			for _, c := range contracts {
				newest := readings[len(readings)-1].words[c.id]
				if is(neverWords, newest) {
					continue
				}
				lastDay := 1 << 30
				if !c.renews || newest == "not renewed" {
					lastDay = c.end
				}
				if is(endedWords, newest) {
					first, open := -1, -1
					for _, x := range readings {
						if !is(endedWords, x.words[c.id]) {
							open = x.day
						} else if first < 0 {
							first = x.day
						}
					}
					since := first
					if open > first {
						since = open + 1
					}
					lastDay = min(c.end, since-1)
					if c.renews && open > c.end {
						lastDay = since - 1
					}
				}
				for back := range 13 {
					end := dayZero.AddDate(0, 0, last)
					if back > 0 {
						end = end.AddDate(0, 0, -end.Day()+1).AddDate(0, 1-back, -1)
					}
					if day := int(end.Sub(dayZero).Hours() / 24); c.start <= day && day <= lastDay {
						want = append(want, []string{date(day), c.id})
					}
				}
			}
			requireRows(t, want, w.rows("SELECT as_of, contract_id FROM reports.renewals"))
			requireRows(t, want, w.rows("SELECT as_of, contract_id FROM reports.contract_usage"))
		})
	}
}
