package cli

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/lake"
	"github.com/rightseat/rightseat/internal/table"
	"github.com/rightseat/rightseat/pipelines"
)

func (a *app) statusCommand() *cobra.Command {
	var exitCode bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how each connection and stream stands",
		Long: `Shows per stream: state (connected, error, not_connected), watermark (up to when it is complete),
last success, rows, lag behind now, whether it is stale, and the last error or, where there is none,
a warning such as an uploaded file that is gone. Below it: what was understood of files (encoding,
decimal mark, order of day and month, header row), how the last run ended and when pipelines are due.
With --format json all of that is one document: streams, last_run, last_published and due; lag is in
seconds and the warning has a key of its own. --format csv has the streams alone.

With --exit-code, for monitors: 1 when the last run failed or was cut short, 3 when a stream is in
error or stale, the last run was incomplete, or a pipeline has been due for a quarter of an hour and
nothing runs; else 0. It says so whoever starts the runs, "rightseat schedule" included.`,
		Args: cobra.NoArgs,
	}
	format := formatFlag(cmd)
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "end with 1 or 3 when something is wrong")
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
		schedule := &pipelines.Scheduler{Config: cfg, Ledger: ledger, Clock: a.clock, Log: a.log}
		at, err := pipelines.Stand(cfg, lake.Open(cfg.Workspace), ledger, schedule, today)
		if err != nil {
			return err
		}
		if err := a.showStatus(at, now, *format); err != nil {
			return err
		}
		if code := at.ExitCode(now); exitCode && code != pipelines.ExitOK {
			return exitError{code}
		}
		return nil
	}
	return cmd
}

func (a *app) showStatus(at *pipelines.Standing, now time.Time, format string) error {
	if format == table.FormatJSON {
		return a.json(statusDocument(at, now))
	}
	columns, rows := statusTable(at.Streams, now, format)
	if err := a.list(columns, rows, format); err != nil || format != table.FormatTable {
		return err
	}
	if cut(at.Streams) {
		if err := a.say("\nWhole messages: %s status --format json", program()); err != nil {
			return err
		}
	}
	if err := a.readAs(at.Streams); err != nil {
		return err
	}
	if err := a.lastRun(at.LastRun); err != nil {
		return err
	}
	if err := a.lastPublished(at); err != nil {
		return err
	}
	return a.dueNext(at.Due)
}

// mostNotes is how many notes are shown to people.
const mostNotes = 20

// readAs says below the table what was understood of files without having been told.
func (a *app) readAs(streams []pipelines.StreamHealth) error {
	var lines []string
	for _, h := range streams {
		for _, note := range h.Notes() {
			lines = append(lines, "  "+h.Connection+"/"+h.Stream+": "+note)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	if more := len(lines) - mostNotes; more > 0 {
		lines = append(lines[:mostNotes], fmt.Sprintf("  and %d more: %s status --format json", more, program()))
	}
	return a.say("\nHow it was read, to be looked at once:\n%s", strings.Join(lines, "\n"))
}

// streamStatus is a stream in the document for machines. Times are UTC.
type streamStatus struct {
	Connection    string     `json:"connection"`
	Stream        *string    `json:"stream"`
	State         string     `json:"state"`
	Watermark     *time.Time `json:"watermark"`
	LastSuccessAt *time.Time `json:"last_success_at"`
	RowsTotal     int64      `json:"rows_total"`
	LagSeconds    *int64     `json:"lag_seconds"`
	IsStale       bool       `json:"is_stale"`
	Error         *string    `json:"error"`
	Warning       *string    `json:"warning"`
	Notes         []string   `json:"notes"`
}

// runStatus is a run in the document for machines. Times are UTC.
type runStatus struct {
	RunID     string              `json:"run_id"`
	Command   string              `json:"command"`
	Pipeline  *string             `json:"pipeline"`
	AsOf      string              `json:"as_of"`
	StartedAt time.Time           `json:"started_at"`
	EndedAt   *time.Time          `json:"ended_at"`
	Status    pipelines.RunStatus `json:"status"`
	ExitCode  *int                `json:"exit_code"`
	Published bool                `json:"published"`
	Error     *string             `json:"error"`
}

type dueStatus struct {
	Pipeline  string    `json:"pipeline"`
	At        time.Time `json:"at"`
	IsOverdue bool      `json:"is_overdue"`
}

func statusDocument(at *pipelines.Standing, now time.Time) any {
	doc := struct {
		Streams       []streamStatus `json:"streams"`
		LastRun       *runStatus     `json:"last_run"`
		LastPublished *runStatus     `json:"last_published"`
		Due           []dueStatus    `json:"due"`
	}{[]streamStatus{}, runDocument(at.LastRun), runDocument(at.LastPublished), []dueStatus{}}
	for _, h := range at.Streams {
		s := streamStatus{Connection: h.Connection, Stream: orNull(h.Stream), State: h.State, Watermark: h.Watermark,
			LastSuccessAt: h.LastSuccessAt, RowsTotal: h.RowsTotal, IsStale: h.IsStale, Error: orNull(h.Error), Warning: orNull(h.Warning()), Notes: h.Notes()}
		if d := h.Lag(now); d != nil {
			seconds := int64(d.Seconds())
			s.LagSeconds = &seconds
		}
		doc.Streams = append(doc.Streams, s)
	}
	for _, d := range at.Due {
		doc.Due = append(doc.Due, dueStatus{d.Pipeline, d.At.UTC(), d.IsOverdue(now)})
	}
	return doc
}

func runDocument(r *pipelines.Run) *runStatus {
	if r == nil {
		return nil
	}
	return &runStatus{r.ID, r.Command, orNull(r.Pipeline), r.AsOf, r.StartedAt, r.EndedAt, r.Status, r.ExitCode, r.Published, orNull(r.Error)}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
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
// words, the gist of an error; else it is CSV.
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

// dueNext says below the table when each pipeline is due.
func (a *app) dueNext(dues []pipelines.Due) error {
	for _, d := range dues {
		at, now := d.At.Format("2006-01-02 15:04 MST"), a.clock.Now()
		var err error
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
func (a *app) lastRun(r *pipelines.Run) error {
	if r == nil {
		return a.say("\nNo run yet: `rightseat run` makes the first.")
	}
	text := ""
	if r.Error != "" {
		text = ": " + r.Error
	}
	if r.ExitCode != nil {
		text = fmt.Sprintf(" (exit code %d)%s", *r.ExitCode, text)
	}
	return a.say("\nLast run %s (%s, as of %s): %s%s", r.ID, r.Command, r.AsOf, r.Status, text)
}

// lastPublished says what is published, where that is not what the newest run made.
func (a *app) lastPublished(at *pipelines.Standing) error {
	p := at.LastPublished
	if p == nil || at.LastRun == nil || p.ID == at.LastRun.ID || p.EndedAt == nil {
		return nil
	}
	return a.say("Published is what run %s made, as of %s, at %s.", p.ID, p.AsOf, p.EndedAt.UTC().Format("2006-01-02 15:04 MST"))
}
