// Package excerpt shows foreign text in messages.
package excerpt

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Most is how many characters of a foreign text a message shows.
const Most = 500

// Line makes foreign text fit for a message: one line of at most so many characters. Nothing in it can move a terminal's
// cursor or turn the direction of writing. Secrets are to be taken out before: one that is cut is not recognised.
func Line(text string, most int) string {
	if bytes := (most + 1) * utf8.UTFMax; len(text) > bytes {
		text = text[:bytes] // more than is shown
	}
	text = strings.ToValidUTF8(text, "�")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return strings.TrimSpace(text)
}
