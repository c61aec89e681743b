package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

func TestErrShadow(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), errShadow, "shadowed")
}

func TestIgnoreComments(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), withIgnores(errShadow), "ignored")
}

func TestIgnoredNames(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		comment string
		want    []string
	}{
		"one":            {"//lint:ignore errcheck only read", []string{"errcheck"}},
		"several":        {"//lint:ignore errcheck,SA4006 only read", []string{"errcheck", "SA4006"}},
		"no reason":      {"//lint:ignore errcheck", nil},
		"blank reason":   {"//lint:ignore errcheck   ", nil},
		"nothing at all": {"//lint:ignore ", nil},
		"other comment":  {"// lint:ignore errcheck only read", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names, ok := ignoredNames(tc.comment)
			assert.Equal(t, tc.want, names)
			assert.Equal(t, tc.want != nil, ok)
		})
	}
}

func TestAnalyzersAreValid(t *testing.T) {
	t.Parallel()
	list := analyzers()
	require.NoError(t, analysis.Validate(list))
	seen := map[string]bool{}
	for _, a := range list {
		assert.False(t, seen[a.Name], a.Name)
		seen[a.Name] = true
	}
}

// TestCatchesMistakes runs the tool as the Makefile does, on a module made of known mistakes.
func TestCatchesMistakes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the linter")
	}
	dir := t.TempDir()
	tool := filepath.Join(dir, "lint")
	build := exec.Command("go", "build", "-o", tool, ".")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	code, err := os.ReadFile(filepath.Join("testdata", "mistakes", "mistakes.go.txt"))
	require.NoError(t, err)
	module := filepath.Join(dir, "mistakes")
	require.NoError(t, os.Mkdir(module, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.mod"), []byte("module mistakes\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(module, "mistakes.go"), code, 0o644))
	// In a test file unchecked errors pass, and other mistakes do not.
	test := "package mistakes\n\nimport \"os\"\n\nfunc helper(err error) bool {\n\tos.Remove(\"x\")\n\treturn err == errGone // want errorlint\n}\n"
	require.NoError(t, os.WriteFile(filepath.Join(module, "mistakes_test.go"), []byte(test), 0o644))

	vet := exec.Command("go", "vet", "-json", "-vettool="+tool, "./...")
	vet.Dir = module
	vet.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	found, err := vet.Output()
	require.NoError(t, err)
	want := append(wanted("mistakes.go", string(code)), wanted("mistakes_test.go", test)...)
	assert.ElementsMatch(t, want, findings(t, found))

	plain := exec.Command("go", "vet", "-vettool="+tool, "./...")
	plain.Dir, plain.Env = module, vet.Env
	var exit *exec.ExitError
	require.ErrorAs(t, plain.Run(), &exit, "findings make go vet fail")
}

// wanted lists "file:line analyzer" for every want comment.
func wanted(file, code string) []string {
	var list []string
	for i, line := range strings.Split(code, "\n") {
		if m := regexp.MustCompile(`// want (\w+)$`).FindStringSubmatch(line); m != nil {
			list = append(list, fmt.Sprintf("%s:%d %s", file, i+1, m[1]))
		}
	}
	return list
}

// findings lists "file:line analyzer" from go vet -json: package → analyzer → diagnostics. A file
// that belongs to a package and its test variant is reported once.
func findings(t *testing.T, out []byte) []string {
	t.Helper()
	seen := map[string]bool{}
	var list []string
	decoder := json.NewDecoder(bytes.NewReader(out))
	for decoder.More() {
		var packages map[string]map[string][]struct {
			Posn string `json:"posn"`
		}
		require.NoError(t, decoder.Decode(&packages), string(out))
		for _, byAnalyzer := range packages {
			for analyzer, diagnostics := range byAnalyzer {
				for _, d := range diagnostics {
					file, line, _ := strings.Cut(filepath.Base(d.Posn), ":")
					line, _, _ = strings.Cut(line, ":")
					f := fmt.Sprintf("%s:%s %s", file, line, analyzer)
					if !seen[f] {
						seen[f] = true
						list = append(list, f)
					}
				}
			}
		}
	}
	return list
}
