-- description: The instances of apps, and which connections know them.
-- grain: app_id, instance_id
-- materialize: table
-- key: app_id, instance_id
-- column app_id: The app.
-- column instance_id: The instance; named like the app where nobody names it.
-- column has_roster: Whether a connection lists its accounts.
-- column has_engagement: Whether a connection brings events from inside it.
-- column has_sso: Whether an identity provider knows it.
-- column first_seen: DATE of the first data; NULL before there is any.
-- column is_excluded: Whether the config leaves it out of the app's roll-up.
SELECT
    i.app_id,
    i.instance_id,
    max(CASE WHEN s.kind = 'roster' THEN 1 ELSE 0 END) = 1 AS has_roster,
    max(CASE WHEN s.kind = 'engagement' THEN 1 ELSE 0 END) = 1 AS has_engagement,
    max(CASE WHEN s.kind IN ('assignments', 'logins') THEN 1 ELSE 0 END) = 1 AS has_sso,
    min(s.first_date) AS first_seen,
    max(x.instance_id) IS NOT NULL AS is_excluded
FROM metrics.instances AS i
LEFT JOIN metrics.sources AS s ON s.app_id = i.app_id AND s.instance_id = i.instance_id
LEFT JOIN params.excluded_instances AS x ON x.app_id = i.app_id AND x.instance_id = i.instance_id
GROUP BY i.app_id, i.instance_id
