package sql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/sql"
)

// TestWhatSeparatesWords holds names.separated and names.word_key to Unicode's own classes, character by character: no
// letter and no digit of any script goes, and all punctuation, symbols, spaces and format characters do, of the scripts
// that software is named in.
func TestWhatSeparatesWords(t *testing.T) {
	t.Parallel()
	setup := []string{"CREATE SCHEMA names"}
	for _, file := range []string{"macros/clean.sql", "macros/words.sql"} {
		macros, err := sql.Files.ReadFile(file)
		require.NoError(t, err)
		setup = append(setup, string(macros))
	}
	db, err := duck.Open(context.Background(), "", duck.Options{Threads: 1, Setup: setup})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })

	// Rare scripts keep their own punctuation: nothing is lost by it.
	isRare := func(r rune) bool {
		return r > 0x06d4 && r < 0x2000 || r >= 0x2c80 && r < 0x2e00 || r > 0x303f && r < 0xfe00 && !strings.ContainsRune("\u309b\u309c\u30a0\u30fb", r) || r > 0xffff && r < 0x1f000 || r > 0x1faff
	}
	seen := map[bool]int{}
	var letters, others []string
	for r := rune(0); r <= unicode.MaxRune; r++ {
		switch {
		case unicode.Is(unicode.Cs, r):
		case unicode.In(r, unicode.L, unicode.N):
			letters = append(letters, fmt.Sprint(r))
		case unicode.In(r, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf) && !isRare(r):
			others = append(others, fmt.Sprint(r))
			seen[unicode.Is(unicode.Sc, r)]++
		}
	}
	require.Greater(t, len(letters), 100_000)
	require.Greater(t, seen[false], 2_000)
	require.Greater(t, seen[true], 30)
	wrong := func(points []string, condition string) (list string) {
		query := "SELECT coalesce(string_agg(to_hex(c), ' '), '') FROM (SELECT unnest([" + strings.Join(points, ",") + "]) AS c) WHERE " + condition
		require.NoError(t, db.QueryRowContext(context.Background(), query).Scan(&list))
		return list
	}
	assert.Empty(t, wrong(letters, "names.separated(chr(c), '') <> chr(c)"), "letters and digits that separate")
	assert.Empty(t, wrong(others, "names.separated(chr(c), '') <> ''"), "punctuation that does not separate")
	assert.Empty(t, wrong(letters, "names.word_key('x' || chr(c) || 'y') LIKE 'x y'"), "letters and digits that separate words")
	isMoney := func(r string) bool {
		var n rune
		_, err := fmt.Sscan(r, &n)
		require.NoError(t, err)
		return unicode.Is(unicode.Sc, n) || n >= 0x20a0 && n < 0x20d0
	}
	var money, rest []string
	for _, r := range others {
		if isMoney(r) {
			money = append(money, r)
		} else {
			rest = append(rest, r)
		}
	}
	assert.Empty(t, wrong(rest, "names.word_key('x' || chr(c) || 'y') NOT IN ('x y', 'xy')"), "punctuation that does not separate words")
	assert.Empty(t, wrong(money, "coalesce(names.word_key(chr(c)), '') = ''"), "currency signs that are no words")

	for text, want := range map[string]string{"Zoom Workplace": "zoom-workplace", " — ": "", "Ünïcode™ 2.0!": "ünïcode-2-0", "ज़ूम वर्कप्लेस": "ज़ूम-वर्कप्लेस", "AT&T": "at-t"} {
		var got string
		require.NoError(t, db.QueryRowContext(context.Background(), "SELECT coalesce(names.slug(?::VARCHAR), '')", text).Scan(&got))
		assert.Equal(t, want, got)
	}
}
