-- description: Charges that were pending for more than 45 days when they were read last: they count no more.
SELECT
    l.connection || '.pending_charges' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(l.transaction_id || ' of ' || CAST(l.transaction_date AS VARCHAR) || ', ' || CAST(CAST(l.amount AS DECIMAL(18, 2)) AS VARCHAR) || ' ' || coalesce(l.currency, '') || ', ' || coalesce(l.vendor_text, '')
        || ': never read as settled, so it is no spend any more') AS sample
FROM core.spend_lines AS l
CROSS JOIN params.run AS r
WHERE l.is_pending AND l.amount IS NOT NULL AND l.transaction_date < CAST(r.as_of - INTERVAL '45' DAY AS DATE)
GROUP BY l.connection
