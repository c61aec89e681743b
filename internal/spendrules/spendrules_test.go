package spendrules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/spendrules"
	"github.com/rightseat/rightseat/internal/yamlx"
)

func ExampleParse() {
	rules, err := spendrules.Parse("spend-rules.csv", []byte("match,pattern,vendor,app\nprefix,ACME TIMESHEETS,,timesheets\n"))
	fmt.Println(rules[0].Match, rules[0].Pattern, rules[0].App, err)
	_, err = spendrules.Parse("spend-rules.csv", []byte("match,pattern,app\nregexp,^ACME,timesheets\n"))
	fmt.Println(err)
	// Output:
	// prefix ACME TIMESHEETS timesheets <nil>
	// spend-rules.csv:2:1: match: "regexp" is no way to match; did you mean regex?
}

func TestParse(t *testing.T) {
	t.Parallel()
	rules, err := spendrules.Parse("r.csv", []byte("\ufeffApp,Pattern,Match\r\n Zoom ,\"ZOOM, THE\nTOOL\",contains\r\n"))
	require.Error(t, err, "a line break is a control character")
	require.Nil(t, rules)
	rules, err = spendrules.Parse("r.csv", []byte("\ufeffApp,Pattern,Match\r\n Zoom ,\"ZOOM, THE TOOL\",Contains\r\n\r\n,^A+,regex\n"))
	require.ErrorContains(t, err, "r.csv:4:1: names neither a vendor nor an app")
	require.Nil(t, rules)
	rules, err = spendrules.Parse("r.csv", []byte("\ufeffApp,Pattern,Match\r\n Zoom ,\"ZOOM, THE TOOL\",Contains\r\n\r\nslack,^A+,regex\n"))
	require.NoError(t, err)
	require.Equal(t, []spendrules.Rule{
		{Match: "contains", Pattern: "ZOOM, THE TOOL", App: "Zoom", Line: 2},
		{Match: "regex", Pattern: "^A+", App: "slack", Line: 4},
	}, rules)
}

func TestBrokenRulesSayWhereAndWhat(t *testing.T) {
	t.Parallel()
	const head = "match,pattern,vendor,app\n"
	for name, c := range map[string]struct{ data, want string }{
		"empty file":        {"", "r.csv:1:1: no header; expected the columns match, pattern, vendor, app"},
		"unknown column":    {"match,patern,app\n", `r.csv:1:7: unknown column "patern"; did you mean pattern?`},
		"column missing":    {"match,app\n", "the column pattern is missing"},
		"column twice":      {"match,pattern,app,app\n", "r.csv:1:19: the column app is there twice"},
		"unknown match":     {head + "like,X,,zoom\n", `r.csv:2:1: match: "like" is no way to match`},
		"no pattern":        {head + "exact, * ,,zoom\n", "r.csv:2:7: pattern: has no letter or digit"},
		"nothing named":     {head + "exact,X,,\n", "r.csv:2:1: names neither a vendor nor an app"},
		"app of no letters": {head + "exact,X,,---\n", "names neither"},
		"bad expression":    {head + "regex,A(,,zoom\n", "r.csv:2:7: pattern: is no regular expression: missing closing )"},
		"lookahead":         {head + "regex,A(?=B),,zoom\n", "is no regular expression"},
		"matches all":       {head + "regex,A*,,zoom\n", `"A*" matches every text`},
		"twice":             {head + "exact,SQ *X,,zoom\nexact,sq x,,slack\n", "r.csv:3:7: pattern: line 2 has it already"},
		"too many cells":    {head + "exact,X,,zoom,more\n", "r.csv:2:15: more cells than the header has columns"},
		"broken quotes":     {head + "exact,\"X,,zoom\n", "r.csv:"},
		"control character": {head + "exact,X\x00Y,,zoom\n", "r.csv:2:7: pattern: has a control character"},
		"not UTF-8":         {head + "exact,\xff,,zoom\n", "r.csv: is not UTF-8"},
		"long pattern":      {head + "exact," + strings.Repeat("x", 501) + ",,zoom\n", "is longer than 500 characters"},
		"two problems":      {head + "like,X,,zoom\nexact,,,zoom\n", "r.csv:3:7: pattern: has no letter"},
		"too many":          {head + manyRules(5_001), "more than 5000 rules"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, err := spendrules.Parse("r.csv", []byte(c.data))
			require.ErrorContains(t, err, c.want)
			require.True(t, yamlx.IsUsage(err))
			require.Nil(t, rules)
		})
	}
}

func manyRules(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "exact,TEXT %d,,zoom\n", i)
	}
	return b.String()
}

func TestRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "r.csv")
	_, err := spendrules.Read(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, make([]byte, 5<<20), 0o600))
	_, err = spendrules.Read(path)
	require.ErrorContains(t, err, "is larger than 4 MiB")
	require.NoError(t, os.WriteFile(path, []byte("match,pattern,vendor\nexact,X,Y\n"), 0o600))
	rules, err := spendrules.Read(path)
	require.NoError(t, err)
	require.Len(t, rules, 1)
}

// FuzzParse: any bytes give rules that are whole, or errors with the file's name.
func FuzzParse(f *testing.F) {
	f.Add([]byte("match,pattern,vendor,app\nexact,SQ *X,,zoom\nregex,^A[BC]+,V,\n"))
	f.Add([]byte("\ufeffapp,match\n\"\n"))
	f.Add([]byte("match,pattern,app\nregex,((((,x\n\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rules, err := spendrules.Parse("r.csv", data)
		if err != nil {
			require.True(t, yamlx.IsUsage(err))
			require.Contains(t, err.Error(), "r.csv")
			require.Nil(t, rules)
			return
		}
		for _, r := range rules {
			require.Contains(t, spendrules.Matches, r.Match)
			require.NotEmpty(t, r.Pattern)
			require.NotEmpty(t, r.Vendor+r.App)
			require.Positive(t, r.Line)
		}
	})
}
