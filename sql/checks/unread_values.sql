-- description: Contract lines with values that stand there and could not be read: seats, prices, dates.
SELECT
    c.connection || '.contracts.unread_values' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(coalesce(c.contract_id, c.vendor, '') || ' line ' || coalesce(c.line_id, '') || ': ' || c.unread || ' can''t be read, so the line counts without it') AS sample
FROM staging.contracts AS c
INNER JOIN params.connections AS k ON k.connection = c.connection
WHERE c.unread IS NOT NULL
GROUP BY c.connection
