package benchmark

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a contribution. A real one has some hundred cells.
const (
	MaxBytes      = 4 << 20
	maxCells      = 20_000
	maxText       = 500 // characters of a text
	maxAbout      = 50  // lines of the notice
	maxMinPeople  = 100_000
	maxPrice      = 1_000_000_00 // hundredths a licence and year
	maxPercentage = 100_00       // hundredths
)

// Problem is why a contribution is refused, with the place.
type Problem struct {
	Line   int    // 1 for the first; 0 when it is about the file
	Path   string // such as cells[3].value; empty when it is about the file
	Reason string
}

// Error is such as "line 12: cells[3].value: 130 is no percentage; expected 0 to 100".
func (p *Problem) Error() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	return b.String() + p.Reason
}

// Parse reads a contribution that a stranger sent. It takes nothing that [Contribution.Encode]
// would not have written: no unknown or repeated key, no text outside the closed lists but the
// notice (which is passed over), no number out of bounds. today is the latest date it may be of.
// The error is a [*Problem].
func Parse(data []byte, words *Vocabulary, today time.Time) (*Contribution, error) {
	if len(data) > MaxBytes {
		return nil, &Problem{Reason: fmt.Sprintf("has more than %d bytes", MaxBytes)}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	p := &parser{dec: dec, data: data, words: words, today: today, seen: map[[2]string]bool{}}
	if err := p.contribution(); err != nil {
		return nil, err
	}
	p.c.sort()
	return &p.c, nil
}

// parser walks the file token by token, so that the shape of the file bounds its depth and what a
// key holds is checked where it stands.
type parser struct {
	dec   *json.Decoder
	data  []byte
	words *Vocabulary
	today time.Time
	c     Contribution
	seen  map[[2]string]bool // app and metric
}

func (p *parser) fail(path, format string, args ...any) error {
	at := min(int(p.dec.InputOffset()), len(p.data))
	return &Problem{Line: 1 + bytes.Count(p.data[:at], []byte("\n")), Path: path, Reason: fmt.Sprintf(format, args...)}
}

func (p *parser) token(path string) (json.Token, error) {
	t, err := p.dec.Token()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, p.fail(path, "the file ends too early")
	case err != nil:
		return nil, p.fail(path, "is no JSON: %s", err)
	}
	return t, nil
}

// field reads the value of a key.
type field struct {
	name string
	read func(path string) error
}

// object reads an object that has exactly these keys, in any order.
func (p *parser) object(path string, fields []field) error {
	if err := p.open(path, '{', "an object"); err != nil {
		return err
	}
	seen := make([]bool, len(fields))
	for p.dec.More() {
		t, err := p.token(path)
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return p.fail(path, "is no JSON: a key must be text")
		}
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key })
		if i < 0 {
			return p.fail(path, "unknown key %s", brief(key))
		}
		if seen[i] {
			return p.fail(path, "the key %q stands twice", key)
		}
		seen[i] = true
		if err := fields[i].read(strings.TrimPrefix(path+"."+key, ".")); err != nil {
			return err
		}
	}
	if _, err := p.token(path); err != nil {
		return err
	}
	if i := slices.Index(seen, false); i >= 0 {
		return p.fail(path, "the key %q is missing", fields[i].name)
	}
	return nil
}

func (p *parser) open(path string, want json.Delim, what string) error {
	t, err := p.token(path)
	if err != nil {
		return err
	}
	if t != want {
		return p.fail(path, "expected %s", what)
	}
	return nil
}

