-- description: What the sources say of each person in the instances asked for: seat, newest assignment of each identity provider, last engagement, last sign-in.
SELECT 'seat' AS measure, h.app_id, h.instance_id, h.item, h.person_id, h.detail || ' (' || h.basis || ')' AS detail
FROM holders AS h
UNION ALL
SELECT
    'assignment', s.app_id, s.instance_id, s.connection || ' on ' || CAST(s.snapshot_date AS VARCHAR), s.person_id,
    coalesce(s.assigned_via, 'assigned') || coalesce(' by ' || s.groups, '')
FROM asked AS q
INNER JOIN core.sso_assignments AS s ON s.app_id = q.app_id
INNER JOIN in_force AS n
    ON n.as_of = q.as_of AND n.feed = 'sso_assignments' AND n.connection = s.connection AND n.snapshot_date = s.snapshot_date
UNION ALL
SELECT
    'activity', a.app_id, a.instance_id, a.instance_id, a.person_id,
    CASE WHEN a.last_engaged IS NOT NULL THEN 'last engaged on ' || CAST(a.last_engaged AS VARCHAR) ELSE 'not engaged in 120 days' END
    || CASE WHEN a.last_login IS NOT NULL THEN ', last signed in on ' || CAST(a.last_login AS VARCHAR) ELSE '' END
FROM activity AS a
