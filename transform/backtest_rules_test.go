package transform_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// tested is one line of the back-test, worked out the obvious way.
type tested struct {
	day, window, exact, estimate, rosterDay int
	app, rule, idp                          string
	complete                                string // as SQL writes it; – where there is no window
}

func (x tested) row() []string {
	row := []string{date(x.day), x.app, x.rule, strconv.Itoa(x.window), strconv.Itoa(x.exact), strconv.Itoa(x.estimate), strconv.Itoa(x.estimate - x.exact), "–",
		x.idp, x.complete, date(x.rosterDay)}
	if x.exact > 0 {
		row[7] = fmt.Sprintf("%.4f", 100*float64(x.estimate-x.exact)/float64(x.exact))
	}
	return row
}

// feeding tells from which day on events of connected sources speak of an app, and of which
// identity providers they are; the day is -1 without any.
func (o *organisation) feeding(events []event, app string, day int) (first int, idps map[string]bool) {
	first, idps = -1, map[string]bool{}
	for _, e := range events {
		if ok := e.connection == "events" || e.ok && e.managed; !ok || e.app != app || e.day > day || !o.connectedOn(e.connection, e.day) || !o.connectedOn(e.connection, day) {
			continue
		}
		if first < 0 || e.day < first {
			first = e.day
		}
		idps[o.connected[e.connection].idp] = true
	}
	return first, idps
}

func (o *organisation) backtest() (out []tested) {
	for _, day := range o.reportDays() {
		for _, app := range o.apps(day) {
			users, basis := o.provisioned(app, day)
			if basis != "connector_exact" {
				continue
			}
			exact, err := strconv.Atoi(users)
			if err != nil {
				panic("an exact number is a number")
			}
			rosterDay := day
			for _, s := range o.lists(o.rosters, app, day) {
				rosterDay = min(rosterDay, s.day)
			}
			for rule, events := range map[string][]event{"engaged_120d": o.engaged, "sso_login_120d": o.logins} {
				first, idps := o.feeding(events, app, day)
				if first < 0 {
					continue
				}
				idp := "several"
				if len(idps) == 1 {
					for idp = range idps {
					}
				}
				if rule == "engaged_120d" {
					idp = "–"
				}
				for _, w := range allWindows {
					out = append(out, tested{day, w, exact, len(active(events, o, app, day, w)), rosterDay, app, rule, idp, strconv.FormatBool(first <= day-w+1)})
				}
			}
			if lists := o.lists(o.assigned, app, day); len(lists) > 0 {
				who, idp := map[int]bool{}, o.connected[lists[0].connection].idp
				for _, s := range lists {
					for _, r := range s.rows {
						if r.app == app {
							who[o.person(r.address)] = true
						}
					}
				}
				if len(lists) > 1 {
					idp = "several"
				}
				out = append(out, tested{day, 0, exact, len(who), rosterDay, app, "sso_assigned", idp, "–"})
			}
		}
	}
	return out
}

// accuracy sums the back-test up, per app and for all, without the lines that are marked as old.
func accuracy(lines []tested, stale map[string]bool) (rows [][]string) {
	type key struct {
		app, rule, idp string
		window         int
	}
	groups := map[key][]tested{}
	for _, x := range lines {
		if x.exact == 0 || x.complete == "false" || stale[x.key()] {
			continue
		}
		if x.idp == "–" {
			x.idp = ""
		}
		for _, app := range []string{x.app, "(all)"} {
			k := key{app, x.rule, x.idp, x.window}
			groups[k] = append(groups[k], x)
		}
	}
	for k, g := range groups {
		var off []float64
		var exact, sum, within int
		apps, first, last := map[string]bool{}, g[0].day, g[0].day
		for _, x := range g {
			off = append(off, 100*math.Abs(float64(x.estimate-x.exact))/float64(x.exact))
			exact, sum = exact+x.exact, sum+x.estimate-x.exact
			if 10*abs(x.estimate-x.exact) <= x.exact {
				within++
			}
			apps[x.app], first, last = true, min(first, x.day), max(last, x.day)
		}
		slices.Sort(off)
		median := (off[(len(off)-1)/2] + off[len(off)/2]) / 2
		rows = append(rows, []string{k.app, k.rule, k.idp, strconv.Itoa(k.window), strconv.Itoa(len(g)), strconv.Itoa(len(apps)), date(first), date(last),
			fmt.Sprintf("%.4f", 100*float64(sum)/float64(exact)), fmt.Sprintf("%.4f", median), fmt.Sprintf("%.4f", off[len(off)-1]),
			fmt.Sprintf("%.4f", 100*float64(within)/float64(len(g)))})
	}
	return rows
}

