-- description: Every seat in an app with contract lines – an account where a roster is known, else a person –, which line it fills, and what is to become of it. Those who use it come first, those whose seat can go last; by the reclaim rules there is a second order, as these may judge otherwise.
-- grain: as_of, app_id, pool, seat
-- materialize: as_of
-- key: as_of, app_id, pool, seat
WITH pools AS (
    SELECT p.*
    FROM metrics.licence_pools AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.as_of
),
queues AS (
    SELECT DISTINCT l.as_of, l.app_id, l.pool, l.queue_tier
    FROM metrics.licence_lines AS l
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
),
accounts AS (
    SELECT
        p.as_of, p.app_id, p.instance_id, p.instance_no, p.pool, p.activity_kind, p.has_engagement,
        a.connection || '/' || p.instance_id || '/' || a.account_id AS seat, a.account_id, a.person_id, k.person_no, a.tier
    FROM pools AS p
    INNER JOIN core.seat_holders AS a ON a.as_of = p.as_of AND a.app_id = p.app_id AND a.instance_id = p.instance_id
    LEFT JOIN metrics.person_numbers AS k ON k.person_id = a.person_id
    WHERE p.basis = 'connector_exact'
),
-- Who has an account in the pool already does not count again.
people AS (
    SELECT
        p.as_of, p.app_id, p.instance_id, p.instance_no, p.pool, p.activity_kind, p.has_engagement,
        k.person_id AS seat, CAST(NULL AS VARCHAR) AS account_id, k.person_id, h.person_no, CAST(NULL AS VARCHAR) AS tier
    FROM pools AS p
    INNER JOIN metrics.provisioned_people AS h ON h.as_of = p.as_of AND h.instance_no = p.instance_no
    INNER JOIN metrics.person_numbers AS k ON k.person_no = h.person_no
    LEFT JOIN (SELECT DISTINCT as_of, app_id, pool, person_id FROM accounts) AS a
        ON a.as_of = p.as_of AND a.app_id = p.app_id AND a.pool = p.pool AND a.person_id = k.person_id
    WHERE p.basis <> 'connector_exact' AND a.person_id IS NULL
),
held AS (
    SELECT a.*, names.tier_key(a.tier) AS tier_key FROM accounts AS a
    UNION ALL
    SELECT p.*, NULL FROM people AS p
),
advised AS (
    SELECT r.as_of, r.instance_no, r.person_no, r.action, r.is_certain
    FROM metrics.recommendations AS r
    INNER JOIN params.as_of_dates AS d ON d.as_of = r.as_of
    WHERE NOT r.is_exempt
),
judged AS (
    SELECT
        h.*,
        -- What a line names by tier is that line's; a tier that costs nothing fills no other, one that does those without a tier.
        CASE WHEN t.queue_tier IS NOT NULL THEN t.queue_tier WHEN coalesce(r.is_paid, true) AND u.queue_tier IS NOT NULL THEN '' END AS queue_tier,
        t.queue_tier IS NULL AND NOT coalesce(r.is_paid, true) AS is_free,
        CASE
            WHEN h.person_id LIKE 'service:%' OR e.person_id IS NOT NULL OR a.person_id IS NOT NULL THEN 'keep'
            WHEN s.has_left THEN 'release'
            WHEN s.is_new THEN 'keep'
            WHEN s.use_made = 'inactive' THEN 'release'
            WHEN s.person_id IS NOT NULL AND coalesce(s.use_made, 'unknown') = 'unknown' THEN 'unknown'
            ELSE 'keep'
        END AS decision,
        coalesce(s.has_left OR s.has_engagement OR s.is_never_active, false) AS is_certain,
        w.last_engaged,
        w.last_login,
        coalesce(h.has_engagement AND w.last_engaged > CAST(h.as_of - INTERVAL '30' DAY AS DATE), false) AS is_engaged,
        coalesce(CASE WHEN h.activity_kind = 'engagement' THEN w.last_engaged ELSE w.last_login END > CAST(h.as_of - INTERVAL '30' DAY AS DATE), false)
            AND h.activity_kind IS NOT NULL AS is_active,
        v.action,
        coalesce(v.is_certain, false) AS is_advice_certain
    FROM held AS h
    LEFT JOIN queues AS t ON t.as_of = h.as_of AND t.app_id = h.app_id AND t.pool = h.pool AND t.queue_tier = h.tier_key
    LEFT JOIN queues AS u ON u.as_of = h.as_of AND u.app_id = h.app_id AND u.pool = h.pool AND u.queue_tier = ''
    LEFT JOIN metrics.tier_ranks AS r ON r.app_id = h.app_id AND r.tier_key = h.tier_key
    LEFT JOIN metrics.seats AS s ON s.as_of = h.as_of AND s.instance_no = h.instance_no AND s.person_no = h.person_no
    LEFT JOIN metrics.exempt_people AS e ON e.app_id = '' AND e.person_id = h.person_id
    LEFT JOIN metrics.exempt_people AS a ON a.app_id = h.app_id AND a.person_id = h.person_id
    LEFT JOIN metrics.activity_window AS w ON w.as_of = h.as_of AND w.instance_no = h.instance_no AND w.person_no = h.person_no
    LEFT JOIN advised AS v ON v.as_of = h.as_of AND v.instance_no = h.instance_no AND v.person_no = h.person_no
),
ranked AS (
    SELECT
        j.*,
        CASE
            WHEN j.decision = 'keep' AND j.is_active THEN 0
            WHEN j.decision = 'keep' THEN 1
            WHEN j.decision = 'unknown' THEN 2
            WHEN NOT j.is_certain THEN 3
            ELSE 4
        END AS use_rank,
        CASE
            WHEN j.action IS NULL THEN 0
            WHEN j.action = 'downgrade' THEN 1
            WHEN NOT j.is_advice_certain THEN 2
            ELSE 3
        END AS rule_rank
    FROM judged AS j
),
-- A person in several instances of a pool who has no account there is one.
single AS (
    SELECT *
    FROM (
        SELECT r.*, row_number() OVER (PARTITION BY r.as_of, r.app_id, r.pool, r.seat ORDER BY r.use_rank, r.rule_rank, r.instance_id) AS choice
        FROM ranked AS r
    ) AS c
    WHERE c.choice = 1
),
placed AS (
    SELECT
        s.*,
        row_number() OVER (PARTITION BY s.as_of, s.app_id, s.pool, s.queue_tier ORDER BY s.use_rank, s.person_id, s.seat) AS place,
        row_number() OVER (PARTITION BY s.as_of, s.app_id, s.pool, s.queue_tier ORDER BY s.rule_rank, s.use_rank, s.person_id, s.seat) AS rule_place
    FROM single AS s
)
SELECT
    p.as_of, p.app_id, p.instance_id, p.instance_no, p.pool, p.seat, p.account_id, p.person_id, p.person_no, p.tier, p.queue_tier, p.is_free,
    p.decision, p.is_certain, p.is_engaged, p.is_active, p.last_engaged, p.last_login, p.action,
    l.contract_id, l.line_id, l.annual_price, p.place <= l.before + l.licences AS is_paid,
    x.annual_price AS rule_price, p.rule_place <= x.before + x.licences AS is_rule_paid
FROM placed AS p
LEFT JOIN metrics.licence_lines AS l
    ON l.as_of = p.as_of AND l.app_id = p.app_id AND l.pool = p.pool AND l.queue_tier = p.queue_tier
    AND p.place > l.before AND (l.is_last OR p.place <= l.before + l.licences)
LEFT JOIN metrics.licence_lines AS x
    ON x.as_of = p.as_of AND x.app_id = p.app_id AND x.pool = p.pool AND x.queue_tier = p.queue_tier
    AND p.rule_place > x.before AND (x.is_last OR p.rule_place <= x.before + x.licences)
