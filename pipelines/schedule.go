package pipelines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lock"
	"github.com/rightseat/rightseat/internal/yamlx"
)

const (
	// longestSleep bounds how late a due time is noticed after the machine was suspended.
	longestSleep = time.Minute
	// neverRan is how far back a pipeline without any run looks for its latest due time.
	neverRan = 366 * 24 * time.Hour
	// maxAttempts is how often one due time is tried when the process dies on the way.
	maxAttempts = 3
)

// Scheduler runs pipelines when they are due. What is due follows from the ledger alone, so
// a restart neither repeats nor forgets: after downtime each pipeline runs once, for its
// latest missed due time, and a run that was cut short runs again.
type Scheduler struct {
	Config *config.Config
	Ledger *Ledger
	Clock  clock.Clock
	Log    *slog.Logger
	// Run runs one pipeline for a due time and gives the run's exit code. Its error is logged and ends nothing.
	Run func(ctx context.Context, pipeline string, due time.Time) (exitCode int, err error)
}

// Due is a pipeline with its next due time, which may be in the past.
type Due struct {
	Pipeline string
	At       time.Time // in the pipeline's time zone
}

// Serve runs what is due until the context ends, which is its regular end. Pipelines run
// one after the other.
func (s *Scheduler) Serve(ctx context.Context) error {
	crons, err := s.crons()
	if err != nil {
		return err
	}
	announced := map[string]time.Time{}
	for ctx.Err() == nil {
		dues, err := s.dues(crons)
		if err != nil {
			return err
		}
		s.announce(dues, announced)
		next := first(dues)
		wait := next.At.Sub(s.Clock.Now())
		if wait <= 0 {
			if wait = s.runOne(ctx, next); wait == 0 {
				continue
			}
		}
		if err := s.Clock.Sleep(ctx, min(wait, longestSleep)); err != nil {
			break
		}
	}
	s.Log.Info("schedule stopped")
	return nil
}

// announce logs the due times that were not said yet: at the start, after each run, and when
// a run by hand has settled one.
func (s *Scheduler) announce(dues []Due, announced map[string]time.Time) {
	now := s.Clock.Now()
	for _, d := range dues {
		if announced[d.Pipeline].Equal(d.At) {
			continue
		}
		announced[d.Pipeline] = d.At
		at := d.At.Format("2006-01-02 15:04 MST")
		if !d.At.After(now) {
			s.Log.Info("pipeline has missed a due time", "pipeline", d.Pipeline, "due_at", at)
			continue
		}
		s.Log.Info("pipeline is due next", "pipeline", d.Pipeline, "due_at", at, "in", d.At.Sub(now).Round(time.Second).String())
	}
}

// Dues tells when each pipeline that has a schedule is due next, ordered by name; none when no
// pipeline has one.
func (s *Scheduler) Dues() ([]Due, error) {
	crons, err := s.scheduled()
	if err != nil || len(crons) == 0 {
		return nil, err
	}
	return s.dues(crons)
}

// Once runs what is due now. The exit code is 3 when a run was incomplete; the error is of the first
// run that failed.
func (s *Scheduler) Once(ctx context.Context) (exitCode int, err error) {
	dues, err := s.Dues()
	if err == nil && len(dues) == 0 {
		_, err = s.crons() // says what is missing
	}
	if err != nil {
		return ExitFailed, err
	}
	var failed error
	ran := false
	for _, d := range dues {
		if ctx.Err() != nil || d.At.After(s.Clock.Now()) {
			continue
		}
		ran = true
		code, err := s.Run(ctx, d.Pipeline, d.At.UTC())
		if err != nil && failed == nil {
			failed = fmt.Errorf("pipeline %s: %w", d.Pipeline, err)
		}
		exitCode = max(exitCode, code)
	}
	if !ran && ctx.Err() == nil {
		s.announce(dues, map[string]time.Time{})
	}
	return exitCode, failed
}

// runOne runs a due pipeline and says how long to wait before looking again.
func (s *Scheduler) runOne(ctx context.Context, d Due) time.Duration {
	s.Log.Info("pipeline is due", "pipeline", d.Pipeline, "due_at", d.At)
	_, err := s.Run(ctx, d.Pipeline, d.At.UTC())
	if err == nil || ctx.Err() != nil {
		return 0
	}
	s.Log.Error("pipeline failed", "pipeline", d.Pipeline, "due_at", d.At, "error", err)
	var held *lock.HeldError
	var ro *lock.ReadOnlyError
	if errors.As(err, &held) || errors.As(err, &ro) {
		return longestSleep // it could not start, so it is still due
	}
	if next, nextErr := s.dueOf(d.Pipeline); nextErr != nil || !next.After(s.Clock.Now()) {
		return longestSleep // it could not be recorded: do not spin
	}
	return 0
}

