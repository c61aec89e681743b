package load

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"slices"
	"time"
)

// heat is a table of percentages: teams down, apps across.
type heat struct {
	Apps []string
	Rows []heatRow
}

type heatRow struct {
	Team   string
	People string
	Cells  []heatCell
}

type heatCell struct {
	Text  string // active_pct, or unknown
	Shade int    // 0–100
	Title string
	Stale bool
}

func (p *page) fillTeams(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"team_engagement", []string{"as_of", "window_days", "dimension", "dimension_value", "app_id", "people", "provisioned_users", "active_users", "active_pct", "is_stale"}},
		`WITH here AS (SELECT * FROM reports.team_engagement WHERE as_of = ? AND window_days = 30 AND dimension = 'team'),
		      apps AS (SELECT app_id, sum(provisioned_users) AS total FROM here GROUP BY app_id
		               HAVING sum(provisioned_users) > 0 ORDER BY total DESC, app_id LIMIT 10),
		      teams AS (SELECT dimension_value, max(people) AS size FROM here GROUP BY dimension_value
		                ORDER BY dimension_value IS NULL, size DESC, dimension_value LIMIT 20)
		 SELECT h.dimension_value, h.app_id, h.provisioned_users, h.active_users, h.active_pct, h.is_stale, t.size,
		        CAST(a.total AS BIGINT) AS total
		 FROM here h JOIN apps a USING (app_id) JOIN teams t ON h.dimension_value IS NOT DISTINCT FROM t.dimension_value
		 ORDER BY h.dimension_value IS NULL, t.size DESC, h.dimension_value, total DESC, h.app_id`, asOf)
	if err != nil {
		return err
	}
	var apps []string
	totals := map[string]int64{}
	for _, r := range rows {
		if id := r.text("app_id"); totals[id] == 0 {
			totals[id], _ = r.number("total")
			apps = append(apps, id)
		}
	}
	slices.SortStableFunc(apps, func(a, b string) int { return int(totals[b] - totals[a]) })
	for _, id := range apps {
		p.Teams.Apps = append(p.Teams.Apps, p.name(id))
	}
	for i, r := range rows {
		team := r.text("dimension_value")
		if r["dimension_value"] == nil {
			team = "No team"
		}
		if n := len(p.Teams.Rows); i == 0 || p.Teams.Rows[n-1].Team != team {
			cells := make([]heatCell, len(apps))
			for k := range cells {
				cells[k].Text = unknown
			}
			p.Teams.Rows = append(p.Teams.Rows, heatRow{Team: team, People: r.count("size"), Cells: cells})
		}
		pct, known := r.float("active_pct")
		if !known {
			continue
		}
		c := &p.Teams.Rows[len(p.Teams.Rows)-1].Cells[slices.Index(apps, r.text("app_id"))]
		*c = heatCell{Text: fmt.Sprintf("%.0f", pct), Shade: int(math.Round(min(max(pct, 0), 100))),
			Title: r.count("active_users") + " of " + r.count("provisioned_users") + " provisioned", Stale: r.yes("is_stale")}
	}
	return nil
}

type feature struct {
	App, Feature, Users, Pct, Events, Width string
	Stale                                   bool
}

func (p *page) fillFeatures(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"feature_usage", []string{"as_of", "window_days", "app_id", "instance_id", "feature", "users", "events", "users_pct"}},
		`SELECT * FROM reports.feature_usage WHERE as_of = ? AND window_days = 30
		 ORDER BY app_id, instance_id, users DESC NULLS LAST, feature LIMIT ?`, asOf, listLimit)
	if err != nil {
		return err
	}
	for _, r := range rows {
		pct, _ := r.float("users_pct")
		p.Features = append(p.Features, feature{
			App: p.label(r.text("app_id"), r.text("instance_id")), Feature: r.text("feature"), Users: r.count("users"),
			Pct: r.percent("users_pct"), Events: r.count("events"), Width: one(min(max(pct, 0), 100)), Stale: r.yes("is_stale"),
		})
	}
	return nil
}

// spend is software spend per month, split by the largest departments.
type spend struct {
	Chart  template.HTML
	Series []string
	Months []spendMonth
}

type spendMonth struct {
	Month string
	Cells []string
	Total string
}

// spendSeries is how many departments have a colour of their own; the rest are one.
const spendSeries = palette - 1

