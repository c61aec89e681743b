-- description: The lines of the contracts that are current on each report date, in the organisation's currency.
-- grain: as_of, contract_id, line_id
-- materialize: as_of
-- key: as_of, contract_id, line_id
-- Terms begin on the day of the first one, cut to the month's length: 31 January, 28 February, 31 March. Where the first term is no
-- whole months, the next ones count from the day after it.
WITH origins AS (
    SELECT
        c.contract_id, c.vendor, c.start_date, c.end_date, c.term_months, c.auto_renew, c.status,
        CASE
            WHEN CAST(c.start_date + c.term_months * INTERVAL '1' MONTH AS DATE) = CAST(c.end_date + INTERVAL '1' DAY AS DATE) THEN c.start_date
            ELSE CAST(c.end_date + INTERVAL '1' DAY AS DATE)
        END AS origin
    FROM core.contracts AS c
    WHERE c.state <> 'never'
),
terms AS (
    SELECT
        d.as_of,
        c.contract_id,
        c.vendor,
        c.end_date,
        c.term_months,
        c.origin,
        -- Whole months from the origin to the date, as term_months counts them; below 0 before it.
        (year(d.as_of) - year(c.origin)) * 12 + month(d.as_of) - month(c.origin)
            - CASE WHEN day(d.as_of) < day(c.origin) AND day(CAST(d.as_of + INTERVAL '1' DAY AS DATE)) <> 1 THEN 1 ELSE 0 END AS months_past
    FROM params.as_of_dates AS d
    INNER JOIN origins AS c
        ON c.start_date <= d.as_of
        AND (d.as_of <= c.end_date OR (c.auto_renew AND coalesce(c.status, '') <> 'not_renewed'))
)
SELECT
    d.as_of,
    l.contract_id,
    l.line_id,
    c.vendor,
    l.app_id,
    l.instance_id,
    l.tier,
    l.licences,
    l.is_user_licence AND l.is_software AS is_user_licence,
    l.is_software,
    c.term_months,
    -- An auto-renewing contract rolls forward by its own term until it covers the date.
    CASE
        WHEN c.end_date >= d.as_of THEN c.end_date
        ELSE CAST(
            c.origin + (c.months_past - mod(c.months_past, c.term_months) + c.term_months) * INTERVAL '1' MONTH
            - INTERVAL '1' DAY AS DATE)
    END AS current_end,
    CASE
        WHEN l.currency = r.currency THEN l.annual_amount
        ELSE TRY_CAST(CAST(l.annual_amount AS DECIMAL(20, 2)) * f.rate AS DECIMAL(18, 2))
    END AS annual_spend,
    CASE
        WHEN l.currency = r.currency THEN l.total_amount
        ELSE TRY_CAST(CAST(l.total_amount AS DECIMAL(20, 2)) * f.rate AS DECIMAL(18, 2))
    END AS total_value
FROM params.as_of_dates AS d
CROSS JOIN params.run AS r
INNER JOIN terms AS c ON c.as_of = d.as_of
INNER JOIN core.contract_lines AS l
    ON l.contract_id = c.contract_id AND l.state <> 'never' AND (l.ended_on IS NULL OR d.as_of <= l.ended_on)
LEFT JOIN metrics.fx_spans AS f
    ON f.currency = l.currency AND f.valid_from <= d.as_of AND (f.valid_until IS NULL OR d.as_of < f.valid_until)
