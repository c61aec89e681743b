package load

import (
	"context"
	"fmt"
	"html/template"
	"strings"
	"time"
)

// How much of each list the page shows. The exports have everything.
const (
	listLimit = 50
	barLimit  = 25
	lineLimit = 12
	portLimit = 1000
)

type headline struct {
	Label, Value, Note, Tone string
	Stale                    bool
}

type portfolio struct {
	Rows  []portfolioRow
	Note  string // set when not all apps are shown
	names map[string]string
}

type portfolioRow struct {
	Name, Vendor, Category, Status                      string
	Discovered, Stale                                   bool
	Basis                                               basis
	Provisioned, Engaged, Licences, Unused, Annual, S12 cell
	Ends                                                cell
}

// cell is a value to show and the value that sorting reads.
type cell struct{ Text, Sort string }

func (r row) countCell(name string) cell  { return cell{r.count(name), r.sortable(name)} }
func (r row) amountCell(name string) cell { return cell{r.amount(name), r.sortable(name)} }
func (r row) dayCell(name string) cell    { return cell{r.day(name), r.sortable(name)} }

func (p *page) fillPortfolio(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"app_portfolio", []string{"as_of", "app_id", "app_name", "spend_12m", "contract_annual_spend", "provisioned_users", "basis"}},
		`SELECT * FROM reports.app_portfolio WHERE as_of = ?
		 ORDER BY contract_annual_spend DESC NULLS LAST, spend_12m DESC NULLS LAST, provisioned_users DESC NULLS LAST, app_id`, asOf)
	if err != nil {
		return err
	}
	p.Portfolio.names = make(map[string]string, len(rows))
	for i, r := range rows {
		name := r.text("app_name")
		if name == "" {
			name = r.text("app_id")
		}
		p.Portfolio.names[r.text("app_id")] = name
		if i >= portLimit {
			continue
		}
		p.Portfolio.Rows = append(p.Portfolio.Rows, portfolioRow{
			Name: name, Vendor: r.text("vendor"), Category: r.text("category"), Status: r.text("status"),
			Discovered: r.yes("is_discovered"), Basis: basisOf(r.text("basis")), Stale: r.yes("is_stale"),
			Provisioned: r.countCell("provisioned_users"), Engaged: r.countCell("engaged_users_30d"),
			Licences: r.countCell("licences"), Unused: r.countCell("unused_licences"),
			Annual: r.amountCell("contract_annual_spend"), S12: r.amountCell("spend_12m"), Ends: r.dayCell("upcoming_end_date"),
		})
	}
	p.Portfolio.Note = shownOf(len(p.Portfolio.Rows), len(rows), "app_portfolio")
	return nil
}

// name is the app's name; an app that the portfolio does not have shows its id.
func (p *page) name(appID string) string {
	if n := p.Portfolio.names[appID]; n != "" {
		return n
	}
	return appID
}

// label names an instance: the app, and the instance where that says more.
func (p *page) label(appID, instanceID string) string {
	if appID == "" {
		return "no app known"
	}
	if instanceID == "" || instanceID == appID {
		return p.name(appID)
	}
	return p.name(appID) + " · " + instanceID
}

