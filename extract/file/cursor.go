package file

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/lake"
)

// cursor is what a connection remembers between runs; it is committed with the rows. A commit holds
// only what it changed, so that no commit grows with the number of files that came before it; the
// cursor is the commits put together, the newest word on each file counting.
type cursor struct {
	// Files are all files read so far, by name, gone ones included. Commits of earlier versions hold all of them;
	// what is older than such a commit need not be read.
	Files map[string]fileState `json:"files,omitempty"`
	// Changed are the files that a commit brought.
	Changed map[string]fileState `json:"changed,omitempty"`
	// High is the newest instant that the rows read so far speak of.
	High time.Time `json:"high,omitzero"`
	// ReadAt is the newest snapshot's time of reading. Those of one stream always grow, so
	// that of two snapshots of one date the later one is known.
	ReadAt time.Time `json:"read_at,omitzero"`
	// Held are what was read of lists that don't count yet; all of them, in each commit.
	Held []part `json:"held,omitempty"`
	// sizes are those of the lists that count, as the commits have them.
	sizes sizes
	// marks are the commits' instants, and the watermarks that they left.
	marks []mark
}

type mark struct{ at, to time.Time }

// fileState is the content of a file that is in the lake.
type fileState struct {
	SHA256 string `json:"sha256"`
	Shape  string `json:"shape"` // of the settings it was read with
	// FirstRead is the day (organisation's time zone) on which this content was first read.
	FirstRead string `json:"first_read"`
	// Empty tells that the content has no rows: nobody misses such a file.
	Empty bool `json:"empty,omitempty"`
	// Unusable is why no row of the content could be used; until it changes, the stream is not complete.
	Unusable string `json:"unusable,omitempty"`
	// Good and Bad count the rows that could be used, and those that were set aside. Accepted tells that a person says that
	// the file is right without those.
	Good     int64  `json:"good,omitempty"`
	Bad      int64  `json:"bad,omitempty"`
	Accepted bool   `json:"accepted,omitempty"`
	FirstBad string `json:"first_bad,omitempty"` // what is wrong with the first of them
	// Date is that of the list in the file, where its rows name none.
	Date string `json:"date,omitempty"`
	// Had counts the rows that have a value, by column; with the columns that the files before had, and this one misses.
	Had filled `json:"had,omitempty"`
	// Notes are what people should know of the file.
	Notes []note `json:"notes,omitempty"`
	signs
	readAt time.Time // of the commit that brought it
	seq    int64     // of that commit; 0 before it is made
}

// readCursor puts a stream's cursor together, from its newest commit back.
func readCursor(st *lake.Stream, last *lake.Commit, of settings) (cursor, error) {
	all := cursor{Files: map[string]fileState{}, sizes: sizes{}}
	for c := last; c != nil; {
		var cur cursor
		if len(c.Cursor) > 0 {
			if err := json.Unmarshal(c.Cursor, &cur); err != nil {
				return all, fmt.Errorf("the cursor of %s/%s in commit %d is damaged: %w", c.Connection, c.Stream, c.Seq, err)
			}
		}
		if c == last {
			all.High, all.ReadAt, all.Held = cur.High, cur.ReadAt, cur.Held
		}
		for _, s := range c.Snapshots {
			list := of.listOf(s)
			if _, newer := all.sizes[list][s.Source]; !newer {
				all.sizes.set(list, s)
			}
		}
		if c.Watermark != nil {
			all.marks = append(all.marks, mark{c.CommittedAt, *c.Watermark})
		}
		whole := cur.Files != nil
		for _, files := range []map[string]fileState{cur.Changed, cur.Files} {
			for name, state := range files {
				if _, newer := all.Files[name]; !newer {
					state.readAt, state.seq = c.CommittedAt, c.Seq
					all.Files[name] = state
				}
			}
		}
		if whole || c.Seq == 1 {
			break
		}
		before, err := st.Commit(c.Seq - 1)
		if err != nil {
			return all, fmt.Errorf("read the cursor: %w", err)
		}
		c = before
	}
	return all, nil
}

func (c *cursor) encode() (json.RawMessage, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write the cursor: %w", err)
	}
	return data, nil
}

// pullBack deals with a clock that was ahead when files were read, and tells whether it was. Those files are read again, as of
// today, no reading counts as later than now, and the stream reaches as far as it did before.
func (c *cursor) pullBack(now time.Time) (wasAhead bool) {
	latest := now.Add(clock.Tolerance)
	tomorrow := now.UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	for name, state := range c.Files {
		if state.FirstRead > tomorrow || state.readAt.After(latest) {
			delete(c.Files, name)
		}
	}
	if c.ReadAt.After(latest) {
		c.ReadAt = time.Time{}
	}
	if !c.High.After(latest) {
		return false
	}
	c.High = time.Time{}
	for _, m := range c.marks {
		if !m.at.After(latest) && !m.to.After(latest) {
			c.High = later(c.High, m.to)
		}
	}
	return true
}
