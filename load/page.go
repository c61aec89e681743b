package load

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"os"
	"time"
)

// The page is one file that opens from disk: no request leaves it, and its policy forbids any
// script but its own, by hash. All text from vendors goes through html/template.
var (
	//go:embed page/page.html.tmpl
	pageTemplate string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string
)

var parsedPage = template.Must(template.New("page").Parse(pageTemplate))

// page is what the template shows. Texts are ready to read; an empty part is left out.
type page struct {
	Policy    string
	Style     template.CSS
	Script    template.JS
	Title     string
	Org       string
	AsOf      string
	Generated string
	RunID     string
	Currency  string

	Headlines     []headline
	Attention     []attention
	Bars          []bar
	Lines         []line
	Portfolio     portfolio
	Contracts     []contract
	ContractsNote string
	contracts     []contract // all of them
	Teams         heat
	Features      []feature
	Spend         spend
	Unmapped      string
	Found         []found
	FoundNote     string
	found         []found // all of them
	Backtest      backtest
	Findings      []finding
	Savings       []saving
	SavingsSince  string // the past report date that Savings looks back to
	Health        []health
	Quality       []quality
	Bases         []basis
	Terms         []term
}

// writePage writes report.html from the published tables.
func writePage(ctx context.Context, db *sql.DB, o Options, path string, reports []report) (err error) {
	p, err := buildPage(ctx, source{db: db, reports: reports}, o)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return parsedPage.Execute(f, p)
}

func buildPage(ctx context.Context, s source, o Options) (*page, error) {
	hash := sha256.Sum256([]byte(pageScript))
	p := &page{
		Policy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; script-src 'sha256-" +
			base64.StdEncoding.EncodeToString(hash[:]) + "'",
		Style:     template.CSS(pageStyle),
		Script:    template.JS(pageScript),
		Title:     "Software seats",
		Org:       o.Organisation,
		Generated: o.Now.UTC().Format("2 Jan 2006 15:04 UTC"),
		RunID:     o.RunID,
		Currency:  o.Currency,
		Bases:     bases,
		Terms:     terms,
	}
	asOf, err := s.asOf(ctx)
	if err != nil {
		return nil, err
	}
	if !asOf.IsZero() {
		p.AsOf = day(asOf)
	}
	for _, part := range []struct {
		name string
		fill func(context.Context, source, time.Time) error
	}{
		{"portfolio", p.fillPortfolio},
		{"headlines", p.fillHeadlines},
		{"engagement", p.fillBars},
		{"daily series", p.fillLines},
		{"contracts", p.fillContracts},
		{"teams", p.fillTeams},
		{"features", p.fillFeatures},
		{"spend", p.fillSpend},
		{"discovered apps", p.fillFound},
		{"back-test", p.fillBacktest},
		{"findings", p.fillFindings},
		{"connection health", p.fillHealth},
		{"attention", p.fillAttention},
	} {
		if err := part.fill(ctx, s, asOf); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return p, nil
}

// asOf is the run's as-of date: the latest of the portfolio or, without one, of the daily series.
func (s source) asOf(ctx context.Context) (time.Time, error) {
	for _, q := range []needs{{"app_portfolio", []string{"as_of"}}, {"engagement", []string{"as_of"}}, {"provisioned_users_daily", []string{"date"}}} {
		rows, err := s.ask(ctx, q, "SELECT max("+q.columns[0]+") AS as_of FROM reports."+q.report)
		if err != nil {
			return time.Time{}, err
		}
		if len(rows) == 1 {
			if t, ok := rows[0].time("as_of"); ok {
				return t, nil
			}
		}
	}
	return time.Time{}, nil
}

// basis is one rule for the provisioned number, as people read it.
type basis struct {
	ID, Label, Explanation string
	Exact                  bool
}

var bases = []basis{
	{"connector_exact", "exact roster", "Counted: the accounts on the app's own list of users that day.", true},
	{"engaged_120d", "active in 120 days", "Estimate: the app tells what people did but not who has an account, so everybody active in the last 120 days counts.", false},
	{"sso_assigned", "assigned in SSO", "Estimate: the people whom Okta or OneLogin has the app assigned to that day.", false},
	{"sso_assigned_estimated", "assigned in SSO, older", "Estimate: that day's list of assignments is missing, so the last whole one is carried forward.", false},
	{"sso_login_120d", "signed in within 120 days", "Estimate: the people who signed in to the app through another identity provider in the last 120 days.", false},
	{"none", "unknown", "No source tells. The number is unknown, shown as " + unknown + ". It is not zero.", false},
}

// basisOf gives a basis's words; one that is not known here shows as itself.
func basisOf(id string) basis {
	for _, b := range bases {
		if b.ID == id {
			return b
		}
	}
	if id == "" {
		return bases[len(bases)-1]
	}
	return basis{ID: "other", Label: id}
}

type term struct{ Name, Meaning string }

var terms = []term{
	{"Provisioned", "People or accounts that have the app, by the first rule that applies; the label beside a number says which."},
	{"Engaged", "People with at least one meaningful action in the app in the last 30 days. Signing in alone is not engagement."},
	{"Unused licences", "Licences of a contract line that nobody holds. Tiers are not netted against each other, and free tiers fill no bought licence. Their cost is their share of the line's annual spend."},
	{"Over-provisioned", "Seats beyond the licences of a contract line: a true-up risk at renewal."},
	{"Certain, likely", "Certain are savings from people who have left, are known not to have used it or never signed in, and from licences that nobody holds. Likely is what rests on sign-ins alone, as a session can outlive the window. Seats that nobody pays for save nothing."},
	{"Discovered", "Seen only through spend, network traffic or social sign-in; nobody manages it."},
	{"Stale", "A source behind the number is late. The number stands, but may be old."},
	{"Software spend", "Card, expense and invoice lines that matched an app, or a vendor of the catalogue. What matched neither is told apart by its words, as probably no software or as unknown, and is in no total called software."},
	{"Spend, 12 months", "Card, expense and invoice lines of the last twelve months that are known to be for the app, refunds subtracted."},
	{unknown, "Unknown, because nothing is connected that would tell. Never zero."},
}
