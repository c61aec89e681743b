package sql

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// WithSeeds is [Files] with the seed lists that dir has of its own in place of the built-in ones:
// dir/engaged_actions.csv replaces seeds/engaged_actions.csv as a whole. A folder that does not
// exist replaces nothing; a file whose name is no seed's is not read.
func WithSeeds(dir string) fs.FS { return overlay{dir: dir} }

type overlay struct{ dir string }

// Open implements [fs.FS].
func (o overlay) Open(name string) (fs.File, error) {
	if path.Dir(name) != "seeds" || !strings.HasSuffix(name, ".csv") {
		return Files.Open(name)
	}
	own, err := os.Open(filepath.Join(o.dir, path.Base(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return Files.Open(name)
	}
	return own, err
}

// CheckSeeds says what is wrong with the seed lists in dir: a file that can't be read as CSV, or that
// lacks a column of the built-in list it replaces.
func CheckSeeds(dir string) error {
	names, err := fs.Glob(Files, "seeds/*.csv")
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range names {
		own := filepath.Join(dir, path.Base(name))
		data, err := os.ReadFile(own)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		builtIn, err := fs.ReadFile(Files, name)
		if err != nil {
			return err
		}
		problems = append(problems, checkSeed(own, string(data), string(builtIn)))
	}
	return errors.Join(problems...)
}

func checkSeed(file, own, builtIn string) error {
	rows, err := csv.NewReader(strings.NewReader(own)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	want, err := csv.NewReader(strings.NewReader(builtIn)).Read()
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return fmt.Errorf("%s:1: no header; expected the columns %s", file, strings.Join(want, ", "))
	}
	for _, column := range want {
		if !slices.Contains(rows[0], column) {
			return fmt.Errorf("%s:1: column %s is missing; expected the columns %s", file, column, strings.Join(want, ", "))
		}
	}
	return nil
}
