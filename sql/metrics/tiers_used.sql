-- description: The lowest tier's rank that covers every feature a person used in the last days, for features that the seed lists tie to tiers.
-- grain: as_of, instance_no, person_no
-- materialize: as_of
-- key: as_of, instance_no, person_no
SELECT
    d.as_of,
    f.instance_no,
    f.person_no,
    max(coalesce(r.rank_no, 1)) AS needed_rank
FROM params.as_of_days AS d
CROSS JOIN params.policy AS y
INNER JOIN metrics.feature_daily AS f
    ON f.day = d.day
INNER JOIN metrics.instance_numbers AS n ON n.instance_no = f.instance_no
INNER JOIN metrics.instances AS i ON i.instance_key = n.instance_key
LEFT JOIN params.app_policy AS p ON p.app_id = i.app_id
INNER JOIN seeds.engaged_actions AS e ON e.app_id = i.app_id AND e.event = f.feature AND e.is_engaged = 'yes'
LEFT JOIN metrics.tier_ranks AS r
    ON r.app_id = i.app_id AND r.tier_key = names.tier_key(e.minimum_tier)
WHERE f.day > CAST(d.as_of - coalesce(p.inactive_days, y.inactive_days) * INTERVAL '1' DAY AS DATE)
GROUP BY d.as_of, f.instance_no, f.person_no
