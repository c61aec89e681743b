package pipelines

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"sync"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/lock"
)

const (
	ledgerVersion = 1
	// keepRuns is how many runs the ledger remembers: more than a year of daily ones.
	keepRuns = 400
	// runIDLayout starts a run's id; a two-digit number follows it.
	runIDLayout = "20060102T150405Z"
)

// damagedSuffix ends the name of a record that was set aside, see [Ledger.Recover].
const damagedSuffix = ".damaged"

var runFile = regexp.MustCompile(`^(\d{8}T\d{6}Z-\d{2})\.json(` + regexp.QuoteMeta(damagedSuffix) + `)?$`)

// RunStatus says how a run came out.
type RunStatus string

// The states of a run.
const (
	RunRunning     RunStatus = "running"
	RunSucceeded   RunStatus = "succeeded"   // exit code 0
	RunIncomplete  RunStatus = "incomplete"  // published with a stream behind; exit code 3
	RunFailed      RunStatus = "failed"      // nothing published; exit code 1
	RunInterrupted RunStatus = "interrupted" // ended before it could finish; its work is kept
)

// StageOutcome says how a stage of a run came out.
type StageOutcome string

// The states of a stage.
const (
	StageRunning     StageOutcome = "running"
	StageOK          StageOutcome = "ok"
	StageFailed      StageOutcome = "failed"
	StageInterrupted StageOutcome = "interrupted"
)

