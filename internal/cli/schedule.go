package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/progress"
	"github.com/rightseat/rightseat/pipelines"
)

func (a *app) scheduleCommand() *cobra.Command {
	var once bool
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Stay up and run the pipelines at their times",
		Long: `Runs each pipeline at its cron times, one after the other. What is due follows from the record
of runs: after downtime a pipeline runs once, for its latest missed time; a run that was cut short
runs again. A pipeline that never ran is due at once.

An interrupt or a termination signal stops a run at its next safe point; the exit code is 0.
With --once the exit code is that of its runs: 1 when one failed, else 3 when one was incomplete.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.open()
			if err != nil {
				return err
			}
			a.undeliveredAlerts(r.Config)
			s := &pipelines.Scheduler{Config: r.Config, Ledger: r.Ledger, Clock: a.clock, Log: a.log, Run: a.scheduled(r)}
			if once {
				var code int
				if code, err = s.Once(cmd.Context()); err == nil && code != pipelines.ExitOK {
					return exitError{code}
				}
			} else {
				err = s.Serve(cmd.Context())
			}
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "run what is due now, then end")
	return cmd
}

// scheduled runs one pipeline and tells what the result lacks.
func (a *app) scheduled(r *pipelines.Runner) func(context.Context, string, time.Time) (int, error) {
	return func(ctx context.Context, pipeline string, due time.Time) (int, error) {
		r.Progress = progress.Silent{}
		out, err := r.Run(ctx, pipelines.Request{Command: "run", Pipeline: pipeline, DueAt: &due, Extract: true, Transform: true, Load: true})
		if err != nil {
			return pipelines.ExitFailed, err
		}
		for _, p := range out.Problems {
			a.log.Warn("incomplete", "connection", p.Connection, "stream", p.Stream, "kind", p.Kind, "reason", p.Reason, "fix", p.Fix)
		}
		a.log.Info("published", "pipeline", pipeline, "run_id", out.Run.ID, "exit_code", out.ExitCode)
		return out.ExitCode, nil
	}
}
