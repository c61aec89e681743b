package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/spendrules"
	"github.com/rightseat/rightseat/internal/yamlx"
)

func TestSpendRulesFile(t *testing.T) {
	t.Parallel()
	const head = "organisation: {name: Acme}\nspend: "
	for name, c := range map[string]struct{ yaml, rules, want string }{
		"good":           {"{rules: rules.csv}", "match,pattern,app\nexact,X,zoom\n", ""},
		"none":           {"{}", "", ""},
		"empty":          {"{rules: ''}", "", "spend.rules: is missing; expected a CSV's path"},
		"no such file":   {"{rules: other.csv}", "", "rightseat.yaml:2:16: spend.rules: there is no file"},
		"a folder":       {"{rules: .}", "", "there is no file"},
		"misspelt key":   {"{rule: rules.csv}", "", "did you mean rules?"},
		"broken rule":    {"{rules: rules.csv}", "match,pattern,app\nexact,X,zoom\nregex,(,zoom\n", "rules.csv:3:7: pattern: is no regular expression"},
		"unknown column": {"{rules: rules.csv}", "match,pattern,ap\n", `rules.csv:1:15: unknown column "ap"; did you mean app?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.csv"), []byte(c.rules), 0o600))
			cfg, err := Parse(filepath.Join(dir, FileName), []byte(head+c.yaml+"\n"), getenv)
			if c.want != "" {
				require.ErrorContains(t, err, c.want)
				require.True(t, yamlx.IsUsage(err), "exit code 2")
				return
			}
			require.NoError(t, err)
			if name == "good" {
				require.Equal(t, []spendrules.Rule{{Match: "exact", Pattern: "X", App: "zoom", Line: 2}}, cfg.Spend.Rules)
			}
		})
	}
}

func TestSpendRulesAreInTheFingerprint(t *testing.T) {
	t.Parallel()
	with := func(rules ...spendrules.Rule) string { return (&Config{Spend: Spend{Rules: rules}}).Fingerprint() }
	a := spendrules.Rule{Match: "exact", Pattern: "X", App: "zoom", Line: 2}
	b := spendrules.Rule{Match: "prefix", Pattern: "X", App: "slack", Line: 3}
	assert.NotEqual(t, with(), with(a))
	assert.NotEqual(t, with(a, b), with(b, a), "the first one wins")
	moved := a
	moved.Line = 7
	assert.Equal(t, with(a), with(moved))
}
