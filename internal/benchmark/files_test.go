package benchmark_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/benchmark"
)

func TestReadFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	newer := sample(2)
	newer.AsOf = "2026-07-01"
	files := []string{
		put("a.json", encoded(t, sample(1))),
		put("b.json", encoded(t, sample(2))),
		put("b-newer.json", encoded(t, newer)),
		put("c.json", encoded(t, sample(3))),
		put("c-copy.json", encoded(t, sample(3))),
		put("d.json", strings.Replace(encoded(t, sample(4)), `"value":86`, `"value":860`, 1)),
		put("e.json", strings.Repeat(" ", benchmark.MaxBytes+10)),
		dir, filepath.Join(dir, "absent.json"),
	}
	check := func(files []string) {
		good, refused, repeated := benchmark.ReadFiles(files, vocabulary(t), today)
		require.Len(t, good, 2)
		assert.Equal(t, sample(1), good[0])
		assert.Equal(t, sample(3), good[1])
		assert.Equal(t, []string{filepath.Join(dir, "c.json")}, repeated)
		var reasons []string
		for _, r := range refused {
			reasons = append(reasons, strings.ReplaceAll(strings.TrimPrefix(r.File, dir)+": "+r.Reason.Error(), dir, ""))
		}
		assert.Equal(t, []string{
			": is no regular file",
			"/absent.json: no such file or directory",
			"/b-newer.json: is of the same contributor as /b.json: leave out all but the right one",
			"/b.json: is of the same contributor as /b-newer.json: leave out all but the right one",
			"/d.json: line 22: cells[1].value: 860 is no percentage; expected 0 to 100",
			"/e.json: has more than 4194304 bytes",
		}, reasons)
	}
	check(files)
	for i := range len(files) / 2 {
		files[i], files[len(files)-1-i] = files[len(files)-1-i], files[i]
	}
	check(files)
}

func TestContributor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			id, err := benchmark.Contributor(dir, nil)
			assert.NoError(t, err)
			ids[i] = id
		})
	}
	wg.Wait()
	assert.Regexp(t, "^[0-9a-f]{32}$", ids[0])
	for _, id := range ids {
		assert.Equal(t, ids[0], id, "everybody gets the same")
	}
	other, err := benchmark.Contributor(t.TempDir(), nil)
	require.NoError(t, err)
	assert.NotEqual(t, ids[0], other)
	fixed, err := benchmark.Contributor(t.TempDir(), bytes.NewReader(make([]byte, 16)))
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("0", 32), fixed)

	file := filepath.Join(dir, filepath.FromSlash(benchmark.ContributorFile))
	require.NoError(t, os.WriteFile(file, []byte("Acme Ltd\n"), 0o600))
	_, err = benchmark.Contributor(dir, nil)
	require.ErrorContains(t, err, "restore it from a backup, or delete it")
	_, err = benchmark.Contributor(t.TempDir(), bytes.NewReader(nil))
	require.ErrorContains(t, err, "draw a contributor number")
}

func TestVocabulary(t *testing.T) {
	t.Parallel()
	words := vocabulary(t)
	assert.True(t, words.HasApp("zoom"))
	assert.False(t, words.HasApp("fieldbook"))
	assert.True(t, words.HasFeature("zoom", "hosted_meeting"))
	assert.False(t, words.HasFeature("slack", "hosted_meeting"))
	for tier, want := range map[string]bool{"pro": true, "business plus": true, "e5": true, "acme": false, "": false, "pro ": false, "pro acme": false} {
		assert.Equal(t, want, benchmark.HasTier(tier), tier)
	}
	assert.True(t, words.IsOwn("zoom", "ZOOM", nil))
	assert.True(t, words.IsOwn("zoom", "Any", []string{"zoom.us"}))
	assert.False(t, words.IsOwn("zoom", "Acme", []string{"acme.example"}))
	assert.False(t, words.IsOwn("zoom", "", nil))
	for people, want := range map[int64]string{0: "", 1: "1-49", 49: "1-49", 50: "50-199", 999: "200-999", 1000: "1000-4999", 19_999: "5000-19999", 20_000: "20000+", 1e6: "20000+"} {
		assert.Equal(t, want, benchmark.SizeBand(people), people)
	}
}
