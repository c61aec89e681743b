-- description: For statement texts that mean no vendor that is known: the vendor whose name is most like them, and why it was not taken.
-- grain: vendor_key
-- materialize: once
-- keys: core.spend_lines
-- key: vendor_key
WITH unknown AS (
    SELECT t.vendor_key, t.text, t.bare_text
    FROM metrics.spend_texts AS t
    INNER JOIN params.new_keys AS n ON n.source = 'core.spend_lines' AND n.key = t.vendor_key
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
-- Else likeness is the share of three-letter pieces in common (twice the common ones over all of both). Pieces are
-- joined on, so only names of the same first letter with one in common are compared.
digits AS (
    SELECT n FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d (n)
),
positions AS (
    SELECT t.n * 10 + u.n + 1 AS n FROM digits AS t CROSS JOIN digits AS u WHERE t.n < 3
),
-- Statements differ in what follows the first words, so each beginning is looked at once.
texts AS (
    SELECT DISTINCT u.vendor_key, trim(substr(trim(split_part(u.bare_text, ' ', 1) || ' ' || split_part(u.bare_text, ' ', 2)), 1, 24)) AS head
    FROM unknown AS u
    LEFT JOIN begun AS b ON b.vendor_key = u.vendor_key
    WHERE b.vendor_key IS NULL
),
head_pieces AS (
    SELECT DISTINCT t.head, substr(t.head, 1, 1) AS letter, substr('  ' || t.head || ' ', p.n, 3) AS piece
    FROM (SELECT DISTINCT head FROM texts WHERE head <> '') AS t
    INNER JOIN positions AS p ON p.n <= length(t.head) + 1
),
names AS (
    SELECT DISTINCT vendor, alias_key, substr(alias_key, 1, 24) AS head
    FROM names.spend_aliases
    WHERE priority < 5 AND kind <> 'company'
),
name_pieces AS (
    SELECT DISTINCT n.vendor, n.alias_key, substr(n.head, 1, 1) AS letter, substr('  ' || n.head || ' ', p.n, 3) AS piece
    FROM names AS n
    INNER JOIN positions AS p ON p.n <= length(n.head) + 1
),
common AS (
    SELECT t.head, n.vendor, n.alias_key, count(*) AS pieces
    FROM head_pieces AS t
    INNER JOIN name_pieces AS n ON n.letter = t.letter AND n.piece = t.piece
    GROUP BY t.head, n.vendor, n.alias_key
),
head_sizes AS (
    SELECT head, count(*) AS pieces FROM head_pieces GROUP BY head
),
name_sizes AS (
    SELECT vendor, alias_key, count(*) AS pieces FROM name_pieces GROUP BY vendor, alias_key
),
scored AS (
    SELECT c.head, c.vendor, c.alias_key, CAST(2 * c.pieces AS DOUBLE) / (t.pieces + n.pieces) AS score
    FROM common AS c
    INNER JOIN head_sizes AS t ON t.head = c.head
    INNER JOIN name_sizes AS n ON n.vendor = c.vendor AND n.alias_key = c.alias_key
    WHERE 2 * c.pieces >= CAST(0.45 AS DOUBLE) * (t.pieces + n.pieces)
),
nearest AS (
    SELECT head, vendor, alias_key, score, row_number() OVER (PARTITION BY head ORDER BY score DESC, vendor, alias_key) AS choice
    FROM scored
),
alike AS (
    SELECT
        t.vendor_key, n.vendor, n.alias_key, n.score,
        row_number() OVER (PARTITION BY t.vendor_key ORDER BY n.score DESC, n.vendor, n.alias_key) AS choice
    FROM texts AS t
    INNER JOIN nearest AS n ON n.head = t.head AND n.choice = 1
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
