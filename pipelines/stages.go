// Package pipelines wires the stages together: it runs them in order under the workspace
// lock, keeps the ledger of runs, computes when a run is due, and answers questions about
// what was published.
package pipelines

import (
	"context"
	"database/sql"
	"time"

	"github.com/rightseat/rightseat/extract"
)

// Extractor is the extract stage.
type Extractor interface {
	// Run reads what the request asks for. A stream's failure is in the report; the error is
	// for what stops the whole stage.
	Run(ctx context.Context, req extract.Request) (*extract.Report, error)
	// Check asks each connection (all when none is named) for one page per stream and
	// writes nothing.
	Check(ctx context.Context, connections []string) (*extract.Report, error)
}

// Transformer builds core and reports in the private build database.
type Transformer interface {
	Transform(ctx context.Context, req TransformRequest) (*TransformResult, error)
}

// Loader publishes what the transform built.
type Loader interface {
	// Recover finishes or undoes a publish that was cut short.
	Recover(ctx context.Context) error
	// Publish replaces the warehouse and the exports with the build database's content.
	Publish(ctx context.Context, runID string) error
}

// Warehouse opens the published warehouse, read-only.
type Warehouse func(ctx context.Context) (*sql.DB, error)

// TransformRequest says what to build.
type TransformRequest struct {
	RunID string
	AsOf  string // YYYY-MM-DD, organisation's time zone
	Now   time.Time
	// FullRefresh forgets the build database and rebuilds every date.
	FullRefresh bool
	Health      []StreamHealth
	Progress    func(done, total int, model string)
}

// TransformResult tells what was built.
type TransformResult struct {
	Models, Recomputed int
	Checks             []Check
	Short              []ShortStream
	FullRefresh        bool
	Reason             string // why everything was rebuilt; empty otherwise
}

// ShortStream is a stream that was read to its end, but of whose newest list more records do not count than a list may
// lack: only the transform finds that.
type ShortStream struct {
	Connection string `json:"connection"`
	Stream     string `json:"stream"`
	Problem    string `json:"problem"`
	Remedy     string `json:"remedy"`
}

// Check is the outcome of one data check: failing rows of severity fatal keep the result
// from being published.
type Check struct {
	Name        string `json:"name"`
	Severity    string `json:"severity"` // fatal, error, warning, info
	FailingRows int64  `json:"failing_rows"`
	Sample      string `json:"sample,omitempty"`
}

// Failed tells whether the check keeps the result from being published.
func (c Check) Failed() bool { return c.Severity == "fatal" && c.FailingRows > 0 }

// Progress is told how the run comes along. Implementations are safe for concurrent use.
type Progress interface {
	extract.Progress
	Model(done, total int, model string)
}
