-- description: The line itself, with its payer.
SELECT
    'amount' AS measure, s.connection || '/' || s.transaction_id AS item, s.payer_person_id AS person_id, s.amount_base AS value,
    CAST(s.transaction_date AS VARCHAR) || ' ' || s.vendor_text AS detail
FROM picked AS k
INNER JOIN core.spend AS s ON s.transaction_id = k.transaction_id AND s.transaction_date = k.date AND s.app_id IS NULL AND NOT s.is_duplicate
