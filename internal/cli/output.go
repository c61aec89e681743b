package cli

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/lmittmann/tint"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/progress"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/pipelines"
)

// isTerminal tells whether w is a terminal that a person looks at.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// newLog logs text for people or JSON for machines. Every text in it goes through the redactor.
func (a *app) newLog() (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(a.logLevel)); err != nil {
		return nil, pipelines.Usagef("--log-level %q: use debug, info, warn or error", a.logLevel)
	}
	secrets := a.secrets
	if a.quiet {
		least = slog.LevelError
	}
	clean := func(_ []string, at slog.Attr) slog.Attr {
		switch v := at.Value.Any().(type) {
		case string:
			at.Value = slog.StringValue(secrets.Redact(v))
		case error:
			at.Value = slog.StringValue(secrets.Redact(v.Error()))
		}
		return at
	}
	switch a.logFormat {
	case "json":
		return slog.New(slog.NewJSONHandler(a.stderr, &slog.HandlerOptions{Level: least, ReplaceAttr: clean})), nil
	case "text":
		return slog.New(tint.NewTextHandler(a.stderr, &tint.Options{
			Level: least, TimeFormat: time.TimeOnly, NoColor: !a.isColoured(), ReplaceAttr: clean,
		})), nil
	}
	return nil, pipelines.Usagef("--log-format %q: use text or json", a.logFormat)
}

// progress shows how far a run is: bars on a terminal that can draw them, nothing elsewhere or when
// it is not wanted.
func (a *app) progress() progress.Reporter {
	switch {
	case a.reporter != nil:
		return a.reporter
	case a.quiet || a.noProgress || a.logFormat == "json" || a.isDumb() || !a.terminal(a.stderr):
		return progress.Silent{}
	}
	return progress.NewBars(a.stderr)
}

// isDumb tells of a terminal that does nothing but print.
func (a *app) isDumb() bool { return a.variable("TERM") == "dumb" }

// isColoured tells whether the log may be coloured: on a terminal that can, unless NO_COLOR is set,
// to whatever (https://no-color.org).
func (a *app) isColoured() bool {
	return a.terminal(a.stderr) && !a.isDumb() && a.variable("NO_COLOR") == ""
}

// variable is an environment variable's value, "" where it is not set.
func (a *app) variable(name string) string {
	if a.env == nil {
		return ""
	}
	value, _ := a.env(name)
	return value
}

// printableLines makes foreign text safe for a terminal, line by line.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = table.Printable(l)
	}
	return strings.Join(lines, "\n")
}

// say prints a line for people on standard output. Foreign text in args is made printable.
func (a *app) say(format string, args ...any) error {
	_, err := fmt.Fprintln(a.stdout, printableLines(fmt.Sprintf(format, args...)))
	return err
}

// note prints a line for people on standard error, redacted and made printable.
func (a *app) note(format string, args ...any) {
	// What can't be written to standard error can't be told anywhere.
	_, _ = fmt.Fprintln(a.stderr, printableLines(a.secrets.Redact(fmt.Sprintf(format, args...))))
}

// undeliveredAlerts says that what alerts: asks for is not done. Silence would be taken for "all well".
func (a *app) undeliveredAlerts(cfg *config.Config) {
	if cfg.Alerts.Email == nil && len(cfg.Alerts.Webhooks) == 0 {
		return
	}
	a.log.Warn("alerts are configured, and this version does not deliver any: let a monitor call `rightseat status --exit-code`", "file", cfg.File, "key", "alerts")
}

// formatFlag adds --format to a listing command.
func formatFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("format", table.FormatTable, "print as table, json or csv")
}

func checkFormat(format string) error {
	if err := table.CheckFormat(format); err != nil {
		return pipelines.Usagef("--format: %w", err)
	}
	return nil
}

// list prints rows of a listing command.
func (a *app) list(columns []table.Column, rows [][]any, format string) error {
	return table.Render(a.stdout, columns, table.Slice(rows), format)
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return names
}

// optionalTime is a cell: NULL without a time.
func optionalTime(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC()
}

func optionalText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// duration shows a length of time in its two largest units.
func duration(d time.Duration) string {
	d = d.Round(time.Minute)
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case d < 0:
		return "0m"
	case days > 0:
		return fmt.Sprintf("%dd %dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	}
	return fmt.Sprintf("%dm", minutes)
}
