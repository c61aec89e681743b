package pipelines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	// Run runs one pipeline for a due time. Its error is logged and ends nothing.
	Run func(ctx context.Context, pipeline string, due time.Time) error
}

// Due is a pipeline with its next due time (UTC), which may be in the past.
type Due struct {
	Pipeline string
	At       time.Time
}

// Serve runs what is due until the context ends, which is its regular end. Pipelines run
// one after the other.
func (s *Scheduler) Serve(ctx context.Context) error {
	crons, err := s.crons()
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		next, err := s.next(crons)
		if err != nil {
			return err
		}
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

// Once runs what is due now and returns; the error is of the first run that failed.
func (s *Scheduler) Once(ctx context.Context) error {
	crons, err := s.crons()
	if err != nil {
		return err
	}
	dues, err := s.dues(crons)
	if err != nil {
		return err
	}
	var first error
	for _, d := range dues {
		if ctx.Err() != nil || d.At.After(s.Clock.Now()) {
			continue
		}
		if err := s.Run(ctx, d.Pipeline, d.At); err != nil && first == nil {
			first = fmt.Errorf("pipeline %s: %w", d.Pipeline, err)
		}
	}
	return first
}

// runOne runs a due pipeline and says how long to wait before looking again.
func (s *Scheduler) runOne(ctx context.Context, d Due) time.Duration {
	s.Log.Info("pipeline is due", "pipeline", d.Pipeline, "due_at", d.At)
	err := s.Run(ctx, d.Pipeline, d.At)
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
	if len(crons) == 0 {
		return nil, Usagef("no pipeline in %s has a schedule", s.Config.File)
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

// next is the pipeline that is due first; of several, the first by name.
func (s *Scheduler) next(crons map[string]*Cron) (Due, error) {
	dues, err := s.dues(crons)
	if err != nil {
		return Due{}, err
	}
	first := dues[0]
	for _, d := range dues[1:] {
		if d.At.Before(first.At) {
			first = d
		}
	}
	return first, nil
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
		dues = append(dues, Due{name, at})
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