// key tells a line of the back-test from others.
func (x tested) key() string { return fmt.Sprint(date(x.day), " ", x.app, " ", x.rule, " ", x.window) }

func abs(n int) int { return max(n, -n) }

// backtested is a random organisation with rosters on some of the days that are reported, too.
func backtested(seed uint64) *organisation {
	o := randomOrganisation(rand.New(rand.NewPCG(seed, 17)))
	for _, day := range o.reportDays() {
		s := o.rosters[o.asOf%len(o.rosters)]
		for _, name := range []string{"roster", "roster-2"} {
			has := slices.ContainsFunc(o.rosters, func(s set) bool { return s.connection == name })
			if day%3 > 0 && (has || name == "roster") {
				o.rosters = append(o.rosters, set{connection: name, day: day, read: 1000 + day, rows: s.rows})
			}
		}
	}
	return o
}

func TestBacktestAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("organisation %d", seed), func(t *testing.T) {
			t.Parallel()
			o := backtested(seed)
			w := newWorld(t)
			w.only("reports.estimate_backtest", "reports.estimate_accuracy")
			o.load(w)
			w.run(date(o.asOf))
			lines := o.backtest()
			var want [][]string
			for _, x := range lines {
				want = append(want, x.row())
			}
			requireRows(t, want, w.rows(`SELECT date, app_id, rule, window_days, exact_users, estimated_users, error, CAST(error_pct AS DECIMAL(18, 4)),
				idp, window_complete, roster_as_of FROM reports.estimate_backtest`))
			stale := map[string]bool{}
			for _, r := range w.rows(`SELECT concat_ws(' ', date, app_id, rule, window_days) FROM reports.estimate_backtest WHERE is_stale`) {
				stale[r[0]] = true
			}
			for _, x := range lines {
				if x.day-x.rosterDay > 2 {
					require.True(t, stale[x.key()], "%s: the roster is an old one", x.key())
				}
			}
			requireRows(t, accuracy(lines, stale), w.rows(`SELECT app_id, rule, idp, window_days, comparisons, instances, first_date, last_date, CAST(bias_pct AS DECIMAL(18, 4)),
				CAST(median_error_pct AS DECIMAL(18, 4)), CAST(largest_error_pct AS DECIMAL(18, 4)), CAST(within_10_pct AS DECIMAL(18, 4)) FROM reports.estimate_accuracy`))
		})
	}
}

// TestBacktestHistoriesAreVaried holds the random organisations to having every case.
func TestBacktestHistoriesAreVaried(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for seed := range uint64(4) {
		o := backtested(seed)
		o.engageByFeatures()
		lines := o.backtest()
		for _, x := range lines {
			seen[x.rule+" "+x.idp], seen["complete "+x.complete] = true, true
		}
		for _, r := range accuracy(lines, nil) {
			seen["summed up "+r[1]+" "+r[2]] = true
		}
	}
	for _, want := range []string{
		"engaged_120d –", "sso_login_120d okta", "sso_login_120d entra_id", "sso_login_120d several", "sso_assigned okta", "complete true", "complete false",
		"summed up engaged_120d ", "summed up sso_login_120d several", "summed up sso_assigned okta",
	} {
		require.True(t, seen[want], want)
	}
}
