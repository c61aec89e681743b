// Package load publishes a checked build: the warehouse that people query and the exports that
// they read, both replaced as one.
//
// # How a publish stays whole
//
// Everything is prepared beside the published version: a copy of the build without its private
// schemas (warehouse/.publish-<run>.duckdb.tmp) and a folder with all exports
// (.exports-<run>.tmp). Both are made durable. Then one small file, warehouse/.publish.json, is
// created: from that moment the publish will happen. Exports are swapped in first, in one step
// where the system has one; they are the step that can be refused (the folder may be a mount, or
// held by another program), and it can be undone. The warehouse follows by rename, which is the
// last visible change. A crash before the small file leaves the old version and leftovers; a crash
// after it leaves a publish that [Recover] finishes. Readers who have a file of the old version
// open keep reading it.
//
// # What a publish costs
//
// A report's files are made of parts, by date (see [part]). Parts whose rows are those of the version published before are
// copied from its files, so that the cost of a nightly publish is that of the rows which changed, and a copy.
package load

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/rightseat/rightseat/internal/config"
)

// Names of what a publish leaves in the workspace.
const (
	WarehouseDir  = "warehouse"
	WarehouseFile = "rightseat.duckdb"
	ExportsDir    = "exports"
	PageFile      = "report.html"
	WorkbookFile  = "report.xlsx"
)

// WarehousePath is where the published warehouse of a workspace is.
func WarehousePath(workspace string) string {
	return filepath.Join(workspace, WarehouseDir, WarehouseFile)
}

// Options says what to publish. Workspace, BuildPath and RunID are required.
type Options struct {
	Workspace string // absolute
	// BuildPath is a closed build database with the schemas core and reports, which are published,
	// and private ones, which are not. _state.reports (report, key_columns, description) names the
	// key columns of each report, comma-separated, in the order that its rows are exported in; a
	// report that it does not name is ordered by all its columns.
	BuildPath string
	Resources config.Resources
	RunID     string    // letters, digits, - and _
	Now       time.Time // stamps the report; the same Now and rows give the same bytes
	Log       *slog.Logger

	Organisation string // heads the report; may be empty
	Currency     string // ISO 4217, of all money in the reports; may be empty

	// Failpoint, when set, is asked after each step of [Steps]. When it returns an error, Publish
	// stops there and returns it, with no cleaning up: the state on disk is that of a crash.
	Failpoint func(step string) error
}

// Result tells what was published.
type Result struct {
	RunID     string
	Warehouse string // path
	Exports   string // path of the folder
	Reports   []ReportResult
	Page      string // path of report.html
	Workbook  string // path of report.xlsx
	Duration  time.Duration
}

// ReportResult is one published report table.
type ReportResult struct {
	Name   string
	Rows   int64
	Copied int64 // of the rows, those that did not change and were copied from the version published before
}

// Steps are the points at which a publish can be stopped by [Options.Failpoint], in order.
var Steps = []string{
	"copied", "stripped", "tables exported", "workbook written", "page written", "durable",
	"decided", "exports swapped", "warehouse replaced", "leftovers kept", "recorded",
}

var validRunID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)

// errStopped marks an error of a failpoint: nothing may be cleaned up.
var errStopped = errors.New("stopped at a failpoint")

// Publish publishes the build as a whole. Until it decides to, an error leaves the published version
// as it was and nothing behind; should the disk fail after that, [Recover] finishes the publish. The
// caller holds the workspace's lock and has the build closed.
func Publish(ctx context.Context, o Options) (result *Result, err error) {
	started := time.Now()
	if !validRunID.MatchString(o.RunID) {
		return nil, fmt.Errorf("publish: run id %q: use letters, digits, - and _", o.RunID)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := Recover(o.Workspace); err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	p := newPublication(o.Workspace, o.RunID)
	defer func() {
		if err == nil {
			return
		}
		if !errors.Is(err, errStopped) && !p.decided {
			err = errors.Join(err, p.rollBack())
		}
		err = fmt.Errorf("publish run %s: %w", o.RunID, plainer(err, p.decided))
	}()
	reports, err := p.prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := p.decide(o.Now); err != nil {
		return nil, err
	}
	if err := o.step("decided"); err != nil {
		return nil, err
	}
	if err := p.finish(o.step); err != nil {
		return nil, err
	}
	result = &Result{
		RunID:     o.RunID,
		Warehouse: WarehousePath(o.Workspace),
		Exports:   p.exports,
		Page:      filepath.Join(p.exports, PageFile),
		Workbook:  filepath.Join(p.exports, WorkbookFile),
		Duration:  time.Since(started),
	}
	for _, r := range reports {
		result.Reports = append(result.Reports, ReportResult{Name: r.name, Rows: r.rows, Copied: r.copied})
	}
	o.Log.Info("published", "run", o.RunID, "warehouse", result.Warehouse, "reports", len(reports), "took", result.Duration)
	return result, nil
}

func (o Options) step(name string) error {
	if o.Failpoint == nil {
		return nil
	}
	if err := o.Failpoint(name); err != nil {
		return fmt.Errorf("%w: %s: %w", errStopped, name, err)
	}
	return nil
}

// prepare makes everything durable beside the published version.
func (p *publication) prepare(ctx context.Context, o Options) ([]report, error) {
	var err error
	if p.before, err = readRecord(p.published); err != nil {
		return nil, fmt.Errorf("what is known of the version published before is damaged; remove the file and run again, nothing is lost by it: %w", err)
	}
	if err := p.requireExports(); err != nil {
		return nil, err
	}
	for _, dir := range []string{p.warehouseDir, p.newExports} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
	}
	if err := checkpoint(ctx, o); err != nil {
		return nil, err
	}
	if err := copyFile(o.BuildPath, p.newWarehouse); err != nil {
		return nil, err
	}
	if err := o.step("copied"); err != nil {
		return nil, err
	}
	reports, err := strip(ctx, o, p.newWarehouse)
	if err != nil {
		return nil, err
	}
	if err := o.step("stripped"); err != nil {
		return nil, err
	}
	before := prior{dir: p.exports}
	if p.before != nil {
		before.reports = p.before.Reports
	}
	if err := export(ctx, o, p.newWarehouse, p.newExports, before, reports); err != nil {
		return nil, err
	}
	p.record.Reports = map[string]publishedReport{}
	for _, r := range reports {
		p.record.Reports[r.name] = r.published
	}
	if err := p.makeDurable(); err != nil {
		return nil, err
	}
	return reports, o.step("durable")
}

// tempDir is where spill files go.
func (o Options) tempDir() string {
	if o.Resources.TempDir != "" {
		return o.Resources.TempDir
	}
	return filepath.Join(o.Workspace, "state", "tmp")
}
