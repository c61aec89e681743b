-- description: A rate never passes 100 %.
SELECT
    'engagement.rate_above_100' AS check_name,
    'fatal' AS severity,
    count(*) AS failing_rows,
    min(app_id || '/' || instance_id || ' as of ' || CAST(as_of AS VARCHAR)) AS sample
FROM reports.engagement
WHERE engaged_pct > 100 OR login_pct > 100 OR not_engaged_users < 0
