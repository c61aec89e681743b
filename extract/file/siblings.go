package file

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/filekind"
)

// A list may come in several files, one a country. Which files belong to it nobody says, but those of the date before do: a
// file that has no counterpart at the next date is missing, and its people did not leave. Nor do other dates without it confirm
// that, as a shrunken list is confirmed: an export that stopped is missing every day.

// lost is what a list lacks of the files of the list before it.
type lost struct {
	File string `json:"file"` // the first one
	Rows int64  `json:"rows"` // of all of them
	More int    `json:"more,omitempty"`
}

var notInNames = regexp.MustCompile(`[^\pL/]+`)

// nameOf is what the counterparts of a file are called at each date: its name without dates, numbers and type.
func nameOf(file string) string {
	name := strings.TrimSuffix(file, path.Ext(file))
	for _, p := range nameDates {
		name = p.ReplaceAllStringFunc(name, func(found string) string {
			if dateInName(found) == "" {
				return found
			}
			return " "
		})
	}
	return strings.ToLower(strings.Trim(notInNames.ReplaceAllString(name, " "), " "))
}

// names are the files of a list by what they are called at each date.
func names(list map[string]int64) map[string][]string {
	all := map[string][]string{}
	for _, file := range slices.Sorted(maps.Keys(list)) {
		all[nameOf(file)] = append(all[nameOf(file)], file)
	}
	return all
}

// lostIn tells what a list of several files lost of the one before; nil for nothing. Where other names are new, or only the number of files is
// another, they may have been put together otherwise: then only a list that also has fewer rows lost something.
func (rd *round) lostIn(list string, now map[string]int64, percent float64) *lost {
	last := rd.cursor.sizes[rd.listBefore(list)]
	if len(last) < 2 || rd.settings.kind.Shape != filekind.Snapshot || rd.cursor.sizes.of(list) > 0 {
		return nil
	}
	var before, size int64
	for _, n := range now {
		size += n
	}
	var gone lost
	named := true // all that is missing is missed by its name
	here, there := names(now), names(last)
	for _, name := range slices.Sorted(maps.Keys(there)) {
		files := there[name]
		for _, f := range files {
			before += last[f]
		}
		if len(here[name]) >= len(files) {
			continue
		}
		named = named && len(here[name]) == 0
		for _, f := range files[len(here[name]):] {
			if last[f] == 0 {
				continue // nobody misses a file without rows
			}
			if gone.File == "" {
				gone.File = f
			} else {
				gone.More++
			}
			gone.Rows += last[f]
		}
	}
	for name := range here {
		named = named && there[name] != nil
	}
	if gone.File == "" || !named && !extract.TooMany(before-size, before, percent) {
		return nil
	}
	return &gone
}

func (rd *round) tellLost(l *lost) string {
	what := l.File
	if l.More > 0 {
		what += fmt.Sprintf(" and %d more", l.More)
	}
	return fmt.Sprintf("does not count: the list before it had %d records of %s, which has no counterpart here; put that file there (with only its header row, where there is nobody), or, if nobody of them is there any more, type: rightseat accept %s/%s. Files that come on other days than these need a connection of their own",
		l.Rows, what, rd.opts.Connection.Name, rd.settings.kind.Name)
}

// otherFiles tells that the newest list is of files that are called otherwise than those of the one before, so that none can be missed.
func (rd *round) otherFiles() (in string, notes []note) {
	dates := slices.Sorted(maps.Keys(rd.cursor.sizes))
	if rd.settings.kind.Shape != filekind.Snapshot || len(dates) < 2 {
		return "", nil
	}
	now, before := rd.cursor.sizes[dates[len(dates)-1]], rd.cursor.sizes[dates[len(dates)-2]]
	if len(before) < 2 {
		return "", nil
	}
	here, there := names(now), names(before)
	var missed, added []string
	for name, files := range there {
		if here[name] == nil {
			missed = append(missed, files...)
		}
	}
	for name, files := range here {
		if there[name] == nil {
			added = append(added, files...)
		}
	}
	if len(missed) == 0 || len(added) == 0 {
		return "", nil
	}
	return slices.Min(added), []note{{Check: "list_of_other_files", Severity: severityWarning, Text: fmt.Sprintf(
		"is of the list of %s, where nothing is called like %s of the list before; if both have the same people it was only renamed, else put the missing file there",
		dates[len(dates)-1], slices.Min(missed))}}
}

// carry adds the files without a date that were of one list with one that was written over since: unchanged, they say today
// what they said then.
func (rd *round) carry(files []input, pending []pendingFile) []pendingFile {
	dated := func(name string) string { // by the day on which it was read
		if known := rd.cursor.Files[name]; dateInName(path.Base(name)) == "" && known.Date == known.FirstRead && known.Date != rd.today() {
			return known.Date
		}
		return ""
	}
	old := map[string]bool{}
	for _, p := range pending {
		if date := dated(p.name); date != "" && p.fp.sha256 != rd.cursor.Files[p.name].SHA256 {
			old[date] = true
		}
	}
	if len(old) == 0 || rd.settings.kind.Shape != filekind.Snapshot {
		return pending
	}
	rd.carried = map[string]bool{}
	for _, f := range files {
		if old[dated(f.name)] && !slices.ContainsFunc(pending, func(p pendingFile) bool { return p.name == f.name }) {
			pending = append(pending, pendingFile{input: f})
			rd.carried[f.name] = true
		}
	}
	slices.SortFunc(pending, func(a, b pendingFile) int { return strings.Compare(a.name, b.name) })
	return pending
}
