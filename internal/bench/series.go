package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	rightsql "github.com/rightseat/rightseat/sql"
	"github.com/rightseat/rightseat/transform"
)

// firstDay is the first day of the series, and 20089 its number since 1970.
const (
	firstDay   = "2025-01-01"
	firstDayNo = 20089
)

func activityFile(t task) string { return filepath.Join(t.Dir, "activity.duckdb") }

// writeActivity makes metrics.activity: each app has its own share of the people, and of those some
// use it daily, some now and then, some hardly ever. Beside it is what the model reads otherwise.
func writeActivity(ctx context.Context, t task) (r result, err error) {
	path := activityFile(t)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	err = withDuck(ctx, path, func(db *database) error {
		err := db.exec(ctx,
			"SET preserve_insertion_order = false",
			"CREATE SCHEMA params", "CREATE SCHEMA metrics",
			"CREATE TABLE params.dates AS SELECT CAST(DATE '"+firstDay+"' + CAST(d AS INTEGER) AS DATE) AS date FROM range("+fmt.Sprint(t.Days)+") AS r (d)",
			"CREATE TABLE params.window_days AS SELECT CAST(DATE '"+firstDay+"' + CAST(d - 119 AS INTEGER) AS DATE) AS day, CAST("+fmt.Sprint(firstDayNo)+" + d - 119 AS INTEGER) AS day_no FROM range("+fmt.Sprint(t.Days+119)+") AS r (d)",
			"CREATE TABLE params.connections AS SELECT 'bench' AS connection, CAST(NULL AS DATE) AS disconnected_on",
			"CREATE SCHEMA IF NOT EXISTS core", "CREATE TABLE core.sso_assignments (connection VARCHAR, snapshot_date DATE, app_id VARCHAR, instance_id VARCHAR, person_id VARCHAR)",
			"CREATE TABLE metrics.source_reach (connection VARCHAR, feed VARCHAR, known_until DATE, fresh_until DATE)",
			"CREATE TABLE params.run AS SELECT 2 AS stale_days",
			fmt.Sprintf("CREATE TABLE metrics.instance_numbers AS SELECT 'app' || a || '/app' || a AS instance_key, CAST(a AS INTEGER) AS instance_no FROM range(%d) AS r (a)", t.Apps),
			fmt.Sprintf(`CREATE TABLE metrics.sources AS
SELECT 'engagement' AS kind, 'bench' AS connection, 'bench' AS connector, CAST(NULL AS VARCHAR) AS idp, CAST(NULL AS DATE) AS disconnected_on,
    'app' || a AS app_id, 'app' || a AS instance_id, DATE '%s' AS first_date FROM range(%d) AS r (a)`, firstDay, t.Apps),
			"CREATE TABLE metrics.rosters (snapshot_date DATE, connection VARCHAR, app_id VARCHAR, instance_id VARCHAR, accounts BIGINT, is_short BOOLEAN)",
			"CREATE TABLE metrics.assignments (snapshot_date DATE, connection VARCHAR, app_id VARCHAR, instance_id VARCHAR, people BIGINT, is_short BOOLEAN)",
			"CREATE TABLE metrics.activity (day DATE, day_no INTEGER, instance_no INTEGER, person_no INTEGER, is_engaged BOOLEAN, is_login BOOLEAN)")
		if err != nil {
			return err
		}
		for day := range t.Days { // in the order that a daily run leaves them in
			if err := db.exec(ctx, activityOf(t, day)); err != nil {
				return err
			}
		}
		if err := db.exec(ctx, "CHECKPOINT"); err != nil {
			return err
		}
		r.Rows, err = db.number(ctx, "SELECT count(*) FROM metrics.activity")
		r.Peak = peak()
		return err
	})
	return r, err
}

// activityOf picks a day's active people: a twentieth to a half of all have an app; of them an eighth use it
// on two days of three, others less.
func activityOf(t task, day int) string {
	return fmt.Sprintf(`INSERT INTO metrics.activity
SELECT DATE '%[1]s' + %[2]d, %[3]d + %[2]d, CAST(a AS INTEGER), CAST(p AS INTEGER), true, false
FROM range(%[4]d) AS apps (a), range(%[5]d) AS people (p)
WHERE p %% 100 < 5 + (a * 37) %% 46
    AND hash(p, a, %[2]d) %% 1000 < CASE hash(p, a) %% 8 WHEN 0 THEN 650 WHEN 1 THEN 240 WHEN 2 THEN 110 ELSE 16 END
ORDER BY a, p`, firstDay, day, firstDayNo, t.Apps, t.People)
}

