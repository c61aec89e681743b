-- description: Spend per month, payer, app and vendor, in the organisation's currency.
-- grain: month, person_id, app_id, vendor
-- materialize: dated
-- key: month, person_id, app_id, vendor
-- date: month
-- dates: month
-- column month: DATE of the first day of the transactions' month.
-- column person_id: The payer, see core.people; NULL when unknown.
-- column app_id: The app; NULL when the line is not mapped to one.
-- column vendor: The vendor; the statement's own text when unknown.
-- column amount: DECIMAL, organisation's currency, refunds deducted. Lines without an exchange rate are left out and listed in data_quality.
-- column transactions: Lines, duplicates left out.
SELECT
    s.month,
    s.payer_person_id AS person_id,
    s.app_id,
    coalesce(s.vendor, trim(s.vendor_text)) AS vendor,
    TRY_CAST(sum(s.exact_base) AS DECIMAL(18, 2)) AS amount,
    count(*) AS transactions
FROM core.spend AS s
INNER JOIN params.dates AS d ON d.date = s.month
CROSS JOIN params.run AS r
WHERE NOT s.is_duplicate AND s.amount_base IS NOT NULL AND s.transaction_date <= r.as_of
GROUP BY s.month, s.payer_person_id, s.app_id, coalesce(s.vendor, trim(s.vendor_text))
