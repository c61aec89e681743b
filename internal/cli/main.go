// Package cli is the command line: it reads flags, calls package pipelines, and prints.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/lock"
	"github.com/rightseat/rightseat/internal/progress"
	"github.com/rightseat/rightseat/internal/secret"
	"github.com/rightseat/rightseat/internal/yamlx"
	"github.com/rightseat/rightseat/pipelines"
)

// Env looks up an environment variable, as [os.LookupEnv] does.
type Env func(name string) (string, bool)

// Main runs one command and gives its exit code. args are without the program's name. An
// interrupt or a termination signal ends the command at its next safe point; a second one
// ends the process.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, env Env) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return Run(ctx, args, stdin, stdout, stderr, env, World{})
}

// World is what a command meets outside its process. The zero value is the real one; tests
// of the whole program give it a clock, vendors of their own, and points at which to stop.
type World struct {
	Clock     clock.Clock
	Transport http.RoundTripper // reaches the vendors
	// LakeFailpoint and LoadFailpoint are the lake's and the publish's, see [lake.Store] and
	// [load.Options].
	LakeFailpoint, LoadFailpoint func(step string) error
	Progress                     progress.Reporter // instead of what the flags ask for
}

// Run is [Main] in a world of the caller's, without signals.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env Env, w World) int {
	sys := system{clock: w.Clock, wire: wire, terminal: isTerminal, transport: w.Transport, lakeFailpoint: w.LakeFailpoint, loadFailpoint: w.LoadFailpoint, reporter: w.Progress}
	if sys.clock == nil {
		sys.clock = clock.System{}
	}
	return run(ctx, args, stdin, stdout, stderr, env, sys)
}

// system is what a command needs of the world beyond its streams. Tests put their own here.
type system struct {
	clock clock.Clock
	// oncePerInstant is for the demo, whose clock stands still through each day's run.
	oncePerInstant bool
	// wire connects the stages of a configuration.
	wire func(a *app, cfg *config.Config, clk clock.Clock, transport http.RoundTripper) (*pipelines.Runner, error)
	// terminal tells whether a stream is a terminal that a person looks at.
	terminal func(stream any) bool

	transport                    http.RoundTripper // nil: the network
	lakeFailpoint, loadFailpoint func(step string) error
	reporter                     progress.Reporter // nil: as the flags say
}

// app is one invocation.
type app struct {
	system
	stdin          io.Reader
	stdout, stderr io.Writer // what is foreign in the text has been made printable
	env            Env

	configFile, logFormat, logLevel string
	quiet, noProgress               bool

	started bool // flags and arguments were in order
	secrets *secret.Redactor
	log     *slog.Logger
}

// exitError ends a command with an exit code after everything has been said.
type exitError struct{ code int }

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env Env, sys system) int {
	a := &app{system: sys, stdin: stdin, stdout: stdout, stderr: stderr, env: env, secrets: &secret.Redactor{}, log: slog.New(slog.DiscardHandler)}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	return a.report(err)
}

