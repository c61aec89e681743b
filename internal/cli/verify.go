package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Hold the raw lake to its checksums",
		Long: `Reads every commit and data file of lake/raw and holds it to its checksum; folders and commits that are gone
are found as well. Each damaged or missing file is named. Files of versions that wrote no checksums are held to
their size. What is derived (warehouse, exports, lake/core) is made anew by "rightseat run --full-refresh".`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.load(config.WithoutSecrets())
			if err != nil {
				return err
			}
			count := 0
			damaged := func(err error) {
				count++
				a.note("%v", err)
			}
			store := lake.Open(cfg.Workspace)
			known, err := lake.ReadHeads(lake.HeadsPath(cfg.Workspace))
			if err == nil {
				err = store.Check(known)
			}
			if err != nil {
				damaged(err)
			}
			files, err := store.Verify(cmd.Context(), damaged)
			if err != nil {
				return err
			}
			if count > 0 {
				return fmt.Errorf("%d of %d files of the lake are damaged or missing: put back copies of them from a backup, or `rightseat forget` their connections and read them anew", count, files)
			}
			_, err = fmt.Fprintf(a.stdout, "%d files of the lake are as they were written\n", files)
			return err
		},
	}
}
