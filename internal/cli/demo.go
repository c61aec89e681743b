package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/clock"
	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/simulator"
	"github.com/rightseat/rightseat/pipelines"
)

const (
	// dailyTail is how many of the last simulated days are read one by one; before, a week at a time.
	dailyTail = 14
	// demoHour is the hour (UTC) of each simulated day's run.
	demoHour = 22
)

// demoFlags size the made-up organisation. They are kept in its folder, as the same ones must
// be used to go on.
type demoFlags struct {
	People int   `json:"people"`
	Days   int   `json:"days"`
	Seed   int64 `json:"seed"`
}

func (a *app) demoCommand() *cobra.Command {
	var dir string
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole pipeline on a made-up organisation",
		Long: `Makes up an organisation, serves its vendors' APIs on this machine, and lets the real connectors
pull from them day after day under a simulated clock. Then transforms and publishes, and says what
there is to see. The same flags give the same bytes in every report; run again on its folder, it
goes on where it stopped.

One connection is broken on purpose; the exit code is 0 all the same.`,
		Example: "  rightseat demo\n  rightseat demo --dir /tmp/demo --people 200 --days 90",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.People < 50 || f.Days < 30 {
				return pipelines.Usagef("the story needs at least 50 people and 30 days; got --people %d --days %d", f.People, f.Days)
			}
			return a.demo(cmd.Context(), dir, f, cmd.Flags().Changed("log-level"))
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "demo", "`FOLDER` to work in")
	cmd.Flags().IntVar(&f.People, "people", 500, "number of people")
	cmd.Flags().IntVar(&f.Days, "days", 240, "days of history")
	cmd.Flags().Int64Var(&f.Seed, "seed", 1, "what the organisation is made up from")
	return cmd
}

func (a *app) demo(ctx context.Context, dir string, f demoFlags, verbose bool) error {
	d, err := a.startDemo(dir, f, verbose)
	if err != nil {
		return err
	}
	err = d.run(ctx)
	if err := errors.Join(err, d.servers.Close()); err != nil {
		if ctx.Err() != nil {
			return errors.New("stopped on request; run the same command again to go on")
		}
		return err
	}
	return a.demoSummary(ctx, d)
}

// demoRun is a demo under way.
type demoRun struct {
	app     *app
	dir     string
	org     *simulator.Org
	clock   *clock.Simulated
	servers *simulator.Servers
	runner  *pipelines.Runner
	flags   demoFlags
}

func (a *app) startDemo(dir string, f demoFlags, verbose bool) (*demoRun, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if err := claimFolder(dir, f); err != nil {
		return nil, err
	}
	d := &demoRun{app: a, dir: dir, flags: f, org: simulator.NewOrg(simulator.Options{People: f.People, Days: f.Days, Seed: f.Seed})}
	d.clock = clock.NewSimulated(d.at(d.org.Start()))
	d.servers, err = simulator.Start(d.org, d.clock, simulator.ServerOptions{
		NamedHosts: true, BookmarkFile: filepath.Join(dir, "state", "demo-bookmarks.json"),
	})
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	text, env := simulator.Config(d.servers, "")
	file := filepath.Join(dir, "rightseat.yaml")
	if err := writeIfChanged(file, text); err != nil {
		return nil, errors.Join(err, d.servers.Close())
	}
	cfg, err := config.Load(file, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("demo: %w", err), d.servers.Close())
	}
	a.secrets = cfg.Secrets
	a.log = slog.New(slog.DiscardHandler) // three weeks of a broken connection are no news here
	if verbose {
		if a.log, err = a.newLog(); err != nil {
			return nil, errors.Join(err, d.servers.Close())
		}
	}
	a.oncePerInstant = true
	d.runner, err = a.wire(a, cfg, d.clock, d.servers.Transport())
	if err != nil {
		return nil, errors.Join(err, d.servers.Close())
	}
	return d, nil
}

