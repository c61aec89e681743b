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
	var missing, otherwise []string
	for name, state := range rd.cursor.Files {
		if !here[name] && !state.Empty {
			missing = append(missing, name)
			if state.Shape != rd.shape() {
				otherwise = append(otherwise, name)
			}
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
	all := []extract.Finding{found}
	if len(otherwise) > 0 {
		all = append(all, extract.Finding{Check: "read_with_other_settings", Severity: "info", Count: int64(len(otherwise)), Sample: fmt.Sprintf(
			"%s was read with other settings of the connection and is gone, so its rows count as they were read then; put it back to have it read anew", slices.Min(otherwise))})
	}
	return all
}
