// Command bench measures rightseat against plain work of the same kind, side by side on one machine, and
// prints a table of ratios. Every part runs in a process of its own, so that its peak
// memory is known, and verifies the rows that came out. Medians of the rounds count.
//
//	go run ./internal/bench                  everything, as published in docs/performance.md
//	BENCH_SCALE=0.02 go run ./internal/bench the same at a fiftieth of the size
//	go run ./internal/bench -only series
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func start(ctx context.Context) error {
	if is, err := isChild(ctx); is {
		return err
	}
	var s settings
	flag.Float64Var(&s.Scale, "scale", 1, "size of everything; BENCH_SCALE sets it, too")
	only := flag.String("only", "landing,series,increment,reports,spend", "which parts to run")
	flag.IntVar(&s.Rounds, "rounds", 3, "how often each figure is taken; the median counts")
	flag.StringVar(&s.Dir, "dir", "", "folder to work in; empty: a temporary one")
	if text := os.Getenv("BENCH_SCALE"); text != "" {
		if err := flag.Set("scale", text); err != nil {
			return fmt.Errorf("BENCH_SCALE=%q: expected a number such as 0.1", text)
		}
	}
	flag.Parse()
	s.Only = strings.Split(*only, ",")
	return measureAll(ctx, s, func(line string) { fmt.Println(line) })
}

// settings are what a person chooses.
type settings struct {
	Scale  float64
	Rounds int
	Only   []string
	Dir    string
}

// scaled is n at the chosen size, and at least the smallest with which the part makes sense.
func (s settings) scaled(n, least int) int { return max(least, int(float64(n)*s.Scale)) }

func measureAll(ctx context.Context, s settings, print func(string)) (err error) {
	if s.Dir == "" {
		if s.Dir, err = os.MkdirTemp("", "rightseat-bench-*"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(s.Dir)) }()
	}
	out := &table{print: print}
	for _, part := range []struct {
		name    string
		measure func(context.Context, settings, *table) error
	}{{"landing", measureLanding}, {"series", measureSeries}, {"increment", measureIncrement}, {"reports", measureReports}, {"spend", measureSpend}} {
		if !slices.Contains(s.Only, part.name) {
			continue
		}
		if err := part.measure(ctx, s, out); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// table prints figures as they come.
type table struct {
	print  func(string)
	headed bool
}

func (t *table) head() {
	if !t.headed {
		t.print(fmt.Sprintf("%-58s %9s %13s %9s", "", "seconds", "rows verified", "peak MB"))
		t.headed = true
	}
}

// figure prints the median of a part's rounds.
func (t *table) figure(name string, r result) {
	t.head()
	memory := "unknown"
	if r.Peak > 0 {
		memory = strconv.Itoa(r.Peak)
	}
	t.print(fmt.Sprintf("%-58s %9.2f %13d %9s", name, r.Seconds, r.Rows, memory))
}

// ratio prints a figure beside its target.
func (t *table) ratio(name, value, target string, met bool) {
	t.head()
	verdict := "met"
	if !met {
		verdict = "MISSED"
	}
	t.print(fmt.Sprintf("  → %-54s %9s   target %-9s %s", name, value, target, verdict))
}

// median is the result of middle time, with the highest peak of all.
func median(results []result) result {
	slices.SortFunc(results, func(a, b result) int {
		switch {
		case a.Seconds < b.Seconds:
			return -1
		case a.Seconds > b.Seconds:
			return 1
		}
		return 0
	})
	m := results[len(results)/2]
	for _, r := range results {
		m.Peak = max(m.Peak, r.Peak)
	}
	return m
}

// interleaved runs the tasks in turn, round after round, so that a busy minute of the machine
// hits all of them, and gives the median of each.
func interleaved(ctx context.Context, rounds int, tasks ...task) ([]result, error) {
	all := make([][]result, len(tasks))
	for range rounds {
		for i, t := range tasks {
			r, err := run(ctx, t)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], r)
		}
	}
	out := make([]result, len(tasks))
	for i, rs := range all {
		out[i] = median(rs)
	}
	return out, nil
}
