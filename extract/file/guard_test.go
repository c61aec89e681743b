package file_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/file"
)

// lists are the kinds of files that say who is there on a date.
var lists = map[string]string{"roster": "email,tier", "sso_assignments": "email,app", "org_chart": "email,last_name,first_name,team"}

// list is a file of so many people, behind as many that can't be used.
func list(kind string, good, bad int) string {
	var b strings.Builder
	b.WriteString(lists[kind] + "\n")
	for i := range bad + good {
		name := fmt.Sprintf("p%d@tarn.example", i)
		if i < bad {
			name = ""
		}
		b.WriteString(name + strings.Replace(strings.Repeat(",x", strings.Count(lists[kind], ",")), ",x", ",zoom", 1) + "\n")
	}
	return b.String()
}

func eachList(t *testing.T, do func(t *testing.T, w *world, kind string)) {
	t.Helper()
	for kind := range lists {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			do(t, newWorld(t, map[string]any{"kind": kind, "path": "u/*.csv"}), kind)
		})
	}
}

// counted are the snapshots that commits name, as "date rows".
func (w *world) counted() []string {
	all := w.snapshots()
	for i, s := range all {
		all[i] = s[:strings.LastIndex(s, " ")]
	}
	return all
}

func (w *world) accept(kind string) ([]extract.Accepted, *extract.StreamResult) {
	w.t.Helper()
	accepted, result, err := file.Accept(w.lake, w.conn.Name, kind, "r", w.clock)
	require.NoError(w.t, err)
	return accepted, result
}

// TestAFileThatShrankIsHeld until a file of another date confirms it.
func TestAFileThatShrankIsHeld(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, w *world, kind string) {
		w.clock.Set(time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC))
		w.put("u/l-2026-11-01.csv", list(kind, 40, 0))
		require.NoError(t, w.read().Err)
		w.put("u/l-2026-11-02.csv", list(kind, 20, 0))
		for range 2 { // it is told each time
			res := w.read()
			require.ErrorContains(t, res.Err, "l-2026-11-02.csv: its list of 2026-11-02 shrank from 40 records to 20")
			assert.Contains(t, res.Error, "rightseat accept "+w.conn.Name+"/"+kind)
			assert.Equal(t, []string{"list_shrank warning"}, checks(res, "list_shrank"))
			assert.Equal(t, []string{"2026-11-01 40"}, w.counted(), "the one before counts on")
			assert.Equal(t, "2026-11-02T00:00:00Z", res.Watermark.Format(time.RFC3339))
		}
		w.put("u/l-2026-11-02.csv", list(kind, 19, 0))
		require.ErrorContains(t, w.read().Err, "from 40 records to 19", "the same date confirms nothing")
		w.remove("u/l-2026-11-02.csv")
		require.ErrorContains(t, w.read().Err, "from 40 records to 19", "a file that is cleared away is not forgotten")
		w.put("u/l-2026-11-03.csv", list(kind, 18, 0))
		res := w.read()
		require.NoError(t, res.Err)
		assert.Equal(t, extract.StreamComplete, res.State)
		assert.Equal(t, []string{"2026-11-01 40", "2026-11-02 19", "2026-11-03 18"}, w.counted())
	})
}

// TestAFileThatShrankForADay counts never; a later bad day is a first one again. Lists of under 20 may shrink.
func TestAFileThatShrankForADay(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, w *world, kind string) {
		w.clock.Set(time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC))
		for day, n := range []int{40, 0, 39, 3, 40, 21, 10} {
			w.put(fmt.Sprintf("u/l-2026-11-%02d.csv", day+1), list(kind, n, 0))
			res := w.read()
			if n == 0 || n == 3 || n == 10 {
				require.ErrorContains(t, res.Err, "shrank from")
			} else {
				require.NoError(t, res.Err)
			}
		}
		assert.Equal(t, []string{"2026-11-01 40", "2026-11-03 39", "2026-11-05 40", "2026-11-06 21"}, w.counted())
		w.put("u/l-2026-10-01.csv", list(kind, 3, 0))
		require.Error(t, w.read().Err)
		assert.Contains(t, w.counted(), "2026-10-01 3", "there is nothing before it")
	})
	w := newWorld(t, map[string]any{"kind": "roster", "path": "u/*.csv"})
	w.put("u/l-2026-11-01.csv", list("roster", 19, 0))
	w.put("u/l-2026-11-02.csv", list("roster", 1, 0))
	require.NoError(t, w.read().Err)
}

