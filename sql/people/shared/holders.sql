-- description: Who is behind the provisioned number of the instances asked for, and what made them count.
SELECT
    h.as_of, h.app_id, h.instance_id, h.basis, h.person_id, coalesce(a.email, h.account_id) AS account,
    CASE WHEN l.lists > 1 THEN h.connection || '/' || h.holder ELSE h.holder END AS item, h.tier,
    CASE
        WHEN h.account_id IS NOT NULL THEN coalesce(h.tier || ', ', '') || a.status
        WHEN h.basis = 'engaged_120d' THEN 'last engaged on ' || CAST(h.last_engaged AS VARCHAR)
        WHEN h.basis = 'sso_login_120d' THEN 'last signed in on ' || CAST(h.last_login AS VARCHAR)
        ELSE 'assigned ' || coalesce(g.how, '')
    END AS detail
FROM seat_holders AS h
LEFT JOIN in_force AS l ON l.as_of = h.as_of AND l.feed = 'roster' AND l.connection = h.connection AND h.account_id IS NOT NULL
LEFT JOIN core.accounts AS a
    ON a.connection = l.connection AND a.snapshot_date = l.snapshot_date
    AND a.app_id = h.app_id AND a.instance_id = h.instance_id AND a.account_id = h.account_id
LEFT JOIN (
    SELECT
        f.as_of, s.app_id, s.instance_id, s.person_id,
        string_agg(DISTINCT s.assigned_via || coalesce(' by ' || s.groups, ''), ' and ' ORDER BY s.assigned_via || coalesce(' by ' || s.groups, '')) AS how
    FROM asked AS q
    INNER JOIN in_force AS f ON f.as_of = q.as_of AND f.feed = 'sso_assignments'
    INNER JOIN core.sso_assignments AS s
        ON s.connection = f.connection AND s.snapshot_date = f.snapshot_date AND s.app_id = q.app_id AND s.idp IN ('okta', 'onelogin')
    GROUP BY f.as_of, s.app_id, s.instance_id, s.person_id
) AS g ON g.as_of = h.as_of AND g.app_id = h.app_id AND g.instance_id = h.instance_id AND g.person_id = h.person_id AND h.account_id IS NULL