func (s *Scheduler) crons() (map[string]*Cron, error) {
	if len(s.Config.Pipelines) == 0 {
		return nil, Usagef("%s has no pipelines: add one under `pipelines:`, e.g. daily: {schedule: \"0 3 * * *\"}", s.Config.File)
	}
	crons, err := s.scheduled()
	if err == nil && len(crons) == 0 {
		err = Usagef("no pipeline in %s has a schedule", s.Config.File)
	}
	return crons, err
}

// scheduled are the pipelines that have a schedule.
func (s *Scheduler) scheduled() (map[string]*Cron, error) {
	crons := map[string]*Cron{}
	for name, p := range s.Config.Pipelines {
		c, err := pipelineCron(s.Config, p)
		if err != nil {
			return nil, Usagef("%s: pipelines.%s: %w", s.Config.File, name, err)
		}
		if c != nil {
			crons[name] = c
		}
	}
	return crons, nil
}

func pipelineCron(cfg *config.Config, p config.Pipeline) (*Cron, error) {
	if p.Schedule == "" {
		return nil, nil
	}
	loc := cfg.Organisation.Timezone
	if p.Timezone != "" {
		var err error
		if loc, err = time.LoadLocation(p.Timezone); err != nil {
			return nil, fmt.Errorf("timezone %q: %w", p.Timezone, err)
		}
	}
	return ParseCron(p.Schedule, loc)
}

// first is the pipeline that is due first; of several, the first by name.
func first(dues []Due) Due {
	return slices.MinFunc(dues, func(a, b Due) int { return a.At.Compare(b.At) })
}

func (s *Scheduler) dueOf(pipeline string) (time.Time, error) {
	crons, err := s.crons()
	if err != nil {
		return time.Time{}, err
	}
	dues, err := s.dues(map[string]*Cron{pipeline: crons[pipeline]})
	if err != nil {
		return time.Time{}, err
	}
	return dues[0].At, nil
}

// dues gives every pipeline's due time, ordered by name.
func (s *Scheduler) dues(crons map[string]*Cron) ([]Due, error) {
	now := s.Clock.Now()
	anchors, err := s.anchors(crons, now)
	if err != nil {
		return nil, err
	}
	var dues []Due
	for _, name := range yamlx.SortedKeys(crons) {
		at := crons[name].LatestBetween(anchors[name], now)
		if at.IsZero() {
			at = crons[name].Next(now)
		}
		dues = append(dues, Due{name, at.In(crons[name].loc)})
	}
	return dues, nil
}

// anchors tells, per pipeline, up to when its due times are settled: by the due time of its
// newest scheduled run, or by the start of a run by hand that covered it. A run that was cut
// short settles nothing, unless the process died over the same due time again and again.
func (s *Scheduler) anchors(crons map[string]*Cron, now time.Time) (map[string]time.Time, error) {
	anchors, cut := map[string]time.Time{}, map[string]int{}
	err := s.Ledger.Newest(func(r *Run) bool {
		for name := range crons {
			if _, ok := anchors[name]; ok || !covers(r, name) {
				continue
			}
			at := r.StartedAt
			if r.DueAt != nil {
				at = *r.DueAt
			}
			if r.Status == RunInterrupted || r.Status == RunRunning {
				key := name + at.String()
				if cut[key]++; r.DueAt == nil || cut[key] < maxAttempts {
					continue
				}
			}
			anchors[name] = at
		}
		return len(anchors) < len(crons)
	})
	for name := range crons {
		if _, ok := anchors[name]; !ok {
			anchors[name] = now.Add(-neverRan)
		}
	}
	return anchors, err
}

// covers tells whether a run did what the pipeline does.
func covers(r *Run, pipeline string) bool {
	if r.Command != "run" {
		return false
	}
	if r.Pipeline == pipeline {
		return true
	}
	return r.Pipeline == "" && len(r.Connections) == 0 && r.Status != RunFailed
}
