-- description: Share of provisioned people who used each feature in 30 days, on each report date whose engagement is known. A feature that the instance has shown at some time, and nobody used in the 30 days, counts as 0.
-- grain: as_of, app_id, instance_id, feature
-- materialize: view
SELECT e.as_of, e.app_id, e.instance_id, f.feature, coalesce(u.users_pct, 0) AS pct
FROM reports.engagement AS e
INNER JOIN (
    SELECT app_id, instance_id, feature FROM reports.feature_usage GROUP BY app_id, instance_id, feature
) AS f ON f.app_id = e.app_id AND f.instance_id = e.instance_id
LEFT JOIN reports.feature_usage AS u
    ON u.as_of = e.as_of AND u.window_days = 30 AND u.app_id = e.app_id AND u.instance_id = e.instance_id AND u.feature = f.feature
WHERE e.window_days = 30 AND e.engaged_pct IS NOT NULL
UNION ALL
SELECT as_of, app_id, instance_id, '(engaged)', engaged_pct
FROM reports.engagement
WHERE window_days = 30 AND engaged_pct IS NOT NULL
