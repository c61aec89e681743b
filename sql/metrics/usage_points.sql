-- description: The values that an own usage figure is compared with inside the organisation: its own past months, its teams.
-- grain: as_of, app_id, instance_id, feature, cohort, point
-- materialize: view
SELECT q.as_of, u.app_id, u.instance_id, u.feature, 'own_past' AS cohort, CAST(u.as_of AS VARCHAR) AS point, u.pct
FROM (
    SELECT as_of, app_id, instance_id, feature, users_pct AS pct FROM reports.feature_usage WHERE window_days = 30
    UNION ALL
    SELECT as_of, app_id, instance_id, '(engaged)', engaged_pct FROM reports.engagement WHERE window_days = 30
) AS u
CROSS JOIN params.run AS q
WHERE u.as_of < q.as_of AND u.pct IS NOT NULL
UNION ALL
SELECT t.as_of, t.app_id, i.instance_id, '(engaged)', 'own_teams', t.dimension_value, t.active_pct
FROM reports.team_engagement AS t
INNER JOIN params.run AS q ON q.as_of = t.as_of
INNER JOIN (
    SELECT app_id, min(instance_id) AS instance_id FROM metrics.instances GROUP BY app_id HAVING count(*) = 1
) AS i ON i.app_id = t.app_id
WHERE t.window_days = 30 AND t.dimension = 'team' AND t.dimension_value <> '(unknown)'
    AND t.activity_source = 'engagement' AND t.active_pct IS NOT NULL
