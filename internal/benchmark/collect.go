package benchmark

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// ErrNothing is returned by [Collect] when the warehouse holds no report to take numbers from.
var ErrNothing = errors.New("the warehouse has no reports yet")

// Options say what a contribution says of its maker.
type Options struct {
	Contributor  string
	Organisation string   // so that its own products are left out
	Domains      []string // likewise; lower case
	Currency     string
	SizeBand     string // one of [SizeBands]; empty: worked out from the headcount
	Industry     string // one of [Industries], or empty
	MinPeople    int64  // at least [LeastPeople]
	// Excluded are instances that do not count for their app, by app id.
	Excluded map[string][]string
}

// LeftOut is a number that the contribution does not hold, and why. It may name applications of
// the organisation's own: it is for the organisation's eyes.
type LeftOut struct{ App, Metric, Reason string }

// Reasons for leaving a number out.
const (
	notInCatalogue = "not in the built-in catalogue"
	ownProduct     = "the organisation's own product"
	notListed      = "not in the built-in list of features"
	unusualTier    = "the licence type's name is not in general use"
	tooFewPeople   = "too few people"
	tooFewLicences = "too few licences"
	lateSource     = "a source is late"
	shortHistory   = "fewer than 30 days of data"
	unknownPrice   = "the price is unknown"
	oddPrice       = "the price is 0 or beyond 1,000,000"
)

// Collect makes a contribution from the published warehouse, which it only reads. What is left
// out comes beside it, ordered by app and metric.
func Collect(ctx context.Context, db *sql.DB, words *Vocabulary, o Options) (*Contribution, []LeftOut, error) {
	var asOf sql.NullTime
	if err := db.QueryRowContext(ctx, "SELECT max(as_of) FROM reports.app_portfolio").Scan(&asOf); err != nil {
		return nil, nil, fmt.Errorf("read the date of the reports: %w", err)
	}
	if !asOf.Valid {
		return nil, nil, ErrNothing
	}
	c := &collector{db: db, words: words, o: o, asOf: asOf.Time, out: &Contribution{
		Contributor: o.Contributor, AsOf: asOf.Time.Format(time.DateOnly), Currency: o.Currency, MinPeople: o.MinPeople,
		SizeBand: o.SizeBand, Industry: o.Industry,
	}}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{{"headcount", c.headcount}, {"usage", c.usage}, {"prices", c.prices}} {
		if err := step.do(ctx); err != nil {
			return nil, nil, fmt.Errorf("collect %s: %w", step.name, err)
		}
	}
	c.out.sort()
	slices.SortFunc(c.left, func(a, b LeftOut) int {
		return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Metric, b.Metric))
	})
	return c.out, c.left, nil
}

type collector struct {
	db    *sql.DB
	words *Vocabulary
	o     Options
	asOf  time.Time
	out   *Contribution
	left  []LeftOut
}

func (c *collector) leaveOut(app, metric, reason string) {
	c.left = append(c.left, LeftOut{app, metric, reason})
}

