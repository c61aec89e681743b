-- description: The accounts on the roster, and the people that the rule would have counted.
SELECT 'exact_users' AS measure, h.item, h.person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, h.detail
FROM picked AS k
INNER JOIN holders AS h ON h.app_id = k.app_id AND h.instance_id = k.instance_id
UNION ALL
SELECT
    'estimated_users', a.person_id, a.person_id, NULL,
    CASE WHEN k.rule = 'engaged_120d' THEN 'last engaged on ' || CAST(a.last_engaged AS VARCHAR) ELSE 'last signed in on ' || CAST(a.last_login AS VARCHAR) END
FROM picked AS k
INNER JOIN activity AS a ON a.app_id = k.app_id AND a.instance_id = k.instance_id
WHERE (k.rule = 'engaged_120d' AND a.last_engaged > CAST(k.date - k.window_days * INTERVAL '1' DAY AS DATE))
    OR (k.rule = 'sso_login_120d' AND a.last_login > CAST(k.date - k.window_days * INTERVAL '1' DAY AS DATE))
