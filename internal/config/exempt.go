package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// ExemptEmails are the addresses that the configuration exempts, by app, those exempt everywhere under "": single ones, and
// those of CSV files with a column named email. A file that is named and missing is an error: it would exempt nobody.
func (c *Config) ExemptEmails() (map[string][]string, error) {
	lists := map[string][]string{"": slices.Clone(c.Exempt.Emails)}
	for app, emails := range c.Exempt.AppEmails {
		lists[app] = append(lists[app], emails...)
	}
	add := func(key, app, file string) error {
		if file == "" {
			return nil
		}
		emails, err := readExempt(c.Resolve(file))
		if err != nil {
			return fmt.Errorf("%s: read the exempt list: %w", key, err)
		}
		lists[app] = append(lists[app], emails...)
		return nil
	}
	if err := add("exempt.global", "", c.Exempt.Global); err != nil {
		return nil, err
	}
	for _, app := range yamlx.SortedKeys(c.Exempt.Apps) {
		if err := add(yamlx.Join("exempt.apps", app), app, c.Exempt.Apps[app]); err != nil {
			return nil, err
		}
	}
	return lists, nil
}

// readExempt reads the addresses of a CSV file with a header that has a column email.
func readExempt(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s:1: no header; expected a column named email", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	column := -1
	for i, h := range header {
		if strings.EqualFold(strings.TrimSpace(h), "email") {
			column = i
		}
	}
	if column < 0 {
		return nil, fmt.Errorf("%s:1: no column named email; found %s", path, strings.Join(header, ", "))
	}
	var emails []string
	for {
		rec, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return emails, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if column >= len(rec) || strings.TrimSpace(rec[column]) == "" {
			continue
		}
		email := strings.TrimSpace(rec[column])
		if !strings.Contains(email, "@") {
			line, _ := rows.FieldPos(column)
			return nil, fmt.Errorf("%s:%d: %q is no e-mail address", path, line, email)
		}
		emails = append(emails, email)
	}
}
