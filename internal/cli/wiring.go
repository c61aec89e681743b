package cli

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rightseat/rightseat/extract"
	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/yamlx"
	"github.com/rightseat/rightseat/load"
	"github.com/rightseat/rightseat/pipelines"
	"github.com/rightseat/rightseat/sql"
	"github.com/rightseat/rightseat/transform"
)

// wire connects the real stages of a configuration. Transport reaches the vendors; nil is
// the network.
func wire(a *app, cfg *config.Config, clk clock.Clock, transport http.RoundTripper) (*pipelines.Runner, error) {
	w := &wiring{app: a, cfg: cfg, clock: clk, transport: transport, lake: lake.Open(cfg.Workspace), manifests: map[string]*manifest.Manifest{}}
	w.lake.Failpoint = a.lakeFailpoint
	if err := w.checkConnections(); err != nil {
		return nil, err
	}
	w.runner = &pipelines.Runner{
		Config: cfg, Lake: w.lake, Ledger: pipelines.OpenLedger(cfg.Workspace, a.log), Clock: clk,
		Extractor: w, Transformer: w, Loader: w, Version: version(), Log: a.log,
	}
	return w.runner, nil
}

// wiring is the stages as package pipelines wants them. It is set up once and read by many.
type wiring struct {
	app       *app
	cfg       *config.Config
	clock     clock.Clock
	transport http.RoundTripper
	lake      *lake.Store
	manifests map[string]*manifest.Manifest // by what connections say under connector
	runner    *pipelines.Runner             // for its progress display, which changes per run
	output    string                        // of past reports: see wirePast; empty: the workspace
}

// place is the folder that gets warehouse and exports.
func (w *wiring) place() string {
	if w.output != "" {
		return w.output
	}
	return w.cfg.Workspace
}

// corePath is where the core tables go as files; past ones are in their warehouse only.
func (w *wiring) corePath() string {
	if w.output != "" {
		return ""
	}
	return filepath.Join(w.cfg.Workspace, "lake", "core")
}

// checkConnections reads each connection's manifest and holds the connection to it.
func (w *wiring) checkConnections() error {
	return w.cfg.CheckConnections(func(c config.Connection, report config.Report) {
		if c.Connector == file.Connector {
			if _, err := w.files(c, w.cfg); err != nil {
				report("settings", "%v", err)
			}
			return
		}
		m, err := w.read(c.Connector)
		if err != nil {
			report("connector", "%v", err)
			return
		}
		var keys []string
		for _, k := range yamlx.SortedKeys(c.Auth) {
			keys = append(keys, k)
		}
		m.CheckConnection(c.Settings, keys, report)
	})
}

// read gives the manifest of a built-in connector or of a user's own file.
func (w *wiring) read(connector string) (*manifest.Manifest, error) {
	if m, ok := w.manifests[connector]; ok {
		return m, nil
	}
	m, err := readManifest(connector, w.cfg.Resolve)
	if err == nil {
		w.manifests[connector] = m
	}
	return m, err
}

func readManifest(connector string, resolve func(string) string) (*manifest.Manifest, error) {
	if isPath(connector) {
		return manifest.Load(resolve(connector))
	}
	if slices.Contains(connectors.Names(), connector) {
		return connectors.Get(connector)
	}
	return nil, pipelines.Usagef("there is no connector %q%s", connector, yamlx.Hint(connector, append(connectors.Names(), file.Connector)))
}

// lookup finds a manifest that checkConnections has read.
func (w *wiring) lookup(connector string) (*manifest.Manifest, error) {
	if m, ok := w.manifests[connector]; ok {
		return m, nil
	}
	return nil, fmt.Errorf("connector %q has no manifest", connector)
}

func (w *wiring) files(c config.Connection, cfg *config.Config) (*file.Reader, error) {
	o := file.Options{Connection: c, Config: cfg, Lake: w.lake, Clock: w.clock, Log: w.app.log}
	if w.runner != nil && w.runner.Progress != nil {
		o.Progress = w.runner.Progress
	}
	return file.New(o)
}

// extractor works on the configuration as it is today: a connection that is to be
// disconnected on a later date is still read.
func (w *wiring) extractor(connections []string) *extract.Extractor {
	cfg := *w.cfg
	today := w.clock.Now().In(cfg.Organisation.Timezone).Format(time.DateOnly)
	cfg.Connections = nil
	for _, c := range w.cfg.Connections {
		if len(connections) > 0 && !slices.Contains(connections, c.Name) {
			continue
		}
		if c.DisconnectedOn >= today {
			c.DisconnectedOn = ""
		}
		cfg.Connections = append(cfg.Connections, c)
	}
	x := &extract.Extractor{Config: &cfg, Lake: w.lake, Clock: w.clock, Transport: w.transport, Log: w.app.log, Lookup: w.lookup,
		OncePerInstant: w.app.oncePerInstant}
	if w.runner.Progress != nil {
		x.Progress = w.runner.Progress
	}
	x.FileReader = func(c config.Connection) extract.Reader {
		r, err := w.files(c, &cfg)
		if err != nil {
			return brokenReader{err}
		}
		return r
	}
	return x
}

