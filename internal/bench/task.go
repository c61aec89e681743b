package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/rightseat/rightseat/internal/duck"
)

// taskVariable holds, in a child process, what it is to do. It is a variable and no flag, so that
// a test's binary can be a child, too.
const taskVariable = "RIGHTSEAT_BENCH_TASK"

// task is one measured part. It runs in a process of its own, so that the memory is all its own.
type task struct {
	Part string
	Dir  string // where it finds and leaves files
	// Events is how many events are landed.
	Events int
	// People, Apps and Days size the made-up organisation or series.
	People, Apps, Days int
	// From is the first day that is new.
	From int
	// Texts is how many distinct statement texts are matched.
	Texts int
	// Sample is how many of the days the range join counts.
	Sample int
	// Large makes the organisation that of the reports' benchmark: about a dozen sign-ins a person and day
	// from a file, and people, accounts and assignments read once a week.
	Large bool
}

// logins is how many sign-ins there are a person and day.
func (t task) logins() int {
	if t.Large {
		return 12
	}
	return 2
}

// snapshotWeekday is the day of the week, counted from day 0, on which a large organisation is read whole: that of
// day 365, the first after a year.
const snapshotWeekday = 365 % 7

// hasSnapshots tells whether people, accounts and assignments are read that day.
func (t task) hasSnapshots(day int) bool { return day == t.newestSnapshot(day) }

// newestSnapshot is the last day, that one included, on which people, accounts and assignments were read.
func (t task) newestSnapshot(day int) int {
	if !t.Large {
		return day
	}
	return max(0, day-(day-snapshotWeekday+7)%7)
}

// memory is DuckDB's limit.
func (t task) memory() string {
	if t.Large {
		return "4GB"
	}
	return memory
}

// result is what a part measured and verified.
type result struct {
	Seconds float64
	Rows    int64
	Bytes   int64
	Peak    int // MB of memory at most, by the operating system's count; 0: unknown
	Sum     int64
	Note    string
	// Scores of the labelled statement texts, by half.
	Scores map[string]quality
}

var parts = map[string]func(context.Context, task) (result, error){
	"serve":        func(_ context.Context, t task) (result, error) { return result{}, server(t.Events) },
	"write events": writeEvents,
	"land":         land,
	"read_json":    readJSON,

	"write activity": writeActivity,
	"series":         series,
	"group by":       groupBy,
	"range join":     rangeJoin,

	"range join of public ids": publicRangeJoin,

	"write history": writeHistory,
	"rebuild":       rebuild,
	"increment":     increment,
	"publish":       publish,

	"match labelled texts": matchLabelled,
	"match many texts":     matchMany,
}

// isChild tells whether this process was started to do one task, and does it.
func isChild(ctx context.Context) (bool, error) {
	text := os.Getenv(taskVariable)
	if text == "" {
		return false, nil
	}
	var t task
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return true, fmt.Errorf("%s: %w", taskVariable, err)
	}
	r, err := parts[t.Part](ctx, t)
	if err != nil {
		return true, err
	}
	return true, json.NewEncoder(os.Stdout).Encode(r)
}

// child prepares a process for a task.
func child(ctx context.Context, t task) (*exec.Cmd, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), taskVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	return cmd, nil
}

// run does a task in a process of its own.
func run(ctx context.Context, t task) (r result, err error) {
	cmd, err := child(ctx, t)
	if err != nil {
		return r, err
	}
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%s: %w", t.Part, err)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, fmt.Errorf("%s: %w", t.Part, err)
	}
	return r, nil
}

// peak is the most memory this process has had at once, in MB, as Linux tells it; 0 elsewhere.
func peak() int {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(data) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			var kb int
			if _, err := fmt.Sscan(string(rest), &kb); err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}

// database is an open DuckDB database.
type database struct{ *sql.DB }

// memory is DuckDB's limit in every part but the large one; it spills beyond.
const memory = "2GB"

func withDuck(ctx context.Context, path string, use func(*database) error) (err error) {
	db, err := duck.Open(ctx, path, duck.Options{Memory: memory, TempDir: os.TempDir()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1) // temporary tables are a connection's own
	return use(&database{db})
}

func (db *database) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%w\nin: %.300s", err, s)
		}
	}
	return nil
}

func (db *database) number(ctx context.Context, query string) (n int64, err error) {
	if err := db.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("%w\nin: %.300s", err, query)
	}
	return n, nil
}
