package pipelines

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/erasure"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/lock"
)

// Erasure is what goes from a workspace for good: a person, or what is older than a date.
//
// It is written down before anything is touched and stays so until a version without what was erased is published.
// Whichever run comes first after a crash does all of it again, up to the end: each step finds only what is left.
type Erasure struct {
	// Identifiers are all by which sources know the person: addresses and connection:id.
	Identifiers []string `json:"identifiers,omitempty"`
	// Before is the date (YYYY-MM-DD, organisation's time zone) from which on everything stays.
	Before string `json:"before,omitempty"`
}

// ErasurePath is where an erasure that is not finished is written down.
func ErasurePath(workspace string) string { return filepath.Join(workspace, "state", "erasure.json") }

// PendingErasure is the erasure that is not finished, nil when there is none.
func PendingErasure(workspace string) (*Erasure, error) {
	data, err := os.ReadFile(ErasurePath(workspace))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what is being erased: %w", err)
	}
	var e Erasure
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("%s is damaged: remove it, and forget again what was being forgotten: %w", ErasurePath(workspace), err)
	}
	return &e, nil
}

// takeUpErasure adds an erasure that was not finished to the request, and writes down what is to be erased now.
func (r *Runner) takeUpErasure(req *Request) error {
	// A crash while it was written down leaves a part of it under a temporary name.
	if err := removeMatching(filepath.Join(r.Config.Workspace, "state"), ".erasure.json.*"+atomicfile.TempSuffix); err != nil {
		return err
	}
	pending, err := PendingErasure(r.Config.Workspace)
	if err != nil || pending == nil && req.Erase == nil {
		return err
	}
	due := Erasure{}
	for _, e := range []*Erasure{pending, req.Erase} {
		if e != nil {
			due.Identifiers = append(due.Identifiers, e.Identifiers...)
			due.Before = max(due.Before, e.Before)
		}
	}
	slices.Sort(due.Identifiers)
	due.Identifiers = slices.Compact(due.Identifiers)
	if pending != nil && req.Erase == nil {
		r.log().Warn("what was being forgotten when a run was cut short is forgotten now")
	}
	data, err := json.Marshal(due)
	if err != nil {
		return fmt.Errorf("write down what is to be erased: %w", err)
	}
	if err := r.Lake.Fail("erase.intent"); err != nil {
		return err
	}
	if err := atomicfile.WriteFile(ErasurePath(r.Config.Workspace), append(data, '\n')); err != nil {
		return fmt.Errorf("write down what is to be erased: %w", err)
	}
	req.Erase, req.FullRefresh = &due, true
	req.Transform = req.Transform || req.Load // what was built before is not published any more
	return nil
}

// erase takes out of the workspace what goes, and says how many rows that was, never whose. What is published follows
// when it is replaced.
func (r *Runner) erase(ctx context.Context, e *Erasure) (string, error) {
	w := r.Config.Workspace
	if err := r.removeRebuilt(); err != nil {
		return "", err
	}
	var person *erasure.Matcher
	if len(e.Identifiers) > 0 {
		person = erasure.New(e.Identifiers)
	}
	rows, err := r.Lake.Erase(ctx, func(connection, _ string, commits []*lake.Commit) (lake.Erasure, error) {
		return r.erasureOf(e, person, connection, commits)
	})
	if err != nil {
		return "", err
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"erase.build", func() error { return removeMatching(filepath.Join(w, "warehouse"), "build.duckdb*") }},
		{"erase.core", func() error { return removeMatching(filepath.Join(w, "lake", "core"), "*", ".build_id") }},
		{"erase.state", func() error { return eraseState(filepath.Join(w, "state"), person) }},
	} {
		if err := r.Lake.Fail(step.name); err != nil {
			return "", err
		}
		if err := step.do(); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d rows erased for good", rows), nil
}

// erased closes an erasure: nothing of it is left, nor written down.
func (r *Runner) erased() error {
	if err := r.Lake.Fail("erase.done"); err != nil {
		return err
	}
	path := ErasurePath(r.Config.Workspace)
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("finish the erasure: %w", err)
	}
	return atomicfile.SyncDir(filepath.Dir(path))
}