// brokenReader is a connection whose reader could not be made.
type brokenReader struct{ err error }

func (b brokenReader) Read(context.Context, extract.Request) ([]extract.StreamResult, error) {
	return nil, b.err
}

func (b brokenReader) Check(context.Context) ([]extract.StreamResult, error) { return nil, b.err }

// Run implements [pipelines.Extractor].
func (w *wiring) Run(ctx context.Context, req extract.Request) (*extract.Report, error) {
	return w.extractor(nil).Run(ctx, req)
}

// Check implements [pipelines.Extractor]. Whatever it needs on disk goes to the system's
// folder for temporary files, not into the workspace.
func (w *wiring) Check(ctx context.Context, connections []string) (*extract.Report, error) {
	x := w.extractor(connections)
	x.Config.Resources.TempDir = os.TempDir()
	return x.Check(ctx)
}

// Transform implements [pipelines.Transformer].
func (w *wiring) Transform(ctx context.Context, req pipelines.TransformRequest) (*pipelines.TransformResult, error) {
	if err := os.MkdirAll(filepath.Dir(buildPath(w.place())), 0o700); err != nil {
		return nil, fmt.Errorf("make the warehouse folder: %w", err)
	}
	seeds := filepath.Join(w.cfg.Workspace, "seeds")
	if err := sql.CheckSeeds(seeds); err != nil {
		return nil, fmt.Errorf("own seed lists: %w", err)
	}
	o := transform.Options{
		Config: w.cfg, Lake: w.lake, BuildPath: buildPath(w.place()), CorePath: w.corePath(),
		AsOf: req.AsOf, RunID: req.RunID, Now: req.Now, FullRefresh: req.FullRefresh, Version: version(),
		Connectors: map[string]transform.Connector{}, SQL: sql.WithSeeds(seeds), Log: w.app.log, Progress: req.Progress,
	}
	for _, h := range req.Health {
		var findings []transform.Check
		for _, f := range h.Findings {
			findings = append(findings, transform.Check{Name: f.Check, Severity: f.Severity, FailingRows: f.Count, Sample: f.Sample})
		}
		o.Health = append(o.Health, transform.StreamHealth{
			Findings:   findings,
			Connection: h.Connection, Stream: h.Stream, State: h.State, LastSuccessAt: h.LastSuccessAt,
			Watermark: h.Watermark, RowsTotal: h.RowsTotal, IsStale: h.IsStale, Error: h.Error,
		})
	}
	w.connectors(&o)
	res, err := transform.Run(ctx, o)
	if res == nil {
		return nil, err
	}
	out := &pipelines.TransformResult{Models: res.Models, Recomputed: res.Recomputed, FullRefresh: res.FullRefresh, Reason: res.Reason}
	for _, c := range res.Checks {
		out.Checks = append(out.Checks, pipelines.Check(c))
	}
	for _, s := range res.Short {
		out.Short = append(out.Short, pipelines.ShortStream(s))
	}
	return out, err
}

// connectors says which connector each connection has, and where each one's staging is: for
// a user's own manifest acme.yaml, in the folder acme beside it.
func (w *wiring) connectors(o *transform.Options) {
	staged := map[string]bool{}
	for _, c := range w.cfg.Connections {
		known := transform.Connector{Name: file.Connector, Class: "own"}
		dir := transform.StagingDir{Connector: file.Connector, FS: sql.Files, Dir: "staging/" + file.Connector}
		if m, ok := w.manifests[c.Connector]; ok {
			known = transform.Connector{Name: m.Name, Class: m.Class, IDP: m.IDP, App: m.App, Reclaim: m.Reclaim}
			dir = transform.StagingDir{Connector: m.Name, FS: sql.Files, Dir: "staging/" + m.Name}
			if isPath(c.Connector) {
				path := w.cfg.Resolve(c.Connector)
				dir.FS, dir.Dir = os.DirFS(filepath.Dir(path)), strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
			}
		}
		o.Connectors[c.Name] = known
		if _, err := fs.Stat(dir.FS, dir.Dir); err == nil && !staged[known.Name] {
			staged[known.Name] = true
			o.Staging = append(o.Staging, dir)
		}
	}
}

// Recover implements [pipelines.Loader].
func (w *wiring) Recover(context.Context) error { return load.Recover(w.cfg.Workspace) }

// Publish implements [pipelines.Loader].
func (w *wiring) Publish(ctx context.Context, runID string) error {
	_, err := load.Publish(ctx, load.Options{
		Workspace: w.place(), BuildPath: buildPath(w.place()), Resources: w.cfg.Resources, RunID: runID,
		Now: w.clock.Now(), Log: w.app.log, Organisation: w.cfg.Organisation.Name, Currency: w.cfg.Organisation.Currency, Failpoint: w.app.loadFailpoint,
	})
	if err == nil && w.output != "" {
		err = removeBuild(w.output)
	}
	return err
}

func warehousePath(workspace string) string { return load.WarehousePath(workspace) }

// buildPath is the private database that the transform works in.
func buildPath(workspace string) string {
	return filepath.Join(workspace, load.WarehouseDir, "build.duckdb")
}
