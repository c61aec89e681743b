-- description: What of each month's spend is software, what is probably not, and what nobody knows.
-- grain: month, spend_class
-- materialize: dated
-- key: month, spend_class
-- date: month
-- dates: month
-- column month: DATE of the first day of the transactions' month.
-- column spend_class: software, probably_not_software or unknown, see core.spend. Only the first is in totals called software.
-- column amount: DECIMAL, organisation's currency, refunds deducted. Lines without an exchange rate are left out and listed in data_quality.
-- column transactions: Lines, duplicates left out.
SELECT
    s.month,
    s.spend_class,
    TRY_CAST(sum(s.exact_base) AS DECIMAL(18, 2)) AS amount,
    count(*) AS transactions
FROM core.spend AS s
INNER JOIN params.dates AS d ON d.date = s.month
CROSS JOIN params.run AS r
WHERE NOT s.is_duplicate AND s.amount_base IS NOT NULL AND s.transaction_date <= r.as_of
GROUP BY s.month, s.spend_class
