-- description: The values that an own usage figure is compared with inside the organisation: its own past months, its teams and locations, the app's other instances.
-- grain: as_of, app_id, instance_id, feature, cohort, point
-- materialize: view
SELECT q.as_of, s.app_id, s.instance_id, s.feature, 'own_past' AS cohort, CAST(s.as_of AS VARCHAR) AS point, s.pct
FROM metrics.usage_series AS s
INNER JOIN params.run AS q ON s.as_of < q.as_of
-- A month counts once the source has been there for all of its 30 days.
INNER JOIN (
    SELECT app_id, instance_id, min(first_date) AS first_date
    FROM metrics.sources
    WHERE kind = 'engagement'
    GROUP BY app_id, instance_id
) AS f ON f.app_id = s.app_id AND f.instance_id = s.instance_id AND f.first_date <= CAST(s.as_of - INTERVAL '29' DAY AS DATE)
UNION ALL
SELECT q.as_of, u.app_id, u.instance_id, u.feature, CASE WHEN u.dimension = 'team' THEN 'own_teams' ELSE 'own_locations' END, u.dimension_value, u.pct
FROM metrics.unit_usage AS u
CROSS JOIN params.run AS q
UNION ALL
SELECT s.as_of, s.app_id, s.instance_id, s.feature, 'own_instances', o.instance_id, o.pct
FROM metrics.usage_series AS s
INNER JOIN params.run AS q ON q.as_of = s.as_of
INNER JOIN metrics.usage_series AS o
    ON o.as_of = s.as_of AND o.app_id = s.app_id AND o.feature = s.feature AND o.instance_id <> s.instance_id
LEFT JOIN params.excluded_instances AS x ON x.app_id = o.app_id AND x.instance_id = o.instance_id
WHERE x.instance_id IS NULL
