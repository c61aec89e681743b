-- description: The people behind the provisioned number of each instance on each report date.
-- grain: as_of, instance_no, person_no
-- materialize: as_of
-- key: as_of, instance_no, person_no
WITH basis AS (
    SELECT p.as_of, p.instance_no, p.app_id, p.instance_id, p.basis, p.basis_connection, p.basis_as_of
    FROM metrics.provision_basis AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.as_of
)
SELECT b.as_of, b.instance_no, n.person_no, count(*) AS accounts
FROM basis AS b
INNER JOIN core.accounts AS a
    ON a.connection = b.basis_connection AND a.snapshot_date = b.basis_as_of
    AND a.app_id = b.app_id AND a.instance_id = b.instance_id AND a.status <> 'deactivated'
INNER JOIN metrics.person_numbers AS n ON n.person_id = a.person_id
WHERE b.basis = 'connector_exact'
GROUP BY b.as_of, b.instance_no, n.person_no
UNION ALL
SELECT b.as_of, b.instance_no, n.person_no, 1
FROM basis AS b
INNER JOIN core.sso_assignments AS a
    ON a.connection = b.basis_connection AND a.snapshot_date = b.basis_as_of
    AND a.app_id = b.app_id AND a.instance_id = b.instance_id AND a.person_id NOT LIKE 'service:%'
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