// each runs a query and calls row for each of its rows.
func (c *collector) each(ctx context.Context, row func(scan func(...any) error) error, query string, args ...any) (err error) {
	rows, err := c.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (c *collector) headcount(ctx context.Context) error {
	if c.out.SizeBand != "" {
		return nil
	}
	var employees int64
	if err := c.db.QueryRowContext(ctx, "SELECT count(*) FROM core.people WHERE is_employed").Scan(&employees); err != nil {
		return err
	}
	c.out.SizeBand = SizeBand(employees)
	return nil
}

// appUse is the use of an app in all its instances that count.
type appUse struct {
	people, engaged int64
	late, short     bool
	instances       map[string]int64 // the provisioned people of each
}

// usage takes one number per app and feature, however many instances the app has: an instance's
// name could tell whose it is, and an organisation counts once.
func (c *collector) usage(ctx context.Context) error {
	apps := map[string]*appUse{}
	err := c.each(ctx, func(scan func(...any) error) error {
		var app, instance string
		var people, engaged int64
		var late bool
		var first sql.NullTime
		if err := scan(&app, &instance, &people, &engaged, &late, &first); err != nil {
			return err
		}
		if slices.Contains(c.o.Excluded[app], instance) {
			return nil
		}
		u := apps[app]
		if u == nil {
			u = &appUse{instances: map[string]int64{}}
			apps[app] = u
		}
		u.people, u.engaged, u.instances[instance] = u.people+people, u.engaged+engaged, people
		u.late = u.late || late
		u.short = u.short || !first.Valid || first.Time.After(c.asOf.AddDate(0, 0, 1-WindowDays))
		return nil
	}, `SELECT e.app_id, e.instance_id, e.provisioned_users, e.engaged_users, e.is_stale, a.first_day
		FROM reports.engagement AS e
		LEFT JOIN (SELECT app_id, instance_id, min(activity_date) AS first_day FROM core.activity_daily WHERE actions > 0 GROUP BY app_id, instance_id) AS a
			ON a.app_id = e.app_id AND a.instance_id = e.instance_id
		WHERE e.as_of = ? AND e.window_days = ? AND e.engaged_users IS NOT NULL AND e.provisioned_users > 0`, c.asOf, WindowDays)
	if err != nil {
		return err
	}
	users, err := c.featureUsers(ctx, apps)
	if err != nil {
		return err
	}
	for app, u := range apps {
		c.addUsage(app, EngagedMetric, big.NewRat(u.engaged, u.people), u)
		for feature, n := range users[app] {
			c.addUsage(app, "feature:"+feature, n.Quo(n, new(big.Rat).SetInt64(u.people)), u)
		}
	}
	return nil
}

// featureUsers counts the provisioned people who used each feature that an app has ever shown, by
// app and feature. The report has shares, so a count may be off by what a float is off.
func (c *collector) featureUsers(ctx context.Context, apps map[string]*appUse) (map[string]map[string]*big.Rat, error) {
	users := map[string]map[string]*big.Rat{}
	err := c.each(ctx, func(scan func(...any) error) error {
		var app, instance, feature string
		var share sql.NullFloat64
		if err := scan(&app, &instance, &feature, &share); err != nil {
			return err
		}
		if apps[app] == nil {
			return nil
		}
		people, counts := apps[app].instances[instance]
		if !counts {
			return nil
		}
		if users[app] == nil {
			users[app] = map[string]*big.Rat{}
		}
		if users[app][feature] == nil {
			users[app][feature] = new(big.Rat)
		}
		n := int64(share.Float64*float64(people)/100 + 0.5) // people are whole
		users[app][feature].Add(users[app][feature], new(big.Rat).SetInt64(n))
		return nil
	}, `SELECT f.app_id, f.instance_id, f.feature, max(CASE WHEN f.as_of = ? AND f.window_days = ? THEN f.users_pct END)
		FROM reports.feature_usage AS f GROUP BY f.app_id, f.instance_id, f.feature`, c.asOf, WindowDays)
	return users, err
}

func (c *collector) addUsage(app, metric string, share *big.Rat, u *appUse) {
	switch {
	case !c.mayName(app, metric, notListed):
	case u.people < c.o.MinPeople:
		c.leaveOut(app, metric, tooFewPeople)
	case u.late:
		c.leaveOut(app, metric, lateSource)
	case u.short:
		c.leaveOut(app, metric, shortHistory)
	default:
		c.out.Cells = append(c.out.Cells, Cell{app, metric, 100 * rounded(share.Mul(share, big.NewRat(100, 1)))})
	}
}

// mayName tells whether app and metric say nothing about the organisation, and notes it where they do.
func (c *collector) mayName(app, metric, unlisted string) bool {
	switch {
	case !c.words.HasApp(app):
		c.leaveOut(app, metric, notInCatalogue)
	case c.words.IsOwn(app, c.o.Organisation, c.o.Domains):
		c.leaveOut(app, metric, ownProduct)
	case c.words.checkMetric(app, metric) != nil:
		c.leaveOut(app, metric, unlisted)
	default:
		return true
	}
	return false
}

// prices takes what a licence costs a year, over all current contract lines of an app and tier.
func (c *collector) prices(ctx context.Context) error {
	return c.each(ctx, func(scan func(...any) error) error {
		var app, tier string
		var licences int64
		var cents sql.NullInt64
		if err := scan(&app, &tier, &licences, &cents); err != nil {
			return err
		}
		metric := PriceMetric
		if tier != "" {
			metric += ":" + tier
		}
		if c.mayName(app, metric, unusualTier) {
			c.addPrice(app, metric, licences, cents)
		}
		return nil
		// The tier as names.tier_key has it, but for accents: no word in general use has any.
	}, `SELECT app_id, coalesce(trim(regexp_replace(lower(replace(tier, '+', ' plus ')), '[^\p{L}\p{N}\p{Sc}]+', ' ', 'g')), '') AS tier_key, CAST(sum(licences) AS BIGINT),
			CASE WHEN count(*) = count(annual_spend) THEN CAST(sum(annual_spend) * 100 AS BIGINT) END
		FROM reports.contract_usage WHERE as_of = ? AND app_id IS NOT NULL AND (licences > 0 OR is_user_licence AND annual_spend < 0) -- a discount lowers the price
		GROUP BY app_id, tier_key
		HAVING sum(licences) > 0`, c.asOf)
}

func (c *collector) addPrice(app, metric string, licences int64, cents sql.NullInt64) {
	if licences < c.o.MinPeople {
		c.leaveOut(app, metric, tooFewLicences)
		return
	}
	if !cents.Valid {
		c.leaveOut(app, metric, unknownPrice)
		return
	}
	value := threeDigits(rounded(big.NewRat(cents.Int64, licences)))
	if value <= 0 || value > maxPrice {
		c.leaveOut(app, metric, oddPrice)
		return
	}
	c.out.Cells = append(c.out.Cells, Cell{app, metric, value})
}

// rounded is the nearest whole number; half is rounded up. n is not negative.
func rounded(n *big.Rat) int64 {
	double := new(big.Int).Mul(n.Num(), big.NewInt(2))
	double.Add(double, n.Denom())
	return double.Quo(double, new(big.Int).Mul(n.Denom(), big.NewInt(2))).Int64()
}

// threeDigits keeps the three leading digits of a number, rounded: 12,345 is 12,300.
func threeDigits(n int64) int64 {
	unit := int64(1)
	for n/unit >= 1000 {
		unit *= 10
	}
	return (n + unit/2) / unit * unit
}
