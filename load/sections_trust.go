package load

import (
	"cmp"
	"context"
	"time"

	"github.com/rightseat/rightseat/internal/table"
)

type health struct {
	Connection, Stream, State, Tone, Last, Watermark, Rows, Error string
	Late                                                          bool
}

type quality struct{ Check, Severity, Rows, Sample string }

func (p *page) fillHealth(ctx context.Context, s source, _ time.Time) error {
	rows, err := s.ask(ctx, needs{"connection_health", []string{"connection", "stream", "state", "last_success_at", "watermark", "rows_total", "is_stale", "error"}},
		`SELECT * REPLACE (TRY_CAST(watermark AS TIMESTAMP) AS watermark) FROM reports.connection_health
		 ORDER BY state = 'error' DESC, is_stale DESC NULLS LAST, connection, stream`)
	if err != nil {
		return err
	}
	troubled := map[string]bool{}
	connections := map[string]bool{}
	for _, r := range rows {
		h := health{
			Connection: r.text("connection"), Stream: r.text("stream"), Rows: r.count("rows_total"), Error: r.text("error"),
			Last: r.instant("last_success_at"), Watermark: r.instant("watermark"), Late: r.yes("is_stale"),
		}
		connections[h.Connection] = true
		switch r.text("state") {
		case "error":
			h.State, h.Tone = "error", "bad"
		case "not_connected":
			h.State, h.Tone = "not connected", "mute"
		default:
			h.State, h.Tone = "connected", "good"
			if h.Late {
				h.State, h.Tone = "late", "warn"
			}
		}
		if h.Tone == "bad" || h.Tone == "warn" {
			troubled[h.Connection] = true
		}
		p.Health = append(p.Health, h)
	}
	if len(rows) > 0 {
		tone := "good"
		if len(troubled) > 0 {
			tone = "bad"
		}
		p.Headlines = append(p.Headlines, headline{Label: "Not up to date", Value: grouped(int64(len(troubled))),
			Note: "of " + plural(int64(len(connections)), "connection", "connections"), Tone: tone})
	}
	return p.fillQuality(ctx, s)
}

func (p *page) fillQuality(ctx context.Context, s source) error {
	rows, err := s.ask(ctx, needs{"data_quality", []string{"run_id", "check_name", "severity", "failing_rows", "sample"}},
		`SELECT check_name, severity, CAST(sum(failing_rows) AS BIGINT) AS failing_rows, min(sample) AS sample
		 FROM reports.data_quality WHERE failing_rows > 0
		 GROUP BY check_name, severity ORDER BY severity, check_name LIMIT ?`, listLimit)
	if err != nil {
		return err
	}
	for _, r := range rows {
		p.Quality = append(p.Quality, quality{r.text("check_name"), r.text("severity"), r.count("failing_rows"), r.text("sample")})
	}
	return nil
}

func (r row) instant(name string) string {
	if t, ok := r.time(name); ok {
		return t.Format("2 Jan 2006 15:04")
	}
	return unknown
}

// attention is one thing to act on, worst first.
type attention struct{ Tone, Title, Detail, Anchor string }

const (
	attentionEach = 4   // entries of each kind in the list at the top
	noteWidth     = 120 // characters of an error message there; section Health has all of it
)

// anchors are the parts of the page that tell more of each kind of reports.attention.
var anchors = map[string]string{
	"connection_error": "health", "connection_late": "health", "left_but_provisioned": "findings", "charged_without_contract": "findings",
	"notice_missed": "contracts", "notice_due": "contracts", "contract_ends": "contracts", "unused_licences": "contracts", "over_provisioned": "contracts",
	"contract_without_app": "contracts", "stale_numbers": "engagement", "birthright_proposed": "engagement", "discovered": "discovered",
}

// fillAttention shows reports.attention, a few of each kind; all of them are in the table.
func (p *page) fillAttention(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"attention", []string{"as_of", "kind", "subject", "severity", "title", "detail", "due_date", "amount", "people"}},
		`SELECT kind, severity, title, detail, amount FROM (
		   SELECT *, row_number() OVER (PARTITION BY kind, severity ORDER BY due_date NULLS LAST, amount DESC NULLS LAST, people DESC NULLS LAST, subject) AS place
		   FROM reports.attention WHERE as_of = ?) AS a
		 WHERE place <= ?
		 ORDER BY CASE severity WHEN 'act' THEN 1 WHEN 'watch' THEN 2 ELSE 3 END, kind, place`, asOf, attentionEach)
	if err != nil {
		return err
	}
	tones := map[string]string{"act": "bad", "watch": "warn"}
	for _, r := range rows {
		detail := table.Brief(r.text("detail"), noteWidth)
		if r["amount"] != nil {
			detail += " " + r.amount("amount") + " " + p.Currency + "."
		}
		p.Attention = append(p.Attention, attention{cmp.Or(tones[r.text("severity")], "info"), r.text("title"), detail, anchors[r.text("kind")]})
	}
	return nil
}
