package table

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestBrief(t *testing.T) {
	t.Parallel()
	const vendor = "GET /api/v2/events: 403 Forbidden: The token expired.; the stream needs /api/v2/events (Read); renew it"
	for name, c := range map[string]struct {
		message string
		width   int
		want    string
	}{
		"short stays":         {"GET /users: 401 Unauthorized", 60, "GET /users: 401 Unauthorized"},
		"request and advice":  {vendor, 60, "403 Forbidden: The token expired."},
		"cut":                 {vendor, 20, "403 Forbidden: The…"},
		"one line":            {"no\nfile\tthere", 60, "no file there"},
		"characters":          {"überlänge überlänge", 10, "überlänge…"},
		"nothing":             {"", 10, ""},
		"no room at all":      {"something", 0, "…"},
		"no request in front": {"file people.csv: required column email is missing; the headers found are many", 60, "file people.csv: required column email is missing"},
	} {
		got := Brief(c.message, c.width)
		assert.Equal(t, c.want, got, name)
		assert.LessOrEqual(t, utf8.RuneCountInString(got), max(c.width, 1), name)
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"0": "0", "999": "999", "1000": "1,000", "-1234567": "-1,234,567", "1234.5678": "1,234.5678", "-999.00": "-999.00",
	} {
		assert.Equal(t, want, Grouped(number))
	}
}
