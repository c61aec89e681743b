package sql_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rightsql "github.com/rightseat/rightseat/sql"
)

var (
	castOf = regexp.MustCompile(`(?i)\b(?:TRY_)?CAST\(`)
	// few is a type that keeps the cents of a sum: what is divided must not go into it in one step.
	few  = regexp.MustCompile(`(?is)\s+AS\s+DECIMAL\(\s*\d+\s*,\s*[1-4]\s*\)$`)
	many = regexp.MustCompile(`(?is)\s+AS\s+DECIMAL\(\s*\d+\s*,\s*(?:0|[5-9]|1\d)\s*\)$`)
)

// argument is the text between the parenthesis that ends at start and the one that closes it.
func argument(text string, start int) string {
	depth := 1
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return text[start:i]
			}
		}
	}
	return text[start:]
}

// oneStep gives the casts of a query that make money of a quotient or a binary fraction in one step: half cents are lost
// where the quotient lies a hair below (97.02 / 12 is 8.085 and became 8.08).
func oneStep(text string) (found []string) {
	for _, at := range castOf.FindAllStringIndex(text, -1) {
		whole := argument(text, at[1])
		if !few.MatchString(whole) {
			continue
		}
		inner := few.ReplaceAllString(whole, "")
		// What is rounded to many digits first is a decimal again, and so is a whole number (of a division without a rest).
		for {
			cut := false
			for _, in := range castOf.FindAllStringIndex(inner, -1) {
				part := argument(inner, in[1])
				if many.MatchString(part) {
					inner = inner[:in[0]] + "exact" + inner[min(len(inner), in[1]+len(part)+1):]
					cut = true
					break
				}
			}
			if !cut {
				break
			}
		}
		if strings.Contains(inner, "/") || strings.Contains(strings.ToUpper(inner), "AS DOUBLE") || strings.Contains(strings.ToLower(inner), "avg(") {
			found = append(found, whole)
		}
	}
	return found
}

// TestMoneyIsRoundedInTwoSteps reads every query of the product, those inside Go files among them.
func TestMoneyIsRoundedInTwoSteps(t *testing.T) {
	t.Parallel()
	require.NotEmpty(t, oneStep("CAST(a / 12 AS DECIMAL(18, 2))"))
	require.NotEmpty(t, oneStep("CAST(sum(CAST(a AS DOUBLE)) AS DECIMAL(18,2))"))
	require.NotEmpty(t, oneStep("CAST(CAST(a AS DECIMAL(28, 8)) / b AS DECIMAL(18, 2))"))
	require.Empty(t, oneStep("CAST(CAST(a / 12 AS DECIMAL(28, 8)) AS DECIMAL(18, 2))"))

	check := func(name, text string) {
		for _, x := range oneStep(text) {
			assert.Fail(t, fmt.Sprintf("%s: money in one step, CAST(%s): take DECIMAL(28, 8) first", name, x))
		}
	}
	queries := 0
	require.NoError(t, fs.WalkDir(rightsql.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".sql" {
			return err
		}
		text, err := fs.ReadFile(rightsql.Files, path)
		queries++
		check("sql/"+path, string(text))
		return err
	}))
	require.Greater(t, queries, 80)
	for _, dir := range []string{"../load", "../transform", "../pipelines", "../internal"} {
		require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if strings.Contains(strings.ToUpper(string(text)), "SELECT ") {
				check(path, string(text))
			}
			return err
		}))
	}
}
