package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/pipelines"
)

// ignored keeps data about people and secrets out of version control.
const ignored = `# What rightseat makes can be made again; what it read is about people.
/lake/
/warehouse/
/exports/
/rebuilt/
/state/
/uploads/
/secrets/
.env
`

func (a *app) initCommand() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:     "init [DIR]",
		Short:   "Write a commented configuration and the folders",
		Long:    "Writes rightseat.yaml with comments, a .gitignore and the folders for uploads into DIR (default: here). Never overwrites anything.",
		Example: "  rightseat init acme --name Acme",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return a.initialise(dir, name)
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the organisation's `NAME`")
	return cmd
}

func (a *app) initialise(dir, name string) error {
	for _, sub := range []string{"uploads", "exempt"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return fmt.Errorf("init: %w", err)
		}
	}
	file := filepath.Join(dir, "rightseat.yaml")
	err := atomicfile.CreateExclusive(file, config.Template(name))
	if errors.Is(err, fs.ErrExist) {
		return pipelines.Usagef("%s is already there and stays as it is", file)
	}
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	if err := atomicfile.CreateExclusive(filepath.Join(dir, ".gitignore"), []byte(ignored)); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("init: %w", err)
	}
	called, enter := program(), ""
	if filepath.Clean(dir) != "." {
		enter = "  cd " + dir + "\n"
		if strings.ContainsRune(called, filepath.Separator) && !filepath.IsAbs(called) {
			called = filepath.Join(upFrom(dir), called)
		}
	}
	return a.say(`Wrote %s.

Next:
%s  1. Add a connection to it; "%[3]s connector list" shows what there is,
     "%[3]s connector show okta" what a connection needs.
  2. Put its token into the environment.
  3. %[3]s check
  4. %[3]s run`, file, enter, called)
}

// upFrom is the way from a folder back to the one this process is in; the absolute path of that
// one where there is no shorter way.
func upFrom(dir string) string {
	here, err := os.Getwd()
	if err != nil {
		return "."
	}
	there, err := filepath.Abs(dir)
	if err != nil {
		return here
	}
	back, err := filepath.Rel(there, here)
	if err != nil {
		return here
	}
	return back
}
