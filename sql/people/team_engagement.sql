-- description: Who belongs to the team, place, reporting line or cost centre, who of them has a seat, and who used it.
WITH RECURSIVE listed AS (
    SELECT *
    FROM (
        SELECT
            o.person_id, o.team, o.location, o.cost_centre, o.title, m.person_id AS manager_id,
            o.is_employed AND (o.termination_date IS NULL OR o.termination_date > n.as_of) AS is_employed,
            row_number() OVER (
                PARTITION BY o.person_id
                ORDER BY o.is_employed AND (o.termination_date IS NULL OR o.termination_date > n.as_of) DESC, o.snapshot_date DESC, o.connection
            ) AS choice
        FROM in_force AS n
        INNER JOIN core.org_chart AS o ON o.connection = n.connection AND o.snapshot_date = n.snapshot_date
        LEFT JOIN core.person_identifiers AS m ON m.identifier = o.manager_identifier
        WHERE n.feed = 'org_chart'
    ) AS s
    WHERE s.choice = 1
),
staff AS (
    SELECT * FROM listed WHERE is_employed
),
line (person_id, manager_id) AS (
    SELECT person_id, manager_id FROM staff WHERE manager_id IS NOT NULL AND manager_id <> person_id
    UNION
    SELECT l.person_id, s.manager_id
    FROM line AS l
    INNER JOIN listed AS s ON s.person_id = l.manager_id
    WHERE s.manager_id IS NOT NULL AND s.manager_id <> l.person_id
),
belongs AS (
    SELECT 'team' AS dimension, coalesce(nullif(team, ''), '(unknown)') AS dimension_value, person_id FROM staff
    UNION ALL
    SELECT 'location', coalesce(nullif(location, ''), '(unknown)'), person_id FROM staff
    UNION ALL
    SELECT 'cost_centre', coalesce(nullif(cost_centre, ''), '(unknown)'), person_id FROM staff
    UNION ALL
    SELECT 'manager', manager_id, person_id FROM line
),
held AS (
    SELECT h.person_id, min(h.detail) AS detail
    FROM picked AS k
    INNER JOIN holders AS h ON h.app_id = k.app_id
    INNER JOIN core.app_instances AS i ON i.app_id = h.app_id AND i.instance_id = h.instance_id AND NOT i.is_excluded
    WHERE h.person_id NOT LIKE 'service:%'
    GROUP BY h.person_id
),
members AS (
    SELECT b.person_id, true AS is_staff
    FROM picked AS k
    INNER JOIN belongs AS b ON b.dimension = k.dimension AND b.dimension_value = k.dimension_value
    UNION ALL
    -- People whom no org chart places stand under (unknown), without a head count.
    SELECT h.person_id, false
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
SELECT 'people' AS measure, m.person_id AS item, m.person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, s.title AS detail
FROM members AS m
INNER JOIN staff AS s ON s.person_id = m.person_id
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
