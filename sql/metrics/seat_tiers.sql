-- description: For each seat whose tier the seed list ranks: the lowest tier that covers every feature used in the window.
-- grain: app_id, instance_id, person_id
-- materialize: table
-- key: app_id, instance_id, person_id
WITH used AS (
    SELECT
        s.app_id, s.instance_id, s.person_id,
        max(coalesce(r.rank_no, 1)) AS needed_rank
    FROM metrics.seats AS s
    CROSS JOIN params.policy AS y
    INNER JOIN metrics.instance_numbers AS n ON n.instance_key = s.app_id || '/' || s.instance_id
    INNER JOIN metrics.person_numbers AS k ON k.person_id = s.person_id
    INNER JOIN metrics.feature_daily AS f
        ON f.instance_no = n.instance_no AND f.person_no = k.person_no
        AND f.day > CAST(s.as_of - y.inactive_days * INTERVAL '1' DAY AS DATE) AND f.day <= s.as_of
    INNER JOIN seeds.engaged_actions AS e ON e.app_id = s.app_id AND e.event = f.feature AND e.is_engaged = 'yes'
    LEFT JOIN (SELECT app_id, lower(tier) AS tier_key, CAST(rank AS INTEGER) AS rank_no FROM seeds.tiers) AS r
        ON r.app_id = s.app_id AND r.tier_key = lower(e.minimum_tier)
    GROUP BY s.app_id, s.instance_id, s.person_id
)
SELECT
    s.app_id,
    s.instance_id,
    s.person_id,
    h.rank_no AS held_rank,
    u.needed_rank,
    l.tier AS needed_tier
FROM metrics.seats AS s
INNER JOIN (SELECT app_id, lower(tier) AS tier_key, CAST(rank AS INTEGER) AS rank_no FROM seeds.tiers) AS h
    ON h.app_id = s.app_id AND h.tier_key = lower(s.tier)
INNER JOIN used AS u ON u.app_id = s.app_id AND u.instance_id = s.instance_id AND u.person_id = s.person_id
LEFT JOIN (SELECT app_id, tier, CAST(rank AS INTEGER) AS rank_no FROM seeds.tiers) AS l
    ON l.app_id = s.app_id AND l.rank_no = u.needed_rank
