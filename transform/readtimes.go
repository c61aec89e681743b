package transform

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/lake"
)

// Commits of a stream follow each other in time. Where a later one was made before an earlier one, the clock was ahead
// at the earlier: what it read was read before anything that was read behind it.

// checkAhead names lists of days that had not come.
const checkAhead = "read_ahead_of_time"

var errClockWasAhead = errors.New("the clock was ahead when the stream was read before")

// readTimes tells of each of some commits when the earliest of those behind it was made, and when the earliest of what these
// brought was read; zero times where there are none.
type readTimes []struct{ made, read time.Time }

func newReadTimes(commits []*lake.Commit) readTimes {
	times := make(readTimes, len(commits))
	for i := len(commits) - 2; i >= 0; i-- {
		next := commits[i+1]
		times[i] = times[i+1]
		t := &times[i]
		t.made, t.read = earlier(t.made, next.CommittedAt), earlier(t.read, next.CommittedAt)
		for _, s := range next.Snapshots {
			t.read = earlier(t.read, s.ReadAt)
		}
	}
	return times
}

// earlier is the earlier one of two times; a zero one is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// correct sets back the time at which the snapshot of commit i was read, if its clock was ahead. It tells whether
// the snapshot is then of a day that had not come: it can't be that day's.
func (t readTimes) correct(i int, s *lake.Snapshot) (ahead bool) {
	behind := t[i]
	if behind.made.IsZero() || !s.ReadAt.After(behind.made.Add(clock.Tolerance)) {
		return false
	}
	s.ReadAt = behind.read.Add(-time.Microsecond)
	return s.Date > behind.made.UTC().AddDate(0, 0, 1).Format(time.DateOnly)
}

func aheadSample(s *lake.Snapshot) string {
	return fmt.Sprintf("the list of %s was read by %s, with a clock that was ahead: it does not count, the readings behind it do",
		s.Date, s.ReadAt.UTC().Format(time.DateOnly))
}

// requireOnwards fails with [errClockWasAhead] when new commits show that of a snapshot which the build file has: what
// was made of it is to be made anew.
func (r *runner) requireOnwards(ctx context.Context, connection, stream string, commits []*lake.Commit) error {
	earliest := commits[0].CommittedAt
	for _, c := range commits[1:] {
		if c.CommittedAt.Before(earliest) {
			earliest = c.CommittedAt
		}
	}
	var n int64
	err := r.db.QueryRowContext(ctx, "SELECT count(*) FROM _state.snapshots WHERE connection = ? AND stream = ? AND read_at > ?",
		connection, stream, earliest.UTC().Add(clock.Tolerance)).Scan(&n)
	if err != nil {
		return fmt.Errorf("compare the times of readings: %w", err)
	}
	if n > 0 {
		return errClockWasAhead
	}
	return nil
}
