package file

import "strings"

// didYouMean ends a message with the nearest of the known names, or with nothing when
// none is near.
func didYouMean(name string, known []string) string {
	if n := nearest(name, known); n != "" {
		return " (did you mean " + n + "?)"
	}
	return ""
}

// nearest gives the known name that is most like name: one that contains it or is
// contained in it, or one that few edits make of it; "" when none is.
func nearest(name string, known []string) string {
	letters := func(s string) string { return strings.ReplaceAll(normaliseHeader(s), "_", "") }
	want := letters(name)
	best, bestCost := "", len(want)/2+1
	for _, k := range known {
		have := letters(k)
		cost := editDistance(want, have)
		if len(have) > 2 && len(want) > 2 && (strings.Contains(have, want) || strings.Contains(want, have)) {
			cost = min(cost, 2)
		}
		if cost < bestCost {
			best, bestCost = k, cost
		}
	}
	return best
}

// editDistance counts the insertions, deletions and replacements of bytes between a and b.
// Longer texts are no headers and only compared at their beginning.
func editDistance(a, b string) int {
	const most = 100
	a, b = a[:min(len(a), most)], b[:min(len(b), most)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
