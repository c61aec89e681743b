package transform

import (
	"context"
	"fmt"
	"io/fs"
	"sort"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// createMacros makes the macros of sql/macros, which staging, feeds and models use: how text is cleaned, how names and words
// are compared.
func (r *runner) createMacros(ctx context.Context) error {
	if err := r.exec(ctx, "CREATE SCHEMA names"); err != nil {
		return err
	}
	files, err := fs.Glob(r.SQL, "macros/*.sql")
	if err != nil {
		return fmt.Errorf("list the macros: %w", err)
	}
	sort.Strings(files)
	for _, f := range files {
		text, err := fs.ReadFile(r.SQL, f)
		if err != nil {
			return fmt.Errorf("read macros: %w", err)
		}
		if err := r.exec(ctx, string(text)); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return nil
}

// createWords makes names.words: what the words of each connection mean, connection, vocabulary, word_key, meaning;
// the seed lists' and, before them, the connection's own.
func (r *runner) createWords(ctx context.Context) error {
	err := r.execAll(ctx, `CREATE TABLE names.words AS
SELECT c.connection, w.vocabulary, w.word_key, min(w.meaning) AS meaning
FROM params.connections AS c
CROSS JOIN (
    SELECT vocabulary, names.word_key(word) AS word_key, meaning FROM seeds.status_words
    UNION ALL SELECT 'currency', names.word_key(word), currency FROM seeds.currencies
) AS w
WHERE w.word_key IS NOT NULL
GROUP BY c.connection, w.vocabulary, w.word_key`,
		"CREATE TEMP TABLE own_words (connection VARCHAR, vocabulary VARCHAR, word VARCHAR, meaning VARCHAR)")
	if err != nil {
		return err
	}
	var own [][]any
	for _, c := range r.Config.Connections {
		columns, _ := c.Settings["words"].(map[string]any)
		for _, column := range yamlx.SortedKeys(columns) {
			words, _ := columns[column].(map[string]any)
			for _, word := range yamlx.SortedKeys(words) {
				meaning := fmt.Sprint(words[word])
				if column == "currency" {
					meaning = strings.ToUpper(meaning)
				}
				for _, v := range filekind.WordVocabularies(column, meaning) {
					own = append(own, []any{c.Name, v, word, meaning})
				}
			}
		}
	}
	if err := r.insert(ctx, "temp.own_words", own); err != nil {
		return err
	}
	return r.execAll(ctx, `DELETE FROM names.words AS w USING temp.own_words AS o
WHERE w.connection = o.connection AND w.vocabulary = o.vocabulary AND w.word_key = names.word_key(o.word)`,
		`INSERT INTO names.words SELECT connection, vocabulary, names.word_key(word), min(meaning) FROM temp.own_words GROUP BY ALL`,
		"DROP TABLE temp.own_words")
}
