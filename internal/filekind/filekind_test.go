package filekind

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{
		"org_chart", "spend", "contracts", "roster", "engagement", "sso_logins", "sso_assignments",
		"network", "exempt", "fx_rates", "benchmarks", "allocations",
	}, Names())
}

func TestKindsAreConsistent(t *testing.T) {
	t.Parallel()
	for _, k := range All() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			assert.NotEmpty(t, k.Description)
			assert.Contains(t, []Shape{Snapshot, State, Events}, k.Shape)
			seen := map[string]bool{}
			for _, c := range k.Columns {
				assert.False(t, seen[c.Name], "column %s twice", c.Name)
				seen[c.Name] = true
				assert.True(t, c.Type == Word || len(c.Values) == 0, "column %s: meanings belong to words", c.Name)
				if c.Type == Word {
					assert.Contains(t, WordColumns(), c.Name, "settings.words speaks of every column of words")
				}
				if c.Type == Word && c.Default != "" {
					assert.Contains(t, c.Values, c.Default, "column %s: default", c.Name)
				}
				if c.Required {
					assert.Empty(t, c.Default, "column %s: required columns have no default", c.Name)
				}
			}
			for _, set := range k.AnyOf {
				for _, name := range set {
					assert.True(t, seen[name], "any-of column %s", name)
				}
			}
			assert.Equal(t, k.Shape == Events, k.EventTime != "", "events are dated, others are not")
			for _, name := range []string{k.ID, k.EventTime} {
				assert.True(t, name == "" || seen[name], "column %s", name)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	k, ok := Lookup("roster")
	require.True(t, ok)
	c, ok := k.Column("tier")
	require.True(t, ok)
	assert.Equal(t, Column{Name: "tier", Type: String}, c)
	_, ok = k.Column("nope")
	assert.False(t, ok)
	assert.Equal(t, "snapshot_date", k.ColumnNames()[0])

	_, ok = Lookup("Roster")
	assert.False(t, ok)
}

func TestResultsAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	k, _ := Lookup("network")
	k.Columns[0].Name = "changed"
	k.AnyOf[0][0] = "changed"
	k, _ = Lookup("spend")
	k.Columns[5].Values[0] = "changed"

	k, _ = Lookup("network")
	assert.Equal(t, "date", k.Columns[0].Name)
	assert.Equal(t, [][]string{{"domain", "app"}}, k.AnyOf)
	k, _ = Lookup("spend")
	assert.Equal(t, []string{"expense", "invoice"}, k.Columns[5].Values)
}

func TestWordVocabularies(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"account_status", "contract_status"}, WordVocabularies("status", "active"))
	assert.Equal(t, []string{"account_status"}, WordVocabularies("status", "suspended"))
	assert.Equal(t, []string{"contract_status"}, WordVocabularies("status", "void"))
	assert.Equal(t, []string{"currency"}, WordVocabularies("currency", "EUR"))
	assert.Empty(t, WordVocabularies("currency", "euros"))
	assert.Empty(t, WordVocabularies("status", "maybe"))
	assert.Empty(t, WordVocabularies("tier", "active"))
}

// TestContract compares the tables with the published contract, where it is at hand.
func TestContract(t *testing.T) {
	t.Parallel()
	text := contract(t)
	rows := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (.+) \\|$").FindAllStringSubmatch(section(text), -1)
	require.Len(t, rows, len(kinds))
	for _, row := range rows {
		k, ok := Lookup(row[1])
		require.True(t, ok, row[1])
		var want []string
		for _, cell := range strings.Split(parens.ReplaceAllString(row[2], ""), ",") {
			for _, name := range strings.Split(cell, " or ") {
				want = append(want, strings.TrimSpace(name))
			}
		}
		var got []string
		for _, c := range k.Columns {
			star := ""
			if c.Required || len(k.AnyOf) > 0 && c.Name == k.AnyOf[0][1] && k.Name == "network" {
				star = "*"
			}
			got = append(got, c.Name+star)
		}
		assert.Equal(t, want, got, k.Name)
	}
}

var parens = regexp.MustCompile(`\([^)]*\)`)

func section(text string) string {
	from := strings.Index(text, "| kind | columns |")
	return text[from : from+strings.Index(text[from:], "\n\n")]
}

func contract(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for ; ; dir = filepath.Dir(dir) {
		data, err := os.ReadFile(filepath.Join(dir, "shared", "CONTRACT.md"))
		if err == nil {
			return string(data)
		}
		if filepath.Dir(dir) == dir {
			t.Skip("shared/CONTRACT.md is not beside this repository")
		}
	}
}
