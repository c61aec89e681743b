package cli

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/filekind"
	rightsql "github.com/rightseat/rightseat/sql"
)

// writeWords lists the words that the built-in lists know, by column and meaning.
func writeWords(b *strings.Builder) error {
	known, err := knownWords()
	if err != nil {
		return err
	}
	b.WriteString("\nWhat words mean, in English, German, French, Spanish, Dutch and Italian: without case, accents and punctuation. Other words are\n" +
		"asked for; settings.words of a connection says what they mean, a file seeds/status_words.csv in the workspace replaces the list\n")
	columns := map[string][]string{} // vocabulary → columns
	for _, column := range filekind.WordColumns() {
		for _, v := range filekind.Vocabularies(column) {
			columns[v.Name] = append(columns[v.Name], column)
		}
	}
	shown := map[string]bool{}
	for _, column := range filekind.WordColumns() {
		several := len(filekind.Vocabularies(column)) > 1
		for _, v := range filekind.Vocabularies(column) {
			if shown[v.Name] {
				continue
			}
			shown[v.Name] = true
			title := strings.Join(columns[v.Name], ", ")
			if several {
				title += " (" + strings.ReplaceAll(v.Name, "_", " ") + ")"
			}
			fmt.Fprintf(b, "\n  %s\n", title)
			if len(v.Meanings) == 0 {
				b.WriteString("    codes of ISO 4217, such as EUR, and unmistakable signs and names\n")
			}
			for _, m := range v.Meanings {
				wrap(b, fmt.Sprintf("    %-18s", m), strings.Join(known[v.Name][m], ", "))
			}
		}
	}
	return nil
}

// knownWords reads the list of words: vocabulary → meaning → words, in the list's order.
func knownWords() (map[string]map[string][]string, error) {
	data, err := fs.ReadFile(rightsql.Files, "seeds/status_words.csv")
	if err != nil {
		return nil, fmt.Errorf("read the list of words: %w", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the list of words: %w", err)
	}
	known := map[string]map[string][]string{}
	for _, row := range rows[1:] {
		if known[row[0]] == nil {
			known[row[0]] = map[string][]string{}
		}
		if word := strings.TrimSpace(row[1]); !slices.Contains(known[row[0]][row[2]], word) {
			known[row[0]][row[2]] = append(known[row[0]][row[2]], word)
		}
	}
	return known, nil
}

// wrap writes a text in lines of at most 120 characters, behind a head that the further lines leave room for.
func wrap(b *strings.Builder, head, text string) {
	const most = 120
	line := head
	for i, word := range strings.Split(text, " ") {
		if i > 0 && len([]rune(line))+1+len([]rune(word)) > most {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = strings.Repeat(" ", len([]rune(head)))
		}
		line += " " + word
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}
