package file

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rightseat/rightseat/extract"
)

// note is something about a file that people should know although it was read: what was
// understood where more than one reading is possible. It is kept with the file's state, so
// that it is told by every run for as long as the file is there.
type note struct {
	Check    string `json:"check"`          // snake_case; data_quality lists it under this name
	Severity string `json:"severity"`       // info or warning
	Text     string `json:"text"`           // without the file's name
	Rows     int64  `json:"rows,omitempty"` // that it is about; 0: the file
}

// findings put the notes on files together, one finding a check: how many files, and the first one's words.
func findings(notes map[string][]note) []extract.Finding {
	byCheck := map[string]*extract.Finding{}
	for _, name := range slices.Sorted(maps.Keys(notes)) {
		for _, n := range notes[name] {
			f, ok := byCheck[n.Check]
			if !ok {
				f = &extract.Finding{Check: n.Check, Severity: n.Severity, Sample: name + ": " + n.Text}
				byCheck[n.Check] = f
			}
			if n.Severity == severityWarning && f.Severity != severityWarning {
				f.Severity, f.Sample = n.Severity, name+": "+n.Text
			}
			f.Count += max(n.Rows, 1)
		}
	}
	var all []extract.Finding
	for _, f := range byCheck {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b extract.Finding) int { return strings.Compare(a.Check, b.Check) })
	return all
}

// joined makes one note of those of one check on one file: a finding has the words of one.
func joined(notes []note) []note {
	if len(notes) < 2 {
		return notes
	}
	all := notes[0]
	all.Rows = int64(len(notes))
	for _, n := range notes[1:] {
		all.Text += "; and: " + n.Text
	}
	return []note{all}
}

const (
	severityInfo    = "info"
	severityWarning = "warning"
)

// counted is how many of what, for people: 1 line, 2 lines.
func counted(n int64, one, several string) string {
	return strconv.FormatInt(n, 10) + " " + choose(n, one, several)
}

// choose takes the word for one or for several.
func choose(n int64, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}
