package excerpt_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rightseat/rightseat/internal/excerpt"
)

func TestLine(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a b [31m c d", excerpt.Line("a\nb\x1b[31m\u009bc\u202ed", 500))
	assert.Equal(t, "Zoë 😀", excerpt.Line(" Zoë 😀\t", 500))
	assert.Len(t, []rune(excerpt.Line(strings.Repeat("é", 600), 500)), 501)
	assert.Equal(t, "��", excerpt.Line("\xff�", 2))
	assert.Equal(t, strings.Repeat("x", 3)+"…", excerpt.Line(strings.Repeat("x", 2<<20), 3))
}
