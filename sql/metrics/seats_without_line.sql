-- description: Seats of apps with contract lines that fill none of them, by tier, where the lists of accounts name tiers: no line is of theirs, or theirs is empty. Seats of free tiers need no line.
-- grain: as_of, app_id, pool, tier_key
-- materialize: as_of
-- key: as_of, app_id, pool, tier_key
SELECT
    s.as_of, s.app_id, s.pool, coalesce(names.tier_key(s.tier), '') AS tier_key,
    min(s.tier) AS tier,
    count(*) AS seats
FROM metrics.line_seats AS s
INNER JOIN params.as_of_dates AS d ON d.as_of = s.as_of
INNER JOIN (SELECT DISTINCT as_of, app_id, pool FROM metrics.licence_lines) AS l ON l.as_of = s.as_of AND l.app_id = s.app_id AND l.pool = s.pool
INNER JOIN (SELECT DISTINCT as_of, app_id, pool FROM metrics.line_seats WHERE tier IS NOT NULL) AS t
    ON t.as_of = s.as_of AND t.app_id = s.app_id AND t.pool = s.pool
WHERE s.contract_id IS NULL AND NOT s.is_free
GROUP BY s.as_of, s.app_id, s.pool, coalesce(names.tier_key(s.tier), '')