func TestAcceptAFileThatShrank(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, w *world, kind string) {
		w.clock.Set(time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC))
		w.put("u/l-2026-11-01.csv", list(kind, 40, 0))
		require.NoError(t, w.read().Err)
		accepted, result := w.accept(kind)
		assert.Empty(t, accepted)
		assert.Nil(t, result)
		w.put("u/l-2026-11-02.csv", list(kind, 5, 0))
		require.Error(t, w.read().Err)
		accepted, result = w.accept(kind)
		assert.Equal(t, []extract.Accepted{{List: "u/l-2026-11-02.csv", Date: "2026-11-02", Before: 40, After: 5}}, accepted)
		assert.Equal(t, extract.StreamComplete, result.State)
		assert.Equal(t, "2026-11-03T00:00:00Z", result.Watermark.Format(time.RFC3339))
		assert.Equal(t, []string{"2026-11-01 40", "2026-11-02 5"}, w.counted())
		require.NoError(t, w.read().Err)
		accepted, _ = w.accept(kind)
		assert.Empty(t, accepted)
	})
}

// TestAFileWithManyRowsSetAside does not count where people would seem to have left: the list before it does, until the file
// is mended or the setting says that it may.
func TestAFileWithManyRowsSetAside(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, w *world, kind string) {
		w.clock.Set(time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC))
		w.put("u/l-2026-11-01.csv", list(kind, 40, 0))
		require.NoError(t, w.read().Err)
		w.put("u/l-2026-11-02.csv", list(kind, 35, 5))
		for range 2 {
			res := w.read()
			require.ErrorContains(t, res.Err, "l-2026-11-02.csv: its list of 2026-11-02 does not count: 5 of its 40 rows could not be used, more than the 1 % that a list may have (set_aside_percent), and it has 5 rows less")
			assert.Equal(t, []string{"2026-11-01 40"}, w.counted())
			assert.Equal(t, "2026-11-02T00:00:00Z", res.Watermark.Format(time.RFC3339))
			assert.Empty(t, res.Lacks, "the list is told of")
		}
		w.put("u/l-2026-11-02.csv", list(kind, 39, 1)) // one sets itself aside, not the list
		res := w.read()
		require.NoError(t, res.Err)
		assert.EqualValues(t, 1, res.Issues)
		assert.Equal(t, []string{"2026-11-01 40", "2026-11-02 39"}, w.counted())
		w.put("u/l-2026-11-03.csv", list(kind, 39, 9))
		require.NoError(t, w.read().Err, "nobody of those who were there is missing")

		w.put("u/l-2026-11-04.csv", list(kind, 30, 9))
		require.Error(t, w.read().Err)
		share := 30.0
		w.setAside = &share
		require.NoError(t, w.read().Err, "now that may be")
		assert.Equal(t, "2026-11-04 30", w.counted()[3])
	})
	w := newWorld(t, map[string]any{"kind": "roster", "path": "u/*.csv"})
	w.put("u/l-2026-11-01.csv", list("roster", 30, 10))
	require.NoError(t, w.read().Err, "the first one has nobody to lose")
	assert.Equal(t, []string{"2026-11-01 30"}, w.counted())
}