// report prints an error and gives the exit code.
func (a *app) report(err error) int {
	var exit exitError
	switch {
	case err == nil:
		return pipelines.ExitOK
	case errors.As(err, &exit):
		return exit.code
	case errors.Is(err, syscall.EPIPE):
		return pipelines.ExitOK // the reader has seen enough, as in `query … | head`
	}
	text := strings.ReplaceAll(a.secrets.Redact(strings.TrimSpace(err.Error())), "\t", "  ")
	if errors.Is(err, syscall.ENOSPC) {
		text += "\n  free some space on the workspace's disk and run again; nothing is lost"
	}
	code := pipelines.ExitFailed
	switch {
	case errors.As(err, new(*lock.HeldError)):
		code = pipelines.ExitBusy
	case duck.IsOutOfMemory(err):
		code = pipelines.ExitMemory
		text += "\n  nothing was published; give the transform more under resources.memory in the configuration, or free memory on this machine"
	}
	a.note("rightseat: %s", text)
	var usage *pipelines.UsageError
	if !a.started || errors.As(err, &usage) || yamlx.IsUsage(err) {
		return pipelines.ExitUsage
	}
	return code
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "rightseat",
		Short: "Find the software seats nobody uses",
		Long: `rightseat pulls people, assignments, logins, usage, spend and contracts from your vendors,
works out who has a seat and who uses it, and publishes the answer as a DuckDB warehouse
and as Parquet, CSV, XLSX and HTML reports.

Start with "rightseat demo", or with "rightseat init" for your own organisation.`,
		SilenceUsage:               true,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		PersistentPreRunE:          func(*cobra.Command, []string) error { return a.start() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.configFile, "config", "rightseat.yaml", "configuration `FILE`")
	flags.StringVar(&a.logFormat, "log-format", "text", "log as text or json")
	flags.StringVar(&a.logLevel, "log-level", "info", "least level that is logged: debug, info, warn or error")
	flags.BoolVar(&a.quiet, "quiet", false, "log errors only and show no progress")
	flags.BoolVar(&a.noProgress, "no-progress", false, "show no progress")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(&cobra.Command{Use: "help [COMMAND]", Short: "Explain a command", RunE: func(cmd *cobra.Command, args []string) error {
		c, _, err := root.Find(args)
		if err != nil {
			return err
		}
		return c.Help()
	}})
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(
		a.initCommand(), a.demoCommand(), a.checkCommand(),
		a.runCommand(), a.extractCommand(), a.transformCommand(), a.loadCommand(),
		a.backfillCommand(), a.scheduleCommand(), a.forgetCommand(), a.acceptCommand(), a.verifyCommand(),
		a.statusCommand(), a.runsCommand(), a.queryCommand(), a.explainCommand(),
		a.connectorCommand(), a.benchmarkCommand(), a.versionCommand(),
	)
	plainArguments(root)
	return root
}

// plainArguments has every command answer a wrong number of arguments with its usage line.
func plainArguments(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error {
			err := check(c, args)
			if err == nil || !strings.HasPrefix(err.Error(), "accepts ") {
				return err
			}
			return fmt.Errorf("%s given; usage: %s\nSee `%s --help`", arguments(len(args)), c.UseLine(), c.CommandPath())
		}
	}
	for _, sub := range cmd.Commands() {
		plainArguments(sub)
	}
}

func arguments(n int) string {
	switch n {
	case 0:
		return "no argument was"
	case 1:
		return "1 argument was"
	}
	return fmt.Sprintf("%d arguments were", n)
}

// start checks the global flags and opens the log.
func (a *app) start() error {
	log, err := a.newLog()
	if err != nil {
		return err
	}
	a.log, a.started = log, true
	return nil
}

// flagError helps with a misspelt flag.
func flagError(cmd *cobra.Command, err error) error {
	const unknown = "unknown flag: --"
	name, ok := strings.CutPrefix(err.Error(), unknown)
	if !ok {
		return fmt.Errorf("%w\nSee `%s --help`", err, cmd.CommandPath())
	}
	near := yamlx.Nearest(name, flagNames(cmd))
	if near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return fmt.Errorf("%w\nSee `%s --help`", err, cmd.CommandPath())
}

// load reads the configuration; its secrets are redacted from then on.
func (a *app) load(options ...config.Option) (*config.Config, error) {
	cfg, err := config.Load(a.configFile, a.env, options...)
	if err != nil {
		return nil, err
	}
	a.secrets = cfg.Secrets
	if log, err := a.newLog(); err == nil {
		a.log = log
	}
	return cfg, nil
}

// open reads the configuration and wires its stages. Commands that ask no vendor pass
// [config.WithoutSecrets].
func (a *app) open(options ...config.Option) (*pipelines.Runner, error) {
	cfg, err := a.load(options...)
	if err != nil {
		return nil, err
	}
	return a.wire(a, cfg, a.clock, a.transport)
}
