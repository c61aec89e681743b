-- description: Where sources contradict each other, with the people.
-- grain: as_of, kind, app_id, instance_id, person_id
-- materialize: table
-- key: as_of, kind, app_id, instance_id, person_id
-- column as_of: DATE of the run.
-- column kind: login_not_provisioned, engaged_not_provisioned, provisioned_not_in_hr, left_but_provisioned, paid_not_used, charged_without_contract, assigned_not_on_roster or reprovisioned (gone from a whole roster or set of assignments in the last twelve months, and back in the last 90 days).
-- column app_id: The app.
-- column instance_id: The app's instance; NULL where the finding is about the app as a whole.
-- column person_id: The person, see core.people; NULL where the finding is about no person.
-- column email: The address used now; NULL when unknown or no person.
-- column detail: The finding in a sentence.
-- column is_stale: Whether a list or the activity that the finding rests on was more than 2 days behind as_of or never read to the end; of apps as a whole, of any of their instances.
WITH held AS (
    SELECT p.instance_no, p.person_no
    FROM metrics.provisioned_people AS p
    INNER JOIN params.run AS q ON q.as_of = p.as_of
),
active AS (
    SELECT w.as_of, i.app_id, i.instance_id, w.instance_no, w.person_no, k.person_id, w.last_engaged, w.last_login
    FROM metrics.activity_window AS w
    INNER JOIN params.run AS q ON q.as_of = w.as_of
    INNER JOIN metrics.instance_numbers AS n ON n.instance_no = w.instance_no
    INNER JOIN metrics.instances AS i ON i.instance_key = n.instance_key
    INNER JOIN metrics.person_numbers AS k ON k.person_no = w.person_no
    INNER JOIN reports.provisioned_users_daily AS r
        ON r.date = w.as_of AND r.app_id = i.app_id AND r.instance_id = i.instance_id
        AND r.basis IN ('connector_exact', 'sso_assigned', 'sso_assigned_estimated')
    LEFT JOIN held AS h ON h.instance_no = w.instance_no AND h.person_no = w.person_no
    WHERE h.person_no IS NULL
),
seats AS (
    SELECT s.*
    FROM metrics.seats AS s
    INNER JOIN params.run AS q ON q.as_of = s.as_of
),
-- Seats that ended in the last year and began again in the last 90 days: whoever took them away was undone.
returned AS (
    SELECT b.feed, b.instance_no, b.person_no, b.connection, b.began AS returned_on
    FROM (
        SELECT s.feed, s.connection, s.instance_no, s.person_no, max(s.snapshot_date) AS began
        FROM metrics.seat_changes AS s
        INNER JOIN params.run AS q ON s.snapshot_date <= q.as_of AND s.snapshot_date > CAST(q.as_of - INTERVAL '90' DAY AS DATE)
        WHERE s.is_start AND s.person_no > 0
        GROUP BY s.feed, s.connection, s.instance_no, s.person_no
    ) AS b
    INNER JOIN (
        SELECT s.feed, s.connection, s.instance_no, s.person_no, min(s.snapshot_date) AS ended
        FROM metrics.seat_changes AS s
        INNER JOIN params.run AS q ON s.snapshot_date <= q.as_of AND s.snapshot_date > CAST(q.as_of - INTERVAL '12' MONTH AS DATE)
        WHERE NOT s.is_start
        GROUP BY s.feed, s.connection, s.instance_no, s.person_no
    ) AS e
        ON e.feed = b.feed AND e.connection = b.connection AND e.instance_no = b.instance_no AND e.person_no = b.person_no
        AND e.ended < b.began
),
-- When their seat was last a reclaim candidate before that.
recommended AS (
    SELECT r.instance_no, r.person_no, r.connection, r.returned_on, max(c.as_of) AS recommended_on
    FROM returned AS r
    INNER JOIN metrics.recommendations AS c
        ON c.instance_no = r.instance_no AND c.person_no = r.person_no AND c.as_of < r.returned_on
    WHERE NOT c.is_exempt
    GROUP BY r.instance_no, r.person_no, r.connection, r.returned_on
),
rostered AS (
    SELECT b.app_id, b.instance_id
    FROM metrics.provision_basis AS b
    INNER JOIN params.run AS q ON q.as_of = b.as_of
    WHERE b.basis = 'connector_exact'
),
has_hr AS (
    SELECT count(*) > 0 AS is_known
    FROM metrics.lists_in_force AS l
    INNER JOIN params.run AS q ON q.as_of = l.as_of
    WHERE l.feed = 'org_chart'
),
-- Of which apps it is known who used them in the last 30 days, in all instances that somebody holds a seat in or could.
measured AS (
    SELECT
        e.as_of, e.app_id,
        max(coalesce(e.engaged_users, e.unique_logins)) AS active,
        -- Of several instances one whose number is unknown may have holders.
        CASE WHEN count(*) = count(e.provisioned_users) THEN max(e.provisioned_users) END AS provisioned,
        max(CASE WHEN k.known_since <= CAST(e.as_of - INTERVAL '29' DAY AS DATE) THEN 0 ELSE 1 END) = 0 AS is_known
    FROM reports.engagement AS e
    INNER JOIN params.run AS q ON q.as_of = e.as_of
    LEFT JOIN metrics.activity_known AS k ON k.as_of = e.as_of AND k.app_id = e.app_id AND k.instance_id = e.instance_id
    LEFT JOIN params.excluded_instances AS x ON x.app_id = e.app_id AND x.instance_id = e.instance_id
    WHERE e.window_days = 30 AND x.instance_id IS NULL
    GROUP BY e.as_of, e.app_id
),
behind AS (
    SELECT e.as_of, e.app_id, e.instance_id, e.is_stale
    FROM reports.engagement AS e
    INNER JOIN params.run AS q ON q.as_of = e.as_of
    WHERE e.window_days = 30
),
-- Until when the contracts of each app run; those that renew themselves run on.
under_contract AS (
    SELECT
        l.app_id,
        max(CASE
            WHEN l.ended_on IS NOT NULL THEN l.ended_on
            WHEN c.runs_on AND l.end_date = c.end_date THEN least(q.as_of, coalesce(CAST(c.next_start - INTERVAL '1' DAY AS DATE), q.as_of))
            ELSE l.end_date
        END) AS until
    FROM core.contract_lines AS l
    INNER JOIN metrics.contract_terms AS c ON c.contract_id = l.contract_id AND l.start_date BETWEEN c.start_date AND c.end_date
    INNER JOIN params.run AS q ON l.start_date <= q.as_of
    WHERE l.state <> 'never' AND l.app_id IS NOT NULL
    GROUP BY l.app_id
),
found AS (
    SELECT a.as_of, 'login_not_provisioned' AS kind, a.app_id, a.instance_id, a.person_id,
        'signed in on ' || CAST(a.last_login AS VARCHAR) || ', but is not provisioned' AS detail
    FROM active AS a
    WHERE a.last_login > CAST(a.as_of - INTERVAL '30' DAY AS DATE)
    UNION ALL
    SELECT a.as_of, 'engaged_not_provisioned', a.app_id, a.instance_id, a.person_id,
        'used it on ' || CAST(a.last_engaged AS VARCHAR) || ', but is not provisioned'
    FROM active AS a
    WHERE a.last_engaged > CAST(a.as_of - INTERVAL '30' DAY AS DATE)
    UNION ALL
    SELECT s.as_of, 'provisioned_not_in_hr', s.app_id, s.instance_id, s.person_id, 'has a seat, but HR does not know them'
    FROM seats AS s
    CROSS JOIN has_hr AS h
    WHERE h.is_known AND NOT s.is_in_hr
    UNION ALL
    SELECT s.as_of, 'left_but_provisioned', s.app_id, s.instance_id, s.person_id,
        CASE WHEN s.left_on IS NULL THEN 'is no longer in HR, but ' ELSE 'left on ' || CAST(s.left_on AS VARCHAR) || ', but ' END
            || CASE s.basis
                WHEN 'engaged_120d' THEN 'used it on ' || CAST(s.last_engaged AS VARCHAR)
                WHEN 'sso_login_120d' THEN 'signed in on ' || CAST(s.last_login AS VARCHAR)
                ELSE 'still has a seat'
            END
    FROM seats AS s
    -- Where only use tells of a seat, use before the last day contradicts nothing.
    WHERE s.has_left
        AND CASE s.basis WHEN 'engaged_120d' THEN s.last_engaged > s.gone_since WHEN 'sso_login_120d' THEN s.last_login > s.gone_since ELSE true END
    UNION ALL
    SELECT c.as_of, 'paid_not_used', c.app_id, NULL, NULL,
        'contract ' || c.contract_id || ' costs ' || CAST(sum(c.annual_spend) AS VARCHAR) || ' a year; nobody was active in 30 days'
    FROM metrics.contract_lines_current AS c
    INNER JOIN params.run AS q ON q.as_of = c.as_of
    INNER JOIN measured AS u ON u.as_of = c.as_of AND u.app_id = c.app_id
    WHERE c.is_user_licence AND ((u.active = 0 AND u.is_known) OR u.provisioned = 0)
    GROUP BY c.as_of, c.app_id, c.contract_id
    HAVING sum(c.annual_spend) > 0
    UNION ALL
    SELECT e.as_of, 'charged_without_contract', e.app_id, NULL, NULL,
        CAST(e.spend_12m AS VARCHAR) || ' spent in twelve months, but no contract was ever seen'
    FROM metrics.app_evidence AS e
    INNER JOIN params.run AS q ON q.as_of = e.as_of
    WHERE e.spend_12m > 0 AND NOT e.has_contract
    UNION ALL
    SELECT q.as_of, 'charged_without_contract', s.app_id, NULL, NULL,
        CAST(TRY_CAST(sum(s.exact_base) AS DECIMAL(18, 2)) AS VARCHAR) || ' spent since the contract ended on ' || CAST(u.until AS VARCHAR)
    FROM under_contract AS u
    CROSS JOIN params.run AS q
    INNER JOIN core.spend AS s
        ON s.app_id = u.app_id AND NOT s.is_duplicate AND s.transaction_date > u.until
        AND s.transaction_date > CAST(q.as_of - INTERVAL '12' MONTH AS DATE) AND s.transaction_date <= q.as_of
    GROUP BY q.as_of, s.app_id, u.until
    HAVING sum(s.exact_base) > 0
    UNION ALL
    SELECT q.as_of, 'assigned_not_on_roster', a.app_id, a.instance_id, a.person_id,
        'is assigned in the identity provider, but has no account'
    FROM core.sso_assignments AS a
    CROSS JOIN params.run AS q
    INNER JOIN metrics.lists_in_force AS n
        ON n.as_of = q.as_of AND n.feed = 'sso_assignments' AND n.connection = a.connection AND n.snapshot_date = a.snapshot_date
    INNER JOIN rostered AS r ON r.app_id = a.app_id AND r.instance_id = a.instance_id
    LEFT JOIN seats AS s
        ON s.app_id = a.app_id AND s.instance_id = a.instance_id AND s.person_id = a.person_id
    WHERE s.person_id IS NULL AND a.person_id NOT LIKE 'service:%'
    UNION ALL
    SELECT s.as_of, 'reprovisioned', s.app_id, s.instance_id, s.person_id,
        'was removed, and came back on ' || CAST(r.returned_on AS VARCHAR)
            || coalesce('; the seat was a reclaim candidate on ' || CAST(c.recommended_on AS VARCHAR), '')
    FROM returned AS r
    INNER JOIN seats AS s ON s.instance_no = r.instance_no AND s.person_no = r.person_no AND s.basis_connection = r.connection
        AND r.feed = CASE WHEN s.basis = 'connector_exact' THEN 'roster' ELSE 'sso_assignments' END
    LEFT JOIN recommended AS c
        ON c.instance_no = r.instance_no AND c.person_no = r.person_no AND c.connection = r.connection AND c.returned_on = r.returned_on
    WHERE s.basis IN ('connector_exact', 'sso_assigned', 'sso_assigned_estimated')
)
SELECT
    f.as_of,
    f.kind,
    f.app_id,
    f.instance_id,
    f.person_id,
    max(p.primary_email) AS email,
    min(f.detail) AS detail,
    max(CASE WHEN b.is_stale AND f.kind <> 'charged_without_contract' THEN 1 ELSE 0 END) = 1 AS is_stale
FROM found AS f
LEFT JOIN behind AS b ON b.as_of = f.as_of AND b.app_id = f.app_id AND (f.instance_id IS NULL OR b.instance_id = f.instance_id)
LEFT JOIN core.people AS p ON p.person_id = f.person_id
GROUP BY f.as_of, f.kind, f.app_id, f.instance_id, f.person_id
