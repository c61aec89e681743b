// Package extract pulls records from vendors into the raw lake, as manifests say.
package extract

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

// Extractor runs the streams of a configuration's connections. The zero values of Clock,
// Transport, Log and Progress mean the system's.
type Extractor struct {
	Config    *config.Config
	Lake      *lake.Store
	Clock     clock.Clock
	Transport http.RoundTripper
	Log       *slog.Logger
	Progress  Progress
	// Concurrency is how many connections are read at once; default 4.
	Concurrency int
	// CommitEvery bounds what a crash can cost: rows are committed when this much payload or
	// time has passed. Defaults 64 MiB and 30 s.
	CommitBytes int64
	CommitEvery time.Duration
	// Lookup finds a connection's manifest by what its connector key says: a built-in name or a path.
	Lookup func(connector string) (*manifest.Manifest, error)
	// FileReader reads connections of the connector "file"; nil when there are none.
	FileReader func(conn config.Connection) Reader
	// MaxWait is the longest single wait a vendor may ask for; default 15 minutes.
	MaxWait time.Duration
	// OncePerInstant leaves out streams that were read to their end at this very instant: under a
	// clock that stands still, a run that is repeated after a crash asks only for what it lacks.
	OncePerInstant bool
	// MaxPageBytes bounds one JSON page; default 64 MiB.
	MaxPageBytes int64
}

// Request says what to extract.
type Request struct {
	RunID       string
	Connections []string // empty: all that are not disconnected
	Streams     []string // empty: all
	// From and To (both or neither) ask event streams again for that range [From, To); their
	// cursors stay where they are. Snapshot streams are left out then.
	From, To time.Time
}

// StreamState is how a stream came out of a run.
type StreamState string

// States of a stream after a run.
const (
	StreamComplete     StreamState = "complete"      // read to its end
	StreamIncomplete   StreamState = "incomplete"    // stopped on the way; resumes there
	StreamFailed       StreamState = "failed"        // nothing new could be read
	StreamSkipped      StreamState = "skipped"       // its parent did not complete
	StreamNotConnected StreamState = "not_connected" // optional and not permitted
)

// StreamResult tells how one stream went. Err is nil for complete streams; its text holds the
// vendor's words, the place and what to do, and no secrets.
type StreamResult struct {
	Connection string        `json:"connection"`
	Connector  string        `json:"connector"`
	Stream     string        `json:"stream"`
	Kind       string        `json:"kind"` // events, snapshot or state
	State      StreamState   `json:"state"`
	Rows       int64         `json:"rows"` // landed in this run
	Pages      int64         `json:"pages"`
	Issues     int64         `json:"issues"` // rows set aside in this run
	Watermark  *time.Time    `json:"watermark,omitempty"`
	Took       time.Duration `json:"took"`
	Err        error         `json:"-"`
	Error      string        `json:"error,omitempty"` // Err's text
	// Lacks says what of the data that the stream has now could not be used, though it was read to its end; empty when
	// nothing lacks. It is said by each run for as long as it is so.
	Lacks string `json:"lacks,omitempty"`
	// Fix is what comes of it, for a stream that was read though not whole; empty for the usual.
	Fix string `json:"fix,omitempty"`
	// Findings are what people should know of a stream although it was read.
	Findings []Finding `json:"findings,omitempty"`
}

// IsLacking tells whether a stream that was read to its end makes a run incomplete all the same: a list lacks records that
// could not be used. An event that is bad costs itself alone.
func (r StreamResult) IsLacking() bool { return r.Lacks != "" && r.Kind != "events" }

// Finding is something about a stream's data that people should know, as data_quality lists it.
type Finding struct {
	Check    string `json:"check"`    // e.g. file_gone
	Severity string `json:"severity"` // info or warning
	Count    int64  `json:"count"`
	Sample   string `json:"sample"` // one of them, with its place and what to do; no secrets
}

// Report is a whole extract stage, ordered by connection, then by the manifest's stream order.
type Report struct {
	Streams []StreamResult
}

// Progress is told how far streams have come. Implementations are safe for concurrent use.
type Progress interface {
	Stream(connection, stream string, rows, pages int64, done bool)
}

// Reader reads one connection's streams. The HTTP engine and the file connector are Readers.
type Reader interface {
	// Read brings every requested stream of the connection as far as it can and reports on each.
	// A stream's failure is in its result; the error is for what stops the whole connection.
	Read(ctx context.Context, req Request) ([]StreamResult, error)
	// Check asks for one page of each stream and writes nothing.
	Check(ctx context.Context) ([]StreamResult, error)
}
