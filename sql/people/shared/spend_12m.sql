-- description: The transactions of the apps asked for in the twelve months up to the date, each charge once. The value is NULL where there is no exchange rate.
SELECT
    s.connection || '/' || s.transaction_id AS item, s.payer_person_id AS person_id, s.exact_base AS value,
    CAST(s.transaction_date AS VARCHAR) || ' ' || s.vendor_text AS detail
FROM asked AS q
INNER JOIN core.spend AS s
    ON s.app_id = q.app_id AND s.transaction_date <= q.as_of AND s.transaction_date > CAST(q.as_of - INTERVAL '12' MONTH AS DATE)
WHERE NOT s.is_duplicate
