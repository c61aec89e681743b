package file

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/extract"
)

// A file of which rows were set aside counts without them, and what it says is not all that it was meant to say. Reading
// it once more brings nothing, so that stays so, and every run tells it, until the file changes or a person accepts it. A
// file that is gone can't be mended, but its rows count, and lack what they lack.

// namedFiles is how many files a message names.
const namedFiles = 3

// firstShown is how much is kept of what is wrong with the first row set aside.
const firstShown = 200

func (s fileState) lacks() bool { return s.Bad > 0 && s.Unusable == "" && !s.Accepted }

// noneUsable says of a file that it is of no use.
func noneUsable(rows int64, first string) string {
	return fmt.Sprintf("none of its %d rows can be used; the first one: %s", rows, first)
}

// lacks says which of the files lack rows that could not be used, and what to do; empty when none does. Of those whose lists
// are held, the lists are told of.
func (r *Reader) lacks(files map[string]fileState, held []part) (what, fix string) {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		s := files[name]
		if s.lacks() && !slices.ContainsFunc(held, func(p part) bool { return p.Lacking && p.Snapshot.Source == name }) {
			texts = append(texts, fmt.Sprintf("file %s: %d of its %d rows could not be used and were set aside; the first one: %s", name, s.Bad, s.Good+s.Bad, s.FirstBad))
		}
	}
	if len(texts) == 0 {
		return "", ""
	}
	what = strings.Join(texts[:min(namedFiles, len(texts))], "; ")
	if n := len(texts) - namedFiles; n > 0 {
		what += fmt.Sprintf("; and so it is with %d more", n)
	}
	return what, fmt.Sprintf("The other rows count; reports.data_quality lists what is wrong with these. Mend the file, or, if it is right without them, type: rightseat accept %s/%s",
		r.opts.Connection.Name, r.settings.kind.Name)
}

// acceptLacking notes that files are right without the rows that could not be used, and says which files.
func acceptLacking(files map[string]fileState) (changed map[string]fileState, accepted []extract.Accepted) {
	changed = map[string]fileState{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		s := files[name]
		if s.Bad == 0 || s.Accepted {
			continue
		}
		s.Accepted = true
		changed[name], files[name] = s, s
		accepted = append(accepted, extract.Accepted{List: name, After: s.Good, Bad: s.Bad})
	}
	return changed, accepted
}

// known is what the lake has of the connection's files.
func (r *Reader) known() (map[string]fileState, error) {
	st, err := r.opts.Lake.Stream(r.opts.Connection.Name, r.settings.kind.Name)
	if err != nil {
		return nil, err
	}
	last, err := st.Last()
	if err != nil {
		return nil, err
	}
	cur, err := readCursor(st, last, r.settings)
	return cur.Files, err
}
