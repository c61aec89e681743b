package file

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/preset"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// sign is what a charge looks like in the files of a bank.
type sign string

const (
	signUnsaid     sign = ""
	chargePositive sign = "charges_positive"
	chargeNegative sign = "charges_negative"
)

// bank is what has to be said of files as banks and cards write them.
type bank struct {
	preset    *preset.Preset    // nil without
	constants map[string]string // by column, as written
	sign      sign
	headerRow int // 0: found
	leaveOut  []preset.Rule
}

// left is the reason of rows that a connection's own leave_out names.
const leftOut = "rows"

func (s *settings) parseBank(text map[string]string, raw map[string]any) error {
	s.constants = map[string]string{}
	given, err := mapping(raw["constants"], "constants: expected values by column, such as {currency: EUR}")
	if err != nil {
		return err
	}
	for column, v := range given {
		s.constants[column] = fmt.Sprint(v)
	}
	if c := text["currency"]; c != "" {
		s.constants["currency"] = c
	}
	for _, column := range slices.Sorted(maps.Keys(s.constants)) {
		if _, ok := s.kind.Column(column); !ok {
			return fmt.Errorf("constants: %s files have no column %q%s", s.kind.Name, column, yamlx.Hint(column, s.kind.ColumnNames()))
		}
	}
	switch s.sign = sign(text["sign"]); {
	case s.sign == signUnsaid:
	case s.kind.Name != "spend":
		return fmt.Errorf("sign: only kind spend has charges, not %s", s.kind.Name)
	case s.sign != chargePositive && s.sign != chargeNegative:
		return fmt.Errorf("sign: %q is not one of %s, %s", s.sign, chargePositive, chargeNegative)
	}
	if n := raw["header_row"]; n != nil {
		if _, err := fmt.Sscan(fmt.Sprint(n), &s.headerRow); err != nil || s.headerRow < 1 {
			return fmt.Errorf("header_row: expected the number of a line or row, found %v", n)
		}
	}
	rules, err := mapping(raw["leave_out"], "leave_out: expected values by header, such as {State: [REVERTED, DECLINED]}")
	if err != nil {
		return err
	}
	for _, header := range slices.Sorted(maps.Keys(rules)) {
		r := preset.Rule{Header: header, Reason: leftOut}
		switch v := rules[header].(type) {
		case string:
			r.Values = []string{v}
		case []any:
			for _, one := range v {
				r.Values = append(r.Values, fmt.Sprint(one))
			}
		default:
			return fmt.Errorf("leave_out: %s: expected a list of values, such as [REVERTED, DECLINED]", header)
		}
		s.leaveOut = append(s.leaveOut, r)
	}
	if name := text["preset"]; name != "" {
		p, ok := preset.Lookup(name)
		if !ok {
			return fmt.Errorf("preset: %q is not a preset%s; there are %s", name, yamlx.Hint(name, preset.Names()), strings.Join(preset.Names(), ", "))
		}
		if p.Kind != s.kind.Name {
			return fmt.Errorf("preset: %s is for kind %s, not %s", name, p.Kind, s.kind.Name)
		}
		s.preset = &p
	}
	return nil
}

func mapping(value any, expected string) (map[string]any, error) {
	m, ok := value.(map[string]any)
	if !ok && value != nil {
		return nil, errors.New(expected)
	}
	return m, nil
}

// errNoForm tells that a preset knows no file with such headers.
func (s *settings) errNoForm(found []string) error {
	var forms []string
	for _, v := range s.preset.Variants {
		forms = append(forms, fmt.Sprintf("%s (%s)", v.Name, strings.Join(v.Headers, ", ")))
	}
	quoted := make([]string, 0, len(found))
	for _, h := range found {
		if h != "" {
			quoted = append(quoted, quoteShort(h))
		}
	}
	return fmt.Errorf("preset %s knows no file with these headers: %s; it knows %s. Map the headers with columns instead of the preset",
		s.preset.Name, listShort(quoted), strings.Join(forms, "; "))
}

// forFile are the settings as they are for a file with these headers: those of the form that the preset knows, and,
// before them, the connection's own.
func (s settings) forFile(headers []string) (settings, error) {
	if s.preset == nil {
		return s, nil
	}
	v, ok := s.preset.Match(headers)
	if !ok {
		return s, s.errNoForm(headers)
	}
	own := map[string]bool{}
	for _, column := range s.columns {
		own[column] = true
	}
	columns := map[string]string{}
	for header, column := range v.Columns {
		if column == filekind.NoColumn || !own[column] {
			columns[normaliseHeader(header)] = column
		}
	}
	maps.Copy(columns, s.columns)
	s.columns = columns
	constants := maps.Clone(v.Constants)
	if constants == nil {
		constants = map[string]string{}
	}
	maps.Copy(constants, s.constants)
	s.constants = constants
	if s.sign == signUnsaid {
		s.sign = sign(v.Sign)
	}
	s.leaveOut = slices.Concat(s.leaveOut, v.LeaveOut)
	if s.dates.layout == "" && v.DateFormat != "" {
		zone := s.dates.zone
		dates, err := newDateParser(v.DateFormat)
		if err != nil {
			return s, err
		}
		s.dates, s.dates.zone = dates, zone
	}
	return s, nil
}

// amount makes an amount of what went out and what came in, whatever their signs: banks write both with
// a minus, one, or none.
func amount(debit, credit string) string {
	scale := 0
	for _, s := range []string{debit, credit} {
		if _, fraction, ok := strings.Cut(s, "."); ok {
			scale = max(scale, len(fraction))
		}
	}
	whole := func(s string) *big.Int {
		digits, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
		n, ok := new(big.Int).SetString(digits+fraction+strings.Repeat("0", scale-len(fraction)), 10)
		if !ok {
			return new(big.Int) // an empty cell
		}
		return n
	}
	difference := new(big.Int).Sub(whole(debit), whole(credit))
	digits := new(big.Int).Abs(difference).String()
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return canonicalNumber(difference.Sign() < 0, digits[:len(digits)-scale], digits[len(digits)-scale:])
}

// negated gives a canonical number the other sign.
func negated(text string) string {
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		return rest
	}
	return canonicalNumber(true, text, "")
}

// signs count amounts by the sign that they have with us: refunds are negative.
type signs struct {
	// Said tells that settings or a preset say what a charge looks like.
	Said     bool  `json:"sign_said,omitempty"`
	Negative int64 `json:"negative,omitempty"`
	Positive int64 `json:"positive,omitempty"`
}

func (s *signs) count(text string) {
	switch {
	case strings.HasPrefix(text, "-"):
		s.Negative++
	case strings.Trim(text, "0.") != "":
		s.Positive++
	}
}

// add sums up what nobody said the meaning of.
func (s *signs) add(o signs) {
	if !o.Said {
		s.Negative, s.Positive = s.Negative+o.Negative, s.Positive+o.Positive
	}
}

// ask asks about a feed in which most amounts are negative, as if its vendors paid.
func (s signs) ask() []note {
	if s.Negative <= s.Positive {
		return nil
	}
	which := fmt.Sprintf("%d of %d", s.Negative, s.Negative+s.Positive)
	if s.Positive == 0 {
		which = fmt.Sprintf("all %d", s.Negative)
	}
	return []note{{Check: "negative_charges", Severity: severityWarning,
		Text: which + " amounts are negative and count as refunds; if that is how the bank writes charges, set sign: charges_negative, else sign: charges_positive"}}
}
