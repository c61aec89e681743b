package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/lock"
	"github.com/rightseat/rightseat/load"
	"github.com/rightseat/rightseat/transform"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Hold the lake, the exports and the warehouse to their checksums",
		Long: `Reads every commit and data file of lake/raw, every file of lake/core and of the exports, and the
warehouse, and holds them to their checksums; folders and commits that are gone are found as well. Each damaged,
missing or foreign file is named, and what heals it: a run for what is derived, a backup for what is raw. Files of
versions that wrote no checksums are held to their size or to being there. It takes no lock; what a run at work is
about to replace may be named for a moment.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.load(config.WithoutSecrets())
			if err != nil {
				return err
			}
			return a.verify(cmd.Context(), cfg)
		},
	}
}

func (a *app) verify(ctx context.Context, cfg *config.Config) error {
	holder, working, err := lock.Held(cfg.Workspace)
	if err != nil {
		return err
	}
	if working {
		a.note("rightseat: %q is at work (process %d): what is named of lake/core, exports and warehouse may be what it replaces right now", holder.Command, holder.PID)
	}
	raw, derived := 0, 0
	counting := func(count *int) func(error) {
		return func(err error) {
			*count++
			a.note("%v", err)
		}
	}
	store := lake.Open(cfg.Workspace)
	known, err := lake.ReadHeads(lake.HeadsPath(cfg.Workspace))
	if err == nil {
		err = store.Check(known)
	}
	if err != nil {
		counting(&raw)(err)
	}
	files, err := store.Verify(ctx, counting(&raw))
	if err != nil {
		return err
	}
	core, err := transform.VerifyCore(ctx, filepath.Join(cfg.Workspace, "lake", "core"), !working, counting(&derived))
	if err != nil {
		return err
	}
	published, err := load.Verify(ctx, cfg.Workspace, cfg.Resources, counting(&derived))
	if err != nil {
		return err
	}
	files += core + published
	if raw+derived == 0 {
		_, err = fmt.Fprintf(a.stdout, "%d files of the lake, the exports and the warehouse are as they were written\n", files)
		return err
	}
	var heal []string
	if raw > 0 {
		heal = append(heal, fmt.Sprintf("raw data (%d): put back copies from a backup, or `rightseat forget` the connections and read them anew", raw))
	}
	if derived > 0 {
		heal = append(heal, fmt.Sprintf("lake/core, exports and warehouse (%d): `rightseat run` writes anew what is damaged or missing", derived))
	}
	return fmt.Errorf("%d of %d files are damaged, missing or foreign; %s", raw+derived, files, strings.Join(heal, "; "))
}
