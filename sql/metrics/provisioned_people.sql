-- description: The people behind the provisioned number of each instance on each report date, of all connections whose lists are in force. Service accounts are no people: on a roster they count, here they do not.
-- grain: as_of, instance_no, person_no
-- materialize: as_of
-- key: as_of, instance_no, person_no
WITH basis AS (
    SELECT p.as_of, p.instance_no, p.app_id, p.instance_id, p.basis
    FROM metrics.provision_basis AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.as_of
)
SELECT b.as_of, b.instance_no, n.person_no, count(*) AS accounts
FROM basis AS b
INNER JOIN metrics.lists_in_force AS l ON l.as_of = b.as_of AND l.feed = 'roster'
INNER JOIN core.accounts AS a
    ON a.connection = l.connection AND a.snapshot_date = l.snapshot_date
    AND a.app_id = b.app_id AND a.instance_id = b.instance_id AND a.status <> 'deactivated' AND a.person_id NOT LIKE 'service:%'
INNER JOIN metrics.person_numbers AS n ON n.person_id = a.person_id
WHERE b.basis = 'connector_exact'
GROUP BY b.as_of, b.instance_no, n.person_no
UNION ALL
SELECT b.as_of, b.instance_no, n.person_no, 1
FROM basis AS b
INNER JOIN metrics.lists_in_force AS l ON l.as_of = b.as_of AND l.feed = 'sso_assignments'
INNER JOIN core.sso_assignments AS a
    ON a.connection = l.connection AND a.snapshot_date = l.snapshot_date
    AND a.app_id = b.app_id AND a.instance_id = b.instance_id AND a.person_id NOT LIKE 'service:%' AND a.idp IN ('okta', 'onelogin')
INNER JOIN metrics.person_numbers AS n ON n.person_id = a.person_id
WHERE b.basis IN ('sso_assigned', 'sso_assigned_estimated')
GROUP BY b.as_of, b.instance_no, n.person_no
UNION ALL
SELECT b.as_of, b.instance_no, a.person_no, 1
FROM basis AS b
INNER JOIN params.as_of_days AS d ON d.as_of = b.as_of
INNER JOIN metrics.activity AS a ON a.instance_no = b.instance_no AND a.day_no = d.day_no
WHERE (b.basis = 'engaged_120d' AND a.is_engaged) OR (b.basis = 'sso_login_120d' AND a.is_login)
GROUP BY b.as_of, b.instance_no, a.person_no
