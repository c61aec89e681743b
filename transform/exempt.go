package transform

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// insertExempt fills params.exempt from the config: single addresses, and CSV files with a
// column named email. A file that is named and missing is an error: it would exempt nobody.
func (r *runner) insertExempt(ctx context.Context) error {
	e := r.Config.Exempt
	lists := map[string][]string{"": e.Emails}
	for app, emails := range e.AppEmails {
		lists[app] = append(lists[app], emails...)
	}
	files := map[string]string{}
	if e.Global != "" {
		files[""] = e.Global
	}
	for app, file := range e.Apps {
		files[app] = file
	}
	for app, file := range files {
		emails, err := readExempt(r.Config.Resolve(file))
		if err != nil {
			return fmt.Errorf("read the exempt list: %w", err)
		}
		lists[app] = append(lists[app], emails...)
	}
	for app, emails := range lists {
		for _, email := range emails {
			if err := r.exec(ctx, "INSERT INTO params.exempt SELECT "+fmt.Sprintf(slug, "CAST(? AS VARCHAR)")+", lower(trim(?))", app, email); err != nil {
				return err
			}
		}
	}
	return nil
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
