package file_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract"
)

// lacking are files of which two rows of four can't be used, by kind.
var lacking = map[string]string{
	"roster":          "email,status\nann@tarn.example,active\nbob,active\nben@tarn.example,active\ncy@tarn.example;di@tarn.example,active\n",
	"sso_assignments": "email,app\nann@tarn.example,zoom\nbob,zoom\nben@tarn.example,zoom\ncy@tarn.example;di@tarn.example,zoom\n",
	"org_chart":       "email,last_name,first_name,team\nann@tarn.example,Ann,A,X\nbob,Bob,B,X\nben@tarn.example,Ben,B,X\ncyd,Cyd,C,X\n",
	"contracts":       "contract_id,vendor,start_date,end_date,licences\nk1,Zoom,2026-01-01,2026-12-31,5\nk2,Zoom,2026-01-01,2026-12-31,x\nk3,Zoom,2026-01-01,2026-12-31,6\nk4,Zoom,2026-01-01,2026-12-31,-1\n",
	"fx_rates":        "date,currency,rate\n2026-01-01,USD,0.9\n2026-01-01,GBP,0\n2026-01-01,SEK,0.1\n2026-01-01,NOK,x\n",
	"exempt":          "email\nann@tarn.example\nbob\nben@tarn.example\ncyd\n",
	"allocations":     "app,team,percent\nzoom,Sales,50\nzoom,Law,x\nzoom,Care,50\nzoom,Ops,y\n",
	"spend":           "transaction_id,date,amount,currency,vendor\n1,2026-10-01,5,EUR,Zoom\n2,2026-10-01,x,EUR,Zoom\n3,2026-10-01,5,EUR,Zoom\n4,20-99-1,5,EUR,Zoom\n",
	"network":         "date,domain,bytes\n2026-10-01,zoom.us,5\nx,zoom.us,5\n2026-10-01,miro.com,5\ny,miro.com,5\n",
	"engagement":      "occurred_at,email,event\n2026-10-01T10:00:00Z,ann@tarn.example,met\nx,ann@tarn.example,met\n2026-10-01T11:00:00Z,ann@tarn.example,met\ny,ann@tarn.example,met\n",
}

func eachLacking(t *testing.T, do func(t *testing.T, w *world, kind string)) {
	t.Helper()
	for kind := range lacking {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]any{"kind": kind, "path": "u/*.csv"})
			w.conn.App = "zoom"
			w.put("u/a.csv", lacking[kind])
			do(t, w, kind)
		})
	}
}

func (w *world) check() extract.StreamResult {
	w.t.Helper()
	results, err := w.reader().Check(context.Background())
	require.NoError(w.t, err)
	require.Len(w.t, results, 1)
	return results[0]
}

const twoOfFour = "file u/a.csv: 2 of its 4 rows could not be used and were set aside; the first one: u/a.csv line 3"

// TestAFileThatCouldNotBeTakenWholeStaysSo until it changes, whatever it is a file of.
func TestAFileThatCouldNotBeTakenWholeStaysSo(t *testing.T) {
	t.Parallel()
	eachLacking(t, func(t *testing.T, w *world, kind string) {
		for range 3 {
			res := w.read()
			require.NoError(t, res.Err)
			assert.Contains(t, res.Lacks, twoOfFour)
			assert.Contains(t, res.Fix, "rightseat accept uploads/"+kind)
			w.clock.Set(w.clock.Now().Add(24 * time.Hour))
		}
		w.remove("u/a.csv")
		assert.Contains(t, w.read().Lacks+w.read().Error, "u/", "its rows count on, and lack what they lack")
		w.put("u/a.csv", lacking[kind][:len(lacking[kind])-1])
		assert.Contains(t, w.read().Lacks, twoOfFour, "a change that mends nothing")
	})
}

// TestAcceptAFileThatCouldNotBeTakenWhole is for that file as it is: the next one is judged anew.
func TestAcceptAFileThatCouldNotBeTakenWhole(t *testing.T) {
	t.Parallel()
	eachLacking(t, func(t *testing.T, w *world, kind string) {
		require.NotEmpty(t, w.read().Lacks)
		accepted, result := w.accept(kind)
		require.Len(t, accepted, 1)
		assert.Equal(t, "u/a.csv: right as it is, with the 2 records that could be used and without the 2 that could not", accepted[0].String())
		assert.Equal(t, extract.StreamComplete, result.State)
		for range 2 {
			res := w.read()
			require.NoError(t, res.Err)
			assert.Empty(t, res.Lacks)
		}
		assert.Empty(t, w.check().Lacks, "check says what a run says")
		accepted, _ = w.accept(kind)
		assert.Empty(t, accepted)
		w.put("u/a.csv", lacking[kind]+strings.Split(lacking[kind], "\n")[2]+"\n")
		assert.Contains(t, w.read().Lacks, "3 of its 5 rows")
	})
}

// TestCheckSaysOfAFileWhatARunSays, before the first run too.
func TestCheckSaysOfAFileWhatARunSays(t *testing.T) {
	t.Parallel()
	eachLacking(t, func(t *testing.T, w *world, _ string) {
		checked := w.check()
		require.NoError(t, checked.Err)
		read := w.read()
		assert.Equal(t, read.Lacks, checked.Lacks)
		assert.Contains(t, checked.Lacks, twoOfFour)
		assert.Equal(t, read.Fix, checked.Fix)
		assert.Equal(t, read.Lacks, w.check().Lacks)
	})
}

// TestAcceptAListThatIsHeldForWhatItLacks has it count.
func TestAcceptAListThatIsHeldForWhatItLacks(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, w *world, kind string) {
		w.clock.Set(time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC))
		w.put("u/l-2026-11-01.csv", list(kind, 40, 0))
		require.NoError(t, w.read().Err)
		w.put("u/l-2026-11-02.csv", list(kind, 35, 5))
		require.ErrorContains(t, w.read().Err, "if it is right without them, type: rightseat accept uploads/"+kind)
		accepted, result := w.accept(kind)
		assert.Equal(t, []extract.Accepted{{List: "u/l-2026-11-02.csv", After: 35, Bad: 5}}, accepted)
		assert.Equal(t, extract.StreamComplete, result.State)
		assert.Equal(t, []string{"2026-11-01 40", "2026-11-02 35"}, w.counted())
		require.NoError(t, w.read().Err)
	})
}

// TestAFileThatSaysOfNoAppWhichItIs is refused: each of its rows would be dropped.
func TestAFileThatSaysOfNoAppWhichItIs(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"roster", "engagement"} {
		w := newWorld(t, map[string]any{"kind": kind, "path": "u/*.csv"})
		w.conn.App = ""
		w.put("u/a.csv", strings.ReplaceAll(lacking[kind], "email", "email,application"))
		for _, res := range []extract.StreamResult{w.check(), w.read()} {
			assert.Equal(t, extract.StreamFailed, res.State)
			assert.ErrorContains(t, res.Err, "nothing says which app it is of")
		}
		w.put("u/a.csv", strings.ReplaceAll(lacking[kind], "email,", "email,app,"))
		assert.NotContains(t, w.check().Error, "which app")
	}
}
