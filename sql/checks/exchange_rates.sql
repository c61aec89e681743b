-- description: Money at an exchange rate from more than 62 days before its date: monthly rates that came in late are no matter, ones that stopped are. And days with two rates for one currency.
WITH used AS (
    SELECT 'spend' AS place, s.currency, s.transaction_date AS day, f.valid_from, s.connection || ' ' || s.transaction_id || ' of ' || CAST(s.transaction_date AS VARCHAR) AS what
    FROM core.spend AS s
    CROSS JOIN params.run AS r
    INNER JOIN metrics.fx_spans AS f
        ON f.currency = s.currency AND f.valid_from <= s.transaction_date AND (f.valid_until IS NULL OR s.transaction_date < f.valid_until)
    WHERE s.currency <> r.currency AND NOT s.is_duplicate
    UNION ALL
    SELECT 'contracts', l.currency, r.as_of, f.valid_from, l.contract_id || ' line ' || l.line_id || ' on ' || CAST(r.as_of AS VARCHAR)
    FROM metrics.contract_lines_current AS c
    INNER JOIN params.run AS r ON r.as_of = c.as_of
    INNER JOIN core.contract_lines AS l ON l.contract_id = c.contract_id AND l.line_id = c.line_id
    INNER JOIN metrics.fx_spans AS f
        ON f.currency = l.currency AND f.valid_from <= r.as_of AND (f.valid_until IS NULL OR r.as_of < f.valid_until)
    WHERE l.currency <> r.currency
)
SELECT
    u.place || '.old_rate.' || u.currency AS check_name,
    'warning' AS severity,
    count(*) AS failing_rows,
    min(u.what || ': the latest rate for ' || u.currency || ' is of ' || CAST(u.valid_from AS VARCHAR) || '; add newer ones to an fx_rates file') AS sample
FROM used AS u
WHERE date_diff('day', u.valid_from, u.day) > 62
GROUP BY u.place, u.currency
UNION ALL
SELECT
    'fx_rates.two_rates.' || t.currency,
    'warning',
    count(*),
    min(t.currency || ' on ' || CAST(t.rate_date AS VARCHAR) || ': ' || t.rates || '; the one read last counts; leave one in the fx_rates files')
FROM (
    SELECT upper(trim(f.currency)) AS currency, f.rate_date, string_agg(DISTINCT names.plain_number(f.rate), ' and ' ORDER BY names.plain_number(f.rate)) AS rates
    FROM staging.fx_rates AS f
    WHERE f.aside IS NULL
    GROUP BY upper(trim(f.currency)), f.rate_date
    HAVING count(DISTINCT f.rate) > 1
) AS t
GROUP BY t.currency
