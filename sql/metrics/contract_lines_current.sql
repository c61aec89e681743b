-- description: The lines of the contracts that are current on each report date, in the organisation's currency. What is bought for an instance that is left out of its app's numbers is left out here, and so everywhere.
-- grain: as_of, contract_id, line_id
-- materialize: as_of
-- key: as_of, contract_id, line_id
-- Terms begin on the day of the first one, cut to the month's length: 31 January, 28 February, 31 March. Where the first term is no
-- whole months, the next ones count from the day after it.
WITH origins AS (
    SELECT
        c.*,
        CASE
            WHEN CAST(c.start_date + c.term_months * INTERVAL '1' MONTH AS DATE) = CAST(c.end_date + INTERVAL '1' DAY AS DATE) THEN c.start_date
            ELSE CAST(c.end_date + INTERVAL '1' DAY AS DATE)
        END AS origin
    FROM metrics.contract_terms AS c
),
terms AS (
    SELECT
        d.as_of,
        c.*,
        -- Whole months from the origin to the date, as term_months counts them; below 0 before it.
        (year(d.as_of) - year(c.origin)) * 12 + month(d.as_of) - month(c.origin)
            - CASE WHEN day(d.as_of) < day(c.origin) AND day(CAST(d.as_of + INTERVAL '1' DAY AS DATE)) <> 1 THEN 1 ELSE 0 END AS months_past
    FROM params.as_of_dates AS d
    INNER JOIN origins AS c
        ON c.start_date <= d.as_of
        AND (d.as_of <= c.end_date OR (c.runs_on AND (c.next_start IS NULL OR d.as_of < c.next_start)))
),
-- A line acts from its first day to its last; one that ends with its term runs on with it.
lines AS (
    SELECT
        c.as_of, c.vendor, c.term_months, c.auto_renew, c.notice_days, c.owner_email,
        -- An auto-renewing contract rolls forward by its own term until it covers the date.
        CASE
            WHEN c.end_date >= c.as_of THEN c.end_date
            ELSE least(
                CAST(c.origin + (c.months_past - mod(c.months_past, c.term_months) + c.term_months) * INTERVAL '1' MONTH - INTERVAL '1' DAY AS DATE),
                coalesce(CAST(c.next_start - INTERVAL '1' DAY AS DATE), DATE '9999-12-31'))
        END AS current_end,
        l.contract_id, l.line_id, l.app_id, l.instance_id, l.tier, l.licences, l.unit_price, l.currency, l.is_user_licence, l.is_software,
        l.annual_amount,
        -- A line that began within the first term has all of the next ones.
        CASE
            WHEN c.as_of > c.end_date AND l.start_date > c.start_date
                THEN TRY_CAST(CAST(l.annual_amount * c.term_months / 12 AS DECIMAL(28, 8)) AS DECIMAL(18, 2))
            ELSE l.total_amount
        END AS total_amount
    FROM terms AS c
    INNER JOIN core.contract_lines AS l
        ON l.contract_id = c.contract_id AND l.state <> 'never' AND l.start_date BETWEEN c.start_date AND c.end_date
        AND l.start_date <= c.as_of AND (c.as_of <= l.end_date OR l.end_date = c.end_date)
        AND (l.ended_on IS NULL OR c.as_of <= l.ended_on)
)
SELECT
    l.as_of,
    l.contract_id,
    l.line_id,
    l.vendor,
    l.app_id,
    l.instance_id,
    l.tier,
    l.licences,
    l.is_user_licence AND l.is_software AS is_user_licence,
    -- A credit or discount brings money, no licences.
    coalesce(l.unit_price < 0, false) AS is_credit,
    l.is_software,
    l.term_months,
    l.auto_renew,
    l.notice_days,
    l.owner_email,
    l.current_end,
    -- What is as large as no contract's is nobody's knowledge, and would take the sums of all others with it.
    CAST(TRY_CAST(CASE WHEN l.currency = r.currency THEN l.annual_amount ELSE TRY(l.annual_amount * f.rate) END AS DECIMAL(15, 2)) AS DECIMAL(18, 2)) AS annual_spend,
    CAST(TRY_CAST(CASE WHEN l.currency = r.currency THEN l.total_amount ELSE TRY(l.total_amount * f.rate) END AS DECIMAL(15, 2)) AS DECIMAL(18, 2)) AS total_value
FROM lines AS l
CROSS JOIN params.run AS r
LEFT JOIN metrics.fx_spans AS f
    ON f.currency = l.currency AND f.valid_from <= l.as_of AND (f.valid_until IS NULL OR l.as_of < f.valid_until)
LEFT JOIN params.excluded_instances AS x ON x.app_id = l.app_id AND x.instance_id = l.instance_id
WHERE x.instance_id IS NULL
