package pipelines

import (
	"time"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

// overdueAfter is how long a due time may pass before nobody is on the way any more: whoever runs
// the pipelines starts within a minute, a run by hand may be waited for.
const overdueAfter = 15 * time.Minute

// Standing is how a workspace stands: its streams, how the newest run came out, what is published,
// and when its pipelines are due.
type Standing struct {
	Streams []StreamHealth
	// LastRun is the newest run, nil before the first; LastEnded the newest that is not at work now.
	LastRun, LastEnded *Run
	// LastPublished is the newest run whose result was published; nil when none is known.
	LastPublished *Run
	Due           []Due
}

// IsOverdue tells whether a pipeline should have run by now.
func (d Due) IsOverdue(now time.Time) bool { return now.Sub(d.At) > overdueAfter }

// Stand looks at a workspace without changing it. The streams stand as of a date (YYYY-MM-DD).
func Stand(cfg *config.Config, store *lake.Store, ledger *Ledger, s *Scheduler, asOf string) (*Standing, error) {
	var at Standing
	var err error
	if at.Streams, err = Health(cfg, store, ledger, asOf, nil); err != nil {
		return nil, err
	}
	short, err := shortStreams(ledger, nil)
	if err != nil {
		return nil, err
	}
	markShort(at.Streams, short)
	runs, err := ledger.Standing(2)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if at.LastRun == nil {
			at.LastRun = r
		}
		if at.LastEnded == nil && r.Status != RunRunning {
			at.LastEnded = r
		}
	}
	err = ledger.Newest(func(r *Run) bool {
		if r.Published {
			at.LastPublished = r
		}
		return at.LastPublished == nil
	})
	if err != nil {
		return nil, err
	}
	// The demo's vendors are gone with it, so there nothing is due.
	if at.LastRun == nil || at.LastRun.Command != "demo" {
		at.Due, err = s.Dues()
	}
	return &at, err
}

// ExitCode is what a monitor is told: 1 when the last run that ended failed or was cut short, 3 when
// a stream is in error or stale, that run's result was incomplete, or a pipeline is overdue while
// nothing runs; else 0.
func (s *Standing) ExitCode(now time.Time) int {
	isRunning := s.LastRun != nil && s.LastRun.Status == RunRunning
	if r := s.LastEnded; r != nil && (r.Status == RunFailed || r.Status == RunInterrupted) {
		return ExitFailed
	}
	if r := s.LastEnded; r != nil && r.Status == RunIncomplete {
		return ExitIncomplete
	}
	for _, h := range s.Streams {
		if h.State == ErrorState || h.IsStale && h.CountsForExit {
			return ExitIncomplete
		}
	}
	for _, d := range s.Due {
		if d.IsOverdue(now) && !isRunning {
			return ExitIncomplete
		}
	}
	return ExitOK
}
