-- description: Money that is more than anything costs, which is a slip of the pen or of a rate: such a line counts without its amount. And amounts that are beyond what a report can hold together, so that it shows none.
SELECT
    'spend.too_large' AS check_name,
    'error' AS severity,
    count(*) AS failing_rows,
    min(s.connection || ' ' || s.transaction_id || ' of ' || CAST(s.transaction_date AS VARCHAR) || ': ' || names.plain_number(s.amount) || ' ' || s.currency
        || ' is 10,000,000,000,000 or more in the organisation''s currency and is not counted; correct the amount or the rate of ' || CAST(f.valid_from AS VARCHAR)) AS sample
FROM core.spend AS s
INNER JOIN metrics.fx_spans AS f
    ON f.currency = s.currency AND f.valid_from <= s.transaction_date AND (f.valid_until IS NULL OR s.transaction_date < f.valid_until)
WHERE s.amount_base IS NULL
UNION ALL
SELECT
    'contracts.too_large',
    'error',
    count(*),
    min(c.contract_id || ' line ' || c.line_id || ': ' || coalesce(names.counted(c.licences, 'licence at ', 'licences at '), '') || names.plain_number(c.unit_price) || ' ' || c.currency
        || ' a ' || c.billing_period || ' are more than any contract, so its value is unknown; correct the price, the licences or the rate')
FROM metrics.contract_lines_current AS l
INNER JOIN params.run AS r ON r.as_of = l.as_of
INNER JOIN core.contract_lines AS c ON c.contract_id = l.contract_id AND c.line_id = l.line_id
LEFT JOIN metrics.fx_spans AS f
    ON f.currency = c.currency AND f.valid_from <= r.as_of AND (f.valid_until IS NULL OR r.as_of < f.valid_until)
WHERE l.annual_spend IS NULL AND c.unit_price IS NOT NULL AND (c.currency = r.currency OR f.rate IS NOT NULL)
    AND c.billing_period IN ('month', 'quarter', 'year', 'term') AND (c.billing_period <> 'term' OR c.end_date < DATE '9999-01-01')
UNION ALL
SELECT
    t.place || '.sums_too_large',
    'error',
    t.lines,
    'all of it together comes to ' || CAST(t.total AS VARCHAR) || ' in the organisation''s currency, more than a report can hold: sums of it are empty where they would be wrong; correct the amounts that can''t be'
FROM (
    SELECT 'spend' AS place, count(*) AS lines, CAST(sum(abs(s.exact_base)) AS DECIMAL(38, 0)) AS total
    FROM core.spend AS s
    WHERE NOT s.is_duplicate AND s.amount_base IS NOT NULL
    UNION ALL
    SELECT 'contracts', count(*), CAST(sum(abs(l.annual_spend)) AS DECIMAL(38, 0))
    FROM metrics.contract_lines_current AS l
    INNER JOIN params.run AS r ON r.as_of = l.as_of
    WHERE l.annual_spend IS NOT NULL
) AS t
WHERE t.total >= 9000000000000000
