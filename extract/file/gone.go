package file

import (
	"fmt"
	"slices"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/filekind"
)

// Files that were read and are no longer there keep what they brought: a folder that could not be
// mounted must not read as if contracts had ended. People are told, as some expect otherwise. Of
// a kind whose files say what is (contracts, rates, lists) that is a warning: today's numbers rest
// on a file that nobody can look at. Of the others, whose files say what was on a date, old
// uploads are cleared away all the time.

// gone tells of the files that were read once and are not among those that match now.
func (rd *round) gone(files []input) []extract.Finding {
	here := make(map[string]bool, len(files))
	for _, f := range files {
		here[f.name] = true
	}
	var missing []string
	for name, state := range rd.cursor.Files {
		if !here[name] && !state.Empty {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found := extract.Finding{
		Check: "file_gone", Severity: "info", Count: int64(len(missing)),
		Sample: fmt.Sprintf("%s is gone from path %s; what it brought stays", slices.Min(missing), rd.settings.path),
	}
	if rd.settings.kind.Shape == filekind.State {
		found.Severity = "warning"
		found.Sample = fmt.Sprintf("%s is gone from path %s, but its rows still count: put it back, or, for them to count no more, a file of that name with only its header row",
			slices.Min(missing), rd.settings.path)
	}
	return []extract.Finding{found}
}
