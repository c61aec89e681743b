package yamlx

import (
	"slices"
	"strings"
)

// Nearest gives the known word that word most likely stands for, or "" when none is near. Two
// neighbouring letters swapped count as one mistake, like a wrong, missing or extra letter.
func Nearest(word string, known []string) string {
	best, bestDistance := "", len(word)/3+2
	for _, k := range known {
		if strings.EqualFold(k, word) {
			return k
		}
		if d := distance([]rune(strings.ToLower(word)), []rune(strings.ToLower(k))); d < bestDistance && d < len(k) {
			best, bestDistance = k, d
		}
	}
	return best
}

// maxListed is how many known words a message lists.
const maxListed = 20

// Hint ends a message about an unknown word: "; did you mean X?", or the list of what is known.
func Hint(word string, known []string) string {
	if n := Nearest(word, known); n != "" {
		return "; did you mean " + n + "?"
	}
	switch {
	case len(known) == 0:
		return "; none is known here"
	case len(known) > maxListed:
		return "; known are " + strings.Join(known[:maxListed], ", ") + ", …"
	}
	return "; known are " + strings.Join(known, ", ")
}

// distance is the number of edits between two words (optimal string alignment).
func distance(a, b []rune) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

// SortedKeys lists a map's keys in order, for messages and for walking maps the same way each time.
func SortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
