package extract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rightseat/rightseat/extract/httpapi"
	"github.com/rightseat/rightseat/internal/lake"
)

const cursorVersion = 1

// cursor is where a stream goes on. It is kept in the lake's commits, together with the rows
// that were read up to there. Times are UTC.
type cursor struct {
	Version int `json:"version"`
	// Shape stands for the stream's request as it was when the positions below were taken. When the
	// manifest or the API's address has changed since, positions no longer mean anything.
	Shape string `json:"shape,omitempty"`
	// Settings that choose what the requests bring, and Bookmarks, which name where the vendor keeps our place, as they
	// were then: hashes of their values, by name.
	Settings  map[string]string `json:"settings,omitempty"`
	Bookmarks map[string]string `json:"bookmarks,omitempty"`
	// Moved is when the connection's address changed, of an events stream that brought something from the former one; nil
	// once that is known to be right.
	Moved *time.Time `json:"moved,omitempty"`
	// Since is the instant from which an events stream has been read.
	Since *time.Time `json:"since,omitempty"`
	// Done is the instant up to which an events stream has been read.
	Done *time.Time `json:"done,omitempty"`
	// Poll is where a polling stream asks next.
	Poll *httpapi.Position `json:"poll,omitempty"`
	// Iterating tells that the vendor keeps an iterator for us, started earlier.
	Iterating bool `json:"iterating,omitempty"`
	// ParentSeq is the parent stream's commit up to which its records have been asked for.
	ParentSeq int64 `json:"parent_seq,omitempty"`
	// Asked names the parents of the last round that ended, of a snapshot stream.
	Asked *parentSet `json:"asked,omitempty"`
	// Aside are the parents, by id, that could not be read when they were asked for last.
	Aside map[string]*aside `json:"aside,omitempty"`
	// Held are the lists that shrank sharply, by parent, "" without: see [shrank].
	Held map[string]*held `json:"held,omitempty"`
	// Round is the reading under way; absent when the last one came to its end.
	Round *round `json:"round,omitempty"`
	// Backfill is a backfill under way. It leaves all of the above as it is.
	Backfill *round `json:"backfill,omitempty"`
}

// round is one reading of a stream from beginning to end: a list of tasks, one per parent
// record (a single one without parents), each a sequence of windows, variants and pages.
type round struct {
	Started time.Time `json:"started"`
	// Snapshot and Date (organisation's time zone) name the snapshot being read.
	Snapshot string `json:"snapshot,omitempty"`
	Date     string `json:"date,omitempty"`
	Rows     int64  `json:"rows"`          // landed so far
	Bad      int64  `json:"bad,omitempty"` // of them set aside
	// From and To are the range of time being read, [From, To).
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Mark is the parents' watermark, which the stream's own cannot pass.
	Mark    *time.Time `json:"mark,omitempty"`
	Parents *parentSet `json:"parents,omitempty"`
	// Retry are parents that earlier rounds of an events stream could not read, asked for behind the others.
	Retry []string `json:"retry,omitempty"`
	// Whole is how many lists came to their end and count; Unread says of the others why they don't, by parent. Lists
	// counts the good records of the lists of some size.
	Whole  int                   `json:"whole,omitempty"`
	Unread map[string]unreadList `json:"unread,omitempty"`
	Lists  map[string]int64      `json:"lists,omitempty"`
	// Tasks before Through are done; so are those listed in Done. Open holds those under way.
	Through int              `json:"through"`
	Done    []int            `json:"done,omitempty"`
	Open    map[int]progress `json:"open,omitempty"`
	// Present counts the records that have what they are expected to have.
	Present *presence `json:"present,omitempty"`
	// Poll is where a polling stream that has caught up asks next; the cursor's, once the round has ended.
	Poll *httpapi.Position `json:"poll,omitempty"`
}

