-- description: For statement texts that mean no vendor that is known: the vendor whose name is most like them, and why it was not taken.
-- grain: vendor_key
-- materialize: table
-- key: vendor_key
WITH unknown AS (
    SELECT t.vendor_key, t.text, t.bare_text
    FROM metrics.spend_texts AS t
    LEFT JOIN metrics.spend_map AS m ON m.vendor_key = t.vendor_key
    WHERE m.vendor_key IS NULL
),
-- A name stands at the text's beginning, and what follows it kept it from being taken.
begun AS (
    SELECT
        p.vendor_key, p.vendor, p.alias_key, p.other_word, CAST(length(p.alias_key) AS DOUBLE) / length(p.text) AS score,
        row_number() OVER (PARTITION BY p.vendor_key ORDER BY length(p.alias_key) DESC, p.vendor, p.other_word) AS choice
    FROM metrics.spend_pairs AS p
    INNER JOIN (SELECT DISTINCT vendor_key FROM unknown) AS u ON u.vendor_key = p.vendor_key
    WHERE NOT p.is_accepted
),
-- Else likeness is the share of three-letter pieces in common (twice the common ones over all of both), of the
-- beginning of the text. Pieces are joined on, so only names with one in common are compared.
digits AS (
    SELECT n FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d (n)
),
positions AS (
    SELECT t.n * 10 + u.n + 1 AS n FROM digits AS t CROSS JOIN digits AS u WHERE t.n < 3
),
texts AS (
    SELECT DISTINCT u.vendor_key, u.bare_text, '  ' || substr(u.bare_text, 1, 24) || ' ' AS padded
    FROM unknown AS u
    LEFT JOIN begun AS b ON b.vendor_key = u.vendor_key
    WHERE b.vendor_key IS NULL
),
text_pieces AS (
    SELECT DISTINCT t.vendor_key, t.bare_text, substr(t.padded, p.n, 3) AS piece
    FROM texts AS t
    INNER JOIN positions AS p ON p.n <= length(t.padded) - 2
),
names AS (
    SELECT DISTINCT vendor, alias_key, '  ' || substr(alias_key, 1, 24) || ' ' AS padded
    FROM params.spend_aliases
    WHERE priority < 5 AND kind <> 'company'
),
name_pieces AS (
    SELECT DISTINCT n.vendor, n.alias_key, substr(n.padded, p.n, 3) AS piece
    FROM names AS n
    INNER JOIN positions AS p ON p.n <= length(n.padded) - 2
),
common AS (
    SELECT t.vendor_key, t.bare_text, n.vendor, n.alias_key, count(*) AS pieces
    FROM text_pieces AS t
    INNER JOIN name_pieces AS n ON n.piece = t.piece
    GROUP BY t.vendor_key, t.bare_text, n.vendor, n.alias_key
),
text_sizes AS (
    SELECT vendor_key, bare_text, count(*) AS pieces FROM text_pieces GROUP BY vendor_key, bare_text
),
name_sizes AS (
    SELECT vendor, alias_key, count(*) AS pieces FROM name_pieces GROUP BY vendor, alias_key
),
alike AS (
    SELECT
        c.vendor_key, c.vendor, c.alias_key, CAST(2 * c.pieces AS DOUBLE) / (t.pieces + n.pieces) AS score,
        row_number() OVER (
            PARTITION BY c.vendor_key
            ORDER BY CAST(2 * c.pieces AS DOUBLE) / (t.pieces + n.pieces) DESC, c.vendor, c.alias_key
        ) AS choice
    FROM common AS c
    INNER JOIN text_sizes AS t ON t.vendor_key = c.vendor_key AND t.bare_text = c.bare_text
    INNER JOIN name_sizes AS n ON n.vendor = c.vendor AND n.alias_key = c.alias_key
    WHERE 2 * c.pieces >= CAST(0.45 AS DOUBLE) * (t.pieces + n.pieces)
)
SELECT
    vendor_key, vendor, score, 'other_words' AS reason,
    'begins with ' || alias_key || coalesce(', but ' || other_word || ' is no part of that name', ', which is somebody else''s name') AS detail
FROM begun
WHERE choice = 1
UNION ALL
SELECT vendor_key, vendor, score, 'too_unlike', 'nearest name ' || alias_key || ', not alike enough to be sure'
FROM alike
WHERE choice = 1
