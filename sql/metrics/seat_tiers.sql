-- description: What the tier of each seat and the lower one that would do cost a year by the lines of its pool, and whether the lower one is cheaper.
-- grain: as_of, instance_no, person_no
-- materialize: view
SELECT
    p.as_of, p.instance_no, p.person_no,
    -- Of a price that is not known nobody can say that it is no lower.
    p.lower_tier IS NOT NULL AND NOT p.is_same_line AND NOT coalesce(p.lower_price >= p.own_price, false) AS is_lower_cheaper,
    CASE WHEN p.lower_price < p.own_price THEN CAST(CAST((p.own_price - p.lower_price) / 12 AS DECIMAL(28, 8)) AS DECIMAL(18, 2)) END AS lower_saving
FROM (
    SELECT
        s.as_of, s.instance_no, s.person_no, s.lower_tier,
        CASE WHEN o.queue_tier IS NOT NULL THEN o.annual_price WHEN NOT coalesce(r.is_paid, true) THEN 0 ELSE u.annual_price END AS own_price,
        CASE WHEN l.queue_tier IS NOT NULL THEN l.annual_price WHEN NOT coalesce(n.is_paid, true) THEN 0 ELSE u.annual_price END AS lower_price,
        u.queue_tier IS NOT NULL AND o.queue_tier IS NULL AND l.queue_tier IS NULL AND coalesce(r.is_paid, true) AND coalesce(n.is_paid, true) AS is_same_line
    FROM metrics.seats AS s
    LEFT JOIN metrics.licence_pools AS p ON p.as_of = s.as_of AND p.instance_no = s.instance_no
    LEFT JOIN metrics.tier_prices AS o ON o.as_of = s.as_of AND o.app_id = s.app_id AND o.pool = p.pool AND o.queue_tier = names.tier_key(s.tier)
    LEFT JOIN metrics.tier_prices AS l ON l.as_of = s.as_of AND l.app_id = s.app_id AND l.pool = p.pool AND l.queue_tier = names.tier_key(s.lower_tier)
    LEFT JOIN metrics.tier_prices AS u ON u.as_of = s.as_of AND u.app_id = s.app_id AND u.pool = p.pool AND u.queue_tier = ''
    LEFT JOIN metrics.tier_ranks AS r ON r.app_id = s.app_id AND r.tier_key = names.tier_key(s.tier)
    LEFT JOIN metrics.tier_ranks AS n ON n.app_id = s.app_id AND n.tier_key = names.tier_key(s.lower_tier)
) AS p