// parentSet names the parents of a round so that the same list can be had again from the lake.
type parentSet struct {
	// Snapshots of the parent stream, oldest first: the first one's records, then those that
	// only the next one has, and so on.
	Snapshots []string `json:"snapshots,omitempty"`
	// Commits (After, To] of a parent events stream.
	After int64 `json:"after,omitempty"`
	To    int64 `json:"to,omitempty"`
	// New leaves out parents of which the commits up to After hold the very same version.
	New bool `json:"new,omitempty"`
}

// progress is how far a task has come.
type progress struct {
	// From and To are the window being read.
	From    time.Time        `json:"from,omitzero"`
	To      time.Time        `json:"to,omitzero"`
	Variant int              `json:"variant,omitempty"`
	At      httpapi.Position `json:"at,omitzero"`
	// Rows and Bad count the records that came so far, and those of them that were set aside.
	Rows int64 `json:"rows,omitempty"`
	Bad  int64 `json:"bad,omitempty"`
	// Earlier is Rows when the current list of several began.
	Earlier int64 `json:"earlier,omitempty"`
}

// aside is a parent that could not be read. It is asked for again, at growing distance.
type aside struct {
	Name   string            `json:"name,omitempty"`
	Vars   map[string]string `json:"vars,omitempty"` // what its request needs, of a parent that is not listed in each round
	Since  time.Time         `json:"since"`
	Tries  int               `json:"tries,omitempty"` // counted only while other parents were read
	Next   time.Time         `json:"next,omitzero"`   // not before then
	Reason string            `json:"reason"`
}

// unreadList says why a list of the round under way is not whole.
type unreadList struct {
	Reason  string `json:"reason"`
	LeftOut bool   `json:"left_out,omitempty"`
	Held    bool   `json:"held,omitempty"`
}

// held is a reading of a list that has shrunk sharply, waiting to be confirmed.
type held struct {
	Date string `json:"date"` // of the first such reading, organisation's time zone
	Rows int64  `json:"rows"` // of the newest
	// Snapshot and ReadAt are the newest reading's, of a stream without parents.
	Snapshot string    `json:"snapshot,omitempty"`
	OnDate   string    `json:"on_date,omitempty"`
	ReadAt   time.Time `json:"read_at,omitzero"`
	// Accepted: a person said that it is right.
	Accepted bool `json:"accepted,omitempty"`
}

// readCursor takes the cursor from a stream's last commit.
func readCursor(last *lake.Commit) (*cursor, error) {
	cur := &cursor{Version: cursorVersion}
	if last == nil || len(last.Cursor) == 0 {
		return cur, nil
	}
	if err := json.Unmarshal(last.Cursor, cur); err != nil {
		return nil, fmt.Errorf("the cursor in commit %d of %s/%s is damaged: %w", last.Seq, last.Connection, last.Stream, err)
	}
	if cur.Version != cursorVersion {
		return nil, fmt.Errorf("the cursor in commit %d of %s/%s has version %d; this build reads version %d",
			last.Seq, last.Connection, last.Stream, cur.Version, cursorVersion)
	}
	return cur, nil
}

// isDone tells whether a task is finished.
func (r *round) isDone(task int) bool {
	return task < r.Through || slices.Contains(r.Done, task)
}

// finish marks a task as done.
func (r *round) finish(task int) {
	delete(r.Open, task)
	if r.isDone(task) {
		return
	}
	r.Done = append(r.Done, task)
	slices.Sort(r.Done)
	for len(r.Done) > 0 && r.Done[0] == r.Through {
		r.Through++
		r.Done = r.Done[1:]
	}
}

// leave notes why a parent's list is not whole.
func (r *round) leave(parent string, why *unreadList) {
	if r.Unread == nil {
		r.Unread = map[string]unreadList{}
	}
	r.Unread[parent] = *why
}

// advance notes how far a task has come.
func (r *round) advance(task int, p progress) {
	if r.Open == nil {
		r.Open = map[int]progress{}
	}
	r.Open[task] = p
}

// clone copies what the writer changes, for workers that read it.
func (r *round) clone() *round {
	c := *r
	c.Done = slices.Clone(r.Done)
	c.Open = maps.Clone(r.Open)
	return &c
}
