// Fuzz runs every fuzz target below the working directory, each for a short while, and fails
// when one finds something. Targets are found in the source, so that a new one needs no entry
// in any list:
//
//	go run ./internal/fuzz -time 3s
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"
)

func main() {
	fuzztime := flag.Duration("time", 3*time.Second, "how long each target runs")
	list := flag.Bool("list", false, "only list the targets")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, *fuzztime, *list)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, fuzztime time.Duration, listOnly bool) error {
	targets, err := find(os.DirFS("."))
	if err != nil {
		return err
	}
	var failed []error
	for _, t := range targets {
		if listOnly {
			if _, err := fmt.Fprintln(out, t); err != nil {
				return err
			}
			continue
		}
		start := time.Now()
		text, err := t.run(ctx, fuzztime)
		result := "ok  "
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", t, err))
			result = "FAIL"
		}
		if _, err := fmt.Fprintf(out, "%s\t%s\t%.1fs\n", result, t, time.Since(start).Seconds()); err != nil {
			return err
		}
		if result == "FAIL" {
			if _, err := fmt.Fprintln(out, text); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(failed...)
}

// run fuzzes the target and gives the output of go test. When the time is up while an input is
// being tried, go test now and then calls that a failure although no input failed; such a run
// is repeated once.
func (t target) run(ctx context.Context, fuzztime time.Duration) (string, error) {
	text, err := t.once(ctx, fuzztime)
	if err != nil && timeWasUp(text) {
		return t.once(ctx, fuzztime)
	}
	return text, err
}

func (t target) once(ctx context.Context, fuzztime time.Duration) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+fuzztime.String(), t.dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func timeWasUp(text string) bool {
	return strings.Contains(text, "context deadline exceeded") && !strings.Contains(text, "Failing input written")
}
