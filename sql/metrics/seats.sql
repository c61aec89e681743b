-- description: Every provisioned person of every instance on the run's date, with what decides about the seat; of earlier report dates only the seats that could have been saved.
-- grain: as_of, app_id, instance_id, person_id
-- materialize: as_of
-- key: as_of, app_id, instance_id, person_id
WITH held AS (
    SELECT p.as_of, r.app_id, r.instance_id, k.person_id, p.instance_no, p.person_no, r.basis, r.is_stale
    FROM metrics.provisioned_people AS p
    INNER JOIN params.as_of_dates AS q ON q.as_of = p.as_of
    INNER JOIN metrics.provision_basis AS r ON r.as_of = p.as_of AND r.instance_no = p.instance_no
    INNER JOIN metrics.person_numbers AS k ON k.person_no = p.person_no
),
-- Of several accounts of one person the one with the dearest tier decides.
accounts AS (
    SELECT *
    FROM (
        SELECT
            r.as_of, r.app_id, r.instance_id, r.connection, r.person_id, r.tier, r.account_id, a.email, a.created_on, t.rank_no,
            row_number() OVER (
                PARTITION BY r.as_of, r.app_id, r.instance_id, r.person_id
                ORDER BY t.rank_no DESC NULLS LAST, z.annual_price DESC NULLS LAST, r.tier NULLS LAST, r.connection, r.account_id
            ) AS choice
        FROM core.seat_holders AS r
        INNER JOIN params.as_of_dates AS q ON q.as_of = r.as_of
        INNER JOIN metrics.lists_in_force AS f ON f.as_of = r.as_of AND f.feed = 'roster' AND f.connection = r.connection
        INNER JOIN core.accounts AS a
            ON a.connection = f.connection AND a.snapshot_date = f.snapshot_date
            AND a.app_id = r.app_id AND a.instance_id = r.instance_id AND a.account_id = r.account_id
        LEFT JOIN metrics.tier_ranks AS t ON t.app_id = r.app_id AND t.tier_key = names.tier_key(r.tier)
        LEFT JOIN metrics.licence_prices AS z ON z.as_of = r.as_of AND z.app_id = r.app_id AND z.tier_key = names.tier_key(r.tier)
        WHERE r.basis = 'connector_exact'
    ) AS c
    WHERE c.choice = 1
),
assignments AS (
    SELECT n.as_of, a.app_id, a.instance_id, a.person_id, a.connection, a.assigned_via, a.groups
    FROM metrics.lists_in_force AS n
    INNER JOIN params.as_of_dates AS q ON q.as_of = n.as_of
    INNER JOIN core.sso_assignments AS a ON a.connection = n.connection AND a.snapshot_date = n.snapshot_date
    WHERE n.feed = 'sso_assignments'
),
assigned AS (
    SELECT as_of, app_id, instance_id, person_id,
        max(connection) AS connection,
        max(CASE WHEN assigned_via = 'direct' THEN 1 ELSE 0 END) = 1 AS is_direct,
        max(CASE WHEN assigned_via = 'group' OR groups IS NOT NULL THEN 1 ELSE 0 END) = 1 AS is_by_group,
        -- One that is not named may be any: then they are not known.
        CASE WHEN max(CASE WHEN assigned_via = 'group' AND groups IS NULL THEN 1 ELSE 0 END) = 0 THEN min(groups) END AS groups,
        min(groups) <> max(groups) AS is_by_others
    FROM assignments
    GROUP BY as_of, app_id, instance_id, person_id
),
-- Whose groups stand in several rows is in all of them.
other_groups AS (
    SELECT g.as_of, g.app_id, g.instance_id, g.person_id, string_agg(DISTINCT g.name, ';' ORDER BY g.name) AS groups
    FROM (
        SELECT a.as_of, a.app_id, a.instance_id, a.person_id, trim(t.name) AS name
        FROM assigned AS o
        INNER JOIN assignments AS a ON a.as_of = o.as_of AND a.app_id = o.app_id AND a.instance_id = o.instance_id AND a.person_id = o.person_id
        CROSS JOIN UNNEST(split(a.groups, ';')) AS t (name)
        WHERE o.is_by_others
    ) AS g
    WHERE g.name <> ''
    GROUP BY g.as_of, g.app_id, g.instance_id, g.person_id
),
-- Who held the seat at the start of the grace period already. Where the source is younger than that,
-- nobody is taken for new.
earlier_dates AS (
    SELECT q.as_of, f.feed, f.connection, max(f.snapshot_date) AS snapshot_date
    FROM params.as_of_dates AS q
    CROSS JOIN params.policy AS y
    INNER JOIN metrics.feed_snapshots AS f
        ON f.feed IN ('roster', 'sso_assignments')
        AND f.snapshot_date <= CAST(q.as_of - y.new_user_days * INTERVAL '1' DAY AS DATE)
    GROUP BY q.as_of, f.feed, f.connection
),
earlier AS (
    SELECT e.as_of, a.connection, a.app_id, a.instance_id, a.person_id
    FROM core.accounts AS a
    INNER JOIN earlier_dates AS e ON e.feed = 'roster' AND e.connection = a.connection AND e.snapshot_date = a.snapshot_date
    WHERE a.status <> 'deactivated'
    UNION
    SELECT e.as_of, a.connection, a.app_id, a.instance_id, a.person_id
    FROM core.sso_assignments AS a
    INNER JOIN earlier_dates AS e ON e.feed = 'sso_assignments' AND e.connection = a.connection AND e.snapshot_date = a.snapshot_date
),
-- Whom HR's list lacks seems to have left.
short_hr AS (
    SELECT DISTINCT n.as_of
    FROM metrics.lists_in_force AS n
    INNER JOIN metrics.short_lists AS s ON s.feed = n.feed AND s.connection = n.connection AND s.list_date = n.snapshot_date
    WHERE n.feed = 'org_chart'
),
facts AS (
    SELECT
        h.as_of, h.app_id, h.instance_id, h.person_id, h.instance_no, h.person_no, h.basis,
        CASE WHEN h.basis = 'connector_exact' THEN a.connection WHEN h.basis LIKE 'sso_assigned%' THEN g.connection END AS basis_connection,
        h.is_stale OR coalesce(NOT f.is_fresh, false) OR hr.as_of IS NOT NULL AS is_stale,
        coalesce(NOT o.is_employed, false) AS has_left,
        o.left_on,
        o.gone_since,
        o.person_id IS NOT NULL AS is_in_hr,
        a.tier, a.account_id, a.email AS account_email,
        a.account_id IS NOT NULL AS is_on_roster,
        g.person_id IS NOT NULL AS is_assigned,
        g.connection AS idp_connection,
        coalesce(g.is_direct, false) AS is_direct,
        coalesce(g.is_by_group, false) AS is_by_group,
        CASE WHEN g.groups IS NOT NULL THEN coalesce(og.groups, g.groups) END AS groups,
        f.kind IS NOT NULL AND f.kind = 'engagement' AS has_engagement,
        f.kind IS NOT NULL AND f.kind = 'logins' AS has_logins,
        f.known_since,
        f.gap,
        w.last_engaged,
        w.last_login,
        CASE f.kind WHEN 'engagement' THEN w.last_engaged WHEN 'logins' THEN w.last_login END AS last_active,
        -- Leaving beats being new.
        NOT coalesce(NOT o.is_employed, false) AND CASE
            WHEN a.created_on IS NOT NULL THEN a.created_on > CAST(h.as_of - y.new_user_days * INTERVAL '1' DAY AS DATE)
            ELSE d.connection IS NOT NULL AND e.person_id IS NULL
        END AS is_new,
        a.rank_no AS held_rank,
        u.needed_rank,
        coalesce(pa.inactive_days, y.inactive_days) AS inactive_days,
        y.new_user_days
    FROM held AS h
    CROSS JOIN params.policy AS y
    LEFT JOIN params.app_policy AS pa ON pa.app_id = h.app_id
    LEFT JOIN accounts AS a
        ON a.as_of = h.as_of AND a.app_id = h.app_id AND a.instance_id = h.instance_id AND a.person_id = h.person_id
    LEFT JOIN assigned AS g
        ON g.as_of = h.as_of AND g.app_id = h.app_id AND g.instance_id = h.instance_id AND g.person_id = h.person_id
    LEFT JOIN other_groups AS og
        ON og.as_of = h.as_of AND og.app_id = h.app_id AND og.instance_id = h.instance_id AND og.person_id = h.person_id
    LEFT JOIN metrics.activity_known AS f ON f.as_of = h.as_of AND f.app_id = h.app_id AND f.instance_id = h.instance_id
    LEFT JOIN metrics.org_people AS o ON o.as_of = h.as_of AND o.person_no = h.person_no
    LEFT JOIN short_hr AS hr ON hr.as_of = h.as_of
    LEFT JOIN metrics.activity_window AS w ON w.as_of = h.as_of AND w.instance_no = h.instance_no AND w.person_no = h.person_no
    LEFT JOIN metrics.tiers_used AS u ON u.as_of = h.as_of AND u.instance_no = h.instance_no AND u.person_no = h.person_no
    LEFT JOIN earlier_dates AS d
        ON d.as_of = h.as_of AND d.connection = coalesce(a.connection, g.connection)
        AND d.feed = CASE WHEN h.basis = 'connector_exact' THEN 'roster' WHEN h.basis LIKE 'sso_assigned%' THEN 'sso_assignments' END
    LEFT JOIN earlier AS e
        ON e.as_of = h.as_of AND e.connection = coalesce(a.connection, g.connection)
        AND e.app_id = h.app_id AND e.instance_id = h.instance_id AND e.person_id = h.person_id
),
-- Of those who did nothing in 120 days: whether they ever did.
quiet AS (
    SELECT f.instance_no, f.person_no, min(a.day) AS first_day
    FROM (SELECT DISTINCT instance_no, person_no FROM facts WHERE last_engaged IS NULL AND last_login IS NULL) AS f
    LEFT JOIN metrics.activity AS a ON a.instance_no = f.instance_no AND a.person_no = f.person_no
    GROUP BY f.instance_no, f.person_no
),
judged AS (
    SELECT
        f.*,
        -- Nobody is called inactive, or a user of a lower tier's features only, by a source that does not tell of the whole
        -- window; whoever was seen in it is known to be active.
        CASE
            WHEN NOT f.has_engagement AND NOT f.has_logins THEN NULL
            WHEN f.last_active > CAST(f.as_of - f.inactive_days * INTERVAL '1' DAY AS DATE) AND NOT coalesce(f.needed_rank < f.held_rank, false) THEN 'efficient'
            WHEN f.known_since IS NULL OR f.known_since > CAST(f.as_of - (f.inactive_days - 1) * INTERVAL '1' DAY AS DATE) THEN 'unknown'
            WHEN coalesce(f.last_active, DATE '1970-01-01') <= CAST(f.as_of - f.inactive_days * INTERVAL '1' DAY AS DATE) THEN 'inactive'
            ELSE 'less_usage'
        END AS use_made,
        -- The lowest tier is what somebody who does nothing needs.
        CASE WHEN f.needed_rank < f.held_rank THEN f.needed_rank WHEN f.held_rank > l.lowest_rank THEN l.lowest_rank END AS lower_rank,
        u.person_no IS NOT NULL AND coalesce(u.first_day > f.as_of, true) AND f.last_engaged IS NULL AND f.last_login IS NULL AS is_never_active
    FROM facts AS f
    LEFT JOIN quiet AS u ON u.instance_no = f.instance_no AND u.person_no = f.person_no
    LEFT JOIN (SELECT app_id, min(rank_no) AS lowest_rank FROM metrics.tier_ranks GROUP BY app_id) AS l ON l.app_id = f.app_id
),
-- The first reclaim rule that fits decides; it looks at nothing but the app, the instance and the tier.
ruled AS (
    SELECT f.app_id, f.instance_id, f.tier, min(r.rule_no) AS rule_no
    FROM (SELECT DISTINCT app_id, instance_id, coalesce(tier, '') AS tier FROM facts) AS f
    INNER JOIN params.reclaim_rules AS r
        ON (r.app_id = f.app_id OR r.app_id = '')
        AND (r.instance_id IS NULL OR r.instance_id = f.instance_id)
        AND (r.tier_key IS NULL OR r.tier_key = names.tier_key(f.tier))
    GROUP BY f.app_id, f.instance_id, f.tier
)
SELECT
    j.as_of, j.app_id, j.instance_id, j.person_id, j.basis, j.basis_connection, j.tier, j.account_id, j.account_email, j.is_on_roster,
    j.is_assigned, j.idp_connection, j.is_direct, j.is_by_group, j.groups, j.has_engagement, j.has_logins, j.known_since, j.gap, j.last_engaged, j.last_login, j.last_active, j.is_never_active, j.is_new,
    j.is_stale, j.has_left, j.left_on, j.gone_since, j.is_in_hr,
    j.held_rank, j.inactive_days, j.new_user_days, j.use_made, l.tier AS lower_tier, l.rank_no AS lower_rank, u.rule_no, j.instance_no, j.person_no
FROM judged AS j
CROSS JOIN params.run AS q
INNER JOIN ruled AS u ON u.app_id = j.app_id AND u.instance_id = j.instance_id AND u.tier = coalesce(j.tier, '')
LEFT JOIN metrics.tier_ranks AS l ON l.app_id = j.app_id AND l.rank_no = j.lower_rank
INNER JOIN params.reclaim_rules AS r ON r.rule_no = u.rule_no
WHERE j.as_of = q.as_of OR j.has_left
    OR (NOT j.is_new
        AND (j.use_made IN ('inactive', 'less_usage')
            OR coalesce(j.last_active, DATE '1970-01-01') <= CAST(j.as_of - r.inactive_days * INTERVAL '1' DAY AS DATE)))
