-- description: The lines of the contracts that are current on each report date, in the organisation's currency.
-- grain: as_of, contract_id, line_id
-- materialize: as_of
-- key: as_of, contract_id, line_id
WITH terms AS (
    SELECT
        d.as_of,
        c.contract_id,
        c.vendor,
        c.end_date,
        c.term_months,
        CAST(c.end_date + INTERVAL '1' DAY AS DATE) AS day_after,
        -- Whole months from the day after the end to the date, as term_months counts them; below 0 before the end.
        (year(d.as_of) - year(CAST(c.end_date + INTERVAL '1' DAY AS DATE))) * 12
            + month(d.as_of) - month(CAST(c.end_date + INTERVAL '1' DAY AS DATE))
            - CASE
                WHEN day(d.as_of) < day(CAST(c.end_date + INTERVAL '1' DAY AS DATE))
                    AND day(CAST(d.as_of + INTERVAL '1' DAY AS DATE)) <> 1 THEN 1
                ELSE 0
            END AS months_past
    FROM params.as_of_dates AS d
    INNER JOIN core.contracts AS c
        ON c.start_date <= d.as_of
        AND (d.as_of <= c.end_date OR (c.auto_renew AND coalesce(c.status, 'active') NOT IN ('expired', 'not_renewed')))
        AND coalesce(c.status, 'active') NOT IN ('draft', 'cancelled', 'canceled', 'terminated')
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
    l.is_user_licence,
    c.term_months,
    -- An auto-renewing contract rolls forward by its own term until it covers the date.
    CASE
        WHEN c.end_date >= d.as_of THEN c.end_date
        ELSE CAST(
            c.day_after + (c.months_past - mod(c.months_past, c.term_months) + c.term_months) * INTERVAL '1' MONTH
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
INNER JOIN core.contract_lines AS l ON l.contract_id = c.contract_id
LEFT JOIN metrics.fx_spans AS f
    ON f.currency = l.currency AND f.valid_from <= d.as_of AND (f.valid_until IS NULL OR d.as_of < f.valid_until)
