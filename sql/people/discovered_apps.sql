-- description: Who was seen with the app by card, network or social sign-in, and what was spent on it.
WITH traces AS (
    SELECT k.as_of, 'network' AS kind, n.person_id, n.activity_date AS day
    FROM picked AS k
    INNER JOIN core.network_activity AS n ON n.app_id = k.app_id AND n.activity_date <= k.as_of
    UNION ALL
    SELECT k.as_of, 'social', l.person_id, l.login_date
    FROM picked AS k
    INNER JOIN core.sso_logins AS l
        ON l.app_id = k.app_id AND l.login_date <= k.as_of AND l.kind = 'social' AND l.outcome = 'SUCCESS'
    UNION ALL
    SELECT k.as_of, 'spend', s.payer_person_id, s.transaction_date
    FROM picked AS k
    INNER JOIN core.spend AS s ON s.app_id = k.app_id AND s.transaction_date <= k.as_of AND NOT s.is_duplicate
),
known AS (
    SELECT * FROM traces WHERE person_id NOT LIKE 'service:%'
)
SELECT
    'people' AS measure, person_id AS item, person_id, CAST(NULL AS DECIMAL(18, 2)) AS value,
    'last seen on ' || CAST(max(day) AS VARCHAR) || ', in ' || min(kind) || CASE WHEN min(kind) <> max(kind) THEN ' and ' || max(kind) ELSE '' END AS detail
FROM known
WHERE day > CAST(as_of - INTERVAL '12' MONTH AS DATE)
GROUP BY person_id
UNION ALL
SELECT kind || '_people_30d', person_id, person_id, NULL, 'last seen on ' || CAST(max(day) AS VARCHAR)
FROM known
WHERE kind IN ('network', 'social') AND day > CAST(as_of - INTERVAL '30' DAY AS DATE)
GROUP BY kind, person_id
UNION ALL
SELECT 'spend_12m', s.item, s.person_id, s.value, s.detail
FROM picked AS k
CROSS JOIN spend_12m AS s
WHERE s.value IS NOT NULL AND k.spend_12m IS NOT NULL