// erasureOf says what goes from one stream.
func (r *Runner) erasureOf(e *Erasure, person *erasure.Matcher, connection string, commits []*lake.Commit) (lake.Erasure, error) {
	text := func(string) bool { return false }
	if person != nil {
		text = person.Text
	}
	out := lake.Erasure{Text: func(s string) bool { return text(s) }}
	out.Cursor = func(raw json.RawMessage) (json.RawMessage, error) { return extract.EraseFromCursor(raw, text) }
	var cutoff time.Time
	if e.Before != "" {
		at, err := time.ParseInLocation(time.DateOnly, e.Before, r.Config.Organisation.Timezone)
		if err != nil {
			return out, fmt.Errorf("erase what is before %q: %w", e.Before, err)
		}
		cutoff = at
		old, err := r.oldSnapshots(connection, e.Before, commits)
		if err != nil {
			return out, err
		}
		out.Snapshot = func(id string) bool { return old[id] }
	}
	isOld := func(t time.Time) bool { return !t.IsZero() && t.Before(cutoff) }
	out.Skip = func(f lake.DataFile) bool {
		return person == nil && (f.SnapshotID != "" || f.MinEventAt == nil || !isOld(*f.MinEventAt))
	}
	out.Row = func(row *lake.Row) (gone, changed bool) {
		if row.SnapshotID == "" && isOld(row.EventAt) {
			return true, false
		}
		if person == nil {
			return false, false
		}
		if person.ID(connection, row.RecordID) || row.ParentID != "" && person.ID(connection, row.ParentID) ||
			text(row.Source) || text(row.SnapshotID) || text(row.Issue) || text(string(row.Sent)) {
			return true, false
		}
		gone, rest := person.Payload(connection, row.Payload)
		if gone || bytes.Equal(rest, row.Payload) {
			return gone, false
		}
		row.Payload = rest
		return false, true
	}
	return out, nil
}

// oldSnapshots are those of a stream that no date from before on leans on: of each source, all but the last whole one on
// or before that date, and what that one, or a later one, rests on itself.
func (r *Runner) oldSnapshots(connection, before string, commits []*lake.Commit) (map[string]bool, error) {
	cursors, err := r.lastCursors(connection)
	if err != nil {
		return nil, err
	}
	whole := map[string]lake.Snapshot{} // what was said of each last
	dates := map[string]string{}
	for _, c := range commits {
		for _, s := range c.Snapshots {
			whole[s.ID] = s
			dates[s.ID] = s.Date
		}
	}
	last := map[string]lake.Snapshot{} // by source
	for _, s := range whole {
		l, ok := last[s.Source]
		if s.Date <= before && (!ok || s.Date > l.Date || s.Date == l.Date && s.ReadAt.After(l.ReadAt)) {
			last[s.Source] = s
		}
	}
	needed := map[string]bool{}
	for id, s := range whole {
		if s.Date < before && last[s.Source].ID != id {
			continue
		}
		needed[id] = true
		for _, u := range s.Unread {
			needed[u.Kept] = true
		}
	}
	// Rows of snapshots that never became whole count nowhere, unless a reading is under way or waits to be confirmed.
	for _, c := range commits {
		for _, f := range c.Files {
			if _, ok := dates[f.SnapshotID]; f.SnapshotID != "" && !ok {
				at := c.CommittedAt.In(r.Config.Organisation.Timezone).Format(time.DateOnly)
				dates[f.SnapshotID] = max(dates[f.SnapshotID], at)
			}
		}
	}
	old := map[string]bool{}
	for id, date := range dates {
		if date < before && !needed[id] && !strings.Contains(cursors, `"`+id+`"`) {
			old[id] = true
		}
	}
	return old, nil
}

// lastCursors are the places at which the streams of a connection stand, as text.
func (r *Runner) lastCursors(connection string) (string, error) {
	streams, err := r.Lake.Streams(connection)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, name := range streams {
		st, err := r.Lake.Stream(connection, name)
		if err != nil {
			return "", err
		}
		last, err := st.Last()
		if err != nil {
			return "", err
		}
		if last != nil {
			out.Write(last.Cursor)
		}
	}
	return out.String(), nil
}

// removeRebuilt removes past reports: they can be built again.
func (r *Runner) removeRebuilt() error {
	dir := filepath.Join(r.Config.Workspace, "rebuilt")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove past reports: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if _, held, err := lock.Held(path); err != nil || held {
			return errors.Join(fmt.Errorf("past reports are being built in %s: wait for that to end", path), err)
		}
		if err := r.Lake.Fail("erase.rebuilt"); err != nil {
			return err
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove past reports: %w", err)
		}
	}
	return nil
}

// removeMatching removes what is in a folder under names of a pattern, and not the folder, which may be a link.
func removeMatching(dir string, patterns ...string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	for _, e := range entries {
		for _, p := range patterns {
			if ok, err := filepath.Match(p, e.Name()); err != nil || !ok {
				continue
			}
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("erase: %w", err)
			}
		}
	}
	return nil
}

// eraseState takes the person out of the ledger and whatever else is noted. A file that is no JSON, such as a damaged
// record, goes whole when it names the person.
func eraseState(dir string, person *erasure.Matcher) error {
	if person == nil {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("erase: %w", err)
		}
		if !d.Type().IsRegular() || path == filepath.Join(dir, "erasure.json") || path == filepath.Join(dir, "lock") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("erase: %w", err)
		}
		rest, err := erasure.Scrub(data, person.Text, false)
		switch {
		case err != nil && person.Text(string(data)):
			return os.Remove(path)
		case err == nil && !bytes.Equal(rest, data):
			return atomicfile.WriteFile(path, rest)
		}
		return nil
	})
}
