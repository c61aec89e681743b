-- description: Money in a currency for which there is no rate on or before its date, by its code; what is none is under other.
SELECT
    'spend.missing_rate.' || CASE WHEN s.currency IS NULL THEN 'none' WHEN length(s.currency) = 3 AND s.currency BETWEEN 'AAA' AND 'ZZZ' THEN s.currency ELSE 'other' END AS check_name,
    'error' AS severity,
    count(*) AS failing_rows,
    min(s.connection || ' ' || s.transaction_id || ' of ' || CAST(s.transaction_date AS VARCHAR) || ': no rate for ' || coalesce(s.currency, '(none)') || ' on or before that date; add one to an fx_rates file') AS sample
FROM core.spend AS s
LEFT JOIN metrics.fx_spans AS f
    ON f.currency = s.currency AND f.valid_from <= s.transaction_date AND (f.valid_until IS NULL OR s.transaction_date < f.valid_until)
WHERE s.amount_base IS NULL AND f.rate IS NULL
GROUP BY CASE WHEN s.currency IS NULL THEN 'none' WHEN length(s.currency) = 3 AND s.currency BETWEEN 'AAA' AND 'ZZZ' THEN s.currency ELSE 'other' END
UNION ALL
SELECT
    'contracts.missing_rate.' || CASE WHEN length(l.currency) = 3 AND l.currency BETWEEN 'AAA' AND 'ZZZ' THEN l.currency ELSE 'other' END,
    'error',
    count(*),
    min(l.contract_id || ' line ' || l.line_id || ': no rate for ' || l.currency || ' on or before the report''s date, so the value of its contract and app is unknown; add one to an fx_rates file')
FROM metrics.contract_lines_current AS c
INNER JOIN params.run AS r ON r.as_of = c.as_of
INNER JOIN core.contract_lines AS l ON l.contract_id = c.contract_id AND l.line_id = c.line_id
LEFT JOIN metrics.fx_spans AS f ON f.currency = l.currency AND f.valid_from <= r.as_of
WHERE l.currency <> r.currency AND f.currency IS NULL
GROUP BY CASE WHEN length(l.currency) = 3 AND l.currency BETWEEN 'AAA' AND 'ZZZ' THEN l.currency ELSE 'other' END
