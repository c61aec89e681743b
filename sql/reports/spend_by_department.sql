-- description: Spend per month, department, app and vendor, in the organisation's currency.
-- grain: month, department, app_id, vendor
-- materialize: dated
-- key: month, department, app_id, vendor
-- date: month
-- dates: month
-- column month: DATE of the first day of the transactions' month.
-- column department: The lines' own department, else the payer's on that date; NULL when neither is known.
-- column app_id: The app; NULL when the line is not mapped to one.
-- column vendor: The vendor; the statement's own text when unknown.
-- column amount: DECIMAL, organisation's currency, refunds deducted. Lines without an exchange rate are left out and listed in data_quality.
-- column transactions: Lines, duplicates left out.
-- column spend_class: software (the app, or a vendor of the catalogue), else unknown or probably_not_software; where lines of one text differ in it, by their categories, unknown.
SELECT
    s.month,
    s.department,
    s.app_id,
    coalesce(s.vendor, trim(s.vendor_text)) AS vendor,
    TRY_CAST(sum(s.exact_base) AS DECIMAL(18, 2)) AS amount,
    count(*) AS transactions,
    max(s.spend_class) AS spend_class -- unknown comes last
FROM core.spend AS s
INNER JOIN params.dates AS d ON d.date = s.month
CROSS JOIN params.run AS r
WHERE NOT s.is_duplicate AND s.amount_base IS NOT NULL AND s.transaction_date <= r.as_of
GROUP BY s.month, s.department, s.app_id, coalesce(s.vendor, trim(s.vendor_text))
