package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/benchmark"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/yamlx"
	"github.com/rightseat/rightseat/pipelines"
)

func (a *app) benchmarkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "benchmark",
		Short: "Compare with other organisations without showing yourself",
		Long: `Organisations that want to compare themselves each export a contribution: percentages and prices per
app, anonymous, to be read before it is sent. Somebody they trust pools them into a reference file,
which each reads with a connection of kind benchmarks.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), yamlx.Hint(args[0], []string{"export", "pool"}))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.benchmarkExportCommand(), a.benchmarkPoolCommand())
	return cmd
}

type exportFlags struct {
	output, industry, sizeBand string
	minPeople                  int64
}

func (a *app) benchmarkExportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write an anonymous contribution to a pool of benchmarks",
		Long: `Writes a contribution from the published warehouse: per app of the built-in catalogue, how many
percent of its provisioned people use it and each of its features, and what a licence costs a year.
No person, team, instance, organisation's name or application of your own is in it, and no number
about a small group. The file says what it holds; please read it before you send it. What was left
out is listed here, and nowhere else.

Industries: ` + strings.Join(benchmark.Industries, ", ") + `.
Size bands (default: from the number of employees): ` + strings.Join(benchmark.SizeBands(), ", ") + `.`,
		Example: `  rightseat benchmark export --industry retail
  rightseat benchmark export --output - | less`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.benchmarkExport(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.output, "output", "benchmark-contribution.json", "the `FILE` to write; - is standard output")
	cmd.Flags().StringVar(&f.industry, "industry", "", "your `INDUSTRY`, to be compared with your like; else only the size tells")
	cmd.Flags().StringVar(&f.sizeBand, "size-band", "", "your size `BAND` instead of the one of the headcount")
	cmd.Flags().Int64Var(&f.minPeople, "min-people", 10, fmt.Sprintf("leave out numbers about fewer people or licences than `N`; at least %d", benchmark.LeastPeople))
	return cmd
}

func (f exportFlags) check() error {
	switch {
	case f.industry != "" && !slices.Contains(benchmark.Industries, f.industry):
		return pipelines.Usagef("--industry %q is not one of the industries%s", f.industry, yamlx.Hint(f.industry, benchmark.Industries))
	case f.sizeBand != "" && !slices.Contains(benchmark.SizeBands(), f.sizeBand):
		return pipelines.Usagef("--size-band %q is not one of the bands%s", f.sizeBand, yamlx.Hint(f.sizeBand, benchmark.SizeBands()))
	case f.minPeople < benchmark.LeastPeople:
		return pipelines.Usagef("--min-people %d: at least %d", f.minPeople, benchmark.LeastPeople)
	case f.output == "":
		return pipelines.Usagef("--output needs a file, or - for standard output")
	}
	return nil
}

func (a *app) benchmarkExport(ctx context.Context, f exportFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	cfg, err := a.load(config.WithoutSecrets())
	if err != nil {
		return err
	}
	c, left, err := a.collect(ctx, cfg, f)
	if errors.Is(err, benchmark.ErrNothing) {
		return fmt.Errorf("nothing to contribute: %w; `rightseat run` makes them", err)
	}
	if err != nil {
		return fmt.Errorf("benchmark export: %w", err)
	}
	if len(c.Cells) == 0 {
		a.listLeftOut(left)
		return errors.New("nothing to contribute: every number was left out")
	}
	data, err := c.Encode()
	if err != nil {
		return fmt.Errorf("benchmark export: %w", err)
	}
	if f.output == "-" {
		_, err := a.stdout.Write(data)
		a.listLeftOut(left)
		return err
	}
	if err := atomicfile.WriteFile(f.output, data); err != nil {
		return fmt.Errorf("benchmark export: %w", err)
	}
	a.listLeftOut(left)
	return a.say("Wrote %s: %d numbers about %d apps, as of %s. Please read it before you send it.", f.output, len(c.Cells), apps(c), c.AsOf)
}

// collect makes the contribution. The workspace gets its contributor number the first time.
func (a *app) collect(ctx context.Context, cfg *config.Config, f exportFlags) (_ *benchmark.Contribution, _ []benchmark.LeftOut, err error) {
	words, err := benchmark.BuiltIn()
	if err != nil {
		return nil, nil, err
	}
	db, err := openWarehouse(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	id, err := benchmark.Contributor(cfg.Workspace, nil)
	if err != nil {
		return nil, nil, err
	}
	excluded := map[string][]string{}
	for _, own := range cfg.Apps {
		excluded[own.ID] = own.ExcludedInstances
	}
	return benchmark.Collect(ctx, db, words, benchmark.Options{
		Contributor: id, Organisation: cfg.Organisation.Name, Domains: cfg.Organisation.Domains, Currency: cfg.Organisation.Currency,
		SizeBand: f.sizeBand, Industry: f.industry, MinPeople: f.minPeople, Excluded: excluded,
	})
}

func apps(c *benchmark.Contribution) int {
	seen := map[string]bool{}
	for _, cell := range c.Cells {
		seen[cell.App] = true
	}
	return len(seen)
}

// listLeftOut says, to the organisation alone, what is not in the file.
func (a *app) listLeftOut(left []benchmark.LeftOut) {
	byReason := map[string][]string{}
	for _, l := range left {
		byReason[l.Reason] = append(byReason[l.Reason], l.App+" "+l.Metric)
	}
	for _, reason := range yamlx.SortedKeys(byReason) {
		a.note("left out (%s): %s", reason, strings.Join(byReason[reason], ", "))
	}
}

type poolFlags struct {
	output, currency string
	minContributors  int
	strict           bool
}

func (a *app) benchmarkPoolCommand() *cobra.Command {
	var f poolFlags
	cmd := &cobra.Command{
		Use:   "pool FILE... --output FILE",
		Short: "Make a reference file of many contributions",
		Long: `Puts contributions together: quartiles of usage and thirds of prices, per app, feature or licence
