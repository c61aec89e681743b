-- description: For statement texts that no name fits: the name that the text is a cut of, or that it misspells by one letter.
-- grain: vendor_key
-- materialize: once
-- keys: core.spend_lines
-- key: vendor_key
WITH unmatched AS (
    SELECT t.vendor_key, t.origin, t.text, t.first_word, t.bare_text
    FROM metrics.spend_texts AS t
    INNER JOIN params.new_keys AS n ON n.source = 'core.spend_lines' AND n.key = t.vendor_key
    LEFT JOIN (SELECT DISTINCT vendor_key FROM metrics.spend_pairs WHERE is_accepted) AS m ON m.vendor_key = t.vendor_key
    WHERE m.vendor_key IS NULL AND NOT t.is_fee
),
-- Texts are cut at 20 to 25 characters, names behind a processor's at 10 to 12; never between words, as then
-- what is left may well be a name of its own.
cut AS (
    SELECT
        u.vendor_key, a.app_id, a.vendor, a.alias_key,
        CAST(length(replace(u.bare_text, ' ', '')) AS DOUBLE) / length(replace(a.alias_key, ' ', '')) AS score
    FROM unmatched AS u
    INNER JOIN names.spend_aliases AS a
        ON substr(replace(a.alias_key, ' ', ''), 1, 8) = substr(replace(u.bare_text, ' ', ''), 1, 8)
        AND replace(a.alias_key, ' ', '') LIKE replace(u.bare_text, ' ', '') || '%'
        AND a.alias_key NOT LIKE u.bare_text || ' %'
    WHERE a.priority < 5
        AND (length(u.text) >= 20 OR u.origin = 1 AND length(replace(u.bare_text, ' ', '')) >= 10)
),
-- Two words are one slip apart (a letter too many, missing, wrong, or two changed places) when taking a letter
-- out of each, or of one, leaves the same. So equal joins find them, and nothing is compared with everything.
digits AS (
    SELECT n FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d (n)
),
positions AS (
    SELECT t.n * 10 + u.n AS n FROM digits AS t CROSS JOIN digits AS u WHERE t.n < 4
),
heads AS (
    SELECT DISTINCT vendor_key, replace(bare_text, ' ', '') AS word, '' AS rest FROM unmatched
    UNION
    SELECT DISTINCT vendor_key, first_word, trim(substr(text, length(first_word) + 1)) FROM unmatched WHERE text LIKE '% %'
),
typed AS (
    SELECT h.word, p.n, CASE WHEN p.n = 0 THEN h.word ELSE substr(h.word, 1, p.n - 1) || substr(h.word, p.n + 1) END AS form
    FROM (SELECT DISTINCT word FROM heads WHERE length(word) BETWEEN 6 AND 30) AS h
    INNER JOIN positions AS p ON p.n <= length(h.word)
),
known AS (
    SELECT k.word, p.n, CASE WHEN p.n = 0 THEN k.word ELSE substr(k.word, 1, p.n - 1) || substr(k.word, p.n + 1) END AS form
    FROM (
        SELECT DISTINCT replace(alias_key, ' ', '') AS word
        FROM names.spend_aliases
        WHERE NOT is_ordinary AND length(replace(alias_key, ' ', '')) BETWEEN 6 AND 30
    ) AS k
    INNER JOIN positions AS p ON p.n <= length(k.word)
),
slips AS (
    SELECT DISTINCT t.word AS typed_word, k.word AS known_word
    FROM typed AS t
    INNER JOIN known AS k ON k.form = t.form
    WHERE t.word <> k.word AND substr(t.word, 1, 1) = substr(k.word, 1, 1)
        -- A digit that differs is another name.
        AND regexp_replace(t.word, '[0-9]', '') = t.word AND regexp_replace(k.word, '[0-9]', '') = k.word
        AND (
            t.n = 0 OR k.n = 0 OR t.n = k.n
            OR t.n = k.n + 1 AND substr(t.word, t.n, 1) = substr(k.word, k.n, 1)
            OR k.n = t.n + 1 AND substr(t.word, t.n, 1) = substr(k.word, k.n, 1)
        )
),
rest_words AS (
    SELECT h.vendor_key, h.word AS head, h.rest, w.word
    FROM heads AS h
    INNER JOIN (SELECT DISTINCT typed_word FROM slips) AS s ON s.typed_word = h.word
    CROSS JOIN unnest(split(h.rest, ' ')) AS w (word)
),
-- A misspelt name counts only where nothing else is said.
other_words AS (
    SELECT DISTINCT r.vendor_key, r.head, r.rest
    FROM rest_words AS r
    LEFT JOIN names.statement_words AS k ON k.word = r.word
    WHERE NOT coalesce(k.is_neutral, length(r.word) <= 2 OR regexp_replace(r.word, '[0-9]', '') <> r.word)
),
misspelt AS (
    SELECT h.vendor_key, a.app_id, a.vendor, a.alias_key, 1 - CAST(1 AS DOUBLE) / length(s.known_word) AS score
    FROM heads AS h
    INNER JOIN slips AS s ON s.typed_word = h.word
    INNER JOIN names.spend_aliases AS a ON replace(a.alias_key, ' ', '') = s.known_word AND NOT a.is_ordinary
    LEFT JOIN other_words AS o ON o.vendor_key = h.vendor_key AND o.head = h.word AND o.rest = h.rest
    WHERE o.vendor_key IS NULL
),
likely AS (
    SELECT vendor_key, app_id, vendor, alias_key, score FROM cut
    UNION ALL
    SELECT vendor_key, app_id, vendor, alias_key, score FROM misspelt
),
-- Two that are as likely are none.
sure AS (
    SELECT vendor_key FROM likely GROUP BY vendor_key HAVING count(DISTINCT coalesce(app_id, vendor)) = 1
)
SELECT l.vendor_key, l.app_id, l.vendor, max(l.score) AS score
FROM likely AS l
INNER JOIN sure AS s ON s.vendor_key = l.vendor_key
GROUP BY l.vendor_key, l.app_id, l.vendor
