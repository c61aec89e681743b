package cli

import (
	"cmp"
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
last success, rows, lag behind now, whether it is stale, and the last error or, where there is none,
a warning such as an uploaded file that is gone. With --format json or csv, lag is in seconds and
the warning has a column of its own.`,
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
		ledger := pipelines.OpenLedger(cfg.Workspace, a.log)
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
		if cut(health) {
			if err := a.say("\nWhole messages: %s status --format json", program()); err != nil {
				return err
			}
		}
		if err := a.lastRun(ledger); err != nil {
			return err
		}
		return a.dueNext(cfg, ledger)
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

// messageWidth is how much of an error message a table shows.
const messageWidth = 60

// cut tells whether a table shows less than the whole of a message.
func cut(health []pipelines.StreamHealth) bool {
	for _, h := range health {
		if message := cmp.Or(h.Error, h.Warning()); message != "" && table.Brief(message, messageWidth) != message {
			return true
		}
	}
	return false
}

// statusTable is one row per stream. As a table it is for reading: whole seconds, the lag in
// words, the gist of an error.
func statusTable(health []pipelines.StreamHealth, now time.Time, format string) ([]table.Column, [][]any) {
	columns := []table.Column{
		{Name: "connection"}, {Name: "stream"}, {Name: "state"}, {Name: "watermark", Kind: table.Timestamp},
		{Name: "last_success_at", Kind: table.Timestamp}, {Name: "rows_total", Kind: table.Integer},
	}
	reading := format == table.FormatTable
	if reading {
		columns = append(columns, table.Column{Name: "lag"})
	} else {
		columns = append(columns, table.Column{Name: "lag_seconds", Kind: table.Integer})
	}
	columns = append(columns, table.Column{Name: "is_stale", Kind: table.Boolean}, table.Column{Name: "error"})
	if !reading {
		columns = append(columns, table.Column{Name: "warning"})
	}
	var rows [][]any
	for _, h := range health {
		var lag any
		if d := h.Lag(now); d != nil {
			lag = int64(d.Seconds())
			if reading {
				lag = duration(*d)
			}
		}
		message := h.Error
		if reading {
			message = cmp.Or(message, h.Warning())
			h.Watermark, h.LastSuccessAt, message = toSecond(h.Watermark), toSecond(h.LastSuccessAt), table.Brief(message, messageWidth)
		}
		row := []any{
			h.Connection, optionalText(h.Stream), h.State, optionalTime(h.Watermark), optionalTime(h.LastSuccessAt),
			h.RowsTotal, lag, h.IsStale, optionalText(message),
		}
		if !reading {
			row = append(row, optionalText(h.Warning()))
		}
		rows = append(rows, row)
	}
	return columns, rows
}

func toSecond(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	whole := t.Truncate(time.Second)
	return &whole
}

// dueNext says below the table when each pipeline is due. The demo's vendors are gone with it, so
// there nothing is.
func (a *app) dueNext(cfg *config.Config, ledger *pipelines.Ledger) error {
	if runs, err := ledger.Tail(1); err != nil || len(runs) == 1 && runs[0].Command == "demo" {
		return err
	}
	s := &pipelines.Scheduler{Config: cfg, Ledger: ledger, Clock: a.clock, Log: a.log}
	dues, err := s.Dues()
	if err != nil {
		return err
	}
	for _, d := range dues {
		at, now := d.At.Format("2006-01-02 15:04 MST"), a.clock.Now()
		switch {
		case d.At.After(now):
			err = a.say("Pipeline %s is due at %s, in %s.", d.Pipeline, at, duration(d.At.Sub(now)))
		default:
			err = a.say("Pipeline %s has been due since %s; `%s schedule` runs it.", d.Pipeline, at, program())
		}
		if err != nil {
			return err
		}
	}
	return nil
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
