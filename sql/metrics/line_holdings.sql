-- description: How many seats fill each user-licence line of current contracts, how many of them are used, kept and free to go, and how that is known.
-- grain: as_of, contract_id, line_id
-- materialize: as_of
-- key: as_of, contract_id, line_id
WITH pools AS (
    SELECT
        p.as_of, p.app_id, p.pool,
        max(CASE WHEN p.basis <> 'none' THEN 1 ELSE 0 END) = 1 AS is_known,
        max(CASE WHEN p.has_engagement THEN 1 ELSE 0 END) = 1 AS has_engagement,
        max(CASE WHEN p.activity_kind IS NOT NULL THEN 1 ELSE 0 END) = 1 AS has_activity,
        max(CASE WHEN p.is_stale THEN 1 ELSE 0 END) = 1 AS is_stale,
        min(CASE p.basis
            WHEN 'connector_exact' THEN 6 WHEN 'sso_assigned' THEN 5 WHEN 'sso_assigned_estimated' THEN 4
            WHEN 'engaged_120d' THEN 3 WHEN 'sso_login_120d' THEN 2
        END) AS strength
    FROM metrics.licence_pools AS p
    INNER JOIN params.as_of_dates AS d ON d.as_of = p.as_of
    GROUP BY p.as_of, p.app_id, p.pool
),
seats AS (
    SELECT s.*
    FROM metrics.line_seats AS s
    INNER JOIN params.as_of_dates AS d ON d.as_of = s.as_of
),
-- Where lines name tiers and the list of accounts names none, nobody knows which line they fill.
tiers AS (
    SELECT as_of, app_id, pool, count(tier) AS with_tier FROM seats GROUP BY as_of, app_id, pool
),
tiered AS (
    SELECT DISTINCT as_of, app_id, pool FROM metrics.licence_lines WHERE queue_tier <> ''
),
counted AS (
    SELECT
        as_of, contract_id, line_id,
        count(*) AS held,
        count(DISTINCT CASE WHEN is_engaged THEN person_id END) AS engaged,
        count(DISTINCT CASE WHEN is_active THEN person_id END) AS active,
        count(CASE WHEN decision <> 'release' THEN 1 END) AS kept,
        count(CASE WHEN decision = 'unknown' THEN 1 END) AS unknown,
        count(CASE WHEN decision = 'release' AND NOT is_certain THEN 1 END) AS likely
    FROM seats
    WHERE contract_id IS NOT NULL
    GROUP BY as_of, contract_id, line_id
),
known AS (
    SELECT
        l.*, p.has_engagement, p.has_activity,
        coalesce(p.is_stale, false) AS is_stale,
        coalesce(p.is_known, false) AND (q.app_id IS NULL OR t.app_id IS NULL OR t.with_tier > 0) AND (l.licences IS NOT NULL OR l.is_last) AS is_known,
        CASE p.strength
            WHEN 6 THEN 'connector_exact' WHEN 5 THEN 'sso_assigned' WHEN 4 THEN 'sso_assigned_estimated'
            WHEN 3 THEN 'engaged_120d' WHEN 2 THEN 'sso_login_120d' ELSE 'none'
        END AS basis
    FROM metrics.licence_lines AS l
    INNER JOIN params.as_of_dates AS d ON d.as_of = l.as_of
    LEFT JOIN pools AS p ON p.as_of = l.as_of AND p.app_id = l.app_id AND p.pool = l.pool
    LEFT JOIN tiers AS t ON t.as_of = l.as_of AND t.app_id = l.app_id AND t.pool = l.pool
    LEFT JOIN tiered AS q ON q.as_of = l.as_of AND q.app_id = l.app_id AND q.pool = l.pool
)
SELECT
    k.as_of, k.contract_id, k.line_id, k.app_id, k.instance_id, k.tier, k.licences, k.annual_spend, k.annual_price, k.basis, k.is_stale,
    CASE WHEN k.is_known THEN coalesce(c.held, 0) END AS held,
    CASE WHEN k.is_known AND k.has_engagement THEN coalesce(c.engaged, 0) END AS engaged,
    -- Of a line that nobody holds it needs no source to know that nobody is active.
    CASE WHEN k.is_known AND (k.has_activity OR c.held IS NULL) THEN coalesce(c.active, 0) END AS active,
    CASE WHEN k.is_known AND coalesce(c.unknown, 0) = 0 THEN coalesce(c.kept, 0) END AS kept,
    CASE WHEN k.is_known AND coalesce(c.unknown, 0) = 0 THEN coalesce(c.likely, 0) END AS likely,
    -- Who is known by sign-ins alone may hold a seat without having signed in; and a seat that fills no line may be one of this line under another word.
    k.basis <> 'sso_login_120d' AND w.app_id IS NULL AS is_held_certain
FROM known AS k
LEFT JOIN (SELECT DISTINCT as_of, app_id, pool FROM metrics.seats_without_line) AS w ON w.as_of = k.as_of AND w.app_id = k.app_id AND w.pool = k.pool
LEFT JOIN counted AS c ON c.as_of = k.as_of AND c.contract_id = k.contract_id AND c.line_id = k.line_id
