-- description: Who has a seat in the app, who used it or signed in, its contract lines and what was spent on it.
WITH instances AS (
    SELECT i.app_id, i.instance_id
    FROM picked AS k
    INNER JOIN core.app_instances AS i ON i.app_id = k.app_id AND NOT i.is_excluded
),
held AS (
    SELECT h.*
    FROM instances AS i
    INNER JOIN holders AS h ON h.app_id = i.app_id AND h.instance_id = i.instance_id
),
active AS (
    SELECT a.*
    FROM instances AS i
    INNER JOIN activity AS a ON a.app_id = i.app_id AND a.instance_id = i.instance_id
)
-- On a roster it is accounts that count, elsewhere people, each once.
SELECT 'provisioned_users' AS measure, instance_id || '/' || item AS item, person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, detail
FROM held
WHERE basis = 'connector_exact'
UNION ALL
SELECT 'provisioned_users', h.person_id, h.person_id, NULL, min(h.detail)
FROM held AS h
LEFT JOIN (SELECT DISTINCT person_id FROM held WHERE basis = 'connector_exact') AS a ON a.person_id = h.person_id
WHERE h.basis <> 'connector_exact' AND a.person_id IS NULL
GROUP BY h.person_id
UNION ALL
SELECT 'engaged_users_30d', a.person_id, a.person_id, NULL, 'last engaged on ' || CAST(max(a.last_engaged) AS VARCHAR)
FROM active AS a
INNER JOIN reports.engagement AS e
    ON e.as_of = a.as_of AND e.window_days = 30 AND e.app_id = a.app_id AND e.instance_id = a.instance_id AND e.engaged_users IS NOT NULL
LEFT JOIN (SELECT DISTINCT instance_id, person_id FROM held) AS h ON h.instance_id = a.instance_id AND h.person_id = a.person_id
WHERE a.last_engaged > CAST(a.as_of - INTERVAL '30' DAY AS DATE) AND (h.person_id IS NOT NULL OR e.provisioned_users IS NULL)
GROUP BY a.person_id
UNION ALL
SELECT 'unique_logins_30d', a.person_id, a.person_id, NULL, 'last signed in on ' || CAST(max(a.last_login) AS VARCHAR)
FROM active AS a
INNER JOIN picked AS k ON k.app_id = a.app_id AND k.unique_logins_30d IS NOT NULL
WHERE a.last_login > CAST(a.as_of - INTERVAL '30' DAY AS DATE)
GROUP BY a.person_id
UNION ALL
SELECT 'licences', u.contract_id || '/' || u.line_id, NULL, u.licences,
    coalesce(u.tier || ', ', '') || 'annual spend ' || coalesce(CAST(u.annual_spend AS VARCHAR), 'unknown')
FROM picked AS k
INNER JOIN reports.contract_usage AS u ON u.as_of = k.as_of AND u.app_id = k.app_id AND u.licences IS NOT NULL
UNION ALL
SELECT 'spend_12m', s.item, s.person_id, s.value, s.detail
FROM picked AS k
CROSS JOIN spend_12m AS s
WHERE s.value IS NOT NULL AND k.spend_12m IS NOT NULL
