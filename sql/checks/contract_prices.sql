-- description: Lines of current contracts whose value is unknown for want of a price.
SELECT
    'contracts.missing_price' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(l.contract_id || ' line ' || l.line_id || ': no unit price, so the value of its contract and app is unknown') AS sample
FROM metrics.contract_lines_current AS l
INNER JOIN core.contract_lines AS c ON c.contract_id = l.contract_id AND c.line_id = l.line_id
CROSS JOIN params.run AS r
WHERE l.as_of = r.as_of AND c.annual_amount IS NULL
