package transform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/filesum"
)

// coreSumsFile, in the core folder, says which build the files there are of and what each was when it was written.
const coreSumsFile = ".files.json"

// mostCoreRead bounds what a run reads to find core files that differ although their size and time do not. Where there
// is more, `rightseat verify` finds them.
const mostCoreRead = 64 << 20

type coreSums struct {
	Build string                 `json:"build"`
	Files map[string]filesum.Sum `json:"files"` // by path in the core folder, with slashes
}

// readCoreSums gives none for a folder that is missing, emptied or left by a version that wrote no sums, and for damaged
// ones: everything is then written again.
func readCoreSums(folder string) (*coreSums, error) {
	data, err := os.ReadFile(filepath.Join(folder, coreSumsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the core folder: %w", err)
	}
	s := &coreSums{}
	if err != nil || json.Unmarshal(data, s) != nil || s.Files == nil {
		return &coreSums{Files: map[string]filesum.Sum{}}, nil
	}
	return s, nil
}

func (s *coreSums) write(folder string) error {
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(folder, coreSumsFile), append(data, '\n'))
}

// drop removes the files of a table's dates that it has no rows of any more.
func (s *coreSums) drop(folder, table string, held []string) error {
	for name := range s.Files {
		rest, ours := strings.CutPrefix(name, table+"/")
		day, _, split := strings.Cut(rest, "/")
		_, date, _ := strings.Cut(day, "=")
		if !ours || !split || slices.Contains(held, date) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(folder, table, day)); err != nil {
			return err
		}
		delete(s.Files, name)
	}
	return nil
}

// dueDamaged marks as due what is no longer as it was written.
func (r *runner) dueDamaged(ctx context.Context, sums *coreSums) error {
	var all int64
	for _, sum := range sums.Files {
		all += sum.Size
	}
	for name, sum := range sums.Files {
		path := filepath.Join(r.CorePath, filepath.FromSlash(name))
		if all > mostCoreRead && sum.Untouched(path) {
			continue
		}
		damage := sum.Check(path)
		if damage == nil {
			continue
		}
		r.Log.Warn("a file of lake/core is written again", "why", damage)
		table, folder, _ := strings.Cut(name, "/")
		column, date := "", ""
		if day, _, split := strings.Cut(folder, "/"); split {
			column, date, _ = strings.Cut(day, "=")
		}
		if err := r.exec(ctx, "INSERT INTO _state.core_due SELECT table_name, partition_column, ? FROM _state.core_tables WHERE table_name = ? AND partition_column = ?", date, table, column); err != nil {
			return err
		}
	}
	return nil
}

// VerifyCore holds the files of a core folder to what they were when they were written, and calls damaged with each that
// differs, is missing or is none of ours. With mark set, the next run writes the folder anew where a file was damaged,
// also one that its quick look would not find. files is how many were looked at.
func VerifyCore(ctx context.Context, folder string, mark bool, damaged func(error)) (files int, err error) {
	sums, err := readCoreSums(folder)
	if err != nil {
		return 0, err
	}
	if len(sums.Files) == 0 {
		if _, err := os.Stat(filepath.Join(folder, coreSumsFile)); errors.Is(err, fs.ErrNotExist) {
			return 0, nil // nothing was built, or a run will build it all
		}
		damaged(fmt.Errorf("%s is damaged", filepath.Join(folder, coreSumsFile)))
		return 1, nil
	}
	unread := false
	for name, sum := range sums.Files {
		if err := ctx.Err(); err != nil {
			return files, err
		}
		files++
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := sum.Check(path); err != nil {
			damaged(err)
			unread = unread || sum.Untouched(path)
		}
	}
	if unread && mark {
		sums.Build = ""
		if err := sums.write(folder); err != nil {
			damaged(fmt.Errorf("the damage can't be noted for the next run, so let it be `rightseat run --full-refresh`: %w", err))
		}
	}
	return files, foreignCore(folder, sums, damaged)
}

// foreignCore names the files that readers of the tables would read with ours.
func foreignCore(folder string, sums *coreSums, damaged func(error)) error {
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if _, ours := sums.Files[filepath.ToSlash(name)]; !ours && name != coreSumsFile && !strings.HasSuffix(name, atomicfile.TempSuffix) {
			damaged(fmt.Errorf("%s is foreign: rightseat has not written it, and who reads the folder reads it too; move it away", path))
		}
		return nil
	})
}
