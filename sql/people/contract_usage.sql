-- description: The accounts or people that fill this line and those queued with it, and what was spent on the app.
WITH held AS (
    SELECT h.*, k.tier AS line_tier
    FROM picked AS k
    INNER JOIN holders AS h ON h.app_id = k.app_id AND (k.instance_id IS NULL OR h.instance_id = k.instance_id)
    INNER JOIN core.app_instances AS i
        ON i.app_id = h.app_id AND i.instance_id = h.instance_id AND (NOT i.is_excluded OR i.instance_id = k.instance_id)
    WHERE k.provisioned_users IS NOT NULL AND (k.tier IS NULL OR lower(h.tier) = lower(k.tier))
)
SELECT 'provisioned_users' AS measure, instance_id || '/' || item AS item, person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, detail
FROM held
UNION ALL
SELECT 'engaged_users_30d', h.instance_id || '/' || h.person_id, h.person_id, NULL, 'last engaged on ' || CAST(max(a.last_engaged) AS VARCHAR)
FROM held AS h
INNER JOIN activity AS a ON a.app_id = h.app_id AND a.instance_id = h.instance_id AND a.person_id = h.person_id
INNER JOIN picked AS k ON k.app_id = h.app_id AND k.engaged_users_30d IS NOT NULL
WHERE a.last_engaged > CAST(a.as_of - INTERVAL '30' DAY AS DATE)
GROUP BY h.instance_id, h.person_id
UNION ALL
SELECT 'spend_12m', s.item, s.person_id, s.value, s.detail
FROM picked AS k
CROSS JOIN spend_12m AS s
WHERE s.value IS NOT NULL AND k.spend_12m IS NOT NULL
