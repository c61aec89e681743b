package load

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
)

// backtest is how far off the estimates are where the exact roster is known.
type backtest struct {
	Rules []testedRule
	Apps  []testedApp
	Note  string // set when not all apps are shown
}

// testedRule is one way to estimate, over all apps.
type testedRule struct {
	Label   string
	Windows []bias
}

// bias is one window's error as a bar that starts in the middle: to the left the estimate is too
// low, to the right too high. Left and Width are in percent of the bar's place.
type bias struct {
	Window, Words, Left, Width, Detail string
}

type testedApp struct {
	App, Rule                                      string
	Window, Compared, Bias, Typical, Worst, Within cell
}

func (p *page) fillBacktest(ctx context.Context, s source, _ time.Time) error {
	rows, err := s.ask(ctx, needs{"estimate_accuracy", []string{"app_id", "rule", "idp", "window_days", "comparisons", "instances", "bias_pct", "median_error_pct", "largest_error_pct", "within_10_pct"}},
		`SELECT * FROM reports.estimate_accuracy ORDER BY app_id <> '(all)', app_id, rule, idp, window_days`)
	if err != nil {
		return err
	}
	widest := 25.0
	for _, r := range rows {
		if b, _ := r.float("bias_pct"); r.text("app_id") == "(all)" {
			widest = max(widest, math.Abs(b))
		}
	}
	longest := "" // of the apps only the longest window is shown
	for _, r := range rows {
		label := ruleLabel(r.text("rule"), r.text("idp"))
		if r.text("app_id") == "(all)" {
			if n := len(p.Backtest.Rules); n == 0 || p.Backtest.Rules[n-1].Label != label {
				p.Backtest.Rules = append(p.Backtest.Rules, testedRule{Label: label})
			}
			rule := &p.Backtest.Rules[len(p.Backtest.Rules)-1]
			rule.Windows = append(rule.Windows, makeBias(r, widest))
			continue
		}
		app := testedApp{
			App: p.name(r.text("app_id")), Rule: label, Window: cell{window(r), r.sortable("window_days")}, Compared: r.countCell("comparisons"),
			Bias: cell{signed(r, "bias_pct"), r.sortable("bias_pct")}, Typical: cell{r.percent("median_error_pct"), r.sortable("median_error_pct")},
			Worst: cell{r.percent("largest_error_pct"), r.sortable("largest_error_pct")}, Within: cell{r.percent("within_10_pct"), r.sortable("within_10_pct")},
		}
		if key := r.text("app_id") + label; key == longest {
			p.Backtest.Apps[len(p.Backtest.Apps)-1] = app
		} else {
			longest = key
			p.Backtest.Apps = append(p.Backtest.Apps, app)
		}
	}
	all := len(p.Backtest.Apps)
	p.Backtest.Apps = p.Backtest.Apps[:min(all, listLimit)]
	p.Backtest.Note = shownOf(len(p.Backtest.Apps), all, "estimate_accuracy")
	return nil
}

func makeBias(r row, widest float64) bias {
	b, _ := r.float("bias_pct")
	width := 50 * math.Abs(b) / widest
	left := 50.0
	if b < 0 {
		left -= width
	}
	compared, _ := r.number("comparisons")
	instances, _ := r.number("instances")
	return bias{
		Window: window(r), Words: inWords(b), Left: one(left), Width: one(max(width, 0.3)),
		Detail: fmt.Sprintf("typically off by %s; %s of %s", r.percent("median_error_pct"), plural(compared, "comparison", "comparisons"), plural(instances, "instance", "instances")),
	}
}

// inWords says what a bias means for whoever reads an estimate.
func inWords(bias float64) string {
	switch {
	case math.Abs(bias) < 0.05:
		return "as many as there are"
	case bias < 0:
		return one(-bias) + " % too low"
	}
	return one(bias) + " % too high"
}

func signed(r row, name string) string {
	f, known := r.float(name)
	switch {
	case !known:
		return unknown
	case f < 0:
		return "−" + one(-f) + " %"
	}
	return "+" + one(f) + " %"
}

func window(r row) string {
	days, _ := r.number("window_days")
	if days == 0 {
		return "that day"
	}
	return fmt.Sprintf("%d days", days)
}

// providers are identity providers as they write their names; another shows as the configuration has it.
var providers = map[string]string{
	"okta": "Okta", "onelogin": "OneLogin", "entra_id": "Entra ID", "google_workspace": "Google Workspace", "pingone": "PingOne", "duo": "Duo", "jumpcloud": "JumpCloud",
	"several": "several identity providers", "": "an identity provider",
}

// ruleLabel says a rule of the back-test in words.
func ruleLabel(rule, idp string) string {
	name, ok := providers[idp]
	if !ok {
		name = strings.ReplaceAll(idp, "_", " ")
	}
	switch rule {
	case "engaged_120d":
		return "People active in the app"
	case "sso_login_120d":
		return "People who signed in through " + name
	case "sso_assigned":
		return "People assigned in " + name
	}
	return rule
}
