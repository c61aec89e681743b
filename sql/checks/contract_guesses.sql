-- description: Lines of contracts of which something was taken for granted that the source does not say: the period of a price, its currency, and that lines alike are several purchases.
SELECT
    s.connection || '.contracts.no_billing_period' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(s.contract_id || ': the price names no billing period and counts as of a year; add a column billing_period, or constants: {billing_period: month}') AS sample
FROM staging.contracts AS s
WHERE s.aside IS NULL AND s.unit_price IS NOT NULL AND s.billing_period IS NULL
GROUP BY s.connection
UNION ALL
SELECT
    s.connection || '.contracts.assumed_currency',
    'info',
    count(*),
    min(s.contract_id || ': the price names no currency and counts as in ' || r.currency || '; if it is in another, add a column currency, or set currency: … in settings')
FROM staging.contracts AS s
CROSS JOIN params.run AS r
WHERE s.aside IS NULL AND s.unit_price IS NOT NULL AND nullif(trim(s.currency), '') IS NULL
GROUP BY s.connection
UNION ALL
SELECT
    a.connection || '.contracts.equal_lines',
    'warning',
    CAST(sum(a.lines) AS BIGINT),
    min(a.contract_id || ' has ' || CAST(a.lines AS VARCHAR) || ' lines of ' || CAST(a.licences AS VARCHAR)
        || ' licences that are alike, and all count; where the file has a line for each person of one licence, keep one of them')
FROM (
    SELECT s.connection, s.contract_id, s.licences, count(*) AS lines
    FROM metrics.contract_listed AS s
    WHERE s.instead IS NULL AND s.licences > 1
    GROUP BY s.connection, s.snapshot_id, s.contract_id, s.product, s.vendor_key, s.part, s.tier, s.licences, s.unit_price, s.billing_period, s.currency, s.start_date, s.end_date, s.is_user_licence
    HAVING count(*) > 1
) AS a
GROUP BY a.connection
