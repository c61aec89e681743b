package lake_test

import (
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/internal/lake"
)

func TestLakeOfAPastInstant(t *testing.T) {
	t.Parallel()
	store := lake.Open(t.TempDir())
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	commit := func(connection, stream string, at time.Time) {
		st, err := store.Stream(connection, stream)
		require.NoError(t, err)
		mark := at.Add(-time.Hour)
		land(t, st, lake.Commit{Connector: "okta", State: lake.Complete, CommittedAt: at, Watermark: &mark},
			lake.Row{RecordID: at.String(), EventAt: at, ExtractedAt: at, Payload: []byte("{}")})
	}
	for _, n := range []int{0, 2, 4} {
		commit("okta", "users", day(n))
	}
	commit("okta", "groups", day(4))
	commit("zoom", "users", day(3))
	// A clock that had run ahead when the second commit was made.
	for _, n := range []int{1, 900, 2} {
		commit("ahead", "log", day(n))
	}

	for _, c := range []struct {
		name        string
		at          time.Time
		connections []string
		okta        []string // streams
		users       int64    // commits of okta/users
		ahead       int      // commits of ahead/log
	}{
		{"before everything", day(0).Add(-time.Nanosecond), nil, nil, 0, 0},
		{"at the instant of a commit", day(0), []string{"okta"}, []string{"users"}, 1, 0},
		{"between commits", day(1), []string{"ahead", "okta"}, []string{"users"}, 1, 1},
		{"beyond a clock that was wrong", day(2), []string{"ahead", "okta"}, []string{"users"}, 2, 3},
		{"one connection more", day(3), []string{"ahead", "okta", "zoom"}, []string{"users"}, 2, 3},
		{"one stream more", day(4), []string{"ahead", "okta", "zoom"}, []string{"groups", "users"}, 3, 3},
		{"now", day(1000), []string{"ahead", "okta", "zoom"}, []string{"groups", "users"}, 3, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			past := store.At(c.at).At(day(2000)) // no later than the view it is taken of
			connections, err := past.Connections()
			require.NoError(t, err)
			assert.Equal(t, c.connections, connections)
			streams, err := past.Streams("okta")
			require.NoError(t, err)
			assert.Equal(t, c.okta, streams)
			st, err := past.Stream("okta", "users")
			require.NoError(t, err)
			assert.Len(t, rowsOf(t, st), int(c.users))
			last, err := st.Last()
			require.NoError(t, err)
			if c.users == 0 {
				assert.Nil(t, last)
			} else {
				assert.Equal(t, c.users, last.Seq)
				assert.Equal(t, c.users, last.RowsTotal)
				assert.Equal(t, last.CommittedAt.Add(-time.Hour), *last.Watermark, "the watermark of then")
			}
			_, err = st.Commit(c.users + 1)
			require.ErrorIs(t, err, fs.ErrNotExist)
			log, err := past.Stream("ahead", "log")
			require.NoError(t, err)
			commits, err := log.After(0)
			require.NoError(t, err)
			assert.Len(t, commits, c.ahead)

			_, err = st.Begin()
			require.ErrorIs(t, err, lake.ErrPast)
			_, err = past.Sweep()
			require.ErrorIs(t, err, lake.ErrPast)
			require.ErrorIs(t, past.Forget("okta"), lake.ErrPast)
		})
	}
	require.DirExists(t, store.Root())
}
