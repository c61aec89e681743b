-- description: Every provisioned person of every instance on the run's date, with what decides about the seat.
-- grain: app_id, instance_id, person_id
-- materialize: table
-- key: app_id, instance_id, person_id
WITH held AS (
    SELECT p.as_of, r.app_id, r.instance_id, k.person_id, p.instance_no, p.person_no,
        r.basis, r.basis_connection, r.basis_as_of
    FROM metrics.provisioned_people AS p
    INNER JOIN params.run AS q ON q.as_of = p.as_of
    INNER JOIN metrics.provision_basis AS r ON r.as_of = p.as_of AND r.instance_no = p.instance_no
    INNER JOIN metrics.person_numbers AS k ON k.person_no = p.person_no
),
accounts AS (
    SELECT h.app_id, h.instance_id, h.person_id,
        max(a.tier) AS tier, max(a.account_id) AS account_id, max(a.email) AS email, max(a.created_at) AS created_at
    FROM held AS h
    INNER JOIN core.accounts AS a
        ON a.connection = h.basis_connection AND a.snapshot_date = h.basis_as_of
        AND a.app_id = h.app_id AND a.instance_id = h.instance_id AND a.person_id = h.person_id AND a.status <> 'deactivated'
    WHERE h.basis = 'connector_exact'
    GROUP BY h.app_id, h.instance_id, h.person_id
),
assigned AS (
    SELECT h.app_id, h.instance_id, h.person_id,
        max(a.connection) AS connection,
        max(CASE WHEN a.assigned_via = 'direct' THEN 1 ELSE 0 END) = 1 AS is_direct,
        max(a.groups) AS groups
    FROM held AS h
    INNER JOIN (
        SELECT connection, max(snapshot_date) AS snapshot_date
        FROM metrics.feed_snapshots AS f
        CROSS JOIN params.run AS q
        WHERE f.feed = 'sso_assignments' AND f.snapshot_date <= q.as_of
        GROUP BY connection
    ) AS n ON true
    INNER JOIN core.sso_assignments AS a
        ON a.connection = n.connection AND a.snapshot_date = n.snapshot_date
        AND a.app_id = h.app_id AND a.instance_id = h.instance_id AND a.person_id = h.person_id
    GROUP BY h.app_id, h.instance_id, h.person_id
),
-- Who held the seat at the start of the grace period already. Where the source is younger than that,
-- nobody is taken for new.
earlier_dates AS (
    SELECT f.feed, f.connection, max(f.snapshot_date) AS snapshot_date
    FROM metrics.feed_snapshots AS f
    CROSS JOIN params.run AS q
    CROSS JOIN params.policy AS y
    WHERE f.feed IN ('roster', 'sso_assignments')
        AND f.snapshot_date <= CAST(q.as_of - y.new_user_days * INTERVAL '1' DAY AS DATE)
    GROUP BY f.feed, f.connection
),
earlier AS (
    SELECT a.connection, a.app_id, a.instance_id, a.person_id
    FROM core.accounts AS a
    INNER JOIN earlier_dates AS e ON e.feed = 'roster' AND e.connection = a.connection AND e.snapshot_date = a.snapshot_date
    WHERE a.status <> 'deactivated'
    UNION
    SELECT a.connection, a.app_id, a.instance_id, a.person_id
    FROM core.sso_assignments AS a
    INNER JOIN earlier_dates AS e ON e.feed = 'sso_assignments' AND e.connection = a.connection AND e.snapshot_date = a.snapshot_date
),
feeding AS (
    SELECT s.app_id, s.instance_id,
        max(CASE WHEN s.kind = 'engagement' THEN 1 ELSE 0 END) = 1 AS has_engagement,
        max(CASE WHEN s.kind = 'logins' THEN 1 ELSE 0 END) = 1 AS has_logins
    FROM metrics.sources AS s
    CROSS JOIN params.run AS q
    WHERE s.first_date <= q.as_of AND (s.disconnected_on IS NULL OR q.as_of <= s.disconnected_on)
    GROUP BY s.app_id, s.instance_id
)
SELECT
    h.as_of,
    h.app_id,
    h.instance_id,
    h.person_id,
    coalesce(p.primary_email, a.email) AS email,
    h.basis,
    a.tier,
    a.account_id,
    a.account_id IS NOT NULL AS is_on_roster,
    g.person_id IS NOT NULL AS is_assigned,
    g.is_direct,
    g.groups,
    coalesce(f.has_engagement, false) AS has_engagement,
    coalesce(f.has_logins, false) AS has_logins,
    w.last_engaged,
    w.last_login,
    x.person_id IS NOT NULL AS is_exempt,
    CASE
        WHEN a.created_at IS NOT NULL THEN CAST(a.created_at AS DATE) > CAST(h.as_of - y.new_user_days * INTERVAL '1' DAY AS DATE)
        ELSE d.connection IS NOT NULL AND e.person_id IS NULL
    END AS is_new,
    p.person_type,
    p.is_employed,
    p.termination_date,
    CAST(coalesce(t.annual_price, u.annual_price) / 12 AS DECIMAL(18, 2)) AS monthly_price
FROM held AS h
CROSS JOIN params.policy AS y
INNER JOIN core.people AS p ON p.person_id = h.person_id
LEFT JOIN accounts AS a ON a.app_id = h.app_id AND a.instance_id = h.instance_id AND a.person_id = h.person_id
LEFT JOIN assigned AS g ON g.app_id = h.app_id AND g.instance_id = h.instance_id AND g.person_id = h.person_id
LEFT JOIN feeding AS f ON f.app_id = h.app_id AND f.instance_id = h.instance_id
LEFT JOIN metrics.activity_window AS w ON w.as_of = h.as_of AND w.instance_no = h.instance_no AND w.person_no = h.person_no
LEFT JOIN (SELECT DISTINCT app_id, person_id FROM metrics.exempt_people) AS x
    ON x.person_id = h.person_id AND (x.app_id = h.app_id OR x.app_id = '')
LEFT JOIN earlier_dates AS d
    ON d.connection = h.basis_connection
    AND d.feed = CASE WHEN h.basis = 'connector_exact' THEN 'roster' WHEN h.basis LIKE 'sso_assigned%' THEN 'sso_assignments' END
LEFT JOIN earlier AS e
    ON e.connection = h.basis_connection AND e.app_id = h.app_id AND e.instance_id = h.instance_id AND e.person_id = h.person_id
LEFT JOIN metrics.licence_prices AS t ON t.as_of = h.as_of AND t.app_id = h.app_id AND t.tier_key = lower(a.tier)
LEFT JOIN metrics.licence_prices AS u ON u.as_of = h.as_of AND u.app_id = h.app_id AND u.tier_key = ''
