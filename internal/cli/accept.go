package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/yamlx"
	"github.com/rightseat/rightseat/pipelines"
)

func (a *app) acceptCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "accept CONNECTION[/STREAM]",
		Short: "Say that a list which shrank sharply, or lost its folder, is right",
		Long: `A list that shrinks by half or more, from 20 or more records, is held back until a reading on another
day confirms it; the last one counts meanwhile. This command says that it is right, and publishes
with it. Of a connection or stream whose folder is gone from the raw lake it says that this is
right: what it brought counts no more, until it is read again. Of a file of which rows could not be used
it says that the file is right without them; one that changes is judged anew.

It prints what was accepted. Where nothing is held, gone or lacking, nothing is changed and the exit code
is 1.`,
		Example: "  rightseat accept okta/app_users\n  rightseat accept okta",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.open(config.WithoutSecrets())
			if err != nil {
				return err
			}
			if err := a.knownStream(r, args[0]); err != nil {
				return err
			}
			return a.finishRun(cmd.Context(), r, pipelines.Request{Command: "accept", Accept: args[0], Transform: true, Load: true})
		},
	}
}

// knownStream refuses a connection, or connection/stream, that neither the lake nor the configuration has.
func (a *app) knownStream(r *pipelines.Runner, what string) error {
	connection, stream, single := strings.Cut(what, "/")
	if err := a.knownData(r, connection); err != nil || !single {
		return err
	}
	names, err := r.Lake.Streams(connection)
	if err != nil {
		return err
	}
	known, err := lake.ReadHeads(lake.HeadsPath(r.Config.Workspace))
	if err != nil {
		return err
	}
	for head := range known {
		if s, ok := strings.CutPrefix(head, connection+"/"); ok && !slices.Contains(names, s) {
			names = append(names, s)
		}
	}
	for _, c := range r.Config.Connections {
		if c.Name != connection {
			continue
		}
		configured, _, _, err := streamsOf(r.Config, c)
		if err != nil {
			return err
		}
		for _, s := range configured {
			if !slices.Contains(names, s) {
				names = append(names, s)
			}
		}
	}
	if !slices.Contains(names, stream) {
		slices.Sort(names)
		return pipelines.Usagef("connection %s has no stream %q%s", connection, stream, yamlx.Hint(stream, names))
	}
	return nil
}

// tellAccepted prints what a run accepted.
func (a *app) tellAccepted(run *pipelines.Run) error {
	for _, s := range run.Stages {
		if s.Name == "accept" && s.Outcome == pipelines.StageOK {
			if err := a.say("%s", s.Detail); err != nil {
				return err
			}
		}
	}
	return nil
}
