-- description: Exempt addresses that no source names, and exempt lists, reclaim rules and settings for apps and instances that nobody has: probably misspelt, and then without effect.
SELECT
    'exempt.unknown_address' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(e.email || ': no source names this address') AS sample
FROM params.exempt AS e
LEFT JOIN metrics.identity AS i ON i.identifier = e.email
WHERE i.identifier IS NULL
UNION ALL
SELECT 'exempt.unknown_app', 'warning', count(*), min(e.app_id || ': no source names this app')
FROM (SELECT DISTINCT app_id FROM metrics.exempt_people) AS e
LEFT JOIN core.apps AS a ON a.app_id = e.app_id
WHERE e.app_id <> '' AND a.app_id IS NULL
UNION ALL
SELECT 'reclaim.unknown_app', 'warning', count(*), min(r.app_id || ': no source names this app')
FROM params.reclaim_rules AS r
LEFT JOIN core.apps AS a ON a.app_id = r.app_id
WHERE r.app_id <> '' AND a.app_id IS NULL
UNION ALL
SELECT 'apps.unknown_app', 'warning', count(*), min(p.app_id || ': no source names this app, so what `apps` says of it is without effect')
FROM params.apps AS p
LEFT JOIN core.apps AS a ON a.app_id = p.app_id
WHERE a.app_id IS NULL
UNION ALL
SELECT 'apps.unknown_instance', 'warning', count(*), min(x.app_id || '/' || x.instance_id || ': no source names this instance, so nothing is excluded by it')
FROM params.excluded_instances AS x
INNER JOIN core.apps AS a ON a.app_id = x.app_id
LEFT JOIN metrics.instances AS i ON i.app_id = x.app_id AND i.instance_id = x.instance_id
WHERE i.app_id IS NULL