// list reads an array of at most limit elements.
func (p *parser) list(path string, limit int, read func(path string) error) error {
	if err := p.open(path, '[', "a list"); err != nil {
		return err
	}
	for i := 0; p.dec.More(); i++ {
		if i == limit {
			return p.fail(path, "has more than %d elements", limit)
		}
		if err := read(fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	_, err := p.token(path)
	return err
}

// text reads a text and has it checked.
func (p *parser) text(into *string, check func(string) error) func(string) error {
	return func(path string) error {
		t, err := p.token(path)
		if err != nil {
			return err
		}
		s, ok := t.(string)
		if !ok {
			return p.fail(path, "expected a text")
		}
		if len(s) > maxText {
			return p.fail(path, "has more than %d characters", maxText)
		}
		if err := check(s); err != nil {
			return p.fail(path, "%v", err)
		}
		*into = s
		return nil
	}
}

func matches(pattern *regexp.Regexp, what string) func(string) error {
	return func(s string) error {
		if !pattern.MatchString(s) {
			return fmt.Errorf("%s is not %s", brief(s), what)
		}
		return nil
	}
}

func oneOf(known []string, what string) func(string) error {
	return func(s string) error {
		if s != "" && !slices.Contains(known, s) {
			return fmt.Errorf("%s is no %s; expected one of %s, or nothing", brief(s), what, strings.Join(known, ", "))
		}
		return nil
	}
}

var (
	contributorPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)
	currencyPattern    = regexp.MustCompile(`^[A-Z]{3}$`)
	numberPattern      = regexp.MustCompile(`^(-?)([0-9]{1,9})(?:\.([0-9]{1,2}))?$`)
)

// number reads a plain decimal number, in hundredths.
func (p *parser) number(path string) (int64, error) {
	t, err := p.token(path)
	if err != nil {
		return 0, err
	}
	n, ok := t.(json.Number)
	if !ok {
		return 0, p.fail(path, "expected a number")
	}
	m := numberPattern.FindStringSubmatch(n.String())
	if m == nil {
		return 0, p.fail(path, "%s is not a plain number of at most nine digits and two decimals", brief(n.String()))
	}
	value, err := strconv.ParseInt(m[2]+(m[3] + "00")[:2], 10, 64)
	if err != nil {
		return 0, p.fail(path, "%s: %s", brief(n.String()), err)
	}
	if m[1] != "" {
		value = -value
	}
	return value, nil
}

// whole reads a whole number between two bounds.
func (p *parser) whole(into *int64, least, most int64) func(string) error {
	return func(path string) error {
		n, err := p.number(path)
		if err != nil {
			return err
		}
		if n%100 != 0 || n/100 < least || n/100 > most {
			if least == most {
				return p.fail(path, "is %s; this version reads %d only", hundredths(n), least)
			}
			return p.fail(path, "%s is not a whole number from %d to %d", hundredths(n), least, most)
		}
		*into = n / 100
		return nil
	}
}

func (p *parser) contribution() error {
	var ignored string
	var number int64
	err := p.object("", []field{
		{"format", p.text(&ignored, func(s string) error {
			if s != Format {
				return fmt.Errorf("%s is no contribution; expected %q", brief(s), Format)
			}
			return nil
		})},
		{"version", p.whole(&number, Version, Version)},
		{"about", func(path string) error {
			return p.list(path, maxAbout, p.text(&ignored, func(string) error { return nil }))
		}},
		{"contributor", p.text(&p.c.Contributor, matches(contributorPattern, "32 hexadecimal digits"))},
		{"as_of", p.text(&p.c.AsOf, p.date)},
		{"window_days", p.whole(&number, WindowDays, WindowDays)},
		{"currency", p.text(&p.c.Currency, matches(currencyPattern, "a currency such as USD"))},
		{"min_people", p.whole(&p.c.MinPeople, LeastPeople, maxMinPeople)},
		{"size_band", p.text(&p.c.SizeBand, oneOf(SizeBands(), "size band"))},
		{"industry", p.text(&p.c.Industry, oneOf(Industries, "industry"))},
		{"cells", func(path string) error { return p.list(path, maxCells, p.cell) }},
	})
	if err != nil {
		return err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return p.fail("", "something follows the contribution")
	}
	return nil
}

func (p *parser) date(s string) error {
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return fmt.Errorf("%s is not a date; expected YYYY-MM-DD", brief(s))
	}
	if day.Year() < 2000 || day.After(p.today) {
		return fmt.Errorf("%s is in the future, or long past", s)
	}
	return nil
}

func (p *parser) cell(path string) error {
	var c Cell
	err := p.object(path, []field{
		{"app", p.text(&c.App, func(s string) error {
			if !p.words.HasApp(s) {
				return fmt.Errorf("%s is no app of the built-in catalogue", brief(s))
			}
			return nil
		})},
		{"metric", p.text(&c.Metric, func(string) error { return nil })},
		{"value", func(path string) (err error) {
			c.Value, err = p.number(path)
			return err
		}},
	})
	if err != nil {
		return err
	}
	if err := p.words.checkMetric(c.App, c.Metric); err != nil {
		return p.fail(path+".metric", "%v", err)
	}
	switch {
	case isPrice(c.Metric) && (c.Value <= 0 || c.Value > maxPrice):
		return p.fail(path+".value", "%s is no price of a licence; expected more than 0, up to %s", c.Number(), hundredths(maxPrice))
	case !isPrice(c.Metric) && (c.Value < 0 || c.Value > maxPercentage):
		return p.fail(path+".value", "%s is no percentage; expected 0 to 100", c.Number())
	}
	key := [2]string{c.App, c.Metric}
	if p.seen[key] {
		return p.fail(path, "%s of %s stands twice", c.Metric, c.App)
	}
	p.seen[key] = true
	p.c.Cells = append(p.c.Cells, c)
	return nil
}
