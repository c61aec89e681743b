package pipelines

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rightseat/rightseat/internal/lake"
)

// forget deletes what a connection brought and says how much that was.
func (r *Runner) forget(connection string) (string, error) {
	if err := r.removeRebuilt(); err != nil {
		return "", err
	}
	var missing *lake.MissingError // no reason not to forget what is left
	names, err := r.Lake.Streams(connection)
	if err != nil && !errors.As(err, &missing) {
		return "", err
	}
	var rows int64
	for _, name := range names {
		st, err := r.Lake.Stream(connection, name)
		if err != nil {
			return "", err
		}
		last, err := st.Last()
		if err != nil && !errors.As(err, &missing) {
			return "", err
		}
		if last != nil {
			rows += last.RowsTotal
		}
	}
	// It is not missed any more, should the machine stop in between.
	path := lake.HeadsPath(r.Config.Workspace)
	known, err := lake.ReadHeads(path)
	if err != nil {
		return "", err
	}
	if known != nil {
		if err := known.Without(connection).Write(path); err != nil {
			return "", err
		}
	}
	if err := r.Lake.Forget(connection); err != nil {
		return "", err
	}
	if len(names) == 0 {
		return fmt.Sprintf("%s had brought nothing", connection), nil
	}
	return fmt.Sprintf("%d rows of %s deleted (%s)", rows, connection, strings.Join(names, ", ")), nil
}

// NotPublishedError tells that a connection's data is deleted, but still stands in what was
// published before.
type NotPublishedError struct {
	Connection string
	Deleted    string // what was deleted, in words
	Err        error  // why nothing was published
}

// Error says what was deleted, what failed and what to do.
func (e *NotPublishedError) Error() string {
	return fmt.Sprintf("%s, for good. But the reports could not be built and published without it: "+
		"the warehouse and the exports are still those from before and still hold it.\n%v\n"+
		"Mend that, then run `rightseat run`, or `rightseat transform` and `rightseat load` to ask no vendor: it builds everything anew. "+
		"There is no need to forget %s again", e.Deleted, e.Err, e.Connection)
}

// Unwrap gives the reason.
func (e *NotPublishedError) Unwrap() error { return e.Err }

// NotErasedError tells that an erasure did not come to its end. What is to go is written down, and the next run goes on.
type NotErasedError struct {
	Erased bool // from all data; but the version published before still stands
	Err    error
}

// Error says how far it came and what to do.
func (e *NotErasedError) Error() string {
	state := "The erasure is not finished"
	if e.Erased {
		state = "The raw data is erased, but what was published before still holds it"
	}
	return fmt.Sprintf("%v\n%s. Mend that, then run `rightseat run`, or `rightseat transform` and `rightseat load` to ask no vendor: "+
		"it finishes the erasure (state/erasure.json holds what is to go until then)", e.Err, state)
}

// Unwrap gives the reason.
func (e *NotErasedError) Unwrap() error { return e.Err }

// forgotten puts into an error of a run that forgot a connection how far it came; nil stays nil.
func forgotten(run *Run, err error) error {
	if err == nil {
		return nil
	}
	for _, s := range run.Stages {
		if s.Name == "forget" {
			return &NotPublishedError{Connection: run.Connections[0], Deleted: s.Detail, Err: err}
		}
	}
	return err
}

// refreshPending tells whether a connection was forgotten, or its loss accepted, without its data having left the
// reports yet: then whatever is built next is built anew.
func (r *Runner) refreshPending() (bool, error) {
	pending := false
	err := r.Ledger.Newest(func(old *Run) bool {
		forgot := false
		for _, s := range old.Stages {
			if s.Name == "transform" && s.Outcome == StageOK {
				return false
			}
			forgot = forgot || s.Name == "forget" || s.Name == "accept"
		}
		pending = pending || forgot
		return !pending
	})
	return pending, err
}
