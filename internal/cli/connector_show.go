package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/rightseat/rightseat/extract/manifest"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/filekind"
	"github.com/rightseat/rightseat/internal/preset"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/internal/yamlx"
)

// loadIfThere reads the configuration if there is one; nil without.
func (a *app) loadIfThere() (*config.Config, error) {
	if _, err := os.Stat(a.configFile); err != nil {
		return nil, nil //nolint:nilerr // no configuration here
	}
	return a.load(config.WithoutSecrets())
}

// showConnector tells a person what to put into the configuration.
func (a *app) showConnector(m *manifest.Manifest) error {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(table.Printable(fmt.Sprintf(format, args...)) + "\n")
	}
	line("%s (%s), class %s", m.Title, m.Name, m.Class)
	line("%s", m.Description)
	if len(m.Reclaim) > 0 {
		line("Reclaims seats by: %s.", strings.Join(m.Reclaim, ", "))
	}
	line("%s", m.Docs)
	line("")
	line("Settings")
	names := yamlx.SortedKeys(m.Settings)
	for _, n := range names {
		s := m.Settings[n]
		extra := ""
		switch {
		case s.Required:
			extra = " (required)"
		case s.Default != "":
			extra = " (default " + s.Default + ")"
		}
		line("  %-16s %s%s", n, s.Description, extra)
	}
	for _, s := range m.CommonSettings() {
		line("  %-16s %s", s.Name, s.Description)
	}
	line("")
	line("Ways to sign in: the keys under auth")
	for _, w := range m.Auth {
		line("  %-26s %s", w.Type, keysOf(w))
	}
	line("")
	line("Permissions")
	for _, p := range m.Permissions {
		line("  %-30s %s", p.Name, p.Why)
	}
	line("")
	line("Streams")
	for _, s := range m.Streams {
		optional := ""
		if s.Optional {
			optional = " (optional)"
		}
		line("  %-22s %-9s %s%s", s.Name, s.Kind, s.Description, optional)
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

// keysOf lists the auth keys of one way to sign in.
func keysOf(w manifest.Auth) string {
	sets, optional := w.Keys()
	var ways []string
	for _, keys := range sets {
		ways = append(ways, strings.Join(keys, ", "))
	}
	text := strings.Join(ways, " or ")
	if len(optional) > 0 {
		text += " (also: " + strings.Join(optional, ", ") + ")"
	}
	return text
}

func (a *app) showFileKinds() error {
	var b strings.Builder
	b.WriteString("Files (file): CSV, Parquet, JSON lines or XLSX\n\nSettings\n")
	for _, f := range config.FileSettingList {
		fmt.Fprintf(&b, "  %-12s %s\n  %-12s   %s: %s\n", f.Name, f.Description, "", f.Name, f.Example)
	}
	b.WriteString("\nPresets\n")
	for _, p := range preset.All() {
		fmt.Fprintf(&b, "  %-12s %s\n", p.Name, p.Title)
		for _, v := range p.Variants {
			fmt.Fprintf(&b, "  %-12s   %s: %s\n", "", v.Name, strings.Join(v.Headers, ", "))
		}
		if p.Note != "" {
			fmt.Fprintf(&b, "  %-12s   %s\n", "", p.Note)
		}
	}
	b.WriteString("\nKinds, with their columns (* required)\n")
	for _, k := range filekind.All() {
		var columns []string
		for _, c := range k.Columns {
			name := c.Name
			if c.Required {
				name += "*"
			}
			columns = append(columns, name)
		}
		fmt.Fprintf(&b, "\n  %s: %s\n    %s\n", k.Name, k.Description, strings.Join(columns, ", "))
		if len(k.Inputs) > 0 {
			fmt.Fprintf(&b, "    (debit and credit in two columns make an amount: columns: {Paid out: debit, Paid in: credit};\n     a column of words such as Debit and Credit says where an amount went: columns: {Debit/Credit: direction})\n")
		}
		if k.Name == "spend" {
			fmt.Fprintf(&b, "    (lines without a transaction_id get one by their content; a second export of the same lines adds none)\n")
		}
	}
	if err := writeWords(&b); err != nil {
		return err
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}
