-- description: Which vendor and app each statement text means, with method and score. The first of these that fits: the user's own rule, the config's own names, a name that the text is or begins with (the longest), a domain in it, a name that it is a cut of or misspells.
-- grain: vendor_key
-- materialize: once
-- keys: core.spend_lines
-- key: vendor_key
WITH texts AS (
    SELECT t.vendor_key, t.text
    FROM metrics.spend_texts AS t
    INNER JOIN params.new_keys AS n ON n.source = 'core.spend_lines' AND n.key = t.vendor_key
),
ruled AS (
    SELECT
        t.vendor_key, r.app_id, r.vendor,
        row_number() OVER (PARTITION BY t.vendor_key ORDER BY r.rule) AS choice
    FROM (
        SELECT vendor_key, text FROM texts
        UNION
        SELECT vendor_key, vendor_key FROM texts
    ) AS t
    INNER JOIN names.spend_rules AS r
        ON r.match = 'exact' AND t.text = r.pattern
        OR r.match = 'prefix' AND t.text LIKE r.pattern || '%'
        OR r.match = 'contains' AND t.text LIKE '%' || r.pattern || '%'
        -- An expression never matches nothing, so it matches where taking the match out changes the text.
        OR r.match = 'regex' AND t.text = t.vendor_key AND regexp_replace(t.text, r.pattern, '') <> t.text
),
ranked AS (
    SELECT
        p.*,
        row_number() OVER (
            PARTITION BY p.vendor_key
            ORDER BY CASE WHEN p.priority = 1 THEN 0 ELSE 1 END, CASE WHEN p.origin = 3 THEN 1 ELSE 0 END,
                CASE WHEN p.app_id IS NULL THEN 1 ELSE 0 END, length(p.alias_key) DESC, p.origin, p.priority,
                p.app_id NULLS LAST, p.kind, p.vendor
        ) AS choice
    FROM metrics.spend_pairs AS p
    INNER JOIN params.new_keys AS n ON n.source = 'core.spend_lines' AND n.key = p.vendor_key
    LEFT JOIN ruled AS r ON r.vendor_key = p.vendor_key AND r.choice = 1
    WHERE p.is_accepted AND r.vendor_key IS NULL
)
SELECT vendor_key, app_id, vendor, 'rule' AS match_method, CAST(1 AS DOUBLE) AS match_score
FROM ruled
WHERE choice = 1
UNION ALL
SELECT
    m.vendor_key,
    m.app_id,
    m.vendor,
    CASE
        WHEN m.app_id IS NULL THEN 'vendor'
        WHEN m.kind = 'domain' THEN 'domain'
        WHEN m.vendor_key = m.alias_key THEN 'exact_alias'
        ELSE 'normalised_alias'
    END,
    CASE WHEN m.is_whole THEN CAST(1 AS DOUBLE) ELSE 0.9 END
FROM ranked AS m
WHERE m.choice = 1
UNION ALL
SELECT l.vendor_key, l.app_id, l.vendor, CASE WHEN l.app_id IS NULL THEN 'vendor' ELSE 'fuzzy' END, l.score
FROM metrics.spend_likely AS l
INNER JOIN params.new_keys AS n ON n.source = 'core.spend_lines' AND n.key = l.vendor_key
LEFT JOIN ruled AS r ON r.vendor_key = l.vendor_key AND r.choice = 1
WHERE r.vendor_key IS NULL