// series runs the very model: every instance, every day.
func series(ctx context.Context, t task) (r result, err error) {
	const file = "reports/provisioned_users_daily.sql"
	text, err := fs.ReadFile(rightsql.Files, file)
	if err != nil {
		return r, err
	}
	model, err := transform.ParseModel(file, string(text))
	if err != nil {
		return r, err
	}
	err = withDuck(ctx, activityFile(t), func(db *database) error {
		began := time.Now()
		if err := db.exec(ctx, "SET preserve_insertion_order = false", "CREATE OR REPLACE TABLE series AS\n"+model.SQL); err != nil {
			return err
		}
		r.Seconds, r.Peak = time.Since(began).Seconds(), peak()
		if r.Rows, err = db.number(ctx, "SELECT count(*) FROM series WHERE basis = 'engaged_120d'"); err != nil {
			return err
		}
		r.Sum, err = db.number(ctx, "SELECT CAST(sum(provisioned_users) AS BIGINT) FROM series WHERE "+sampled("date", t))
		return err
	})
	return r, err
}

// groupBy is the plain pass over the same rows that the series is held against.
func groupBy(ctx context.Context, t task) (r result, err error) {
	err = withDuck(ctx, activityFile(t), func(db *database) error {
		began := time.Now()
		err := db.exec(ctx, `CREATE OR REPLACE TEMP TABLE grouped AS
SELECT instance_no, person_no, min(day_no) AS first_day, max(day_no) AS last_day, count(*) AS days
FROM metrics.activity GROUP BY instance_no, person_no`)
		if err != nil {
			return err
		}
		r.Seconds, r.Peak = time.Since(began).Seconds(), peak()
		r.Rows, err = db.number(ctx, "SELECT CAST(sum(days) AS BIGINT) FROM grouped")
		return err
	})
	return r, err
}

// rangeJoin counts a sample of the days the obvious way, with the small integers that the model has.
func rangeJoin(ctx context.Context, t task) (result, error) {
	return joined(ctx, t, []string{`SELECT d.date, a.instance_no, count(DISTINCT a.person_no) AS people
FROM params.dates AS d
INNER JOIN metrics.activity AS a ON a.day BETWEEN d.date - 119 AND d.date
WHERE ` + sampled("d.date", t) + `
GROUP BY d.date, a.instance_no`})
}

// publicRangeJoin counts them with the public ids, as somebody with nothing but the core tables would: a day at a time,
// as several at once take more memory than the limit.
func publicRangeJoin(ctx context.Context, t task) (result, error) {
	var queries []string
	for _, day := range sampledDays(t) {
		queries = append(queries, `SELECT d.date, a.app_id, a.instance_id, count(DISTINCT a.person_id) AS people
FROM params.dates AS d
INNER JOIN core.activity_daily AS a ON a.activity_date BETWEEN d.date - 119 AND d.date
WHERE d.date = `+day+`
GROUP BY d.date, a.app_id, a.instance_id`)
	}
	return joined(ctx, t, queries,
		"CREATE SCHEMA IF NOT EXISTS core",
		`CREATE TABLE core.activity_daily AS
SELECT day AS activity_date, 'app' || instance_no AS app_id, 'app' || instance_no AS instance_id, 'person' || person_no || '@acme.example' AS person_id
FROM metrics.activity`)
}

// joined counts the people of the sampled days by queries, after some preparation that is not measured.
func joined(ctx context.Context, t task, queries []string, prepare ...string) (r result, err error) {
	err = withDuck(ctx, activityFile(t), func(db *database) error {
		if err := db.exec(ctx, prepare...); err != nil {
			return err
		}
		began := time.Now()
		for i, query := range queries {
			into := "INSERT INTO joined\n"
			if i == 0 {
				into = "CREATE OR REPLACE TEMP TABLE joined AS\n"
			}
			if err := db.exec(ctx, into+query); err != nil {
				return err
			}
		}
		r.Seconds, r.Peak = time.Since(began).Seconds(), peak()
		if r.Rows, err = db.number(ctx, "SELECT count(*) FROM joined"); err != nil {
			return err
		}
		r.Sum, err = db.number(ctx, "SELECT CAST(sum(people) AS BIGINT) FROM joined")
		return err
	})
	return r, err
}

// sampled is the condition for the days that the range join counts.
func sampled(column string, t task) string {
	return column + " IN (" + strings.Join(sampledDays(t), ", ") + ")"
}

// sampledDays are spread over the whole range.
func sampledDays(t task) (days []string) {
	for i := range t.Sample {
		days = append(days, fmt.Sprintf("DATE '%s' + %d", firstDay, (i+1)*t.Days/t.Sample-1))
	}
	return days
}
