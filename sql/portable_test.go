package sql_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/sql"
)

// portableFolders hold SQL that another engine (Trino over the same lake) must understand too.
// A file with an engine in its name (people.duckdb.sql) is an override and may use what it likes.
var portableFolders = []string{"core", "metrics", "reports"}

func TestModelsArePortable(t *testing.T) {
	t.Parallel()
	for _, folder := range portableFolders {
		eachModel(t, folder, func(t *testing.T, file, text string) {
			t.Helper()
			if strings.Count(path.Base(file), ".") > 1 {
				return
			}
			for _, problem := range notPortable(text) {
				t.Errorf("sql/%s:%s", file, problem)
			}
		})
	}
}

// eachModel calls check for every .sql file of a folder; a folder that is not there has none.
func eachModel(t *testing.T, folder string, check func(t *testing.T, file, text string)) {
	t.Helper()
	entries, err := sql.Files.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	require.NoError(t, err)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".sql") {
			continue
		}
		file := path.Join(folder, e.Name())
		data, err := sql.Files.ReadFile(file)
		require.NoError(t, err)
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			check(t, file, string(data))
		})
	}
}

// sqlToken is a word (upper case), a number ("0"), a string (”'”), a quoted identifier ('"')
// or a symbol.
type sqlToken struct {
	text string
	line int
	word bool
}

// symbols of more than one character, longest first.
var symbols = []string{"->>", "!~~", "::", "//", "->", "||", "<=", ">=", "<>", "!=", "==", "**", "!~", ":="}

// tokenise splits SQL into tokens. Comments (-- and nested /* */) are passed over.
func tokenise(text string) []sqlToken {
	var tokens []sqlToken
	line := 1
	for len(text) > 0 {
		n, token := scan(text)
		if token.text != "" {
			token.line = line
			tokens = append(tokens, token)
		}
		line += strings.Count(text[:n], "\n")
		text = text[n:]
	}
	return tokens
}