// TestADayInSeveralFiles is one list: it counts when all of its files were read, and not by some of them.
func TestADayInSeveralFiles(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, w *world, kind string) {
		w.clock.Set(time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC))
		for _, day := range []string{"01", "02"} {
			w.put("u/emea-2026-11-"+day+".csv", list(kind, 25, 0))
			w.put("u/us-2026-11-"+day+".csv", list(kind, 15, 0))
		}
		require.NoError(t, w.read().Err)
		assert.ElementsMatch(t, []string{"2026-11-01 25", "2026-11-01 15", "2026-11-02 25", "2026-11-02 15"}, w.counted())

		// Of the third day one file is no table.
		w.put("u/emea-2026-11-03.csv", list(kind, 25, 0))
		w.put("u/us-2026-11-03.csv", "<html>")
		res := w.read()
		require.ErrorContains(t, res.Err, "file u/us-2026-11-03.csv: is an HTML page")
		require.ErrorContains(t, res.Err, "file u/emea-2026-11-03.csv: its list of 2026-11-03 does not count before u/us-2026-11-03.csv, which is of it too, can be read")
		assert.Len(t, w.counted(), 4)
		w.put("u/us-2026-11-03.csv", list(kind, 14, 0))
		require.NoError(t, w.read().Err)
		assert.ElementsMatch(t, []string{"2026-11-03 25", "2026-11-03 14"}, w.counted()[4:])

		// Of the fourth day the larger one comes later.
		w.put("u/us-2026-11-04.csv", list(kind, 15, 0))
		require.ErrorContains(t, w.read().Err, "the list before it had 25 records of u/emea-2026-11-03.csv, which has no counterpart here")
		w.put("u/emea-2026-11-04.csv", list(kind, 24, 0))
		require.NoError(t, w.read().Err)
		assert.ElementsMatch(t, []string{"2026-11-04 15", "2026-11-04 24"}, w.counted()[6:])

		// A bad file that is taken away has nothing to say; that nobody is there, an empty table says.
		w.put("u/emea-2026-11-05.csv", list(kind, 39, 0))
		w.put("u/us-2026-11-05.csv", "<html>")
		require.Error(t, w.read().Err)
		w.remove("u/us-2026-11-05.csv")
		require.ErrorContains(t, w.read().Err, "of u/us-2026-11-04.csv, which has no counterpart here")
		w.put("u/us-2026-11-05.csv", list(kind, 0, 0))
		require.NoError(t, w.read().Err)
		assert.ElementsMatch(t, []string{"2026-11-05 39", "2026-11-05 0"}, w.counted()[8:])
		before := len(w.commits())
		require.NoError(t, w.read().Err)
		assert.Len(t, w.commits(), before)
	})
}

// TestContractsThatShrank: what files say is, not only what they say was on a date, is held as well, file by file.
func TestContractsThatShrank(t *testing.T) {
	t.Parallel()
	contracts := func(n int) string {
		var b strings.Builder
		b.WriteString("contract_id,vendor,start_date,end_date,licences,annual_cost,currency\n")
		for i := range n {
			fmt.Fprintf(&b, "c%d,Zoom,2026-01-01,2026-12-31,5,100,EUR\n", i)
		}
		return b.String()
	}
	w := newWorld(t, map[string]any{"kind": "contracts", "path": "c/*.csv"})
	w.put("c/all.csv", contracts(30))
	w.put("c/more.csv", contracts(5))
	require.NoError(t, w.read().Err)
	w.put("c/all.csv", contracts(4))
	w.put("c/more.csv", contracts(1))
	for range 2 {
		require.ErrorContains(t, w.read().Err, "file c/all.csv: its list shrank from 30 records to 4 and does not count yet; if it is right, type: rightseat accept uploads/contracts")
		assert.Equal(t, []string{"2026-11-20 30", "2026-11-20 5", "2026-11-20 1"}, w.counted())
	}
	accepted, _ := w.accept("contracts")
	assert.Equal(t, []extract.Accepted{{List: "c/all.csv", Date: "2026-11-20", Before: 30, After: 4}}, accepted)
	require.NoError(t, w.read().Err)
	assert.Equal(t, "2026-11-20 4", w.counted()[3])
}

// TestAListOfManyGroups is judged when its last file was read, whatever commits it came in.
func TestAListOfManyGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "roster", "path": "u/*.csv"})
	w.clock.Set(time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC))
	for i := range 300 {
		w.put(fmt.Sprintf("u/%03d-2026-11-01.csv", i), list("roster", 1, 0))
	}
	require.NoError(t, w.read().Err)
	assert.Len(t, w.commits(), 2)
	assert.Empty(t, w.commits()[0].Snapshots, "not before the last one")
	for i := range 300 {
		w.put(fmt.Sprintf("u/%03d-2026-11-02.csv", i), list("roster", 1, 0))
	}
	require.NoError(t, w.read().Err)
	assert.Len(t, w.counted(), 600)
	last, err := json.Marshal(w.commits()[3])
	require.NoError(t, err)
	assert.NotContains(t, string(last), "held")
}

// TestAListOfFilesWithoutADate: files that say no date are of the day on which they are read, and are one list too.
func TestAListOfFilesWithoutADate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "roster", "path": "u/*.csv"})
	for i := range 300 {
		w.put(fmt.Sprintf("u/%03d.csv", i), list("roster", 1, 0))
	}
	require.NoError(t, w.read().Err)
	assert.Len(t, w.commits(), 2)
	assert.Empty(t, w.commits()[0].Snapshots, "not before the last one")
	assert.Len(t, w.counted(), 300)
}