type, over all contributors and by size band, industry, and both. A cell that fewer than five
contributors speak of is not there. Every contributor counts once in a cell; prices that are far
from all the others are dropped. The output is a file for a connection of kind benchmarks; the
same contributions give the same bytes.

Contributions are taken for hostile. One that breaks a rule is refused with the place and reason,
the others go on, and the exit code is 3; with --strict nothing is written and it is 1.`,
		Example: "  rightseat benchmark pool inbox/*.json --output benchmarks.csv",
		Args:    cobra.ArbitraryArgs,
		RunE:    func(_ *cobra.Command, args []string) error { return a.benchmarkPool(args, f) },
	}
	cmd.Flags().StringVar(&f.output, "output", "", "the CSV `FILE` to write; - is standard output")
	cmd.Flags().StringVar(&f.currency, "currency", "USD", "pool the prices in this `CURRENCY`; others do not count")
	cmd.Flags().IntVar(&f.minContributors, "min-contributors", benchmark.LeastContributors, fmt.Sprintf("leave out cells with fewer contributors than `N`; at least %d", benchmark.LeastContributors))
	cmd.Flags().BoolVar(&f.strict, "strict", false, "write nothing when a file is refused")
	return cmd
}

func (f poolFlags) check(files []string) error {
	switch {
	case len(files) == 0:
		return pipelines.Usagef("benchmark pool needs the contributions' files; usage: rightseat benchmark pool FILE... --output FILE")
	case f.output == "":
		return pipelines.Usagef("benchmark pool needs --output FILE, or - for standard output")
	case slices.Contains(files, f.output):
		return pipelines.Usagef("--output %s is one of the contributions, too", f.output)
	case len(f.currency) != 3 || strings.ToUpper(f.currency) != f.currency:
		return pipelines.Usagef("--currency %q is not a currency; expected such as USD", f.currency)
	case f.minContributors < benchmark.LeastContributors:
		return pipelines.Usagef("--min-contributors %d: at least %d", f.minContributors, benchmark.LeastContributors)
	}
	return nil
}

func (a *app) benchmarkPool(files []string, f poolFlags) error {
	if err := f.check(files); err != nil {
		return err
	}
	words, err := benchmark.BuiltIn()
	if err != nil {
		return fmt.Errorf("benchmark pool: %w", err)
	}
	// Contributors' time zones are ahead of ours at most by one date.
	good, refused, repeated := benchmark.ReadFiles(files, words, a.clock.Now().UTC().Add(24*time.Hour))
	for _, r := range refused {
		a.note("%s: refused: %v", r.File, r.Reason)
	}
	for _, name := range repeated {
		a.note("%s: counts once: another file is the same", name)
	}
	if f.strict && len(refused) > 0 {
		return fmt.Errorf("benchmark pool: %d of %d files were refused; nothing was written", len(refused), len(files))
	}
	if len(good) < benchmark.LeastContributors {
		return fmt.Errorf("benchmark pool: %d usable contributions are too few: %d contributors are needed; nothing was written", len(good), benchmark.LeastContributors)
	}
	if err := a.writePool(good, f); err != nil {
		return fmt.Errorf("benchmark pool: %w", err)
	}
	if len(refused) > 0 {
		return exitError{pipelines.ExitIncomplete}
	}
	return nil
}

func (a *app) writePool(good []*benchmark.Contribution, f poolFlags) error {
	o := benchmark.PoolOptions{Currency: f.currency, MinContributors: f.minContributors}
	pool := benchmark.Pool(good, o)
	data, err := pool.CSV(o)
	if err != nil {
		return err
	}
	if f.output == "-" {
		_, err = a.stdout.Write(data)
	} else {
		err = atomicfile.WriteFile(f.output, data)
	}
	if err != nil {
		return err
	}
	a.note("%d contributors, %d cells; left out: %d cells with fewer than %d contributors, %d outlying prices, %d prices not in %s",
		pool.Contributors, len(pool.Rows), pool.TooFew, f.minContributors, pool.Outliers, pool.OtherCurrency, f.currency)
	if f.output == "-" {
		return nil
	}
	return a.say("Wrote %s. Read it with a connection: {connector: file, settings: {kind: benchmarks, path: %s}}", f.output, f.output)
}
