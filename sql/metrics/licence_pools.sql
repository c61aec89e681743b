-- description: Which instances of an app with contract lines, but those left out of the app's numbers, fill which lines: one that lines name fills those; the others together fill the lines that name none.
-- grain: as_of, app_id, instance_id
-- materialize: as_of
-- key: as_of, app_id, instance_id
SELECT
    b.as_of, b.app_id, b.instance_id, b.instance_no, b.basis,
    CASE WHEN n.instance_id IS NULL THEN '' ELSE b.instance_id END AS pool,
    k.kind AS activity_kind,
    e.engaged_users IS NOT NULL AS has_engagement,
    coalesce(e.is_stale, true) AS is_stale
FROM metrics.provision_basis AS b
INNER JOIN params.as_of_dates AS d ON d.as_of = b.as_of
INNER JOIN (SELECT DISTINCT as_of, app_id FROM metrics.licence_lines) AS a ON a.as_of = b.as_of AND a.app_id = b.app_id
LEFT JOIN (SELECT DISTINCT as_of, app_id, instance_id FROM metrics.licence_lines WHERE instance_id IS NOT NULL) AS n
    ON n.as_of = b.as_of AND n.app_id = b.app_id AND n.instance_id = b.instance_id
LEFT JOIN params.excluded_instances AS x ON x.app_id = b.app_id AND x.instance_id = b.instance_id
LEFT JOIN metrics.activity_known AS k ON k.as_of = b.as_of AND k.app_id = b.app_id AND k.instance_id = b.instance_id
LEFT JOIN reports.engagement AS e ON e.as_of = b.as_of AND e.window_days = 30 AND e.app_id = b.app_id AND e.instance_id = b.instance_id
WHERE x.instance_id IS NULL
