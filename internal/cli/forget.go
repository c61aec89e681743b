package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/yamlx"
	"github.com/rightseat/rightseat/pipelines"
)

func (a *app) forgetCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "forget CONNECTION",
		Short: "Delete everything a connection brought",
		Long: `Deletes the connection's raw data for good and publishes anew, as if it had never been: every
date falls back to what the other sources say. To stop reading but keep the history, set
disconnected_on in the configuration instead.`,
		Example: "  rightseat forget zoom\n  rightseat forget zoom --yes",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.open(config.WithoutSecrets())
			if err != nil {
				return err
			}
			name := args[0]
			if err := a.knownData(r, name); err != nil {
				return err
			}
			if !yes {
				if err := a.confirm(name); err != nil {
					return err
				}
			}
			return a.finishRun(cmd.Context(), r, pipelines.Request{
				Command: "forget", Forget: name, Transform: true, Load: true, FullRefresh: true,
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// knownData refuses a name that neither the lake nor the configuration has.
func (a *app) knownData(r *pipelines.Runner, name string) error {
	names, err := r.Lake.Connections()
	if err != nil {
		return err
	}
	known, err := lake.ReadHeads(lake.HeadsPath(r.Config.Workspace))
	if err != nil {
		return err
	}
	for stream := range known {
		if c, _, _ := strings.Cut(stream, "/"); !slices.Contains(names, c) {
			names = append(names, c)
		}
	}
	for _, c := range r.Config.Connections {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	if !slices.Contains(names, name) {
		return pipelines.Usagef("there is no connection %q%s", name, yamlx.Hint(name, names))
	}
	return nil
}

// confirm has the person type the connection's name.
func (a *app) confirm(name string) error {
	if !a.terminal(a.stdin) {
		return pipelines.Usagef("forget deletes data for good and asks before it does; where nobody can answer, say --yes")
	}
	a.note("This deletes everything that %s brought, for good. Type its name to go on:", name)
	line, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	if strings.TrimSpace(line) != name {
		return errors.New("not confirmed; nothing was deleted")
	}
	return nil
}
