-- description: Spend lines that no app could be found for, with the nearest vendor.
-- grain: transaction_id
-- materialize: table
-- key: transaction_id
-- column transaction_id: The vendor's id of the line.
-- column date: DATE of the transaction.
-- column vendor_text: The statement's text, as sent.
-- column amount: DECIMAL, organisation's currency; NULL when there is no exchange rate.
-- column nearest_vendor: The vendor that is known, else the one whose name is most like the text; NULL when none is near.
-- column score: Likeness of nearest_vendor, 0 to 1; NULL without one.
-- column reason: vendor_known (the vendor sells several apps and the text names none) or no_match.
WITH unmapped AS (
    SELECT s.*, l.vendor_key
    FROM core.spend AS s
    INNER JOIN core.spend_lines AS l ON l.connection = s.connection AND l.transaction_id = s.transaction_id
    CROSS JOIN params.run AS r
    WHERE s.app_id IS NULL AND NOT s.is_duplicate AND s.transaction_date <= r.as_of
),
near AS (
    SELECT
        t.vendor_key, a.vendor, jaro_winkler_similarity(t.vendor_key, a.alias_key) AS score,
        row_number() OVER (PARTITION BY t.vendor_key ORDER BY jaro_winkler_similarity(t.vendor_key, a.alias_key) DESC, a.vendor) AS choice
    FROM (SELECT DISTINCT vendor_key FROM unmapped WHERE vendor IS NULL) AS t
    INNER JOIN params.spend_aliases AS a ON jaro_winkler_similarity(t.vendor_key, a.alias_key) >= 0.8
)
SELECT
    u.transaction_id,
    u.transaction_date AS date,
    u.vendor_text,
    u.amount_base AS amount,
    coalesce(u.vendor, n.vendor) AS nearest_vendor,
    CASE WHEN u.vendor IS NOT NULL THEN u.match_score ELSE n.score END AS score,
    CASE WHEN u.vendor IS NOT NULL THEN 'vendor_known' ELSE 'no_match' END AS reason
FROM unmapped AS u
LEFT JOIN near AS n ON n.vendor_key = u.vendor_key AND n.choice = 1
