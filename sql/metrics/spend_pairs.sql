-- description: Each statement text with the names it may mean: those it is or begins with, and domains in it. What stands behind the name says whether it is meant: is_accepted.
-- grain: vendor_key, text, alias_key, app_id, vendor, kind
-- materialize: once
-- keys: core.spend_lines
-- key: vendor_key, text, alias_key, app_id, vendor, kind
WITH texts AS (
    SELECT t.vendor_key, t.origin, t.text, t.first_word, t.bare_text
    FROM metrics.spend_texts AS t
    INNER JOIN params.new_keys AS n ON n.source = 'core.spend_lines' AND n.key = t.vendor_key
    WHERE NOT t.is_fee
),
pairs AS (
    SELECT
        t.vendor_key, t.origin, t.text, a.alias_key, a.app_id, a.vendor, a.kind, a.priority, a.is_ordinary,
        t.text = a.alias_key OR t.bare_text = a.alias_key AS is_whole,
        trim(substr(t.text, length(a.alias_key) + 1)) AS rest
    FROM texts AS t
    INNER JOIN names.spend_aliases AS a
        ON a.first_word = t.first_word
        AND (t.text = a.alias_key OR t.bare_text = a.alias_key OR (a.is_prefix AND t.text LIKE a.alias_key || ' %'))
),
rest_words AS (
    SELECT p.text, p.alias_key, p.rest, w.word
    FROM (SELECT DISTINCT text, alias_key, rest FROM pairs WHERE rest <> '') AS p
    CROSS JOIN unnest(split(p.rest, ' ')) AS w (word)
),
-- Statements cut texts at 20 to 25 characters: the last word may be the beginning of one.
judged AS (
    SELECT
        r.text, r.alias_key,
        max(CASE WHEN k.is_trade THEN 1 ELSE 0 END) = 1 AS has_trade,
        max(CASE
            WHEN k.is_neutral OR length(r.word) <= 2 OR regexp_replace(r.word, '[0-9]', '') <> r.word THEN 0
            WHEN r.alias_key LIKE r.word || '%' THEN 0
            WHEN length(r.text) >= 20 AND r.rest LIKE '% ' || r.word AND c.word IS NOT NULL THEN 0
            ELSE 1
        END) = 1 AS has_unknown,
        min(CASE WHEN k.is_trade OR NOT coalesce(k.is_neutral, length(r.word) <= 2 OR regexp_replace(r.word, '[0-9]', '') <> r.word) THEN r.word END) AS other_word
    FROM rest_words AS r
    LEFT JOIN names.statement_words AS k ON k.word = r.word
    LEFT JOIN (
        SELECT DISTINCT substr(word, 1, 3) AS word FROM names.statement_words WHERE is_neutral
    ) AS c ON c.word = substr(r.word, 1, 3)
    GROUP BY r.text, r.alias_key
),
-- A domain counts wherever it stands in the text; that of a payment processor only in front.
text_words AS (
    SELECT DISTINCT t.vendor_key, t.text, w.word
    FROM texts AS t
    CROSS JOIN unnest(split(t.text, ' ')) AS w (word)
    WHERE t.origin = 0
),
domains AS (
    SELECT w.vendor_key, w.text, a.alias_key, a.app_id, a.vendor, a.kind, a.priority
    FROM text_words AS w
    INNER JOIN names.spend_aliases AS a
        ON a.first_word = w.word AND a.kind = 'domain' AND a.alias_key LIKE '% %'
        AND w.text || ' ' LIKE '% ' || a.alias_key || ' %' -- also that of the name in front: LINEAR LINEAR.APP
    LEFT JOIN names.payment_apps AS p ON p.app_id = a.app_id
    WHERE p.app_id IS NULL
),
companies AS (
    SELECT DISTINCT p.text, p.alias_key
    FROM pairs AS p
    INNER JOIN names.legal_suffixes AS s
        ON s.first_word = split_part(p.rest, ' ', 1) AND (p.rest = s.suffix_key OR p.rest LIKE s.suffix_key || ' %')
)
SELECT
    p.vendor_key, p.origin, p.text, p.alias_key, p.app_id, p.vendor, p.kind, p.priority, p.is_whole,
    CASE
        WHEN p.is_whole THEN true
        WHEN j.has_trade THEN false
        -- SLACK'S is somebody's name.
        WHEN c.text IS NULL AND (p.rest = 'S' OR p.rest LIKE 'S %') THEN false
        WHEN c.text IS NOT NULL THEN true
        ELSE NOT (p.is_ordinary AND coalesce(j.has_unknown, false))
    END AS is_accepted,
    j.other_word
FROM pairs AS p
LEFT JOIN judged AS j ON j.text = p.text AND j.alias_key = p.alias_key
LEFT JOIN companies AS c ON c.text = p.text AND c.alias_key = p.alias_key
UNION ALL
SELECT d.vendor_key, 3, d.text, d.alias_key, d.app_id, d.vendor, d.kind, d.priority, false, true, CAST(NULL AS VARCHAR)
FROM domains AS d
