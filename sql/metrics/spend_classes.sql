-- description: Whether a statement's text, with the category that the feed gives it, is probably no software where no app or vendor of the catalogue fits: by words of trades, merchants and categories.
-- grain: vendor_key, category
-- materialize: view
WITH said AS (
    SELECT DISTINCT coalesce(vendor_key, '') AS vendor_key, coalesce(category, '') AS category FROM core.spend_lines
),
text_words AS (
    SELECT DISTINCT t.vendor_key
    FROM (SELECT DISTINCT vendor_key FROM said) AS t
    CROSS JOIN unnest(split(t.vendor_key, ' ')) AS w (word)
    INNER JOIN names.other_spend AS o ON o.place = 'text' AND o.word = w.word
),
category_words AS (
    SELECT DISTINCT c.category
    FROM (SELECT DISTINCT category FROM said) AS c
    CROSS JOIN unnest(split(names.spaced(c.category), ' ')) AS w (word)
    INNER JOIN names.other_spend AS o ON o.place = 'category' AND o.word = w.word
)
SELECT
    s.vendor_key,
    s.category,
    CASE WHEN t.vendor_key IS NOT NULL OR c.category IS NOT NULL THEN 'probably_not_software' ELSE 'unknown' END AS otherwise
FROM said AS s
LEFT JOIN text_words AS t ON t.vendor_key = s.vendor_key
LEFT JOIN category_words AS c ON c.category = s.category
