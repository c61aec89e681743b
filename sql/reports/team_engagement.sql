-- description: Provisioned and active people per app, cut by team, location, manager (the whole reporting line) and cost centre.
-- grain: as_of, window_days, dimension, dimension_value, app_id
-- materialize: as_of
-- key: as_of, window_days, dimension, dimension_value, app_id
-- column as_of: DATE the numbers are of; the organisation is that of the snapshot in force on it.
-- column window_days: Length of the window in days, ending with and including as_of.
-- column dimension: team, location, manager or cost_centre.
-- column dimension_value: The team's name etc.; for manager the manager's person_id; (unknown) for employees without one, and for people with a seat whom HR does not know or who have left. Who has no manager stands in nobody's line.
-- column app_id: The app, all its instances together but the excluded ones.
-- column people: Employees in this value; NULL for people HR does not know.
-- column provisioned_users: Distinct people of this value who are provisioned in the app.
-- column active_users: Those of them who were active in the window. NULL when no source of activity is connected.
-- column active_pct: active_users in percent of provisioned_users, 0 to 100. NULL when no source of activity is connected or nobody is provisioned.
-- column activity_source: engagement (events inside the app) or login (sign-ins, where nothing better is connected); NULL when neither.
-- column is_stale: Whether a list or the activity of the app, or the organisation chart, was more than 2 days behind as_of or never read to the end.
WITH windows AS (
    SELECT 30 AS window_days UNION ALL SELECT 60 UNION ALL SELECT 90 UNION ALL SELECT 120
),
late_apps AS (
    SELECT e.as_of, e.app_id, max(CASE WHEN e.is_stale THEN 1 ELSE 0 END) AS is_stale
    FROM reports.engagement AS e
    INNER JOIN params.as_of_dates AS d ON d.as_of = e.as_of
    LEFT JOIN params.excluded_instances AS x ON x.app_id = e.app_id AND x.instance_id = e.instance_id
    WHERE e.window_days = 30 AND x.instance_id IS NULL
    GROUP BY e.as_of, e.app_id
),
windowed AS (
    SELECT
        m.as_of, m.dimension, m.dimension_value, m.app_id, m.provisioned_users, m.activity_source, w.window_days,
        CASE w.window_days WHEN 30 THEN m.active_30 WHEN 60 THEN m.active_60 WHEN 90 THEN m.active_90 WHEN 120 THEN m.active_120 END AS active_users
    FROM metrics.team_seats AS m
    INNER JOIN params.as_of_dates AS d ON d.as_of = m.as_of
    CROSS JOIN windows AS w
)
SELECT
    w.as_of,
    CAST(w.window_days AS BIGINT) AS window_days,
    w.dimension,
    w.dimension_value,
    w.app_id,
    h.people,
    w.provisioned_users,
    w.active_users,
    CASE WHEN w.provisioned_users > 0 THEN 100 * CAST(w.active_users AS DOUBLE) / w.provisioned_users END AS active_pct,
    w.activity_source,
    coalesce(b.is_stale, 0) + coalesce(o.is_stale, 0) > 0 AS is_stale
FROM windowed AS w
LEFT JOIN metrics.headcounts AS h ON h.as_of = w.as_of AND h.dimension = w.dimension AND h.dimension_value = w.dimension_value
LEFT JOIN late_apps AS b ON b.as_of = w.as_of AND b.app_id = w.app_id
LEFT JOIN metrics.late_charts AS o ON o.as_of = w.as_of