// scan gives the length of the first token, blank or comment of text; the latter two as an empty token.
func scan(text string) (int, sqlToken) {
	switch c := text[0]; {
	case strings.HasPrefix(text, "--"):
		return length(text, func(r rune) bool { return r != '\n' }), sqlToken{}
	case strings.HasPrefix(text, "/*"):
		return comment(text), sqlToken{}
	case c == '\'' || c == '"':
		return quoted(text, c), sqlToken{text: string(c)}
	case c == '$' && strings.HasPrefix(text, "$$"):
		if end := strings.Index(text[2:], "$$"); end >= 0 {
			return end + 4, sqlToken{text: "$$"}
		}
		return len(text), sqlToken{text: "$$"}
	case c >= '0' && c <= '9':
		return length(text, func(r rune) bool { return r == '.' || isWord(r) }), sqlToken{text: "0"}
	}
	if n := length(text, unicode.IsSpace); n > 0 {
		return n, sqlToken{}
	}
	if n := length(text, isWord); n > 0 {
		return n, sqlToken{text: strings.ToUpper(text[:n]), word: true}
	}
	for _, s := range symbols {
		if strings.HasPrefix(text, s) {
			return len(s), sqlToken{text: s}
		}
	}
	return 1, sqlToken{text: text[:1]}
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// length is how many bytes at the start of text satisfy is.
func length(text string, is func(rune) bool) int {
	for i, r := range text {
		if !is(r) {
			return i
		}
	}
	return len(text)
}

// quoted is the length of a quoted text, in which a doubled quote stands for itself.
func quoted(text string, quote byte) int {
	for i := 1; i < len(text); i++ {
		if text[i] != quote {
			continue
		}
		if i+1 < len(text) && text[i+1] == quote {
			i++
			continue
		}
		return i + 1
	}
	return len(text)
}

func comment(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(text[i:], "*/"):
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// Words and symbols that one engine alone understands, and what to write instead.
var (
	foreignSymbols = map[string]string{
		"::": "write CAST(x AS T)", "//": "write CAST(floor(x / y) AS BIGINT)", "->": "read JSON in staging; no lambdas", "->>": "read JSON in staging",
		"==": "write =", "**": "write power(x, y)", "^": "write power(x, y)", "[": "no lists or subscripts", "{": "no structs", "`": `quote names with "`,
		"~": "write LIKE or regexp_like", "!~": "write NOT LIKE", "!~~": "write NOT LIKE", ":=": "no named arguments", "$$": "quote strings with '",
	}
	foreignWords = map[string]string{
		"QUALIFY": "filter in an outer query", "ASOF": "use a window function", "PIVOT": "use CASE in aggregates", "UNPIVOT": "use UNION ALL",
		"ILIKE": "write lower(x) LIKE", "GLOB": "write LIKE", "POSITIONAL": "join on a key", "SEMI": "write EXISTS", "ANTI": "write NOT EXISTS",
	}
	foreignFunctions = map[string]string{
		"LIST": "no lists", "COLUMNS": "name the columns", "ARG_MAX": "write max_by", "ARG_MIN": "write min_by", "STRUCT_PACK": "no structs",
		"STRUCT_EXTRACT": "no structs", "MAP": "no maps",
	}
	// foreignPairs are told by the word before.
	foreignPairs = map[[2]string]string{
		{"BY", "ALL"}: "name the columns", {"DISTINCT", "ON"}: "use row_number()", {"USING", "SAMPLE"}: "models are deterministic",
		{"SELECT", "UNNEST"}: "write CROSS JOIN unnest(…) AS t (x)", {",", "UNNEST"}: "write CROSS JOIN unnest(…) AS t (x)",
		{"*", "EXCLUDE"}: "name the columns", {"*", "REPLACE"}: "name the columns", {"*", "RENAME"}: "name the columns",
		{"INTERVAL", "0"}: "write INTERVAL '1' DAY", {"INTERVAL", "("}: "write INTERVAL '1' DAY * n",
	}
	// A query that begins with FROM follows one of these (or nothing).
	queryStarts = []string{"", "(", "ALL", "UNION", "EXCEPT", "INTERSECT", ";"}
)

// notPortable lists what in a model is outside the common subset, as "line: what; instead".
func notPortable(text string) []string {
	var problems []string
	tokens := tokenise(text)
	at := func(i int) sqlToken {
		if i < 0 || i >= len(tokens) {
			return sqlToken{}
		}
		return tokens[i]
	}
	for i, token := range tokens {
		report := func(what, instead string) {
			problems = append(problems, fmt.Sprintf("%d: %s: %s", token.line, what, instead))
		}
		before, after := at(i-1).text, at(i+1).text
		if instead, ok := foreignPairs[[2]string{before, token.text}]; ok {
			report(before+" "+token.text, instead)
		}
		if !token.word {
			if instead, ok := foreignSymbols[token.text]; ok {
				report(token.text, instead)
			}
			continue
		}
		// A word after a dot or AS names a column or table.
		isName := before == "." || before == "AS" || after == "."
		if instead, ok := foreignWords[token.text]; ok && !isName {
			report(token.text, instead)
		}
		if instead, ok := foreignFunctions[token.text]; ok && after == "(" && !isName {
			report(strings.ToLower(token.text)+"()", instead)
		}
		if strings.HasPrefix(token.text, "LIST_") && after == "(" {
			report(strings.ToLower(token.text)+"()", "no lists")
		}
		if token.text == "FROM" && slices.Contains(queryStarts, before) {
			report("FROM first", "begin with SELECT")
		}
	}
	return problems
}

func TestNotPortable(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sql  string
		want string // part of the only problem; empty: none
	}{
		"plain":               {"SELECT a.x, count(*) AS n FROM core.a AS a WHERE a.y <> 'b' GROUP BY a.x", ""},
		"exclude":             {"SELECT * EXCLUDE (a) FROM t", "1: * EXCLUDE"},
		"replace stars":       {"SELECT\n* REPLACE (1 AS a) FROM t", "2: * REPLACE"},
		"replace function":    {"SELECT a * 2, replace(b, 'x', 'y') FROM t", ""},
		"qualify":             {"SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1", "QUALIFY"},
		"asof":                {"SELECT a FROM t ASOF JOIN u ON t.d >= u.d", "ASOF"},
		"pivot":               {"PIVOT t ON a USING sum(b)", "PIVOT"},
		"unpivot":             {"UNPIVOT t ON a", "UNPIVOT"},
		"cast":                {"SELECT a::DATE FROM t", "::"},
		"integer division":    {"SELECT a // 2 FROM t", "//"},
		"list":                {"SELECT list(a) FROM t", "list()"},
		"list function":       {"SELECT list_distinct(a) FROM t", "list_distinct()"},
		"column named list":   {"SELECT t.list, a AS list FROM t", ""},
		"subscript":           {"SELECT a[1] FROM t", "["},
		"struct":              {"SELECT {'a': 1} FROM t", "{"},
		"json arrow":          {"SELECT a->>'b' FROM t", "->>"},
		"group by all":        {"SELECT a, sum(b) FROM t GROUP BY ALL", "BY ALL"},
		"order by all":        {"SELECT a FROM t ORDER BY ALL", "BY ALL"},
		"union all":           {"SELECT a FROM t UNION ALL SELECT a FROM u", ""},
		"from first":          {"FROM t SELECT a", "FROM first"},
		"from first inside":   {"SELECT a FROM (FROM t)", "FROM first"},
		"from after union":    {"SELECT a FROM t UNION ALL FROM u", "FROM first"},
		"extract from":        {"SELECT extract(year FROM d) FROM t", ""},
		"is distinct from":    {"SELECT a IS NOT DISTINCT FROM b FROM t", ""},
		"distinct on":         {"SELECT DISTINCT ON (a) b FROM t", "DISTINCT ON"},
		"bare interval":       {"SELECT d + INTERVAL 3 DAY FROM t", "INTERVAL 0"},
		"quoted interval":     {"SELECT d + INTERVAL '3' DAY FROM t", ""},
		"ilike":               {"SELECT a FROM t WHERE a ILIKE 'x'", "ILIKE"},
		"anti join":           {"SELECT a FROM t ANTI JOIN u ON t.a = u.a", "ANTI"},
		"unnest in columns":   {"SELECT unnest(a) FROM t", "SELECT UNNEST"},
		"unnest joined":       {"SELECT u.x FROM t CROSS JOIN unnest(t.a) AS u (x)", ""},
		"arg_max":             {"SELECT arg_max(a, b) FROM t", "arg_max()"},
		"in a string":         {"SELECT 'a::b // QUALIFY ''[ x' AS s FROM t", ""},
		"in a quoted name":    {`SELECT "a::b" FROM t`, ""},
		"in a comment":        {"-- a::b QUALIFY\nSELECT a /* PIVOT /* x[1] */ :: */ FROM t", ""},
		"concatenation":       {"SELECT a || '/' || b FROM t", ""},
		"minus and multiples": {"SELECT a - b * 2, a / 2, a % 2 FROM t", ""},
		"unfinished string":   {"SELECT 'a", ""},
		"unfinished comment":  {"SELECT a /* b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := notPortable(tc.sql)
			if tc.want == "" {
				assert.Empty(t, problems)
				return
			}
			require.Len(t, problems, 1)
			assert.Contains(t, problems[0], tc.want)
		})
	}
}

// FuzzTokenise: any text is taken apart without a panic, and lines only grow.
func FuzzTokenise(f *testing.F) {
	f.Add("SELECT 'a''b', \"c\" -- d\nFROM t /* /* e */ */ WHERE x::INT >= 1.5e3")
	f.Add("$$ a")
	f.Add("\xff'")
	f.Fuzz(func(t *testing.T, text string) {
		line := 1
		for _, token := range tokenise(text) {
			if token.line < line {
				t.Fatalf("%q: line %d after %d", text, token.line, line)
			}
			line = token.line
		}
	})
}
