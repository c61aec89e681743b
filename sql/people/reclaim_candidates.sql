-- description: What the sources say of the person and the app: account, assignment, last engagement, last sign-in.
SELECT 'seat' AS measure, h.item, h.person_id, CAST(NULL AS DECIMAL(18, 2)) AS value, h.detail || ' (' || h.basis || ')' AS detail
FROM picked AS k
INNER JOIN holders AS h ON h.app_id = k.app_id AND h.instance_id = k.instance_id AND h.person_id = k.person_id
UNION ALL
SELECT
    'assignment', s.connection || ' on ' || CAST(s.snapshot_date AS VARCHAR), s.person_id, NULL,
    coalesce(s.assigned_via, 'assigned') || coalesce(' by ' || s.groups, '')
FROM picked AS k
INNER JOIN core.sso_assignments AS s ON s.app_id = k.app_id AND s.instance_id = k.instance_id AND s.person_id = k.person_id
INNER JOIN (
    SELECT s.connection, max(s.snapshot_date) AS snapshot_date
    FROM picked AS k
    INNER JOIN core.sso_assignments AS s ON s.snapshot_date <= k.as_of
    GROUP BY s.connection
) AS n ON n.connection = s.connection AND n.snapshot_date = s.snapshot_date
UNION ALL
SELECT
    'activity', a.instance_id, a.person_id, NULL,
    CASE WHEN a.last_engaged IS NOT NULL THEN 'last engaged on ' || CAST(a.last_engaged AS VARCHAR) ELSE 'not engaged in 120 days' END
    || CASE WHEN a.last_login IS NOT NULL THEN ', last signed in on ' || CAST(a.last_login AS VARCHAR) ELSE '' END
FROM picked AS k
INNER JOIN activity AS a ON a.app_id = k.app_id AND a.instance_id = k.instance_id AND a.person_id = k.person_id
