package main

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFind(t *testing.T) {
	t.Parallel()
	const one = "package x\nimport \"testing\"\nfunc FuzzA(f *testing.F) {}\nfunc TestB(t *testing.T) {}\n"
	tree := fstest.MapFS{
		"a_test.go":               {Data: []byte(one)},
		"a.go":                    {Data: []byte("package x\nfunc FuzzNo(s string) {}\n")},
		"b/c/c_test.go":           {Data: []byte("package c\nimport \"testing\"\nfunc FuzzZ(f *testing.F) {}\nfunc FuzzC(f *testing.F) {}\nfunc Fuzzy() {}\nfunc (x y) FuzzM(f *testing.F) {}\n")},
		"b/testdata/d_test.go":    {Data: []byte(one)},
		"vendor/e/e_test.go":      {Data: []byte(one)},
		".hidden/f_test.go":       {Data: []byte(one)},
		"_old/g_test.go":          {Data: []byte(one)},
		"othermodule/go.mod":      {Data: []byte("module other")},
		"othermodule/h_test.go":   {Data: []byte(one)},
		"othermodule/i/i_test.go": {Data: []byte(one)},
	}
	targets, err := find(tree)
	require.NoError(t, err)
	assert.Equal(t, []target{{"./.", "FuzzA"}, {"./b/c", "FuzzZ"}, {"./b/c", "FuzzC"}}, targets)
}

func TestFindTellsOfBrokenSource(t *testing.T) {
	t.Parallel()
	_, err := find(fstest.MapFS{"a_test.go": {Data: []byte("package")}})
	require.ErrorContains(t, err, "a_test.go")
}

func TestTimeWasUp(t *testing.T) {
	t.Parallel()
	assert.True(t, timeWasUp("--- FAIL: FuzzX (3.01s)\n    context deadline exceeded\nFAIL"))
	assert.False(t, timeWasUp("--- FAIL: FuzzX (1s)\n  context deadline exceeded\n  Failing input written to testdata/fuzz/FuzzX/1"))
	assert.False(t, timeWasUp("panic: index out of range"))
}

// TestRun fuzzes two targets of a module of their own, one of which fails at once.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds fuzz targets")
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module sample\n\ngo 1.26\n"), 0o644))
	const code = `package sample

import "testing"

func FuzzGood(f *testing.F) {
	f.Add("x")
	f.Fuzz(func(t *testing.T, s string) {})
}

func FuzzBad(f *testing.F) {
	f.Add("x")
	f.Fuzz(func(t *testing.T, s string) { t.Error("no") })
}
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sample_test.go"), []byte(code), 0o644))
	t.Chdir(dir)
	t.Setenv("GOWORK", "off")
	var out testWriter
	err := run(t.Context(), &out, time.Second, false)
	require.ErrorContains(t, err, "./. FuzzBad")
	require.NotContains(t, err.Error(), "FuzzGood")
	assert.Regexp(t, `ok  \t\./\. FuzzGood\t`, string(out))
	assert.Regexp(t, `FAIL\t\./\. FuzzBad\t`, string(out))

	out = nil
	require.NoError(t, run(t.Context(), &out, time.Second, true))
	assert.Equal(t, "./. FuzzGood\n./. FuzzBad\n", string(out))
}

type testWriter []byte

func (w *testWriter) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}
