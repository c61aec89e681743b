package file_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
)

// TestTheFileOfACountryIsMissing at the next date: its people did not leave. No other date confirms it, but a person may.
func TestTheFileOfACountryIsMissing(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, w *world, kind string) {
		w.put("u/emea-20261101.csv", list(kind, 25, 0))
		w.put("u/us-20261101.csv", list(kind, 15, 0))
		w.put("u/us-contractors-20261101.csv", list(kind, 1, 0))
		require.NoError(t, w.read().Err)
		for _, day := range []string{"02", "03"} {
			w.put("u/emea-202611"+day+".csv", list(kind, 30, 0))
			w.put("u/us-contractors-202611"+day+".csv", list(kind, 1, 0))
			for range 2 { // it is told each time
				res := w.read()
				require.ErrorContains(t, res.Err, "its list of 2026-11-"+day+" does not count: the list before it had 15 records of u/us-20261101.csv, which has no counterpart here")
				assert.Equal(t, []string{"list_without_file warning"}, checks(res, "list_without_file"))
				assert.Len(t, w.counted(), 3)
				assert.Equal(t, "2026-11-02T00:00:00Z", res.Watermark.Format(time.RFC3339))
			}
		}
		w.put("u/us-20261102.csv", list(kind, 15, 0))
		require.ErrorContains(t, w.read().Err, "its list of 2026-11-03 does not count")
		assert.ElementsMatch(t, []string{"2026-11-02 30", "2026-11-02 1", "2026-11-02 15"}, w.counted()[3:])
		accepted, result := w.accept(kind)
		assert.Equal(t, []extract.Accepted{{List: "u/us-20261102.csv", Date: "2026-11-03", Gone: 15}}, accepted)
		assert.Equal(t, "u/us-20261102.csv: its 15 records count no more, as of 2026-11-03", accepted[0].String())
		assert.Equal(t, extract.StreamComplete, result.State)
		assert.ElementsMatch(t, []string{"2026-11-03 30", "2026-11-03 1"}, w.counted()[6:])
		w.put("u/emea-20261104.csv", list(kind, 29, 0))
		w.put("u/us-contractors-20261104.csv", list(kind, 1, 0))
		require.NoError(t, w.read().Err, "now it is not missed any more")
	})
}

// TestFilesThatWerePutTogetherOtherwise count, unless people are missing with them; other names are told.
func TestFilesThatWerePutTogetherOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "roster", "path": "u/*.csv"})
	w.put("u/part-1-2026-11-01.csv", list("roster", 20, 0))
	w.put("u/part-2-2026-11-01.csv", list("roster", 15, 0))
	w.put("u/part-1-2026-11-02.csv", list("roster", 35, 0))
	require.NoError(t, w.read().Err)
	w.put("u/part-1-2026-11-03.csv", list("roster", 20, 0))
	w.put("u/part-2-2026-11-03.csv", list("roster", 20, 0))
	w.put("u/part-1-2026-11-04.csv", list("roster", 25, 0))
	require.ErrorContains(t, w.read().Err, "had 20 records of u/part-2-2026-11-03.csv, which has no counterpart here")
	w.remove("u/part-1-2026-11-04.csv")

	w.put("u/all-2026-11-05.csv", list("roster", 41, 0))
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []string{"files_of_one_day info", "list_of_other_files warning"}, checks(res, "files_of_one_day", "list_of_other_files"))
	w.put("u/all-2026-11-06.csv", list("roster", 41, 0))
	assert.Empty(t, checks(w.read(), "list_of_other_files"))

	w.put("u/de-2026-11-07.csv", list("roster", 20, 0))
	w.put("u/fr-2026-11-07.csv", list("roster", 20, 0))
	require.NoError(t, w.read().Err)
	w.put("u/de-2026-11-08.csv", list("roster", 20, 0))
	w.put("u/uk-2026-11-08.csv", list("roster", 10, 0))
	require.ErrorContains(t, w.read().Err, "had 20 records of u/fr-2026-11-07.csv")
}

func checks(res extract.StreamResult, of ...string) (all []string) {
	for _, check := range of {
		for _, f := range res.Findings {
			if f.Check == check {
				all = append(all, f.Check+" "+f.Severity)
			}
		}
	}
	return all
}

// TestAFileOfOneCountryWasWrittenOver and says no date: those beside it that are as they were still say what they said.
func TestAFileOfOneCountryWasWrittenOver(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, w *world, kind string) {
		w.put("u/emea.csv", list(kind, 25, 0))
		w.put("u/us.csv", list(kind, 15, 0))
		require.NoError(t, w.read().Err)
		w.clock.Set(w.clock.Now().Add(24 * time.Hour))
		require.NoError(t, w.read().Err)
		assert.Len(t, w.commits(), 1, "nothing changed")
		w.put("u/emea.csv", list(kind, 24, 0))
		require.NoError(t, w.read().Err)
		assert.ElementsMatch(t, []string{"2026-11-21 24", "2026-11-21 15"}, w.counted()[2:])
		w.put("u/emea.csv", list(kind, 23, 0))
		require.NoError(t, w.read().Err)
		assert.ElementsMatch(t, []string{"2026-11-21 23"}, w.counted()[4:], "once a day")
		w.clock.Set(w.clock.Now().Add(24 * time.Hour))
		w.put("u/us.csv", list(kind, 14, 0))
		require.NoError(t, w.read().Err)
		assert.ElementsMatch(t, []string{"2026-11-22 23", "2026-11-22 14"}, w.counted()[5:])
		w.remove("u/us.csv")
		w.clock.Set(w.clock.Now().Add(24 * time.Hour))
		w.put("u/emea.csv", list(kind, 25, 0))
		require.ErrorContains(t, w.read().Err, "the list before it had 14 records of u/us.csv, which has no counterpart here")
	})
}
