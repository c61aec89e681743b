package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/extract/connectors"
	"github.com/rightseat/rightseat/extract/file"
	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/internal/yamlx"
	"github.com/rightseat/rightseat/pipelines"
)

func (a *app) connectorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "connector",
		Short: "List, show, check and write connectors",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), yamlx.Hint(args[0], []string{"list", "show", "lint", "new"}))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.connectorListCommand(), a.connectorShowCommand(), a.connectorLintCommand(), a.connectorNewCommand())
	return cmd
}

func (a *app) connectorListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the built-in connectors and the configuration's own", Args: cobra.NoArgs}
	format := formatFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		if err := checkFormat(*format); err != nil {
			return err
		}
		columns := []table.Column{{Name: "connector"}, {Name: "title"}, {Name: "class"}, {Name: "description"}}
		rows := [][]any{{file.Connector, "Files", "own", "CSV, Parquet, JSON lines or XLSX files of many kinds"}}
		for _, name := range connectors.Names() {
			m, err := manifest.Parse(name+".yaml", connectors.Raw(name))
			if err != nil {
				return err
			}
			rows = append(rows, []any{name, m.Title, m.Class, m.Description})
		}
		own, err := a.ownConnectors()
		if err != nil {
			return err
		}
		return a.list(columns, append(rows, own...), *format)
	}
	return cmd
}

// ownConnectors lists the manifests that the configuration names, if there is one here.
func (a *app) ownConnectors() ([][]any, error) {
	cfg, err := a.loadIfThere()
	if err != nil || cfg == nil {
		return nil, err
	}
	var rows [][]any
	for _, c := range cfg.Connections {
		if !isPath(c.Connector) {
			continue
		}
		m, err := manifest.Load(cfg.Resolve(c.Connector))
		if err != nil {
			return nil, err
		}
		rows = append(rows, []any{c.Connector, m.Title, m.Class, m.Description})
	}
	return rows, nil
}

// isPath tells a user's own manifest from a built-in connector's name.
func isPath(connector string) bool {
	return strings.ContainsAny(connector, `/\`) || strings.HasSuffix(connector, ".yaml") || strings.HasSuffix(connector, ".yml")
}

func (a *app) connectorShowCommand() *cobra.Command {
	var raw bool
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show what a connector needs and brings",
		Long:  "Shows a connector's settings, ways to sign in, permissions and streams. With --raw, prints its manifest, a good start for one of your own.",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := args[0]
			if name == file.Connector {
				return a.showFileKinds()
			}
			data, err := manifestText(name)
			if err != nil {
				return err
			}
			if raw {
				_, err := a.stdout.Write(data)
				return err
			}
			m, err := manifest.Parse(name, data)
			if err != nil {
				return err
			}
			return a.showConnector(m)
		},
	}
	cmd.Flags().BoolVar(&raw, "raw", false, "print the manifest itself")
	return cmd
}

func manifestText(name string) ([]byte, error) {
	if isPath(name) {
		return yamlx.ReadFile(name, "a connector's manifest")
	}
	if data := connectors.Raw(name); data != nil {
		return data, nil
	}
	return nil, pipelines.Usagef("there is no connector %q%s", name, yamlx.Hint(name, append(connectors.Names(), file.Connector)))
}

func (a *app) connectorLintCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lint FILE",
		Short: "Check a manifest of your own",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := manifest.Load(args[0])
			if err != nil {
				return err
			}
			for _, w := range manifest.Lint(m) {
				a.note("warning: %s", w)
			}
			return a.say("%s: ok: connector %s, %d streams", args[0], m.Name, len(m.Streams))
		},
	}
}

func (a *app) connectorNewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new NAME",
		Short: "Write the start of a connector of your own",
		Long: `Writes connectors/NAME.yaml, the manifest, and connectors/NAME/roster.sql, which maps its records
to a feed. Never overwrites anything. Use it with "connector: connectors/NAME.yaml". In SQL, a - of the
name is written _: the records of acme-crm's stream users are raw.acme_crm__users.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.newConnector(args[0]) },
	}
}

func (a *app) newConnector(name string) error {
	text, err := manifest.Skeleton(name)
	if err != nil {
		return pipelines.Usagef("%w", err)
	}
	base := filepath.Join(filepath.Dir(a.configFile), "connectors")
	files := []struct {
		path string
		text []byte
	}{
		{filepath.Join(base, name+".yaml"), text},
		{filepath.Join(base, name, "roster.sql"), stagingSkeleton(name)},
	}
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
			return fmt.Errorf("connector new: %w", err)
		}
		err := atomicfile.CreateExclusive(f.path, f.text)
		if errors.Is(err, fs.ErrExist) {
			return pipelines.Usagef("%s is already there and stays as it is", f.path)
		}
		if err != nil {
			return fmt.Errorf("connector new: %w", err)
		}
	}
	return a.say("Wrote %s and %s.\nCheck the manifest with `rightseat connector lint %s`.", files[0].path, files[1].path, files[0].path)
}

// stagingSkeleton maps the records that the new manifest brings. Names of SQL views have _ for -.
func stagingSkeleton(name string) []byte {
	view := strings.ReplaceAll(name, "-", "_")
	return []byte(strings.NewReplacer("{{name}}", name, "{{view}}", view).Replace(newStaging))
}

const newStaging = `-- feed: roster
-- description: Accounts of {{name}}.
SELECT
  connection,
  snapshot_id,
  snapshot_date,
  read_at,
  json_extract_string(payload, '$.id') AS account_id,
  json_extract_string(payload, '$.email') AS email,
  json_extract_string(payload, '$.plan') AS tier,
  'active' AS status
FROM raw.{{view}}__users
`
