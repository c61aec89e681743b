package lake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// FormatVersion is the version of the commit file's layout.
const FormatVersion = 1

// State says how far the stream's current round of reading had come at a commit.
type State string

const (
	// Partial: more pages are to come; the cursor says where to go on.
	Partial State = "partial"
	// Complete: the round reached its end; the watermark and snapshots are final.
	Complete State = "complete"
)

// Commit is one step of a stream: its data files, where to go on, and the counts, made
// visible together by one exclusively created file. Commits of a stream are numbered
// 1, 2, 3 … without gaps and never change, but for what is erased from them: see [Store.Erase].
type Commit struct {
	Version     int       `json:"version"`
	Connection  string    `json:"connection"`
	Connector   string    `json:"connector"`
	Stream      string    `json:"stream"`
	Seq         int64     `json:"seq"`
	RunID       string    `json:"run_id"`
	CommittedAt time.Time `json:"committed_at"` // UTC
	State       State     `json:"state"`

	Files []DataFile `json:"files,omitempty"`
	// Rows counts this commit's rows, set-aside ones included; RowsTotal the stream's so far.
	Rows      int64 `json:"rows"`
	RowsTotal int64 `json:"rows_total"`
	// Erased counts the rows of this commit that [Store.Erase] took away, by snapshot, "" for events; ErasedTotal the
	// stream's so far. They are in neither Rows nor RowsTotal.
	Erased      map[string]int64 `json:"rows_erased,omitempty"`
	ErasedTotal int64            `json:"rows_erased_total,omitempty"`

	// Cursor is the extractor's own resume position; the lake does not look inside.
	Cursor json.RawMessage `json:"cursor,omitempty"`
	// Watermark is the instant (UTC) up to which the stream is complete; nil when unknown.
	// It is carried from commit to commit and never goes back, but for a clock that was ahead.
	Watermark *time.Time `json:"watermark,omitempty"`
	// ResetWatermark keeps the previous commit's watermark from being carried on: it was ahead of the clock.
	ResetWatermark bool `json:"-"`
	// Snapshots that became whole with this commit. Rows of a snapshot count only once a
	// commit names it here.
	Snapshots []Snapshot `json:"snapshots,omitempty"`
	// TakenBack are readings of files of events or lists that count no more: this commit has the same content, read with other settings.
	TakenBack []TakenBack `json:"taken_back,omitempty"`
	// Issues are this commit's rows that were set aside, by reason.
	Issues []Issue `json:"issues,omitempty"`
}

// TakenBack is a reading of a file that counts no more. With an event of it go the versions of that record which came before, as they
// would count else.
type TakenBack struct {
	Source string `json:"source"` // the file; rows have it with their line
	Seq    int64  `json:"seq"`    // the commit that brought the reading
	// Since is from when on (UTC) its events are taken back; nil for all. Older ones are not in the file any more.
	Since *time.Time `json:"since,omitempty"`
}

// Has tells whether a row of a commit is taken back by its own reading.
func (t TakenBack) Has(r *Row, seq int64) bool {
	file, _, found := CutLine(r.Source)
	return seq == t.Seq && found && file == t.Source && (t.Since == nil || !r.EventAt.IsZero() && !r.EventAt.Before(*t.Since))
}

// CutLine parts the place of a row into the file and its line.
func CutLine(place string) (file, line string, found bool) {
	i := strings.LastIndexByte(place, ':')
	if i < 0 {
		return place, "", false
	}
	return place[:i], place[i+1:], true
}

// DataFile is one Parquet file of a commit.
type DataFile struct {
	Name       string `json:"name"` // inside the stream's folder
	Rows       int64  `json:"rows"`
	Bytes      int64  `json:"bytes"`
	SHA256     string `json:"sha256,omitempty"` // of the file, in hexadecimal; files of earlier versions have none
	SnapshotID string `json:"snapshot_id,omitempty"`
	// SetAside counts the rows with an Issue.
	SetAside int64 `json:"set_aside,omitempty"`
	// Checked tells that the transform can parse every payload in the file, and that SetAside is known. Files of
	// versions that did not see to it lack it.
	Checked    bool       `json:"checked,omitempty"`
	MinEventAt *time.Time `json:"min_event_at,omitempty"` // UTC; nil when no row has an event time
	MaxEventAt *time.Time `json:"max_event_at,omitempty"`
}

