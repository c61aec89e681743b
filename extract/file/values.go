package file

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/rightseat/rightseat/internal/filekind"
)

// canonicalTime is how timestamps stand in payloads: UTC, to the microsecond.
const canonicalTime = "2006-01-02T15:04:05.999999Z07:00"

// valueParser turns cells into canonical text.
type valueParser struct {
	dates  dateParser
	kind   filekind.Kind
	now    time.Time
	commas map[string]bool      // columns whose decimal mark is a comma
	orders map[string]dateOrder // of columns whose dates are in another notation than ours
	days   map[string]bool      // columns whose times are all midnight: they are days, wherever the organisation is
	// inverted: charges are negative in the file. sheet: the file is a spreadsheet.
	inverted, sheet bool
}

// parse checks a cell against its column's type and gives its canonical text. at is set for
// dates (the day's beginning in the organisation's time zone) and timestamps.
func (p valueParser) parse(col filekind.Column, c cell) (text string, at time.Time, err error) {
	switch {
	case c.kind == errorValue && c.text == neverComputed:
		return "", at, errors.New("the file has no value for it; open and save the file in a spreadsheet program")
	case c.kind == errorValue:
		return "", at, errors.New("the cell holds an error")
	case c.kind == jsonValue:
		return "", at, errors.New("expected a single value, found nested JSON")
	case c.isLong():
		return "", at, errLong
	case strings.ContainsRune(c.text, 0):
		return "", at, errors.New("contains a zero character")
	}
	switch col.Type {
	case filekind.String:
		text, err = p.text(col, c)
		return text, at, err
	case filekind.Email:
		return c.text, at, checkEmail(bareAddress(c.text))
	case filekind.Emails:
		text, err = emails(c.text)
		return text, at, err
	case filekind.Date:
		text, at, err = p.date(col, c)
		return p.within(col, text, at, err)
	case filekind.Timestamp:
		text, at, err = p.timestamp(col, c)
		return p.within(col, text, at, err)
	case filekind.Integer:
		text, err = p.integer(col, c)
		return text, at, err
	case filekind.Decimal:
		text, err = p.decimal(col, c)
		return text, at, err
	}
	return c.text, at, nil
}

func (p valueParser) date(col filekind.Column, c cell) (string, time.Time, error) {
	dates := p.dates
	dates.order = p.orders[col.Name]
	switch c.kind {
	case dateValue, instantValue, localValue:
		dates = dateParser{zone: p.dates.zone}
	case textValue, numberValue: // a number only where settings.date_format reads one, as YYYYMMDD does
	default:
		return "", time.Time{}, errNotDate
	}
	text, err := dates.date(c.text)
	if err != nil {
		return "", time.Time{}, err
	}
	if p.days[col.Name] {
		if day, midnight, zoned := zonedDay(c.text); zoned && midnight {
			text = day
		}
	}
	at, err := time.ParseInLocation(time.DateOnly, text, p.dates.zone)
	return text, at, err
}

func (p valueParser) timestamp(col filekind.Column, c cell) (string, time.Time, error) {
	dates := p.dates
	dates.order = p.orders[col.Name]
	switch c.kind {
	case dateValue, instantValue, localValue:
		dates = dateParser{zone: p.dates.zone}
	case textValue, numberValue:
	default:
		return "", time.Time{}, errNotTimestamp
	}
	at, err := dates.timestamp(c.text)
	if err != nil {
		return "", time.Time{}, err
	}
	at = at.UTC()
	return at.Format(canonicalTime), at, nil
}

func (p valueParser) integer(col filekind.Column, c cell) (text string, err error) {
	switch c.kind {
	case numberValue:
		if text, err = jsonNumber(c.text); err == nil {
			text, err = wholeNumber(text)
		}
	case textValue:
		var times int
		if text, times = withoutUnit(col.Name, c.text); times > 0 {
			text, err = parseInteger(text, p.commas[col.Name])
			text = multiplied(text, times)
		} else {
			err = errNotNumber
		}
	default:
		err = errNotNumber
	}
	if err == nil && strings.HasPrefix(text, "-") {
		err = errors.New("a count can't be negative")
	}
	if err == nil {
		err = checkSize(text, maxIntegerDigits)
	}
	return text, err
}

func (p valueParser) decimal(col filekind.Column, c cell) (text string, err error) {
	switch c.kind {
	case numberValue:
		if text, err = jsonNumber(c.text); err == nil && c.percent && col.Name == "percent" {
			text = hundredfold(text)
		}
	case textValue:
		t := c.text
		toward := noDirection
		switch {
		case col.Name == "percent":
			t = strings.TrimSuffix(t, "%")
		case col.Name == "amount":
			t, toward = cutDirection(t)
		}
		if text, err = parseDecimal(t, p.commas[col.Name]); err == nil {
			text = directed(text, toward, p.inverted)
		}
	default:
		err = errNotNumber
	}
	if err == nil {
		err = checkSize(text, maxDecimalDigits)
	}
	if err != nil {
		return "", err
	}
	return text, plausible(col.Name, text)
}

// plausible refuses numbers that would silently turn money into nothing or more than all.
func plausible(column, text string) error {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return errNotNumber
	}
	switch {
	case column == "rate" && f <= 0:
		return errors.New("a rate must be above zero")
	case column == "percent" && (f < 0 || f > 100):
		return errors.New("a percentage must be between 0 and 100")
	}
	return nil
}

var errNotEmail = errors.New("not an e-mail address")

func checkEmail(text string) error {
	local, domain, ok := strings.Cut(text, "@")
	if !ok || local == "" || domain == "" || strings.Contains(domain, "@") || len(text) > 320 ||
		strings.ContainsFunc(text, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(",;<>", r)
		}) {
		return errNotEmail
	}
	return nil
}

// emails checks addresses with ; or , between them and gives them without blanks.
func emails(text string) (string, error) {
	var list []string
	for _, e := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";,\n", r) }) {
		if e = trim(e); e == "" {
			continue
		}
		if err := checkEmail(bareAddress(e)); err != nil {
			return "", err
		}
		list = append(list, e)
	}
	return strings.Join(list, ";"), nil
}

// bareAddress is an address without what people and mail programs put around it, to judge it by. The payload
// keeps what was sent; the feeds clean it, for every connector alike.
func bareAddress(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	if _, inner, ok := strings.Cut(text, "<"); ok {
		if inner, _, ok = strings.Cut(inner, ">"); ok {
			text = inner
		}
	}
	around := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'()[],;.:", r) }
	text = strings.TrimFunc(text, around)
	for _, scheme := range []string{"mailto:", "smtp:", "sip:"} {
		if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			text, _, _ = strings.Cut(text[len(scheme):], "?")
		}
	}
	return strings.TrimFunc(text, around)
}
