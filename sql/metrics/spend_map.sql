-- description: Which vendor and app each statement text means, with method and score. The longest alias that the text is or begins with wins; names of apps must match whole.
-- grain: vendor_key
-- materialize: table
-- key: vendor_key
WITH texts AS (
    SELECT DISTINCT vendor_key FROM core.spend_lines WHERE vendor_key <> ''
),
prefixed AS (
    SELECT t.vendor_key, max(length(p.prefix_key)) AS length
    FROM texts AS t
    INNER JOIN params.payment_prefixes AS p ON t.vendor_key LIKE p.prefix_key || ' %'
    GROUP BY t.vendor_key
),
cleaned AS (
    SELECT
        t.vendor_key,
        CASE WHEN p.length IS NULL THEN t.vendor_key ELSE trim(substr(t.vendor_key, p.length + 1)) END AS text,
        p.length IS NOT NULL AS is_stripped
    FROM texts AS t
    LEFT JOIN prefixed AS p ON p.vendor_key = t.vendor_key
),
matches AS (
    SELECT
        c.vendor_key, a.app_id, a.vendor, a.kind, a.alias_key,
        c.text = a.alias_key AS is_whole,
        c.is_stripped,
        row_number() OVER (
            PARTITION BY c.vendor_key
            ORDER BY length(a.alias_key) DESC, a.priority, a.app_id NULLS LAST, a.kind, a.vendor
        ) AS choice
    FROM cleaned AS c
    INNER JOIN params.spend_aliases AS a
        ON c.text = a.alias_key OR (a.is_prefix AND c.text LIKE a.alias_key || ' %')
)
SELECT
    m.vendor_key,
    m.app_id,
    m.vendor,
    CASE
        WHEN m.app_id IS NULL THEN 'vendor'
        WHEN m.kind = 'domain' THEN 'domain'
        WHEN m.is_whole AND NOT m.is_stripped THEN 'exact_alias'
        ELSE 'normalised_alias'
    END AS match_method,
    CASE WHEN m.is_whole THEN CAST(1 AS DOUBLE) ELSE 0.9 END AS match_score
FROM matches AS m
WHERE m.choice = 1