// Snapshot is a whole set, read once, that is the truth of its date until the next one.
type Snapshot struct {
	ID     string    `json:"id"`
	Date   string    `json:"date"`    // YYYY-MM-DD in the organisation's time zone
	ReadAt time.Time `json:"read_at"` // UTC, by the clock of then; of two snapshots of one date the one committed later counts
	Rows   int64     `json:"rows"`
	// Erased counts the rows that [Store.Erase] took away; they are not in Rows.
	Erased int64 `json:"rows_erased,omitempty"`
	// Bad counts the records of an API's list that were set aside. They are in Rows.
	Bad int64 `json:"bad,omitempty"`
	// Source is the file a snapshot was read from; empty for an API.
	Source string `json:"source,omitempty"`
	// Unread are the parents whose lists are not whole in this snapshot, of a stream that asks once for
	// each record of another one. What was read of them does not count.
	Unread []UnreadList `json:"unread,omitempty"`
	// Lists counts the good records of the lists of some size, by parent; those of a stream without
	// parents under "". Of an unread list it is the count of the last whole one.
	Lists map[string]int64 `json:"lists,omitempty"`
}

// UnreadList is one parent's list that could not be read whole.
type UnreadList struct {
	Parent string `json:"parent"`         // the parent's record id
	Name   string `json:"name,omitempty"` // what people call it
	// Kept is the snapshot with the parent's last whole list, whose rows count in place of what was read
	// now, and KeptDate its date; empty when there was none.
	Kept     string `json:"kept,omitempty"`
	KeptDate string `json:"kept_date,omitempty"`
	Reason   string `json:"reason"`
	// LeftOut: the configuration says not to ask for it. Nothing is kept then.
	LeftOut bool `json:"left_out,omitempty"`
	// Held: the list was read, but it shrank sharply and waits for somebody to confirm it.
	Held bool `json:"held,omitempty"`
}

// Issue is a reason for which rows were set aside (they are in the data files, marked), or something about rows that
// count all the same.
type Issue struct {
	Kept   bool   `json:"kept,omitempty"` // the rows count; they were not set aside
	Check  string `json:"check"`          // snake_case, e.g. "missing_id", "bad_date"
	Rows   int64  `json:"rows"`           // how many rows
	Sample string `json:"sample"`         // a place and reason, e.g. "people.csv line 7, column start_date: not a date: 31/31/2026"
}

// sumMark begins the last member of a commit file: the SHA-256 of what the file is without it.
const sumMark = ",\n  \"checksum\": \"sha256:"

// sumTail is the end of a file with a checksum.
var sumTail = regexp.MustCompile(`[0-9a-f]{64}"\s*}\s*$`)

// formatCommit gives a commit's file, with its checksum.
func formatCommit(c *Commit) ([]byte, error) {
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	data = append(bytes.TrimSuffix(data, []byte("\n}")), sumMark...)
	return append(data, hex.EncodeToString(sum[:])+"\"\n}\n"...), nil
}

// checkSum holds a commit file to its checksum; those of earlier versions have none.
func checkSum(data []byte) error {
	at := bytes.LastIndex(data, []byte(sumMark))
	if at < 0 {
		if sumTail.Match(data) {
			return errors.New("its checksum can't be read")
		}
		return nil
	}
	sum := sha256.Sum256(append(bytes.Clone(data[:at]), "\n}"...))
	if string(data[at+len(sumMark):]) != hex.EncodeToString(sum[:])+"\"\n}\n" {
		return errors.New("it is not what was written: its checksum is another one")
	}
	return nil
}

func parseCommit(path string, data []byte) (*Commit, error) {
	var c Commit
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("commit file %s is damaged: %w", path, err)
	}
	if c.Version != FormatVersion {
		return nil, fmt.Errorf("commit file %s has format version %d; this build reads version %d", path, c.Version, FormatVersion)
	}
	if err := checkSum(data); err != nil {
		return nil, fmt.Errorf("commit file %s is damaged: %w", path, err)
	}
	return &c, nil
}
