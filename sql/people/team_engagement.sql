-- description: Who belongs to the team, place, reporting line or cost centre, who of them has a seat, and who used it.
WITH held AS (
    SELECT h.person_id, min(h.detail) AS detail
    FROM picked AS k
    INNER JOIN holders AS h ON h.app_id = k.app_id
    INNER JOIN core.app_instances AS i ON i.app_id = h.app_id AND i.instance_id = h.instance_id AND NOT i.is_excluded
    WHERE h.person_id NOT LIKE 'service:%'
    GROUP BY h.person_id
),
members AS (
    SELECT b.person_id, b.title, true AS is_staff
    FROM picked AS k
    INNER JOIN belongs AS b ON b.dimension = k.dimension AND b.dimension_value = k.dimension_value
    UNION ALL
    -- People whom no org chart places stand under (unknown), without a head count.
    SELECT h.person_id, NULL, false
    FROM picked AS k
    INNER JOIN held AS h ON k.dimension_value = '(unknown)'
    LEFT JOIN (SELECT DISTINCT person_id FROM belongs) AS b ON b.person_id = h.person_id
    WHERE b.person_id IS NULL
),
last_active AS (
    SELECT a.person_id, max(CASE WHEN k.activity_source = 'engagement' THEN a.last_engaged ELSE a.last_login END) AS last_day
    FROM picked AS k
    INNER JOIN activity AS a ON a.app_id = k.app_id
    INNER JOIN core.app_instances AS i ON i.app_id = a.app_id AND i.instance_id = a.instance_id AND NOT i.is_excluded
    GROUP BY a.person_id
)
SELECT 'people' AS measure, m.person_id AS item, m.person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, m.title AS detail
FROM members AS m
WHERE m.is_staff
UNION ALL
SELECT 'provisioned_users', m.person_id, m.person_id, NULL, h.detail
FROM members AS m
INNER JOIN held AS h ON h.person_id = m.person_id
UNION ALL
SELECT 'active_users', m.person_id, m.person_id, NULL,
    CASE WHEN k.activity_source = 'engagement' THEN 'last engaged on ' ELSE 'last signed in on ' END || CAST(l.last_day AS VARCHAR)
FROM picked AS k
CROSS JOIN members AS m
INNER JOIN held AS h ON h.person_id = m.person_id
INNER JOIN last_active AS l ON l.person_id = m.person_id
WHERE k.activity_source IS NOT NULL AND l.last_day > CAST(k.as_of - k.window_days * INTERVAL '1' DAY AS DATE)
