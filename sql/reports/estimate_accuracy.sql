-- description: How far off each estimate rule is, per app, identity provider and window: the back-test in one line each. Counted are the dates on which the roster was at most 2 days old and somebody was on it, and the source had the whole window.
-- grain: app_id, rule, idp, window_days
-- materialize: table
-- key: app_id, rule, idp, window_days
-- column app_id: The app; (all) for all apps together.
-- column rule: engaged_120d, sso_login_120d (with the window that window_days says) or sso_assigned.
-- column idp: The identity provider behind the estimate; several where there is more than one. Empty for engaged_120d, and where the configuration does not say.
-- column window_days: 30, 60, 90 or 120; 0 for sso_assigned, which has no window.
-- column comparisons: How many dates and instances were compared.
-- column instances: How many instances are among them.
-- column first_date: DATE of the first comparison.
-- column last_date: DATE of the last comparison.
-- column bias_pct: By how much the estimates together are above (positive) or below (negative) the rosters together, in percent of the rosters. Errors in both directions cancel out.
-- column median_error_pct: The typical error: half of the comparisons are off by no more than this, in percent of the roster, in either direction.
-- column largest_error_pct: The largest error in either direction, in percent of the roster.
-- column within_10_pct: Share of the comparisons that are off by at most 10 %, in percent, 0 to 100.
WITH compared AS (
    SELECT
        b.date, b.app_id, b.instance_id, b.rule, coalesce(b.idp, '') AS idp, b.window_days, b.exact_users, b.error,
        abs(b.error_pct) AS miss
    FROM reports.estimate_backtest AS b
    WHERE b.exact_users > 0 AND coalesce(b.window_complete, true) AND NOT b.is_stale
),
grouped AS (
    SELECT app_id AS label, date, app_id, instance_id, rule, idp, window_days, exact_users, error, miss FROM compared
    UNION ALL
    SELECT '(all)', date, app_id, instance_id, rule, idp, window_days, exact_users, error, miss FROM compared
),
ranked AS (
    SELECT
        g.*,
        row_number() OVER (PARTITION BY g.label, g.rule, g.idp, g.window_days ORDER BY g.miss) AS place,
        count(*) OVER (PARTITION BY g.label, g.rule, g.idp, g.window_days) AS n
    FROM grouped AS g
)
SELECT
    label AS app_id,
    rule,
    idp,
    window_days,
    max(n) AS comparisons,
    count(DISTINCT app_id || '/' || instance_id) AS instances,
    min(date) AS first_date,
    max(date) AS last_date,
    100 * CAST(sum(error) AS DOUBLE) / CAST(sum(exact_users) AS DOUBLE) AS bias_pct,
    -- The middle value, or the mean of the middle two.
    (max(CASE WHEN 2 * place BETWEEN n AND n + 2 THEN miss END) + min(CASE WHEN 2 * place BETWEEN n AND n + 2 THEN miss END)) / 2 AS median_error_pct,
    max(miss) AS largest_error_pct,
    100 * CAST(count(CASE WHEN miss <= 10 THEN 1 END) AS DOUBLE) / max(n) AS within_10_pct
FROM ranked
GROUP BY label, rule, idp, window_days
