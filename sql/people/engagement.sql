-- description: Who has a seat, who used it in the window, who did not, and who signed in.
WITH held AS (
    SELECT h.*, row_number() OVER (PARTITION BY h.person_id ORDER BY h.item) AS seat
    FROM picked AS k
    INNER JOIN holders AS h ON h.app_id = k.app_id AND h.instance_id = k.instance_id
),
active AS (
    SELECT
        a.person_id, k.provisioned_users, k.engaged_users, k.unique_logins,
        CASE WHEN a.last_engaged > CAST(k.as_of - k.window_days * INTERVAL '1' DAY AS DATE) THEN a.last_engaged END AS last_engaged,
        CASE WHEN a.last_login > CAST(k.as_of - k.window_days * INTERVAL '1' DAY AS DATE) THEN a.last_login END AS last_login,
        h.person_id IS NOT NULL AS is_held
    FROM picked AS k
    INNER JOIN activity AS a ON a.app_id = k.app_id AND a.instance_id = k.instance_id
    LEFT JOIN held AS h ON h.person_id = a.person_id AND h.seat = 1
)
SELECT 'provisioned_users' AS measure, item, person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, detail
FROM held
UNION ALL
SELECT 'engaged_users', person_id, person_id, NULL, 'last engaged on ' || CAST(last_engaged AS VARCHAR)
FROM active
WHERE engaged_users IS NOT NULL AND last_engaged IS NOT NULL AND (is_held OR provisioned_users IS NULL)
UNION ALL
-- A second account of somebody engaged counts as one that is not.
SELECT 'not_engaged_users', h.item, h.person_id, NULL,
    CASE WHEN a.last_engaged IS NOT NULL THEN 'a second account; ' ELSE '' END || h.detail
FROM held AS h
CROSS JOIN picked AS k
LEFT JOIN active AS a ON a.person_id = h.person_id
WHERE k.not_engaged_users IS NOT NULL AND (a.last_engaged IS NULL OR h.seat > 1)
UNION ALL
SELECT 'engaged_not_provisioned', person_id, person_id, NULL, 'last engaged on ' || CAST(last_engaged AS VARCHAR)
FROM active
WHERE engaged_users IS NOT NULL AND provisioned_users IS NOT NULL AND last_engaged IS NOT NULL AND NOT is_held
UNION ALL
SELECT 'unique_logins', person_id, person_id, NULL, 'last signed in on ' || CAST(last_login AS VARCHAR)
FROM active
WHERE unique_logins IS NOT NULL AND last_login IS NOT NULL
