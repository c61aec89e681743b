-- description: Spend lines that no app could be found for, with the nearest vendor.
-- grain: transaction_id
-- materialize: dated
-- key: transaction_id
-- date: date
-- column transaction_id: The vendor's id of the line.
-- column date: DATE of the transaction.
-- column vendor_text: The statement's text, as sent.
-- column amount: DECIMAL, organisation's currency; NULL when there is no exchange rate.
-- column nearest_vendor: The vendor that is known, else the one with whose name the text begins, else the one whose name is most like it; NULL when none is near.
-- column score: Likeness of nearest_vendor, 0 to 1: of a known one its match_score, of the others the share of the text that is the name, or of three-letter pieces in common. NULL without one.
-- column reason: vendor_known (the vendor is known, but the text names none of its apps), other_words (the text begins with a name, and goes on with words that make it another business), too_unlike (the nearest name is not near enough), no_match (no name is near) or no_text.
-- column detail: The reason in words, with the name and the word that decided.
-- column spend_class: software (the vendor is in the catalogue), probably_not_software (travel, food, fuel and the like, by the words of the text or the feed's category) or unknown.
WITH unmapped AS (
    SELECT s.*, l.vendor_key
    FROM core.spend AS s
    INNER JOIN params.dates AS d ON d.date = s.transaction_date
    INNER JOIN core.spend_lines AS l ON l.connection = s.connection AND l.transaction_id = s.transaction_id
    CROSS JOIN params.run AS r
    WHERE s.app_id IS NULL AND NOT s.is_duplicate AND s.transaction_date <= r.as_of
)
SELECT
    u.transaction_id,
    u.transaction_date AS date,
    u.vendor_text,
    u.amount_base AS amount,
    coalesce(u.vendor, n.vendor) AS nearest_vendor,
    CASE WHEN u.vendor IS NOT NULL THEN u.match_score ELSE n.score END AS score,
    CASE WHEN u.vendor IS NOT NULL THEN 'vendor_known' WHEN coalesce(u.vendor_key, '') = '' THEN 'no_text' ELSE coalesce(n.reason, 'no_match') END AS reason,
    CASE
        WHEN u.vendor IS NOT NULL AND u.match_method = 'rule' THEN 'your rule names the vendor ' || u.vendor || ' and no app'
        WHEN u.vendor IS NOT NULL THEN u.vendor || ' sells several apps, and the text names none of them'
        WHEN coalesce(u.vendor_key, '') = '' THEN 'the line names no vendor'
        ELSE coalesce(n.detail, 'no name is like it')
    END AS detail,
    u.spend_class
FROM unmapped AS u
LEFT JOIN metrics.spend_near AS n ON n.vendor_key = u.vendor_key
