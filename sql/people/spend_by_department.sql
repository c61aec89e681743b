-- description: The transactions that are summed.
SELECT
    'amount' AS measure, s.connection || '/' || s.transaction_id AS item, s.payer_person_id AS person_id, s.exact_base AS value,
    CAST(s.transaction_date AS VARCHAR) || ' ' || s.vendor_text AS detail
FROM picked AS k
INNER JOIN core.spend AS s
    ON s.month = k.month AND s.department IS NOT DISTINCT FROM k.department AND s.app_id IS NOT DISTINCT FROM k.app_id
    AND coalesce(s.vendor, trim(s.vendor_text)) IS NOT DISTINCT FROM k.vendor
WHERE NOT s.is_duplicate AND s.amount_base IS NOT NULL AND s.transaction_date <= coalesce((SELECT max(as_of) FROM reports.app_portfolio), s.transaction_date)
