package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/pipelines"
)

func (a *app) statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how each connection and stream stands",
		Long: `Shows per stream: state (connected, error, not_connected), watermark (up to when it is complete),
last success, rows, lag behind now, whether it is stale, and the last error. With --format json or
csv, lag is in seconds.`,
		Args: cobra.NoArgs,
	}
	format := formatFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		if err := checkFormat(*format); err != nil {
			return err
		}
		cfg, err := a.load(config.WithoutSecrets())
		if err != nil {
			return err
		}
		ledger := pipelines.OpenLedger(cfg.Workspace)
		now, err := a.statusTime(ledger)
		if err != nil {
			return err
		}
		today := now.In(cfg.Organisation.Timezone).Format(time.DateOnly)
		health, err := pipelines.Health(cfg, lake.Open(cfg.Workspace), ledger, today, nil)
		if err != nil {
			return err
		}
		columns, rows := statusTable(health, now, *format)
		if err := a.list(columns, rows, *format); err != nil {
			return err
		}
		if *format != table.FormatTable {
			return nil
		}
		return a.lastRun(ledger)
	}
	return cmd
}

// statusTime is now; in the demo's folder, whose clock is simulated, when the demo ended.
func (a *app) statusTime(ledger *pipelines.Ledger) (time.Time, error) {
	runs, err := ledger.Tail(1)
	if err != nil {
		return time.Time{}, err
	}
	if len(runs) == 1 && runs[0].Command == "demo" && runs[0].EndedAt != nil {
		return *runs[0].EndedAt, nil
	}
	return a.clock.Now(), nil
}

func statusTable(health []pipelines.StreamHealth, now time.Time, format string) ([]table.Column, [][]any) {
	columns := []table.Column{
		{Name: "connection"}, {Name: "stream"}, {Name: "state"}, {Name: "watermark", Kind: table.Timestamp},
		{Name: "last_success_at", Kind: table.Timestamp}, {Name: "rows_total", Kind: table.Integer},
	}
	if format == table.FormatTable {
		columns = append(columns, table.Column{Name: "lag"})
	} else {
		columns = append(columns, table.Column{Name: "lag_seconds", Kind: table.Integer})
	}
	columns = append(columns, table.Column{Name: "is_stale", Kind: table.Boolean}, table.Column{Name: "error"})
	var rows [][]any
	for _, h := range health {
		var lag any
		if d := h.Lag(now); d != nil {
			lag = int64(d.Seconds())
			if format == table.FormatTable {
				lag = duration(*d)
			}
		}
		rows = append(rows, []any{
			h.Connection, optionalText(h.Stream), h.State, optionalTime(h.Watermark), optionalTime(h.LastSuccessAt),
			h.RowsTotal, lag, h.IsStale, optionalText(h.Error),
		})
	}
	return columns, rows
}

// lastRun says below the table how the newest run came out.
func (a *app) lastRun(ledger *pipelines.Ledger) error {
	runs, err := ledger.Tail(1)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return a.say("\nNo run yet: `rightseat run` makes the first.")
	}
	r := runs[0]
	text := ""
	if r.Error != "" {
		text = ": " + r.Error
	}
	return a.say("\nLast run %s (%s, as of %s): %s%s", r.ID, r.Command, r.AsOf, r.Status, text)
}
