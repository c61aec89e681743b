package yamlx

import (
	"regexp"
	"strings"
)

// An unquoted ${NAME} between { and } is no valid YAML, yet it is how people write it. Before
// parsing, the characters of a reference that mean something to YAML are exchanged, one for
// one, for characters of a private plane; afterwards they are put back. Columns stay what they are.

var reference = regexp.MustCompile(`\$\{[^{}\n"']*\}`)

const hidden = "{}[],#:"

// hiddenBase starts the run of private characters that stand for those of hidden.
const hiddenBase = '\U000FDE00'

func hideReferences(text string) string {
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		return strings.Map(func(r rune) rune {
			if i := strings.IndexRune(hidden, r); i >= 0 {
				return hiddenBase + rune(i)
			}
			return r
		}, ref)
	})
}

func showReferences(text string) string {
	return strings.Map(func(r rune) rune {
		if i := r - hiddenBase; i >= 0 && int(i) < len(hidden) {
			return rune(hidden[i])
		}
		return r
	}, text)
}
