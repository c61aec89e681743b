-- description: Who is behind the provisioned number of the instances asked for: each account of every roster in force where one is known, else each person.
SELECT
    r.date AS as_of, r.app_id, r.instance_id, r.basis, a.person_id,
    CASE WHEN l.lists > 1 THEN l.connection || '/' || a.account_id ELSE a.account_id END AS item, a.tier,
    coalesce(a.tier || ', ', '') || a.status AS detail
FROM asked AS q
INNER JOIN reports.provisioned_users_daily AS r ON r.date = q.as_of AND r.app_id = q.app_id
INNER JOIN in_force AS l ON l.as_of = r.date AND l.feed = 'roster'
INNER JOIN core.accounts AS a
    ON a.connection = l.connection AND a.snapshot_date = l.snapshot_date
    AND a.app_id = r.app_id AND a.instance_id = r.instance_id AND a.status <> 'deactivated'
WHERE r.basis = 'connector_exact'
UNION ALL
SELECT
    r.date, r.app_id, r.instance_id, r.basis, s.person_id, s.person_id, NULL,
    'assigned ' || coalesce(min(s.assigned_via), '') || coalesce(' by ' || max(s.groups), '')
FROM asked AS q
INNER JOIN reports.provisioned_users_daily AS r ON r.date = q.as_of AND r.app_id = q.app_id
INNER JOIN in_force AS l ON l.as_of = r.date AND l.feed = 'sso_assignments'
INNER JOIN core.sso_assignments AS s
    ON s.connection = l.connection AND s.snapshot_date = l.snapshot_date AND s.idp IN ('okta', 'onelogin')
    AND s.app_id = r.app_id AND s.instance_id = r.instance_id AND s.person_id NOT LIKE 'service:%'
WHERE r.basis IN ('sso_assigned', 'sso_assigned_estimated')
GROUP BY r.date, r.app_id, r.instance_id, r.basis, s.person_id
UNION ALL
SELECT
    r.date, r.app_id, r.instance_id, r.basis, a.person_id, a.person_id, NULL,
    CASE WHEN r.basis = 'engaged_120d' THEN 'last engaged on ' || CAST(a.last_engaged AS VARCHAR)
        ELSE 'last signed in on ' || CAST(a.last_login AS VARCHAR) END
FROM asked AS q
INNER JOIN reports.provisioned_users_daily AS r ON r.date = q.as_of AND r.app_id = q.app_id
INNER JOIN activity AS a ON a.as_of = r.date AND a.app_id = r.app_id AND a.instance_id = r.instance_id
WHERE (r.basis = 'engaged_120d' AND a.last_engaged IS NOT NULL) OR (r.basis = 'sso_login_120d' AND a.last_login IS NOT NULL)
