// Package statements holds a labelled set of statement texts, as cards and expense reports have them, and
// scores how well a matcher tells which app or vendor each is of. Tests and the benchmark use it; the
// product does not.
package statements

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
)

//go:embed testdata/lines.csv
var linesCSV []byte

// Halves of the set. Rules and word lists are tuned on the first only; no app, vendor or first word of
// an unrelated business stands in both.
const (
	Development = "development"
	HeldOut     = "held_out"
)

// Meaning is what a text says was bought: an app; a vendor of several apps without saying which; or, the
// zero value, nothing that the catalogue knows.
type Meaning struct {
	App    string // id in the catalogue
	Vendor string // as in the catalogue; only where App is empty
}

// Line is one text and what a person who knows the vendors takes it for.
type Line struct {
	Text string // as on the statement
	Meaning
	Kind string // why it is in the set: plain, processor, truncated, lookalike …; see testdata/README.md
	Half string // Development or HeldOut
}

// Lines reads the set, in its file's order.
func Lines() ([]Line, error) {
	records, err := csv.NewReader(bytes.NewReader(linesCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the labelled lines: %w", err)
	}
	lines := make([]Line, 0, len(records))
	for _, r := range records[1:] {
		lines = append(lines, Line{Text: r[0], Meaning: Meaning{App: r[1], Vendor: r[2]}, Kind: r[3], Half: r[4]})
	}
	return lines, nil
}

// Score counts a matcher's answers. An answer is right when it names the app, or the vendor of a line that
// names no app. The right vendor alone for a line that names an app is a miss, but no false claim.
type Score struct {
	Lines   int // all
	Named   int // lines that mean an app or a vendor
	Claimed int // answers that name an app or a vendor, and are right or wrong
	Right   int
	// Wrong are the false claims, Missed the lines that mean something and got no right answer.
	Wrong, Missed []Answer
}

// Answer is a line and what the matcher took it for.
type Answer struct {
	Line
	Got Meaning
}

// Precision is the share of the claims that are right, 0 to 1; 1 when nothing was claimed.
func (s Score) Precision() float64 { return share(s.Right, s.Claimed) }

// Recall is the share of the lines that mean something and were told right, 0 to 1.
func (s Score) Recall() float64 { return share(s.Right, s.Named) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// Measure scores answers by text; a text without one was not matched. vendorOf gives the vendor of an app.
func Measure(lines []Line, answers map[string]Meaning, vendorOf func(app string) string) Score {
	var s Score
	for _, l := range lines {
		got := answers[l.Text]
		if got.App != "" {
			got.Vendor = ""
		}
		s.Lines++
		named := l.Meaning != Meaning{}
		if named {
			s.Named++
		}
		switch {
		case got == l.Meaning:
			if named {
				s.Right++
				s.Claimed++
			}
			continue
		case got == Meaning{}: // no claim
		case l.App != "" && got.App == "" && got.Vendor == vendorOf(l.App): // true, but not all of it
		default:
			s.Claimed++
			s.Wrong = append(s.Wrong, Answer{l, got})
		}
		if named {
			s.Missed = append(s.Missed, Answer{l, got})
		}
	}
	return s
}

// Half is the lines of one half of the set.
func Half(lines []Line, half string) []Line {
	var out []Line
	for _, l := range lines {
		if l.Half == half {
			out = append(out, l)
		}
	}
	return out
}
