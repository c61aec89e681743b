-- description: The active people with a seat: the buffer is a share of them. Exempt and new people keep their seats besides; see rightsizing.
SELECT
    'recommended_licences' AS measure, a.instance_id || '/' || a.person_id AS item, a.person_id, CAST(NULL AS DECIMAL(18, 2)) AS value,
    CASE WHEN e.engaged_users IS NOT NULL THEN 'last engaged on ' || CAST(a.last_engaged AS VARCHAR)
        ELSE 'last signed in on ' || CAST(a.last_login AS VARCHAR) END AS detail
FROM picked AS k
INNER JOIN activity AS a ON a.app_id = k.app_id
INNER JOIN core.app_instances AS i ON i.app_id = a.app_id AND i.instance_id = a.instance_id AND NOT i.is_excluded
INNER JOIN reports.engagement AS e
    ON e.as_of = k.as_of AND e.window_days = 30 AND e.app_id = a.app_id AND e.instance_id = a.instance_id
LEFT JOIN (SELECT DISTINCT instance_id, person_id FROM holders) AS h ON h.instance_id = a.instance_id AND h.person_id = a.person_id
WHERE (e.engaged_users IS NOT NULL AND a.last_engaged > CAST(k.as_of - INTERVAL '30' DAY AS DATE) AND (h.person_id IS NOT NULL OR e.provisioned_users IS NULL))
    OR (e.engaged_users IS NULL AND e.unique_logins IS NOT NULL AND a.last_login > CAST(k.as_of - INTERVAL '30' DAY AS DATE) AND h.person_id IS NOT NULL)
