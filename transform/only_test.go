package transform_test

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// only keeps of the models and checks those that are named (core.spend, checks.books) and what they read: histories of many nights that look
// at a few tables needn't build a hundred others each night.
func (w *world) only(models ...string) {
	w.t.Helper()
	kept := map[string]bool{}
	var keep func(model string)
	keep = func(model string) {
		file := strings.ReplaceAll(model, ".", "/") + ".sql"
		if kept[file] {
			return
		}
		kept[file] = true
		text, err := fs.ReadFile(w.sql, file)
		require.NoError(w.t, err)
		for _, reads := range modelName.FindAllString(string(text), -1) {
			if _, err := fs.Stat(w.sql, strings.ReplaceAll(reads, ".", "/")+".sql"); err == nil {
				keep(reads)
			}
		}
	}
	for _, m := range models {
		keep(m)
	}
	w.sql = onlyFS{w.sql, kept}
}

var modelName = regexp.MustCompile(`\b(core|metrics|reports)\.[a-z0-9_]+\b`)

// onlyFS hides the models and checks that are not kept.
type onlyFS struct {
	fs.FS
	kept map[string]bool
}

func (o onlyFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	switch name {
	case "core", "metrics", "reports", "checks":
		return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return !o.kept[path.Join(name, e.Name())] }), err
	}
	return entries, err
}
