package cli

import (
	"context"
	"path/filepath"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/load"
	"github.com/rightseat/rightseat/pipelines"
)

// wire connects the stages of a configuration.
func wire(a *app, cfg *config.Config, clk clock.Clock) (*pipelines.Runner, error) {
	return &pipelines.Runner{
		Config: cfg, Lake: lake.Open(cfg.Workspace), Ledger: pipelines.OpenLedger(cfg.Workspace),
		Clock: clk, Version: version(), Log: a.log,
		Loader: &loader{cfg: cfg, clock: clk, app: a},
	}, nil
}

func warehousePath(workspace string) string { return load.WarehousePath(workspace) }

// loader is package load as a stage.
type loader struct {
	app   *app
	cfg   *config.Config
	clock clock.Clock
}

// Recover implements [pipelines.Loader].
func (l *loader) Recover(context.Context) error { return load.Recover(l.cfg.Workspace) }

// Publish implements [pipelines.Loader].
func (l *loader) Publish(ctx context.Context, runID string) error {
	_, err := load.Publish(ctx, load.Options{
		Workspace: l.cfg.Workspace, BuildPath: buildPath(l.cfg), Resources: l.cfg.Resources,
		RunID: runID, Now: l.clock.Now(), Log: l.app.log,
		Organisation: l.cfg.Organisation.Name, Currency: l.cfg.Organisation.Currency,
	})
	return err
}

// buildPath is the private database that the transform works in.
func buildPath(cfg *config.Config) string {
	return filepath.Join(cfg.Workspace, load.WarehouseDir, "build.duckdb")
}