// claimFolder refuses a folder of something else, or of a demo with other flags.
func claimFolder(dir string, f demoFlags) error {
	mark := filepath.Join(dir, "state", "demo.json")
	data, err := os.ReadFile(mark)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(dir, "rightseat.yaml")); err == nil {
			return pipelines.Usagef("%s is an organisation's own folder: choose another one with --dir", dir)
		}
		if err := os.MkdirAll(filepath.Dir(mark), 0o700); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		data, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		return atomicfile.WriteFile(mark, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	var was demoFlags
	if err := json.Unmarshal(data, &was); err != nil {
		return fmt.Errorf("demo: %s is damaged: %w: delete the folder and start again", mark, err)
	}
	if was != f {
		return pipelines.Usagef("%s holds a demo made with --people %d --days %d --seed %d: use the same flags, or another --dir", dir, was.People, was.Days, was.Seed)
	}
	return nil
}

// at is the instant of a simulated day's run.
func (d *demoRun) at(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), demoHour, 0, 0, 0, time.UTC)
}

// days are those on which the demo reads: weekly, then daily for the last two weeks.
func (d *demoRun) days() []time.Time {
	var days []time.Time
	for day := d.org.Start(); !day.After(d.org.End()); {
		days = append(days, day)
		step := 7
		left := int(d.org.End().Sub(day).Hours() / 24)
		if left <= dailyTail {
			step = 1
		} else if left-step < dailyTail {
			step = left - dailyTail
		}
		day = day.AddDate(0, 0, step)
	}
	return days
}

// run reads the days that have not been read yet, then publishes, if that is not done yet.
func (d *demoRun) run(ctx context.Context) error {
	if err := d.runner.Ledger.DropInterrupted("demo"); err != nil {
		return err
	}
	read, published, err := d.progress()
	if err != nil {
		return err
	}
	days := d.days()
	d.app.note("%s: %d people, %d simulated days, read on %d of them", simulator.CompanyName, d.flags.People, d.flags.Days, len(days))
	for i, day := range days {
		if day.Format(time.DateOnly) <= read {
			continue
		}
		if err := d.readDay(ctx, day); err != nil {
			return err
		}
		if !d.app.quiet && !d.app.noProgress && (i%7 == 6 || i == len(days)-1) {
			d.app.note("  read up to %s", day.Format(time.DateOnly))
		}
	}
	d.clock.Set(d.at(d.org.End()).Add(30 * time.Minute))
	if published {
		return nil
	}
	return d.publish(ctx)
}

// progress tells up to which date the demo has read, and whether it has published.
func (d *demoRun) progress() (read string, published bool, err error) {
	err = d.runner.Ledger.Newest(func(r *pipelines.Run) bool {
		if r.Command != "demo" || r.Status == pipelines.RunRunning || r.Status == pipelines.RunInterrupted {
			return true
		}
		published = published || r.Published
		for _, s := range r.Stages {
			if s.Name == "extract" && s.Outcome == pipelines.StageOK {
				read = r.AsOf
			}
		}
		return read == ""
	})
	return read, published, err
}

func (d *demoRun) readDay(ctx context.Context, day time.Time) error {
	now := d.at(day)
	d.clock.Set(now)
	for path, data := range d.org.Files(now) {
		if err := writeIfChanged(filepath.Join(d.dir, filepath.FromSlash(path)), data); err != nil {
			return err
		}
	}
	_, err := d.runner.Run(ctx, pipelines.Request{Command: "demo", Extract: true})
	if err != nil {
		return fmt.Errorf("demo, %s: %w", day.Format(time.DateOnly), err)
	}
	return nil
}

func (d *demoRun) publish(ctx context.Context) error {
	bar := d.app.progress()
	d.runner.Progress = bar
	_, err := d.runner.Run(ctx, pipelines.Request{Command: "demo", Transform: true, Load: true})
	bar.Close()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

// writeIfChanged leaves a file of the same content alone, and with it its time.
func writeIfChanged(path string, data []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return atomicfile.WriteFile(path, data)
}
