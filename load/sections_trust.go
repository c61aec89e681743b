package load

import (
	"context"
	"fmt"
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
		p.Headlines = append(p.Headlines, headline{Label: "Broken or late", Value: grouped(int64(len(troubled))),
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

func (p *page) fillAttention(ctx context.Context, s source, asOf time.Time) error {
	for _, h := range p.Health {
		if h.Tone == "bad" {
			p.note("bad", h.Connection+": "+h.Stream+" is broken", "Last success "+h.Last+". "+table.Brief(h.Error, noteWidth), "health")
		} else if h.Tone == "warn" {
			p.note("warn", h.Connection+": "+h.Stream+" is late", "Complete up to "+h.Watermark+".", "health")
		}
	}
	if err := p.noteLeavers(ctx, s, asOf); err != nil {
		return err
	}
	p.noteStale()
	p.noteContracts()
	if err := p.noteEnding(ctx, s, asOf); err != nil {
		return err
	}
	var fresh []found
	for _, f := range p.found {
		if asOf.Sub(f.firstSeen) <= 90*24*time.Hour {
			fresh = append(fresh, f)
		}
	}
	if len(fresh) > 0 {
		p.note("info", plural(int64(len(fresh)), "app", "apps")+" discovered in the last 90 days",
			"The one with the largest spend is "+fresh[0].Name+".", "discovered")
	}
	return nil
}

func (p *page) note(tone, title, detail, anchor string) {
	p.Attention = append(p.Attention, attention{tone, title, detail, anchor})
}

// noteLeavers counts people who have left and still have accounts, where a table tells.
func (p *page) noteLeavers(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"disagreements", []string{"as_of", "kind", "app_id", "person_id"}},
		`SELECT count(DISTINCT person_id) AS people, count(DISTINCT app_id) AS apps FROM reports.disagreements
		 WHERE as_of = ? AND kind = 'left_but_provisioned'`, asOf)
	if err != nil {
		return err
	}
	for _, r := range rows {
		people, _ := r.number("people")
		apps, _ := r.number("apps")
		if people > 0 {
			p.note("bad", plural(people, "person who has", "people who have")+" left still "+map[bool]string{true: "has", false: "have"}[people == 1]+" access",
				"In "+plural(apps, "app", "apps")+": see disagreements.csv.", "findings")
		}
	}
	return nil
}

func (p *page) noteStale() {
	var names []string
	for _, b := range p.Bars {
		if b.Stale {
			names = append(names, b.Label)
		}
	}
	if len(names) > 0 {
		p.note("warn", "Old numbers for "+plural(int64(len(names)), "app", "apps"), list(names)+": a source behind them is late.", "engagement")
	}
}

func (p *page) noteContracts() {
	shown := 0
	for _, c := range p.contracts { // in the order of their waste
		if c.unused > 0 && c.waste.Unscaled != nil && c.waste.Unscaled.Sign() > 0 && shown < attentionEach {
			shown++
			p.note("warn", fmt.Sprintf("%s: %s of %s licences unused", c.App, c.Unused.Text, c.Licences.Text),
				fmt.Sprintf("%s %s a year, contract %s.", c.Waste.Text, p.Currency, c.ID), "contracts")
		}
	}
	shown = 0
	for _, c := range p.contracts {
		if c.over > 0 && shown < attentionEach {
			shown++
			p.note("warn", fmt.Sprintf("%s: %s more users than licences", c.App, c.Over.Text),
				fmt.Sprintf("%s provisioned, %s bought: a true-up risk, contract %s.", c.Provisioned.Text, c.Licences.Text, c.ID), "contracts")
		}
	}
}

// noteEnding names the apps whose next contract ends soon.
func (p *page) noteEnding(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"app_portfolio", []string{"as_of", "app_id", "upcoming_end_date", "contract_annual_spend"}},
		`SELECT app_id, upcoming_end_date, contract_annual_spend FROM reports.app_portfolio
		 WHERE as_of = ? AND upcoming_end_date >= as_of AND upcoming_end_date <= as_of + INTERVAL 90 DAY
		 ORDER BY upcoming_end_date, app_id LIMIT ?`, asOf, attentionEach)
	if err != nil {
		return err
	}
	for _, r := range rows {
		p.note("info", p.name(r.text("app_id"))+": contract ends "+r.day("upcoming_end_date"),
			r.amount("contract_annual_spend")+" "+p.Currency+" a year.", "portfolio")
	}
	return nil
}

// list joins names for a sentence and cuts a long list.
func list(names []string) string {
	rest := ""
	if len(names) > 5 {
		rest = fmt.Sprintf(" and %d more", len(names)-5)
		names = names[:5]
	}
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out + rest
}
