-- description: Lines of current contracts whose value is unknown for want of a price or of an end, and those whose yearly amounts are so small that rounding them to the cent tells.
SELECT
    'contracts.missing_price' AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(l.contract_id || ' line ' || l.line_id || ': no unit price, so the value of its contract and app is unknown') AS sample
FROM metrics.contract_lines_current AS l
INNER JOIN core.contract_lines AS c ON c.contract_id = l.contract_id AND c.line_id = l.line_id
CROSS JOIN params.run AS r
WHERE l.as_of = r.as_of AND c.unit_price IS NULL
UNION ALL
SELECT
    'contracts.term_without_end',
    'warning',
    count(*),
    min(l.contract_id || ' line ' || l.line_id || ': its price is for the whole of a term that has no end, so the value of its contract and app is unknown; say the billing_period')
FROM metrics.contract_lines_current AS l
INNER JOIN core.contract_lines AS c ON c.contract_id = l.contract_id AND c.line_id = l.line_id
CROSS JOIN params.run AS r
WHERE l.as_of = r.as_of AND c.unit_price IS NOT NULL AND c.billing_period = 'term' AND c.end_date >= DATE '9999-01-01'
UNION ALL
SELECT
    'contracts.fractions_of_cents',
    'warning',
    CAST(sum(p.lines) AS BIGINT),
    min(p.contract_id || ' has ' || names.counted(p.lines, 'line that comes to ', 'lines that come to ') || names.plain_number(CAST(p.exact AS DECIMAL(28, 4))) || ' ' || p.currency || ' a year and '  || CASE WHEN p.lines = 1 THEN 'counts' ELSE 'count' END || ' as '
        || CAST(p.rounded AS VARCHAR) || ', as each is rounded to the cent' || CASE WHEN p.lines > 1 THEN '; put them into one line' ELSE '' END)
FROM (
    SELECT
        c.contract_id, c.currency, count(*) AS lines, sum(c.annual_amount) AS rounded,
        sum(CAST(coalesce(c.licences, 1) * c.unit_price AS DOUBLE) * 12 / CASE c.billing_period WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 ELSE names.whole_months(c.start_date, c.end_date) END) AS exact
    FROM metrics.contract_lines_current AS l
    INNER JOIN core.contract_lines AS c ON c.contract_id = l.contract_id AND c.line_id = l.line_id
    CROSS JOIN params.run AS r
    WHERE l.as_of = r.as_of AND c.annual_amount IS NOT NULL AND abs(c.annual_amount) < 100
    GROUP BY c.contract_id, c.currency
) AS p
WHERE abs(p.exact - p.rounded) > abs(p.exact) / 1000