func (p *page) fillSpend(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"spend_by_department", []string{"month", "department", "amount", "spend_class"}},
		`WITH here AS (
		   SELECT month, COALESCE(department, 'No department') AS department, CAST(sum(amount) AS DECIMAL(18,2)) AS amount
		   FROM reports.spend_by_department
		   WHERE spend_class = 'software' AND month > ? - INTERVAL 12 MONTH AND month <= ? GROUP BY ALL),
		 sizes AS (SELECT department, row_number() OVER (ORDER BY sum(amount) DESC, department) AS place FROM here GROUP BY department)
		 SELECT month, CASE WHEN place <= ? THEN department ELSE 'All others' END AS department,
		        CAST(sum(amount) AS DECIMAL(18,2)) AS amount, min(place) AS place
		 FROM here JOIN sizes USING (department) GROUP BY ALL ORDER BY month, place`, asOf, asOf, spendSeries)
	if err != nil || len(rows) == 0 {
		return err
	}
	places := map[string]int64{}
	for _, r := range rows {
		d := r.text("department")
		if place, _ := r.number("place"); places[d] == 0 || place < places[d] {
			places[d] = place
		}
	}
	for d := range places {
		p.Spend.Series = append(p.Spend.Series, d)
	}
	slices.SortFunc(p.Spend.Series, func(a, b string) int { return int(places[a] - places[b]) })

	var columns []column
	for _, r := range rows {
		t, _ := r.time("month")
		month := t.Format("Jan 2006")
		if n := len(p.Spend.Months); n == 0 || p.Spend.Months[n-1].Month != month {
			p.Spend.Months = append(p.Spend.Months, spendMonth{Month: month, Cells: make([]string, len(p.Spend.Series))})
			columns = append(columns, column{label: t.Format("Jan 06"), values: make([]float64, len(p.Spend.Series))})
		}
		i, at := slices.Index(p.Spend.Series, r.text("department")), len(columns)-1
		columns[at].values[i] = r.money("amount").Float64()
		p.Spend.Months[at].Cells[i] = r.amount("amount")
	}
	for i, c := range columns {
		total := 0.0
		for k, v := range c.values {
			total += v
			if p.Spend.Months[i].Cells[k] == "" {
				p.Spend.Months[i].Cells[k] = unknown
			}
		}
		p.Spend.Months[i].Total = grouped(int64(math.Round(total)))
	}
	p.Spend.Chart = stackedChart("Software spend per month by department", p.Spend.Series, columns)
	return p.fillUnmapped(ctx, s)
}

func (p *page) fillUnmapped(ctx context.Context, s source) error {
	rows, err := s.ask(ctx, needs{"unmapped_spend", []string{"amount", "spend_class"}},
		`SELECT count(*) AS lines, CAST(coalesce(sum(amount) FILTER (WHERE spend_class = 'software'), 0) AS DECIMAL(18,2)) AS software,
		        CAST(coalesce(sum(amount) FILTER (WHERE spend_class = 'unknown'), 0) AS DECIMAL(18,2)) AS unknown,
		        CAST(coalesce(sum(amount) FILTER (WHERE spend_class = 'probably_not_software'), 0) AS DECIMAL(18,2)) AS other
		 FROM reports.unmapped_spend`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if n, _ := r.number("lines"); n > 0 {
			p.Unmapped = fmt.Sprintf("Of the whole history, %s could not be matched to an app: %s %s of vendors with several apps, which is software, too; "+
				"%s that nobody knows; and %s that is probably no software, such as travel and food. See unmapped_spend.csv.",
				plural(n, "line", "lines"), r.amount("software"), p.Currency, r.amount("unknown"), r.amount("other"))
		}
	}
	return nil
}

type found struct {
	Name, Sources          string
	First                  cell
	People, Spend, Network cell
	firstSeen              time.Time
	Stale                  bool
}

func (p *page) fillFound(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"discovered_apps", []string{"as_of", "app_id", "app_name", "first_seen", "people", "spend_12m"}},
		`SELECT * FROM reports.discovered_apps WHERE as_of = ?
		 ORDER BY spend_12m DESC NULLS LAST, people DESC NULLS LAST, app_id`, asOf)
	if err != nil {
		return err
	}
	for _, r := range rows {
		f := found{Name: r.text("app_name"), Sources: r.text("sources"), First: r.dayCell("first_seen"), People: r.countCell("people"),
			Spend: r.amountCell("spend_12m"), Network: r.countCell("network_people_30d"), Stale: r.yes("is_stale")}
		if f.Name == "" {
			f.Name = r.text("app_id")
		}
		f.firstSeen, _ = r.time("first_seen")
		p.found = append(p.found, f)
	}
	p.Found = p.found[:min(len(p.found), listLimit)]
	p.FoundNote = shownOf(len(p.Found), len(p.found), "discovered_apps")
	return nil
}
