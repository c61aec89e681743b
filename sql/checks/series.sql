-- description: The daily series has one row per instance and day, without gaps, and never 0 for unknown.
SELECT
    'provisioned_users_daily.gaps' AS check_name,
    'fatal' AS severity,
    count(*) AS failing_rows,
    min(s.app_id || '/' || s.instance_id || ': ' || CAST(s.days AS VARCHAR) || ' days of ' || CAST(s.span AS VARCHAR)) AS sample
FROM (
    SELECT app_id, instance_id, count(*) AS days, date_diff('day', min(date), max(date)) + 1 AS span
    FROM reports.provisioned_users_daily
    GROUP BY app_id, instance_id
) AS s
WHERE s.days <> s.span
UNION ALL
SELECT
    'provisioned_users_daily.unknown_is_null',
    'fatal',
    count(*),
    min(app_id || '/' || instance_id || ' on ' || CAST(date AS VARCHAR))
FROM reports.provisioned_users_daily
WHERE (basis = 'none') <> (provisioned_users IS NULL)
