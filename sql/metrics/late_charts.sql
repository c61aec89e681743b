-- description: Whether the organisation chart in force on each report date was behind it.
-- grain: as_of
-- materialize: view
SELECT l.as_of, max(CASE WHEN date_diff('day', l.snapshot_date, l.as_of) > q.stale_days THEN 1 ELSE 0 END) AS is_stale
FROM metrics.lists_in_force AS l
CROSS JOIN params.run AS q
WHERE l.feed = 'org_chart'
GROUP BY l.as_of
