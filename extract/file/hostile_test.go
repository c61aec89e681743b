package file_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAKeyThatStandsTwice in an object says two things, and which one is meant nobody knows.
func TestAKeyThatStandsTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "org_chart", "path": "u/*.jsonl"})
	w.put("u/p.jsonl", `{"email":"a@x","last_name":"A","first_name":"A","team":"T"}
{"email":"b@x","email":"c@x","last_name":"B","first_name":"B","team":"T"}
{"email":"d@x","last_name":"D","first_name":"D","team":"T"," email ":"e@x"}
{"email":"f@x","last_name":"F","first_name":"F","team":"T","email":"f@x"}
{"email":"g@x","em\u0061il":"h@x","last_name":"B","first_name":"B","team":"T"}
`)
	res := w.read()
	require.NoError(t, res.Err)
	assert.EqualValues(t, 3, res.Issues)
	assert.Equal(t, `u/p.jsonl line 2: the key "email" stands twice, with different values`, issuesOf(w)[0])
	assert.Equal(t, []string{"2026-11-20 2"}, w.counted())
}

// TestACharacterThatIsLost is told, whatever program lost it.
func TestACharacterThatIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "exempt", "path": "u/p.*"})
	w.put("u/p.jsonl", "{\"email\":\"a@x\",\"note\":\"Zed \\ud83d\"}\n{\"email\":\"b@x\",\"note\":\"\\ud83d\\ude00\"}\n")
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []string{"lost_characters warning"}, checks(res, "lost_characters"))
	assert.EqualValues(t, 1, res.Findings[0].Count)
	assert.Equal(t, `u/p.jsonl: line 1, column note: a character is lost, and stands as �: "Zed �"; the row counts`, res.Findings[0].Sample)
}

// TestACellThatIsTooLong costs itself: a name of a megabyte is none, and a hundred of them would take the memory of the run.
func TestACellThatIsTooLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "org_chart", "path": "u/p.csv"})
	long := strings.Repeat("long ", 200_000)
	w.put("u/p.csv", "email,last_name,first_name,team,remark\na@x,A,A,"+long+",\nb@x,B,B,T,"+long+"\n"+long+"@x,C,C,T,\n")
	res := w.read()
	require.NoError(t, res.Err)
	assert.EqualValues(t, 1, res.Issues)
	assert.Contains(t, issuesOf(w)[0], "u/p.csv line 4, column email: longer than 64 KiB")
	assert.Equal(t, []string{"bad_team warning", "long_text warning"}, checks(res, "bad_team", "long_text"))
	for _, r := range w.rows() {
		assert.Less(t, len(r.Payload), 40_000)
	}
	assert.Equal(t, map[string]any{"email": "a@x", "last_name": "A", "first_name": "A", "_raw": map[string]any{"team": long[:16<<10]}}, w.payloads()[0])
}

// TestARowWithoutADateAmongOthersWithOne is of no list: it made one of its own, of the day of reading, on which all others had left.
func TestARowWithoutADateAmongOthersWithOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]any{"kind": "roster", "path": "u/*.csv"})
	w.put("u/p.csv", "email,snapshot_date\na@x,2026-11-02\nb@x,2026-11-02\nc@x,\nd@x,N/A\n")
	w.put("u/q-2026-11-03.csv", "email,snapshot_date\na@x,2026-11-03\nb@x,\n")
	res := w.read()
	require.NoError(t, res.Err)
	assert.Equal(t, []string{"2026-11-02 2", "2026-11-03 2"}, w.counted())
	assert.Equal(t, []string{
		"u/p.csv line 4, column snapshot_date: a value is required, as other rows have one",
		"u/p.csv line 5, column snapshot_date: a value is required, as other rows have one",
	}, issuesOf(w))
}
