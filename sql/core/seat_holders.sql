-- description: Who stands behind every provisioned number on the report dates: each account where a roster is known, else each person. Counted, they are the number.
-- grain: as_of, app_id, instance_id, connection, holder
-- materialize: as_of
-- key: as_of, app_id, instance_id, connection, holder
-- column as_of: DATE of the report.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column holder: The account where a roster is known, else the person: what is counted.
-- column person_id: The person, see core.people; starts with service: for service accounts, which a roster counts as it does others.
-- column account_id: The account; NULL where people are counted.
-- column tier: The licence type held, in the vendor's words; NULL when unknown or where people are counted.
-- column basis: The rule of the number: connector_exact, engaged_120d, sso_assigned, sso_assigned_estimated or sso_login_120d.
-- column connection: The connection whose list has the account or assignment; the first by name where several assign the person, and of the sources of the 120-day rules, which look at all.
-- column source_app_id: The identity provider's id of the app that is assigned; NULL for other rules or when the source gave none.
-- column source_user_id: The identity provider's id of the person; NULL for other rules or when the source gave none.
-- column last_engaged: DATE of the last engaged action in the instance; NULL when there was none in 120 days.
-- column last_login: DATE of the last sign-in to the instance; NULL when there was none in 120 days.
WITH basis AS (
    SELECT p.as_of, p.instance_no, p.app_id, p.instance_id, p.basis, p.basis_connection
    FROM metrics.provision_basis AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.as_of
),
held AS (
    SELECT
        b.as_of, b.instance_no, b.app_id, b.instance_id, b.basis, a.connection, a.account_id AS holder, a.person_id, a.account_id, a.tier,
        CAST(NULL AS VARCHAR) AS source_app_id, CAST(NULL AS VARCHAR) AS source_user_id
    FROM basis AS b
    INNER JOIN metrics.lists_in_force AS l ON l.as_of = b.as_of AND l.feed = 'roster'
    INNER JOIN core.accounts AS a
        ON a.connection = l.connection AND a.snapshot_date = l.snapshot_date
        AND a.app_id = b.app_id AND a.instance_id = b.instance_id AND a.status <> 'deactivated'
    WHERE b.basis = 'connector_exact'
    UNION ALL
    SELECT
        b.as_of, b.instance_no, b.app_id, b.instance_id, b.basis, min(a.connection), a.person_id, a.person_id, NULL, NULL,
        min_by(a.source_app_id, a.connection), min_by(a.source_user_id, a.connection)
    FROM basis AS b
    INNER JOIN metrics.lists_in_force AS l ON l.as_of = b.as_of AND l.feed = 'sso_assignments'
    INNER JOIN core.sso_assignments AS a
        ON a.connection = l.connection AND a.snapshot_date = l.snapshot_date
        AND a.app_id = b.app_id AND a.instance_id = b.instance_id AND a.person_id NOT LIKE 'service:%' AND a.idp IN ('okta', 'onelogin')
    WHERE b.basis IN ('sso_assigned', 'sso_assigned_estimated')
    GROUP BY b.as_of, b.instance_no, b.app_id, b.instance_id, b.basis, a.person_id
    UNION ALL
    SELECT b.as_of, b.instance_no, b.app_id, b.instance_id, b.basis, b.basis_connection, k.person_id, k.person_id, NULL, NULL, NULL, NULL
    FROM basis AS b
    INNER JOIN metrics.activity_window AS w ON w.as_of = b.as_of AND w.instance_no = b.instance_no
    INNER JOIN metrics.person_numbers AS k ON k.person_no = w.person_no
    WHERE (b.basis = 'engaged_120d' AND w.last_engaged IS NOT NULL) OR (b.basis = 'sso_login_120d' AND w.last_login IS NOT NULL)
)
SELECT
    h.as_of, h.app_id, h.instance_id, h.holder, h.person_id, h.account_id, h.tier, h.basis, h.connection, h.source_app_id, h.source_user_id,
    w.last_engaged, w.last_login
FROM held AS h
LEFT JOIN metrics.person_numbers AS k ON k.person_id = h.person_id
LEFT JOIN metrics.activity_window AS w ON w.as_of = h.as_of AND w.instance_no = h.instance_no AND w.person_no = k.person_no
