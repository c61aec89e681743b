-- description: Which vendor and app each statement text means, with method and score. The config's own names decide first; else the longest alias that the text is or begins with; names of apps must match whole; a text that nothing matches goes to the name most like it, if it is very like.
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
suffixes AS (
    SELECT DISTINCT trim(replace(replace(replace(upper(suffix), '.', ' '), '/', ' '), '  ', ' ')) AS suffix_key
    FROM seeds.legal_suffixes
),
-- Numbers (telephone, invoice) at the end go first, then the company's legal form.
numberless AS (
    SELECT c.vendor_key, c.text, c.is_stripped, regexp_replace(c.text, '( [0-9]+)+$', '') AS words
    FROM cleaned AS c
),
bared AS (
    SELECT n.vendor_key, n.text, n.is_stripped, n.words, max(length(s.suffix_key)) AS suffix_length
    FROM numberless AS n
    LEFT JOIN suffixes AS s ON n.words LIKE '% ' || s.suffix_key
    GROUP BY n.vendor_key, n.text, n.is_stripped, n.words
),
bare AS (
    SELECT
        vendor_key, text, is_stripped,
        CASE WHEN suffix_length IS NULL THEN words ELSE trim(substr(words, 1, length(words) - suffix_length)) END AS bare_text
    FROM bared
),
matches AS (
    SELECT
        c.vendor_key, a.app_id, a.vendor, a.kind,
        c.text = a.alias_key AND NOT c.is_stripped AS is_exact,
        c.text = a.alias_key OR c.bare_text = a.alias_key AS is_whole,
        row_number() OVER (
            PARTITION BY c.vendor_key
            ORDER BY CASE WHEN a.priority = 1 THEN 0 ELSE 1 END, length(a.alias_key) DESC,
                a.priority, a.app_id NULLS LAST, a.kind, a.vendor
        ) AS choice
    FROM bare AS c
    INNER JOIN params.spend_aliases AS a
        ON c.text = a.alias_key OR c.bare_text = a.alias_key OR (a.is_prefix AND c.text LIKE a.alias_key || ' %')
),
-- 0.96 lets a slip of a letter or two through in a long name; short names are too near to each other.
likely AS (
    SELECT
        c.vendor_key, a.app_id, a.vendor,
        jaro_winkler_similarity(c.bare_text, a.alias_key) AS score,
        row_number() OVER (
            PARTITION BY c.vendor_key
            ORDER BY jaro_winkler_similarity(c.bare_text, a.alias_key) DESC, a.app_id NULLS LAST, a.vendor
        ) AS choice
    FROM bare AS c
    LEFT JOIN matches AS m ON m.vendor_key = c.vendor_key AND m.choice = 1
    INNER JOIN params.spend_aliases AS a
        ON length(a.alias_key) >= 8 AND abs(length(a.alias_key) - length(c.bare_text)) <= 2
        AND jaro_winkler_similarity(c.bare_text, a.alias_key) >= 0.96
    WHERE m.vendor_key IS NULL
)
SELECT
    m.vendor_key,
    m.app_id,
    m.vendor,
    CASE
        WHEN m.app_id IS NULL THEN 'vendor'
        WHEN m.kind = 'domain' THEN 'domain'
        WHEN m.is_exact THEN 'exact_alias'
        ELSE 'normalised_alias'
    END AS match_method,
    CASE WHEN m.is_whole THEN CAST(1 AS DOUBLE) ELSE 0.9 END AS match_score
FROM matches AS m
WHERE m.choice = 1
UNION ALL
SELECT l.vendor_key, l.app_id, l.vendor, 'fuzzy', l.score
FROM likely AS l
WHERE l.choice = 1
