-- description: The tiers of the seed list, with their rank and whether they cost something. A tier that is not there does.
-- grain: app_id, tier_key
-- materialize: view
SELECT app_id, tier, names.tier_key(tier) AS tier_key, CAST(rank AS INTEGER) AS rank_no, coalesce(lower(trim(paid)), 'yes') NOT IN ('no', 'false', '0') AS is_paid
FROM seeds.tiers