// fillHeadlines shows reports.headlines, which the terminal reads too: a figure is worked out in one place.
func (p *page) fillHeadlines(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"headlines", []string{"as_of", "measure", "quantity", "amount"}},
		`SELECT * FROM reports.headlines WHERE as_of = ?`, asOf)
	if err != nil {
		return err
	}
	figures := make(map[string]row, len(rows))
	for _, r := range rows {
		figures[r.text("measure")] = r
	}
	tile := func(label, measure, column, note, tone string) {
		r, ok := figures[measure]
		if !ok {
			return
		}
		value := r.count("quantity")
		if column == "amount" {
			value = r.amount("amount")
		}
		p.Headlines = append(p.Headlines, headline{Label: label, Value: value, Note: strings.TrimSpace(note), Tone: tone, Stale: r.yes("is_stale")})
	}
	without := func(measure, one, many, why string) string {
		if n, _ := figures[measure].number("quantity"); n > 0 {
			return ", without " + plural(n, one, many) + " " + why
		}
		return ""
	}
	tile("Apps", "apps", "quantity", figures["discovered_apps"].count("quantity")+" discovered", "")
	people, err := s.people(ctx)
	if err != nil {
		return err
	}
	if people != "" {
		p.Headlines = append(p.Headlines, headline{Label: "People", Value: people, Note: "with at least one identity"})
	}
	tile("Licences bought", "licences", "quantity", figures["contract_spend"].amount("amount")+" "+p.Currency+" a year"+
		without("contract_spend", "line", "lines", "whose price is unknown"), "")
	tile("Unused licences", "unused_licences", "quantity", strings.TrimPrefix(without("birthright_unused", "licence", "licences", "of apps that everybody is meant to have")+
		without("unmeasured_licences", "licence", "licences", "whose use is unknown"), ", "), "warn")
	tile("Cost of unused", "unused_licences", "amount", p.Currency+" a year", "warn")
	tile("Savings, certain", "saving_certain", "amount", p.Currency+" a month", "warn")
	tile("Savings, likely", "saving_likely", "amount", p.Currency+" a month, by sign-ins alone", "")
	tile("Software spend, 12 months", "software_spend_12m", "amount", p.Currency+"; "+figures["unknown_spend_12m"].amount("amount")+" more nobody knows", "")
	return nil
}

// people counts the people of core.people. It is empty without that table.
func (s source) people(ctx context.Context) (string, error) {
	there, err := texts(ctx, s.db, `SELECT table_name FROM duckdb_tables()
		WHERE database_name = current_database() AND schema_name = 'core' AND table_name = 'people'`)
	if err != nil || len(there) == 0 {
		return "", err
	}
	var n int64
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM core.people").Scan(&n); err != nil {
		return "", err
	}
	return grouped(n), nil
}

// bar is one instance's engaged people within its provisioned ones.
type bar struct {
	Label, Provisioned, Engaged, Pct string
	Basis                            basis
	Stale                            bool
	Outer, Inner                     string // widths in percent of the longest bar
}

func (p *page) fillBars(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"engagement", []string{"as_of", "window_days", "app_id", "instance_id", "provisioned_users", "basis", "engaged_users", "engaged_pct", "is_stale"}},
		`SELECT * FROM reports.engagement WHERE as_of = ? AND window_days = 30 AND (provisioned_users > 0 OR engaged_users > 0)
		 ORDER BY provisioned_users DESC NULLS LAST, app_id, instance_id LIMIT ?`, asOf, barLimit)
	if err != nil {
		return err
	}
	longest := 1.0
	for _, r := range rows {
		n, _ := r.number("provisioned_users")
		longest = max(longest, float64(n))
	}
	for _, r := range rows {
		all, _ := r.number("provisioned_users")
		engaged, known := r.number("engaged_users")
		b := bar{
			Label: p.label(r.text("app_id"), r.text("instance_id")), Basis: basisOf(r.text("basis")), Stale: r.yes("is_stale"),
			Provisioned: r.count("provisioned_users"), Engaged: r.count("engaged_users"), Pct: r.percent("engaged_pct"),
			Outer: one(100 * float64(all) / longest),
		}
		if known {
			b.Inner = one(100 * float64(min(engaged, all)) / longest)
		}
		p.Bars = append(p.Bars, b)
	}
	return nil
}

// line is the daily series of one instance.
type line struct {
	Label, Now string
	Chart      template.HTML
	Basis      basis
	Stale      bool
	History    []string // one entry per stretch of the same kind of source, newest first
}

