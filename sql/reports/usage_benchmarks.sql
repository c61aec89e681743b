-- description: How much an app's features are used, beside a cohort: the own past, own teams, locations and instances, or references. It needs an engagement connector.
-- grain: as_of, app_id, instance_id, feature, cohort
-- materialize: table
-- key: as_of, app_id, instance_id, feature, cohort
-- column as_of: DATE of the run.
-- column app_id: The app.
-- column instance_id: The app's instance; one whose engagement is known and in which nobody is provisioned has no row.
-- column feature: The feature event, of those that the instance has shown at some time; (engaged) for any engaged action.
-- column cohort: own_past (the month ends before, once there were 30 days of data), own_teams, own_locations, own_instances (the app's others), or a reference's name; reference where there is none.
-- column own_pct: Provisioned people who used it in 30 days, in percent, 0 to 100. NULL unless status is ok.
-- column cohort_n: How many values the cohort has. NULL unless status is ok.
-- column p25: Lower quartile of the cohort. NULL unless status is ok.
-- column p50: Median of the cohort. NULL unless status is ok.
-- column p75: Upper quartile of the cohort. NULL unless status is ok.
-- column own_percentile: Share of the cohort's values below the own one, half of the equal ones counted, 0 to 100. NULL where only quartiles are known, and unless status is ok.
-- column is_stale: Whether the list or the engagement behind the own value was more than 2 days behind as_of or never read to the end.
-- column status: ok, no_engagement_connector, below_min_n (fewer than 5 values) or no_reference.
WITH own AS (
    SELECT s.as_of, s.app_id, s.instance_id, s.feature, s.pct
    FROM metrics.usage_series AS s
    INNER JOIN params.run AS q ON q.as_of = s.as_of
),
ranked AS (
    SELECT
        p.as_of, p.app_id, p.instance_id, p.feature, p.cohort, p.pct,
        row_number() OVER g AS place,
        count(*) OVER (PARTITION BY p.as_of, p.app_id, p.instance_id, p.feature, p.cohort) AS n
    FROM metrics.usage_points AS p
    WINDOW g AS (PARTITION BY p.as_of, p.app_id, p.instance_id, p.feature, p.cohort ORDER BY p.pct)
),
-- A quantile lies between its two neighbours, in proportion.
internal_cells AS (
    SELECT
        r.as_of, r.app_id, r.instance_id, r.feature, r.cohort, max(r.n) AS n,
        sum(r.pct * greatest(1 - abs(r.place - (1 + (r.n - 1) * 0.25)), 0)) AS p25,
        sum(r.pct * greatest(1 - abs(r.place - (1 + (r.n - 1) * 0.5)), 0)) AS p50,
        sum(r.pct * greatest(1 - abs(r.place - (1 + (r.n - 1) * 0.75)), 0)) AS p75,
        100 * CAST(count(CASE WHEN r.pct < o.pct THEN 1 END) + 0.5 * count(CASE WHEN r.pct = o.pct THEN 1 END) AS DOUBLE) / max(r.n) AS own_percentile
    FROM ranked AS r
    INNER JOIN own AS o
        ON o.as_of = r.as_of AND o.app_id = r.app_id AND o.instance_id = r.instance_id AND o.feature = r.feature
    GROUP BY r.as_of, r.app_id, r.instance_id, r.feature, r.cohort
),
reference_cells AS (
    SELECT
        o.as_of, o.app_id, o.instance_id, o.feature, f.cohort, f.n,
        CAST(f.p25 AS DOUBLE) AS p25, CAST(f.p50 AS DOUBLE) AS p50, CAST(f.p75 AS DOUBLE) AS p75,
        CAST(NULL AS DOUBLE) AS own_percentile
    FROM own AS o
    INNER JOIN metrics.benchmark_references AS f
        ON f.app_id = o.app_id AND f.metric = CASE WHEN o.feature = '(engaged)' THEN 'engaged_pct' ELSE 'feature:' || lower(trim(o.feature)) END
),
cells AS (
    SELECT * FROM internal_cells
    UNION ALL
    SELECT * FROM reference_cells
    UNION ALL
    SELECT o.as_of, o.app_id, o.instance_id, o.feature, 'reference', NULL, NULL, NULL, NULL, NULL
    FROM own AS o
    LEFT JOIN reference_cells AS r
        ON r.app_id = o.app_id AND r.instance_id = o.instance_id AND r.feature = o.feature
    WHERE r.app_id IS NULL
)
SELECT
    o.as_of, o.app_id, o.instance_id, o.feature, c.cohort,
    CASE WHEN c.n >= 5 THEN o.pct END AS own_pct,
    CAST(CASE WHEN c.n >= 5 THEN c.n END AS BIGINT) AS cohort_n,
    CASE WHEN c.n >= 5 THEN CAST(c.p25 AS DOUBLE) END AS p25,
    CASE WHEN c.n >= 5 THEN CAST(c.p50 AS DOUBLE) END AS p50,
    CASE WHEN c.n >= 5 THEN CAST(c.p75 AS DOUBLE) END AS p75,
    CASE WHEN c.n >= 5 THEN CAST(c.own_percentile AS DOUBLE) END AS own_percentile,
    CASE WHEN c.n IS NULL THEN 'no_reference' WHEN c.n < 5 THEN 'below_min_n' ELSE 'ok' END AS status,
    coalesce(e.is_stale, true) AS is_stale
FROM own AS o
LEFT JOIN reports.engagement AS e ON e.as_of = o.as_of AND e.window_days = 30 AND e.app_id = o.app_id AND e.instance_id = o.instance_id
INNER JOIN cells AS c
    ON c.as_of = o.as_of AND c.app_id = o.app_id AND c.instance_id = o.instance_id AND c.feature = o.feature
UNION ALL
SELECT e.as_of, e.app_id, e.instance_id, '(engaged)', 'reference', NULL, NULL, NULL, NULL, NULL, NULL, 'no_engagement_connector', e.is_stale
FROM reports.engagement AS e
INNER JOIN params.run AS q ON q.as_of = e.as_of
WHERE e.window_days = 30 AND e.engaged_users IS NULL
