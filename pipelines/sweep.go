package pipelines

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/lake"
)

// noteLake writes down, outside the lake, what the lake holds.
func (r *Runner) noteLake() error {
	heads, err := r.Lake.Heads()
	if err != nil {
		return err
	}
	return heads.Write(lake.HeadsPath(r.Config.Workspace))
}

// sweepTemp removes what processes that are no more have spilled; a query or a verify beside this run keeps its own. In
// the workspace's own folder nothing else has a place, as earlier versions left it there.
func (r *Runner) sweepTemp() error {
	own := filepath.Join(r.Config.Workspace, "state", "tmp")
	for _, dir := range slices.Compact([]string{own, r.Config.Resources.TempDir}) {
		if err := duck.SweepSpills(dir); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(own)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear the folder for temporary files: %w", err)
	}
	for _, e := range entries {
		if duck.IsSpill(e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(own, e.Name())); err != nil {
			return fmt.Errorf("clear the folder for temporary files: %w", err)
		}
	}
	return nil
}
