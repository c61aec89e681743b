-- description: The accounts or people that fill this line, who of them used it, and what was spent on the app.
WITH held AS (
    SELECT h.*
    FROM picked AS k
    INNER JOIN core.line_holders AS h ON h.as_of = k.as_of AND h.contract_id = k.contract_id AND h.line_id = k.line_id
    WHERE k.provisioned_users IS NOT NULL
)
SELECT 'provisioned_users' AS measure, seat AS item, person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, tier AS detail
FROM held
UNION ALL
SELECT 'engaged_users_30d', h.person_id, h.person_id, NULL, 'last engaged on ' || CAST(max(h.last_engaged) AS VARCHAR)
FROM held AS h
INNER JOIN picked AS k ON k.engaged_users_30d IS NOT NULL
WHERE h.is_engaged
GROUP BY h.person_id
UNION ALL
SELECT 'spend_12m', s.item, s.person_id, s.value, s.detail
FROM picked AS k
CROSS JOIN spend_12m AS s
WHERE s.value IS NOT NULL AND k.spend_12m IS NOT NULL
