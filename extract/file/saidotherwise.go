package file

import "fmt"

// said is what an export says of a line of spend in every form that it may have.
type said struct {
	day    int
	amount uint64
}

// leastSaid is how many lines make two files exports of one account, where nothing but days and amounts says so.
const leastSaid = 3

// saidOtherwise tells of lines that an earlier file has, too, for the same days and amounts, under other ids or texts: a bank that words its texts or makes
// its ids otherwise now. Where most of a file's lines of these days are so, they are hardly another card's.
func (h *history) saidOtherwise(mine []line, file string) []note {
	here, days := map[said]int{}, map[int]bool{}
	once := map[string]map[said]int{} // lines that count once already, by file
	for _, l := range mine {
		s := said{l.day, l.amount}
		here[s]++
		days[l.day] = true
		for _, o := range h.byID[l.id] {
			if once[o.file] == nil {
				once[o.file] = map[said]int{}
			}
			once[o.file][s]++
		}
	}
	both, theirs := map[string]int{}, map[string]int{}
	for s, files := range h.said {
		if !days[s.day] {
			continue
		}
		for f, n := range files {
			n = max(0, n-once[f][s])
			theirs[f] += n
			both[f] += max(0, min(n, here[s]-once[f][s]))
		}
	}
	var which string
	for f, n := range both {
		if f != file && n >= leastSaid && 2*n > theirs[f] && (which == "" || n > both[which] || n == both[which] && f < which) {
			which = f
		}
	}
	if which == "" {
		return nil
	}
	n := int64(both[which])
	return []note{{Check: "lines_said_otherwise", Severity: severityWarning, Rows: n, Text: fmt.Sprintf(
		"%s in it have the days and amounts of lines of %s, under other ids or texts, and count beside them; if they are the same, put one of the two files away, type: rightseat forget, with the connection's name, and then: rightseat run",
		counted(n, "line", "lines"), quoteShort(which))}}
}
