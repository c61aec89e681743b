-- description: Money at an exchange rate from more than 62 days before its date: monthly rates that came in late are no matter, ones that stopped are. Days with two rates for one currency. A rate of the organisation's own currency that is not 1: all of them are of another's. And rates that are the wrong way round or off by a power of ten: by what a currency is roughly worth, where a list knows that, and by its own rate before.
WITH rough AS (
    SELECT upper(trim(currency)) AS currency, TRY_CAST(dollars AS DOUBLE) AS dollars FROM seeds.rough_rates WHERE TRY_CAST(dollars AS DOUBLE) > 0
),
used AS (
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
UNION ALL
SELECT
    'fx_rates.own_currency',
    'error',
    count(*),
    min('a rate for ' || r.currency || ', the organisation''s own, of ' || CAST(f.rate_date AS VARCHAR) || ' is ' || names.plain_number(f.rate)
        || ', not 1: the file''s rates are of another currency than ' || r.currency || ', and all amounts at them are wrong; write what one unit is worth in ' || r.currency)
FROM staging.fx_rates AS f
INNER JOIN params.run AS r ON r.currency = upper(trim(f.currency))
WHERE f.aside IS NULL AND f.rate <> 1
HAVING count(*) > 0
UNION ALL
SELECT
    'fx_rates.' || w.fault || '.' || w.currency,
    CASE WHEN max(w.distance) > ln(8) THEN 'error' ELSE 'warning' END,
    count(*),
    min(w.currency || ' on ' || CAST(w.valid_from AS VARCHAR) || ': ' || names.plain_number(w.rate) || ' ' || w.base || w.why
        || CASE w.fault WHEN 'wrong_way' THEN '; that looks like ' || w.currency || ' for one ' || w.base || ', the wrong way round: write ' || w.turned || ' if so, and look at the file''s other rates, too' ELSE '; look for a slip, or a rate of 100 units' END)
FROM (
    SELECT
        f.currency, f.valid_from, f.rate, r.currency AS base,
        abs(ln(f.rate) - ln(u.dollars / b.dollars)) AS distance,
        -- Near 1 the inverse is no far cry: it has to fit much better than the rate does.
        CASE WHEN abs(ln(f.rate) + ln(u.dollars / b.dollars)) < abs(ln(f.rate) - ln(u.dollars / b.dollars)) / 3 THEN 'wrong_way' ELSE 'far_off' END AS fault,
        ' for one, where about ' || printf('%.2g', u.dollars / b.dollars) || ' is usual' AS why,
        printf('%.6g', 1 / CAST(f.rate AS DOUBLE)) AS turned
    FROM metrics.fx_spans AS f
    CROSS JOIN params.run AS r
    INNER JOIN rough AS u ON u.currency = f.currency
    INNER JOIN rough AS b ON b.currency = r.currency
    WHERE f.valid_from >= DATE '2010-01-01'
    UNION ALL
    SELECT
        n.currency, n.valid_from, n.rate, r.currency,
        abs(ln(n.rate) - ln(n.before)),
        CASE WHEN abs(ln(n.rate) + ln(n.before)) < abs(ln(n.rate) - ln(n.before)) / 4 THEN 'wrong_way' ELSE 'far_off' END,
        ' for one, after ' || names.plain_number(n.before) || ' on ' || CAST(n.since AS VARCHAR),
        printf('%.6g', 1 / CAST(n.rate AS DOUBLE)) || ' there, or ' || printf('%.6g', 1 / CAST(n.before AS DOUBLE)) || ' before,'
    FROM (
        SELECT
            f.currency, f.valid_from, f.rate,
            lag(f.rate) OVER (PARTITION BY f.currency ORDER BY f.valid_from) AS before,
            lag(f.valid_from) OVER (PARTITION BY f.currency ORDER BY f.valid_from) AS since
        FROM metrics.fx_spans AS f
    ) AS n
    CROSS JOIN params.run AS r
    LEFT JOIN (
        SELECT u.currency
        FROM rough AS u
        INNER JOIN rough AS b ON true
        INNER JOIN params.run AS q ON q.currency = b.currency
    ) AS k ON k.currency = n.currency
    WHERE k.currency IS NULL AND n.before > 0 AND date_diff('day', n.since, n.valid_from) <= 366
) AS w
WHERE w.distance > ln(8) OR (w.fault = 'wrong_way' AND w.distance > 0.12)
GROUP BY w.fault, w.currency
