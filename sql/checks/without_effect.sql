-- description: Exempt addresses that no source names, and exempt lists and reclaim rules for apps that nobody has: probably misspelt, and then without effect.
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