// Run is the record of one run in the ledger. Times are UTC.
type Run struct {
	Format  int    `json:"format"`
	ID      string `json:"run_id"`
	Command string `json:"command"` // run, extract, transform, load, backfill, forget, accept, demo
	// Pipeline is empty for a run of no pipeline in particular.
	Pipeline string `json:"pipeline,omitempty"`
	// DueAt is set for runs that the schedule started.
	DueAt *time.Time `json:"due_at,omitempty"`
	AsOf  string     `json:"as_of"` // YYYY-MM-DD
	// Connections are the ones asked for; empty means all.
	Connections []string   `json:"connections,omitempty"`
	Version     string     `json:"version"` // of the program
	PID         int        `json:"pid"`
	StartedAt   time.Time  `json:"started_at"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	Status      RunStatus  `json:"status"`
	Published   bool       `json:"published"`
	ExitCode    *int       `json:"exit_code,omitempty"`
	Error       string     `json:"error,omitempty"` // no secrets

	Stages  []Stage                `json:"stages"`
	Streams []extract.StreamResult `json:"streams,omitempty"`
	Checks  []Check                `json:"checks,omitempty"`
	Short   []ShortStream          `json:"short,omitempty"` // of the transform
}

// Stage is one stage of a run. Times are UTC.
type Stage struct {
	Name      string       `json:"name"` // recover, extract, transform, load, forget, accept
	StartedAt time.Time    `json:"started_at"`
	EndedAt   *time.Time   `json:"ended_at,omitempty"`
	Outcome   StageOutcome `json:"outcome"`
	Detail    string       `json:"detail,omitempty"`
	Error     string       `json:"error,omitempty"`
}

// Ledger is the record of all runs of a workspace: one small file per run, replaced whole
// after each stage. Its names sort by time, so the newest runs are found without reading
// the others. One process writes at a time; any number may read.
//
// A record that cannot be read, as a failing disk leaves it, is in nobody's way: readers
// leave it out with a warning, and the next run sets it aside.
type Ledger struct {
	workspace string
	dir       string
	log       *slog.Logger
	// warned are the damaged records that were warned of.
	warned sync.Map
}

// OpenLedger gives access to a workspace's ledger. Nothing is created before the first run.
// Damaged records are warned of in log; nil for nowhere.
func OpenLedger(workspace string, log *slog.Logger) *Ledger {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Ledger{workspace: workspace, dir: filepath.Join(workspace, "state", "runs"), log: log}
}

// damagedError is a record that does not hold what was once written.
type damagedError struct {
	path string
	err  error
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("the record of a run in %s is damaged: %v", e.path, e.err)
}

func (e *damagedError) Unwrap() error { return e.err }

// Start gives the run its id and records it as running. Ids sort by the order of starting,
// also when the clock has gone back, and are unique.
func (l *Ledger) Start(r *Run) error {
	if err := atomicfile.MkdirAll(l.dir); err != nil {
		return fmt.Errorf("open the run ledger: %w", err)
	}
	given, err := l.list(true)
	if err != nil {
		return err
	}
	r.ID = nextRunID(given, r.StartedAt)
	r.Format, r.PID, r.Status = ledgerVersion, os.Getpid(), RunRunning
	data, err := marshalRun(r)
	if err != nil {
		return err
	}
	if err := atomicfile.CreateExclusive(l.path(r.ID), data); err != nil {
		return fmt.Errorf("record run %s: %w", r.ID, err)
	}
	return nil
}

// nextRunID follows on from the newest of ids (ascending).
func nextRunID(ids []string, now time.Time) string {
	first := now.UTC().Format(runIDLayout) + "-01"
	if len(ids) == 0 || ids[len(ids)-1] < first {
		return first
	}
	newest := ids[len(ids)-1]
	stamp, number := newest[:len(runIDLayout)], int(newest[len(newest)-2]-'0')*10+int(newest[len(newest)-1]-'0')
	if number < 99 {
		return fmt.Sprintf("%s-%02d", stamp, number+1)
	}
	at, err := time.Parse(runIDLayout, stamp)
	if err != nil { // runFile let 13 months or 61 seconds pass
		at = now
	}
	return at.Add(time.Second).UTC().Format(runIDLayout) + "-01"
}

// Save replaces the run's record.
func (l *Ledger) Save(r *Run) error {
	data, err := marshalRun(r)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(l.path(r.ID), data); err != nil {
		return fmt.Errorf("record run %s: %w", r.ID, err)
	}
	return nil
}

func marshalRun(r *Run) ([]byte, error) {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("record run %s: %w", r.ID, err)
	}
	return append(data, '\n'), nil
}

func (l *Ledger) path(id string) string { return filepath.Join(l.dir, id+".json") }

// ids lists the runs, oldest first, without reading them.
func (l *Ledger) ids() ([]string, error) { return l.list(false) }

// list lists the ids that were given to runs, oldest first; with all set also those whose records
// were set aside.
func (l *Ledger) list(all bool) ([]string, error) {
	entries, err := os.ReadDir(l.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the run ledger: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if m := runFile.FindStringSubmatch(e.Name()); m != nil && (all || m[2] == "") {
			ids = append(ids, m[1])
		}
	}
	sort.Strings(ids)
	return ids, nil
}

func (l *Ledger) read(id string) (*Run, error) {
	data, err := os.ReadFile(l.path(id))
	if err != nil {
		return nil, fmt.Errorf("read run %s: %w", id, err)
	}
	var r Run
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, &damagedError{l.path(id), err}
	}
	if r.Format == 0 || r.Format == ledgerVersion && r.ID != id {
		return nil, &damagedError{l.path(id), errors.New("it does not say which run it is of")}
	}
	if r.Format != ledgerVersion {
		return nil, fmt.Errorf("the record of run %s has format %d; this build reads format %d", id, r.Format, ledgerVersion)
	}
	return &r, nil
}

// Newest calls visit with the runs, newest first, reading each only when its turn comes,
// until visit returns false or there are no more. Damaged records are left out, with a warning.
func (l *Ledger) Newest(visit func(*Run) bool) error {
	ids, err := l.ids()
	if err != nil {
		return err
	}
	for i := len(ids) - 1; i >= 0; i-- {
		r, err := l.read(ids[i])
		var damaged *damagedError
		if errors.As(err, &damaged) {
			if _, again := l.warned.LoadOrStore(ids[i], true); !again {
				l.log.Warn("a damaged record of a run is left out; the next run sets it aside", "file", damaged.path, "error", damaged.err)
			}
			continue
		}
		if err != nil {
			return err
		}
		if !visit(r) {
			return nil
		}
	}
	return nil
}

// Tail gives the newest n runs, newest first.
func (l *Ledger) Tail(n int) ([]*Run, error) {
	var runs []*Run
	err := l.Newest(func(r *Run) bool {
		if len(runs) < n {
			runs = append(runs, r)
		}
		return len(runs) < n
	})
	return runs, err
}

// Standing gives the newest n runs as they stand, newest first: one that says it is running, while
// nobody holds the workspace's lock, was cut short. Nothing is written.
func (l *Ledger) Standing(n int) ([]*Run, error) {
	runs, err := l.Tail(n)
	if err != nil || len(runs) == 0 || runs[0].Status != RunRunning {
		return runs, err
	}
	_, held, err := lock.Held(l.workspace)
	if err != nil || held {
		return runs, err
	}
	// Its record is saved before the lock is given back, so what it says now is its last word.
	again, err := l.read(runs[0].ID)
	if err != nil {
		return nil, err
	}
	if runs[0] = again; again.Status == RunRunning {
		again.Status, again.Error = RunInterrupted, cutShort
	}
	return runs, nil
}

// cutShort is the error of a run whose process is gone.
const cutShort = "the process ended before the run did; what it had read is kept"

// Recover marks runs that a dead process left as running, removes half-written records and
// the oldest records beyond what is kept, and sets damaged ones aside, with a warning: the file
// stays, under its name with ".damaged" behind it, for whoever wants to look. The caller holds
// the workspace lock, so nothing that says it is running can be. It returns the ids it marked.
func (l *Ledger) Recover(now time.Time) ([]string, error) {
	if _, err := atomicfile.Sweep(l.dir); err != nil {
		return nil, err
	}
	ids, err := l.ids()
	if err != nil {
		return nil, err
	}
	if old := len(ids) - keepRuns; old > 0 {
		for _, id := range ids[:old] {
			if err := os.Remove(l.path(id)); err != nil {
				return nil, fmt.Errorf("prune the run ledger: %w", err)
			}
		}
		ids = ids[old:]
	}
	// Older ones were looked at when they were new; should one rot, readers leave it out.
	newest, err := l.setDamagedAside(ids[max(0, len(ids)-healthReadRuns):])
	// Each start comes through here, so only the newest record can still say "running".
	if err != nil || newest == nil || newest.Status != RunRunning {
		return nil, err
	}
	newest.interrupt(now, cutShort)
	return []string{newest.ID}, l.Save(newest)
}

// setDamagedAside renames the records that cannot be read and gives the newest of the others, nil
// when there is none.
func (l *Ledger) setDamagedAside(ids []string) (newest *Run, err error) {
	for _, id := range ids {
		r, err := l.read(id)
		var damaged *damagedError
		switch {
		case errors.As(err, &damaged):
			if err := os.Rename(damaged.path, damaged.path+damagedSuffix); err != nil {
				return nil, fmt.Errorf("set a damaged record aside: %w", err)
			}
			l.log.Warn("the record of a run was damaged and is set aside; what the run read and published is kept",
				"file", damaged.path+damagedSuffix, "error", damaged.err)
		case err != nil:
			return nil, err
		default:
			newest = r
		}
	}
	return newest, nil
}

// interrupt ends a run, and the stage it was in, before its time.
func (r *Run) interrupt(now time.Time, why string) {
	now = now.UTC()
	r.Status, r.Error, r.EndedAt = RunInterrupted, why, &now
	for i := range r.Stages {
		if r.Stages[i].Outcome == StageRunning {
			r.Stages[i].Outcome, r.Stages[i].EndedAt = StageInterrupted, &now
		}
	}
}

// DropInterrupted forgets a command's newest runs that did not finish, so that they leave no
// gap in the ids of those that follow. Nothing else may be running in the workspace.
func (l *Ledger) DropInterrupted(command string) error {
	var ids []string
	err := l.Newest(func(r *Run) bool {
		unfinished := r.Command == command && (r.Status == RunRunning || r.Status == RunInterrupted || r.Status == RunFailed)
		if unfinished {
			ids = append(ids, r.ID)
		}
		return unfinished
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := os.Remove(l.path(id)); err != nil {
			return fmt.Errorf("drop run %s: %w", id, err)
		}
	}
	return nil
}
