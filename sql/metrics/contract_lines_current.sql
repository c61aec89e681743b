-- description: The lines of the contracts that are current on each report date, in the organisation's currency.
-- grain: as_of, contract_id, line_id
-- materialize: as_of
-- key: as_of, contract_id, line_id
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
            CAST(c.end_date + INTERVAL '1' DAY AS DATE)
            + c.term_months * CAST(ceil(CAST(
                (year(d.as_of) - year(c.end_date)) * 12 + month(d.as_of) - month(c.end_date)
                + CASE WHEN day(d.as_of) > day(c.end_date) THEN 1 ELSE 0 END AS DOUBLE) / c.term_months) AS INTEGER) * INTERVAL '1' MONTH
            - INTERVAL '1' DAY AS DATE)
    END AS current_end,
    CASE
        WHEN l.currency = r.currency THEN l.annual_amount
        ELSE CAST(l.annual_amount * f.rate AS DECIMAL(18, 2))
    END AS annual_spend
FROM params.as_of_dates AS d
CROSS JOIN params.run AS r
INNER JOIN core.contracts AS c
    ON c.start_date <= d.as_of AND (d.as_of <= c.end_date OR c.auto_renew)
    AND coalesce(c.status, 'active') NOT IN ('draft', 'cancelled', 'canceled', 'terminated')
INNER JOIN core.contract_lines AS l ON l.contract_id = c.contract_id
LEFT JOIN metrics.fx_spans AS f
    ON f.currency = l.currency AND f.valid_from <= d.as_of AND (f.valid_until IS NULL OR d.as_of < f.valid_until)
