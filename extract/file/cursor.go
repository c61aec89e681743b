package file

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/rightseat/rightseat/internal/lake"
)

// cursor is what a connection remembers between runs; it is committed with the rows.
type cursor struct {
	// Files are the files read so far, by name, gone ones included.
	Files map[string]fileState `json:"files"`
	// High is the newest instant that the rows read so far speak of.
	High time.Time `json:"high,omitzero"`
	// ReadAt is the newest snapshot's time of reading. Those of one stream always grow, so
	// that of two snapshots of one date the later one is known.
	ReadAt time.Time `json:"read_at,omitzero"`
}

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
	// Notes are what people should know of the file.
	Notes []note `json:"notes,omitempty"`
	signs
}

func readCursor(c *lake.Commit) (cursor, error) {
	cur := cursor{Files: map[string]fileState{}}
	if c == nil || len(c.Cursor) == 0 {
		return cur, nil
	}
	if err := json.Unmarshal(c.Cursor, &cur); err != nil {
		return cur, fmt.Errorf("the cursor of %s/%s in commit %d is damaged: %w", c.Connection, c.Stream, c.Seq, err)
	}
	if cur.Files == nil {
		cur.Files = map[string]fileState{}
	}
	return cur, nil
}

func (c *cursor) encode() (json.RawMessage, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write the cursor: %w", err)
	}
	return data, nil
}
