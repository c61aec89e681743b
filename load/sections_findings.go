package load

import (
	"context"
	"time"
)

// finding is one kind of disagreement between sources, with its counts.
type finding struct{ Label, Kind, Count, People, Apps, Example string }

// disagreementLabels say in words what the kinds of reports.disagreements are, worst first.
var disagreementLabels = []struct{ kind, label string }{
	{"left_but_provisioned", "Left, but still has a seat"},
	{"reprovisioned", "Removed, and came back"},
	{"login_not_provisioned", "Signs in, but is not provisioned"},
	{"engaged_not_provisioned", "Uses it, but is not provisioned"},
	{"provisioned_not_in_hr", "Has a seat, but HR does not know them"},
	{"assigned_not_on_roster", "Assigned in the identity provider, but has no account"},
	{"paid_not_used", "Paid for, but nobody uses it"},
	{"charged_without_contract", "Charged, but without a contract"},
}

func (p *page) fillFindings(ctx context.Context, s source, asOf time.Time) error {
	rows, err := s.ask(ctx, needs{"disagreements", []string{"as_of", "kind", "app_id", "person_id", "detail"}},
		`SELECT kind, count(*) AS n, count(DISTINCT person_id) AS people, count(DISTINCT app_id) AS apps,
		        arg_min(coalesce(email || ', ', '') || app_id || ': ' || detail, coalesce(email, '') || app_id || detail) AS example
		 FROM reports.disagreements WHERE as_of = ? GROUP BY kind ORDER BY kind`, asOf)
	if err != nil {
		return err
	}
	byKind := map[string]row{}
	for _, r := range rows {
		byKind[r.text("kind")] = r
	}
	for _, l := range disagreementLabels {
		if r, ok := byKind[l.kind]; ok {
			p.Findings = append(p.Findings, finding{l.label, l.kind, r.count("n"), r.count("people"), r.count("apps"), r.text("example")})
		}
	}
	return p.fillSavings(ctx, s, asOf)
}

// saving is one way of saving, over all apps: what is possible now and what became of the past advice.
type saving struct {
	Label, Quantity, Apps, Certain, Likely, Advised, Done, Realised string
	Stale, WasStale                                                 bool
}

var savingLabels = []struct{ kind, label string }{
	{"deprovision", "Take seats back"},
	{"downgrade", "Move to a lower tier"},
	{"unused_licence", "Give up licences that nobody holds"},
}

// fillSavings puts beside each kind what the earliest of the past report dates advised and what was done.
func (p *page) fillSavings(ctx context.Context, s source, asOf time.Time) error {
	now, err := s.ask(ctx, needs{"savings", []string{"as_of", "app_id", "kind", "quantity", "certain", "likely", "is_stale"}},
		`SELECT kind, CAST(sum(quantity) AS BIGINT) AS quantity, count(DISTINCT app_id) AS apps,
		        CAST(sum(certain) AS DECIMAL(18,2)) AS certain, CAST(sum(likely) AS DECIMAL(18,2)) AS likely, bool_or(is_stale) AS is_stale
		 FROM reports.savings WHERE as_of = ? GROUP BY kind`, asOf)
	if err != nil {
		return err
	}
	past, err := s.ask(ctx, needs{"realised_savings", []string{"as_of", "recommended_on", "kind", "recommended_people", "done_people", "realised_saving", "is_stale"}},
		`SELECT kind, recommended_on, CAST(sum(recommended_people) AS BIGINT) AS advised, CAST(sum(done_people) AS BIGINT) AS done,
		        CAST(sum(realised_saving) AS DECIMAL(18,2)) AS realised, bool_or(is_stale) AS is_stale
		 FROM reports.realised_savings WHERE as_of = ? AND recommended_on = (SELECT max(recommended_on) FROM reports.realised_savings
		   WHERE recommended_on <= CAST(? AS DATE) - INTERVAL 2 MONTH) GROUP BY kind, recommended_on`, asOf, asOf)
	if err != nil {
		return err
	}
	for _, l := range savingLabels {
		line := saving{Label: l.label}
		shown := false
		for _, r := range now {
			if r.text("kind") == l.kind {
				line.Quantity, line.Apps, shown = r.count("quantity"), r.count("apps"), true
				line.Certain, line.Likely, line.Stale = r.amount("certain"), r.amount("likely"), r.yes("is_stale")
			}
		}
		for _, r := range past {
			if r.text("kind") == l.kind {
				p.SavingsSince = r.day("recommended_on")
				line.Advised, line.Done, line.Realised, shown = r.count("advised"), r.count("done"), r.amount("realised"), true
				line.WasStale = r.yes("is_stale")
			}
		}
		if shown {
			p.Savings = append(p.Savings, line)
		}
	}
	return nil
}
