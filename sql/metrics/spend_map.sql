-- description: Which vendor and app each statement text means, with method and score.
-- grain: vendor_key
-- materialize: table
-- key: vendor_key
WITH ranked AS (
    SELECT
        p.*,
        row_number() OVER (
            PARTITION BY p.vendor_key
            ORDER BY CASE WHEN p.priority = 1 THEN 0 ELSE 1 END, CASE WHEN p.origin = 3 THEN 1 ELSE 0 END, CASE WHEN p.app_id IS NULL THEN 1 ELSE 0 END,
                length(p.alias_key) DESC, p.origin, p.priority, p.app_id NULLS LAST, p.kind, p.vendor
        ) AS choice
    FROM metrics.spend_pairs AS p
    WHERE p.is_accepted
)
SELECT
    m.vendor_key,
    m.app_id,
    m.vendor,
    CASE
        WHEN m.app_id IS NULL THEN 'vendor'
        WHEN m.kind = 'domain' THEN 'domain'
        WHEN m.vendor_key = m.alias_key THEN 'exact_alias'
        ELSE 'normalised_alias'
    END AS match_method,
    CASE WHEN m.is_whole THEN CAST(1 AS DOUBLE) ELSE 0.9 END AS match_score
FROM ranked AS m
WHERE m.choice = 1
UNION ALL
SELECT l.vendor_key, l.app_id, l.vendor, CASE WHEN l.app_id IS NULL THEN 'vendor' ELSE 'fuzzy' END, l.score
FROM metrics.spend_likely AS l
