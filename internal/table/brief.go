package table

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// requestLine is how an error of a vendor's API begins: the method and the path.
var requestLine = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE|HEAD) /\S*: `)

// Brief is the gist of an error message for a cell of a table: on one line, without the request
// it belongs to and without the advice after it, and at most width characters long. A message
// that is short enough stays as it is.
func Brief(message string, width int) string {
	message = strings.Join(strings.Fields(message), " ")
	if utf8.RuneCountInString(message) <= width {
		return message
	}
	message = requestLine.ReplaceAllString(message, "")
	message, _, _ = strings.Cut(message, "; ")
	if r := []rune(message); len(r) > width {
		message = strings.TrimRight(string(r[:max(width-1, 0)]), " ,:;") + "…"
	}
	return message
}

// Grouped puts a comma between the thousands of a number's text: 1,234,567.89.
func Grouped(number string) string {
	sign, digits := "", number
	if rest, ok := strings.CutPrefix(number, "-"); ok {
		sign, digits = "-", rest
	}
	whole, fraction, found := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if found {
		b.WriteString("." + fraction)
	}
	return b.String()
}