func (p *page) fillLines(ctx context.Context, s source, _ time.Time) error {
	rows, err := s.ask(ctx, needs{"provisioned_users_daily", []string{"date", "app_id", "instance_id", "provisioned_users", "basis", "is_stale", "window_complete"}},
		`WITH ends AS (SELECT max(date) AS last FROM reports.provisioned_users_daily),
		      chosen AS (
		        SELECT app_id, instance_id, max(provisioned_users) FILTER (WHERE date = last) AS now
		        FROM reports.provisioned_users_daily, ends GROUP BY app_id, instance_id
		        HAVING count(provisioned_users) FILTER (WHERE date > last - 365) > 0
		        ORDER BY now DESC NULLS LAST, app_id, instance_id LIMIT ?)
		 SELECT d.date, d.app_id, d.instance_id, d.provisioned_users, d.basis, d.is_stale, d.window_complete, c.now
		 FROM reports.provisioned_users_daily d JOIN chosen c USING (app_id, instance_id), ends
		 WHERE d.date > ends.last - 365
		 ORDER BY c.now DESC NULLS LAST, d.app_id, d.instance_id, d.date`, lineLimit)
	if err != nil {
		return err
	}
	for start := 0; start < len(rows); {
		end := start + 1
		for end < len(rows) && rows[end].text("app_id") == rows[start].text("app_id") && rows[end].text("instance_id") == rows[start].text("instance_id") {
			end++
		}
		p.Lines = append(p.Lines, p.makeLine(rows[start:end]))
		start = end
	}
	return nil
}

func (p *page) makeLine(rows []row) line {
	points := make([]point, len(rows))
	for i, r := range rows {
		n, known := r.number("provisioned_users")
		date, _ := r.time("date")
		points[i] = point{date: date, value: float64(n), known: known, basis: r.text("basis"), whole: r.yes("window_complete")}
	}
	last := rows[len(rows)-1]
	l := line{
		Label: p.label(last.text("app_id"), last.text("instance_id")), Now: last.count("provisioned_users"),
		Basis: basisOf(last.text("basis")), Stale: last.yes("is_stale"),
	}
	parts := stretches(points)
	for i := len(parts) - 1; i >= 0 && len(l.History) < 3; i-- {
		words := basisOf(parts[i].kind).Label
		if i > 0 {
			words += " since " + day(parts[i].from)
		} else if len(parts) > 1 {
			words += " before"
		}
		l.History = append(l.History, words)
	}
	l.Chart = lineChart(fmt.Sprintf("Provisioned users of %s per day, now %s", l.Label, l.Now), points)
	return l
}

type contract struct {
	ID, App, Tier                                string
	Licences, Provisioned, Engaged, Unused, Over cell
	Annual, Waste, PerEngaged                    cell
	UnusedTone, OverTone, Stale                  bool
}

func (p *page) fillContracts(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"contract_usage", []string{"as_of", "contract_id", "line_id", "app_id", "instance_id", "tier", "licences", "unused_licences", "over_provisioned", "annual_spend", "unused_cost", "cost_per_engaged"}},
		`SELECT * FROM reports.contract_usage WHERE as_of = ?
		 ORDER BY unused_cost DESC NULLS LAST, annual_spend DESC NULLS LAST, contract_id, line_id`, asOf)
	if err != nil {
		return err
	}
	for _, r := range rows {
		unused, _ := r.number("unused_licences")
		over, _ := r.number("over_provisioned")
		p.contracts = append(p.contracts, contract{
			ID: r.text("contract_id"), App: p.label(r.text("app_id"), r.text("instance_id")), Tier: r.text("tier"),
			Licences: r.countCell("licences"), Provisioned: r.countCell("provisioned_users"), Engaged: r.countCell("engaged_users_30d"),
			Unused: r.countCell("unused_licences"), Over: r.countCell("over_provisioned"), Annual: r.amountCell("annual_spend"),
			Waste: r.amountCell("unused_cost"), PerEngaged: cell{r.cents("cost_per_engaged"), r.sortable("cost_per_engaged")},
			UnusedTone: unused > 0, OverTone: over > 0, Stale: r.yes("is_stale"),
		})
	}
	p.Contracts = p.contracts[:min(len(p.contracts), 4*listLimit)]
	p.ContractsNote = shownOf(len(p.Contracts), len(p.contracts), "contract_usage")
	return nil
}

// shownOf says that a list has been cut, or nothing.
func shownOf(shown, all int, report string) string {
	if shown == all {
		return ""
	}
	return fmt.Sprintf("Shown are %s of %s; all are in %s.csv.", grouped(int64(shown)), grouped(int64(all)), report)
}
