package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/rightseat/rightseat/load"
	"github.com/rightseat/rightseat/transform"
)

// rebuild computes everything from the lake.
func rebuild(ctx context.Context, t task) (result, error) { return transformed(ctx, t, true) }

// increment takes up the day that came last.
func increment(ctx context.Context, t task) (result, error) { return transformed(ctx, t, false) }

func transformed(ctx context.Context, t task, full bool) (r result, err error) {
	o := transformOptions(t)
	o.FullRefresh, o.Log = full, verbose()
	began := time.Now()
	res, err := transform.Run(ctx, o)
	if err != nil {
		return r, err
	}
	r.Seconds, r.Peak = time.Since(began).Seconds(), peak()
	if res.FullRefresh != full {
		return r, fmt.Errorf("a full refresh: %v, %s; expected %v", res.FullRefresh, res.Reason, full)
	}
	return r, errors.Join(err, verifyDay(ctx, t, o.BuildPath, &r))
}

// verbose logs every step where the environment asks for it.
func verbose() *slog.Logger {
	if os.Getenv("BENCH_VERBOSE") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// verifyDay holds the newest day's sign-ins, assignments and series to what the organisation did.
func verifyDay(ctx context.Context, t task, path string, r *result) error {
	date := "DATE '" + dayAt(t.Days-1).Format(time.DateOnly) + "'"
	read := t.newestSnapshot(t.Days - 1)
	assigned := 0
	for a := range t.Apps {
		for p := range t.People {
			if isAssigned(p, a, read) {
				assigned++
			}
		}
	}
	return withDuck(ctx, path, func(db *database) (err error) {
		for _, c := range []struct {
			what, query string
			want        int
		}{
			{"sign-ins in all", "SELECT count(*) FROM core.sso_logins", t.Days * t.People * t.logins()},
			{"assignments read last", "SELECT count(*) FROM core.sso_assignments WHERE snapshot_date = DATE '" + dayAt(read).Format(time.DateOnly) + "'", assigned},
			{"assigned people in the series", "SELECT coalesce(CAST(sum(provisioned_users) AS BIGINT), 0) FROM reports.provisioned_users_daily WHERE basis LIKE 'sso_assigned%' AND date = " + date, assigned},
			{"accounts in the series", "SELECT coalesce(CAST(sum(provisioned_users) AS BIGINT), 0) FROM reports.provisioned_users_daily WHERE basis = 'connector_exact' AND date = " + date, t.People * 4 / 5},
		} {
			n, err := db.number(ctx, c.query)
			if err != nil {
				return err
			}
			if n != int64(c.want) {
				return fmt.Errorf("%s: %d, expected %d", c.what, n, c.want)
			}
		}
		r.Rows, err = db.number(ctx, "SELECT count(*) FROM reports.provisioned_users_daily")
		return err
	})
}

// publish puts out the warehouse and the exports of the build.
func publish(ctx context.Context, t task) (r result, err error) {
	o := transformOptions(t)
	options := load.Options{
		Workspace: workspace(t), BuildPath: o.BuildPath, Resources: o.Config.Resources, RunID: o.RunID, Now: o.Now, Organisation: "Acme", Currency: "USD",
		Log: verbose(),
	}
	began := time.Now()
	if options.Log != nil {
		options.Failpoint = func(step string) error {
			_, err := fmt.Fprintf(os.Stderr, "%8.3f s %s\n", time.Since(began).Seconds(), step)
			return err
		}
	}
	res, err := load.Publish(ctx, options)
	if err != nil {
		return r, err
	}
	r.Seconds, r.Peak = time.Since(began).Seconds(), peak()
	for _, report := range res.Reports {
		r.Rows += report.Rows
	}
	return r, nil
}
